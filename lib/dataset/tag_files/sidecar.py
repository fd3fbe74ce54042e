"""Byte-faithful text of tag files: what was there (BOM, encoding, line ends) stays there."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lib.errors import InvalidInput

SUFFIXES = (".txt", ".caption", ".cap")
MAX_BYTES = 4_000_000
"""A caption longer than this is no caption; reading it whole would only slow the browser down."""

GUESSES = ("cp1252", "shift_jis", "gb18030", "euc_kr", "latin-1", "utf-16-le", "utf-16-be")
"""Encodings that are tried on undecodable bytes, the commonest first."""

NOT_TEXT = "Its bytes are not text in UTF-8 or UTF-16."
TOO_LARGE = f"It is larger than {MAX_BYTES // 1_000_000} MB."

# str.splitlines would also cut at U+2028, \x0b, \x0c and \x85, which are ordinary characters in a caption.
_LINE_END = re.compile(r"(\r\n|\r|\n)")
# O_NONBLOCK: a FIFO named like a tag file must not hang the page.
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "utf-8"),
    (b"\xff\xfe", "utf-16", "utf-16-le"),
    (b"\xfe\xff", "utf-16", "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A tag file as it was read.

    `text` has "\\n" for every line end and no BOM. `hash` is the SHA-256 (hex) of `data`, "" without a file.
    Where `editable` is false, `reason` says why, and `guesses` holds (encoding, text) pairs, the likeliest first.
    """

    text: str = ""
    data: bytes = b""
    hash: str = ""
    exists: bool = False
    encoding: str = "utf-8"
    editable: bool = True
    guesses: tuple[tuple[str, str], ...] = ()
    reason: str = ""


MISSING = Sidecar()


def hash_of(data: bytes | None) -> str:
    """The SHA-256 of a file's bytes in hex, "" where there is no file."""
    return "" if data is None else hashlib.sha256(data).hexdigest()


_NOTHING = ("", hash_of(b""))


def is_as_expected(found: Sidecar, expected_hash: str) -> bool:
    """Whether a tag file is the one with a hash ("" for none).

    No file and one without a byte are alike: blank ones are made and removed unasked, and neither holds a word to lose.
    """
    return found.hash == expected_hash or (found.hash in _NOTHING and expected_hash in _NOTHING)


def _codec(data: bytes) -> tuple[bytes, str, str]:
    """The BOM, the name shown for the encoding, and the codec of the bytes behind the BOM."""
    for entry in _BOMS:
        if data.startswith(entry[0]):
            return entry
    return b"", "utf-8", "utf-8"


def text_of(data: bytes) -> str | None:
    """The text that a tag file shows, None where it is undecodable. The scan's way: no hash, no guesses."""
    bom, _, codec = _codec(data)
    try:
        raw = data[len(bom) :].decode(codec)
    except UnicodeDecodeError:
        return None
    return _LINE_END.sub("\n", raw) if "\r" in raw else raw


def decode(data: bytes) -> Sidecar:
    """The tag file that consists of these bytes; never raises."""
    text = text_of(data)
    if text is None:
        return Sidecar("", data, hash_of(data), True, "", False, _guesses(data), NOT_TEXT)
    return Sidecar(text, data, hash_of(data), True, _codec(data)[1])


def encode(sidecar: Sidecar, text: str, *, as_plain: bool = False) -> bytes:
    """The bytes of a new text, in the encoding, BOM and line ends of the old one; `as_plain`: in UTF-8 without a BOM.

    Lines that did not change keep their own line ends; new ones take the commonest. Raises InvalidInput for an
    undecodable sidecar and for a text with half characters (lone surrogates), which no encoding can hold.
    """
    if not sidecar.editable:
        raise InvalidInput("This tag file is not text that can be edited.", sidecar.reason)
    bom, _, codec = _codec(sidecar.data)
    text = _LINE_END.sub("\n", text)
    if not bom or as_plain:
        # Written without a BOM, a leading U+FEFF would turn into one at the next reading.
        text = text.removeprefix("\ufeff")
    if text == sidecar.text and not (bom and as_plain):
        return sidecar.data
    raw = sidecar.data[len(bom) :].decode(codec)
    if as_plain:
        bom, codec = b"", "utf-8"
    try:
        return bom + _with_ends(_LINE_END.split(raw), text.split("\n")).encode(codec)
    except UnicodeEncodeError as exc:
        raise InvalidInput("The text holds half a character, which cannot be saved.", "Type it again.") from exc


def _with_ends(old: list[str], new: list[str]) -> str:
    """Joins new lines with the line ends of the old ones. `old` alternates lines and line ends."""
    if len(old) == len(new) == 1:
        # Most captions: one line, without an end.
        return new[0]
    lines, ends = old[::2], old[1::2]
    dominant = Counter(ends).most_common(1)[0][0] if ends else "\n"
    limit = min(len(lines), len(new))
    head = 0
    while head < limit and lines[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and lines[-1 - tail] == new[-1 - tail]:
        tail += 1
    if len(lines) == len(new):
        joined = ends
    else:
        # The last line has no end, so one line of the tail brings none, and the head none beyond the last line.
        front = ends[:head][: len(new) - 1]
        back = ends[len(ends) - tail + 1 :] if tail > 1 else []
        joined = [*front, *[dominant] * (len(new) - 1 - len(front) - len(back)), *back]
    following = zip(joined, new[1:], joined[1:], strict=False)
    if any(end == "\r" and line == "" and then == "\n" for end, line, then in following):
        # The two would melt into one line end, so all of them become alike.
        joined = [dominant] * (len(new) - 1)
    return "".join(part for pair in zip(new, [*joined, ""], strict=True) for part in pair)


def _guesses(data: bytes) -> tuple[tuple[str, str], ...]:
    found: list[tuple[float, int, str, str]] = []
    for order, encoding in enumerate(GUESSES):
        try:
            text = data.decode(encoding)
        except (UnicodeDecodeError, ValueError):
            continue
        found.append((_oddness(text), order, encoding, _LINE_END.sub("\n", text)))
    unique: dict[str, tuple[str, str]] = {}
    for _, _, encoding, text in sorted(found):
        unique.setdefault(text, (encoding, text))
    return tuple(unique.values())


def _oddness(text: str) -> float:
    """How unlike a caption a text looks, 0 for plain words; only the start of a long text is looked at."""
    sample = text[:2_000]
    if not sample:
        return 0.0
    score = 0.0
    scripts = set()
    for char in sample:
        category = unicodedata.category(char)
        if category in ("Cc", "Cn", "Co", "Cs") and char not in "\t\r\n":
            score += 5
        elif category[0] == "S" or char in "¡¿ªº¸":
            score += 1
        elif char.isalpha():
            scripts.add(unicodedata.name(char, "?").split()[0])
    return (score + 2 * max(0, len(scripts) - 3)) / len(sample)


def unusable(reason: str) -> Sidecar:
    """A file that is there but cannot be read as text for another reason than its bytes."""
    return Sidecar(exists=True, encoding="", editable=False, reason=reason)


def read_sidecar(path: Path | str) -> Sidecar:
    """The tag file at a path, `MISSING` where there is none; never raises for what the file is or holds."""
    return read_with_status(path)[0]


def read_with_status(path: Path | str) -> tuple[Sidecar, os.stat_result | None]:
    """As `read_sidecar`, with the status of the very file that was read, None where none could be opened."""
    try:
        handle = os.open(path, _READ)
    except (FileNotFoundError, NotADirectoryError):
        return MISSING, None
    except OSError as exc:
        return unusable(f"It cannot be opened ({exc.strerror})."), None
    info = None
    try:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            return unusable("It is not a regular file."), info
        if info.st_size > MAX_BYTES:
            return unusable(TOO_LARGE), info
        data = read_all(handle)
    except OSError as exc:
        return unusable(f"It cannot be read ({exc.strerror})."), info
    finally:
        os.close(handle)
    return (decode(data) if len(data) <= MAX_BYTES else unusable(TOO_LARGE)), info


def read_all(handle: int, limit: int = MAX_BYTES + 1) -> bytes:
    """The bytes of an open file up to a limit."""
    parts: list[bytes] = []
    left = limit
    while left > 0 and (part := os.read(handle, min(left, 1 << 16))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
