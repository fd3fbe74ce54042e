"""Which captions are meant, in the simplest words."""

from __future__ import annotations

from collections.abc import Callable


def simple_query(text: str) -> Callable[[str], bool]:
    """A test for captions: "cat, red sofa" is true of those with "cat" or with "red sofa", in any case.

    The words are taken literally and count inside longer ones too ("cat" in "cats"), since many scripts do not set
    words apart. Where there are none, no caption has one of them.
    """
    wanted = tuple(word.casefold() for part in text.split(",") if (word := part.strip()))

    def matches(caption: str) -> bool:
        folded = caption.casefold()
        return any(word in folded for word in wanted)

    return matches
