"""The table of the Keyword Filter page: what is typed into it is kept, saved or dropped, and nothing else is."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.samples.state import Galleries, TableState
from app.samples.table_edits import discard_all, keep_edits, load_page, save_all, waiting
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Applied, Operations
from lib.dataset.saving.rename import rename_image
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import Origin
from lib.errors import DatasetError
from lib.preferences import Draft, Preferences
from lib.settings import settings
from tests.doubles.clusters import keep_clusters
from tests.doubles.dashboard import healthy, open_page, settle, texts


def in_table(folder: Path, query: str = "", size: int = 24) -> tuple[AppTest, Any]:
    """The page with its samples as a table, and its state."""
    page = open_page(folder, screen="keyword_filter")
    page.text_input(key="scope.query").set_value(query).run()
    page.selectbox(key="filter.size").set_value(size).run()
    page.button_group(key="filter.view").set_value("Table").run()
    assert healthy(page)
    return page, page.session_state["app_state"]


def type_elsewhere(folder: Path, name: str, text: str, writer: str = "another session") -> None:
    base = hash_of((folder / name).with_suffix(".txt").read_bytes())
    kept = Preferences(settings().owner_folder("local"))
    kept.keep_draft(folder, name, Draft(text, base, Origin(), writer))


def kept_texts(folder: Path) -> dict[str, str]:
    """Every text that is not saved, by image."""
    kept = Preferences(settings().owner_folder("local"))
    drafts = {name: kept.draft(folder, name) for name in kept.drafts(folder)}
    return {name: draft.text for name, draft in drafts.items() if draft is not None}


def operations(folder: Path) -> list[str]:
    entries = journal_for(folder, settings()).operations()
    return [f"{entry.kind} {entry.state} {entry.files}" for entry in entries if entry.kind != "create"]


def test_a_table_saves_five_edits_as_one_operation(many: Path) -> None:
    page, state = in_table(many, "dog")
    table = state.of(TableState).page
    assert table.names[:2] == ("p01.jpg", "p03.jpg")
    keep_edits(state, table, {row: f"edited {row}" for row in range(5)}, {})
    page.run()
    assert page.button(key="table.save").label == "Save all (5 captions)"
    assert (many / "p01.txt").read_text() == "a dog, red sofa, 1"
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    page.run()
    assert healthy(page)
    assert operations(many) == ["table done 5"]
    assert [(many / f"p0{number}.txt").read_text() for number in (1, 3, 5, 7, 9)] == [f"edited {n}" for n in range(5)]
    assert "5 captions saved, as one operation." in texts(page)
    # They do not match any more, and nothing waits.
    assert state.of(TableState).page.names[0] == "p11.jpg"
    assert page.button(key="table.save").disabled
    assert page.button(key="table.save").label == "Save all"
    settle(page.button(key="told.undo").click().run())
    assert operations(many) == ["table undone 5"]
    assert (many / "p01.txt").read_text() == "a dog, red sofa, 1"
    assert state.of(TableState).page.texts[0] == "a dog, red sofa, 1"
    assert "Taken back: 5 captions as before." in texts(page)


def test_a_caption_changed_meanwhile_is_left_alone_and_the_edit_is_kept(photos: Path) -> None:
    page, state = in_table(photos)
    keep_edits(state, state.of(TableState).page, {0: "mine", 1: "my dog"}, {})
    (photos / "a.txt").write_text("theirs")
    page.run()
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    page.run()
    assert (photos / "a.txt").read_text() == "theirs"
    assert (photos / "b.txt").read_text() == "my dog"
    assert "1 caption was left alone" in texts(page)
    draft = Preferences(settings().owner_folder("local")).draft(photos, "a.jpg")
    assert draft is not None
    assert draft.text == "mine"
    from app.samples.sample_gallery import open_sample

    open_sample(state, state.of(Galleries).at("filter"), "a.jpg")
    page.button_group(key="filter.view").set_value("Gallery").run()
    assert "was changed by someone else after you began" in texts(page)
    assert "theirs" in texts(page)


def test_edits_survive_a_page_turn_and_another_query(many: Path) -> None:
    page, state = in_table(many, "dog")
    keep_edits(state, state.of(TableState).page, {0: "edited"}, {})
    page.text_input(key="scope.query").set_value("cat").run()
    assert page.button(key="table.save").disabled
    page.text_input(key="scope.query").set_value("dog").run()
    assert state.of(TableState).page.texts[0] == "edited"
    assert page.button(key="table.save").label == "Save all (1 caption)"
    assert page.button(key="table.discard").label == "Undo typing (1 caption)"
    page.button(key="table.discard").click().run()
    assert state.of(TableState).page.texts[0] == "a dog, red sofa, 1"
    assert operations(many) == []


def test_a_row_put_back_has_nothing_to_save_and_another_tabs_text_is_not_typed_over(many: Path) -> None:
    _, state = in_table(many, "dog")
    table = state.of(TableState).page
    keep_edits(state, table, {0: "edited"}, {})
    keep_edits(state, table, {0: table.texts[0]}, {})
    assert waiting(state, state.dataset.records) == {}
    kept = Preferences(settings().owner_folder("local"))
    kept.keep_draft(many, "p01.jpg", Draft("typed elsewhere", table.hashes[0], Origin(), "another session"))
    with pytest.raises(DatasetError, match=r"p01\.jpg got another text meanwhile"):
        keep_edits(state, table, {0: "edited", 1: "this one counts"}, {})
    assert [kept.draft(many, name).text for name in ("p01.jpg", "p03.jpg")] == ["typed elsewhere", "this one counts"]


def test_rows_that_cannot_be_edited_keep_no_draft(photos: Path) -> None:
    (photos / "a.txt").write_bytes(b"\xff\xfe\x00\xd8")
    _, state = in_table(photos)
    assert state.of(TableState).page.locked == {"a.jpg"}
    keep_edits(state, state.of(TableState).page, {0: "over it"}, {})
    assert waiting(state, state.dataset.records) == {}


def test_the_table_stays_as_it_was_read_while_it_is_edited(many: Path) -> None:
    _, state = in_table(many)
    records = state.dataset.records[:3]
    first = load_page(state, records, is_fresh=True)
    (many / "p00.txt").write_text("changed by another")
    assert load_page(state, records, is_fresh=False) is first
    assert load_page(state, records, is_fresh=True).texts[0] == "changed by another"
    keep_edits(state, first, {0: "mine"}, {})
    save_all(state, first, {})
    state.of(TableState).saved.wait(20)
    assert state.of(TableState).saved.result.changed == 0
    discard_all(state, waiting(state, records))
    assert waiting(state, records) == {}


def test_undo_typing_drops_what_was_typed_in_this_table_and_nothing_else(many: Path) -> None:
    page, state = in_table(many, "cat", size=12)
    assert "p28.jpg" not in state.of(TableState).page.names
    type_elsewhere(many, "p28.jpg", "typed for an hour on Tagging")
    type_elsewhere(many, "p02.jpg", "accepted by a button", writer="")
    keep_edits(state, state.of(TableState).page, {0: "edited", 2: "edited too"}, {})
    type_elsewhere(many, "p06.jpg", "on another page of the table", writer=state.session)
    page.run()
    assert page.button(key="table.discard").label == "Undo typing (3 captions)"
    type_elsewhere(many, "p04.jpg", "typed after the button was drawn", writer=state.session)
    page.button(key="table.discard").click().run()
    assert healthy(page)
    assert kept_texts(many) == {
        "p28.jpg": "typed for an hour on Tagging",
        "p02.jpg": "accepted by a button",
        "p04.jpg": "typed after the button was drawn",
    }


def test_undo_typing_leaves_other_pages_of_the_table_alone(many: Path) -> None:
    page, state = in_table(many, "cat", size=12)
    keep_edits(state, state.of(TableState).page, {0: "edited"}, {})
    type_elsewhere(many, "p28.jpg", "typed on page 2 before", writer=state.session)
    page.run()
    assert page.button(key="table.save").label == "Save all (2 captions)"
    page.button(key="table.discard").click().run()
    assert kept_texts(many) == {"p28.jpg": "typed on page 2 before"}
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    assert (many / "p28.txt").read_text() == "typed on page 2 before"


def test_save_all_writes_what_its_button_counted_and_lists_what_came_from_elsewhere(many: Path) -> None:
    page, state = in_table(many, "cat", size=12)
    keep_edits(state, state.of(TableState).page, {0: "mine", 1: "mine too"}, {})
    page.run()
    assert page.button(key="table.save").label == "Save all (2 captions)"
    type_elsewhere(many, "p28.jpg", "half typed in another ta")
    type_elsewhere(many, "p02.jpg", "another text by now")
    keep_edits(state, state.of(TableState).page, {3: "typed here after the button was drawn"}, {})
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    page.run()
    assert healthy(page)
    assert operations(many) == ["table done 2"]
    assert [(many / f"p{number}.txt").read_text() for number in ("00", "02", "06", "28")] == [
        "mine",
        "cat 2",
        "typed here after the button was drawn",
        "cat 28",
    ]
    assert kept_texts(many) == {"p28.jpg": "half typed in another ta", "p02.jpg": "another text by now"}
    listed = next(json.loads(e.proto.json) for e in page.get("bidi_component") if "Typed elsewhere" in e.proto.json)
    assert "p28.jpg" in {item["id"] for item in listed["items"]}


def test_text_typed_before_a_reload_of_the_page_is_saved_once_the_table_shows_it(many: Path) -> None:
    type_elsewhere(many, "p00.jpg", "typed before the reload")
    type_elsewhere(many, "p28.jpg", "typed before the reload too")
    page, state = in_table(many, size=12)
    assert state.of(TableState).page.texts[0] == "typed before the reload"
    assert page.button(key="table.save").label == "Save all (1 caption)"
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    assert (many / "p00.txt").read_text() == "typed before the reload"
    assert kept_texts(many) == {"p28.jpg": "typed before the reload too"}


def test_an_edit_of_a_row_whose_image_was_renamed_is_told_with_the_text(many: Path) -> None:
    page, state = in_table(many, "cat")
    table = state.of(TableState).page
    rename_image(state.store, state.dataset.get("p00.jpg"), "renamed")
    with pytest.raises(DatasetError, match=r"p00\.jpg is not in the open folder any more") as caught:
        keep_edits(state, table, {0: "my long new text", 1: "this one counts"}, {})
    assert "p00.jpg: my long new text" in caught.value.hint
    assert kept_texts(many) == {"p02.jpg": "this one counts"}
    page.run()
    assert healthy(page)
    assert "renamed.jpg" in state.of(TableState).page.names


def test_a_generated_caption_that_another_tab_accepted_is_not_typed_over(many: Path) -> None:
    page, state = in_table(many, "cat")
    table = state.of(TableState).page
    keep_edits(state, table, {0: "x"}, {})
    type_elsewhere(many, "p00.jpg", "generated", writer="")
    keep_edits(state, table, {0: "x", 1: "y"}, {0: "x"})
    assert kept_texts(many) == {"p00.jpg": "generated", "p02.jpg": "y"}
    with pytest.raises(DatasetError, match="got another text meanwhile") as caught:
        keep_edits(state, table, {0: "x and more", 1: "y"}, {0: "x", 1: "y"})
    assert "x and more" in caught.value.hint
    assert kept_texts(many) == {"p00.jpg": "generated", "p02.jpg": "y"}
    page.run()
    assert state.of(TableState).page.texts[:2] == ("generated", "y")


def test_a_row_that_another_tab_has_saved_is_not_kept_again_with_the_next_one(many: Path) -> None:
    _, state = in_table(many, "cat")
    keep_edits(state, state.of(TableState).page, {0: "x"}, {})
    Preferences(settings().owner_folder("local")).drop_draft(many, "p00.jpg")
    keep_edits(state, state.of(TableState).page, {0: "x", 1: "y"}, {0: "x"})
    assert kept_texts(many) == {"p02.jpg": "y"}


def test_after_a_slow_save_the_next_edit_of_the_same_row_is_saved_too(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, state = in_table(many)
    keep_edits(state, state.of(TableState).page, {0: "first"}, {})
    page.run()
    real, go = Operations.apply, threading.Event()

    def slow(*args: Any, **options: Any) -> Applied:
        go.wait(20)
        return real(*args, **options)

    monkeypatch.setattr(Operations, "apply", slow)
    monkeypatch.setattr("app.samples.table_edits.SOON", 0.05)
    page.button(key="table.save").click().run()
    assert state.of(TableState).saved.is_active
    assert page.dataframe[0].proto.disabled
    go.set()
    state.of(TableState).saved.wait(20)
    page.run()
    assert not page.dataframe[0].proto.disabled
    keep_edits(state, state.of(TableState).page, {0: "second"}, {})
    page.run()
    page.button(key="table.save").click().run()
    state.of(TableState).saved.wait(20)
    assert (many / "p00.txt").read_text() == "second"


def test_the_table_tells_the_clusters_of_its_samples_where_there_are_any(many: Path) -> None:
    page, _ = in_table(many, "dog")
    assert list(page.dataframe[0].value.columns) == ["Image", "Caption"]
    keep_clusters(settings(), many, [["p00.jpg", "p03.jpg"], ["p01.jpg"]])
    page, state = in_table(many, "dog")
    frame = page.dataframe[0].value
    assert list(frame["Cluster of tags"][:3]) == ["1 – word1", "0 – word0", ""]
    keep_edits(state, state.of(TableState).page, {0: "edited"}, {})
    page.selectbox(key="filter.order").select("Clusters of tags").run()
    assert list(page.dataframe[0].value["Caption"][:2]) == ["a dog, red sofa, 3", "edited"]
