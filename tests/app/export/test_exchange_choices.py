"""What an export and an import may be asked for: a folder of one's own, and one of an image's several captions."""

from __future__ import annotations

import functools
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.export.exports import start_export
from lib import cache
from lib.errors import ToolkitError
from lib.exporting.base import ExportOptions
from lib.exporting.verify import verify
from lib.hub import Hub
from lib.settings import settings
from tests.app.export.test_export_page import export_page, exported, import_from, import_page, press
from tests.doubles.dashboard import texts
from tests.doubles.hub_server import HubServer
from tests.exporting.conftest import captions_of

FIVE = "image,caption\n" + "".join(f"d.JPG,{word}\n" for word in ("one", "two", "three", "four", "five"))


def test_an_export_goes_into_a_folder_of_ones_own_which_is_made_and_never_written_over(
    photos: Path, tmp_path: Path
) -> None:
    page = export_page(photos)
    page.text_input(key="export.folder").set_value(f" {tmp_path / 'out' / 'new'} ").run()
    first = exported(page, "webdata-zip")
    assert first.path == tmp_path / "out" / "new" / "webdata.zip"
    assert verify(first.path).samples == 3
    assert str(first.path) in texts(page)
    assert exported(page, "webdata-zip").path.name == "webdata-2.zip"
    # Only what lies in the workspace is listed, counted, and removed after a time.
    assert "Your exports" not in texts(page)
    page.text_input(key="export.folder").set_value("").run()
    assert exported(page, "csv").path.is_relative_to(settings().workspace("local"))


@pytest.mark.parametrize(
    "folder", ["/etc", "{tmp}/../../../../etc", "{home}", "{home}/workspace/local/mine", "{tmp}/out/link", "out", "\0"]
)
def test_only_folders_that_an_owner_may_open_are_written_to(photos: Path, tmp_path: Path, folder: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to("/etc")
    page = export_page(photos)
    folder = folder.format(tmp=tmp_path, home=settings().home)
    page.text_input(key="export.folder").set_value(folder).run()
    press(page, "export.start")
    assert "cannot be opened here" in texts(page)
    assert not cache.job_runner().of("local")


@pytest.mark.parametrize("folder", [".ssh", "out/.config/new"])
def test_a_hidden_folder_is_not_written_to(photos: Path, folder: str) -> None:
    page = export_page(photos)
    page.text_input(key="export.folder").set_value(str(photos.parent / folder)).run()
    press(page, "export.start")
    assert "is hidden" in texts(page)
    assert not (photos.parent / folder).exists()


def as_visitor(monkeypatch: pytest.MonkeyPatch, folder: Path, **choices: object) -> AppTest:
    monkeypatch.setattr("app.session.state.current_owner", lambda: "cookie:visitor")
    page = export_page(folder)
    for name, value in choices.items():
        monkeypatch.setattr(settings(), name, value)
    return page.run()


def started(page: AppTest, folder: Path) -> str:
    """What the page says of an export into the folder, however its name got there."""
    state = page.session_state["app_state"]
    try:
        start_export(state, "csv", ExportOptions(), str(folder))
    except ToolkitError as error:
        return str(error)
    (job,) = cache.job_runner().of("cookie:visitor")
    assert job.wait(20)
    return str(job.error or "")


def test_a_visitor_is_not_offered_a_folder_of_the_server_and_gets_none(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = as_visitor(monkeypatch, photos, roots=[])
    assert "export.folder" not in {field.key for field in page.text_input}
    assert "stay in your own space" in started(page, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_where_the_settings_name_folders_a_visitors_exports_there_count(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = as_visitor(monkeypatch, photos, roots=[tmp_path])
    assert "export.folder" in {field.key for field in page.text_input}
    assert started(page, tmp_path / "out") == ""
    with (tmp_path / "out" / "captions.csv").open("a") as grown:
        grown.truncate(1_000_000)
    monkeypatch.setattr(settings(), "upload_quota_mb", 1)
    assert "exports take 1 of 1 MB" in started(page, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_an_export_never_becomes_part_of_its_dataset(photos: Path) -> None:
    page = export_page(photos)
    page.radio(key="export.format").set_value("imagefolder").run()
    page.checkbox(key="export.zipped").uncheck().run()
    page.text_input(key="export.folder").set_value(str(photos / "out")).run()
    press(page, "export.start")
    assert "would become part of it" in texts(page)
    assert not (photos / "out").exists()
    page.checkbox(key="export.zipped").check().run()
    assert exported(page, "imagefolder").path == photos / "out" / "imagefolder.zip"


@pytest.mark.parametrize(("caption", "text"), [("all", "one\ntwo\nthree\nfour\nfive"), ("1", "one"), ("4", "four")])
@pytest.mark.parametrize("way", ["path", "archive"])
def test_which_of_five_captions_is_taken(photos: Path, tmp_path: Path, caption: str, text: str, way: str) -> None:
    source = tmp_path / "captions.txt"
    source.write_text(FIVE)
    if way == "archive":
        with zipfile.ZipFile(tmp_path / "flickr.zip", "w") as archive:
            archive.write(source, "captions.txt")
        source = tmp_path / "flickr.zip"
    page = import_page(photos)
    page.selectbox(key="import.caption").set_value(caption).run()
    import_from(page, source)
    assert captions_of(photos)["d.JPG"] == text


def test_which_of_five_captions_is_taken_from_the_hub(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with HubServer() as server:
        server.lfs = False
        server.repository("ada/birds", {"d.JPG": (photos / "d.JPG").read_bytes(), "captions.csv": FIVE.encode()})
        monkeypatch.setattr("app.export.hub_token.Hub", functools.partial(Hub, endpoint=server.url))
        page = import_page(photos)
        page.segmented_control(key="import.from").set_value("Hugging Face Hub").run()
        page.text_input(key="import.repository").set_value("ada/birds").run()
        page.selectbox(key="import.caption").set_value("2").run()
        press(page, "import.start")
    assert captions_of(photos)["d.JPG"] == "two"
