"""The sample dataset is worth looking at, and the same everywhere."""

from __future__ import annotations

from pathlib import Path

from lib.dataset.sample.folder import make_sample
from lib.dataset.scan.scanner import open_dataset
from lib.images import check_image, image_size


def test_the_sample_has_captioned_and_uncaptioned_pictures(tmp_path: Path) -> None:
    dataset = open_dataset(make_sample(tmp_path / "sample", count=30))
    assert (len(dataset), dataset.tagged) == (30, 28)
    for record in dataset.records:
        assert image_size(dataset.root / record.name) == (384, 288)
        check_image(dataset.root / record.name)
    captions = [record.text for record in dataset.records if record.text]
    assert len(set(captions)) > 25
    assert all(text[0].isupper() and text.endswith(".") for text in captions)


def test_the_sample_is_the_same_everywhere_and_leaves_edits_alone(tmp_path: Path) -> None:
    one, two = make_sample(tmp_path / "one", count=12), make_sample(tmp_path / "two", count=12)
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {p.name: p.read_bytes() for p in two.iterdir()}
    (one / "cat_01.txt").write_text("my cat")
    (one / "beach_01.txt").unlink()
    (one / "city_01.jpg").unlink()
    make_sample(one, count=12)
    assert (one / "cat_01.txt").read_text() == "my cat"
    assert not (one / "beach_01.txt").exists()
    assert (one / "city_01.jpg").exists()
