"""Which encoding the bytes of a table are in: by its mark, by UTF-8's own rules, or else the likeliest."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

_PIECE = 1 << 20
_SAMPLE = 1 << 16
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORD = re.compile(r"[^\W\d_]+")
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüÿœßÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜŒŠšŽž‘’“”‚„–—…•€£§©®™°·«»¿¡½¼¾²×´\xa0")
"""What texts of Western Europe have beside ASCII. The rest of cp1252 stands for letters of other code pages."""


def is_encoding(name: str) -> bool:
    """Whether text can be decoded by that name."""
    try:
        return codecs.lookup(name)._is_text_encoding  # As the built-in open does.
    except (LookupError, ValueError):
        return False


def encoding_of(path: Path) -> str | None:
    """The encoding of a text file, None where it is no text. Reads all of it, a piece at a time. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
        for bom, encoding in _BOMS:
            if head.startswith(bom):
                return encoding
        if b"\0" in head:
            return _wide(head)
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            file.seek(0)
            return _likeliest(_strange(file))
    return "utf-8"


def _strange(file: BinaryIO) -> bytes:
    """The lines that are not all ASCII, as many as tell enough: the first of them may lie far behind."""
    found: list[bytes] = []
    size = 0
    while size < _SAMPLE and (piece := file.readline(_SAMPLE)):
        if not piece.isascii():
            found.append(piece)
            size += len(piece)
    return b"".join(found)


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark has a zero in nearly each second byte, as far as its letters are Latin."""
    most = max(len(head) // 2, 1)
    if head[1::2].count(0) > 0.4 * most and head[::2].count(0) == 0:
        return "utf-16-le"
    if head[::2].count(0) > 0.4 * most and head[1::2].count(0) == 0:
        return "utf-16-be"
    return None


def _likeliest(sample: bytes) -> str:
    text = sample.decode("utf-8", "replace")
    strange = text.count("\ufffd")
    if sum(letter > "\x7f" for letter in text) - strange > 10 * strange:
        # UTF-8 with a byte that is broken: by another encoding all that is whole would be lost for it.
        return "utf-8"
    if _is_western(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"


def _is_western(sample: bytes) -> bool:
    """Words of Western Europe have few letters that are not ASCII; read as cp1252, those of others have little else."""
    text = sample.decode("cp1252", "replace")
    if any(letter > "\x7f" and letter not in _WESTERN for letter in text):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii() and len(word) > 1]
    mixed = [word for word in words if any(letter <= "\x7f" for letter in word)]
    return len(mixed) >= 0.9 * len(words)
