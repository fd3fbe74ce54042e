"""Tags, words and the CLIP token count."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.text import (
    CLIP_TOKENS,
    about_clip_tokens,
    clip_tokens,
    from_spreadsheet_cell,
    join_tags,
    looks_like_tags,
    split_tags,
    spreadsheet_cell,
    words,
)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("cat, red sofa , window", ["cat", "red sofa", "window"]),
        ("  ,, cat ,,", ["cat"]),
        ("a\nb\r\nc", ["a", "b", "c"]),
        ("", []),
        ("a ||| b ;;; c", ["a ||| b ;;; c"]),
    ],
)
def test_tags_are_split_at_commas_and_line_ends_only(text: str, tags: list[str]) -> None:
    assert split_tags(text) == tags


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        (("dog, beach,", "hd"), "dog, beach, hd"),
        (("dog, beach, ", " , hd ,"), "dog, beach, hd"),
        (("sks,", "", " ", ",", "dog"), "sks, dog"),
        (("dog,, beach", "1,000 birds"), "dog, beach, 1,000 birds"),
        (("a dog.\n", "hd"), "a dog., hd"),
        (("猫，", "犬、"), "猫, 犬"),
        (("{a,,b},", "c"), "{a,,b}, c"),
        (("a,\nb,", "c"), "a,\nb, c"),
        ((), ""),
    ],
)
def test_tags_are_joined_by_one_comma_and_one_blank(texts: tuple[str, ...], joined: str) -> None:
    assert join_tags(*texts) == joined


@given(st.lists(st.text(alphabet="ab ,\t", max_size=12), max_size=5))
def test_joined_tags_are_the_tags_of_all_texts_and_none_of_them_is_empty(texts: list[str]) -> None:
    joined = join_tags(*texts)
    assert not re.search(r",\s*,|^\s*,|,\s*$", joined)
    assert split_tags(joined) == [tag for text in texts for tag in split_tags(text)]
    assert join_tags(joined) == joined


def test_words_keep_apostrophes_and_join_decomposed_letters() -> None:
    assert words("The dog's cafe\u0301, 2 x3") == ["The", "dog's", "café", "2", "x3"]


@pytest.mark.parametrize("word", ["हिन्दी", "ภาษาไทย", "می\u200cخواهم", "m²", "x_1", "白い猫"])
def test_words_of_any_script_stay_whole(word: str) -> None:
    assert words(f"({word}), {word}!") == [word, word]


@pytest.mark.parametrize(
    "emoji", ["❤️", "👩\u200d🍳", "👨\u200d👩\u200d👧", "☀️☀️", "👍🏽", "🏴\u200d☠️", "\u200d", "\ufe0f", "❤️❤️"]
)
def test_emoji_leave_no_invisible_words(emoji: str) -> None:
    assert words(f"{emoji} a cat {emoji}dog") == ["a", "cat", "dog"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat, red sofa, window", True),
        ("cat", True),
        ("A man in a red coat walks his dog, and smiles at the camera.", False),
        ("Two dogs play on the beach.", False),
    ],
)
def test_tag_lists_are_told_from_sentences(text: str, expected: bool) -> None:
    assert looks_like_tags(text) is expected


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("a photo of a cat", 5), ("a cat, a dog", 5), ("it's 2024!", 7)],
)
def test_the_estimate_is_exact_for_plain_text(text: str, tokens: int) -> None:
    # Reference counts by CLIP's own tokenizer: short common words are one token, digits one each.
    assert about_clip_tokens(text) == tokens


def test_the_count_is_said_to_be_an_estimate_without_a_tokenizer() -> None:
    assert clip_tokens("a cat", None) == (2, False)
    assert clip_tokens("cat " * (CLIP_TOKENS + 1), None)[0] > CLIP_TOKENS


def test_an_unusable_tokenizer_folder_falls_back_to_the_estimate(tmp_path: Path) -> None:
    assert clip_tokens("a cat", tmp_path) == (2, False)


def test_a_tokenizer_folder_gives_the_exact_count(tmp_path: Path) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {"<s>": 0, "</s>": 1, "cat": 2, "dog": 3, "?": 4}
    inner = Tokenizer(models.WordLevel(vocabulary, unk_token="?"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", 0), ("</s>", 1)])
    PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>").save_pretrained(tmp_path)
    assert clip_tokens("cat dog cat", tmp_path) == (3, True)


@given(st.text(alphabet="a';=+-@＝＋－＠\t\r\n ", max_size=12))
def test_no_cell_begins_like_a_formula_whatever_parts_cells_and_none_is_changed_for_good(text: str) -> None:
    cell = spreadsheet_cell(text)
    assert not any(part[:1] in set("=+-@＝＋－＠") for part in re.split(r"[;\t\r\n]", cell) if part)
    assert from_spreadsheet_cell(cell) == text


def test_plain_captions_stay_as_they_are_for_spreadsheets() -> None:
    for text in ("a cat; a dog", "it's", "", "1 + 1 = 2", "a - b; c - d"):
        assert spreadsheet_cell(text) == text
