"""The picture of a word cloud: drawn from the counts, the same each time, harmless, honest about what it lacks."""

from __future__ import annotations

import colorsys
import io
import itertools
import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageColor, ImageFont

from lib.errors import InvalidInput
from lib.words import Counting, count, draw_cloud, fonts
from lib.words.cloud import LONGEST_WORD, MOST_WORDS

COUNTED = {"dog": 20, "beach": 9, "Мышь": 7, "ελληνικά": 5, "café": 2}


def words_in(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_the_picture_has_the_words_of_the_counts_in_both_formats() -> None:
    cloud = draw_cloud(COUNTED, width=800, height=400)
    with Image.open(io.BytesIO(cloud.png)) as image:
        assert (image.format, image.size) == ("PNG", (800, 400))
        assert len(image.getcolors(100_000) or ()) > 10
    assert sorted(words_in(cloud.svg)) == sorted(COUNTED)
    assert set(cloud.drawn) == set(COUNTED)
    assert cloud.undrawable == cloud.no_room == ()


def test_the_same_seed_gives_the_same_picture() -> None:
    first, again = draw_cloud(COUNTED), draw_cloud(dict(reversed(COUNTED.items())))
    assert first == again
    assert draw_cloud(COUNTED, seed=8).png != first.png


def test_dark_and_light_pictures_differ_in_their_background() -> None:
    corners = []
    for dark in (False, True):
        with Image.open(io.BytesIO(draw_cloud({"dog": 1}, width=400, height=200, dark=dark).png)) as image:
            corners.append(image.convert("RGB").getpixel((1, 1)))
    assert corners == [(251, 250, 248), (22, 25, 28)]


def test_a_word_without_letters_in_any_font_is_left_out_and_told() -> None:
    cloud = draw_cloud({"dog": 2, "\U000f0000": 9, "x" * (LONGEST_WORD + 1): 3})
    assert cloud.drawn == ("dog",)
    assert set(cloud.undrawable) == {"\U000f0000", "x" * (LONGEST_WORD + 1)}


@pytest.mark.parametrize("counted", [{}, {"\U000f0000": 1}])
def test_nothing_to_draw_is_a_sentence(counted: dict[str, int]) -> None:
    with pytest.raises(InvalidInput, match="no word to draw"):
        draw_cloud(counted)


def test_words_without_room_are_told() -> None:
    counted = {f"longish{number}": 1 for number in range(MOST_WORDS)}
    cloud = draw_cloud(counted, width=120, height=60)
    assert cloud.no_room
    assert {*cloud.drawn, *cloud.no_room} == set(counted)


def test_markup_in_a_word_stays_text() -> None:
    cloud = draw_cloud({"<script>alert(1)</script>": 2, "a&b": 1})
    assert sorted(words_in(cloud.svg)) == ["<script>alert(1)</script>", "a&b"]
    assert "<script" not in cloud.svg


def test_a_font_of_the_system_is_taken_where_it_draws_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = fonts.font_for({"dog": 1})
    other = tmp_path / "below" / "NotoSansCJK-Regular.ttf"
    other.parent.mkdir()
    shutil.copy(usual.with_name("LastResortHE-Regular.ttf"), other)
    (tmp_path / "wqy-broken.ttf").write_bytes(b"not a font")
    found = fonts.wide_fonts([tmp_path, tmp_path / "missing"])
    assert sorted(path.name for path in found) == ["NotoSansCJK-Regular.ttf", "wqy-broken.ttf"]
    monkeypatch.setattr(fonts, "_system_fonts", lambda: tuple(found))
    assert fonts.font_for({"dog": 1, "白い猫": 5}) == other
    assert fonts.font_for({"dog": 1}) == usual


def test_naughty_strings_are_drawn_or_told(test_data: Path) -> None:
    strings = json.loads((test_data / "hostile/strings/blns/blns.json").read_text(encoding="utf-8"))
    counting = Counting("tags", fold_case=False, stop=frozenset())
    tags = list(count(strings, counting).counted)
    for start in range(0, len(tags), MOST_WORDS):
        part = dict.fromkeys(tags[start : start + MOST_WORDS], 1)
        cloud = draw_cloud(part)
        assert {*cloud.drawn, *cloud.undrawable, *cloud.no_room} == set(part)
        assert sorted(words_in(cloud.svg)) == sorted(cloud.drawn)


def test_a_word_is_the_darker_the_more_frequent_it_is_and_all_have_one_hue() -> None:
    counted = {"dog": 400, "cat": 100, "owl": 4}
    for dark in (False, True):
        svg = ElementTree.fromstring(draw_cloud(counted, dark=dark).svg)
        texts = svg.iter("{http://www.w3.org/2000/svg}text")
        shades = {text.text: ImageColor.getrgb(text.get("style", "").removeprefix("fill:")) for text in texts}
        hues = {word: colorsys.rgb_to_hsv(*(part / 255 for part in shade))[0] for word, shade in shades.items()}
        assert max(hues.values()) - min(hues.values()) < 0.03
        by_light = sorted(shades, key=lambda word: sum(shades[word]), reverse=dark)
        assert by_light == ["dog", "cat", "owl"]


def test_what_is_placed_stands_where_the_picture_has_it() -> None:
    cloud = draw_cloud(COUNTED, width=800, height=400)
    texts = list(ElementTree.fromstring(cloud.svg).iter("{http://www.w3.org/2000/svg}text"))
    assert [(one.word, one.transform, str(one.size)) for one in cloud.placed] == [
        (text.text, text.get("transform"), str(float(text.get("font-size", 0)))) for text in texts
    ]
    assert {one.word: one.count for one in cloud.placed} == COUNTED
    assert (cloud.width, cloud.height) == (800, 400)


def test_words_side_by_side_do_not_read_as_one() -> None:
    """Two of one line are parted by half a blank at the least, as words of a sentence are."""
    counted = {f"{first}{second}": 40 - 3 * place for place, first in enumerate("abcdefghij") for second in "mnopqr"}
    cloud = draw_cloud(counted)
    font = str(fonts.font_for(counted))
    boxes = []
    for one in cloud.placed:
        if "rotate" not in one.transform:
            x, foot = map(float, one.transform.removeprefix("translate(").rstrip(")").split(","))
            face = ImageFont.truetype(font, int(one.size))
            boxes.append((x, x + face.getlength(one.word), foot, one.size, face.getlength(" ")))
    for left, right in itertools.permutations(boxes, 2):
        small, large = sorted((left[3], right[3]))
        # Much smaller ones may stand within a letter.
        is_one_line = abs(left[2] - right[2]) < 0.3 * small and large < 1.5 * small
        if is_one_line and left[0] <= right[0]:
            assert right[0] - left[1] >= 0.5 * min(left[4], right[4]) - 2
