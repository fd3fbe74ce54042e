"""Takes a source into a folder: images under clean names, with their captions, as one operation that can be undone."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lib.archives import Limits
from lib.dataset.brought import give_name, new_aside
from lib.dataset.collection import Dataset
from lib.dataset.files import FILES, file_hash
from lib.dataset.hidden import hidden_folder
from lib.dataset.journal import Brought, journal_for
from lib.dataset.operations import Bringing, Edit, Operations
from lib.dataset.scan import open_dataset
from lib.dataset.sidecar import MISSING
from lib.dataset.store import Store, cause_of
from lib.dataset.upload_names import NameRefused, NameTable
from lib.dataset.workspace import private_folders
from lib.domain import Origin, SidecarState
from lib.errors import InvalidInput, WriteFailed
from lib.importing.base import Existing, Names, Stage, Staged, as_caption
from lib.importing.registry import SOURCES
from lib.importing.tree import Tree
from lib.settings import Settings


@dataclass(slots=True)
class Taken:
    """What became of an import.

    `added` and `skipped` count images and captions together as samples. `conflicts` counts samples that differ from
    what was there under their name, whatever was done then. `refused` holds (name, reason). `images` are the new
    files, `replaced` the folder with those that had to go, `operation` the number of it all in the history.
    """

    added: int = 0
    skipped: int = 0
    conflicts: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    operation: int | None = None
    replaced: Path | None = None


def import_into(
    source: Path,
    folder: Path,
    settings: Settings,
    owner: str,
    existing: Existing = "skip",
    *,
    caption: int | None = None,
    suffix: str = ".txt",
    limits: Limits | None = None,
    room: int | None = None,
    advance: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Taken:
    """Reads a file or folder of any known kind into `folder`, which is made where needed.

    Until everything is read and on the disk, nothing in `folder` is touched. Of images with several captions, all are
    taken, or the one numbered `caption` (from 1). `suffix` is the ending of its tag files,
    `room` the bytes that all images may take. `advance` gets the images read so far.
    Raises InvalidInput where the source holds nothing to import, WriteFailed, QuotaExceeded, Cancelled.
    """
    if caption is not None and caption < 1:
        raise InvalidInput("Captions are counted from 1.", "Leave the number out to take them all.")
    if not source.exists():
        raise InvalidInput(f"There is nothing at “{source}”.", "Check the path.")
    try:
        with hidden_folder(folder) as hidden:
            stage = Stage(hidden, advance, cancelled, room)
            # A folder that holds the toolkit's own would bring other people's uploads along.
            passed_over = {folder.resolve(), *(path.resolve() for path in private_folders(settings))}
            Tree(stage, passed_over, limits).read(source)
            if not (stage.images or stage.rows or stage.refused):
                raise InvalidInput(f"“{source.name}” holds nothing that can be imported.", f"Known: {_known()}.")
            FILES.sync_many([staged.path for staged in stage.images.values()])
            return _Taking(folder.resolve(), settings, owner, existing, caption, stage, suffix).take()
    except OSError as exc:
        cause, hint = cause_of(exc)
        kept = "What was there is unchanged; import again to go on."
        raise WriteFailed(f"The import into “{folder}” stopped: {cause}.", f"{kept} {hint}") from exc


def _known() -> str:
    return "; ".join(SOURCES)


class _Taking:
    """One import, once everything is read."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        owner: str,
        existing: Existing,
        caption: int | None,
        stage: Stage,
        suffix: str,
    ) -> None:
        self._folder = folder
        self._suffix = suffix
        self._existing = existing
        self._caption = caption
        self._stage = stage
        self._journal = journal_for(folder, settings)
        self._settings = settings
        self._owner = owner
        self._before = self._open()
        self._table = NameTable(folder)
        self._stems = {record.stem.casefold() for record in self._before.records}
        self._taken = Taken(refused=stage.refused)
        self._texts: dict[str, str] = {}
        self._new: set[str] = set()
        self._brought: list[Brought] = []
        self._aside = new_aside()

    def _open(self) -> Dataset:
        return open_dataset(self._folder, suffix=self._suffix, shared_allowed=self._journal.shared_allowed())

    def take(self) -> Taken:
        for staged in self._stage.images.values():
            try:
                self._image(staged)
            except NameRefused as exc:
                self._taken.refused.append((staged.name, str(exc)))
        for place in {(self._folder / name).parent for name in self._new}:
            FILES.sync_folder(place)
        self._rows()
        self._captions()
        return self._taken

    def _image(self, staged: Staged) -> None:
        name = self._table.place(staged.name).as_posix()
        target = self._folder / name
        if not os.path.lexists(target):
            if name.rpartition(".")[0].casefold() in self._stems:
                # Beside an image of the same stem it would share that one's tag file.
                name = self._table.place(staged.name, fresh=True).as_posix()
            self._put(staged, name)
        elif file_hash(target) == staged.hash:
            if text := as_caption(staged.texts, self._caption):
                self._texts[name] = text
            else:
                self._taken.skipped += 1
        else:
            self._taken.conflicts += 1
            self._conflict(staged, name)

    def _conflict(self, staged: Staged, name: str) -> None:
        if self._existing == "skip":
            self._taken.skipped += 1
        elif self._existing == "both":
            self._put(staged, self._table.place(staged.name, fresh=True).as_posix())
        else:
            self._taken.replaced = self._folder / self._aside
            grave = self._taken.replaced / name
            grave.parent.mkdir(parents=True, exist_ok=True)
            former = file_hash(self._folder / name)
            (self._folder / name).rename(grave)
            self._put(staged, name, former)

    def _put(self, staged: Staged, name: str, former: str = "") -> None:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            give_name(staged.path, target)
        except FileExistsError as exc:
            raise NameRefused("a file of this name was made by someone else just now") from exc
        self._brought.append(Brought(name, staged.hash, former))
        self._stems.add(name.rpartition(".")[0].casefold())
        self._new.add(name)
        self._taken.images.append(name)
        if text := as_caption(staged.texts, self._caption):
            self._texts[name] = text

    def _rows(self) -> None:
        """Captions without an image of their own are for images that are there."""
        names = Names(record.name for record in self._before.records)
        texts: dict[str, list[str]] = {}
        for folder, key, text in self._stage.rows:
            found = names.find(key, folder)
            for name in found:
                texts.setdefault(name, []).append(text)
            if not found:
                self._taken.refused.append((key, "there is no image of this name, or more than one"))
        for name, several in texts.items():
            self._texts.setdefault(name, as_caption(several, self._caption))

    def _captions(self) -> None:
        dataset = self._open()
        store = Store(self._folder, self._journal, self._owner, self._settings, dataset)
        edits: list[Edit] = []
        done: set[str] = set()
        for name, text in self._texts.items():
            record = dataset.get(name)
            if record is None:
                continue
            # The scan of this moment saw that there is none: thousands of new images need not be asked again.
            found = MISSING if record.state is SidecarState.MISSING else store.read(record)
            present = found.text if found.text.strip() else ""
            wanted = text if not present or present == text else self._merged(present, text)
            # A new image's conflict was counted with the image.
            self._taken.conflicts += bool(present and present != text and name not in self._new)
            if wanted != present:
                edits.append(Edit(name, found.hash, wanted))
                done.add(name)
        brought = Bringing(self._brought, self._aside) if self._brought else None
        applied = Operations(store).apply(edits, "import", Origin("import"), brought=brought)
        left = {name for name, _ in applied.left_alone}
        self._taken.refused += applied.left_alone
        self._taken.operation = applied.operation
        self._taken.added = len(self._new | (done - left))
        self._taken.skipped += len(self._texts.keys() - self._new - done)

    def _merged(self, present: str, text: str) -> str:
        """The caption where two differ; kept both, they are lines of one."""
        if self._existing == "both":
            return present if text in present.split("\n") else f"{present}\n{text}"
        return text if self._existing == "overwrite" else present
