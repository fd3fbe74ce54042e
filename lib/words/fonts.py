"""Which font can draw which words: one that is always there, and what the system has for other scripts."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "~/Library/Fonts",
    f"{os.environ.get('WINDIR', 'C:/Windows')}/Fonts",
)
_WIDE_FONTS = (
    "notosanscjk", "notosansjp", "notosanskr", "notosanssc", "notosanstc", "sourcehansans", "wqy-", "droidsansfallback",
    "pingfang", "hiragino", "arial unicode", "arialuni", "msyh", "msgothic", "yugoth", "malgun", "unifont",
)  # fmt: skip
"""How the files of fonts begin that hold Chinese, Japanese or Korean letters beside Latin ones."""


def font_for(weights: Mapping[str, int]) -> Path:
    """The font that draws most of the words, by their weight; the one that is always there unless another is better."""
    best = _usual_font()
    drawn = _drawn(best, weights)
    if drawn == sum(weights.values()):
        return best
    for path in _system_fonts():
        if (more := _drawn(path, weights)) > drawn:
            best, drawn = path, more
    return best


def can_draw(font: Path, word: str) -> bool:
    """True where the font has every letter of a word."""
    return _letters(font).issuperset(word)


def letters_of(font: Path, letters: str) -> str:
    """As much of a font as some letters need, so that a picture of text looks alike everywhere: WOFF in base64."""
    from fontTools import subset

    options = subset.Options(font_number=0, flavor="woff", hinting=False, desubroutinize=True)
    options.drop_tables += ["FFTM"]
    buffer = io.BytesIO()
    with subset.load_font(font, options) as opened:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(opened)
        subset.save_font(opened, buffer, options)
    return base64.b64encode(buffer.getvalue()).decode()


def font_face(font: Path, woff: str) -> str:
    """A style sheet that gives the letters of a font under the font's own name."""
    from PIL import ImageFont

    family = ImageFont.truetype(font).getname()[0]
    return f"@font-face{{font-family:{family!r};src:url(data:font/woff;base64,{woff}) format('woff')}}"


def _drawn(font: Path, weights: Mapping[str, int]) -> int:
    return sum(weight for word, weight in weights.items() if can_draw(font, word))


def _usual_font() -> Path:
    # DejaVu Sans comes with matplotlib, which wordcloud needs: Latin, Greek, Cyrillic, Arabic, Hebrew and more.
    spec = find_spec("matplotlib")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0], "mpl-data", "fonts", "ttf", "DejaVuSans.ttf")


@lru_cache(maxsize=1)
def _system_fonts() -> tuple[Path, ...]:
    return tuple(wide_fonts(Path(folder).expanduser() for folder in _FOLDERS))


def wide_fonts(folders: Iterable[Path]) -> list[Path]:
    """The fonts below some folders that have the letters of East Asia."""
    return [
        Path(folder, name)
        for top in folders
        for folder, _, names in os.walk(top)
        for name in sorted(names)
        if name.lower().startswith(_WIDE_FONTS) and name.lower().endswith((".ttf", ".otf", ".ttc"))
    ]


@lru_cache(maxsize=16)
def _letters(font: Path) -> frozenset[str]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        # A file of its own is closed, whatever becomes of the font in it.
        with font.open("rb") as file, TTFont(file, fontNumber=0, lazy=True) as opened:
            return frozenset(map(chr, opened.getBestCmap() or ()))
    except (OSError, TTLibError, KeyError):
        return frozenset()
