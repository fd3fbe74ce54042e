"""What models are asked."""

from __future__ import annotations

from lib.providers.prompts import default_prompt, render


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
