"""Undo and redo: an operation's tag files, and the images that came with it, go back or come again as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from lib.dataset.journal.rows import (
    STANDS_BEFORE,
    Direction,
    FileChange,
    ImportedImage,
    OperationEntry,
)
from lib.dataset.saving.imported_images import ImageLocations, Move, carry_out
from lib.dataset.saving.journaling import (
    CHANGED,
    as_read,
    close,
    failure,
    history_errors,
    known,
    recover,
    rewrite_or_put_back,
    taken_back,
)
from lib.dataset.saving.recovery import under_way
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Targets
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.presence import is_away
from lib.dataset.tag_files.rewriting import FileRewrite, LeftAlone, RewriteRefused, stop_if_cancelled
from lib.dataset.tag_files.sidecar import read_sidecar
from lib.errors import InvalidInput, WriteFailed
from lib.images import IMAGE_SUFFIXES
from lib.progress import Progress
from lib.records import named_by_sidecar

_MARKED_SINCE = "Its mark was changed since."

_STANDS = {
    "done": "stands already",
    "undone": "is undone already",
    "abandoned": "was never carried out",
    "conflict": "was cut short and files were changed since, or a part of it is lost",
    "pending": "is still under way",
    "pending_undo": "is being undone",
    "pending_redo": "is being redone",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of an undo or redo. `restored` counts tag files, `images` those that came or went.

    `left_alone` holds (tag file or image, reason). `marked` counts the images whose marks are others again.
    """

    operation: int
    restored: int
    left_alone: tuple[tuple[str, str], ...] = ()
    images: int = 0
    marked: int = 0


def undo_or_redo(store: Store, operation: int | None, direction: Direction, progress: Progress) -> Restored:
    """Takes an operation back, or does it again. Raises InvalidInput, WriteFailed, Cancelled."""
    return _UndoRedo(store, chosen(store, operation, direction), direction, progress).go()


def chosen(store: Store, operation: int | None, direction: Direction) -> OperationEntry:
    """The operation to be undone or redone. Raises InvalidInput, saying why there is none."""
    recover(store)
    journal = store.journal
    if operation is None:
        found = journal.newest_undoable() if direction == "undo" else journal.newest_redoable()
        if found is None:
            raise InvalidInput(f"There is nothing to {direction}.", "No file was touched.")
        return found
    found = journal.operation(operation)
    if found is None:
        raise InvalidInput(f"There is no operation {operation}.", "The history lists those that there are.")
    if found.kind == "rename":
        raise InvalidInput(
            f"Operation {operation} renamed an image, which cannot be taken back here.",
            "No file was touched. Give the image its old name by renaming it again.",
        )
    if found.state != STANDS_BEFORE[direction]:
        done = "undone" if direction == "undo" else "redone"
        message = f"Operation {operation} cannot be {done}: it {_STANDS[found.state]}."
        raise InvalidInput(message, "No file was touched.")
    return found


class _UndoRedo:
    """One undo or redo. An image and its tag file go together, or both are left alone."""

    def __init__(self, store: Store, entry: OperationEntry, direction: Direction, progress: Progress) -> None:
        self._store = store
        self._journal = store.journal
        self._entry = entry
        self._direction: Direction = direction
        self._back = direction == "undo"
        self._progress = progress
        self._left: LeftAlone = []
        self._stay: set[str] = set()
        self._locations = ImageLocations(store.root, str(entry.detail.get("aside", "")))
        self._siblings: dict[str, dict[str, set[str]]] = {}

    def go(self) -> Restored:
        number = self._entry.operation
        changes = self._journal.file_changes(number)
        images = self._journal.images(number)
        if self._back:
            changes = [FileChange(one.path, one.after, one.before) for one in changes]
        targets = Targets(self._store, len(changes))
        wanted = targets.of_changes(changes, self._left)
        held = list(wanted)
        if images:
            going = [image.name for image in images if image.is_tag_file]
            held += [str(self._store.root / name) for name in (self._entry.detail["aside"], *going)]
        marked = self._marks()
        if not held and not marked:
            return self._none()
        self._read(images)
        with locked(self._store.locks, *held):
            rewrites: dict[str, FileRewrite] = {}
            there = 0
            for target, change in wanted.items():
                found = targets.checked_change(target, change)
                if isinstance(found, str):
                    self._left.append((change.path, found))
                elif found is None:
                    there += 1
                else:
                    rewrites[change.path] = found
            self._stay = {path for path, _ in self._left}
            moves = self._moves(images, rewrites)
            if not rewrites and not moves and not there and not marked:
                return self._none()
            skipped, moved = self._write(list(rewrites.values()), moves, images, len(changes))
        self._left += [(one.path, CHANGED) for one in skipped]
        gone = {one.path for one in skipped}
        self._note_files([one for path, one in rewrites.items() if path not in gone])
        return Restored(number, len(rewrites) - len(skipped) + there, tuple(self._left), moved, marked)

    def _marks(self) -> int:
        """How many images get other marks. The end of it all turns them, in one transaction with the journal's word."""
        number, marks = self._entry.operation, self._journal.marks
        with history_errors():
            free = {(one.name, one.mark) for one in marks.as_left(number, self._direction)}
            all_of_it = marks.changes(number)
        self._left += [(one.name, _MARKED_SINCE) for one in all_of_it if (one.name, one.mark) not in free]
        # The images of an import count as such, with what is said of them.
        return len({name for name, _ in free}) if "marked" in self._entry.detail else 0

    def _none(self) -> Restored:
        """Nothing of it can be taken back or done again: it stands as it did, and the next one is another."""
        # In a folder that is away the same will succeed once it is back.
        if not is_away(self._store.root):
            with history_errors():
                self._journal.pass_over(self._entry.operation)
        return Restored(self._entry.operation, 0, tuple(self._left))

    def _read(self, images: Sequence[ImportedImage]) -> None:
        """Reads the images before the tag files are locked: other people's saves need not wait for that."""
        for number, image in enumerate(images):
            stop_if_cancelled(self._progress)
            self._progress.advance(number, len(images))
            with suppress(WriteFailed):
                self._locations.undo_redo_moves(image, self._direction)

    def _moves(self, images: Sequence[ImportedImage], rewrites: dict[str, FileRewrite]) -> list[Move]:
        """The moves of the images that go; the tag files of the others are taken out of `rewrites`."""
        groups: dict[str, list[ImportedImage]] = {}
        for image in images:
            groups.setdefault(image.sidecar, []).append(image)
        moves: list[Move] = []
        for sidecar, group in groups.items():
            if sidecar in self._stay:
                continue
            found: list[Move] = []
            reason = self._against(sidecar, group, rewrites)
            for image in group if not reason else ():
                steps = self._steps(image)
                if isinstance(steps, str):
                    reason = steps
                    break
                found += steps
            if reason:
                self._left += [(image.name, reason) for image in group]
                self._stay.add(sidecar)
                rewrites.pop(sidecar, None)
            else:
                moves += found
        return moves

    def _steps(self, image: ImportedImage) -> list[Move] | str:
        try:
            return self._locations.undo_redo_moves(image, self._direction)
        except WriteFailed as exc:
            return exc.message

    def _against(self, sidecar: str, group: Sequence[ImportedImage], rewrites: Mapping[str, FileRewrite]) -> str:
        """What keeps images from being taken away: words that somebody wrote since, or another image with the same."""
        if not self._back:
            return ""
        if sidecar in rewrites:
            others = self._beside(sidecar) - {image.name for image in group}
            return "Another image has the same tag file by now." if others else ""
        now = read_sidecar(self._store.root / sidecar)
        is_blank = now.editable and not now.text.strip()
        return "" if now.hash == group[0].sidecar_hash or is_blank else "Its caption was changed since."

    def _beside(self, sidecar: str) -> set[str]:
        """The images (relative) that a tag file belongs to now."""
        folder, slash, name = sidecar.rpartition("/")
        if folder not in self._siblings:
            found = self._siblings[folder] = {}
            with suppress(OSError):
                for path in (self._store.root / folder).iterdir():
                    if path.suffix.lower() in IMAGE_SUFFIXES:
                        found.setdefault(path.name.rpartition(".")[0], set()).add(folder + slash + path.name)
        return self._siblings[folder].get(name.rpartition(".")[0], set())

    def _write(
        self, rewrites: list[FileRewrite], moves: list[Move], images: Sequence[ImportedImage], files: int
    ) -> tuple[list[FileRewrite], int]:
        """Makes the moves, then writes the files; gives what was left alone after all, and how many images moved."""
        with under_way() as token:
            journal, number = self._journal, self._entry.operation
            with history_errors():
                started = journal.start_undo_redo(number, self._direction, token, files, sorted(self._stay))
            if not started:
                raise InvalidInput(
                    f"Operation {number} was changed by someone else just now.", "Nothing was touched. Look again."
                )
            try:
                carry_out(moves, self._progress)
                skipped = rewrite_or_put_back(rewrites, token, self._store.files, self._progress, moves)
            except RewriteRefused as exc:
                if exc.put_back:
                    self._tidy()
                    close(partial(journal.cancel_undo_redo, number, self._direction))
                raise failure(exc) from exc.cause
            # An image stays with its tag file.
            late = {one.path for one in skipped}
            staying = {image.name for image in images if image.sidecar in late}
            uncounted = {image.name for image in images if image.is_tag_file}
            taken_back([move for move in moves if move.image in staying])
            self._tidy(self._entry.detail.get("folders", ()) if self._back else ())
            close(partial(journal.finish_undo_redo, number, self._direction))
            return skipped, len({move.image for move in moves} - staying - uncounted)

    def _tidy(self, folders: Sequence[str] = ()) -> None:
        if "aside" in self._entry.detail:
            self._locations.tidy(folders)

    def _note_files(self, rewrites: Sequence[FileRewrite]) -> None:
        """Tells the dataset what the files hold now."""
        records = named_by_sidecar(known(self._store), {one.path for one in rewrites})
        for one in rewrites:
            if one.path in records:
                self._store.note(records[one.path], as_read(one.after))
