"""What to look for in captions: literal text, or a pattern that cannot freeze the server."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import regex as patterns

from lib.errors import InvalidInput

CAPTION_SECONDS = 0.2
"""What a pattern may take on one caption."""

OPERATION_SECONDS = 2.0
"""What it may take on all captions together, be they few."""

SECONDS_A_CAPTION = 50e-6
"""What it may take on average where captions are many: four times what an honest pattern needs."""

MAX_PATTERN = 1_000

MAX_LITERAL = 20_000
"""Characters of a text that is compiled since its case or its ends count."""

MAX_WRITTEN_OUT = 10_000
"""Nodes of a pattern with its repeats written out. Some take time by their square, and all threads wait meanwhile."""

_KEPT_WRITTEN_OUT = 2_000
"""Up to which a compiled pattern is kept for the next time."""

# In a verbose pattern blanks and comments may stand before the brace, and between it and the digits.
_GAP = r"(?:\s|#[^\n]*\n)*"
_REPEAT = re.compile(rf"(?P<one>(?<=[\w\].]))?\{{{_GAP}(?P<count>\d(?:{_GAP}\d)*)|[)}}]{_GAP}\+")
_GAPS = re.compile(_GAP)
_UNCHANGED = "Nothing was changed."

T = TypeVar("T")


@dataclass
class Allowance:
    """The seconds of processor time that are left to one operation, whatever the number of its patterns."""

    left: float

    @classmethod
    def for_captions(cls, count: int) -> Allowance:
        """What honest patterns need for so many captions, and more."""
        return cls(max(OPERATION_SECONDS, count * SECONDS_A_CAPTION))


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
        return (_kept if _written_out(self) <= _KEPT_WRITTEN_OUT else _compiled)(self)

    def find_all(self, text: str) -> list[tuple[int, int]]:
        """Start and end of each match, from the left. Raises InvalidInput like `compile`, or where it is too slow."""
        return [match.span() for match in Search(self).matches(text)]


class Search:
    """One pattern, looked for in `captions` captions or in the time of the operation that it is a part of.

    Processor time of this thread is counted, so that a busy server does not make a good pattern look slow.
    """

    def __init__(self, find: Find, captions: int = 1, allowance: Allowance | None = None) -> None:
        self.compiled = find.compile()
        self._find = find
        self._allowance = allowance or Allowance.for_captions(captions)
        self._backwards = bool(self.compiled.flags & patterns.REVERSE)

    def matches(self, text: str) -> list[patterns.Match[str]]:
        """The matches from the left. Raises InvalidInput where time is up.

        An empty match right behind another match does not count: ".*" is found once in a line, not twice.
        """
        found = self._timed(self._all, text)
        if self._backwards:
            found.reverse()
        return list(_apart(found)) if len(found) > 1 else found

    def is_in(self, text: str) -> bool:
        """True where there is a match. Raises InvalidInput where time is up."""
        return self._timed(self.compiled.search, text) is not None

    def _all(self, text: str, timeout: float) -> list[patterns.Match[str]]:
        return list(self.compiled.finditer(text, timeout=timeout))

    def _timed(self, look: Callable[..., T], text: str) -> T:
        if self._allowance.left < 0:
            raise self._too_slow()
        start = time.thread_time()
        try:
            found = look(text, timeout=CAPTION_SECONDS)
        except (TimeoutError, MemoryError):
            raise self._too_slow() from None
        finally:
            self._allowance.left -= time.thread_time() - start
        if self._allowance.left < 0:
            raise self._too_slow()
        return found

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


def _written_out(find: Find) -> int:
    """How many nodes the pattern has at most with its repeats written out, as compiling does.

    A group is there once for each repeat that is needed, and once more for those that are not; so it is with a group
    round it. Groups are taken to lie in one another, all of them, which is never too few.
    """
    nodes, copies = len(find.pattern), 1
    if not find.regex or nodes > MAX_PATTERN:
        return nodes
    for repeat in _REPEAT.finditer(find.pattern):
        count = int(_GAPS.sub("", repeat["count"] or "1"))
        if repeat["one"] is not None:
            nodes += count
        else:
            copies *= count + 1
    return nodes * copies


def _compiled(find: Find) -> patterns.Pattern[str]:
    if not find.pattern:
        raise InvalidInput("There is nothing to look for.", "Write the text to find.")
    flags = patterns.IGNORECASE if find.ignore_case else 0
    if len(find.pattern) > MAX_LITERAL:
        # The compiler takes a kilobyte a letter, and a minute for what a browser can send.
        raise InvalidInput(f"The text to find is longer than {MAX_LITERAL:,} characters.", f"{_UNCHANGED} Shorten it.")
    if not find.regex:
        return patterns.compile(_as_word(patterns.escape(find.pattern), find), flags, cache_pattern=False)
    if len(find.pattern) > MAX_PATTERN:
        raise InvalidInput(f"The pattern is longer than {MAX_PATTERN:,} characters.", f"{_UNCHANGED} Split it up.")
    # No timeout reaches the compiler: ((a{999}){999}){999} would fill the memory.
    if _written_out(find) > MAX_WRITTEN_OUT:
        raise InvalidInput(
            f"The pattern {_quoted(find.pattern)} repeats too often.",
            f"{_UNCHANGED} With its repeated groups written out it may be {MAX_WRITTEN_OUT:,} characters long.",
        )
    alone = _checked(find.pattern, flags)
    if not find.whole_word:
        return alone
    # In a verbose pattern a comment at the end would swallow the bracket.
    end = "\n" if alone.flags & patterns.VERBOSE else ""
    return _checked(_as_word(find.pattern + end, find), flags)


_kept = lru_cache(maxsize=64)(_compiled)


def _as_word(pattern: str, find: Find) -> str:
    # \b would ask for a letter next to a literal such as "(c)", the opposite of what is meant.
    return rf"(?<!\w)(?:{pattern})(?!\w)" if find.whole_word else pattern


def _checked(pattern: str, flags: int) -> patterns.Pattern[str]:
    try:
        # The module's own cache would keep the large ones too.
        return patterns.compile(pattern, flags, cache_pattern=False)
    except patterns.error as exc:
        place = min(exc.pos or 0, len(pattern))
        where = f"after {_quoted(pattern[:place])}" if place else "at its beginning"
        message = f"The pattern {_quoted(pattern)} is wrong at character {place + 1}, {where}: {exc.msg}."
        hint = f"{_UNCHANGED} Without regular expressions the text is found as it is."
        raise InvalidInput(message, hint) from exc
    except (ValueError, OverflowError, RecursionError, MemoryError) as exc:
        reasons = {RecursionError: "its brackets lie too deep", MemoryError: "it needs too much memory"}
        reason = reasons.get(type(exc)) or str(exc)
        raise InvalidInput(f"The pattern {_quoted(pattern)} cannot be used: {reason}.", _UNCHANGED) from exc


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 80 else text[:77] + '…'}”"
