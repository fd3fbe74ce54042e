"""Gives images their captions once all of both are known: those beside them, then those of tables."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field

from lib.archives import Limits
from lib.dataset.tag_files.sidecar import text_of
from lib.importing import parquet
from lib.importing.account import TableRead, is_paper
from lib.importing.base import ImageNames, stem_of
from lib.importing.beside import Beside
from lib.importing.captions import Said
from lib.importing.notes import Note
from lib.importing.parquet import ParquetRead
from lib.importing.stage import Stage
from lib.importing.tables.results import NotUnderstood, Reading, Row, TableFound
from lib.importing.tables.understand import understand
from lib.importing.tree import KeptFile, TagFile, Walked

_NO_IMAGE = "there is no image of this name, or more than one"
_NOT_TEXT = "it is not text that can be read, or too large for a caption"
_OTHER_CAPTION = "the caption in it is not the one that was exported"
_OTHER_BYTES = "its bytes are not those that were exported"
_ENDINGS = (".caption", ".cap", ".txt")
"""Of several tag files the sentence comes before the tags."""

_LISTED = 100
"""So many names of a table that fit no image are told one by one."""

_EACH = 1_000


@dataclass(frozen=True, slots=True)
class Understood:
    """A table as it was read, for a person to look at."""

    name: str
    found: TableFound | NotUnderstood


@dataclass(slots=True)
class HandedOut:
    """Captions for images that were there before, by name; what was said of the others is on the stage."""

    there: dict[str, list[Said]] = field(default_factory=dict)
    tables: list[Understood] = field(default_factory=list)


class Settling:
    """One source, walked through, with the images that were in the target before."""

    def __init__(
        self, stage: Stage, there: Iterable[str], reading: Reading = Reading(), limits: Limits | None = None
    ) -> None:
        self._stage = stage
        self._account = stage.account
        self._reading = reading
        self._limits = limits
        self._names_there = list(there)
        self._settled = HandedOut()
        self._parquets: dict[str, ParquetRead] = {}

    def settle(self, walked: Walked) -> HandedOut:
        """Hands all captions out. What belongs to no image is told. Raises OSError, Cancelled."""
        alone = [table for table in walked.parquets if stem_of(table.id) not in walked.shards]
        parquets = [(table.id, self._parquet(table)) for table in alone]
        # A caption whose image was refused has been told of with it.
        refused = {stem_of(name) for name, _ in self._account.refused}
        beside = Beside(self._stage.images)
        files = [file for file in self._tag_files(walked.tag_files, beside) if stem_of(file.id) not in refused]
        notes = [(id, *note) for id, note in self._notes(walked.notes, beside).items() if stem_of(id) not in refused]
        self._here, self._there = ImageNames(self._stage.images), ImageNames(self._names_there)
        self._all = ImageNames([*self._stage.images, *self._names_there])
        tables = [table for table in walked.tables if not self._is_too_long(table, beside)]
        tables += [*(self._as_table(file) for file in files if not self._is_taken_there(file))]
        for id, name, note in notes:
            if note.texts and not self._give_there(note.name or stem_of(name), map(Said, note.texts)):
                self._stage.refuse(id, _NO_IMAGE)
        for id, read in parquets:
            captions, reason = self._hand_out(id, read.rows, read.captions)
            if read.found.columns:
                self._settled.tables.append(Understood(id, read.found))
            if captions or reason:
                self._account.tables.append(TableRead(id, captions, reason))
        for table in tables:
            self._table(table)
        return self._settled

    def keys(self, walked: Walked, names: ImageNames) -> dict[str, None]:
        """The images among `names` that the tables speak of."""
        found: dict[str, None] = {}
        for table in walked.parquets:
            found |= dict.fromkeys(name for row in self._parquet(table).rows for name in names.find(row.key))
        for table in walked.tables:
            known = understand(table.path, table.id, names, self._reading)
            if isinstance(known, TableFound):
                for number, row in enumerate(known.rows()):
                    if number % _EACH == 0:
                        self._stage.step()
                    found |= dict.fromkeys(names.find(row.key))
        return found

    def _parquet(self, table: KeptFile) -> ParquetRead:
        """Each is read once."""
        if table.id not in self._parquets:
            self._stage.step()
            self._parquets[table.id] = parquet.read(table.path, table.id, self._stage, self._limits, self._reading)
        return self._parquets[table.id]

    def _tag_files(self, files: list[TagFile], beside: Beside) -> list[TagFile]:
        """Gives tag files to their images; those that are left over."""
        lone = []
        for file in sorted(files, key=lambda file: _ENDINGS.index(file.ending)):
            ids = beside.of(file.id)
            if not ids:
                lone.append(file)
            elif (text := text_of(file.data)) is None:
                self._stage.refuse(file.id, _NOT_TEXT)
            elif text.strip():
                self._account.beside += 1
                for id in ids:
                    self._stage.images[id].texts.append(Said(text, file.ending))
        return lone

    def _notes(self, notes: dict[str, tuple[str, Note]], beside: Beside) -> dict[str, tuple[str, Note]]:
        """Gives what a json says to the image beside it; those that are left over."""
        lone = {}
        for path, (name, note) in notes.items():
            ids = beside.of(path)
            if not ids:
                lone[path] = name, note
            for id in ids:
                # One of them may have been dropped for the json before this one.
                if id in self._stage.images and not self._is_broken(id, note):
                    self._say(id, note)
        return lone

    def _say(self, id: str, note: Note) -> None:
        image = self._stage.images[id]
        image.name = note.name or image.name
        # What stands in the tag file, too, or is a line of it, is no other caption.
        known = {line for said in image.texts for line in (said.text, *said.text.split("\n"))}
        new = [Said(text) for text in note.texts if text not in known]
        self._account.beside += bool(new)
        image.texts += new

    def _is_broken(self, id: str, note: Note) -> bool:
        """Drops an image which is not what our own export promised."""
        image = self._stage.images[id]
        if note.sha256 and image.hash and note.sha256 != image.hash:
            self._stage.drop(id, _OTHER_BYTES)
        elif note.sha256 and image.texts and image.texts[0].text != "".join(note.texts[:1]):
            self._stage.drop(id, _OTHER_CAPTION)
        return id not in self._stage.images

    def _is_taken_there(self, file: TagFile) -> bool:
        """Whether a tag file needs no further look: it belongs to an image that was there, or can be no table."""
        text = text_of(file.data)
        if text is not None and self._give_there(stem_of(file.name), [Said(text, file.ending)]):
            return True
        if file.ending == ".txt":
            return False
        self._stage.refuse(file.id, _NOT_TEXT if text is None else _NO_IMAGE)
        return True

    def _give_there(self, key: str, said: Iterable[Said]) -> bool:
        names = self._there.find(key)
        for name in names:
            self._settled.there.setdefault(name, []).extend(said)
        self._account.beside += bool(names)
        return bool(names)

    def _is_too_long(self, table: KeptFile, beside: Beside) -> bool:
        """Whether it is no table, but a tag file beside its image with more than a caption may have."""
        is_text = table.id.lower().endswith(".txt") and bool(beside.of(table.id))
        if is_text:
            self._stage.refuse(table.id, _NOT_TEXT)
        return is_text

    def _as_table(self, file: TagFile) -> KeptFile:
        path = file.path or self._stage.keep(file.ending, io.BytesIO(file.data))
        assert path is not None
        return KeptFile(file.id, path)

    def _table(self, table: KeptFile) -> None:
        is_readme = is_paper(table.id)
        known = None if is_readme else understand(table.path, table.id, self._all, self._reading)
        if known is None and not is_readme and table.id.lower().endswith(".txt"):
            self._stage.refuse(table.id, _NO_IMAGE)
        elif known is None:
            self._account.ignore(table.id)
        elif isinstance(known, NotUnderstood):
            self._account.not_understood.append((table.id, known.reason))
            self._settled.tables.append(Understood(table.id, known))
        else:
            captions, reason = self._hand_out(table.id, known.rows())
            for where, fault in known.faults:
                self._stage.refuse(table.id, f"{where}: {fault}" if where else fault)
            more = f"{known.faults.left_out:,} more of its entries could not be read" if known.faults.left_out else ""
            reason = "; ".join(part for part in (known.note, reason, more) if part)
            self._account.tables.append(TableRead(table.id, captions, reason))
            self._settled.tables.append(Understood(table.id, known))

    def _hand_out(self, table: str, rows: Iterable[Row], captions: int = 0) -> tuple[int, str]:
        """Gives a table's captions to their images. How many there were, and what is to be said of the others."""
        folder = table.rpartition("/")[0]
        missing = 0
        for number, row in enumerate(rows):
            if number % _EACH == 0:
                self._stage.step()
            said = [Said(text) for text in row.texts if text.strip()]
            if ids := self._here.find(row.key, folder):
                for id in ids:
                    self._stage.images[id].texts += said
                    if id.endswith(f"/{row.key}"):
                        # A table's own folder, or that of its images, is no part of the name.
                        self._stage.images[id].name = row.key
            elif names := self._there.find(row.key, folder):
                for name in names:
                    self._settled.there.setdefault(name, []).extend(said)
            else:
                missing += 1
                if missing <= _LISTED:
                    self._stage.refuse(row.key, _NO_IMAGE)
                continue
            captions += len(said)
        if missing > _LISTED:
            self._stage.refuse(f"{missing - _LISTED:,} more of {table}", _NO_IMAGE)
        return captions, f"{missing:,} of its entries name no image here, or more than one" if missing else ""
