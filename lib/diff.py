"""What differs between two captions, word by word, with every blank and line end kept."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import Literal

Part = tuple[Literal["same", "del", "ins"], str]

# Chinese, Japanese and Thai put no blanks between words, so each of their letters counts for itself.
_TOKEN = re.compile(
    r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\W\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+|\s+|[^\w\s]"
)

_MOST_PAIRS = 250_000
"""Words of one text times words of the other up to which they are compared: the time grows with at least this."""

_KEPT_LETTERS = 20_000
"""Of both texts, up to which what differs is kept for the next time that it is drawn."""


def word_diff(before: str, after: str) -> list[Part]:
    """The parts of two texts in order: in both, only in the first ("del"), only in the second ("ins").

    "same" and "del" make up `before`, "same" and "ins" `after`, letter by letter. What is taken away stands before
    what is put in its place. Where very long texts differ all over, what lies between their common start and end is
    one replacement.
    """
    is_kept = len(before) + len(after) <= _KEPT_LETTERS
    return list(_kept(before, after) if is_kept else _parts(before, after))


def _parts(before: str, after: str) -> tuple[Part, ...]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    middle = _compared(old[start : len(old) - end], new[start : len(new) - end])
    return tuple(_joined([("same", "".join(old[:start])), *middle, ("same", "".join(old[len(old) - end :]))]))


# A page shows 50, and is drawn anew at each click.
_kept = lru_cache(maxsize=500)(_parts)


def _common(old: list[str], new: list[str]) -> int:
    """How many tokens both begin with."""
    most = min(len(old), len(new))
    return next((place for place in range(most) if old[place] != new[place]), most)


def _compared(old: list[str], new: list[str]) -> list[Part]:
    if len(old) * len(new) > _MOST_PAIRS:
        return [("del", "".join(old)), ("ins", "".join(new))]
    parts: list[Part] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        if kind == "equal" and not gone.isspace():
            parts.append(("same", gone))
        else:
            # A blank between two changed words belongs to the change, which reads as one then.
            parts += [("del", gone), ("ins", come)]
    return parts


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours of a kind made one, with a blank that stands alone given back to what is the same."""
    result: list[Part] = []
    for is_same, run in groupby((part for part in parts if part[1]), key=lambda part: part[0] == "same"):
        found = list(run)
        if is_same:
            result.append(("same", "".join(text for _, text in found)))
            continue
        gone = "".join(text for kind, text in found if kind == "del")
        come = "".join(text for kind, text in found if kind == "ins")
        result += _trimmed(gone, come)
    return [(kind, "".join(text for _, text in run)) for kind, run in groupby(result, key=lambda part: part[0])]


def _trimmed(gone: str, come: str) -> list[Part]:
    """A replacement without the blanks that both sides begin and end with."""
    start = 0
    while start < min(len(gone), len(come)) and gone[start] == come[start] and gone[start].isspace():
        start += 1
    end = 0
    most = min(len(gone), len(come)) - start
    while end < most and gone[-1 - end] == come[-1 - end] and gone[-1 - end].isspace():
        end += 1
    parts: list[Part] = [
        ("same", gone[:start]),
        ("del", gone[start : len(gone) - end]),
        ("ins", come[start : len(come) - end]),
        ("same", gone[len(gone) - end :]),
    ]
    return [part for part in parts if part[1]]
