"""img2dataset fetches images by their addresses and writes shards; our import takes them in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import image_folder
from tests.doubles.loopback import Handler, Loopback
from tests.exporting.conftest import captions_of
from tests.peers.conftest import Peer

pytestmark = pytest.mark.peers

_CAPTIONS = {
    "cat.jpg": "a cat on a sofa",
    "dog.jpg": 'a dog, "quoted", and a comma',
    "tea.jpg": "une tasse de thé ☕",
    "gone.jpg": "an image that the server does not have",
}


class Photos(Loopback):
    """The files of a folder, by HTTP."""

    def __init__(self, folder: Path) -> None:
        super().__init__(_Photo)
        self.folder = folder


class _Photo(Handler):
    def answer(self) -> None:
        path = self.server.double.folder / self.path.lstrip("/")
        data = path.read_bytes() if path.is_file() else b""
        self.send_response(200 if data else 404)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[Photos]:
    folder = image_folder(tmp_path / "photos", _CAPTIONS)
    (folder / "gone.jpg").unlink()
    with Photos(folder) as running:
        yield running


@pytest.mark.parametrize("form", ["webdataset", "files", "parquet"])
def test_what_it_fetches_comes_in_with_its_captions(
    tmp_path: Path, photos: Photos, peer: Peer, configured: Settings, form: str
) -> None:
    with (tmp_path / "list.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["url", "caption"])
        rows.writerows([f"{photos.url}/{name}", caption] for name, caption in _CAPTIONS.items())
    choices = {
        "url_list": tmp_path / "list.csv", "input_format": "csv", "url_col": "url", "caption_col": "caption",
        "output_folder": tmp_path / "fetched", "output_format": form, "processes_count": 1, "thread_count": 2,
        "resize_mode": "no", "enable_wandb": False,
    }  # fmt: skip
    peer("img2dataset", *(f"--{name}={value}" for name, value in choices.items()))
    report = import_into(tmp_path / "fetched", ImportTarget(tmp_path / "new", configured, "local"))
    fetched = sorted(caption for name, caption in _CAPTIONS.items() if name != "gone.jpg")
    assert sorted(captions_of(tmp_path / "new").values()) == fetched
    assert (report.added, report.conflicts) == (3, 0)
    # Its list of what it fetched, which lies beside a shard and is not read there, names the image that was gone.
    assert {name for name, _ in report.refused} == ({"000000003"} if form != "webdataset" else set())
    for image in (tmp_path / "new").rglob("*.jpg"):
        with Image.open(image) as opened:
            assert opened.size == (48, 36)
