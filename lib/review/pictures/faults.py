"""What measures and headers make of a picture: its faults, worst first. FaultLimits are data. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from lib.review.findings import Severity
from lib.review.pictures.headers import Header
from lib.review.pictures.measures import Measures


@dataclass(frozen=True, slots=True)
class FaultLimits:
    """Where a fault begins. Found on 2,000 photos of Flickr and 100 of COCO, and on copies with each fault planted.

    `side` is the shortest side in pixels that is large enough, 0 for any; `whose` says for whom. `aspect` is the
    longer side by the shorter one. The others are in the units of `Measures`.
    """

    side: int = 0
    whose: str = ""
    aspect: float = 2.5
    dark: float = 0.28
    light: float = 0.75
    plain: float = 0.998
    grey: float = 0.03
    blur: float = 0.5
    detail: float = 0.75
    coarse: float = 2.2
    lost: float = 0.04
    border: float = 0.015
    judged: float = 0.1
    """With a smaller spread nothing is said of sharpness."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a picture; the smaller its rank, the worse."""

    kind: str
    severity: Severity
    text: str
    rank: float = 0.0


_ENDINGS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "PNG": (".png", ".apng"),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp", ".dib"),
    "TIFF": (".tif", ".tiff"),
}
_DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")


def of_header(name: str, one: Header, limits: FaultLimits) -> Iterator[Fault]:
    """What the header tells."""
    shorter, longer = sorted((one.width, one.height))
    size = f"{one.width:,} × {one.height:,} pixels"
    if shorter < limits.side:
        text = f"It has {size}; {limits.whose} wants {limits.side:,} on the shorter side."
        yield Fault("small", "warning", text, shorter)
    if longer > limits.aspect * shorter:
        yield Fault(
            "odd_shape", "hint", f"It is {longer / shorter:.1f} times as long as wide: {size}.", -longer / shorter
        )
    if one.moves:
        yield Fault("animated", "warning", "It moves; a trainer takes its first frame, or stops.")
    if one.is_see_through:
        yield Fault("alpha", "hint", "It may have transparent parts: trainers make them black, white or noise.")
    if one.is_turned:
        text = "EXIF turns it: whoever does not look there sees it lying on its side, or mirrored."
        yield Fault("turned", "hint", text)
    if one.mode == "CMYK" or one.mode in _DEEP:
        kept = "the colours of print (CMYK)" if one.mode == "CMYK" else "more than eight bits a channel"
        yield Fault("colour_mode", "hint", f"It is kept in {kept}, which few trainers read right.")
    if one.coarseness > limits.coarse:
        text = f"It was compressed to a quality of about {50 / one.coarseness:.0f} of 100: blocks show, and are learnt."
        yield Fault("compressed", "hint", text, -one.coarseness)
    ending = PurePosixPath(name).suffix.lower()
    if one.format in _ENDINGS and ending not in _ENDINGS[one.format]:
        yield Fault("wrong_ending", "warning", f"It is a {one.format}, though its name ends with {ending}.")


def of_pixels(one: Measures, limits: FaultLimits) -> Iterator[Fault]:
    """What the pixels tell. One that shows nothing is told so, and no more."""
    if one.plain >= limits.plain:
        yield Fault("blank", "error", "It shows nothing: nearly all of it has one colour.", -one.plain)
        return
    if one.dark < limits.dark:
        yield Fault("dark", "warning", f"It is dark: 99 of 100 pixels are below {one.dark:.0%} of white.", one.dark)
    if one.light > limits.light:
        yield Fault(
            "light",
            "warning",
            f"It is overexposed: all but 2 in 1,000 pixels are above {one.light:.0%} of white.",
            -one.light,
        )
    if one.lost >= limits.lost:
        text = f"Its lowest {one.lost:.0%} are one grey: it was saved from a file that was cut short."
        yield Fault("half", "error", text, -one.lost)
    if one.border >= limits.border:
        text = f"Even bars at its edges take {one.border:.0%} of it: a model learns them with the picture."
        yield Fault("border", "hint" if one.border < 0.05 else "warning", text, -one.border)
    if one.spread < limits.judged:
        return
    if one.blur > limits.blur:
        yield Fault("blurred", "warning", "It is blurred: not even its sharpest parts have an edge.", -one.blur)
    elif one.detail < limits.detail:
        text = f"It has no more detail than at {one.detail:.0%} of its size: it was enlarged, or is out of focus."
        yield Fault("upscaled", "hint", text, one.detail)


def is_grey(one: Measures, limits: FaultLimits) -> bool:
    """Whether a picture has no colour."""
    return one.colour < limits.grey and one.plain < limits.plain
