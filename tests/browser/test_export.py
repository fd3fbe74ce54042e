"""What a person does on the Export page, in Chromium."""

from __future__ import annotations

import base64
import json
import re
import shutil
import sys
import tarfile
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from app.session.owner import COOKIE
from lib.exporting.verify import verify
from tests.browser.conftest import SCREENSHOTS, Dashboard, serve

_AS_DROPPED = """async data => {
    const answer = await fetch("data:application/zip;base64," + data);
    const dropped = new DataTransfer();
    dropped.items.add(new File([await answer.blob()], "more.zip", {type: "application/zip"}));
    return dropped;
}"""


@pytest.fixture
def photos(dashboard: Dashboard) -> Path:
    return some_photos(dashboard.photos)


def some_photos(folder: Path) -> Path:
    (folder / "sub").mkdir()
    for number, name in enumerate(["a.v2.jpg", "b.jpg", "sub/b.jpg", "untagged.png"]):
        Image.new("RGB", (320, 240), (60 * number, 120, 200)).save(folder / name)
    for name, text in {"a.v2": "a cat, red sofa", "b": "ein Kätzchen, 猫", "sub/b": "a boat"}.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def open_export(page: Any, dashboard: Dashboard, folder: Path) -> None:
    page.goto(f"{dashboard.url}/export?folder={folder}")
    page.get_by_role("heading", name="Export", exact=True).wait_for()


def open_import(page: Any, dashboard: Dashboard, source: Path) -> None:
    """The form of an import without an open folder, with a path in it."""
    page.goto(f"{dashboard.url}/export")
    page.get_by_role("radio", name="Import", exact=True).click()
    page.get_by_role("radio", name="This server").click()
    page.get_by_label("File or folder").fill(str(source))


def settled(page: Any) -> None:
    """Wait until a choice has moved what stands below it: a click on what moves hits nothing."""
    page.wait_for_timeout(150)
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
    )


def to_import(page: Any, files: Path) -> None:
    """Go over to Import and upload there: where no dataset is open, Export has an uploader of its own before it."""
    page.get_by_role("radio", name="Import", exact=True).click()
    page.get_by_text("Drop archives").wait_for()
    page.locator("input[type=file]").set_input_files(files)


def export(page: Any, label: str, name: str) -> Any:
    """Export in a format; gives the link to the file."""
    page.locator("label", has_text=label).click()
    settled(page)
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text(f"in {name},").wait_for()
    return page.locator(".st-key-export-outcome").get_by_role("link", name=f"Download {name}", exact=True)


def fetched(page: Any, link: Any, folder: Path) -> Path:
    with page.expect_download() as download:
        link.click()
    target = folder / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_the_sample_is_exported_downloaded_and_read_back(page: Any, dashboard: Dashboard, tmp_path: Path) -> None:
    page.goto(dashboard.url)
    page.get_by_role("button", name="Sample dataset").click()
    page.get_by_text("Showing 1 of").wait_for()
    page.get_by_role("link", name="Export", exact=True).click()
    file = fetched(page, export(page, "webdata.zip", "webdata.zip"), tmp_path)
    labels = json.loads(zipfile.ZipFile(file).read("label.json"))
    assert len(labels) == verify(file).samples > 50
    file = fetched(page, export(page, "WebDataset shards", "webdataset.zip"), tmp_path)
    zipfile.ZipFile(file).extract("00000.tar", tmp_path)
    with tarfile.open(tmp_path / "00000.tar") as shard:
        assert sum(name.endswith(".txt") for name in shard.getnames()) == len(labels)
    assert verify(tmp_path / "00000.tar").bad == ()
    for width, scheme in ((1024, "light"), (1440, "dark"), (1920, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 1400})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.screenshot(path=SCREENSHOTS / f"export_sample_{width}.png")


@pytest.mark.slow
def test_a_download_goes_to_the_browser_that_it_was_drawn_for_alone(
    page: Any, dashboard: Dashboard, photos: Path, browser: Any
) -> None:
    open_export(page, dashboard, photos)
    link = export(page, "CSV", "captions.csv").get_attribute("href")
    own = page.request.get(f"{dashboard.url}/{link}", headers={"Range": "bytes=0-13"})
    assert (own.status, own.text()) == (206, "file_name,text")
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(dashboard.url)
    stranger.get_by_role("button", name="Sample dataset").wait_for()
    assert any(cookie["name"] == COOKIE for cookie in other.cookies())
    assert stranger.request.get(f"{dashboard.url}/{link}").status == 404
    for path in (link, "download/..%2F..%2Fetc%2Fpasswd", "download/unknown"):
        request = urllib.request.Request(f"{dashboard.url}/{path}", headers={"Cookie": f"{COOKIE}="})
        with pytest.raises(urllib.error.HTTPError, match=r"40[04]"):
            urllib.request.urlopen(request, timeout=10)
    other.close()


@pytest.mark.slow
def test_an_archive_dropped_into_the_box_becomes_a_dataset_and_goes_into_the_open_folder(
    page: Any, dashboard: Dashboard, photos: Path, tmp_path: Path
) -> None:
    open_export(page, dashboard, photos)
    archive = fetched(page, export(page, "webdata.zip", "webdata.zip"), tmp_path)
    (photos / "b.txt").write_text("changed")
    to_import(page, archive)
    page.get_by_role("radio", name="Overwrite").click()
    settled(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Added: 1, skipped: 2").wait_for()
    assert (photos / "b.txt").read_text(encoding="utf-8") == "ein Kätzchen, 猫"
    page.screenshot(path=SCREENSHOTS / "import_open_folder.png")
    page.get_by_role("button", name="Undo the import").click()
    page.get_by_text("Taken back: 1").wait_for()
    assert (photos / "b.txt").read_text() == "changed"

    page.get_by_role("radio", name="A new dataset").click()
    page.get_by_label("Its name").fill("taken in")
    page.get_by_label("Its name").press("Enter")
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Into taken in").wait_for()
    page.get_by_role("button", name="Open it").click()
    page.get_by_text("3 of 3 tagged").wait_for()
    # What is taken in next goes into what is open now, unless somebody says otherwise.
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Export").click()
    assert page.get_by_role("radio", name="The open folder").is_checked()


def test_an_archive_is_dropped_from_the_desktop(page: Any, dashboard: Dashboard, photos: Path, tmp_path: Path) -> None:
    archive = tmp_path / "more.zip"
    Image.new("RGB", (64, 48), (200, 20, 90)).save(tmp_path / "new.jpg")
    with zipfile.ZipFile(archive, "w") as made:
        made.write(tmp_path / "new.jpg", "new.jpg")
        made.writestr("new.txt", "a new one")
    open_export(page, dashboard, photos)
    page.get_by_role("radio", name="Import", exact=True).click()
    page.get_by_test_id("stFileUploaderDropzone").wait_for()
    data = base64.b64encode(archive.read_bytes()).decode()
    dropped = page.evaluate_handle(_AS_DROPPED, data)
    page.dispatch_event("[data-testid=stFileUploaderDropzone]", "drop", {"dataTransfer": dropped})
    page.get_by_text("more.zip").wait_for()
    settled(page)
    page.get_by_role("button", name="Import", exact=True).click()
    page.get_by_text("Added: 1.").wait_for()
    assert (photos / "new.txt").read_text() == "a new one"
    page.get_by_text("4 of 5 tagged").wait_for()


@pytest.mark.slow
def test_a_cancelled_export_leaves_nothing_and_the_next_goes_into_a_folder_of_ones_own(
    page: Any, dashboard: Dashboard, photos: Path
) -> None:
    for number in range(60):
        Image.effect_noise((1200, 900), 60 + number).convert("RGB").save(photos / f"large{number}.jpg")
        (photos / f"large{number}.txt").write_text("noise")
    out = photos / "out"
    open_export(page, dashboard, photos)
    page.get_by_role("textbox", name="Folder on this server").fill(str(out))
    page.get_by_role("combobox", name="Images", exact=True).click()
    page.get_by_role("option", name="WebP").click()
    settled(page)
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Nothing of it is left on the disk.").wait_for()
    assert list(out.iterdir()) == []
    page.get_by_role("combobox", name="Images", exact=True).click()
    page.get_by_role("option", name="As they are").click()
    settled(page)
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_text("63 samples in webdata.zip").wait_for()
    assert verify(out / "webdata.zip").samples == 63
    page.screenshot(path=SCREENSHOTS / "export_own_folder.png")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the server's peak of memory from /proc")
def test_archives_made_to_break_programs_leave_the_server_up_and_small(
    page: Any, tmp_path: Path, test_data: Path
) -> None:
    home, archives = tmp_path / "home", tmp_path / "roots" / "archives"
    home.mkdir()
    shutil.copytree(test_data / "hostile" / "archives" / "made", archives)
    # Started as `make run` does: a server that is forked holds what its parent has imported.
    with serve(home, archives.parent) as dashboard:
        open_import(page, dashboard, archives)
        page.get_by_role("button", name="Import", exact=True).click()
        page.get_by_text("Into archives").wait_for()
        page.get_by_text("is broken or cut short").first.wait_for()
        page.screenshot(path=SCREENSHOTS / "import_hostile.png")
        assert not list(tmp_path.rglob("moo*"))
        peak = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{dashboard.process.pid}/status").read_text())
        assert peak is not None
        assert int(peak[1]) < 300_000
        page.get_by_role("link", name="Tagging", exact=True).click()
        page.get_by_role("button", name="Sample dataset").wait_for()


@pytest.mark.slow
def test_without_the_route_the_button_gives_the_file(page: Any, tmp_path: Path) -> None:
    home, folder = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    folder.mkdir()
    some_photos(folder)
    with serve(home, folder, "app/main.py") as dashboard:
        open_export(page, dashboard, folder)
        page.locator("label", has_text="webdata.zip").click()
        page.get_by_role("button", name="Export", exact=True).click()
        button = page.locator(".st-key-export-outcome").get_by_role("button", name="Download,")
        assert verify(fetched(page, button, tmp_path)).samples == 3
