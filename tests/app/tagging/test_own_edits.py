"""A draft, and a bulk edit of the same file: one's own are made one, another's is shown to choose from."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.dataset.saving.operations import Operations
from lib.dataset.saving.targets import Edit
from lib.domain import Origin
from lib.preferences import Preferences
from lib.settings import settings
from tests.app.tagging.test_next import current, keep
from tests.app.tagging.test_tagging_page import open_hash
from tests.doubles.dashboard import open_page, texts

CONFLICT = "The tag file changed meanwhile"


def bulk(page: AppTest, photos: Path, text: str, kind: str = "affix", owner: str = "local") -> None:
    """An edit of a.txt as Bulk Ops makes it."""
    store = page.session_state["app_state"].store
    store.owner = owner
    Operations(store).apply([Edit("a.jpg", open_hash(photos / "a.txt"), text)], kind, Origin())
    store.owner = "local"


def drafted(photos: Path) -> str:
    draft = Preferences(settings().owner_folder("local")).draft(photos, "a.jpg")
    return draft.text if draft is not None else ""


@pytest.fixture
def typed(photos: Path) -> AppTest:
    page = open_page(photos, "a.jpg")
    keep(photos, "a.jpg", "A big cat on a mat.", open_hash(photos / "a.txt"))
    return page.run()


def test_ones_own_bulk_edit_comes_into_the_draft_and_is_told(photos: Path, typed: AppTest) -> None:
    bulk(typed, photos, "A cat on a mat., best")
    bulk(typed, photos, "A cat on a rug., best", "replace")
    typed.run()
    assert drafted(photos) == "A big cat on a rug., best"
    assert CONFLICT not in texts(typed)
    assert "You edited the saved text meanwhile (Prefix or suffix and Find and replace)" in texts(typed)
    typed.button(key="tagging.save").click().run()
    assert (photos / "a.txt").read_text() == "A big cat on a rug., best"
    assert "You edited the saved text" not in texts(typed)


def test_undo_leaves_the_saved_text(photos: Path, typed: AppTest) -> None:
    bulk(typed, photos, "A cat on a mat., best")
    typed.run()
    typed.button(key="tagging.revert").click().run()
    assert drafted(photos) == ""
    assert (photos / "a.txt").read_text() == "A cat on a mat., best"


def test_a_save_that_comes_before_the_two_were_shown_as_one_shows_them_first(photos: Path, typed: AppTest) -> None:
    bulk(typed, photos, "A cat on a mat., best")
    typed.button(key="tagging.save_and_next").click().run()
    assert current(typed) == "a.jpg"
    assert (photos / "a.txt").read_text() == "A cat on a mat., best"
    typed.button(key="tagging.save_and_next").click().run()
    assert (photos / "a.txt").read_text() == "A big cat on a mat., best"


def test_the_same_words_changed_are_shown_to_choose_from(photos: Path, typed: AppTest) -> None:
    keep(photos, "a.jpg", "A kitten on a mat.", open_hash(photos / "a.txt"))
    bulk(typed, photos, "A dog on a mat.", "replace")
    typed.run()
    assert CONFLICT in texts(typed)
    assert "by you (Find and replace, just now)" in texts(typed)
    assert drafted(photos) == "A kitten on a mat."


def test_anothers_change_is_shown_to_choose_from(photos: Path, typed: AppTest) -> None:
    bulk(typed, photos, "A cat on a mat., best", owner="somebody")
    typed.run()
    assert CONFLICT in texts(typed)
    assert drafted(photos) == "A big cat on a mat."


def test_a_change_by_another_program_in_between_is_shown_to_choose_from(photos: Path, typed: AppTest) -> None:
    (photos / "a.txt").write_text("A cat on a mat. Theirs")
    typed.session_state["app_state"].store.read(typed.session_state["app_state"].dataset.get("a.jpg"))
    bulk(typed, photos, "A cat on a mat. Theirs, best")
    typed.run()
    assert CONFLICT in texts(typed)
    assert drafted(photos) == "A big cat on a mat."
