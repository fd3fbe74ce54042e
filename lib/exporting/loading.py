"""What makes `load_dataset(folder)` read an export as it was meant: which files are data, and of which split.

`datasets` guesses both from names: a folder `test` becomes a split of its own, and a JSON object one row. A README.md
that says it settles that, here and on the Hub (huggingface.co/docs/hub/datasets-data-files-configuration).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lib.errors import InvalidInput
from lib.exporting.verify import MANIFEST, exports_in, load_manifest
from lib.files import write_atomic

README = "README.md"
METADATA = "metadata.jsonl"
"""The table that is looked for in a folder of images."""
ROWS = ".rows.jsonl"
"""How the table of captions beside a format that is one object ends; its name begins with a dot."""

DataFiles = Mapping[str, Sequence[str]]
"""Patterns of files by split."""

_MARK = "<!-- for load_dataset: written with each export -->"
_CONFIGS = re.compile(r"^configs: (\[.*\])$", re.MULTILINE)
_SPLIT = re.compile(r"(?:^|[-._ 0-9])(?:validation|valid|dev|val|test|testing|eval|evaluation)(?:[-._ 0-9]|$)")
"""Parts of a path that `datasets` takes for a split (datasets.data_files.SPLIT_KEYWORDS)."""


def configs(files: Mapping[str, DataFiles], default: str = "") -> str:
    """The line of a README.md's head that says what is data, by configuration."""
    entries = [
        {"config_name": name}
        | ({"default": True} if name == default else {})
        | {"data_files": [{"split": split, "path": list(paths)} for split, paths in splits.items()]}
        for name, splits in files.items()
    ]
    return f"configs: {json.dumps(entries, ensure_ascii=False)}"


def readme(files: DataFiles) -> bytes:
    """The README.md of an export that is a folder."""
    words = "Images with captions: `load_dataset` of this folder."
    return f"---\n{configs({'default': files})}\n---\n\n{_MARK}\n\n{words}\n".encode()


def configs_of(text: str) -> str:
    """The line that `configs` made, "" in a text without one."""
    found = _CONFIGS.search(text)
    return found[0] if found else ""


def with_configs(card: str, line: str) -> str:
    """A dataset's card with that line in its head: in the place of such a line, behind all else, or in a new head."""
    if _CONFIGS.search(card):
        return _CONFIGS.sub(lambda _: line, card, count=1)
    head, fence, rest = card.removeprefix("---\n").partition("\n---")
    if not (card.startswith("---\n") and fence):
        return f"---\n{line}\n---\n{card}"
    # What people have written of it themselves stays.
    return card if re.search(r"^configs:", head, re.MULTILINE) else f"---\n{head}\n{line}{fence}{rest}"


def split_folder(name: str) -> str:
    """The innermost folder of a path that `datasets` takes for a split, "" where there is none."""
    folders = name.split("/")[:-1]
    last = max((place for place, folder in enumerate(folders, 1) if _SPLIT.search(folder)), default=0)
    return "/".join(folders[:last])


def below(folder: str, names: Iterable[str]) -> list[str]:
    """Patterns that match all of these files below a folder, those in folders too that `datasets` passes over."""
    special = {sum(part.startswith("__") for part in name.split("/")[:-1]) for name in names}
    return [f"{folder}{'/**/__*' * count}/**".removeprefix("/") for count in sorted(special | {0})]


def rows_for(export: Path) -> Path:
    """Where the table of captions of an export lies that is one object."""
    return export.with_name(f".{export.name}{ROWS}")


def renew_card(folder: Path, newest: Path | None = None) -> None:
    """Writes the README.md of a folder of exports, where it needs one: several lie there, or one is no table itself.

    The configurations are called as the exports are; `newest` is loaded where none is asked for. A README.md of
    somebody else's, and a folder with other things in it, stay as they are. Raises OSError.
    """
    exports = exports_in(folder)
    if not _is_ours(folder, exports):
        return
    for export, manifest in exports.items():
        with suppress(InvalidInput):
            format = load_manifest(manifest).format
            if format.is_one_object and not rows_for(export).exists():
                write_atomic(rows_for(export), _rows(format().rows(export)))
    found = {export.name: files for export in exports if (files := _data_files(export))}
    path = folder / README
    if not any(rows_for(export).exists() for export in exports) and (len(exports) < 2 or not found):
        path.unlink(missing_ok=True)
        return
    default = newest.name if newest is not None and newest.name in found else next(iter(found), "")
    names = "".join(f"- `{name}`\n" for name in found)
    write_atomic(path, f"---\n{configs(found, default)}\n---\n\n{_MARK}\n\n{names}".encode())


def _is_ours(folder: Path, exports: Iterable[Path]) -> bool:
    known = {export.name for export in exports}
    for path in folder.iterdir():
        if path.name == README:
            if _MARK not in path.read_text(encoding="utf-8", errors="replace"):
                return False
        elif not (path.name.startswith(".") or path.name in known or path.name.endswith(MANIFEST)):
            return False
    return True


def _rows(rows: Iterable[tuple[str, str]]) -> bytes:
    return b"".join(json.dumps({"file_name": n, "text": t}, ensure_ascii=False).encode() + b"\n" for n, t in rows)


def _data_files(export: Path) -> DataFiles:
    if rows_for(export).exists():
        return {"train": [rows_for(export).name]}
    if export.is_file():
        return {"train": [export.name]} if export.suffix in (".csv", ".tsv", ".parquet") else {}
    with suppress(OSError, ValueError, LookupError):
        (entry,) = json.loads(configs_of((export / README).read_text(encoding="utf-8")).partition(": ")[2])
        return {one["split"]: [f"{export.name}/{path}" for path in one["path"]] for one in entry["data_files"]}
    return {}
