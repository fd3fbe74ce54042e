"""Which files a bulk operation may write, and what keeps it from the others."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lib.dataset.journal.rows import FileChange
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.paths import inside_root, real_sidecar
from lib.dataset.tag_files.rewriting import FileRewrite, LeftAlone
from lib.dataset.tag_files.sidecar import encode, hash_of, is_as_expected, read_with_status
from lib.domain import ImageRecord, Origin
from lib.errors import InvalidInput, WriteFailed

_CHANGED = "It was changed since, by someone else or in another tab."
_CHANGED_SINCE = "It was changed since."
_NOT_EMPTY = "It is not empty."
_DELETED = "Its tag file was deleted since."

MANY = 100
"""From so many files on, what costs something once is worth it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A new text for an image. `expected_hash` is that of the tag file when this was planned, "" for no file."""

    image: str
    expected_hash: str
    text: str
    origin: Origin | None = None
    """Where the text came from, if that is not where the operation's texts come from."""
    as_plain: bool = False
    """Written as UTF-8 without a byte-order mark, whatever the tag file is."""


def _links_in(folder: str) -> frozenset[str]:
    """The links among the names of a folder: one listing is much faster than a question for each of many files."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_symlink())
    except OSError:
        return frozenset()


class Targets:
    """Looks at the files of one operation. Each folder is resolved once, so one of these serves one operation."""

    def __init__(self, store: Store, count: int, coming: Mapping[str, ImageRecord] | None = None) -> None:
        """`coming`: the records of images that are not in the dataset yet, and come with the operation, by name."""
        self._store = store
        self._coming = coming or {}
        self._many = count >= MANY
        # The real folder of each, and the names in it that are links, None where each name is asked.
        self._folders: dict[str, tuple[str, frozenset[str] | None]] = {}

    def of_edits(self, edits: Sequence[Edit], left: LeftAlone) -> dict[str, tuple[Edit, ImageRecord]]:
        """The real file of each edit, once for all the images that share it."""
        dataset = self._store.dataset
        allowed = self._store.journal.shared_allowed()
        wanted: dict[str, tuple[Edit, ImageRecord]] = {}
        for edit in edits:
            record = self._coming.get(edit.image)
            if record is None:
                record = ImageRecord(edit.image) if dataset is None else dataset.get(edit.image)
            if record is None:
                left.append((edit.image, "It is no longer in the dataset."))
                continue
            if record.shared and record.stem not in allowed:
                left.append((edit.image, f"“{record.sidecar}” belongs to more than one image."))
                continue
            try:
                target = self._real(record.sidecar)
            except WriteFailed as exc:
                left.append((edit.image, exc.message))
                continue
            first, _ = wanted.setdefault(target, (edit, record))
            if first.text != edit.text:
                left.append((edit.image, f"It shares its tag file with “{first.image}”, which got another text."))
        return wanted

    def _real(self, sidecar: str) -> str:
        """As `real_sidecar`, with each folder resolved once an operation.

        Text, since making and hashing thousands of Path objects takes as long as reading the files.
        """
        folder, slash, name = sidecar.rpartition("/")
        if folder not in self._folders:
            resolved = str(inside_root(self._store.root, f"{folder}{slash}x").parent)
            self._folders[folder] = resolved, _links_in(resolved) if self._many else None
        resolved, links = self._folders[folder]
        path = os.path.join(resolved, name)
        linked = "\0" in name or (os.path.islink(path) if links is None else name in links)
        return str(real_sidecar(self._store.root, sidecar)) if linked else path

    def checked_edit(self, target: str, edit: Edit, record: ImageRecord) -> FileRewrite | str | None:
        """What is to be done to one file: a rewrite, nothing, or the reason why it is left alone."""
        found, info = read_with_status(target)
        if not found.editable:
            return found.reason
        try:
            data = encode(found, edit.text, as_plain=edit.as_plain)
        except InvalidInput as exc:
            return exc.message
        if data == found.data:
            return None
        if not is_as_expected(found, edit.expected_hash):
            return _CHANGED if found.exists else _DELETED
        is_there = found.exists or record.name in self._coming or os.path.lexists(self._store.root / record.name)
        if not is_there:
            return "The image is gone."
        return FileRewrite(record.sidecar, target, found.data if found.exists else None, data, info, edit.origin)

    def checked_removal(self, target: str, edit: Edit, record: ImageRecord) -> FileRewrite | str | None:
        """The removal of a tag file without a byte in it, nothing where it is gone, or why it is left alone."""
        found, info = read_with_status(target)
        if not found.exists:
            return None
        if found.data or not found.editable:
            return found.reason or _NOT_EMPTY
        return FileRewrite(record.sidecar, target, b"", None, info)

    def of_changes(self, changes: Sequence[FileChange], left: LeftAlone) -> dict[str, FileChange]:
        """The real file of each change."""
        wanted: dict[str, FileChange] = {}
        for change in changes:
            try:
                first = wanted.setdefault(self._real(change.path), change)
            except WriteFailed as exc:
                left.append((change.path, exc.message))
            else:
                if first is not change:
                    left.append((change.path, f"It is one file with “{first.path}” now."))
        return wanted

    def checked_change(self, target: str, change: FileChange) -> FileRewrite | str | None:
        """The rewrite from `before` to `after`, or the reason why the file is left alone.

        None for an empty file that is to be made and is there again, since somebody has looked at its image.
        """
        found, info = read_with_status(target)
        if change.before is None and change.after == b"" and found.exists and found.editable and not found.data:
            return None
        if found.exists == (change.before is not None) and found.hash == hash_of(change.before):
            return FileRewrite(change.path, target, change.before, change.after, info)
        # Not "by someone else": it may have been a later operation of the same owner.
        return _CHANGED_SINCE if found.exists else _DELETED
