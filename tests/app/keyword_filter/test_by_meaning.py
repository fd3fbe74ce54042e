"""Finding by meaning on the Keyword Filter page, without a browser, by embedders that need no model."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.samples.marking import leave_images_out
from app.samples.meaning import MeaningState, Question
from app.samples.state import Galleries
from app.session.open_dataset import link, optional_in_link
from lib import cache
from lib.embedding.base import WAYS_OUT
from lib.embedding.registry import methods
from lib.errors import ModelUnavailable
from lib.review.find import MeaningIndex
from lib.scope import Scope
from lib.settings import settings
from tests.app.keyword_filter.test_keyword_filter_page import cards, names, state_of
from tests.doubles.dashboard import healthy, open_page, open_scope, settle, texts
from tests.doubles.embedder import ColourEmbedder, WordEmbedder
from tests.doubles.tiny_models import tiny_siglip
from tests.review.agreement.drawn import drawn_samples


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    """Seventy pictures of seven colours, captioned by them: every seventh is golden, from the fourth on."""
    drawn_samples(tmp_path / "drawn", 70)
    return tmp_path / "drawn"


GOLDEN = {f"photo{number:04}.png" for number in range(3, 70, 7)}


@pytest.fixture(autouse=True)
def embedders() -> WordEmbedder:
    words = WordEmbedder()
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    for method in methods("tags"):
        cache.embedders().get(method, lambda: words)
    return words


def by_meaning(folder: Path, words: str = "") -> AppTest:
    page = open_page(folder, screen="keyword_filter")
    page.toggle(key="filter.by_meaning").set_value(True).run()
    return look_for(page, words) if words else page


def look_for(page: AppTest, words: str) -> AppTest:
    page.text_input(key="filter.meaning").set_value(words).run()
    return settle(page)


def best(page: AppTest, count: int = 10) -> set[str]:
    return set(names(page)[:count])


def test_words_bring_the_nearest_first_and_the_page_says_on_which_vectors(drawn: Path) -> None:
    page = by_meaning(drawn)
    assert "Captions are compared by words, pictures by colours" in texts(page)
    look_for(page, "golden")
    assert best(page) == GOLDEN
    assert "48 nearest to “golden”, the best first" in texts(page).replace("\\", "")
    assert "Finds captions by words and pictures by what" in texts(page).replace("\\", "")
    scores = [float(card["note"]) for card in cards(page)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 1 > scores[20]


def test_pictures_without_a_caption_are_found_too(drawn: Path) -> None:
    for name in sorted(GOLDEN)[:3]:
        (drawn / name).with_suffix(".txt").unlink()
    assert best(by_meaning(drawn, "golden")) == GOLDEN


def test_what_is_found_becomes_the_scope_in_one_click_and_other_words_look_through_all_again(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    page.selectbox(key="filter.top").select(24).run()
    page.button(key="filter.load").click().run()
    assert healthy(page)
    assert len(state_of(page).scope.names) == 24
    assert state_of(page).scope.names >= GOLDEN
    assert state_of(page).scope.label == "The 24 nearest to “golden”"
    assert best(page) == GOLDEN
    page.button(key="filter.load").click().run()
    assert len(state_of(page).scope.names) == 24
    page.switch_page("../pages/tagging.py").run()
    assert "The 24 nearest to “golden” · 24 of 70" in texts(page).replace("\\", "")
    page.switch_page("../pages/keyword_filter.py").run()
    look_for(page, "azure")
    assert state_of(page).scope == Scope()
    assert best(page) == {f"photo{number:04}.png" for number in range(0, 70, 7)}


def test_the_scope_narrows_what_is_found(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    open_scope(page).text_input(key="scope.query").set_value("-golden").run()
    assert not best(page) & GOLDEN
    assert len(names(page)) == 24
    page.button(key="filter.load").click().run()
    assert not state_of(page).scope.names & GOLDEN


def test_what_is_left_out_is_not_found(drawn: Path) -> None:
    page, out = by_meaning(drawn), set(sorted(GOLDEN)[:2])
    leave_images_out(state_of(page), sorted(out))
    look_for(settle(page.run()), "golden")
    assert best(page, 8) == GOLDEN - out
    assert out.isdisjoint(names(page))


def test_nothing_found_makes_no_scope(drawn: Path) -> None:
    page = by_meaning(drawn)
    page.button(key="filter.load").click().run()
    assert "Nothing is found yet" in texts(page)
    assert state_of(page).scope == Scope()


@pytest.mark.parametrize("by", ["images", "tags"])
def test_more_like_this_leads_from_a_sample_to_those_like_it(drawn: Path, by: str) -> None:
    page = open_page(drawn, "photo0003.png")
    page.button(key=f"tagging.like.{by}").click().run()
    settle(page)
    assert [title.value for title in page.title] == ["Keyword Filter"]
    assert page.toggle(key="filter.by_meaning").value
    assert best(page, 9) == GOLDEN - {"photo0003.png"} or by == "tags"
    assert "photo0003.png" not in names(page)
    page.button(key="filter.like_other").click().run()
    settle(page)
    question = state_of(page).of(MeaningState).question
    assert (question.like, question.by) == ("photo0003.png", "tags" if by == "images" else "images")
    look_for(page, "azure")
    assert best(page) == {f"photo{number:04}.png" for number in range(0, 70, 7)}


def test_the_sample_beside_the_gallery_leads_to_those_like_it_and_stays_open(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    state_of(page).index = 3
    state_of(page).of(Galleries).at("filter").is_open = True
    page.run()
    page.button(key="sample.like.images").click().run()
    settle(page)
    assert best(page, 9) == GOLDEN - {"photo0003.png"}
    assert state_of(page).of(Galleries).at("filter").is_open


def test_an_edited_caption_is_found_by_its_new_words(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    (drawn / "photo0000.txt").write_text("golden golden golden")
    page.button(key="shell.reload").click().run()
    settle(page)
    assert "photo0000.png" in best(page, 12)


def test_an_answer_from_memory_reads_no_vector_again(drawn: Path, embedders: WordEmbedder) -> None:
    page = by_meaning(drawn, "golden")
    before = cache.meanings().of(state_of(page).dataset)
    given = len(embedders.batches)
    look_for(page, "azure tile")
    assert embedders.batches[given:] == [["azure tile"]]
    page.run()
    assert len(embedders.batches) == given + 1
    assert cache.meanings().of(state_of(page).dataset) == before


class Gone(WordEmbedder):
    def _load(self) -> Any:
        raise ModelUnavailable("There is no model for words.", f"Fetch it. {WAYS_OUT}")


def test_without_a_model_the_way_out_is_said_and_leads_back_to_keywords(drawn: Path) -> None:
    cache.embedders.clear()
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    cache.embedders().get(methods("tags")[0], lambda: Gone("gone-1"))
    page = by_meaning(drawn, "golden")
    told = texts(page)
    assert "There is no model for words." in told
    assert "Or find by keywords, which needs no model." in told
    assert "TF-IDF" not in told
    page.button(key="filter.keywords").click().run()
    assert page.text_input(key="scope.query").value in ("", None)
    assert not page.toggle(key="filter.by_meaning").value


class Waiting(WordEmbedder):
    """Waits with the first batch until it may go on."""

    def __init__(self) -> None:
        super().__init__("waiting-1")
        self.may_go = threading.Event()

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        assert self.may_go.wait(30)
        return super()._embed(model, batch)


def test_reading_shows_how_far_it_is_and_can_be_stopped_and_taken_up(drawn: Path) -> None:
    waiting = Waiting()
    cache.embedders.clear()
    for method in methods("images"):
        cache.embedders().get(method, ColourEmbedder)
    cache.embedders().get(methods("tags")[0], lambda: waiting)
    page = by_meaning(drawn)
    page.text_input(key="filter.meaning").set_value("golden").run()
    page.button(key="filter.meaning_cancel").click().run()
    waiting.may_go.set()
    settle(page)
    assert "Stopped." in texts(page)
    assert names(page) == []
    page.button(key="filter.meaning_again").click().run()
    assert best(settle(page)) == GOLDEN


def test_an_index_holds_no_session_and_no_session_holds_an_index(drawn: Path) -> None:
    """Vectors that nobody searches are let go, however long a tab stays open."""
    page = by_meaning(drawn, "golden")
    answer = state_of(page).of(MeaningState).answer
    assert isinstance(answer.index(), MeaningIndex)
    assert cache.meanings().release()
    for job in cache.job_runner().of("local"):
        assert not isinstance(job.result, MeaningIndex)
    gc.collect()
    assert answer.index() is None
    page.run()
    assert best(settle(page)) == GOLDEN


def test_where_a_clip_is_here_it_can_be_chosen_and_the_page_says_that_pictures_are_found_by_it(
    drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_siglip(tmp_path / "models" / "siglip-base-patch16-224")
    monkeypatch.setenv("TOOLKIT_MODELS_FOLDER", str(tmp_path / "models"))
    settings.cache_clear()
    page = by_meaning(drawn, "golden")
    assert "pictures by what the dataset" in texts(page)
    page.radio(key="filter.pictures").set_value("siglip").run()
    settle(page)
    assert "Finds captions by words and pictures by SigLIP." in texts(page).replace("\\", "")
    assert len(names(page)) == 24
    page.radio(key="filter.pictures").set_value("").run()
    assert best(page) == GOLDEN


def test_without_one_there_is_nothing_to_choose(drawn: Path) -> None:
    assert not by_meaning(drawn, "golden").radio


def test_the_address_holds_what_is_asked_and_brings_it_back(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    page.selectbox(key="filter.top").select(24).run()
    address = link(state_of(page))
    assert {name: address[name] for name in ("by_meaning", "near", "best")} == {
        "by_meaning": "1", "near": "golden", "best": "24",
    }  # fmt: skip
    assert address.keys() <= {"folder", *optional_in_link()}
    rest = {name: value for name, value in address.items() if name != "folder"}
    again = settle(open_page(drawn, screen="keyword_filter", **rest))
    assert healthy(again)
    assert state_of(again).of(MeaningState).question.words == "golden"
    assert best(again) == GOLDEN
    assert len(names(again)) == 24


def test_an_address_asks_for_samples_like_one_and_one_without_a_search_asks_for_none() -> None:
    asked = MeaningState(is_on=True, question=Question(like="a b.jpg", by="tags"))
    other = MeaningState()
    other.from_link(asked.to_link())
    assert (other.is_on, other.question) == (True, asked.question)
    other.from_link({"folder": "/x"})
    assert not other.is_on
    other.from_link({"by_meaning": "1", "near": "dog", "best": "<7>", "like_by": "?"})
    assert (other.question, other.top) == (Question("dog"), 48)


def test_reading_the_folder_again_leaves_the_search_as_it_is(drawn: Path) -> None:
    page = by_meaning(drawn, "golden")
    settle(page.button(key="shell.reload").click().run())
    assert best(page) == GOLDEN
