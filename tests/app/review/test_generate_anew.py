"""A caption generated anew on the Review page stands beside the old one until somebody takes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.review.bar import KEYS
from app.review.state import ReviewState
from lib import cache
from lib.dataset.saving.open_journal import journal_for
from lib.domain import Origin
from lib.embedding.registry import methods
from lib.preferences import Draft, Preferences
from lib.settings import settings
from tests.app.review.test_review_page import faulty, look_at, review_page
from tests.doubles.dashboard import choose_server, settle, texts
from tests.doubles.embedder import ColourEmbedder
from tests.doubles.provider_server import ProviderServer

__all__ = ["faulty"]


def generated(folder: Path, kind: str) -> AppTest:
    with ProviderServer("A ship on a calm sea.") as server:
        page = choose_server(look_at(review_page(folder), kind), server.url)
        page.button(key="review.generate").click().run()
        return settle(page)


def test_it_stands_beside_the_old_one_is_taken_and_saved_with_its_origin(faulty: Path) -> None:
    page = generated(faulty, "captions/markup")
    assert "A ship on a calm sea." in texts(page)
    assert (faulty / "p0.txt").read_text() == "A cat sleeps on a <b>red</b> sofa."
    page.button(key="generate.append").click().run()
    assert (faulty / "p0.txt").read_text() == "A cat sleeps on a <b>red</b> sofa."
    page.button(key="tagging.save").click().run()
    assert (faulty / "p0.txt").read_text() == "A cat sleeps on a <b>red</b> sofa. A ship on a calm sea."
    origin = journal_for(faulty, settings()).latest_origin("p0.txt")
    assert origin is not None
    assert (origin.kind, origin.model, origin.edited) == ("generate", "openai-compatible:tiny-vision", True)


def test_an_empty_caption_gets_it_as_a_draft_and_nothing_is_saved(faulty: Path) -> None:
    page = generated(faulty, "captions/empty")
    kept = Preferences(settings().owner_folder("local")).draft(faulty, "p3.jpg")
    assert kept is not None
    assert kept.text == "A ship on a calm sea."
    assert (faulty / "p3.txt").read_text() == ""
    page.button(key="tagging.save").click().run()
    assert (faulty / "p3.txt").read_text() == "A ship on a calm sea."


def test_what_was_typed_before_stays_in_the_box(faulty: Path) -> None:
    drafts = Preferences(settings().owner_folder("local"))
    page = look_at(review_page(faulty), "captions/markup")
    (record,) = [one for one in page.session_state["app_state"].dataset.records if one.name == "p0.jpg"]
    hash = page.session_state["app_state"].store.read(record).hash
    drafts.keep_draft(faulty, "p0.jpg", Draft("Typed and not saved", hash, Origin()))
    with ProviderServer("A ship on a calm sea.") as server:
        choose_server(page, server.url).button(key="review.generate").click().run()
        settle(page)
    assert drafts.draft(faulty, "p0.jpg").text == "Typed and not saved"
    assert page.button(key="generate.prepend").label == "Prepend"
    page.button(key="generate.drop").click().run()
    assert drafts.draft(faulty, "p0.jpg").text == "Typed and not saved"


def test_a_model_that_cannot_be_asked_is_told_in_the_panel(faulty: Path) -> None:
    page = look_at(review_page(faulty), "captions/markup")
    page.selectbox(key="generate.model").select("kosmos-2").run()
    page.button(key="review.generate").click().run()
    settle(page)
    assert "An API key is needed" in texts(page)
    assert (faulty / "p0.txt").read_text() == "A cat sleeps on a <b>red</b> sofa."


def test_the_model_that_is_chosen_there_is_asked_a_checklist_about_as_many_as_are_wanted(faulty: Path) -> None:
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    with ProviderServer("1: yes\n2: no\n3: yes\n4: yes\n5: yes") as server:
        page = choose_server(look_at(review_page(faulty), "captions/markup"), server.url)
        page.radio(key="review.scorer").set_value("checklist").run()
        page.number_input(key="review.ask_worst").set_value(2).run()
        # Nobody has looked at the pictures yet, so nobody was asked.
        assert not [one for one in server.requests if one.body]
        page.button(key="review.all").click().run()
        settle(page)
        assert len([one for one in server.requests if one.body]) == 2
    reviewed = page.session_state["app_state"].of(ReviewState).reviewed
    found = reviewed.review.of("misfit")
    assert [one.text for one in found] == ["tiny-vision says that a number is not right."] * 2
    assert reviewed.samples.options.captioner is None


@pytest.mark.parametrize("key", ["G"])
def test_its_key_stands_in_the_table(key: str) -> None:
    assert "new caption" in KEYS[key]
