"""Changes to many captions as one operation: all of it or none, and undone and redone as a whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from lib.dataset.journal.marks import marked
from lib.dataset.journal.rows import (
    ChangeEntry,
    FileChange,
    ImportedImage,
    MarkWish,
    NewOperation,
    OperationEntry,
)
from lib.dataset.saving.imported_images import ImageLocations, Move, StagedImages, carry_out
from lib.dataset.saving.journaling import CHANGED, as_read, close, failure, history_errors, recover, rewrite_or_put_back
from lib.dataset.saving.recovery import under_way
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import MANY, Edit, Targets
from lib.dataset.saving.undo_redo import Restored, undo_or_redo
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.rewriting import FileRewrite, LeftAlone, RewriteRefused, hash_on_disk
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin
from lib.errors import DatabaseFailed, WriteFailed
from lib.progress import NOBODY, Progress

REMOVE_EMPTY = "remove_empty"
"""The kind of an operation that removes empty tag files."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a bulk edit. `left_alone` holds (image, reason); `operation` is None where nothing changed.

    `images` are those that came with it, `marked` those of which another thing is said.
    """

    operation: int | None
    changed: int
    left_alone: tuple[tuple[str, str], ...] = ()
    images: frozenset[str] = frozenset()
    marked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Import:
    """The images that come with an operation, and the moves that put them in sight; none for most.

    `arguments`: what was asked for. `marks`: what images are to have said of them.
    """

    moves: list[Move]
    images: list[ImportedImage]
    staged: StagedImages | None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    marks: Sequence[MarkWish] = ()

    @property
    def is_more(self) -> bool:
        """True where the operation is worth its name without a caption that changes."""
        return bool(self.moves or self.marks)

    @property
    def detail(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"arguments": dict(self.arguments)} if self.arguments else {}
        asked |= marked(self.marks)
        if self.staged is None:
            return asked
        count = sum(not image.is_tag_file for image in self.images)
        return asked | {"aside": self.staged.aside, "images": count, "folders": list(self.staged.folders)}

    def tidy(self, root: Path) -> None:
        if self.staged is not None:
            ImageLocations(root, self.staged.aside).tidy(self.staged.folders, with_undone=True)


class Operations:
    """The operations of one dataset, by way of its store. Safe for threads and processes, like the store itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._journal = store.journal

    def apply(
        self,
        edits: Sequence[Edit],
        kind: str,
        origin: Origin | None = None,
        *,
        staged: StagedImages | None = None,
        progress: Progress = NOBODY,
        arguments: Mapping[str, Any] | None = None,
        marks: Sequence[MarkWish] = (),
    ) -> Applied:
        """Saves all texts as one operation, in the encoding, BOM and line ends of each file.

        The images that are `staged` come into sight with it, and its undo takes them away again. `arguments` are what
        was asked for, for the history. `marks` are set with it, those that are not so already.

        Files that may not be written, or are not as they were planned, are left alone, and the rest go on. Raises
        WriteFailed, or Cancelled where that was asked for before the first file got its new text; then every file is as
        it was. (Where putting back fails too, the next operation or opening settles it as a whole, by the hashes.)
        `progress` counts files.
        """
        recover(self._store)
        left: LeftAlone = []
        coming = self._coming(staged)
        targets = Targets(self._store, len(edits), coming)
        wanted = targets.of_edits(edits, left)
        with self._locked(wanted, staged):
            importing = self._importing(staged, left)
            importing = replace(importing, arguments=dict(arguments or {}), marks=self._unlike(marks))
            arrived = {image.name for image in importing.images}
            for target, (_, record) in list(wanted.items()):
                if record.name in coming and record.name not in arrived:
                    del wanted[target]
            checked = _checked(targets.checked_edit, wanted, left)
            rewrites = [rewrite for rewrite, _ in checked]
            if not rewrites and not importing.is_more:
                return Applied(None, 0, tuple(left))
            operation, skipped = self._write(rewrites, kind, origin or Origin(), importing, progress)
        left += self._note_files(checked, {one.path for one in skipped})
        changed = len(rewrites) - len(skipped)
        done = operation if changed or importing.is_more else None
        said = frozenset(wish.name for wish in importing.marks)
        return Applied(done, changed, tuple(left), frozenset(arrived), said)

    def _unlike(self, wishes: Sequence[MarkWish]) -> list[MarkWish]:
        """The marks that are to change."""
        if not wishes:
            return []
        with history_errors():
            now = self._journal.marks.now()
        return [wish for wish in wishes if now.of(wish.name, wish.mark) != wish.value]

    def _coming(self, staged: StagedImages | None) -> dict[str, ImageRecord]:
        """The records of images that come with it: most of them are not in the dataset yet."""
        if staged is None:
            return {}
        suffix = "." + staged.images[0].sidecar.rpartition(".")[2]
        dataset = self._store.dataset
        there = {image.name: dataset.get(image.name) if dataset is not None else None for image in staged.images}
        return {name: known or ImageRecord(name, suffix) for name, known in there.items()}

    def _importing(self, staged: StagedImages | None, left: LeftAlone) -> _Import:
        """What puts new images in sight, and those that can be."""
        moves: list[Move] = []
        images: list[ImportedImage] = []
        if staged is None:
            return _Import(moves, images, None)
        locations = ImageLocations(self._store.root, staged.aside)
        for image in staged.images:
            try:
                found = locations.first_moves(image, staged.files[image.name] if image.hash else None)
            except WriteFailed as exc:
                found = exc.message
            if isinstance(found, str):
                left.append((image.name, found))
            else:
                moves += found
                images.append(image)
        return _Import(moves, images, staged)

    def remove_empty(self, images: Sequence[str], *, progress: Progress = NOBODY) -> Applied:
        """Removes the tag files of images that have no byte in them, as one operation.

        A file that holds anything by now, a blank or a byte-order mark, is left alone. Raises as `apply` does.
        """
        recover(self._store)
        left: LeftAlone = []
        targets = Targets(self._store, len(images))
        wanted = targets.of_edits([Edit(image, "", "") for image in images], left)
        with self._locked(wanted, None):
            checked = _checked(targets.checked_removal, wanted, left)
            rewrites = [rewrite for rewrite, _ in checked]
            if not rewrites:
                return Applied(None, 0, tuple(left))
            nothing = _Import([], [], None)
            operation, skipped = self._write(rewrites, REMOVE_EMPTY, Origin(), nothing, progress)
        left += self._note_files(checked, {one.path for one in skipped})
        changed = len(rewrites) - len(skipped)
        return Applied(operation if changed else None, changed, tuple(left))

    def undo(self, operation: int | None = None, *, progress: Progress = NOBODY) -> Restored:
        """Gives the files of an operation back what they held before, byte for byte; by default the newest's.

        A file that has changed since is left alone and listed. Raises InvalidInput where there is nothing to undo,
        WriteFailed and Cancelled as `apply` does.
        """
        return undo_or_redo(self._store, operation, "undo", progress)

    def redo(self, operation: int | None = None, *, progress: Progress = NOBODY) -> Restored:
        """Does an undone operation again, by default the one undone last. Leaves alone and raises as `undo` does."""
        return undo_or_redo(self._store, operation, "redo", progress)

    def history(self, limit: int = 200) -> list[OperationEntry]:
        """The latest operations, the newest first."""
        return self._journal.operations(limit)

    def changes(self, operation: int) -> list[ChangeEntry]:
        """Each file of an operation, before and after."""
        return self._journal.entries(operation)

    @contextmanager
    def _locked(self, targets: Iterable[str], staged: StagedImages | None) -> Iterator[None]:
        held = list(targets)
        if staged is not None:
            going = [image.name for image in staged.images if image.is_tag_file]
            held += [str(self._store.root / name) for name in (staged.aside, *going)]
        if not held:
            yield
            return
        with locked(self._store.locks, *held):
            yield

    def _write(
        self, rewrites: list[FileRewrite], kind: str, origin: Origin, importing: _Import, progress: Progress
    ) -> tuple[int, list[FileRewrite]]:
        """Writes the operation down, then all its files; gives its number and what was left alone after all."""
        with under_way() as token:
            journal = self._journal
            after = {one.path: hash_of(one.after) for one in rewrites}
            images = [replace(one, sidecar_hash=self._hash_after(one.sidecar, after)) for one in importing.images]
            with history_errors():
                changes = [FileChange(one.path, one.before, one.after, one.origin) for one in rewrites]
                owner, detail = self._store.owner, importing.detail
                operation = journal.begin(
                    NewOperation(kind, changes, owner, origin, detail, token, images, importing.marks)
                )
            try:
                carry_out(importing.moves)
                skipped = rewrite_or_put_back(rewrites, token, self._store.files, progress, importing.moves)
            except RewriteRefused as exc:
                if exc.put_back:
                    close(partial(journal.abandon, operation))
                    importing.tidy(self._store.root)
                raise failure(exc) from exc.cause
            left = [one.path for one in skipped]
            none = len(skipped) == len(rewrites) and not importing.is_more
            close(partial(journal.abandon, operation) if none else partial(journal.finish, operation, left))
            self._trim(len(rewrites))
            return operation, skipped

    def _note_files(self, checked: Sequence[tuple[FileRewrite, ImageRecord]], skipped: Collection[str]) -> LeftAlone:
        """Tells the dataset what the files hold now; gives the images of those that were left alone after all."""
        for rewrite, record in checked:
            if rewrite.path not in skipped:
                self._store.note(record, as_read(rewrite.after))
        return [(record.name, CHANGED) for rewrite, record in checked if rewrite.path in skipped]

    def _hash_after(self, sidecar: str, after: Mapping[str, str]) -> str:
        """The hash of a tag file once the operation is done, "" where there is none."""
        known = after.get(sidecar)
        return known if known is not None else hash_on_disk(str(self._store.root / sidecar)) or ""

    def _trim(self, files: int) -> None:
        if files >= MANY:
            with suppress(DatabaseFailed):
                self._journal.trim()


_others: dict[type[Store], type[Operations]] = {}


def carried_out_by(kind: type[Store], by: type[Operations]) -> None:
    """The operations of a kind of store that is not made of tag files."""
    _others[kind] = by


def operations_of(store: Store) -> Operations:
    """The operations of a dataset, of whatever kind its store is."""
    return _others.get(type(store), Operations)(store)


def _checked(
    check: Callable[[str, Edit, ImageRecord], FileRewrite | str | None],
    wanted: Mapping[str, tuple[Edit, ImageRecord]],
    left: LeftAlone,
) -> list[tuple[FileRewrite, ImageRecord]]:
    """The files that may be rewritten and do change, each with its image, by path."""
    checked: list[tuple[FileRewrite, ImageRecord]] = []
    for target, (edit, record) in wanted.items():
        found = check(target, edit, record)
        if isinstance(found, str):
            left.append((edit.image, found))
        elif found is not None:
            checked.append((found, record))
    return sorted(checked, key=lambda pair: pair[0].path)
