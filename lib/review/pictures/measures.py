"""What the pixels of a picture tell, as numbers: light, colour, sharpness, borders. Numpy alone, no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    import numpy as np

SIDE = 1_024
"""A picture is measured with its longer side shrunk to that: no trainer sees much more of it."""

_SMALL = 160
_TILE = 64
_TRACE = 6
"""Grey levels that a compressed picture's one colour wavers by."""
_EVEN, _OWN_COLOUR, _STEP, _TEXTURE, _DRAWN = 2.5, 12.0, 14.0, 4.0, 0.5
"""Grey levels: how much the pixels of a bar at the edge differ at most, and two bars that belong together; by how much
what lies behind differs from the bar, and in itself: a drawing's square on white is no photo in a frame, and
neither is what has one grey in half of it."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Of a picture with neither side over `SIDE` pixels.

    `dark` and `light` are the brightness (0 to 1) that one pixel in a hundred exceeds, and that all but two in a
    thousand exceed. `spread`
    is the range that nine in ten pixels lie in, 0 to 1; `plain` the share that has the commonest colour. `colour` is
    how far apart the channels of the most colourful hundredth lie, 0 to 1. `blur` is 0 for a sharp picture and 1 for
    one without any edge, by its sharpest parts. `detail` is the size, as a share of the picture's own, at which it
    has all the detail that it ever had: 1 for a photo, about 0.5 for one that was enlarged to twice its sides.
    `border` is the share of the picture that even bars at its edges take, `lost` of its lowest
    rows that are the grey which decoders give for what is missing.
    """

    dark: float
    light: float
    spread: float
    plain: float
    colour: float
    blur: float
    detail: float
    border: float
    lost: float


def measured(picture: Image.Image) -> Measures:
    """The measures of a picture: RGB, upright, neither side over `SIDE`."""
    import numpy as np

    grey = np.asarray(picture.convert("L"), np.float32)
    small = picture.copy()
    small.thumbnail((_SMALL, _SMALL), Image.Resampling.BOX)
    pixels = np.asarray(small, np.int16)
    light = np.sort(np.asarray(small.convert("L"), np.uint8), axis=None)
    at = [float(light[min(len(light) - 1, int(share * len(light)))]) / 255 for share in (0.002, 0.05, 0.95, 0.99)]
    channels = pixels.reshape(-1, 3)
    apart = np.sort(channels.max(1) - channels.min(1))
    colour = float(apart[int(0.99 * (len(apart) - 1))]) / 255
    return Measures(
        dark=round(at[3], 4),
        light=round(at[0], 4),
        spread=round(at[2] - at[1], 4),
        plain=round(_plain(channels), 4),
        colour=round(colour, 4),
        blur=round(_blur(grey), 4),
        detail=round(_detail(grey), 4),
        border=round(_border(grey), 4),
        lost=round(_lost(grey), 4),
    )


def _plain(channels: np.ndarray) -> float:
    """The share of the pixels that have the commonest colour, give or take a trace."""
    import numpy as np

    codes = (channels[:, 0] >> 3 << 10) | (channels[:, 1] >> 3 << 5) | channels[:, 2] >> 3
    commonest = np.bincount(codes).argmax()
    usual = np.median(channels[codes == commonest], axis=0)
    return float((np.abs(channels - usual).max(1) <= _TRACE).mean())


def _blur(grey: np.ndarray) -> float:
    """How little a blur changes the sharpest tenth of a picture's tiles (Crété and others, 2007, by tiles)."""
    import numpy as np

    found = []
    for lines in (grey, grey.T):
        if lines.shape[1] < 12 or lines.shape[0] < 2:
            continue
        # A mean of nine pixels in a row, by running sums.
        sums = np.cumsum(lines, axis=1, dtype=np.float32)
        soft = (sums[:, 9:] - sums[:, :-9]) / 9
        before = np.abs(np.diff(lines[:, 5:-4], axis=1))
        lost = np.maximum(0, before - np.abs(np.diff(soft, axis=1)))
        all_, gone = _tiles(before), _tiles(lost)
        # A tile of sky has no edge to be judged by.
        telling = all_ > max(1.0, 0.25 * float(all_.mean()))
        if telling.any():
            found.append(float(np.quantile((1 - gone / np.maximum(all_, 1e-6))[telling], 0.1)))
    return max(found, default=1.0)


def _tiles(values: np.ndarray) -> np.ndarray:
    """The means of square tiles."""
    high, wide = max(1, values.shape[0] // _TILE), max(1, values.shape[1] // _TILE)
    rows, columns = min(_TILE, values.shape[0]), min(_TILE, values.shape[1])
    cut = values[: high * rows, : wide * columns]
    means: np.ndarray = cut.reshape(high, rows, wide, columns).mean(axis=(1, 3))
    return means


def _detail(grey: np.ndarray) -> float:
    """The share of its own size that a picture's finest detail needs, by the spectra of its rows and columns.

    Power falls steadily with frequency in a photo; where it was enlarged, all but nothing lies above the former limit.
    """
    import numpy as np

    shares = []
    for lines in (grey, grey.T):
        count = lines.shape[1]
        if count < 64 or lines.shape[0] < 16:
            return 1.0
        window = np.hanning(count).astype(np.float32)
        every = max(1, lines.shape[0] // 128)
        chosen = lines[::every]
        power = (np.abs(np.fft.rfft((chosen - chosen.mean(1, keepdims=True)) * window, axis=1)) ** 2).mean(0)
        shares.append(_limit(power))
    return min(max(shares), _blocks(grey))


_LOST, _WITHIN = 2.0, 0.3
_BANDS = 32
_TOP = 6
_FALL, _GONE = 0.19, 0.32
"""Of what a photo's spectrum has in its lower bands: with less than the first in the highest ones it was enlarged or
blurred, and with less than the second a band adds nothing. Of 2,000 photos two in a thousand have so little; of those
that were enlarged to twice their sides and compressed again, nineteen in twenty."""


def _limit(power: np.ndarray) -> float:
    import numpy as np

    edges = np.linspace(0, len(power) - 1, _BANDS + 1).astype(int)
    bands = np.array([power[low + 1 : high + 1].mean() for low, high in pairwise(edges)])
    # Times the frequency squared, a photo's spectrum is about level.
    level = bands * (np.arange(_BANDS) + 0.5) ** 2
    level /= max(1e-6, float(np.median(level[2:8])))
    if float(np.median(level[-_TOP:])) >= _FALL:
        return 1.0
    there = np.nonzero(level >= _GONE)[0]
    return float(there.max() + 1) / _BANDS if len(there) else 0.0


def _lost(grey: np.ndarray) -> float:
    lines = grey[::-1]
    count = 0
    while count < len(lines) and abs(float(lines[count].mean()) - 128) < _LOST and float(lines[count].std()) < _LOST:
        count += 1
    return count / len(lines) if count < len(lines) else 0.0


def _blocks(grey: np.ndarray) -> float:
    """1 by the side of its even blocks, where a picture consists of such: it was enlarged without a filter. Else 1."""
    import numpy as np

    steps = np.abs(np.diff(grey, axis=1)).mean(0)
    if len(steps) < _TILE:
        return 1.0
    is_within = steps < _WITHIN * np.quantile(steps, 0.95)
    edges = 1 - float(is_within.mean())
    # Bars are even as well, without an edge every few columns.
    changes = int((is_within[1:] != is_within[:-1]).sum())
    return edges if edges < 0.6 and changes > 1.4 * edges * len(steps) else 1.0


def _border(grey: np.ndarray) -> float:
    """The share of a picture that even bars on two opposite sides take, with a photo between them."""
    import numpy as np

    inside = grey
    for turned in (False, True):
        lines = inside.T if turned else inside
        first, last = _bar(lines), _bar(lines[::-1])
        if first and last and abs(float(lines[0].mean()) - float(lines[-1].mean())) < _OWN_COLOUR:
            lines = lines[first:-last]
            inside = lines.T if turned else lines
    if inside is grey or not inside.size:
        return 0.0
    commonest = np.bincount((inside.ravel() / 8).astype(int)).max() / inside.size
    return 1 - inside.size / grey.size if commonest < _DRAWN else 0.0


def _bar(lines: np.ndarray) -> int:
    """How many lines from the first on are of one even colour, where the next one is another; 0 where none is."""
    import numpy as np

    most = len(lines) // 2
    for number in range(most):
        if float(lines[number].std()) > _EVEN or abs(float(lines[number].mean() - lines[0].mean())) > _EVEN:
            # Compression spreads the step over a block of eight lines.
            behind = lines[number + 8 : number + 16, lines.shape[1] // 5 : -(lines.shape[1] // 5) or None]
            if not behind.size or float(behind.std()) < _TEXTURE:
                return 0
            differs = float((np.abs(lines[min(number + 8, most)] - lines[0].mean()) > _STEP).mean())
            return number if differs > 0.6 else 0
    return 0
