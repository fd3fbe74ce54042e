"""Small clouds that can be compared: one size of a word means one share of the captions, in all of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lib.words.cloud import LONGEST_WORD, Placed
from lib.words.counting import Counts
from lib.words.fonts import can_draw, font_for, letters_of

WORDS = 18
"""Words of a cloud at most."""
WIDTH, HEIGHT = 240, 150
_LARGEST, _LEAST, _SMALLEST = 38.0, 22.0, 9.0
"""Sizes in pixels: of the largest share, of the same where words are long, of the smallest word that can be read."""
_GAP = 2.0
_TURNS, _STEPS_A_TURN = 14, 28

_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SmallCloud:
    """The most frequent words of one group, where and how large each stands. `most`: they, for those who hear them."""

    placed: tuple[Placed, ...]
    most: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SmallClouds:
    """Clouds of one scale, and the letters that they are drawn with (WOFF in base64)."""

    clouds: tuple[SmallCloud, ...]
    letters: str
    view: tuple[float, float, float, float]
    """Left, top, width and height of what all of them need of their pictures."""


def small_clouds(groups: Sequence[tuple[Counts, int]], largest_share: float) -> SmallClouds:
    """A cloud for each group, given with the number of its captions.

    A word's area follows the share of the group's captions that hold it; `largest_share` is drawn largest. Words that
    would be too small to be read, or find no room, are left out rather than drawn in another size.
    """
    tops = [_shares(counts, captions) for counts, captions in groups]
    weights: dict[str, int] = {}
    for counts, _ in groups:
        for word, times in counts.top(WORDS).items():
            weights[word] = weights.get(word, 0) + times
    font = font_for(weights)
    measure = _Measure(font)
    scale = _scale(tops, largest_share, measure)
    clouds, taken = [], list[_Box]()
    for (counts, _), shares in zip(groups, tops, strict=True):
        sizes = {word: scale * math.sqrt(share / largest_share) for word, share in shares.items()}
        wanted = {
            word: size
            for word, size in sizes.items()
            if size >= _SMALLEST and len(word) <= LONGEST_WORD and can_draw(font, word)
        }
        most = tuple(islice(((word, counts.samples[word]) for word in shares), 5))
        clouds.append(SmallCloud(tuple(_placed(wanted, counts, measure, taken)), most))
    drawn = {letter for cloud in clouds for one in cloud.placed for letter in one.word}
    return SmallClouds(tuple(clouds), letters_of(font, "".join(sorted(drawn))) if drawn else "", _view(taken))


def largest_share(groups: Sequence[tuple[Counts, int]]) -> float:
    """The largest share of a group's captions that any word is in: what the scale of small clouds begins with."""
    return max((share for counts, captions in groups for share in _shares(counts, captions).values()), default=1.0)


def _shares(counts: Counts, captions: int) -> dict[str, float]:
    top = sorted(counts.top(2 * WORDS), key=lambda word: (-counts.samples[word], word))[:WORDS]
    return {word: counts.samples[word] / max(1, captions) for word in top}


def _scale(tops: Sequence[Mapping[str, float]], largest_share: float, measure: _Measure) -> float:
    """The size of the largest share at which every word is narrower than its picture, as far as it can be read then."""
    widths = [
        measure.box(word, math.sqrt(share / largest_share))[2] for shares in tops for word, share in shares.items()
    ]
    return max(_LEAST, min(_LARGEST, (WIDTH - 2 * _GAP) / max(widths, default=1.0)))


class _Measure:
    """How much room a word takes, from one reading of the font."""

    _AT = 100

    def __init__(self, font: Path) -> None:
        from PIL import ImageFont

        self._font: Any = ImageFont.truetype(str(font), self._AT)
        self._ascent: int = self._font.getmetrics()[0]
        self._boxes: dict[str, _Box] = {}

    def box(self, word: str, size: float) -> _Box:
        """Left, top, width and height of its letters in pixels, from where its line begins."""
        if word not in self._boxes:
            left, top, right, bottom = self._font.getbbox(word)
            self._boxes[word] = left, top - self._ascent, right - left, bottom - top
        left, top, width, height = (size / self._AT * length for length in self._boxes[word])
        return left, top, width, height


def _view(taken: Sequence[_Box]) -> _Box:
    """What words take of a picture of all clouds, round its middle, and no less than a third of it."""
    wide = max((max(WIDTH / 2 - left, right - WIDTH / 2) for left, _, right, _ in taken), default=0)
    high = max((max(HEIGHT / 2 - top, bottom - HEIGHT / 2) for _, top, _, bottom in taken), default=0)
    wide, high = max(wide, WIDTH / 6), max(high, HEIGHT / 6)
    return round(WIDTH / 2 - wide, 1), round(HEIGHT / 2 - high, 1), round(2 * wide, 1), round(2 * high, 1)


def _placed(sizes: Mapping[str, float], counts: Counts, measure: _Measure, all_taken: list[_Box]) -> Iterator[Placed]:
    taken: list[_Box] = []
    for word, size in sizes.items():
        left, top, width, height = measure.box(word, size)
        place = _room(width + 2 * _GAP, height + 2 * _GAP, taken)
        if place is None:
            continue
        x, y = place
        taken.append((x, y, x + width + 2 * _GAP, y + height + 2 * _GAP))
        all_taken.append(taken[-1])
        transform = f"translate({x + _GAP - left:.1f},{y + _GAP - top:.1f})"
        yield Placed(word, counts.counted[word], transform, round(size, 1), round(size / _LARGEST, 3))


def _room(
    width: float, height: float, taken: Sequence[tuple[float, float, float, float]]
) -> tuple[float, float] | None:
    """The place nearest to the middle where a word touches no other one and lies within the picture."""
    for across, down in _SPIRAL:
        x, y = WIDTH / 2 + across - width / 2, HEIGHT / 2 + down - height / 2
        if x < 0 or y < 0 or x + width > WIDTH or y + height > HEIGHT:
            continue
        if all(x >= right or y >= bottom or x + width <= left or y + height <= up for left, up, right, bottom in taken):
            return x, y
    return None


def _spiral() -> Iterator[tuple[float, float]]:
    for step in range(_TURNS * _STEPS_A_TURN):
        angle, reach = 2 * math.pi * step / _STEPS_A_TURN, step / (_TURNS * _STEPS_A_TURN)
        yield WIDTH / 2 * reach * math.cos(angle), HEIGHT / 2 * reach * math.sin(angle)


_SPIRAL = tuple(_spiral())
