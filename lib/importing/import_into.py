"""Takes a source into a folder: images under clean names, with their captions, as one operation that can be undone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lib.archives import Limits
from lib.dataset.journal.rows import ImportedImage
from lib.dataset.saving.imported_images import StagedImages, new_aside
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import operations_of
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.tag_files.paths import Inside
from lib.dataset.tag_files.sidecar import MISSING
from lib.dataset.workspace.upload_names import NameRefused, NameTable
from lib.domain import ImageRecord, Origin, SidecarState
from lib.errors import InvalidInput, WriteFailed
from lib.files import FILES, file_hash, write_errors
from lib.importing.account import ImportAccount
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.captions import Said, as_caption
from lib.importing.look import Look, what_was_found
from lib.importing.reading import read_source
from lib.importing.stage import Stage, Staged
from lib.progress import NOBODY, Progress


@dataclass(slots=True)
class ImportOutcome:
    """What became of an import.

    `added` and `skipped` count images and captions together as samples; of those that were added, `captioned` have a
    caption now and `uncaptioned` have none. `conflicts` counts samples that differ from what was there under their
    name, whatever was done then. `images` are the new files, `replaced` the folder with those that had to go,
    `operation` the number of it all in the history. The account tells what became of everything that was found.
    """

    account: ImportAccount = field(default_factory=ImportAccount)
    added: int = 0
    captioned: int = 0
    uncaptioned: int = 0
    skipped: int = 0
    conflicts: int = 0
    images: list[str] = field(default_factory=list)
    operation: int | None = None
    replaced: Path | None = None

    @property
    def refused(self) -> list[tuple[str, str]]:
        """(name, reason) for each that was left out."""
        return self.account.refused


def import_into(
    source: Path,
    target: ImportTarget,
    choices: ImportChoices = ImportChoices(),
    *,
    limits: Limits | None = None,
    progress: Progress = NOBODY,
    found: Callable[[Look], None] = lambda look: None,
) -> ImportOutcome:
    """Reads a file or folder of any known kind into a folder.

    Until everything is read and on the disk, nothing in the folder is touched. `limits` are those of archives and
    tables. `progress` hears of the images read so far, `found` of all that was read: what it raises ends the import.
    Raises InvalidInput where the source holds nothing to import, WriteFailed, QuotaExceeded, Cancelled.
    """
    folder, caption = target.folder, choices.caption
    if isinstance(caption, int) and caption < 1:
        raise InvalidInput("Captions are counted from 1.", "Leave the number out to take them all.")
    kept = "What was there is unchanged; import again to go on."
    with write_errors(f"The import into “{folder}” stopped", kept), target.staging() as hidden:
        stage = Stage(hidden, progress, target.room)
        importing = _Import(target, choices, stage)
        settled = read_source(source, target, stage, choices.reading, importing.names_there, limits)
        found(what_was_found(stage, settled))
        FILES.sync_many([staged.path for staged in stage.images.values()])
        return importing.carry_out(settled.there)


class _Import:
    """One import, once everything is read."""

    def __init__(self, target: ImportTarget, choices: ImportChoices, stage: Stage) -> None:
        """`names_there` is asked before `carry_out`."""
        self._target = target
        self._folder = target.folder.resolve()
        self._suffix = target.suffix
        self._choices = choices
        self._stage = stage
        self._outcome = ImportOutcome(stage.account)
        self._texts: dict[str, str] = {}
        self._new: dict[str, ImportedImage] = {}
        self._staged: dict[str, Path] = {}
        self._counted: set[str] = set()
        self._captioned: set[str] = set()
        self._aside = new_aside()
        self._inside = Inside(self._folder)
        self._obstacles: dict[str, str] = {}
        self._folders: dict[str, None] = {}

    def names_there(self) -> list[str]:
        """Looks at what is in the folder."""
        self._journal = journal_for(self._folder, self._target.settings)
        options = OpeningOptions(suffix=self._suffix, shared_allowed=self._journal.shared_allowed())
        self._before = open_dataset(self._folder, options)
        self._table = NameTable(self._folder)
        self._stems = {record.stem.casefold() for record in self._before.records}
        return [record.name for record in self._before.records]

    def carry_out(self, there: Mapping[str, list[Said]]) -> ImportOutcome:
        """`there`: captions of images that were there before."""
        for staged in self._stage.images.values():
            try:
                self._image(staged)
            except (NameRefused, WriteFailed) as exc:
                self._outcome.refused.append((staged.name, str(exc)))
        for name, said in there.items():
            if text := as_caption(said, self._choices.caption):
                self._texts.setdefault(name, text)
        # Where it went away meanwhile, all that is there looked as if it were not.
        self._stage.check_there()
        self._write()
        return self._outcome

    def _image(self, staged: Staged) -> None:
        name = self._table.place(staged.name).as_posix()
        target = self._inside.path(name)
        if not os.path.lexists(target):
            # Beside an image of the same stem it would share that one's tag file.
            self._add(staged, self._free_name(staged, name) if self._is_shared(name) else name)
        elif not target.is_file():
            raise NameRefused("something else that is no file has its name")
        elif file_hash(target) == staged.hash:
            self._again(staged, name)
        else:
            self._conflict(staged, name, target)

    def _is_shared(self, name: str) -> bool:
        return name.rpartition(".")[0].casefold() in self._stems

    def _again(self, staged: Staged, name: str) -> None:
        """The image is there; its caption may not be."""
        if text := as_caption(staged.texts, self._choices.caption):
            self._texts[name] = text
        else:
            self._outcome.skipped += 1

    def _conflict(self, staged: Staged, name: str, target: Path) -> None:
        self._outcome.conflicts += 1
        self._counted.add(name)
        if self._choices.existing == "skip":
            self._outcome.skipped += 1
        elif self._choices.existing == "both":
            self._add(staged, self._free_name(staged, name))
        elif target.is_symlink():
            raise NameRefused("the image of its name there is a link, which cannot be put aside")
        else:
            self._add(staged, name, file_hash(target))

    def _free_name(self, staged: Staged, name: str) -> str:
        """A name that nobody has, or that of the very same image, which an import before this one brought."""
        stem, dot, ending = name.rpartition(".")
        number = 2
        while self._is_shared(f"{stem} ({number}){dot}{ending}"):
            twin = self._folder / f"{stem} ({number}){dot}{ending}"
            if twin.is_file() and file_hash(twin) == staged.hash:
                return twin.relative_to(self._folder).as_posix()
            number += 1
        return self._table.place(staged.name, fresh=True).as_posix()

    def _add(self, staged: Staged, name: str, former: str = "") -> None:
        if not former and os.path.lexists(self._folder / name):
            self._again(staged, name)
            return
        if reason := self._obstacle(name):
            raise NameRefused(reason)
        self._stems.add(name.rpartition(".")[0].casefold())
        sidecar = ImageRecord(name, self._suffix).sidecar
        self._new[name] = ImportedImage(name, staged.hash, former, sidecar)
        self._staged[name] = staged.path
        if text := as_caption(staged.texts, self._choices.caption):
            self._texts[name] = text

    def _obstacle(self, name: str) -> str:
        """Why nothing can be put into the folder of a name; notes which folders have to be made."""
        folder = name.rpartition("/")[0]
        if folder not in self._obstacles:
            missing, there = [], self._inside.path(name).parent
            while not os.path.lexists(there):
                missing.append(there.relative_to(self._folder).as_posix())
                there = there.parent
            self._obstacles[folder] = _why_not(there, self._folder)
            # The deepest first, as they are removed again.
            self._folders |= dict.fromkeys(missing)
        return self._obstacles[folder]

    def _write(self) -> None:
        """Images and captions in one operation."""
        store = Store(self._folder, self._journal, self._target.owner, self._target.settings, self._before)
        edits, skipped = self._edits(store)
        folders = sorted(self._folders, key=lambda folder: -folder.count("/"))
        staged = StagedImages(list(self._new.values()), self._staged, self._aside, folders) if self._new else None
        applied = operations_of(store).apply(edits, "import", Origin("import"), staged=staged)
        left = {name for name, _ in applied.left_alone}
        self._outcome.images = [name for name in self._new if name in applied.images]
        if any(self._new[name].former_hash for name in applied.images):
            self._outcome.replaced = self._folder / self._aside
        self._outcome.refused.extend(applied.left_alone)
        self._outcome.operation = applied.operation
        added = applied.images | ({edit.image for edit in edits} - left)
        self._outcome.added = len(added)
        self._outcome.captioned = len(added & self._captioned - left)
        self._outcome.uncaptioned = self._outcome.added - self._outcome.captioned
        self._outcome.skipped += skipped

    def _edits(self, store: Store) -> tuple[list[Edit], int]:
        """The captions that change, and how many of images that were there stay as they are."""
        edits: list[Edit] = []
        skipped = 0
        for name, text in self._texts.items():
            known = self._before.get(name)
            record = known or ImageRecord(name, self._suffix)
            # The scan of this moment saw that there is none: thousands of images need not be asked again.
            path = self._folder / record.sidecar
            is_missing = known.state is SidecarState.MISSING if known is not None else not os.path.lexists(path)
            found = MISSING if is_missing else store.read(record)
            present = found.text if found.text.strip() else ""
            wanted = text if not present or present == text else self._merged(present, text)
            self._captioned.add(name)
            self._outcome.conflicts += bool(present and present != text and name not in self._counted)
            if wanted != present:
                edits.append(Edit(name, found.hash, wanted, self._stage.told.of(text) if wanted == text else None))
            else:
                skipped += name not in self._new
        return edits, skipped

    def _merged(self, present: str, text: str) -> str:
        """The caption where two differ; kept both, they are lines of one."""
        if self._choices.existing == "both":
            return present if text in present.split("\n") else f"{present}\n{text}"
        return text if self._choices.existing == "overwrite" else present


def _why_not(there: Path, root: Path) -> str:
    """Why no image can be moved into a folder, "" where it can. `there` is the folder, or the first one above it."""
    if not there.is_dir():
        return f"“{there.name}” is a file, not a folder"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"the folder “{there.name}” may not be written to"
    return "" if there.stat().st_dev == root.stat().st_dev else f"the folder “{there.name}” is on another disk"
