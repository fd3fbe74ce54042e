"""Two tabs of one owner on one image: both texts stay, each with its button, and no save writes unseen words."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.elements.caption_editor import Message
from app.samples import editing, navigate
from app.samples.other_texts import drop_other, take_other
from app.samples.state import TextBoxState
from app.session.open_dataset import preferences, store_for
from app.session.state import AppState
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.targets import Edit
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.errors import DatasetError
from tests.doubles.dashboard import healthy, open_page, texts


class Tab:
    """A session of the owner, and what its text box shows."""

    def __init__(self, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = AppState(owner="local")
        self.state.store = store_for(self.state, photos, recursive=True, suffix=".txt")
        self.state.dataset = self.state.store.dataset
        self.photos, self.patch, self.count = photos, monkeypatch, 0
        self.draw()

    def draw(self) -> str:
        image = editing.open_image(self.state, "b.jpg")
        self.state.of(TextBoxState).shown = image.name, image.draft
        self.shown, self.base = image.text, image.base_hash
        return image.text

    def report(self, text: str, *, is_new: bool = True, save: bool = False) -> None:
        self.count += 1
        name = "save" if save else None
        shown = editing.text_hash(self.shown)
        message = Message(str(self.photos), "b.jpg", self.base, text, is_new, shown, name, self.count)
        for module in (editing, navigate):
            self.patch.setattr(module, "messages", lambda key, session: [message])

    def type(self, text: str) -> None:
        self.report(text)
        editing.take_typed(self.state)
        self.draw()

    def others(self) -> list[str]:
        return [draft.text for draft in preferences(self.state).set_aside(self.photos, "b.jpg")]


@pytest.fixture
def tabs(photos: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Tab, Tab]:
    return Tab(photos, monkeypatch), Tab(photos, monkeypatch)


def test_a_text_typed_over_one_that_was_not_shown_leaves_both(tabs: tuple[Tab, Tab]) -> None:
    one, two = tabs
    one.type("ALICE")
    with pytest.raises(DatasetError, match="While you typed"):
        two.type("BOB")
    assert two.draw() == "BOB"
    assert two.others() == ["ALICE"]


def test_a_refused_save_puts_the_savers_own_text_back_into_the_box(tabs: tuple[Tab, Tab], photos: Path) -> None:
    one, two = tabs
    one.type("ALICE")
    with pytest.raises(DatasetError):
        two.type("BOB")
    one.report("", is_new=False)
    with pytest.raises(DatasetError, match="another tab of yours, so nothing was saved"):
        editing.save(one.state, "b.jpg")
    assert (photos / "b.txt").read_text() == "dog, red sofa"
    assert one.draw() == "ALICE"
    assert one.others() == ["BOB"]
    editing.save(one.state, "b.jpg")
    assert (photos / "b.txt").read_text() == "ALICE"
    assert one.others() == ["BOB"]


def test_the_keys_for_save_write_no_words_of_another_tab_unseen(tabs: tuple[Tab, Tab], photos: Path) -> None:
    one, two = tabs
    two.type("BOB")
    one.report("", is_new=False, save=True)
    with pytest.raises(DatasetError, match="another tab of yours, so nothing was saved"):
        navigate.obey(one.state)
    assert (photos / "b.txt").read_text() == "dog, red sofa"
    assert one.draw() == "BOB"
    editing.save(one.state, "b.jpg")
    assert (photos / "b.txt").read_text() == "BOB"


def test_what_was_shown_and_then_changed_is_no_other_text(tabs: tuple[Tab, Tab]) -> None:
    one, two = tabs
    one.type("ALICE")
    two.draw()
    two.type("ALICE and BOB")
    assert two.others() == []


def test_the_two_texts_change_places_and_one_is_dropped(tabs: tuple[Tab, Tab]) -> None:
    one, two = tabs
    one.type("ALICE")
    with pytest.raises(DatasetError):
        two.type("BOB")
    one.report("", is_new=False)
    take_other(two.state, "b.jpg", preferences(two.state).set_aside(two.photos, "b.jpg")[0])
    assert two.draw() == "ALICE"
    assert two.others() == ["BOB"]
    other = preferences(two.state).set_aside(two.photos, "b.jpg")[0]
    drop_other(two.state, "b.jpg", other)
    assert two.others() == []
    with pytest.raises(DatasetError, match="not set aside any more"):
        take_other(two.state, "b.jpg", other)
    assert two.draw() == "ALICE"


def test_a_text_set_aside_is_listed_as_not_saved_and_follows_a_new_name(tabs: tuple[Tab, Tab]) -> None:
    one, two = tabs
    one.type("ALICE")
    with pytest.raises(DatasetError):
        two.type("BOB")
    kept = preferences(one.state)
    kept.drop_draft(one.photos, "b.jpg")
    assert kept.drafts(one.photos) == []
    assert kept.unsaved(one.photos) == ["b.jpg"]
    kept.rename_draft(one.photos, "b.jpg", "z.jpg")
    assert kept.unsaved(one.photos) == ["z.jpg"]


@pytest.mark.parametrize(("owner", "said"), [("local", "by you"), ("someone", "by someone else")])
def test_a_conflict_says_who_changed_the_file(photos: Path, owner: str, said: str) -> None:
    page = open_page(photos)
    state = page.session_state["app_state"]
    base = hash_of((photos / "a.txt").read_bytes())
    preferences(state).keep_draft(photos, "a.jpg", editing.Draft("mine", base, Origin(), state.session))
    state.store.owner = owner
    Operations(state.store).apply([Edit("a.jpg", base, "A dog on a mat.")], "replace", Origin())
    state.store.owner = "local"
    page.run()
    assert healthy(page)
    assert f"a.txt was changed {said} (Find and replace, just now) after you began" in texts(page)
    page.button(key="tagging.save").click().run()
    # A tick is for what was done.
    assert [(toast.value, toast.icon) for toast in page.toast] == [
        ("Not saved\\: choose one of the two texts first", ":material/info:")
    ]
