"""What a caption is to hold and to begin with: asked for, asked for once more, and marked where it is missed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib.caption_runs import CaptionPlan
from lib.captioning import Batch, Brief, caption_many, write_caption
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Caption, ImageRecord
from lib.errors import KeyRejected, RateLimited
from lib.settings import Settings
from lib.wishes import Wishes
from tests.doubles.captioner import FakeCaptioner


@pytest.mark.parametrize(
    ("wishes", "text"),
    [
        (Wishes(), ""),
        (Wishes(must=("dog",)), "A Dog runs."),
        (Wishes(must=("brown dog", "beach")), "At the beach a brown dog, wet."),
        (Wishes(must_not=("dog",)), "Hotdogs and a dogma"),
        (Wishes(starts="A photo of"), "a photo of a dog"),
        (Wishes(starts="ohwx,"), " ohwx, dog"),
        (Wishes(must=("犬",)), "浜辺を犬が走る"),
        (Wishes(must=("café",)), "A CAFÉ at night"),
        (Wishes(must=("c++",)), "a book on c++, open"),
    ],
)
def test_met(wishes: Wishes, text: str) -> None:
    assert wishes.unmet(text) == ()


@pytest.mark.parametrize(
    ("wishes", "text", "missed"),
    [
        (Wishes(must=("dog", "cat")), "A dog.", ("lacks “cat”",)),
        (Wishes(must=("dog",)), "Hotdogs", ("lacks “dog”",)),
        (Wishes(must_not=("image",)), "An Image of a dog", ("holds “image”",)),
        (Wishes(must_not=("犬",)), "浜辺を犬が走る", ("holds “犬”",)),
        (Wishes(starts="A photo of"), "This is a photo of a dog", ("does not begin with “A photo of”",)),
        (Wishes(("a1",), ("b2",), "c3"), "b2", ("lacks “a1”", "holds “b2”", "does not begin with “c3”")),
    ],
)
def test_missed(wishes: Wishes, text: str, missed: tuple[str, ...]) -> None:
    assert wishes.unmet(text) == missed


def test_as_they_are_typed() -> None:
    assert Wishes.typed(" dog , brown dog,,", "", "  A photo of ") == Wishes(("dog", "brown dog"), (), "A photo of")
    assert not Wishes.typed(" , ", "", " ")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "beach"
    folder.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (40, 30), "teal").save(folder / f"{name}.jpg")
    return folder


def ask(folder: Path, captioner: FakeCaptioner, wishes: Wishes) -> Caption:
    return write_caption(folder, ImageRecord("a.jpg"), captioner, Brief("Describe.", wishes=wishes))


def test_the_model_is_told_of_the_wishes_from_the_beginning(photos: Path) -> None:
    captioner = FakeCaptioner()
    ask(photos, captioner, Wishes(("caption",), ("image",), "a"))
    (request,) = captioner.requests
    for words in ("Describe.", "must hold: “caption”", "must not hold: “image”", "begin with “a”"):
        assert words in request.prompt


def test_without_wishes_the_prompt_is_the_users_own(photos: Path) -> None:
    captioner = FakeCaptioner()
    ask(photos, captioner, Wishes())
    assert [request.prompt for request in captioner.requests] == ["Describe."]


def test_what_misses_a_wish_is_asked_for_once_more(photos: Path) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("A cat.", "A dog.")
    caption = ask(photos, captioner, Wishes(must=("dog",)))
    assert (caption.text, caption.unmet, caption.requests, round(caption.seconds, 1)) == ("A dog.", (), 2, 0.2)
    assert "A cat." in captioner.requests[1].prompt
    assert "lacks “dog”" in captioner.requests[1].prompt


def test_after_one_more_try_it_is_marked_and_the_better_one_is_kept(photos: Path) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("A dog.", "A bird.")
    caption = ask(photos, captioner, Wishes(must=("dog", "cat")))
    assert (caption.text, caption.unmet) == ("A dog.", ("lacks “cat”",))
    assert len(captioner.requests) == 2


def test_a_second_try_that_fails_costs_no_caption(photos: Path) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("A cat.", RateLimited("slow down"))
    assert ask(photos, captioner, Wishes(must=("dog",))).unmet == ("lacks “dog”",)
    captioner.enqueue("A cat.", KeyRejected("no"))
    with pytest.raises(KeyRejected):
        ask(photos, captioner, Wishes(must=("dog",)))


def test_the_variables_of_the_prompt_count_in_wishes_too(photos: Path) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("beach, dog")
    assert ask(photos, captioner, Wishes(starts="{directory},")).unmet == ()
    assert "“beach,”" in captioner.requests[0].prompt


def test_in_a_run_what_is_not_as_wished_is_saved_and_marked(photos: Path, configured: Settings) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("A dog.", "A cat.", "A cat.")
    dataset = open_dataset(photos)
    store = Store(dataset.root, journal_for(dataset.root, configured), "local", configured, dataset)
    brief = Brief("Describe.", wishes=Wishes(must=("dog",)))
    outcomes = sorted(caption_many(dataset.records, store, captioner, brief, Batch(1)), key=lambda one: one.name)
    assert [(one.status, one.mark) for one in outcomes] == [("done", ""), ("done", "The caption lacks “dog”.")]
    assert (photos / "b.txt").read_text() == "A cat."
    origin = store.journal.latest_origin("a.txt")
    assert origin is not None
    assert "must hold" in origin.prompt


def test_a_run_keeps_its_wishes_over_a_restart_and_former_runs_have_none(tmp_path: Path) -> None:
    import json

    plan = CaptionPlan(tmp_path, True, ".txt", "fake", "", Brief("x", wishes=Wishes(("a",), ("b",), "c")))
    written = json.loads(json.dumps(plan.to_json()))
    assert CaptionPlan.from_json(written) == plan
    del written["brief"]["wishes"]
    assert CaptionPlan.from_json(written).brief.wishes == Wishes()
