"""What a source is cut into, and what is in its parts, whatever it is made of."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from PIL import Image

from lib.errors import InvalidInput
from lib.parts.base import PartSamples
from lib.parts.job import Digest
from lib.parts.sources import source_at
from tests.doubles.image_folder import draw_image, image_folder


def contents(url: Path, size: int = 2) -> list[tuple[str, str]]:
    """(key, caption or reason) of every sample; each image that is there opens."""
    source = source_at(str(url))
    found = []
    for part, _ in source.parts(size):
        with source.samples(part) as samples:
            found += [(key, _told(samples, key)) for key in samples.keys]
    return found


def _told(samples: PartSamples, key: str) -> str:
    if key in samples.refused:
        return f"refused: {samples.refused[key]}"
    record = samples.records[key]
    with Image.open(samples.root / record.name) as image:
        image.load()
    return record.text


def digest(url: Path, size: int = 2) -> str:
    found = Digest()
    for _ in found.watch(source_at(str(url)).parts(size)):
        pass
    return found.hex


CAPTIONS: dict[str, str | bytes | None] = {
    "a.jpg": "a dog", "a.b.jpg": "two dots", "b.png": None, "sub/c.jpg": "a cat", "sub/d.jpg": b"\xff\xfe\x00",
}  # fmt: skip


def test_a_folder_is_cut_in_its_order_with_the_captions_beside(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", CAPTIONS)
    (root / "mask-masklabel.png").write_bytes((root / "b.png").read_bytes())
    (root / "notes.md").write_text("no image")
    parts = [part for part, _ in source_at(str(root)).parts(2)]
    assert [part.names for part in parts] == [("a.b.jpg", "a.jpg"), ("b.png", "sub/c.jpg"), ("sub/d.jpg",)]
    assert [part.number for part in parts] == [0, 1, 2]
    assert contents(root) == [
        ("a.b.jpg", "two dots"), ("a.jpg", "a dog"), ("b.png", ""), ("sub/c.jpg", "a cat"), ("sub/d.jpg", ""),
    ]  # fmt: skip


def test_the_digest_changes_with_a_name_a_size_and_a_caption_and_with_nothing_else(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", CAPTIONS)
    before = digest(root)
    assert digest(root) == before
    (root / "notes.md").write_text("no image")
    assert digest(root) == before
    (root / "a.txt").write_text("a cat")
    changed = digest(root)
    assert changed != before
    draw_image(root / "new.jpg")
    assert digest(root) not in (before, changed)


def test_a_tag_file_that_leads_out_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("a secret")
    root = image_folder(tmp_path / "photos", {"a.jpg": None})
    (root / "a.txt").symlink_to(tmp_path / "secret.txt")
    assert contents(root) == [("a.jpg", "")]


@pytest.mark.parametrize("table", ["csv", "jsonl"])
def test_an_imagefolder_has_its_captions_from_the_table(tmp_path: Path, table: str) -> None:
    root = image_folder(tmp_path / "photos", {"train/a.jpg": None, "train/b.jpg": None})
    text = {
        "csv": "file_name,text\na.jpg,a dog\nb.jpg,a cat\n../../x.jpg,out\n",
        "jsonl": '{"file_name": "a.jpg", "text": "a dog"}\n{"file_name": "b.jpg", "text": "a cat"}\n'
        '{"file_name": "../../x.jpg", "text": "out"}\n',
    }[table]
    (root / "train" / f"metadata.{table}").write_text(text)
    found = source_at(str(root))
    assert found.kind == "an imagefolder"
    parts = [part for part, _ in found.parts(10)]
    assert parts[0].names[:2] == ("train/a.jpg", "train/b.jpg")
    assert parts[0].texts[:2] == ("a dog", "a cat")


def shard(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def jpeg(number: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), (number, 100, 100)).save(out, "JPEG")
    return out.getvalue()


def test_a_shard_is_a_part_and_a_hostile_member_costs_its_row(tmp_path: Path) -> None:
    (tmp_path / "shards").mkdir()
    one = {"000.jpg": jpeg(1), "000.txt": b"a dog", "001.jpg": b"no image", "001.txt": b"bad", "002.jpg": jpeg(2)}
    shard(tmp_path / "shards" / "00000.tar", one)
    shard(tmp_path / "shards" / "00001.tar", {"000.jpg": jpeg(3), "000.json": b'{"caption": "a cat"}'})
    found = contents(tmp_path / "shards")
    assert [key for key, _ in found] == [
        "00000.tar/000.jpg",
        "00000.tar/001.jpg",
        "00000.tar/002.jpg",
        "00001.tar/000.jpg",
    ]
    assert [told for _, told in found if not told.startswith("refused")] == ["a dog", "", "a cat"]
    assert found[1][1].startswith("refused: ")


def test_a_shard_that_is_broken_tells_so_in_a_row(tmp_path: Path) -> None:
    whole = shard(tmp_path / "whole.tar", {"000.jpg": jpeg(1), "001.jpg": jpeg(2)}).read_bytes()
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards" / "a.tar").write_bytes(whole[:700])
    found = contents(tmp_path / "shards")
    assert found
    assert any("broken" in told for _, told in found)


def test_parquet_gives_bytes_with_their_own_names(tmp_path: Path) -> None:
    images = [
        {"bytes": jpeg(1), "path": "x/a.jpg"},
        {"bytes": jpeg(2), "path": None},
        {"bytes": b"no", "path": "c.jpg"},
    ]
    table = pyarrow.table({"image": images, "text": ["a dog", "a cat", "bad"]})
    (tmp_path / "data").mkdir()
    pyarrow.parquet.write_table(table, tmp_path / "data" / "t.parquet")
    found = contents(tmp_path / "data")
    assert found[:2] == [("x/a.jpg", "a dog"), ("t.parquet/000000001.jpg", "a cat")]
    assert found[2][1].startswith("refused: ")


def test_parquet_with_paths_finds_the_images_beside_and_opens_nothing_outside(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "data", {"images/a.jpg": None, "images/b.jpg": None})
    draw_image(tmp_path / "secret.jpg")
    names = ["images/a.jpg", "../secret.jpg", "images/gone.jpg", "images/b.jpg"]
    table = pyarrow.table({"file_name": names, "text": ["a dog", "out", "gone", "a cat"]})
    pyarrow.parquet.write_table(table, root / "t.parquet")
    assert contents(root / "t.parquet") == [
        ("images/a.jpg", "a dog"),
        ("../secret.jpg", "refused: “../secret.jpg” leads out of its folder."),
        ("images/gone.jpg", "refused: it is not there"),
        ("images/b.jpg", "a cat"),
    ]


def test_a_place_with_nothing_in_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="nothing at"):
        source_at(str(tmp_path / "gone"))
