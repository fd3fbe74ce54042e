"""Captions that break off: told by the word that they end with, and by how the others end. Pure."""

from __future__ import annotations

import re
from typing import Literal

from lib.review.captions.habits import Habits, has_stop
from lib.text import looks_like_tags, words

_DANGLING_WORDS = (
    "a an the and or of with from into onto his their its my your our whose which who whom while because than as by for"
    " is are was were has have had be being been very this these to at wearing holding"
    " der die das ein eine einen einem und oder mit von im am zum zur"
    " le la les un une des et ou du de dans el los las y del con il lo gli uno una e di nel"
)
_DANGLING = frozenset(_DANGLING_WORDS.split())
_OPEN_END = re.compile(r"(?:[,;:(\[{&/–—]|(?<=\s)-|(?<=\w)-|\.\.\.|…)\s*\Z")
_CLOSES_FIRST = re.compile(r"[,;:)\]”»](?!-?[)(DP])|\"\s|\.(?!\.)\s")
_SEEN, _SELDOM_LAST = 12, 0.03
"""A word that is in so many captions and hardly ever ends one, ends none that is whole."""
_MANY_WORDS, _FEW_PARTS = 25, 5


def cut_off(text: str, habits: Habits) -> tuple[Literal["surely", "maybe", ""], str]:
    """Whether a caption breaks off, and the reason in words."""
    body = text.strip()
    found = [word.lower() for word in words(body)]
    if len(found) < 3 or has_tags(body, habits):
        return "", ""
    if _CLOSES_FIRST.match(body):
        return "surely", "It begins in the middle of a sentence."
    if _opens_more_than_it_closes(body):
        return "surely", "A bracket or a quote that it opens is never closed."
    if not body.endswith(("…", "...")) and has_stop(body):
        return "", ""
    last = found[-1]
    # Where many end with such a word, it stands for something else there.
    if last in _DANGLING and habits.last[last] <= max(3, habits.uses[last] // 8):
        return "surely", f"It ends with “{last}”, where a word must follow."
    if _OPEN_END.search(body):
        return "surely", "It ends in the middle of a sentence."
    if habits.stopped < 0.6:
        return _without_stops(last, habits)
    return _among_sentences(body, found, habits)


def has_tags(text: str, habits: Habits) -> bool:
    """Whether a caption is one of tags, which end as they like."""
    return habits.are_tags and looks_like_tags(text)


def _without_stops(last: str, habits: Habits) -> tuple[Literal["surely", "maybe", ""], str]:
    uses, ends = habits.uses[last], habits.last[last]
    if uses >= 4 * _SEEN and ends - 1 < _SELDOM_LAST / 3 * uses:
        return "maybe", f"It ends with “{last}”, which hardly any other caption does."
    return "", ""


def _among_sentences(text: str, found: list[str], habits: Habits) -> tuple[Literal["surely", "maybe", ""], str]:
    """Of a caption without a full stop, where most have one."""
    last = found[-1]
    share = f"{habits.stopped:.0%} of the captions end with a full stop"
    if last.isalpha() and _is_a_part(last, habits):
        return "surely", f"It ends with “{last}”, the beginning of a longer word."
    if re.search(r"[.!?。！？]\s", text) or len(found) >= _MANY_WORDS:
        return "surely", f"Its last sentence has no end; {share}."
    uses, ends = habits.uses[last], habits.last[last]
    if uses >= _SEEN and ends - 1 < _SELDOM_LAST * uses:
        return "surely", f"It ends with “{last}”, which hardly any other caption does, and without a full stop."
    if habits.stopped >= 0.95:
        return "maybe", f"It has no full stop; {share}."
    return "", ""


def _is_a_part(last: str, habits: Habits) -> bool:
    """Whether a word occurs at the very end alone, and is the beginning of one that is far more usual."""
    uses = habits.uses[last]
    if uses > _FEW_PARTS or habits.last[last] < uses:
        return False
    # "catc" may be of "catch" and of "catching".
    longer = (word for word in habits.uses if len(word) > len(last) and word.startswith(last))
    plural = {last + "s", last + "es"}
    return sum(habits.uses[word] for word in longer if word not in plural) > 2 * uses


def _opens_more_than_it_closes(text: str) -> bool:
    if any(text.count(begin) > text.count(end) for begin, end in ("()", "[]", "“”", "«»")):
        # ":(" and "1)" are no brackets.
        return not re.search(r":['-]?\(", text)
    return False
