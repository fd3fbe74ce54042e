"""What an earlier export left in a folder: told, or put out of the way once a new one is complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from lib.errors import InvalidInput
from lib.exporting.base import Exporter
from lib.exporting.loading import rows_for
from lib.exporting.verify import exports_in, load_manifest, manifest_of


def earlier_exports(out: Path, format: type[Exporter], name: str = "") -> list[Path]:
    """The exports of a format in a folder; those of other formats, and of other names where one is given, are not."""
    found = []
    for export, manifest in exports_in(out).items() if out.is_dir() else ():
        with suppress(InvalidInput):
            if load_manifest(manifest).format is format and (not name or export.name == name):
                found.append(export)
    return found


def check_replaceable(exports: Sequence[Path]) -> None:
    """Raises InvalidInput where one of them holds files that the export did not write: they would be gone."""
    for export in exports:
        manifest = manifest_of(export)
        if manifest is None or not export.is_dir():
            continue
        known = {export / file.name for file in load_manifest(manifest).files}
        strange = [path for path in export.rglob("*") if path.is_file() and path not in known]
        strange = [path for path in strange if not path.name.startswith(".")]
        if strange:
            raise InvalidInput(
                f"“{export}” holds files that the export did not write, as “{strange[0].name}”.",
                "Nothing was changed. Move them elsewhere, or export into another folder.",
            )


@contextmanager
def moved_aside(exports: Sequence[Path], hidden: Path) -> Iterator[None]:
    """Inside, the exports are in a hidden folder that goes away; if the block fails they are back. Raises OSError."""
    moved: list[tuple[Path, Path]] = []
    try:
        for number, export in enumerate(exports):
            for part in (export, manifest_of(export), rows_for(export)):
                if part is not None and part.exists():
                    place = hidden / f".earlier-{number}-{len(moved)}"
                    part.rename(place)
                    moved.append((part, place))
        yield
    except BaseException:
        for part, place in reversed(moved):
            place.rename(part)
        raise
