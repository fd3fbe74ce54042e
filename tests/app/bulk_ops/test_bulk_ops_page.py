"""The Bulk Ops page's logic, from app/main.py down to the files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from PIL import Image
from streamlit.testing.v1 import AppTest

from app.bulk_ops.state import BulkState
from app.session.messages import plain
from app.session.open_dataset import open_folder
from lib.dataset.saving.open_journal import journal_for
from lib.domain import Origin
from lib.preferences import Draft, Preferences
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page, open_scope, settle, texts


def bulk_page(folder: Path, tool: str = "Find and replace") -> AppTest:
    page = open_page(folder, screen="bulk_ops")
    if page.button_group(key="bulk.tool").value != tool:
        page.button_group(key="bulk.tool").set_value(tool).run()
    return page


def press(page: AppTest, key: str) -> AppTest:
    return settle(page.button(key=key).click().run())


def preview_replace(page: AppTest, find: str, replacement: str, *switches: str) -> AppTest:
    page.text_input(key="bulk.find").set_value(find)
    page.text_input(key="bulk.with").set_value(replacement)
    for switch in switches:
        page.checkbox(key=f"bulk.{switch}").check()
    page.run()
    return press(page, "bulk.preview")


def captions(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.txt"))}


def operations(folder: Path) -> list[str]:
    """The bulk operations of a folder, the newest first: kind and state."""
    entries = journal_for(folder, settings()).operations()
    return [f"{entry.kind} {entry.state} {entry.files}" for entry in entries if entry.kind != "create"]


def rows(page: AppTest) -> list[dict[str, Any]]:
    """What the list of changes was given to show."""
    found = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return next((data["rows"] for data in found if "rows" in data), [])


def side(row: dict[str, Any], name: str) -> str:
    return "".join(text for _, text in row[name])


def test_without_a_folder_the_page_offers_one_and_stays_itself(photos: Path) -> None:
    page = open_page(screen="bulk_ops")
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert healthy(page)
    assert [title.value for title in page.title] == ["Bulk Ops"]


def test_the_address_names_the_folder_on_this_page_too(photos: Path) -> None:
    page = open_page(photos, screen="bulk_ops")
    assert page.query_params["folder"] == str(photos)


def test_replace_all_shows_before_and_after_and_writes_nothing_until_apply(photos: Path) -> None:
    before = captions(photos)
    page = preview_replace(bulk_page(photos), "A ", "The ")
    assert [(side(row, "before"), side(row, "after"), row["hits"]) for row in rows(page)] == [
        ("A cat on a mat.", "The cat on a mat.", 1),
        ("A boat on a lake.", "The boat on a lake.", 1),
    ]
    assert "2 places in 2 files would change" in texts(page)
    assert page.button(key="bulk.apply").label == "Apply to 2 files"
    assert captions(photos) == before
    assert operations(photos) == []


def test_apply_is_one_operation_and_undo_brings_every_byte_back(photos: Path) -> None:
    (photos / "a.txt").write_bytes(b"\xef\xbb\xbfA cat\r\nA mat\r\n")
    before = captions(photos)
    page = press(preview_replace(bulk_page(photos), "A ", "The "), "bulk.apply")
    assert "2 files changed" in texts(page)
    assert (photos / "a.txt").read_bytes() == b"\xef\xbb\xbfThe cat\r\nThe mat\r\n"
    assert operations(photos) == ["replace done 2"]
    press(page, "told.undo")
    assert "Taken back: 2 files" in texts(page)
    assert captions(photos) == before
    assert operations(photos) == ["replace undone 2"]


def test_a_second_click_on_apply_finds_the_work_of_the_first(photos: Path) -> None:
    from app.bulk_ops import edits

    page = preview_replace(bulk_page(photos), "A ", "The A ")
    state = page.session_state["app_state"]
    plan = state.of(BulkState).preview.result
    for _ in range(2):
        edits.apply(state, plan)
    settle(page)
    assert (photos / "a.txt").read_text() == "The A cat on a mat."
    assert operations(photos) == ["replace done 2"]


def test_undo_takes_back_just_the_operation_it_stands_beside(photos: Path) -> None:
    page = press(preview_replace(bulk_page(photos), "A ", "The "), "bulk.apply")
    from lib.dataset.saving.operations import Operations
    from lib.dataset.saving.store import Store
    from lib.dataset.saving.targets import Edit

    store = Store(photos, journal_for(photos, settings()), "local", settings())
    now = hashlib.sha256((photos / "b.txt").read_bytes()).hexdigest()
    Operations(store).apply([Edit("b.jpg", now, "somebody's newer edit")], "other")
    press(page, "told.undo")
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    assert (photos / "b.txt").read_text() == "somebody's newer edit"


def test_a_file_changed_after_the_preview_is_left_alone_and_named(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    (photos / "a.txt").write_text("A text by another program")
    press(page, "bulk.apply")
    assert (photos / "a.txt").read_text() == "A text by another program"
    assert (photos / "sub" / "e.txt").read_text() == "The boat on a lake."
    assert "1 file left alone" in [expander.label for expander in page.expander]
    assert "changed after the preview, by someone else" in texts(page)


def test_a_preview_of_other_settings_cannot_be_applied(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    page.text_input(key="bulk.with").set_value("One ").run()
    assert page.button(key="bulk.apply").disabled
    assert "Press Preview again" in texts(page)


def test_settings_typed_just_before_preview_count(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    page.text_input(key="bulk.with").set_value("One ")
    open_scope(page).text_input(key="scope.query").set_value("boat")
    press(page, "bulk.preview")
    assert [side(row, "after") for row in rows(page)] == ["One boat on a lake."]


def test_a_pattern_with_groups_and_the_switches(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), r"(CAT|boat) on a (\w+)", r"\2 under a \1", "regex", "ignore_case")
    assert [side(row, "after") for row in rows(page)] == ["A mat under a cat.", "A lake under a boat."]


def test_without_the_switch_a_pattern_is_only_text(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), ".", "!")
    assert [side(row, "after") for row in rows(page)] == ["A cat on a mat!", "A boat on a lake!"]


def test_a_wrong_pattern_is_explained_and_nothing_is_offered(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "(", "x", "regex")
    assert "This cannot be used" in texts(page)
    assert "bulk.apply" not in [button.key for button in page.button]


def test_what_would_change_nothing_says_so(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "zebra", "horse")
    assert "No tag in scope would change" in texts(page)


def test_an_edit_that_hits_nothing_leaves_odd_files_as_they_are(photos: Path, test_data: Path) -> None:
    odd = sorted(path for path in (test_data / "hostile" / "sidecars").rglob("*.txt") if path.is_file())
    for number, path in enumerate(odd):
        Image.new("RGB", (8, 8), "teal").save(photos / f"odd_{number}.png")
        (photos / f"odd_{number}.txt").write_bytes(path.read_bytes())
    before = captions(photos)
    page = preview_replace(bulk_page(photos), "\N{OGHAM LETTER BEITH}nowhere", "x")
    assert "No tag in scope would change" in texts(page)
    assert captions(photos) == before


def test_the_scope_narrows_what_is_changed_and_is_said_with_its_count(photos: Path) -> None:
    page = bulk_page(photos, "Add to all tags")
    assert "All 5 images" in texts(page)
    open_scope(page).button_group(key="scope.tagged").set_value("untagged").run()
    assert plain("Untagged: 2 images") in texts(page)
    page.text_input(key="bulk.prefix").set_value("photo").run()
    press(press(page, "bulk.preview"), "bulk.apply")
    assert [(photos / name).read_text() for name in ("a.txt", "b.txt", "c.txt", "d.txt")] == [
        "A cat on a mat.", "dog, red sofa", "photo", "photo",
    ]  # fmt: skip


def test_an_affix_makes_no_tag_where_there_is_none_unless_it_is_told_to(photos: Path) -> None:
    page = bulk_page(photos, "Add to all tags")
    page.text_input(key="bulk.prefix").set_value("photo").run()
    press(page, "bulk.preview")
    assert page.button(key="bulk.apply").label == "Apply to 3 files"
    page.checkbox(key="bulk.also_blank").check().run()
    press(page, "bulk.preview")
    assert page.button(key="bulk.apply").label == "Apply to 5 files"


def test_what_is_left_out_of_a_preview_is_not_changed(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    page.session_state["app_state"].of(BulkState).left_out.add("a.jpg")
    page.run()
    assert page.button(key="bulk.apply").label == "Apply to 1 file"
    assert [row["kept"] for row in rows(page)] == [False, True]
    press(page, "bulk.apply")
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    assert (photos / "sub" / "e.txt").read_text() == "The boat on a lake."


def test_typed_text_that_is_not_saved_is_told_of(photos: Path) -> None:
    kept = Preferences(settings().owner_folder("local"))
    now = hashlib.sha256((photos / "a.txt").read_bytes()).hexdigest()
    kept.keep_draft(photos, "a.jpg", Draft("typed", now, Origin()))
    page = bulk_page(photos)
    assert "One image has text that was typed but not saved" in texts(page)
    open_scope(page).text_input(key="scope.query").set_value("boat").run()
    assert "typed but not saved" not in texts(page)


def test_images_that_share_a_tag_file_count_as_one_file(photos: Path) -> None:
    journal_for(photos, settings()).allow_shared("a")
    (photos / "a.png").write_bytes((photos / "c.png").read_bytes())
    page = preview_replace(bulk_page(photos), "cat", "dog")
    assert page.button(key="bulk.apply").label == "Apply to 1 file"
    press(page, "bulk.apply")
    assert (photos / "a.txt").read_text() == "A dog on a mat."
    assert "left alone" not in " ".join(expander.label for expander in page.expander)


def test_what_was_applied_while_nobody_looked_is_told_to_whoever_comes_back(photos: Path) -> None:
    from app.bulk_ops import edits

    page = preview_replace(bulk_page(photos), "A ", "The ")
    state = page.session_state["app_state"]
    edits.apply(state, state.of(BulkState).preview.result)
    fresh = settle(bulk_page(photos))
    assert "2 files changed" in texts(fresh)
    press(fresh, "told.undo")
    assert (photos / "a.txt").read_text() == "A cat on a mat."


def test_what_was_done_is_told_once_and_stays_in_the_history(photos: Path) -> None:
    page = press(preview_replace(bulk_page(photos), "A ", "The "), "bulk.apply")
    assert "2 files changed" in texts(page)
    press(page, "told.dismiss")
    for shown in (page, bulk_page(photos)):
        assert "files changed" not in texts(shown)
        assert "told.undo" not in [button.key for button in shown.button]
    assert operations(photos) == ["replace done 2"]


def test_its_undo_works_on_another_page_and_not_in_another_folder(photos: Path, many: Path) -> None:
    page = press(preview_replace(bulk_page(photos), "A ", "The "), "bulk.apply")
    page.switch_page("../pages/history.py").run()
    press(page, "told.undo")
    assert "Taken back: 2 files" in texts(page)
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    page.switch_page("../pages/bulk_ops.py").run()
    press(preview_replace(page, "A ", "The "), "bulk.apply")
    open_folder(page.session_state["app_state"], many)
    page.run()
    assert "told.undo" not in [button.key for button in page.button]


def test_an_edit_that_came_to_nothing_and_one_of_one_file_are_told_in_words(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "cat", "dog")
    (photos / "a.txt").write_text("A text by another program")
    press(page, "bulk.apply")
    assert "No file was changed." in texts(page)
    press(preview_replace(page, "text", "caption"), "bulk.apply")
    assert "1 file changed, in one operation." in texts(page)
    press(page, "told.undo")
    assert "Taken back: 1 file holds what it held before." in texts(page)


def test_an_undo_that_came_to_nothing_is_told_in_words(photos: Path) -> None:
    page = press(preview_replace(bulk_page(photos), "cat", "dog"), "bulk.apply")
    (photos / "a.txt").write_text("A text by another program")
    press(page, "told.undo")
    assert "No file was taken back." in texts(page)


def test_a_tag_operation_is_named_in_the_history(photos: Path) -> None:
    page = bulk_page(photos, "Tag operations")
    page.text_input(key="bulk.tag").set_value("dog").run()
    press(press(page, "bulk.preview"), "bulk.apply")
    assert "Tag operation" in texts(page.switch_page("../pages/history.py").run())


def test_settings_and_scope_last_while_another_page_is_looked_at(photos: Path) -> None:
    page = bulk_page(photos)
    page.text_input(key="bulk.find").set_value("cat")
    open_scope(page).text_input(key="scope.query").set_value("mat")
    page.run()
    page.switch_page("../pages/tagging.py").run()
    page.switch_page("../pages/bulk_ops.py").run()
    assert page.text_input(key="bulk.find").value == "cat"
    assert open_scope(page).text_input(key="scope.query").value == "mat"
    assert page.button_group(key="bulk.tool").value == "Find and replace"


def test_patterns_that_explode_are_answered_too(photos: Path, test_data: Path) -> None:
    for pattern, text in json.loads((test_data / "hostile/strings/made/redos.json").read_text(encoding="utf-8")):
        (photos / "a.txt").write_text(text)
        page = preview_replace(bulk_page(photos), pattern, "x", "regex")
        job = page.session_state["app_state"].of(BulkState).preview
        assert job.error is None or "too slow" in job.error.message


def test_nothing_to_look_for_is_said_and_looked_for_nowhere(photos: Path) -> None:
    page = bulk_page(photos)
    for button in ("bulk.look", "bulk.preview"):
        press(page, button)
        assert "There is nothing to find yet." in texts(page)
    page = press(bulk_page(photos, "Add to all tags"), "bulk.preview")
    assert "There are no words to add yet." in texts(page)
    page = press(bulk_page(photos, "Tag operations"), "bulk.preview")
    assert "A tag is missing." in texts(page)
    assert page.session_state["app_state"].of(BulkState).preview is None


def test_what_needs_a_look_stays_under_its_tool_alone(photos: Path) -> None:
    page = preview_replace(bulk_page(photos), "A ", "The ")
    (photos / "a.txt").write_text("A text by another program")
    press(page, "bulk.apply")
    left_alone = "1 file left alone"
    assert left_alone in [expander.label.lower() for expander in page.expander]
    for tool in ("Generate", "Add to all tags", "Tag operations"):
        page.button_group(key="bulk.tool").set_value(tool).run()
        assert left_alone not in [expander.label.lower() for expander in page.expander]
    page.button_group(key="bulk.tool").set_value("Find and replace").run()
    assert left_alone in [expander.label.lower() for expander in page.expander]
    press(page, "bulk.dismiss")
    assert left_alone not in [expander.label.lower() for expander in page.expander]
