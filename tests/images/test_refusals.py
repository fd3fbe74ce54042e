"""A disk that refuses a thumbnail costs time only: the picture is there all the same, and no half of one is kept."""

from __future__ import annotations

from pathlib import Path

from lib.images.thumbnails import thumbnail
from tests.doubles.image_folder import draw_image
from tests.doubles.unwilling_disk import refusing, small_disk


def test_whichever_change_is_refused_the_thumbnail_is_shown(tmp_path: Path) -> None:
    image = draw_image(tmp_path / "a.jpg", size=(400, 300))
    whole = thumbnail(image, 64, tmp_path / "whole", 1)
    after = 0
    while True:
        cache = tmp_path / f"cache{after}"
        with refusing(cache, after) as refusal:
            assert thumbnail(image, 64, cache, 1) == whole
        kept = [path for path in cache.rglob("*") if path.is_file()]
        assert [path.read_bytes() for path in kept] in ([], [whole])
        if not refusal.refused:
            break
        assert thumbnail(image, 64, cache, 1) == whole
        after += 1
    assert after > 2


def test_on_a_full_disk_every_thumbnail_is_shown(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "16k") as disk:
        for number in range(12):
            image = draw_image(tmp_path / f"{number}.jpg", size=(400, 300), number=number)
            whole = thumbnail(image, 64, tmp_path / "whole", 1)
            assert thumbnail(image, 64, disk / "cache", 1) == whole
        kept = [path.read_bytes() for path in disk.rglob("*.jpg")]
        assert all(data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9") for data in kept)
