"""Which files are images or tag files by their name, and in which order people expect them."""

from __future__ import annotations

import re
from collections import Counter

from lib.images import IMAGE_SUFFIXES, missing_package

MASK_ENDINGS = ("-masklabel", "-condlabel")
"""OneTrainer keeps masks beside the images as `*-masklabel.png`; they are no pictures to caption."""

LEFT_OUT_FOLDERS = frozenset({"__MACOSX"})

IMAGE, PNG, SIDECAR, SIDECAR_OTHER_CASE, NOT_READ, NEITHER = range(6)

_digits = re.compile(r"0*(\d+)")


class Kinds(dict[str, int]):
    """The kind of a file by what stands behind the last dot; answers are kept, as few endings occur.

    `usual` is the ending of tag files without its dot: one text for the names of all of them.
    """

    def __init__(self, suffix: str) -> None:
        super().__init__()
        self.usual = self._suffix = suffix[1:]

    def __missing__(self, ending: str) -> int:
        lower = ending.lower()
        kind = NEITHER
        if ending == self._suffix:
            kind = SIDECAR
        elif lower == self._suffix.lower():
            kind = SIDECAR_OTHER_CASE
        elif lower == "png":
            kind = PNG
        elif "." + lower in IMAGE_SUFFIXES:
            kind = IMAGE
        elif missing_package("." + lower):
            kind = NOT_READ
        if len(self) < 1_000:
            self[ending] = kind
        return kind


def is_text(name: str) -> bool:
    """False for a name whose bytes are not UTF-8: such a name can be neither shown nor stored."""
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(name: str) -> str:
    """A name that can be shown and stored, whatever its bytes were."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def natural_key(name: str) -> tuple[str, str]:
    """Sorts "img2" before "img10", without regard to case; equal ones by their exact spelling."""
    return _digits.sub(_with_length, name.lower()) + "\0", name


def _with_length(match: re.Match[str]) -> str:
    return chr(len(match[1])) + match[1]


def natural_order(names: list[str]) -> list[str]:
    """The names sorted as `natural_key` does.

    Looks at the first number of each name, a third of the work, and at the others only where the first ones are equal.
    """
    keys: list[str] = []
    for name, found in zip(names, map(_digits.search, map(str.lower, names)), strict=True):
        if found is None:
            keys.append(name.lower())
        else:
            lower, (start, end) = found.string, found.span(1)
            keys.append(f"{lower[: found.start()]}{chr(end - start)}{lower[start:end]}")
    if len(set(keys)) < len(names):
        # No head is the beginning of another name's head, so longer keys for a few leave the rest in order.
        counts = Counter(keys)
        keys = ["".join(natural_key(n)) if counts[head] > 1 else head for n, head in zip(names, keys, strict=True)]
    return [names[place] for place in sorted(range(len(names)), key=keys.__getitem__)]
