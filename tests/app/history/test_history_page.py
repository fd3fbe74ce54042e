"""The History page's logic, from app/main.py down to the files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from streamlit.testing.v1 import AppTest

from app.history.damage_note import damage_note
from app.history.state import HistoryState
from app.samples import history_words
from app.samples.history_words import exact_time, moved, time_ago, what, who
from app.session.state import AppState
from lib import cache
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.scan.scanner import open_dataset
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord, Origin
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.owners import owners_of
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page, texts
from tests.doubles.image_folder import image_folder


def store_of(folder: Path, owner: str = "local") -> Store:
    return Store(folder, journal_for(folder, settings()), owner, settings(), open_dataset(folder))


def bulk(folder: Path, kind: str = "replace", owner: str = "local", **after: str) -> int:
    edits = [Edit(f"{name}.jpg", hash_of((folder / f"{name}.txt").read_bytes()), text) for name, text in after.items()]
    operation = Operations(store_of(folder, owner)).apply(edits, kind).operation
    assert operation is not None
    return operation


def history_page(folder: Path) -> AppTest:
    page = open_page(folder).switch_page("../pages/history.py").run()
    assert healthy(page)
    return page


def settled(page: AppTest) -> AppTest:
    """The page once undo or redo has ended, and was drawn a moment ago."""
    for job in cache.job_runner().of("local"):
        assert job.wait(20)
    state = page.session_state["app_state"]
    state.clicked = (None, 0.0)
    page.run()
    state.of(HistoryState).meanings.clear()
    assert healthy(page)
    return page


def test_without_a_folder_the_page_offers_to_open_one() -> None:
    page = open_page().switch_page("../pages/history.py").run()
    assert healthy(page)
    assert page.button(key="picker.select")


def test_an_untouched_folder_has_no_history_and_nothing_to_undo(photos: Path) -> None:
    page = history_page(photos)
    assert "Nothing was done" in texts(page)
    assert page.button(key="history.undo").disabled
    assert page.button(key="history.redo").disabled


def test_a_bulk_edit_is_listed_with_each_file_before_and_after(photos: Path) -> None:
    bulk(photos, a="A dog on a mat.", b="dog, blue chair")
    shown = texts(history_page(photos))
    assert "Find and replace" in shown
    assert "2 files" in shown
    assert "<del>cat</del>" in shown
    assert "<ins>blue chair</ins>" in shown


def test_undo_and_redo_of_the_chosen_operation_are_exact(photos: Path) -> None:
    before = {path.name: path.read_bytes() for path in photos.glob("*.txt")}
    bulk(photos, a="A dog on a mat.", b="dog, blue chair")
    after = {path.name: path.read_bytes() for path in photos.glob("*.txt")}
    page = history_page(photos)
    settled(page.button(key="history.turn").click().run())
    assert {path.name: path.read_bytes() for path in photos.glob("*.txt")} == before
    assert "2 files were given back" in texts(page)
    assert page.button(key="history.turn").label == "Redo this"
    settled(page.button(key="history.redo").click().run())
    assert {path.name: path.read_bytes() for path in photos.glob("*.txt")} == after
    page.button(key="history.dismiss").click().run()
    assert "Done again" not in texts(page)


def test_a_double_click_takes_back_one_operation(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # However busy the machine is, the second click comes soon enough.
    monkeypatch.setattr("app.history.state._SECOND_HALF_S", 3_600.0)
    bulk(photos, a="first")
    bulk(photos, a="second")
    page = history_page(photos).button(key="history.undo").click().run()
    for job in cache.job_runner().of("local"):
        assert job.wait(20)
    page.run()
    # Drawn anew, the button stands for the operation before.
    page.button(key="history.undo").click().run()
    settled(page)
    assert (photos / "a.txt").read_text() == "first"
    settled(page.button(key="history.undo").click().run())
    assert (photos / "a.txt").read_text() == "A cat on a mat."


def test_each_of_several_clicks_soon_after_one_another_takes_back_an_operation(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However slow the machine is, the clicks come soon after one another, and yet after the page was drawn.
    monkeypatch.setattr("app.session.double_clicks._DOUBLE_CLICK_S", 3_600.0)
    monkeypatch.setattr("app.history.state._SECOND_HALF_S", 0.0)
    for text in ("first", "second", "third"):
        bulk(photos, a=text)
    page = history_page(photos)
    for text in ("second", "first", "A cat on a mat."):
        page.button(key="history.undo").click().run()
        for job in cache.job_runner().of("local"):
            assert job.wait(20)
        page.run()
        assert (photos / "a.txt").read_text() == text


def test_no_button_stays_greyed_when_an_undo_ends_while_the_page_is_drawn(
    photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in ("first", "second"):
        bulk(photos, a=text)
    page = history_page(photos)
    ended = damage_note.__globals__["journal_of"]

    def when_drawn(state: AppState) -> object:
        for job in cache.job_runner().of("local"):
            assert job.wait(20)
        return ended(state)

    # The bar stands above it, the panel that waits for the end below.
    monkeypatch.setattr("app.history.damage_note.journal_of", when_drawn)
    page.button(key="history.undo").click().run()
    assert healthy(page)
    assert not page.button(key="history.undo").disabled


def test_files_changed_since_are_left_alone_and_listed(photos: Path) -> None:
    bulk(photos, a="A dog.", b="b")
    (photos / "a.txt").write_text("theirs")
    page = history_page(photos)
    settled(page.button(key="history.turn").click().run())
    assert (photos / "a.txt").read_text() == "theirs"
    assert (photos / "b.txt").read_text() == "dog, red sofa"
    assert "1 left alone" in texts(page)
    assert "It was changed since." in texts(page)


def test_an_owners_unsaved_text_for_a_restored_file_is_told_and_kept(photos: Path) -> None:
    from app.session.open_dataset import preferences
    from lib.preferences import Draft

    bulk(photos, a="A dog.")
    page = history_page(photos)
    kept = preferences(page.session_state["app_state"])
    kept.keep_draft(photos, "a.jpg", Draft("mine", hash_of(b"A dog."), Origin()))
    settled(page.button(key="history.turn").click().run())
    assert "text that is not saved for a.jpg" in texts(page)
    assert kept.draft(photos, "a.jpg") is not None


def test_undo_last_takes_back_ones_own_and_the_others_only_when_chosen(photos: Path) -> None:
    bulk(photos, a="mine")
    bulk(photos, owner="mail:ann@example.org", b="hers")
    page = history_page(photos)
    assert "someone else" in texts(page)
    assert "ann@example.org" not in texts(page)
    settled(page.button(key="history.undo").click().run())
    assert (photos / "a.txt").read_text() == "A cat on a mat."
    assert (photos / "b.txt").read_text() == "hers"
    settled(page.button(key="history.turn").click().run())
    assert (photos / "b.txt").read_text() == "dog, red sofa"


def test_blank_tag_files_are_hidden_until_asked_for(photos: Path) -> None:
    store_of(photos).create_blank(ImageRecord("d.JPG"))
    page = history_page(photos)
    assert "Blank tag file" not in texts(page)
    page.checkbox(key="history.blanks").check().run()
    assert "Blank tag file" in texts(page)
    assert "1 operation" in texts(page)


def test_the_list_can_be_narrowed_to_many_files_and_to_a_file(photos: Path) -> None:
    bulk(photos, a="one", b="two")
    bulk(photos, kind="edit", b="three")
    page = history_page(photos)
    assert "2 operations" in texts(page)
    page.segmented_control(key="history.which").set_value("Many files").run()
    assert "1 operation" in texts(page)
    page.segmented_control(key="history.which").set_value("Everything").run()
    page.text_input(key="history.find").set_value("A.JPG").run()
    assert "1 operation" in texts(page)
    page.text_input(key="history.find").set_value("nowhere").run()
    assert "Nothing in the history fits" in texts(page)


def test_foreign_text_is_never_markup(photos: Path) -> None:
    bulk(photos, a="<img src=x onerror=alert(1)> ![x](http://127.0.0.1:9/x)")
    page = history_page(photos)
    bodies = "\n".join(element.proto.body for element in page.get("html"))
    assert "&lt;" in bodies
    assert "<img" not in bodies
    assert not [element for element in page.markdown if "![x]" in element.value]


def test_former_texts_are_read_only_when_asked_for_and_go_into_the_box(photos: Path) -> None:
    store = store_of(photos)
    store.save(ImageRecord("a.jpg"), "A dog.", hash_of(b"A cat on a mat."), Origin("generate", "blip-base"))
    store.save(ImageRecord("a.jpg"), "A fox.", hash_of(b"A dog."))
    page = open_page(photos, "a.jpg")
    assert "A dog." not in texts(page)
    page.session_state["tagging.history"] = True
    page.run()
    assert "Caption by a model: BLIP base" in texts(page)
    assert "A cat on a mat." in texts(page)
    page.button(key="tagging.former.1").click().run()
    assert (photos / "a.txt").read_text() == "A fox."
    page.button(key="tagging.save").click().run()
    assert (photos / "a.txt").read_text() == "A dog."
    origin = store.journal.latest_origin("a.txt")
    assert origin is not None
    assert (origin.kind, origin.model) == ("generate", "blip-base")


def test_the_last_former_text_is_told_as_written_here_however_long_the_history_is(photos: Path) -> None:
    from app.samples.former_texts import former_texts_of

    state = open_page(photos).session_state["app_state"]
    store = store_of(photos)
    found = []
    for number in range(22):
        store.save(ImageRecord("a.jpg"), f"text {number}", hash_of((photos / "a.txt").read_bytes()))
        former = former_texts_of(state, "a.txt")
        found.append([one.text for one in former if one.was_found])
        assert len(former) <= 21
    assert found == [["A cat on a mat."]] * 20 + [[]] * 2


def test_an_operation_is_told_in_plain_words() -> None:
    labels = {"blip-base": "BLIP"}
    assert what("generate", Origin("generate", "blip-base"), labels) == "Caption by a model: BLIP"
    assert what("generate", Origin("generate", "x:y", edited=True), labels) == "Caption by a model, edited: x:y"
    assert what("tags", Origin(), labels) == "Tag operation"
    assert what("import", Origin("import"), labels) == "Import"
    assert what("remove_tags", Origin(), labels) == "Remove tags"


@pytest.mark.parametrize(
    ("by", "viewer", "words"),
    [
        ("local", "local", "you"),
        ("visitor:1", "visitor:2", "someone else"),
        ("mail:a@b.c", "visitor:2", "someone else"),
        ("visitor:2", "login:1", "someone else"),
        ("login:2", "login:1", "someone else"),
        # Of before the owner was the account: nobody has taken it over yet.
        ("mail:d@e.f", "login:1", "d@e.f"),
    ],
)
def test_an_e_mail_is_told_only_among_those_who_logged_in(by: str, viewer: str, words: str) -> None:
    assert who(by, viewer) == words


def test_a_login_is_told_by_its_e_mail_to_others_who_logged_in() -> None:
    owners = owners_of(settings().home)
    owners.login("https://login.example", "1", "ada@example.org", 100)
    ada = owners.login_name("https://login.example", "1")
    assert [who(ada, viewer) for viewer in (ada, "login:2", "visitor:1", "local")] == [
        "you", "ada@example.org", "someone else", "someone else",
    ]  # fmt: skip
    owners.close()


def test_times_are_told_on_the_viewers_clock() -> None:
    at = "2026-01-05T23:30:00.000+00:00"
    assert exact_time(at, ZoneInfo("Europe/Berlin")) == "6 Jan 2026, 00:30:00 CET"
    now = datetime(2026, 1, 6, 1, 45, tzinfo=UTC)
    assert time_ago(at, now) == "2 hours ago"
    assert time_ago("2026-01-06T01:44:30+00:00", now) == "just now"
    assert time_ago("2026-01-01T01:44:30+00:00", now) == "5 days ago"


@pytest.mark.parametrize(
    ("name", "offset", "told"),
    [
        ("Europe/Berlin", -60, "6 Jan 2026, 00:30:00 CET"),
        ("Nowhere/At_All", -60, "6 Jan 2026, 00:30:00 UTC+01:00"),
        (None, None, "5 Jan 2026, 23:30:00 UTC"),
    ],
)
def test_the_viewers_clock_is_the_browsers(
    monkeypatch: pytest.MonkeyPatch, name: str | None, offset: int | None, told: str
) -> None:
    monkeypatch.setattr(history_words.st, "context", SimpleNamespace(timezone=name, timezone_offset=offset))
    assert exact_time("2026-01-05T23:30:00.000+00:00", history_words.zone()) == told


def test_undoing_an_import_takes_its_images_from_the_page_and_redo_brings_them_again(
    photos: Path, tmp_path: Path
) -> None:
    source = image_folder(tmp_path / "source", {"new_1.jpg": "one", "new_2.jpg": None})
    import_into(source, ImportTarget(photos, settings(), "local"))
    page = history_page(photos)
    assert "2 images" in texts(page)
    state = page.session_state["app_state"]
    settled(page.button(key="history.undo").click().run())
    assert "2 images taken away" in texts(page)
    assert state.dataset.get("new_1.jpg") is None
    settled(page.button(key="history.redo").click().run())
    assert "2 images brought again" in texts(page)
    assert state.dataset.get("new_1.jpg").text == "one"


def test_a_damaged_history_says_from_when_on_undo_is_missing_and_where_the_file_lies(tmp_path: Path) -> None:
    photos = image_folder(tmp_path / "photos", {"a.jpg": "a"})
    bulk(photos, a="A")
    journal = journal_for(photos, settings())
    journal.close()
    journal.path.write_bytes(b"no database at all" * 1_000)
    page = history_page(photos)
    assert healthy(page)
    (aside,) = journal.path.parent.glob("*.damaged-*")
    shown = texts(page)
    assert "Undo is missing for what was done before" in shown
    assert str(aside) in shown
    assert (photos / "a.txt").read_text() == "A"


def test_an_undo_says_whether_images_went_or_came_back() -> None:
    assert moved(1, back=True) == "1 image taken away, and kept in the folder’s hidden “.replaced”."
    assert moved(2, back=False) == "2 images brought again."
    assert moved(1, back=True, aside=True) == "1 image back in place, as before."
    assert moved(1, back=False, aside=True) == "1 image taken away, and kept in the folder’s hidden “.replaced”."
