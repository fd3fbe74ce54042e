"""What the start page offers to whom."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.session.messages import plain
from app.shell import folder_card
from app.shell.glimpses import StartState
from lib.preferences import RecentFolder
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page, settle, texts
from tests.doubles.image_folder import image_folder


@pytest.mark.parametrize(("address", "is_offered"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_where_no_folders_are_shared_only_who_sits_at_the_machine_chooses_one(
    local_server: None, monkeypatch: pytest.MonkeyPatch, address: str, is_offered: bool
) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", "")
    settings.cache_clear()
    st.config.set_option("server.address", address)
    page = open_page()
    assert ("picker.path" in {field.key for field in page.text_input}) is is_offered
    assert ("TOOLKIT_ROOTS" in texts(page)) is not is_offered
    assert page.button(key="picker.sample")


@pytest.mark.parametrize(("is_here", "is_told"), [(True, True), (False, False)])
def test_who_sits_at_the_machine_of_a_server_for_all_is_told_how_to_have_it_alone(
    local_server: None, monkeypatch: pytest.MonkeyPatch, is_here: bool, is_told: bool
) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", "")
    settings.cache_clear()
    st.config.set_option("server.address", None)
    monkeypatch.setattr(folder_card, "would_be_from_this_machine", lambda: is_here)
    page = open_page()
    assert ("--server.address 127.0.0.1" in texts(page)) is is_told
    assert ("shares no folders with visitors" in texts(page)) is not is_told


@pytest.mark.parametrize(("address", "is_told"), [("127.0.0.1", True), ("0.0.0.0", False)])
def test_only_an_administrator_is_told_that_the_space_of_all_is_nearly_used_up(
    local_server: None, monkeypatch: pytest.MonkeyPatch, toolkit_home: Path, address: str, is_told: bool
) -> None:
    monkeypatch.setenv("TOOLKIT_TOTAL_MB", "1")
    settings.cache_clear()
    st.config.set_option("server.address", address)
    theirs = toolkit_home / "workspace" / "somebody" / "uploads" / "set" / "a.jpg"
    theirs.parent.mkdir(parents=True)
    theirs.write_bytes(b"x" * 950_000)
    page = open_page()
    assert ("The space of this server is nearly used up" in texts(page)) is is_told


def rows(page: AppTest) -> list[dict[str, object]]:
    lists = [json.loads(element.proto.json) for element in page.get("bidi_component") if element.proto.json]
    return next(data["items"] for data in lists if data.get("label") == "Recent folders")


def test_a_folder_shows_its_counts_and_four_pictures_before_it_is_opened(photos: Path) -> None:
    page = open_page()
    page.text_input(key="picker.path").set_value(str(photos)).run()
    assert "5 images, 3 captioned" in texts(page)
    assert texts(page).count("<img") == 4 + 3
    page.checkbox(key="picker.recursive").uncheck().run()
    assert "4 images, 2 captioned" in texts(page)
    page.text_input(key="picker.path").set_value(str(photos / "nothing")).run()
    assert "There is no folder" in texts(page)
    assert healthy(page)
    assert texts(page).count("<img") == 3


def test_a_folder_without_images_shows_words_in_the_place_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = open_page()
    page.text_input(key="picker.path").set_value(str(tmp_path / "empty")).run()
    assert "<div class='toolkit-glimpse none'>No images here</div>" in texts(page)
    assert "<div class='toolkit-glimpse'>" not in texts(page)


def test_the_folder_under_the_cursor_is_shown_in_the_place_of_the_one_that_is_typed(photos: Path) -> None:
    page = open_page()
    page.session_state["app_state"].of(StartState).pointed = RecentFolder(photos / "sub", True, ".txt")
    page.run()
    assert plain("sub: 1 image, 1 captioned") in texts(page)


def test_no_folder_that_may_not_be_opened_is_looked_into(photos: Path, tmp_path: Path) -> None:
    elsewhere = image_folder(tmp_path.parent / f"{tmp_path.name}-elsewhere", {"secret.jpg": "x"})
    page = open_page()
    page.session_state["app_state"].of(StartState).pointed = RecentFolder(elsewhere, True, ".txt")
    page.run()
    assert healthy(page)
    assert "secret.jpg" not in texts(page)
    assert "1 image" not in texts(page)


def test_recent_folders_show_how_much_of_them_is_tagged(photos: Path) -> None:
    page = open_page(photos)
    page.button(key="shell.close").click().run()
    row = rows(page)[0]
    assert (row["name"], row["note"], row["done"]) == ("photos", "3 / 5", 3 / 5)


def test_a_recent_folder_whose_images_are_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = open_page(tmp_path / "empty")
    page.button(key="shell.close").click().run()
    assert (rows(page)[0]["note"], rows(page)[0]["done"]) == ("no images", None)


def test_headings_follow_one_another_without_a_gap(photos: Path) -> None:
    page = open_page(photos)
    page.button(key="shell.close").click().run()
    assert len(page.title) == 1
    assert [heading.value for heading in page.header] == [
        "Open a folder",
        "Try the sample",
        "Upload",
        "Recent folders",
    ]
    assert not page.subheader


def test_an_archive_goes_to_the_import_and_its_images_are_opened(photos: Path, tmp_path: Path) -> None:
    archive = tmp_path / "from elsewhere.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(photos.glob("*.*")):
            out.write(path, path.name)
    page = open_page()
    page.file_uploader(key="picker.files.False").upload(archive.name, archive.read_bytes(), "application/zip").run()
    page.button(key="picker.upload").click().run()
    settle(page)
    assert page.session_state["app_state"].dataset.root.name == "from elsewhere"
    assert len(page.session_state["app_state"].dataset) == 4
    settle(page)
    assert "Showing 1 of 4" in texts(page)


def test_a_dropped_captions_table_goes_to_the_import_though_it_ends_like_a_tag_file(photos: Path) -> None:
    page = open_page()
    box = page.file_uploader(key="picker.files.False")
    table = b"image,caption\na.jpg,A table of captions.\n"
    box.upload("a.jpg", (photos / "a.jpg").read_bytes(), "image/jpeg")
    box.upload("captions.txt", table, "text/plain").run()
    page.button(key="picker.upload").click().run()
    settle(page)
    dataset = page.session_state["app_state"].dataset
    assert [(record.name, record.text) for record in dataset.snapshot()] == [("a.jpg", "A table of captions.")]


def test_an_empty_folder_offers_another_the_sample_and_an_upload(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page = open_page(tmp_path / "empty")
    assert [title.value for title in page.title] == ["No images here"]
    assert "No images were found in" in texts(page)
    assert "0 of 0" not in texts(page)
    assert page.button(key="picker.sample")
    assert page.file_uploader(key="picker.files.False")
    page.text_input(key="picker.path").set_value(str(photos)).run()
    page.button(key="picker.select").click().run()
    assert "Showing 1 of 5" in texts(page)


def test_an_import_of_a_dropped_table_asks_where_it_is_not_understood(tmp_path: Path) -> None:
    page = open_page()
    page.file_uploader(key="picker.files.False").upload("words.csv", b"one,two\nthree,four\n", "text/csv").run()
    page.button(key="picker.upload").click().run()
    settle(page)
    assert [title.value for title in page.title] == ["Import"]
    assert page.session_state["app_state"].dataset is None


def test_a_folder_that_is_chosen_gives_the_dataset_its_name(photos: Path) -> None:
    page = open_page()
    page.toggle(key="picker.whole_folder").set_value(True).run()
    box = page.file_uploader(key="picker.files.True")
    box.upload("holiday/a.jpg", (photos / "a.jpg").read_bytes(), "image/jpeg")
    box.upload("holiday/sea/b.jpg", (photos / "a.jpg").read_bytes(), "image/jpeg").run()
    assert page.text_input(key="picker.upload_name").value == "holiday"
    page.button(key="picker.upload").click().run()
    dataset = page.session_state["app_state"].dataset
    assert dataset.root.name == "holiday"
    assert [record.name for record in dataset.snapshot()] == ["a.jpg", "sea/b.jpg"]


def test_a_name_that_was_typed_outlasts_the_choice_of_a_folder(photos: Path) -> None:
    page = open_page()
    page.toggle(key="picker.whole_folder").set_value(True).run()
    page.text_input(key="picker.upload_name").set_value("mine").run()
    page.file_uploader(key="picker.files.True").upload(
        "holiday/a.jpg", (photos / "a.jpg").read_bytes(), "image/jpeg"
    ).run()
    assert page.text_input(key="picker.upload_name").value == "mine"
    page.button(key="picker.upload").click().run()
    dataset = page.session_state["app_state"].dataset
    assert (dataset.root.name, [record.name for record in dataset.snapshot()]) == ("mine", ["holiday/a.jpg"])


def test_a_folder_with_a_table_goes_to_the_import_with_its_subfolders(photos: Path) -> None:
    page = open_page()
    page.toggle(key="picker.whole_folder").set_value(True).run()
    box = page.file_uploader(key="picker.files.True")
    for name in ("holiday/one/a.jpg", "holiday/two/a.jpg"):
        box.upload(name, (photos / "a.jpg").read_bytes(), "image/jpeg")
    table = b"file_name,text\none/a.jpg,the first\ntwo/a.jpg,the second\n"
    box.upload("holiday/captions.csv", table, "text/csv").run()
    page.button(key="picker.upload").click().run()
    settle(page)
    dataset = page.session_state["app_state"].dataset
    assert dataset.root.name == "holiday"
    assert [(record.name, record.text) for record in dataset.snapshot()] == [
        ("one/a.jpg", "the first"),
        ("two/a.jpg", "the second"),
    ]
