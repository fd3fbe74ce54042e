"""What only a set of tags tells: one that is cut in mid-word, a slip, another language."""

from __future__ import annotations

import random

import pytest

from lib.domain import ImageRecord, SidecarState
from lib.review.captions.among_others import judged_together
from lib.review.captions.by_itself import Judge
from lib.review.captions.habits import habits_of
from lib.review.captions.seen_things import SEEN_THINGS
from lib.review.captions.tag_sets import tag_set
from lib.review.trainers.profiles import profiles
from tests.doubles.drawn_dataset import tags


def held(*more: str) -> list[ImageRecord]:
    rng = random.Random(3)
    texts = [tags(rng) for _ in range(60)] + list(more)
    return [ImageRecord(f"{place}.jpg", text=text, state=SidecarState.TEXT) for place, text in enumerate(texts)]


def told(*more: str) -> list[tuple[str, str]]:
    """(kind, image) of what is found."""
    records = held(*more)
    judge = Judge(habits_of(records), "LATIN", "", "", False, profiles(), False, None)
    return [(one.kind, one.images[0]) for one in judged_together(records, judge)]


def test_of_clean_tags_nothing_is_told():
    assert told() == []


@pytest.mark.parametrize("last", ["long ha", "looking at vie", "green gras", "white shi", "outdo", "Blue Sk"])
def test_a_list_of_tags_that_is_cut_in_a_word_is_found(last):
    assert told(f"ohwx person, hat, tree, {last}") == [("cut_off", "60.jpg")]


@pytest.mark.parametrize("last", ["win", "sun", "long", "hat", "looking at viewers", "ca"])
def test_what_is_a_word_or_begins_no_usual_tag_is_not_cut(last):
    records = [*held("ohwx person, sunset, hat"), *held("ohwx person, sunset, hat")]
    found = {one.tag for one in tag_set([*records, *held(f"ohwx person, hat, tree, {last}")[60:]]).cut()}
    assert found == ({"win"} if last == "win" else set())


@pytest.mark.parametrize(
    "tag", ["whiet shirt", "white shrit", "windwo", "moutain", "mountian", "outdooors", "outtoors"]
)
def test_a_slip_in_a_tag_is_found_with_the_tag_that_is_meant(tag):
    records = held(f"ohwx person, {tag}, hat")
    (slip,) = tag_set(records).misspelt()
    assert slip.tag == tag
    judge = Judge(habits_of(records), "LATIN", "", "", False, profiles(), False, None)
    (finding,) = judged_together(records, judge)
    (change,) = finding.fix.changes
    assert (finding.kind, change.after) == ("tag_misspelt", f"ohwx person, {slip.usual}, hat")
    assert not finding.fix.is_sure
    assert [records[60].text[slice(*place)] for place in finding.marked] == [tag]


@pytest.mark.parametrize("tag", ["white skirt", "black coats", "hats", "rivers", "nigh", "trees", "brook", "trie"])
def test_another_thing_is_no_slip(tag):
    assert list(tag_set(held(f"ohwx person, {tag}, hat")).misspelt()) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("kobieta, plaża, czerwona sukienka, zachód słońca", "Polish"),
        ("ohwx person, pies, trawa, niebo", "Polish"),
        ("ohwx person, dziewczyna, długie włosy, na zewnątrz", "Polish"),
        ("Mann, Hund, grüne Wiese, blauer Himmel", "German"),
        ("ohwx person, femme, robe rouge, plage, ciel bleu", "French"),
        ("mujer, playa, vestido rojo, cielo azul", "Spanish"),
        ("ohwx person, kvinna, röd klänning, strand", "Swedish"),
    ],
)
def test_tags_of_another_language_are_found_and_it_is_named(text, language):
    assert dict(tag_set(held(text)).foreign()) == {"60.jpg": language}


@pytest.mark.parametrize(
    "text",
    ["ohwx person, pokémon, hat, tree", "ohwx person, café, sitting, rain", "ohwx person, jalapeño",
     "tuxedo, fountain pen", "ohwx person, standing, El Greco", "ohwx person, a, b, c, d, e",
     "ohwx person, piñata, balloons, party hats"],
)  # fmt: skip
def test_a_loan_word_or_rare_tags_are_no_other_language(text):
    assert dict(tag_set(held(text)).foreign()) == {}


def test_several_captions_of_another_language_do_not_hide_each_other():
    texts = ["pies, trawa, niebo", "pies, plaża, morze", "kot, trawa, dom"]
    assert set(dict(tag_set(held(*texts)).foreign())) == {"60.jpg", "61.jpg", "62.jpg"}


def test_tags_that_no_other_caption_shares_are_told_where_all_others_share_theirs():
    assert ("unlike", "60.jpg") in told("ohwx person, zeppelin, hangar, propeller")
    assert told("ohwx person, zeppelin, hangar, hat") == []


def test_of_a_set_in_another_language_english_is_the_foreign_one():
    texts = [f"pies, {one}, {two}" for one in ("trawa", "niebo", "morze") for two in ("drzewo", "dom", "okno")] * 3
    records = [ImageRecord(f"{place}.jpg", text=text, state=SidecarState.TEXT) for place, text in
               enumerate([*texts, "dog, green grass, blue sky"])]  # fmt: skip
    assert dict(tag_set(records).foreign()) == {"27.jpg": "English"}


def test_no_word_of_another_language_is_an_english_one():
    english = set(SEEN_THINGS["English"].split())
    assert {name: english & set(text.split()) for name, text in SEEN_THINGS.items() if name != "English"} == {
        name: set() for name in SEEN_THINGS if name != "English"
    }
