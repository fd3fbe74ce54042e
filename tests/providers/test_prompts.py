"""What models are asked, and what is left of their answers."""

from __future__ import annotations

import pytest

from lib.providers.prompts import clean, default_prompt, render


def test_the_four_prompts_differ_and_say_what_is_wanted():
    prompts = {
        (style, length): default_prompt(length, style) for style in ("sentence", "tags") for length in ("short", "long")
    }
    assert len(set(prompts.values())) == 4
    assert "twenty words" in prompts["sentence", "short"]
    assert all("commas" in prompts["tags", length] for length in ("short", "long"))
    assert all("{" not in prompt for prompt in prompts.values())


def test_variables_are_filled_in_once_and_other_braces_stay():
    prompt = 'Image {name} in {directory}: {tags}. JSON {"a": {b}} {0} {} {name.x}'
    assert render(prompt, name="{tags}.jpg", directory="x/y", tags="cat") == (
        'Image {tags}.jpg in x/y: cat. JSON {"a": {b}} {0} {} {name.x}'
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A cat sits.", "A cat sits."),
        ("  A cat sits.\n\n", "A cat sits."),
        ("This image shows a cat on a sofa.", "A cat on a sofa."),
        ("The image depicts two dogs.", "Two dogs."),
        ("this picture features: a cat", "this picture features: a cat"),
        ("In this image, we can see a red car.", "A red car."),
        ("In the photo there is a boat.", "A boat."),
        ("An image of a lamp.", "A lamp."),
        ("Here is a short caption for the image: A cat.", "A cat."),
        ("Here's the description:\n\nA cat.", "A cat."),
        ("Sure! Here is a caption: This image shows a cat.", "A cat."),
        ("Certainly! A cat.", "A cat."),
        ("Caption: a cat", "A cat"),
        ('"A cat sits."', "A cat sits."),
        ("“A cat sits.”", "A cat sits."),
        ("'A cat sits.'", "A cat sits."),
        ('"Stop" and "Go" signs: "Stop"', '"Stop" and "Go" signs: "Stop"'),
        ('A sign says "Stop"', 'A sign says "Stop"'),
        ("```\nA cat.\n```", "A cat."),
        ("```text\n\"This image shows a cat.\"\n```", "A cat."),
        ("<think>It is a cat.</think>A cat.", "A cat."),
        ("<THINK>x</THINK>\n\n A cat.", "A cat."),
        ("so it is a cat</think>A cat.", "A cat."),
        ("<think>no end", ""),
        ("<think></think>", ""),
        ("A cat <think>really?</think>on a sofa.", "A cat on a sofa."),
        ("OK sign on a wall: red letters", "OK sign on a wall: red letters"),
        ("Picture of Dorian Gray, a book cover", "Picture of Dorian Gray, a book cover"),
        ("The picture hangs on a wall.", "The picture hangs on a wall."),
        ("This image shows", "This image shows"),
        ("É uma gata.", "É uma gata."),
        ("猫がいる。", "猫がいる。"),
        ("cat\x00 \x1b[31mred", "cat [31mred"),
        ("\ud83d broken", "? broken"),
        ("", ""),
        ('"', '"'),
        ("''", ""),
    ],
)  # fmt: skip
def test_a_sentence_is_tidied_and_loses_nothing(text, wanted):
    assert clean(text, "sentence") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Cat, Red Sofa,  window .", "cat, red sofa, window"),
        ("cat, dog, Cat, cat.", "cat, dog"),
        ("- cat\n- red sofa\n* cat", "cat, red sofa"),
        ("1. cat\n2) dog", "cat, dog"),
        ("Tags: cat, dog.", "cat, dog"),
        ("Here are the tags: cat, dog", "cat, dog"),
        ("#cat, #dog", "cat, dog"),
        ('"cat", "dog"', "cat, dog"),
        ("```\ncat, dog\n```", "cat, dog"),
        ("<think>hm</think> cat,,, dog,", "cat, dog"),
        ("3.5 inch disk, 1980s", "3.5 inch disk, 1980s"),
        (", .", ""),
        ("", ""),
    ],
)
def test_tags_are_split_lowered_and_kept_once(text, wanted):
    assert clean(text, "tags") == wanted


@pytest.mark.parametrize("style", ["sentence", "tags"])
def test_cleaning_twice_changes_nothing(style):
    text = "Sure! Here is a caption: “This image shows A Cat, a Dog, a cat.”"
    assert clean(clean(text, style), style) == clean(text, style)


def test_a_long_answer_is_cleaned_quickly():
    import time

    start = time.perf_counter()
    for text in ("<think>" * 20_000, "here is " * 20_000, "“" * 100_000, "a, " * 50_000, "</think>" * 20_000):
        clean(text, "sentence")
        clean(text, "tags")
    assert time.perf_counter() - start < 20
