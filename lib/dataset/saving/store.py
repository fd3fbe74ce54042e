"""Reads and saves the captions of one dataset: atomic, locked, journaled, and never over somebody else's words."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.scan.folder_dataset import FolderDataset
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.paths import inside_root, real_sidecar
from lib.dataset.tag_files.presence import Presence
from lib.dataset.tag_files.rewriting import hash_on_disk
from lib.dataset.tag_files.sidecar import (
    GUESSES,
    MAX_BYTES,
    Sidecar,
    decode,
    encode,
    hash_of,
    is_as_expected,
    read_sidecar,
    unusable,
)
from lib.domain import ImageRecord, Origin, SidecarState
from lib.errors import Conflict, DatabaseFailed, InvalidInput, SharedStem, SidecarUndecodable, WriteFailed
from lib.files import FILES, Files, new_token, write_atomic, write_errors
from lib.settings import Settings

log = logging.getLogger(__name__)


@contextmanager
def saving_errors(name: str) -> Iterator[None]:
    """Raises WriteFailed where the disk or the journal refuses to save a file."""
    try:
        with write_errors(f"“{name}” could not be saved", "The text on disk is whole."):
            yield
    except DatabaseFailed as exc:
        raise WriteFailed(
            f"“{name}” was not saved, because its history could not be written. {exc.message}",
            "The old text is unchanged. Make sure that the disk has space, and save again.",
        ) from exc


def as_found(record: ImageRecord, found: Sidecar) -> ImageRecord:
    """A record with the text and the state of its tag file as it was read."""
    state = SidecarState.TEXT if found.editable else SidecarState.UNDECODABLE
    return replace(record, text=found.text, state=state if found.exists else SidecarState.MISSING)


class Store:
    """One owner's way to the captions of one dataset. Safe for threads; several stores may share a folder.

    `files` is the file system; a test puts one there that fails.
    """

    def __init__(
        self, root: Path, journal: Journal, owner: str, settings: Settings, dataset: FolderDataset | None = None
    ) -> None:
        self.root = root.resolve()
        self.journal = journal
        self.owner = owner
        self.locks = settings.locks
        self._makes_blank = settings.blank_tag_files
        self._private = settings.home.resolve()
        self.dataset = dataset
        self.files: Files = FILES

    def read(self, record: ImageRecord) -> Sidecar:
        """The tag file as it is on the disk now; the dataset learns of it."""
        try:
            found = read_sidecar(self._sidecar(record))
        except WriteFailed as exc:
            return unusable(exc.message)
        self.note(record, found)
        return found

    def _sidecar(self, record: ImageRecord) -> Path:
        """Where a tag file really lies. Raises WriteFailed where a link leads out, or to what is not this folder's."""
        path = real_sidecar(self.root, record.sidecar)
        if path.is_relative_to(self._private) and not self.root.is_relative_to(self._private):
            raise WriteFailed(
                f"“{record.sidecar}” is a link into the toolkit's own folder.", "It is neither read nor written."
            )
        return path

    def read_editable(self, record: ImageRecord) -> Sidecar:
        """The tag file, if a caption may be saved to it. Raises SharedStem or SidecarUndecodable."""
        self._refuse_shared(record)
        found = self.read(record)
        self._refuse_undecodable(record, found)
        return found

    def create_blank(self, record: ImageRecord) -> Sidecar:
        """The tag file, made empty where there was none; where that cannot be, the missing one, without complaint.

        None is made where `TOOLKIT_BLANK_TAG_FILES` says so.
        """
        if not self._makes_blank or self.is_unsettled(record):
            return self.read(record)
        try:
            path = self._sidecar(record)
            image = inside_root(self.root, record.name)
            if os.path.lexists(path) or not image.exists() or not os.access(path.parent, os.W_OK):
                return self.read(record)
            with locked(self.locks, path), self._journaled(record, path, None, b"", Origin("create")):
                self.files.close(self.files.create(path, 0o666))
        except (WriteFailed, OSError) as exc:
            log.info("no blank tag file for %r: %s", record.name, exc)
        return self.read(record)

    def save(
        self, record: ImageRecord, text: str, expected_hash: str, origin: Origin | None = None, kind: str = ""
    ) -> Sidecar:
        """Writes a caption, if the file still is the one with `expected_hash` ("" for none).

        `kind` names the operation in the history, where that is another than the text's origin tells. An identical text
        is not written again. Raises SharedStem, SidecarUndecodable, Conflict, or WriteFailed; after each of them the
        file holds what it held before.
        """
        origin = origin or Origin()
        self._refuse_shared(record)
        path = self._sidecar(record)
        with locked(self.locks, path):
            current = read_sidecar(path)
            self._refuse_undecodable(record, current)
            data = encode(current, text)
            if len(data) > MAX_BYTES:
                raise InvalidInput(
                    f"The text for “{record.sidecar}” is too long to be a caption.",
                    "Shorten it; it is kept as a draft.",
                )
            if data == current.data:
                # Also where the file changed since: whoever changed it wrote the very same.
                self.note(record, current)
                return current
            self._refuse_conflict(record, current, text, expected_hash)
            self._refuse_gone(record, current)
            before = current.data if current.exists else None
            with self._journaled(record, path, before, data, origin, kind) as token:
                write_atomic(path, data, token, self.files)
            saved = decode(data)
        self.note(record, saved)
        return saved

    def convert_to_utf8(self, record: ImageRecord, encoding: str, expected_hash: str) -> Sidecar:
        """Rewrites a tag file as UTF-8 without a mark in front, from the encoding that it has or the user recognised.

        Line ends stay as they are.
        """
        self._refuse_shared(record)
        path = self._sidecar(record)
        with locked(self.locks, path):
            current = read_sidecar(path)
            if current.editable and current.encoding == "utf-8":
                raise InvalidInput(f"“{record.sidecar}” is text already.", "Nothing was changed.")
            is_known = encoding == current.encoding if current.editable else encoding in GUESSES
            try:
                text = current.data.decode(encoding) if is_known else ""
            except UnicodeDecodeError:
                text = ""
            if not text:
                raise InvalidInput(f"“{record.sidecar}” is not text in {encoding}.", "Choose another encoding.")
            self._refuse_conflict(record, current, text, expected_hash)
            data = text.removeprefix("\ufeff").encode("utf-8")
            with self._journaled(record, path, current.data, data, Origin("convert")) as token:
                write_atomic(path, data, token, self.files)
            saved = decode(data)
        self.note(record, saved)
        return saved

    def allow_shared(self, stem: str) -> None:
        """Lets the images of a stem share their tag file from now on."""
        self.journal.allow_shared(stem)
        if self.dataset is not None:
            self.dataset.allow_shared(stem)

    def is_unsettled(self, record: ImageRecord) -> bool:
        """Whether a record shares its tag file while nobody has said that it may."""
        return record.shared and record.stem not in self.journal.shared_allowed()

    def _refuse_shared(self, record: ImageRecord) -> None:
        if self.is_unsettled(record):
            raise SharedStem(
                f"“{record.sidecar}” belongs to more than one image.",
                "It was left as it is. Rename one of the images, or let them share it.",
            )

    @staticmethod
    def _refuse_undecodable(record: ImageRecord, found: Sidecar) -> None:
        if not found.editable:
            raise SidecarUndecodable(
                f"“{record.sidecar}” cannot be edited. {found.reason}",
                "It was left as it is. Convert it to UTF-8 first.",
            )

    def _refuse_conflict(self, record: ImageRecord, current: Sidecar, wanted: str, expected: str) -> None:
        if not current.exists or is_as_expected(current, expected):
            # A file that is gone holds no words to lose.
            return
        raise Conflict(
            f"“{record.sidecar}” was changed by someone else since you opened it.",
            "Nothing was overwritten. Compare the two texts and choose.",
            found=current.text,
            wanted=wanted,
        )

    def _refuse_gone(self, record: ImageRecord, current: Sidecar) -> None:
        """A tag file is made beside its image, and not where a share was mounted that was let go."""
        if not current.exists and not os.path.lexists(inside_root(self.root, record.name)):
            raise WriteFailed(
                f"“{record.name}” is gone, so its caption was not saved.",
                "Nothing was written. Put the image or its folder back, or press Reload to see what is there.",
            )

    @contextmanager
    def _journaled(
        self, record: ImageRecord, path: Path, before: bytes | None, after: bytes, origin: Origin, kind: str = ""
    ) -> Iterator[str]:
        """Writes a change down, lets it happen, and notes how it went; gives its token. Raises WriteFailed."""
        token, presence = new_token(), Presence([path])
        with saving_errors(record.sidecar):
            changes = [FileChange(record.sidecar, before, after)]
            # Images that share a tag file are told apart by name when a run is taken up again.
            detail = {"image": record.name}
            operation = self.journal.begin(
                NewOperation(kind or origin.kind, changes, self.owner, origin, detail, token)
            )
            try:
                yield token
            except BaseException:
                # The last step may fail with the new text in place already, so the file itself is asked.
                found = hash_on_disk(str(path))
                if found is not None and presence.is_kept():
                    self._close(operation, done=found == hash_of(after))
                # Else nobody can tell: it stays pending, and the next opening asks again.
                raise
            self._close(operation, done=True)

    def _close(self, operation: int, *, done: bool) -> None:
        try:
            self.journal.finish(operation) if done else self.journal.abandon(operation)
        except DatabaseFailed:
            # The file is what counts; the journal settles this at its next opening.
            log.warning("operation %d stays pending", operation, exc_info=True)

    def note(self, record: ImageRecord, found: Sidecar) -> None:
        """Tells the dataset, also for the images that share the tag file."""
        if self.dataset is None:
            return
        for name in self.dataset.shared_stems.get(record.stem, (record.name,)):
            known = self.dataset.get(name)
            if known is not None and known != (now := as_found(known, found)):
                self.dataset.replace(now)
