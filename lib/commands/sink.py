"""Where an export goes: a folder or a file, what lies there already, and options that its format has not."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.errors import InvalidInput
from lib.exporting.base import Exporter, ExportOptions, OptionGroup
from lib.exporting.earlier import check_replaceable, earlier_exports
from lib.exporting.registry import EXPORTERS, folder_formats, formats_with

_FILES = (".csv", ".zip", ".parquet", ".json", ".jsonl", ".toml")


@dataclass(frozen=True, slots=True)
class Sink:
    """The folder that an export goes into, the name of its file ("": the format's own), and what it replaces."""

    folder: Path
    name: str = ""
    earlier: tuple[Path, ...] = ()


def sink_of(format: str, out: Path, options: ExportOptions, *, replaces: bool) -> Sink:
    """Where it goes. Raises InvalidInput for options that the format has not, and for what lies there already."""
    exporter = EXPORTERS[format]
    _check_options(format, exporter, options)
    sink = Sink(out)
    if out.suffix.lower() in _FILES and not out.is_dir():
        if exporter.is_folder and not options.zipped:
            raise InvalidInput(f"“{format}” makes a folder, and “{out.name}” is the name of a file.", "Give a folder.")
        sink = Sink(out.parent, out.name)
    found = earlier_exports(sink.folder, exporter, sink.name)
    if sink.name and out.exists() and not found:
        raise InvalidInput(f"“{out}” is there already, and is no export of this format.", "Give another name.")
    if found and not replaces:
        raise InvalidInput(
            f"“{found[0]}” is there from an earlier export.",
            "Nothing was written. --replace puts the new one in its place; or give another folder.",
        )
    check_replaceable(found)
    return Sink(sink.folder, sink.name, tuple(found))


def _check_options(format: str, exporter: type[Exporter], options: ExportOptions) -> None:
    usual = ExportOptions()
    given: list[tuple[bool, str, OptionGroup]] = [
        (bool(options.validation), "--validation", "splits"),
        (options.shard_samples != usual.shard_samples, "--shard-samples", "shards"),
        (options.shard_bytes != usual.shard_bytes, "--shard-mb", "shards"),
        (options.max_side is not None, "--max-side", "images"),
        (options.encoding != usual.encoding, "--encoding", "images"),
        (options.absolute, "--paths", "paths"),
    ]
    for is_given, option, group in given:
        if is_given and group not in exporter.options:
            raise InvalidInput(f"{option} means nothing for “{format}”.", f"It is for {formats_with(group)}.")
    if options.zipped and not exporter.is_folder:
        raise InvalidInput(f"--zip means nothing for “{format}”.", f"It is for {folder_formats()}.")
