"""Tokens, words, tags, sentences: one way to cut text up, for counts, clouds and names alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import regex as patterns

if TYPE_CHECKING:
    from collections.abc import Callable

CLIP_TOKENS = 75
"""Tokens that CLIP's text encoder takes beside start and end (openai/CLIP, context length 77)."""

# The regex package counts vowel signs among a word's letters, where re would cut "हिन्दी" to pieces.
# It counts variation selectors and joiners too, which emoji are made with: a word begins with what can be seen.
_WORD = patterns.compile(r"[\p{L}\p{N}_][\w\p{N}]*(?:['’\u200c\u200d]+[\w\p{N}]+)*")
_PIECE = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|[^\s\w]+|_+")
_LONG_WORD = 9
# Line ends and empty tags at the ends of a text, the commas of Chinese and Japanese too. All blanks lie below U+3001.
_EDGE = ",，、" + "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
# Blanks count from the first of them on, or not at all: looked at from each, a megabyte of them would take a day.
_EMPTY_TAGS = re.compile(r"(?:(?<![^\S\n])[^\S\n]++)?,(?:[^\S\n]*+,)+[^\S\n]*+")
# A text that begins with such a quote itself gets another, so that taking one off always gives the text back.
# A spreadsheet whose cells are parted by semicolons sees a new cell behind each, whatever is quoted.
_FORMULA = re.compile(r"(^|[;\t\r\n])('*)(?=[=+\-@＝＋－＠\t\r])")


def split_tags(text: str) -> list[str]:
    """The comma-separated tags of a caption, trimmed, empty ones dropped; line ends separate as well."""
    return [tag for part in re.split(r"[,\r\n]+", text) if (tag := part.strip())]


def join_tags(*texts: str, separator: str = ", ") -> str:
    """Texts of tags as one: one comma and one blank where two of them meet, however they ended, and no empty tag.

    All else of the texts stays: their line ends, and in a text with wildcards ("{a,,b}") all commas within.
    """
    tidy = (text.strip(_EDGE) for text in texts)
    return separator.join(text if "{" in text else _EMPTY_TAGS.sub(", ", text) for text in tidy if text)


def words(text: str) -> list[str]:
    """The words of a caption, NFC, in the case they were written."""
    found: list[str] = _WORD.findall(unicodedata.normalize("NFC", text))
    return found


def writable(text: str) -> str:
    """A text without halves of characters, which no file can hold: a browser may send one where an emoji was cut."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def spreadsheet_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a quote is put before what begins like one.

    Cells begin behind semicolons too, in the countries whose spreadsheets part them so, and behind tabs and line ends.
    """
    return _FORMULA.sub(r"\1'\2", text)


def from_spreadsheet_cell(cell: str) -> str:
    """The text that `spreadsheet_cell` made a cell of."""
    return _FORMULA.sub(lambda found: found[1] + found[2][1:], cell)


CSV_COLUMNS = ("file_name", "text", "width", "height", "bytes", "origin")
"""The first columns of a table of captions that an export writes. One that begins with a byte-order mark is guarded
for spreadsheets, and so are those of two columns, which earlier versions wrote."""


_OUR_CSV = re.compile(rb'(?:\xef\xbb\xbf)?"?file_name"?[,;\t]"?text"?(?![^,;\t\r\n])')
"""A spreadsheet may have saved it anew, with its own delimiter."""


def is_guarded_csv(head: bytes) -> bool:
    """Whether the cells of a CSV that begins like that may have a quote in front that is not the text's own.

    Only our own export puts one there: not in what it writes for programs, and nobody else's text is touched.
    """
    is_ours = _OUR_CSV.match(head) is not None
    return is_ours and not head.startswith(",".join(CSV_COLUMNS).encode())


def counted(count: int, noun: str) -> str:
    """A number of things in words: "1 sample", "2,000 samples"."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def looks_like_tags(text: str) -> bool:
    """True for "cat, red sofa, window", false for a sentence that happens to hold a comma."""
    tags = split_tags(text)
    if len(tags) < 2:
        return len(words(text)) <= 3
    return sum(len(words(tag)) for tag in tags) / len(tags) <= 3.5


def about_clip_tokens(text: str) -> int:
    """An estimate of the tokens that CLIP's byte-pair encoding makes of a text.

    Counts pieces as CLIP's own pattern cuts them (letters, single digits, punctuation), and adds one for each
    nine letters, since rare long words are split again. Non-Latin letters count one each.
    """
    total = 0
    for piece in _PIECE.findall(text.lower()):
        if piece.isascii():
            total += 1 + (len(piece) - 1) // _LONG_WORD if piece.isalpha() else 1
        else:
            total += len(piece)
    return total


@lru_cache(maxsize=1)
def _exact_counter(folder: Path) -> Callable[[str], int]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    special = tokenizer.num_special_tokens_to_add()
    return lambda text: len(tokenizer(text, truncation=False)["input_ids"]) - special


def clip_tokens(text: str, tokenizer: Path | None = None) -> tuple[int, bool]:
    """Tokens of a text against `CLIP_TOKENS`, and whether the number is exact.

    Exact with a tokenizer folder (`TOOLKIT_TOKENIZER`), an estimate without, or where the folder cannot be used.
    """
    if tokenizer is not None:
        try:
            return _exact_counter(tokenizer)(text), True
        except (OSError, ValueError, ImportError):
            pass
    return about_clip_tokens(text), False
