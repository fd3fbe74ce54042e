"""The picture of a word cloud, drawn from counts and nothing else."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from lib.errors import InvalidInput, MissingDependency
from lib.words.fonts import can_draw, font_face, font_for

MOST_WORDS = 200
LONGEST_WORD = 60

_SCALE = 2
"""Words are placed on a canvas of half the size: four times as fast, and as sharp."""

_ON_LIGHT = ("white", ("#0f4c81", "#b3452c", "#2e6b34", "#6a3d8f", "#8a5a00", "#00696b", "#99264f"))
_ON_DARK = ("#0e1117", ("#7fb8ea", "#f2997f", "#8fd097", "#c9a5ec", "#e9c46a", "#74d3d4", "#f59bbb"))


@dataclass(frozen=True, slots=True)
class Cloud:
    """One picture in two formats, and which of the words are in it.

    `undrawable` words have letters that no font here has, or are longer than `LONGEST_WORD`; `no_room` are those that
    the picture was too full for. Both kinds are counted like all others.
    """

    png: bytes
    svg: str
    drawn: tuple[str, ...]
    undrawable: tuple[str, ...]
    no_room: tuple[str, ...]


def draw_cloud(
    counted: Mapping[str, int], *, width: int = 1600, height: int = 800, dark: bool = False, seed: int = 7
) -> Cloud:
    """The `MOST_WORDS` most frequent words of some counts, each as large as its count asks. Sizes are in pixels.

    The same counts, sizes and seed give the same picture; a word has the same colour in all pictures. Raises
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
    background, colours = _ON_DARK if dark else _ON_LIGHT
    cloud = _word_cloud(
        font_path=str(font),
        width=width // _SCALE,
        height=height // _SCALE,
        scale=_SCALE,
        max_words=MOST_WORDS,
        background_color=background,
        color_func=lambda word, **_: colours[zlib.crc32(word.encode()) % len(colours)],
        random_state=seed,
    )
    cloud.generate_from_frequencies(weights)
    buffer = io.BytesIO()
    cloud.to_image().save(buffer, "PNG")
    drawn = tuple(entry[0][0] for entry in cloud.layout_)
    # Without its font a viewer would draw words over one another. The package's own way leaves the font file open.
    face = font_face(font, "".join(drawn))
    return Cloud(
        png=buffer.getvalue(),
        svg=cloud.to_svg().replace("<style>", f"<style>{face}", 1),
        drawn=drawn,
        undrawable=tuple(word for word in wanted if word not in weights),
        no_room=tuple(word for word in weights if word not in set(drawn)),
    )


def _word_cloud(**choices: Any) -> Any:
    try:
        from wordcloud import WordCloud
    except ModuleNotFoundError as error:
        raise MissingDependency("A word cloud needs wordcloud.", "pip install -r requirements.txt") from error
    return WordCloud(**choices)
