"""Reads and saves the captions of one table: into its overlay, journaled, and never over somebody else's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.journaling import close, history_errors
from lib.dataset.saving.recovery import OVERLAY, at_work, under_way
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.sidecar import MAX_BYTES, MISSING, Sidecar, decode, encode
from lib.domain import ImageRecord, Origin
from lib.errors import InvalidInput, WriteFailed
from lib.settings import Settings
from lib.tables.dataset import TableDataset


class TableStore(Store):
    """One owner's way to the captions of one table. What stands in for a tag file is the row's caption as UTF-8.

    The whole table has one lock: an operation is one file, and files have an order.
    """

    def __init__(self, journal: Journal, owner: str, settings: Settings, table: TableDataset) -> None:
        # What others ask a store's dataset for, a table has as well.
        super().__init__(table.root, journal, owner, settings, table)  # type: ignore[arg-type]
        self.table = table
        if any(_is_cut_short(pending) for pending in journal.pending()):
            with self.alone():
                self._settle()

    def read(self, record: ImageRecord) -> Sidecar:
        """The caption as it is now, with what others have saved."""
        known = self.table.get(record.name)
        return MISSING if known is None else as_sidecar(known.text)

    def create_blank(self, record: ImageRecord) -> Sidecar:
        """As `read`: a row needs no file."""
        return self.read(record)

    def note(self, record: ImageRecord, found: Sidecar) -> None:
        """Nothing: the table is told by whoever writes to it."""

    def save(
        self, record: ImageRecord, text: str, expected_hash: str, origin: Origin | None = None, kind: str = ""
    ) -> Sidecar:
        """Writes a caption, if the row still holds the one with `expected_hash` ("" for none).

        `kind` and what is raised are as for a tag file.
        """
        origin = origin or Origin()
        with self.alone():
            current = self.read(record)
            after = new_bytes(record.name, current, text)
            if after == current.data:
                return current
            self._refuse_conflict(record, current, text, expected_hash)
            if self.table.get(record.name) is None:
                raise WriteFailed(f"“{record.name}” is not in this table any more.", "Nothing was written.")
            change = FileChange(record.name, current.data or None, after)
            self.write([change], kind or origin.kind, origin, {"image": record.name})
        return self.read(record)

    def convert_to_utf8(self, record: ImageRecord, encoding: str, expected_hash: str) -> Sidecar:
        """Refused: the captions of a table are text."""
        raise InvalidInput(f"The caption of “{record.name}” is text already.", "Nothing was changed.")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes to the table within, and what they have written is known. Raises WriteFailed."""
        if self.table.read_only:
            raise WriteFailed(f"“{self.root.name}” cannot be edited: no place for its edits can be written to.", "")
        with locked(self.locks, self.table.overlay.folder), self.table.overlay.alone():
            self.table.catch_up()
            yield

    def write(self, changes: Sequence[FileChange], kind: str, origin: Origin, detail: Mapping[str, Any]) -> int:
        """Writes an operation down, then its file; gives its number. For who is `alone`. Raises WriteFailed."""
        with under_way() as token:
            with history_errors():
                new = NewOperation(kind, changes, self.owner, origin, {**detail, OVERLAY: True}, token)
                operation = self.journal.begin(new)
            try:
                self.put(changes, token)
            except BaseException:
                if token not in self.table.overlay.tokens():
                    close(partial(self.journal.abandon, operation))
                raise
            close(partial(self.journal.finish, operation))
            return operation

    def put(self, changes: Sequence[FileChange], token: str) -> None:
        """The file of an operation; the table learns of it. Raises WriteFailed."""
        texts = {change.path: (change.after or b"").decode() for change in changes}
        self.table.take(texts, self.table.overlay.write(token, texts))

    def _settle(self) -> None:
        """What a crash cut short: its file is there, or it is not; so it is done, or came to nothing."""
        written = self.table.overlay.tokens()
        for one in filter(_is_cut_short, self.journal.pending()):
            number, is_done = one.operation, one.token in written
            if one.direction is None:
                self.journal.finish(number) if is_done else self.journal.abandon(number)
            elif is_done:
                self.journal.finish_undo_redo(number, one.direction)
            else:
                self.journal.cancel_undo_redo(number, one.direction)


def _is_cut_short(pending: Any) -> bool:
    return OVERLAY in pending.detail and not at_work(pending.token)


def as_sidecar(text: str) -> Sidecar:
    """A row's caption as if a tag file held it, and no file where there is none."""
    return decode(text.encode()) if text else MISSING


def new_bytes(name: str, current: Sidecar, text: str) -> bytes:
    """What a row is to hold, UTF-8 with "\\n" for every line end. Raises InvalidInput for what is no caption."""
    data = encode(current, text)
    if len(data) > MAX_BYTES:
        raise InvalidInput(f"The text for “{name}” is too long to be a caption.", "Shorten it; it is kept as a draft.")
    return data
