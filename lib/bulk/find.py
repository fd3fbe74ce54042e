"""What to look for in captions: literal text, or a pattern that cannot freeze the server."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import regex as patterns

from lib.errors import InvalidInput

CAPTION_SECONDS = 0.2
"""What a pattern may take on one caption."""

OPERATION_SECONDS = 2.0
"""What it may take on all captions together, be they few."""

SECONDS_A_CAPTION = 50e-6
"""What it may take on average where captions are many: four times what an honest pattern needs."""

MAX_PATTERN = 1_000
MAX_REPEATS = 20_000

_FIXED_REPEAT = re.compile(r"\{(\d{1,9})")
_UNCHANGED = "Nothing was changed."


@dataclass(frozen=True, slots=True)
class Find:
    """Literal text, or with `regex` a pattern of the regex module (a superset of Python's own).

    `whole_word`: no letter, digit or underscore stands next to the match, whatever it begins and ends with.
    """

    pattern: str
    regex: bool = False
    ignore_case: bool = False
    whole_word: bool = False

    @property
    def is_plain(self) -> bool:
        """True where str.replace does the work."""
        return bool(self.pattern) and not (self.regex or self.ignore_case or self.whole_word)

    def compile(self) -> patterns.Pattern[str]:
        """The compiled pattern. Raises InvalidInput where it is empty, wrong (and where) or too large."""
        return _compiled(self)

    def find_all(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each match, from the left. Raises InvalidInput like `compile`, or where it is too slow."""
        return [match.span() for match in Search(self).matches(text)]


class Search:
    """One operation with one pattern over `captions` captions, and the time that is left for it.

    Processor time of this thread is counted, so that a busy server does not make a good pattern look slow.
    """

    def __init__(self, find: Find, captions: int = 1) -> None:
        self.compiled = find.compile()
        self._find = find
        self._left = max(OPERATION_SECONDS, captions * SECONDS_A_CAPTION)
        self._backwards = bool(self.compiled.flags & patterns.REVERSE)

    def matches(self, text: str) -> list[patterns.Match[str]]:
        """The matches from the left. Raises InvalidInput where time is up.

        An empty match right behind another match does not count: ".*" is found once in a line, not twice.
        """
        start = time.thread_time()
        try:
            found = list(self.compiled.finditer(text, timeout=CAPTION_SECONDS))
        except (TimeoutError, MemoryError):
            raise self._too_slow() from None
        self._left -= time.thread_time() - start
        if self._left < 0:
            raise self._too_slow()
        if self._backwards:
            found.reverse()
        return list(_apart(found)) if len(found) > 1 else found

    def _too_slow(self) -> InvalidInput:
        return InvalidInput(
            f"The pattern {_quoted(self._find.pattern)} is too slow for these captions.",
            f"{_UNCHANGED} A repeat inside a repeat, such as (a+)+, is the usual cause: write one of them only.",
        )


def _apart(found: list[patterns.Match[str]]) -> Iterator[patterns.Match[str]]:
    behind = -1
    for match in found:
        start, end = match.span()
        if start == end == behind:
            continue
        behind = end
        yield match


@lru_cache(maxsize=64)
def _compiled(find: Find) -> patterns.Pattern[str]:
    if not find.pattern:
        raise InvalidInput("There is nothing to look for.", "Write the text to find.")
    flags = patterns.IGNORECASE if find.ignore_case else 0
    if not find.regex:
        return patterns.compile(_as_word(patterns.escape(find.pattern), find), flags)
    if len(find.pattern) > MAX_PATTERN:
        raise InvalidInput(f"The pattern is longer than {MAX_PATTERN:,} characters.", f"{_UNCHANGED} Split it up.")
    # Fixed repeats are written out in full when compiled, where no timeout reaches: ((a{999}){999}){999} fills memory.
    if prod(max(1, int(count)) for count in _FIXED_REPEAT.findall(find.pattern)) > MAX_REPEATS:
        raise InvalidInput(
            f"The pattern {_quoted(find.pattern)} repeats too often.",
            f"{_UNCHANGED} The numbers in braces, multiplied, may come to {MAX_REPEATS:,}.",
        )
    alone = _checked(find.pattern, flags)
    if not find.whole_word:
        return alone
    # In a verbose pattern a comment at the end would swallow the bracket.
    end = "\n" if alone.flags & patterns.VERBOSE else ""
    return _checked(_as_word(find.pattern + end, find), flags)


def _as_word(pattern: str, find: Find) -> str:
    # \b would ask for a letter next to a literal such as "(c)", the opposite of what is meant.
    return rf"(?<!\w)(?:{pattern})(?!\w)" if find.whole_word else pattern


def _checked(pattern: str, flags: int) -> patterns.Pattern[str]:
    try:
        return patterns.compile(pattern, flags)
    except patterns.error as exc:
        place = min(exc.pos or 0, len(pattern))
        where = f"after {_quoted(pattern[:place])}" if place else "at its beginning"
        message = f"The pattern {_quoted(pattern)} is wrong at character {place + 1}, {where}: {exc.msg}."
        hint = f"{_UNCHANGED} Turn regular expressions off to find the text as it is."
        raise InvalidInput(message, hint) from exc
    except (ValueError, OverflowError, RecursionError) as exc:
        reason = "its brackets lie too deep" if isinstance(exc, RecursionError) else str(exc)
        raise InvalidInput(f"The pattern {_quoted(pattern)} cannot be used: {reason}.", _UNCHANGED) from exc


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 80 else text[:77] + '…'}”"
