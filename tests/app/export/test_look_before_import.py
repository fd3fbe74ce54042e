"""Before anything is written the page shows what was found, how it is read, and takes other choices."""

from __future__ import annotations

import gc
import io
import threading
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.export import import_sources
from app.export.import_sources import ImportSource, Upload
from lib import cache
from lib.errors import InvalidInput, QuotaExceeded
from lib.settings import settings
from tests.app.export.test_export_page import import_page, press
from tests.doubles.dashboard import texts
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import captions_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    root = image_folder(tmp_path / "more", {"a.jpg": "1girl, solo", "b.jpg": None})
    (root / "a.caption").write_text("A girl stands.")
    (root / "captions.csv").write_text("file_name,text\nb.jpg,of a table\n")
    return root


def looked_at(source: Path, folder: Path | None = None) -> AppTest:
    page = import_page(folder)
    page.segmented_control(key="import.from").set_value("This server").run()
    page.text_input(key="import.path").set_value(str(source)).run()
    return press(page, "import.look")


def field(page: AppTest, label: str) -> str:
    (found,) = [box for box in page.selectbox if box.label == label]
    return str(found.key)


def test_a_look_shows_what_would_come_in_and_writes_nothing(tmp_path: Path, source: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"old.jpg": "old"})
    before = sorted(folder.rglob("*"))
    page = looked_at(source, folder)
    shown = texts(page)
    assert "Found: 2 images, 2 of them with a caption; 1 with several captions." in shown
    assert "captions.csv: read as" in shown
    assert "A girl stands." in shown
    assert sorted(folder.rglob("*")) == before
    press(page, "import.let_go")
    assert "Found:" not in texts(page)
    assert sorted(folder.rglob("*")) == before


def test_a_look_does_not_promise_captions_to_images_that_keep_theirs(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"b.jpg": "mine"})
    alone = tmp_path / "alone" / "captions.csv"
    alone.parent.mkdir()
    alone.write_text("file_name,text\nb.jpg,of a table\n")
    page = looked_at(alone, folder)
    assert "captions for 1 image of this folder, where those that have one keep it." in texts(page)
    press(page, "import.looked")
    assert captions_of(folder) == {"b.jpg": "mine"}


def test_what_was_looked_at_is_imported_with_the_caption_that_was_chosen(tmp_path: Path, source: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"old.jpg": "old"})
    page = looked_at(source, folder)
    page.selectbox(key=field(page, "Of several captions")).set_value("txt").run()
    assert "A girl stands." not in texts(page)
    press(page, "import.looked")
    assert captions_of(folder) == {"a.jpg": "1girl, solo", "b.jpg": "of a table", "old.jpg": "old"}
    assert "With a caption: 2, without: 0." in texts(page)
    assert "captions.csv: 1 caption." in texts(page).replace("\\", "")


def test_a_look_does_not_outlast_another_one(tmp_path: Path, source: Path) -> None:
    page = looked_at(source)
    other = image_folder(tmp_path / "other", {"x.jpg": "x", "y.jpg": "y", "z.jpg": "z"})
    page.text_input(key="import.path").set_value(str(other)).run()
    press(page, "import.look")
    assert "Found: 3 images" in texts(page)
    press(page, "import.start")
    assert "Found:" not in texts(page)
    assert "Added: 3." in texts(page)


class Sent(io.BytesIO):
    name = "a.zip"


def hidden() -> list[Path]:
    return list(settings().workspace("local").glob(".*"))


def upload(data: bytes = b"x") -> ImportSource:
    return ImportSource("a.zip", brought=Upload([Sent(data)], settings(), "local"))


def test_an_upload_is_kept_until_it_is_let_go() -> None:
    source = upload()
    assert hidden() == []
    assert source.path().read_bytes() == b"x"
    assert source.path().read_bytes() == b"x"
    assert len(hidden()) == 1
    source.let_go()
    assert hidden() == []
    with pytest.raises(InvalidInput, match="let go"):
        source.path()


def test_an_upload_goes_with_the_session_that_kept_it() -> None:
    source = upload()
    source.path()
    del source
    gc.collect()
    assert hidden() == []


def test_an_upload_goes_by_itself_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_sources, "_KEPT_S", 0.05)
    source, others = upload(), threading.enumerate()
    path = source.path()
    (timer,) = [one for one in threading.enumerate() if isinstance(one, threading.Timer) and one not in others]
    timer.join(30)
    assert not path.exists()


def test_an_upload_that_does_not_fit_on_the_server_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "total_mb", 1)
    source = upload(bytes(1_100_000))
    with pytest.raises(QuotaExceeded):
        source.path()
    assert hidden() == []


def test_a_look_belongs_to_the_session_alone(source: Path) -> None:
    looked_at(source)
    assert [job for job in cache.job_runner().of("local") if job.title.startswith("Looking")] == []
