"""A folder of images with a tag file beside each, here or in a bucket."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path, PurePosixPath

from lib.bounds import Bounds
from lib.dataset.scan.file_names import IMAGE, MASK_ENDINGS, PNG, SIDECAR, SIDECAR_OTHER_CASE, Kinds, is_text, printable
from lib.dataset.scan.listing import BAD_NAME
from lib.dataset.scan.read_records import TagFileReader
from lib.dataset.tag_files.sidecar import MAX_BYTES, text_of
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput, ToolkitError
from lib.parts.base import DataPart, PartSamples
from lib.parts.sources.base import Source, StampedPart, image_bytes, stamp_of
from lib.places import DataPlace, Entry
from lib.settings import settings

SUFFIX = ".txt"
_FETCHING = 8

_Listed = tuple[str, str | None, list[Entry]]
"""An image's name, its caption ("" for none, None where its tag file holds it), and the files that it is made of."""


class FolderSource(Source):
    kind = "a folder with tag files"

    @classmethod
    def recognises(cls, names: Sequence[str], place: DataPlace) -> bool:
        # One that begins with a thousand other files is a folder all the same.
        return True

    def parts(self, size: int) -> Iterator[StampedPart]:
        return cut(self._listed(), size)

    def _listed(self) -> Iterator[_Listed]:
        kinds = Kinds(SUFFIX)
        # In the order of a listing all that begins as an image does up to its first dot stands together.
        for _, group in groupby(self.place.files(), lambda entry: _beginning(entry.name)):
            entries = list(group)
            kind_of = {entry.name: _kind(entry.name, kinds) for entry in entries}
            tagged: dict[str, Entry] = {}
            for entry in entries:
                if kind_of[entry.name] in (SIDECAR, SIDECAR_OTHER_CASE):
                    stem = entry.name.rpartition(".")[0]
                    if kind_of[entry.name] == SIDECAR or stem not in tagged:
                        tagged[stem] = entry
            for entry in entries:
                if kind_of[entry.name] in (IMAGE, PNG):
                    tag_file = tagged.get(entry.name.rpartition(".")[0])
                    yield entry.name, None if tag_file else "", [entry, *([tag_file] if tag_file else [])]

    @contextmanager
    def samples(self, part: DataPart) -> Iterator[PartSamples]:
        if self.place.folder is not None:
            yield self._here(part, self.place.folder)
            return
        with tempfile.TemporaryDirectory(prefix="part-") as folder:
            yield self._fetched(part, Path(folder))

    def _here(self, part: DataPart, root: Path) -> PartSamples:
        bounds = Bounds(os.path.realpath(root), (os.path.realpath(settings().home),))
        reader = TagFileReader(bounds)
        records: dict[str, ImageRecord] = {}
        refused: dict[str, str] = {}
        for name, text in zip(part.names, part.texts, strict=True):
            if not is_text(name):
                refused[printable(name)] = BAD_NAME
                continue
            records[name] = _record(name, text) if text is not None else _read(root, name, reader)
        return PartSamples(root, tuple(map(printable, part.names)), records, refused)

    def _fetched(self, part: DataPart, root: Path) -> PartSamples:
        def fetch(name: str, text: str | None) -> ImageRecord | str:
            try:
                target = root / PurePosixPath(name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with self.place.open(name) as file, target.open("wb") as out:
                    out.writelines(image_bytes(file, name))
                return _record(name, text) if text is not None else self._with_tag_file(name)
            except FileNotFoundError:
                return "it is not there any more"
            except InvalidInput as error:
                return error.message
            except ToolkitError as error:
                return str(error)
            except OSError as error:
                return error.strerror or "it cannot be kept on this machine"

        with ThreadPoolExecutor(_FETCHING, thread_name_prefix="fetch") as pool:
            found = dict(zip(part.names, pool.map(fetch, part.names, part.texts), strict=True))
        records = {name: one for name, one in found.items() if isinstance(one, ImageRecord)}
        refused = {name: one for name, one in found.items() if isinstance(one, str)}
        return PartSamples(root, part.names, records, refused)

    def _with_tag_file(self, name: str) -> ImageRecord:
        for suffix in (SUFFIX, SUFFIX.upper()):
            data = self.place.read(ImageRecord(name, suffix).sidecar)
            if data is not None:
                text = text_of(data) if len(data) <= MAX_BYTES else None
                state = SidecarState.UNDECODABLE if text is None else SidecarState.TEXT
                return ImageRecord(name, suffix, text or "", state)
        return ImageRecord(name, SUFFIX)


def cut(listed: Iterable[_Listed], size: int) -> Iterator[StampedPart]:
    """So many samples a part; the last one has what is left."""
    number = 0
    rows: list[_Listed] = []

    def done() -> StampedPart:
        names, texts, entries = zip(*rows, strict=True)
        return DataPart(number, names, texts), stamp_of([entry for found in entries for entry in found])

    for row in listed:
        rows.append(row)
        if len(rows) == size:
            yield done()
            number += 1
            rows = []
    if rows:
        yield done()


def _record(name: str, text: str) -> ImageRecord:
    return ImageRecord(name, SUFFIX, text, SidecarState.TEXT if text else SidecarState.MISSING)


def _read(root: Path, name: str, reader: TagFileReader) -> ImageRecord:
    stem = name.rpartition(".")[0]
    for suffix in (SUFFIX, SUFFIX.upper()):
        side = f"{root}{os.sep}{stem}{suffix}"
        if os.path.lexists(side):
            text, state, _, _ = reader.read_linked(side)
            return ImageRecord(name, suffix, text, state)
    return ImageRecord(name, SUFFIX)


def _beginning(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(".")[0]


def _kind(name: str, kinds: Kinds) -> int:
    stem, _, ending = name.rpartition("/")[2].rpartition(".")
    kind = kinds[ending] if stem else -1
    return -1 if kind == PNG and stem.endswith(MASK_ENDINGS) else kind
