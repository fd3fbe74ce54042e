"""Tag files into records, as fast as reading them allows, and stamps that tell later whether they changed."""

from __future__ import annotations

import os
import stat
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields
from itertools import islice, repeat
from typing import Any

from lib.bounds import Bounds
from lib.dataset.scan.gathering import FolderRecords, Gathering
from lib.dataset.tag_files.sidecar import MAX_BYTES, read_all, text_of
from lib.domain import ImageRecord, SidecarState

File = tuple[str, str | None, str, bool]
"""The base name, the ending of its tag file (None: there is none), the image's name, and whether it shares."""

READ_AGAIN = 0
NO_FILE = -1

SETTLED = 2_100_000_000
"""Nanoseconds after which every file system's clock has moved on; FAT counts in steps of 2 seconds."""
TICK = 100_000_000

_CHUNK = 4_096
_AT_ONCE = 16_384
"""Files that are read before their records are made."""
_open, _read, _close, _stat = os.open, os.read, os.close, os.stat
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_TEXT, _UNDECODABLE, _MISSING = SidecarState.TEXT, SidecarState.UNDECODABLE, SidecarState.MISSING

# Slots are filled one by one: the constructor of a frozen dataclass takes twice as long, and a scan makes 100,000.
_slots: Any = ImageRecord
_new = object.__new__
_set_name: Callable[[ImageRecord, str], None] = _slots.name.__set__
_set_suffix: Callable[[ImageRecord, str], None] = _slots.suffix.__set__
_set_text: Callable[[ImageRecord, str], None] = _slots.text.__set__
_set_state: Callable[[ImageRecord, SidecarState], None] = _slots.state.__set__
_set_shared: Callable[[ImageRecord, bool], None] = _slots.shared.__set__


def usual_values(record: type[Any], *filled: str) -> list[tuple[Callable[[Any, object], None], Callable[[], object]]]:
    """For each field of a dataclass with slots that is not `filled` by hand: what sets it, and what makes its default.

    Raises TypeError for one that has no default: a record without it would be found out only where it is read.
    """
    found = []
    for one in fields(record):
        if one.name in filled:
            continue
        if one.default is MISSING and one.default_factory is MISSING:
            raise TypeError(f"{record.__name__}.{one.name} has no default and is filled by nobody.")
        make = (lambda value=one.default: value) if one.default_factory is MISSING else one.default_factory
        found.append((getattr(record, one.name).__set__, make))
    return found


_USUAL = usual_values(ImageRecord, "name", "suffix", "text", "state", "shared")


def make_record(name: str, suffix: str, text: str, state: SidecarState, shared: bool) -> ImageRecord:
    """The same as `ImageRecord(...)`, in half the time."""
    record = _new(ImageRecord)
    _set_name(record, name)
    _set_suffix(record, suffix)
    _set_text(record, text)
    _set_state(record, state)
    _set_shared(record, shared)
    for setter, usual in _USUAL:
        setter(record, usual())
    return record


def make_records(names: Sequence[str], suffix: str, texts: list[str]) -> list[ImageRecord]:
    """A record for each name, all with a tag file that was read; the loops run in C."""
    records = list(map(_new, repeat(ImageRecord, len(names))))
    for setter, values in (
        (_set_name, names),
        (_set_suffix, repeat(suffix)),
        (_set_text, texts),
        (_set_state, repeat(_TEXT)),
        (_set_shared, repeat(False)),
    ):
        deque(map(setter, records, values), maxlen=0)  # type: ignore[arg-type]
    for record in records if _USUAL else ():
        for put, usual in _USUAL:
            put(record, usual())
    return records


def settled(changed: int, now: int) -> bool:
    """True where a file that changed at a time cannot change after `now` and still show the same time.

    A file system's clock moves in ticks: 2 seconds on FAT, a few milliseconds where times have fractions of a second.
    """
    age = now - changed
    return age > SETTLED or (age > TICK and changed % 1_000_000_000 != 0)


def stamp_of(info: os.stat_result, now: int) -> int:
    """One number for a file's or folder's times, size and inode, `READ_AGAIN` where a later change might not show."""
    if not (settled(info.st_mtime_ns, now) and settled(info.st_ctime_ns, now)):
        return READ_AGAIN
    return hash((info.st_size, info.st_mtime_ns, info.st_ino, info.st_ctime_ns)) or 1


class TagFileReader:
    """Reads the tag files of one dataset. Links must not lead out of its bounds."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.now = time.time_ns()

    def tick(self) -> None:
        """Called for each folder: one look at the clock is enough, since an older one only reads more again."""
        self.now = time.time_ns()

    def read(self, path: str) -> tuple[str, SidecarState, int, int]:
        """A tag file's text, state, size as `read_new` notes it, and exact stamp."""
        try:
            handle = os.open(path, _FLAGS)
            try:
                info = os.fstat(handle)
                if not stat.S_ISREG(info.st_mode) or info.st_size > MAX_BYTES:
                    return "", _UNDECODABLE, READ_AGAIN, READ_AGAIN
                data = read_all(handle)
            finally:
                os.close(handle)
        except FileNotFoundError:
            return "", _MISSING, READ_AGAIN, READ_AGAIN
        except OSError:
            return "", _UNDECODABLE, READ_AGAIN, READ_AGAIN
        text = text_of(data)
        state = _UNDECODABLE if text is None else _TEXT
        return text or "", state, len(data) + 1, stamp_of(info, self.now)

    def read_new(self, prefix: str, suffix: str, files: Iterable[File], stamps: array[int]) -> FolderRecords:
        """The records of files that nothing is known of yet; adds their sizes to `stamps`, as `verify` takes them.

        A few thousand at a time: of a million, what they hold besides would take more memory than the records.
        """
        gathered = Gathering()
        waiting = iter(files)
        while some := list(islice(waiting, _AT_ONCE)):
            sizes = array("q", bytes(8 * len(some)))
            gathered.add(self._read_some(prefix, suffix, some, sizes))
            stamps.extend(sizes)
        return gathered.records()

    def _read_some(self, prefix: str, suffix: str, files: Sequence[File], stamps: array[int]) -> list[ImageRecord]:
        """The records of some files; fills `stamps` with their sizes.

        This takes most of the time of an opening, so the usual case is done in bulk, and what is out of the common
        is mended afterwards.
        """
        datas: list[bytes] = []
        add = datas.append
        odd: set[int] = set()
        for place, (base, ending, _, _) in enumerate(files):
            if ending is None:
                add(b"")
                continue
            try:
                handle = _open(f"{prefix}{base}.{ending}", _FLAGS)
                try:
                    add(_read(handle, _CHUNK))
                finally:
                    _close(handle)
            except OSError:
                odd.add(place)
                add(b"")
        try:
            texts = list(map(bytes.decode, datas))
            whole = "".join(texts)
            plain = "\r" not in whole and "\ufeff" not in whole
        except UnicodeDecodeError:
            texts, plain = [""] * len(datas), False
        stamps[:] = array("q", [len(data) + 1 for data in datas])
        usual = suffix[1:]
        _, endings, names, shares = zip(*files, strict=True)
        records = make_records(names, suffix, texts)
        if plain and not odd and set(endings) == {usual} and not any(shares) and max(stamps) <= _CHUNK:
            return records
        for place, (ending, shared) in enumerate(zip(endings, shares, strict=True)):
            if not plain or ending != usual or shared or stamps[place] > _CHUNK or place in odd:
                records[place], stamps[place] = self._mended(prefix, suffix, files[place], datas[place])
        return records

    def _mended(self, prefix: str, suffix: str, file: File, data: bytes) -> tuple[ImageRecord, int]:
        """One record of `read_new` with all that may be out of the common, and the size that it notes for it."""
        base, ending, name, shared = file
        if ending is None:
            return make_record(name, suffix, "", _MISSING, shared), NO_FILE
        text, state, size = text_of(data) if data and len(data) < _CHUNK else None, _TEXT, len(data) + 1
        if text is None:
            text, state, size, _ = self.read(f"{prefix}{base}.{ending}")
        return make_record(name, suffix if ending == suffix[1:] else "." + ending, text, state, shared), size

    def read_linked(self, path: str) -> tuple[str, SidecarState, int, int]:
        """The same for a folder that holds links; a tag file that leads out of the dataset is not read."""
        if os.path.islink(path):  # noqa: PTH114 - string paths, as everywhere in the scan
            if not self._bounds.hold(os.path.realpath(path)):
                return "", _UNDECODABLE, READ_AGAIN, READ_AGAIN
            text, state, _, _ = self.read(path)
            return text, state, READ_AGAIN, READ_AGAIN
        return self.read(path)

    def verify(self, path: str, stamp: int, read_at: int) -> int:
        """The exact stamp of a tag file that is certainly the one read before, `READ_AGAIN` otherwise.

        A file read for the first time has only its size (plus one) for a stamp, since asking for more would take a
        fifth of the time of an opening. It is the same if nothing touched it since well before `read_at`: any change
        of a file sets its times to now, and moving another one there sets its ctime.
        """
        try:
            info = _stat(path)
        except OSError:
            return READ_AGAIN
        changed, moved = info.st_mtime_ns, info.st_ctime_ns
        exact = hash((info.st_size, changed, info.st_ino, moved)) or 1
        if not read_at:
            return exact if exact == stamp else READ_AGAIN
        same = info.st_size + 1 == stamp and settled(changed, read_at) and settled(moved, read_at)
        return exact if same else READ_AGAIN
