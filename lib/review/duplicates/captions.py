"""How the captions of twins stand to one another, and one caption made of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

from lib.text import join_tags, looks_like_tags, split_tags, words
from lib.words import stop_words

MeansTheSame = Callable[[int, int], bool]
"""Whether the captions of two places in the group say the same by their meaning."""

_COLOURS = frozenset(
    {"black", "white", "grey", "gray", "red", "green", "blue", "yellow", "orange", "brown", "pink", "purple", "golden"}
)
_NUMBERS = {word: str(number) for number, word in enumerate(("one", "two", "three", "four", "five", "six", "seven"), 1)}
_SIDES = (
    ({"man", "men", "boy", "boys", "male"}, {"woman", "women", "girl", "girls", "female"}),
    ({"day", "daytime", "daylight"}, {"night", "nighttime"}),
    ({"indoors", "inside"}, {"outdoors", "outside"}),
    ({"dog", "dogs", "puppy"}, {"cat", "cats", "kitten", "horse", "horses"}),
)
_MUCH = 0.5
"""The share of common words above which captions say the same."""


def relation(captions: Sequence[str], means_the_same: MeansTheSame | None = None) -> str:
    """ "lacks" where fewer than two have any words, else "agree", "adds" or "contradict".

    Without `means_the_same` it is told by words alone.
    """
    if sum(1 for text in captions if text.strip()) < 2:
        return "lacks"
    content = [_content(text) for text in captions]
    relations = {
        _of_two(content[a], content[b], means_the_same is not None and means_the_same(a, b))
        for a, b in combinations([place for place, text in enumerate(captions) if text.strip()], 2)
    }
    blank = any(not text.strip() for text in captions)
    return next((one for one in ("contradict", "adds") if one in relations), "adds" if blank else "agree")


def _of_two(one: frozenset[str], other: frozenset[str], alike: bool) -> str:
    if one == other:
        return "agree"
    if _conflicts(one, other):
        return "contradict"
    if one <= other or other <= one:
        return "adds"
    common = len(one & other) / len(one | other)
    return "adds" if alike or common >= _MUCH else "contradict"


def _conflicts(one: frozenset[str], other: frozenset[str]) -> bool:
    """Both name colours, or numbers, and none in common; or one says the opposite of the other."""
    for left, right in ((one & _COLOURS, other & _COLOURS), (_numbers(one), _numbers(other))):
        if left and right and not left & right:
            return True
    for left, right in _SIDES:
        for a, b in ((one, other), (other, one)):
            if a & left and b & right and not (a & right or b & left):
                return True
    return False


def _numbers(said: frozenset[str]) -> set[str]:
    return {_NUMBERS.get(word, word) for word in said if word in _NUMBERS or word.isdigit()}


def _content(text: str) -> frozenset[str]:
    """The words that tell something, a plural as its singular where only an s makes it."""
    left_out = stop_words() - _NUMBERS.keys()
    return frozenset(_singular(word) for word in words(text.lower()) if word not in left_out)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def joined(captions: Sequence[str]) -> str:
    """One caption with all that several say, nothing twice: tags by tag, sentences by sentence."""
    told = [text.strip() for text in captions if text.strip()]
    if all(looks_like_tags(text) for text in told):
        seen: dict[str, str] = {}
        for tag in (tag for text in told for tag in split_tags(text)):
            seen.setdefault(tag.casefold(), tag)
        return join_tags(*seen.values())
    kept: list[str] = []
    for text in told:
        if text.casefold() not in (other.casefold() for other in kept):
            kept.append(text)
    if len(kept) < 2:
        return "".join(kept)
    return " ".join(text if text[-1] in ".!?…。！？" else f"{text}." for text in kept)


def fullest(captions: Sequence[str]) -> int:
    """The place of the caption that says most."""
    return max(range(len(captions)), key=lambda place: (len(_content(captions[place])), -place))
