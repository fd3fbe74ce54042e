"""Names in a zip that does not say how they are encoded: guessed from all of them, and from what tables call them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from lib.archives import Budget, MemberDamaged, members

ENCODINGS = ("gb18030", "shift_jis", "euc_kr", "big5", "cp1251", "cp866", "cp1252", "cp850", "cp1250", "cp437")
"""What is tried where the names of a table are to tell, the commonest first."""

_TABLES = (".json", ".jsonl", ".csv", ".tsv", ".txt", ".token")
_TABLE_BYTES, _ALL_BYTES = 4_000_000, 20_000_000
_MOST = 5_000
"""Names that are looked at."""
_ASKED_FOR = 100
"""Of them those that tables are searched for: 5,000 in 20 MB, in each encoding, took a quarter of an hour."""
_LETTERS = 400_000
"""Bytes of names that are weighed letter by letter."""


class ZipNames:
    """The names of one zip as people wrote them. `encoding` is what they were taken for, "" before any was asked."""

    def __init__(self, path: Path, budget: Budget, chosen: str | None = None) -> None:
        self.encoding = chosen or ""
        self._path = path
        self._budget = budget

    def name(self, told: str) -> str:
        """A name of which the zip tells bytes only; `told` is what they are in the code page of old DOS."""
        raw = told.encode("cp437", "replace")
        if not self.encoding:
            self.encoding = self._guess()
        try:
            return raw.decode(self.encoding)
        except (UnicodeDecodeError, LookupError):
            return told

    def _guess(self) -> str:
        names: list[bytes] = []
        tables: list[bytes] = []
        room = _ALL_BYTES
        for member in members(self._path, budget=self._budget):
            if member.is_guessed and len(names) < _MOST:
                names.append(member.name.encode("cp437", "replace"))
            if member.name.lower().endswith(_TABLES) and not member.reason and room > 0:
                try:
                    tables.append(member.read(_TABLE_BYTES))
                except MemberDamaged:
                    continue
                room -= len(tables[-1])
        return guessed(names, tables)


def guessed(names: Sequence[bytes], tables: Sequence[bytes] = ()) -> str:
    """The encoding of names: UTF-8 if all are that, else that in which tables know most of them, else the likeliest."""
    if not any(_decoded(name, "utf-8") is None for name in names):
        return "utf-8"
    spoken = [unicodedata.normalize("NFC", text) for table in tables for text in _texts(table)]
    known: dict[str, int] = {}
    for encoding in ENCODINGS if spoken else ():
        read = [_decoded(name, encoding) for name in _spread(names)]
        known[encoding] = sum(bool(name) and any(_last(name) in text for text in spoken) for name in read if name)
    if known and max(known.values()):
        return max(ENCODINGS, key=known.__getitem__)
    # Whole names: half a letter at a cut would speak against its encoding.
    sizes = accumulate(len(name) for name in names)
    some = [name for name, size in zip(names, sizes, strict=True) if size <= _LETTERS] or names[:1]
    return _likeliest(b"\n".join(name.replace(b"/", b"\n") for name in some))


def _spread(names: Sequence[bytes]) -> Sequence[bytes]:
    """Some of the names from all over, those that tell encodings apart."""
    telling = [name for name in names if not name.isascii()]
    return telling[:: -(-len(telling) // _ASKED_FOR)]


def _likeliest(data: bytes) -> str:
    from charset_normalizer import from_bytes

    sense = {encoding: _sense(text) for encoding in ENCODINGS if (text := _decoded(data, encoding)) is not None}
    if not sense:
        return "cp437"
    most = max(sense.values())
    well = [encoding for encoding, share in sense.items() if share > most - 0.05]
    best = from_bytes(data, cp_isolation=well).best() if len(well) > 1 else None
    return best.encoding if best is not None else well[0]


def _sense(text: str) -> float:
    """Which share of the signs beyond ASCII are letters as words have them: of one alphabet, not aBc."""
    strange = [sign for sign in text if not sign.isascii()]
    bad = sum(not sign.isalpha() for sign in strange)
    for word in _WORD.findall(text):
        bad += word.isascii() is False and bool(_LATIN.search(word)) and bool(_NOT_LATIN.search(word))
        bad += bool(_ODD_CASE.search(word))
    return 1 - bad / max(1, len(strange))


_WORD = re.compile(r"[^\W\d_]+")
_LATIN, _NOT_LATIN = re.compile(r"[A-Za-z]"), re.compile(r"[\u0250-\uffff]")
_ODD_CASE = re.compile(r"[^\W\d_A-Z\u00c0-\u00de\u0400-\u042f\u0391-\u03a9][A-Z\u00c0-\u00de\u0400-\u042f]")


def _last(name: str) -> str:
    """The part of a name that differs: without its folder and ending."""
    return unicodedata.normalize("NFC", name.rpartition("/")[2].rpartition(".")[0])


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _texts(table: bytes) -> list[str]:
    """A table as text, also where it stands in the encoding of the names; json may write its signs as escapes."""
    found = []
    for encoding in ("utf-8", *ENCODINGS[:5]):
        text = _decoded(table, encoding)
        if text is not None:
            found.append(text)
            if encoding == "utf-8":
                break
    if found and "\\u" in found[0]:
        found.append(found[0].encode("ascii", "backslashreplace").decode("unicode_escape", "replace"))
    return found
