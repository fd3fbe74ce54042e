"""What is told of one caption, and what it is mended to."""

from __future__ import annotations

from collections import Counter

import pytest

from lib.domain import ImageRecord, SidecarState
from lib.review.captions import encodings, leftovers, repeats, tags, trigger
from lib.review.captions.among_others import judged_together
from lib.review.captions.by_itself import Judge
from lib.review.captions.endings import cut_off
from lib.review.captions.habits import habits_of
from lib.review.captions.language import other_language, usual
from lib.review.captions.openings import without_opening
from lib.review.trainers.profiles import profiles

SENTENCES = [
    f"A {how} {who} {does}."
    for how in ("small", "black", "young")
    for who in ("dog", "boy", "horse")
    for does in ("runs across the field in the morning", "looks at her", "catches a ball", "is catching a frisbee")
]


def records(texts):
    return [ImageRecord(f"{place}.jpg", text=text, state=SidecarState.TEXT) for place, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("A dog is catching a", "surely"),
        ("A small horse catc", "surely"),
        ("A young boy looks at the", "surely"),
        ("A dog runs, a boy", "surely"),
        ("A dog runs. The boy has a red", "surely"),
        ("A dog (small and black runs.", "surely"),
        (", a dog runs across the field.", "surely"),
        ('" in bold letters. A dog runs.', "surely"),
        ('"Stop" is what a sign says.', ""),
        ("A young boy looks at her.", ""),
        ("A boy says “go”.", ""),
        ("A dog", ""),
        ("", ""),
    ],
)
def test_a_caption_that_breaks_off_is_told_from_a_whole_one(text, sure):
    assert cut_off(text, habits_of(records([*SENTENCES, text])))[0] == sure


def test_where_nobody_writes_full_stops_none_is_missed():
    texts = [text.rstrip(".") for text in SENTENCES]
    assert {cut_off(text, habits_of(records(texts)))[0] for text in texts} == {""}


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("a cafÃ© in MÃ¼nchen", "a café in München"),
        ("the dogâ€™s ball", "the dog’s ball"),
        ("ÐºÐ¾Ñ‚", "кот"),
        ("a â€œcatâ€\x9d", "a “cat”"),
        ("cafÃƒÂ©", "café"),
        ("smile ðŸ˜€", "smile 😀"),
    ],
)
def test_text_read_in_the_wrong_encoding_is_restored(broken, whole):
    assert encodings.unmangled(broken) == whole


@pytest.mark.parametrize("text", ["ein Café in München", "CAFÉ…", "SÃO PAULO", "25 °C", "naïve “quotes” – dash", "кот"])
def test_text_in_the_right_encoding_is_left_alone(text):
    assert encodings.unmangled(text) == text


def test_escapes_are_written_out_and_lost_letters_are_not_guessed():
    assert encodings.unescaped("a &amp; b &quot;c&quot; caf\\u00e9 \\ud83d\\ude00") == 'a & b "c" café 😀'
    assert encodings.unescaped("AT&T & co; C:\\users") == "AT&T & co; C:\\users"
    assert encodings.lost_places("caf\ufffd and na?ve, really?") == [(3, 4), (11, 12)]


def test_joiners_that_scripts_need_stay():
    assert encodings.without_unseen("\ufeffa\u200b b 👩\u200d🚀 می\u200cروم") == "a b 👩\u200d🚀 می\u200cروم"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("<think>A dog?</think>A dog runs.", "A dog runs."),
        ('"A dog runs."', "A dog runs."),
        ('{"caption": "A dog runs."}', "A dog runs."),
        ("A dog runs.<|im_end|>", "A dog runs."),
        ('```json\n{"caption": "A dog runs."}\n```', "A dog runs."),
        ('{"caption": "A dog runs.", "confidence": "high"}', "A dog runs."),
        ('```json\n["cat", "red sofa"]\n```', "cat, red sofa"),
        ("<think>A dog?", ""),
        ("A dog runs.", None),
        ("This image shows a dog.", None),
        ('A sign says "stop".', None),
        ("cat, red sofa, window", None),
    ],
)
def test_what_stands_round_a_caption_is_taken_off(text, kept):
    assert leftovers.without_leftovers(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("This captivating photograph beautifully showcases a man in midair.", "A man in midair."),
        ("a photo of a red bus", "a red bus"),
        ("A stunning, high-quality picture of two dogs.", "Two dogs."),
        ("In this photo, we can see a boat.", "A boat."),
        ("The image clearly depicts a boat.", "A boat."),
        ("Certainly! Below is a concise caption you could use:\n\nMan on a bike.", "Man on a bike."),
        ("Sure, here is the caption: This picture shows a boat.", "A boat."),
        ("This image shows that the dog is asleep.", "The dog is asleep."),
        ("The picture clearly shows how a boy jumps.", "A boy jumps."),
        ("The image shows: two dogs on a beach.", "Two dogs on a beach."),
        ("This is a photo of a boat.", "A boat."),
        ("A photo, which shows a boat.", "A boat."),
        ("An image that depicts two men.", "Two men."),
        ("a picture showing a red bus", "a red bus"),
        ("Photo of a red bus.", "A red bus."),
        ("Image: a red bus.", "A red bus."),
        ("The scene – a red bus.", "A red bus."),
        ("In this photo, a red bus stands in the rain.", "A red bus stands in the rain."),
        ("In the picture: a red bus.", "A red bus."),
        ("Sure! Here is a caption: The image shows that there is a boat.", "There is a boat."),
        ("photo, dog, beach", None),
        ("That the dog sleeps is seen.", None),
        ("In this scene of a play two men argue.", None),
        ("A picture that hangs on a wall shows a boat.", None),
        ("A man takes a photo of a baby.", None),
        ("A blurry photo of a road.", None),
        ("The picture of a saint hangs on a wall.", None),
        ("A photo album lies on a table.", None),
    ],
)
def test_the_whole_of_an_opening_that_says_nothing_is_dropped(text, kept):
    assert without_opening(text) == (kept or text)


def test_an_opening_is_told_where_few_have_it_and_is_a_habit_where_most_do():
    def told(texts):
        held = records(texts)
        judge = judge_for(held)
        return [one.images for record in held for one in judge.of_caption(record) if one.kind == "opening"]

    assert told([*SENTENCES, "A photo of a horse in the morning."]) == [(f"{len(SENTENCES)}.jpg",)]
    assert told([f"a photo of {text}" for text in SENTENCES]) == []


def test_marks_and_opening_of_one_answer_are_one_finding():
    (record,) = records(["### Description\n- **Subject:** a boy\n- **Action:** jumps onto a cushion"])
    found = list(judge_for([record]).of_caption(record))
    assert [one.kind for one in found] == ["markup"]
    assert found[0].fix.changes[0].after == "Subject: a boy\nAction: jumps onto a cushion"


@pytest.mark.parametrize(
    ("text", "kinds", "after"),
    [
        ("Tags:\n1. dog\n2. red ball\n3. beach", ["markup"], "dog, red ball, beach"),
        ("1. dog\n2. red ball\n3. beach", ["markup"], "dog, red ball, beach"),
        ("1) Dog.\n2) Ball.", ["markup"], "Dog, Ball"),
        ("1. dog 2. red ball 3. beach", ["markup"], "dog, red ball, beach"),
        ("Tags: 1. dog, 2. red ball, 3. beach", ["markup"], "dog, red ball, beach"),
        ("- dog\n- red ball", ["markup"], "dog, red ball"),
        ("```\nTags:\n1. dog\n2. ball\n```", ["leftovers"], "dog, ball"),
        ("1. A dog runs across a field.\n2. A boy looks at her.", ["markup"],
         "A dog runs across a field. A boy looks at her."),
        ("1. Subject: a boy\n2. Action: jumps", ["markup"], "Subject: a boy\nAction: jumps"),
        ("A boy, 2. in a row.", [], None),
        ("Version 1. of 2. parts", [], None),
    ],
)  # fmt: skip
def test_a_list_is_mended_to_tags_or_sentences_in_one_step(text, kinds, after):
    (record,) = records([text])
    found = [one for one in judge_for([record]).of_caption(record) if one.kind in ("markup", "leftovers", "opening")]
    assert [one.kind for one in found] == kinds
    assert [change.after for one in found for change in one.fix.changes] == ([after] if after else [])


def test_a_list_becomes_tags_that_are_separated_as_the_others_are():
    held = records(["dog,beach,red ball"] * 20 + ["1. dog\n2. red ball"])
    (found,) = [one for one in judge_for(held).of_caption(held[-1]) if one.kind == "markup"]
    assert found.fix.changes[0].after == "dog,red ball"


def test_what_a_model_left_round_a_caption_does_not_make_it_cut_off_as_well():
    for text in ("```\nA dog runs across the field.\n```", "**A dog** runs across the field in the", "A dog runs.<br>"):
        held = records([*SENTENCES, text])
        kinds = [one.kind for one in judge_for(held).of_caption(held[-1])]
        assert kinds in (["leftovers"], ["markup"], ["markup", "cut_off"]), kinds
        assert ("cut_off" in kinds) == text.endswith("the")


def test_refusals_and_errors_are_told_from_captions():
    assert leftovers.refuses("I'm sorry, but I can't assist with that.")
    assert leftovers.refuses("I cannot identify the person.")
    assert leftovers.refuses("Error: 503 Service Unavailable")
    assert not leftovers.refuses("A sorry dog looks at a sign that says “I can't help it”.")
    assert not leftovers.refuses("A timeout is called by the player.")


def test_a_placeholder_is_told_from_a_short_caption():
    assert all(leftovers.is_placeholder(text, "set/IMG_12") for text in ("todo", "IMG_12", "DSC_0042.JPG", "Untitled."))
    assert not any(leftovers.is_placeholder(text, "set/red fox") for text in ("red fox", "cat", "a photo"))


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("A dog and a cat and a cat and a cat and a cat.", "A dog and a cat."),
        ("A dog runs in the park. A dog runs in the park.", "A dog runs in the park."),
        ("A dog, a dog, a dog, a dog, a dog", "A dog"),
        ("A very very old man.", "A very very old man."),
        ("Left to right: a cat, a dog, a cat.", "Left to right: a cat, a dog, a cat."),
    ],
)
def test_what_is_said_again_and_again_is_said_once(text, once):
    assert repeats.said_once(text) == once


def test_a_caption_in_another_language_or_script_is_found_among_the_others():
    def told(text):
        habits = habits_of(records([*SENTENCES, text]))
        return other_language(text, *usual([*SENTENCES, text]), habits)

    assert told("Ein kleiner Hund läuft über die Wiese.") == "German"
    assert told("Un chien court sur la plage avec une balle.") == "French"
    assert told("Собака бежит по пляжу.") == "Cyrillic letters"
    assert told("一只狗在沙滩上奔跑") == "Chinese or Japanese"
    assert {told(text) for text in ("A man dies in a film.", "El Paso sign on a road.", "Dog.", *SENTENCES)} == {""}


def test_ways_to_write_a_tag_are_told_apart_and_faces_are_left_alone():
    held = ["blue sky, cat"] * 6 + [
        "Blue Sky, cat",
        "blue_sky, dog, ^_^",
        "cats, o_o",
        "2girls, 1girl",
        "2girl, glasses, glass",
    ]
    found = {one.rare: (one.kind, one.usual, one.is_clear) for one in tags.variants(records(held))}
    assert found == {
        "Blue Sky": ("tag_case", "blue sky", True),
        "blue_sky": ("tag_underscore", "blue sky", True),
        "cats": ("tag_plural", "cat", True),
    }


@pytest.mark.parametrize(
    ("rare", "usual"),
    [
        ("cat ear", "cat ears"), ("cat ears", "cat ear"), ("stripe", "stripes"), ("red box", "red boxes"),
        ("berry", "berries"), ("old man", "old men"), ("autumn leaf", "autumn leaves"),
    ],
)  # fmt: skip
def test_singular_and_plural_of_a_tag_are_told_and_the_tag_is_marked(rare, usual):
    held = records([f"sky, {usual}, tree"] * 3 + [f"{rare} stand, sky, {rare}, tree"])
    (finding,) = [one for one in judged_together(held, judge_for(held)) if one.kind == "tag_plural"]
    text = held[-1].text
    assert [text[slice(*place)] for place in finding.marked] == [rare]
    assert finding.marked[0][0] > len(rare)
    assert [change.after for change in finding.fix.changes] == [f"{rare} stand, sky, {usual}, tree"]
    assert not finding.fix.is_sure, "both may be right, so that a person says so of each"


def judge_for(held):
    return Judge(habits_of(held), "LATIN", "English", "", False, profiles(), False, None)


def test_a_trigger_is_guessed_where_nearly_all_begin_with_it():
    held = records(
        [f"ohwx man, {one}" for one in ("hat", "car", "sea", "tree", "dog", "cat", "sun", "sky")] + ["hat, dog"]
    )
    assert trigger.guessed(held) == "ohwx man"
    assert trigger.guessed(records(SENTENCES)) == ""
    assert trigger.put_first(held[-1], "ohwx man")[0].after == "ohwx man, hat, dog"
    (last,) = records(["hat, ohwx man, dog"])
    assert trigger.stand(last.text, "ohwx man") == "not first"
    assert trigger.put_first(last, "ohwx man")[0].after == "ohwx man, hat, dog"
    assert trigger.stand("ohwx manly, hat", "ohwx man") == "missing"


def test_habits_count_captions_not_words():
    habits = habits_of(records(["a dog and a dog.", "a cat"]))
    assert (habits.uses["dog"], habits.last, habits.stopped) == (1, Counter(dog=1, cat=1), 0.5)
