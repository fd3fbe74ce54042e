"""The folder that the visitors work in: drawn pictures, each of a colour of its own, and what each caption is to be."""

from __future__ import annotations

import base64
import io
import threading
from pathlib import Path

from PIL import Image

COUNT = 8_091
"""As many as Flickr8k has, the set that the toolkit is mostly shown with."""

WORD, OTHER_WORD = "harbour", "harbor"
"""What the bulk edit replaces, there and back. It stands in the captions of every second picture alone."""

RARE = "lighthouse"
_RARE_EVERY = 97
_THINGS = ("boat", "dog", "market", "bridge", "tower", "garden", "train", "window", "river", "child", "bicycle")
_PLACES = ("at dawn", "in the rain", "by the sea", "under a tree", "on a hill", "at night", "in the old town")


def name_of(place: int) -> str:
    return f"{place:05d}.jpg"


def place_of(name: str) -> int:
    return int(name.partition(".")[0])


def is_typed_on(place: int) -> bool:
    """Whether visitors write this one's caption. The others are the bulk edit's, so that nobody meets a conflict."""
    return place % 2 == 0


def caption(place: int) -> str:
    """What a caption says at first."""
    thing, other = _THINGS[place % len(_THINGS)], _THINGS[place // 7 % len(_THINGS)]
    words = f"a {thing} and a {other} {_PLACES[place % len(_PLACES)]}, number {place}"
    if is_typed_on(place):
        return words
    return f"{words}, {WORD}" + (f", {RARE}" if place % _RARE_EVERY == 0 else "")


def count_of_rare(count: int) -> int:
    """How many captions hold the rare word, whatever visitors do."""
    return sum(RARE in caption(place) for place in range(count))


def draw(folder: Path, count: int) -> None:
    """The pictures with their captions."""
    folder.mkdir(parents=True)
    for place in range(count):
        Image.new("RGB", (96, 72), _colour(place)).save(folder / name_of(place), quality=90)
        (folder / name_of(place)).with_suffix(".txt").write_text(caption(place), encoding="utf-8")


def small_jpeg(place: int) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (96, 72), _colour(place)).save(drawn, "JPEG", quality=90)
    return drawn.getvalue()


def is_picture_of(place: int, data_url: str) -> bool:
    """Whether it is that picture and no other."""
    with Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))) as picture:
        seen = picture.convert("RGB").getpixel((40, 30))
    assert isinstance(seen, tuple)
    return all(abs(here - there) <= 5 for here, there in zip(seen, _colour(place), strict=True))


def _colour(place: int) -> tuple[int, int, int]:
    return place % 21 * 12, place // 21 % 21 * 12, place // 441 % 21 * 12


class Captions:
    """What every tag file is to hold. Each visitor tells what it saved."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._lock = threading.Lock()
        self._may_be = {place: {caption(place)} for place in range(count)}

    def saved(self, place: int, text: str) -> None:
        with self._lock:
            self._may_be[place] = {text}

    def torn(self, place: int, text: str) -> None:
        """It was typed, and the connection torn off before an answer: the file holds it, or what it held before."""
        with self._lock:
            self._may_be[place] = self._may_be[place] | {text}

    def may_be(self, place: int) -> set[str]:
        with self._lock:
            return set(self._may_be[place])

    def to_replace(self) -> tuple[str, str]:
        """The word that stands there now, and the one that is to take its place."""
        with self._lock:
            return (WORD, OTHER_WORD) if any(WORD in text for text in self._may_be[1]) else (OTHER_WORD, WORD)

    def replaced(self, old: str, new: str) -> int:
        """A bulk edit has replaced a word; gives in how many captions."""
        changed = 0
        with self._lock:
            for place, texts in self._may_be.items():
                if not is_typed_on(place):
                    self._may_be[place] = {text.replace(old, new) for text in texts}
                    changed += 1
        return changed

    def wrong(self, folder: Path) -> list[str]:
        """The files that hold something else, in words."""
        found = []
        for place, texts in self._may_be.items():
            held = (folder / name_of(place)).with_suffix(".txt").read_text(encoding="utf-8")
            if held not in texts:
                found.append(f"{name_of(place)} holds {held!r} in place of {' or '.join(map(repr, sorted(texts)))}")
        return found
