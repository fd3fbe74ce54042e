"""The picture of a word cloud, drawn from counts and nothing else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any
from xml.etree import ElementTree

from PIL import ImageFont

from lib.errors import InvalidInput, MissingDependency
from lib.words.fonts import can_draw, font_face, font_for, letters_of

MOST_WORDS = 200
LONGEST_WORD = 60

_SCALE = 2
"""Words are placed on a canvas of half the size: four times as fast, and as sharp."""

_ROOM = " "
"""Stands before and after each word while places are looked for: close beside each other they would read as one."""

# Background, the shade of a rare word, that of the most frequent one: both can be read on the background.
_ON_LIGHT = ("#fbfaf8", (0x3D, 0x7C, 0x80), (0x0C, 0x2E, 0x31))
_ON_DARK = ("#16191c", (0x5C, 0x9C, 0x9E), (0xDC, 0xF6, 0xF4))
_SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True, slots=True)
class Placed:
    """A word in the picture: how often it was counted, and where and how large it stands, as SVG has it.

    `strength`: 0 to 1, by which it is darker (on dark: lighter) than the rarest.
    """

    word: str
    count: int
    transform: str
    size: float
    strength: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """One picture in two formats, and which of the words are in it.

    `undrawable` words have letters that no font here has, or are longer than `LONGEST_WORD`; `no_room` are those that
    the picture was too full for. Both kinds are counted like all others.
    """

    png: bytes
    svg: str
    width: int
    height: int
    placed: tuple[Placed, ...]
    letters: str
    """The font that the words were placed with, cut down to their letters: WOFF in base64."""
    undrawable: tuple[str, ...]
    no_room: tuple[str, ...]

    @property
    def drawn(self) -> tuple[str, ...]:
        return tuple(one.word for one in self.placed)


def draw_cloud(
    counted: Mapping[str, int], *, width: int = 1600, height: int = 800, dark: bool = False, seed: int = 7
) -> Cloud:
    """The `MOST_WORDS` most frequent words of some counts, each as large as its count asks. Sizes are in pixels.

    The same counts, sizes and seed give the same picture; a word is the darker the more frequent it is. Raises
    InvalidInput where there is no word that can be drawn, MissingDependency without the wordcloud package.
    """
    wanted = dict(islice(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])), MOST_WORDS))
    font = font_for(wanted)
    weights = {word: n for word, n in wanted.items() if len(word) <= LONGEST_WORD and can_draw(font, word)}
    if not weights:
        raise InvalidInput(
            "There is no word to draw.",
            "No font here has the letters of these words." if wanted else "Widen the scope, or take out stop words.",
        )
    background, rare, frequent = _ON_DARK if dark else _ON_LIGHT
    strengths = _strengths(weights)
    cloud = _word_cloud(
        font_path=str(font),
        width=width // _SCALE,
        height=height // _SCALE,
        scale=_SCALE,
        max_words=MOST_WORDS,
        background_color=background,
        color_func=lambda word, **_: _between(rare, frequent, strengths[word.strip(_ROOM)]),
        random_state=seed,
    )
    cloud.generate_from_frequencies({f"{_ROOM}{word}{_ROOM}": count for word, count in weights.items()})
    cloud.layout_ = [_bare(*entry, font=str(font)) for entry in cloud.layout_]
    buffer = io.BytesIO()
    cloud.to_image().save(buffer, "PNG")
    drawn = [entry[0][0] for entry in cloud.layout_]
    letters = letters_of(font, "".join(drawn))
    svg = cloud.to_svg()
    placed = zip(drawn, ElementTree.fromstring(svg).iter(f"{_SVG}text"), strict=True)
    return Cloud(
        png=buffer.getvalue(),
        # Without its font a viewer would draw words over one another. The package's own way leaves its file open.
        svg=svg.replace("<style>", f"<style>{font_face(font, letters)}", 1),
        width=width,
        height=height,
        placed=tuple(
            Placed(word, weights[word], text.get("transform", ""), float(text.get("font-size", 0)), strengths[word])
            for word, text in placed
        ),
        letters=letters,
        undrawable=tuple(word for word in wanted if word not in weights),
        no_room=tuple(word for word in weights if word not in set(drawn)),
    )


def _bare(
    counted: tuple[str, float], size: int, place: Any, orientation: Any, colour: str, *, font: str
) -> tuple[Any, ...]:
    """A word of the layout without the blanks round it, where it stands between them."""
    word, weight = counted
    blank = round(ImageFont.truetype(font, size).getlength(_ROOM))
    # One that reads upwards has the blank before it at its foot.
    down, across = (0, blank) if orientation is None else (blank, 0)
    return (word.strip(_ROOM), weight), size, (int(place[0]) + down, int(place[1]) + across), orientation, colour


def _strengths(weights: Mapping[str, int]) -> dict[str, float]:
    # By the root: counts fall so fast that by the counts themselves all but three words would look alike.
    most = max(weights.values())
    return {word: round((weight / most) ** 0.5, 3) for word, weight in weights.items()}


def _between(rare: tuple[int, int, int], frequent: tuple[int, int, int], strength: float) -> str:
    red, green, blue = (round(a + (b - a) * strength) for a, b in zip(rare, frequent, strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _word_cloud(**choices: Any) -> Any:
    try:
        from wordcloud import WordCloud
    except ModuleNotFoundError as error:
        raise MissingDependency("A word cloud needs wordcloud.", "pip install -r requirements.txt") from error
    return WordCloud(**choices)
