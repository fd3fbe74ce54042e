"""Two changes of one text made one, where they do not touch the same words."""

from __future__ import annotations

from itertools import pairwise

from lib.diff import word_diff

_Change = tuple[int, int, str]
"""From where to where in the former text, and what stands there now."""


def merge_changes(base: str, one: str, other: str) -> str | None:
    """The text with both changes of `base`, None where they touch the same words.

    What both put in at the same place is all kept: that of `one` behind that of `other` at the beginning of the text,
    before it anywhere else. Where one of the texts is blank, none of its words say where those of another belong.
    """
    if one == other or other == base:
        return one
    if one == base:
        return other
    if not (base.strip() and one.strip() and other.strip()):
        return None
    first, second = _changes(base, one), _changes(base, other)
    # At the same place, by the rule above; the same change of both counts once.
    ordered = sorted(
        [(start, end, 0, text) for start, end, text in first]
        + [(start, end, -1 if end == 0 else 1, text) for start, end, text in second if (start, end, text) not in first]
    )
    if any(_is_touched(before, after) for before, after in pairwise(ordered)):
        return None
    at, pieces = 0, []
    for start, end, _, text in ordered:
        pieces += [base[at:start], text]
        at = end
    return "".join([*pieces, base[at:]])


def _is_touched(before: tuple[int, int, int, str], after: tuple[int, int, int, str]) -> bool:
    """Whether two changes, in their order, have words in common, or would make one word of two."""
    if after[0] < before[1]:
        return True
    meets = before[1] == after[0]
    return meets and before[3][-1:].isalnum() and after[3][:1].isalnum()


def _changes(base: str, text: str) -> list[_Change]:
    found: list[_Change] = []
    at = 0
    for kind, piece in word_diff(base, text):
        start, end = at, at + (len(piece) if kind != "ins" else 0)
        at = end
        if kind == "same":
            continue
        new = piece if kind == "ins" else ""
        if found and found[-1][1] == start:
            found[-1] = found[-1][0], end, found[-1][2] + new
        else:
            found.append((start, end, new))
    return found
