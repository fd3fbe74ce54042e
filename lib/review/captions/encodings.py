"""Texts that were read in the wrong encoding, or carry what a program wrote for itself. Pure."""

from __future__ import annotations

import html
import re

_ODD = re.compile("[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122\u20ac]{2,}")
"""Where UTF-8 was read as cp1252 or Latin-1, each character became two to four of these."""
_MOST_IN_A_ROW = 5_000
"""A sentence of Chinese becomes a hundred."""
_LOST = re.compile("\ufffd+|(?<=[^\\W\\d_])\\?(?=[a-zà-ÿ])")
"""What no encoding brings back: a replacement character, or a question mark within a word."""
_ENTITY = re.compile(
    r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|amp|lt|gt|quot|apos|nbsp|eacute|uuml|ouml|auml|hellip|mdash|ndash);", re.I
)
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}(?:\\u[0-9a-fA-F]{4})?|\\x[0-9a-fA-F]{2}|\\[nrt](?![a-z])")
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\u2028\u2029]")
"""Joiners (U+200C, U+200D) and marks of direction mean something in many languages, and stay."""
_PLAUSIBLE = (
    (0xA0, 0x17F), (0x370, 0x3FF), (0x400, 0x45F), (0x590, 0x5F4), (0x620, 0x6D3), (0x900, 0x97F), (0xE01, 0xE5B),
    (0x1E00, 0x1EFF), (0x2010, 0x205E), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x27BF), (0x3000, 0x9FFF),
    (0xAC00, 0xD7A3), (0xFE0F, 0xFE0F), (0xFF01, 0xFFEF), (0x1F300, 0x1FAFF),
)  # fmt: skip
"""What people write: letters, typographers' marks, currencies, emoji. "CAFÉ…" would else become a rare letter."""


def _bytes_of(text: str) -> bytes:
    # cp1252 leaves five places empty, where Latin-1 has its controls.
    return b"".join(
        letter.encode("cp1252", "ignore") or letter.encode("latin-1", "ignore") or b"\xff" for letter in text
    )


def _restored(found: re.Match[str]) -> str:
    text, start = found[0], 0
    if len(text) > _MOST_IN_A_ROW:
        return text
    data = _bytes_of(text)
    while start < len(text) - 1:
        # A letter of its own may stand before ("cafÃ©" has none, "âÃ©" one).
        try:
            read = data[start:].decode("utf-8")
        except UnicodeDecodeError as error:
            # From anywhere before, it would be read no further.
            start += error.start + 1
            continue
        if read and all(any(low <= ord(letter) <= high for low, high in _PLAUSIBLE) for letter in read):
            return text[:start] + read
        return text
    return text


def unmangled(text: str) -> str:
    """A text whose characters are again what they were before UTF-8 was read as cp1252 or Latin-1, even twice."""
    for _ in range(2):
        restored = _ODD.sub(_restored, text)
        if restored == text:
            break
        text = restored
    return text


def lost_places(text: str) -> list[tuple[int, int]]:
    """Where characters are lost for good."""
    return [found.span() for found in _LOST.finditer(text)]


def unescaped(text: str) -> str:
    """A text with its HTML entities and \\u escapes written out; line ends that are written as \\n become blanks."""
    text = _ESCAPE.sub(_written_out, text)
    return _ENTITY.sub(lambda found: html.unescape(found[0]).replace("\xa0", " "), text)


def _written_out(found: re.Match[str]) -> str:
    if found[0][1] in "nrt":
        return " "
    try:
        units = [int(unit, 16) for unit in re.split(r"\\[ux]", found[0])[1:]]
        return b"".join(unit.to_bytes(2, "little") for unit in units).decode("utf-16-le")
    except UnicodeDecodeError:
        return found[0]


def escaped_places(text: str) -> list[tuple[int, int]]:
    """Where HTML entities and escapes stand."""
    return sorted(found.span() for pattern in (_ENTITY, _ESCAPE) for found in pattern.finditer(text))


def unseen_places(text: str) -> list[tuple[int, int]]:
    """Where characters stand that nobody sees and a tokenizer reads."""
    return [found.span() for found in _UNSEEN.finditer(text)]


def without_unseen(text: str) -> str:
    """The text without them; a line end of Unicode's own becomes a blank."""
    return _UNSEEN.sub(lambda found: " " if found[0] in "\u2028\u2029" else "", text)
