"""A part that is one file: read by the importer's own readers, within their caps, into a folder of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lib.domain import ImageRecord, SidecarState
from lib.importing.captions import as_caption
from lib.importing.stage import ByteStream, Stage, Staged
from lib.places import DataPlace

BROKEN_OFF = "its archive breaks off here"


class OrderedStage(Stage):
    """A stage that remembers in which order the images came, those that were refused too."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.order: dict[str, None] = {}
        self.reasons: dict[str, str] = {}

    @property
    def refused(self) -> dict[str, str]:
        """Why what came is not there, by its path in the source."""
        return {id: self.reasons.get(id, BROKEN_OFF) for id in self.order if id not in self.images}

    def image(self, id: str, file: ByteStream) -> None:
        self.order[id] = None
        super().image(id, file)

    def refuse(self, name: str, reason: str) -> None:
        super().refuse(name, reason)
        # The first of two images of one name is taken, and stays.
        if name not in self.images:
            self.order[name] = None
            self.reasons.setdefault(name, reason)


@contextmanager
def local_file(place: DataPlace, name: str, scratch: Path) -> Iterator[Path]:
    """A file as one of this machine: where it lies, or a copy that goes away."""
    if place.folder is not None:
        yield place.folder / name
        return
    copy = scratch / name.rpartition("/")[2]
    with place.open(name) as file, copy.open("wb") as out:
        shutil.copyfileobj(file, out, 1 << 20)
    try:
        yield copy
    finally:
        copy.unlink(missing_ok=True)


def record_of(staged: Staged, root: Path, name: str) -> ImageRecord:
    """The record of a staged image, which gets its own name below `root` where the disk takes it."""
    place = staged.path
    with suppress(OSError, ValueError):
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            place = staged.path.rename(target)
    text = as_caption(staged.texts)
    state = SidecarState.TEXT if text else SidecarState.MISSING
    return ImageRecord(place.relative_to(root).as_posix(), ".txt", text, state)
