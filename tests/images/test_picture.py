"""A picture that was swapped for a link after its dataset was opened is not shown, sent, copied or embedded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lib import bounds
from lib.bounds import Bounds, real_path_of
from lib.errors import ImageRefused
from lib.images import Picture, display_jpeg, jpeg_within, load_image, load_square, load_whole, probe_image, thumbnail
from lib.images.safe_open import check_image
from lib.settings import settings
from tests.doubles.image_folder import draw_image

WAYS: dict[str, Callable[[Picture, Path], object]] = {
    "shown": lambda picture, cache: display_jpeg(picture),
    "small": lambda picture, cache: thumbnail(picture, 64, cache, 1),
    "sent": lambda picture, cache: jpeg_within(picture, 64),
    "embedded": lambda picture, cache: load_square(picture, 64),
    "exported as it is": lambda picture, cache: load_whole(picture),
    "exported": lambda picture, cache: load_image(picture, 64),
    "measured": lambda picture, cache: probe_image(picture),
    "checked": lambda picture, cache: check_image(picture),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_picture_that_became_a_link_out_of_its_dataset_is_refused(tmp_path: Path, way: str) -> None:
    root, theirs = tmp_path / "data", tmp_path / "theirs" / "secret.jpg"
    draw_image(root / "sub" / "a.jpg")
    draw_image(theirs, number=7)
    picture = Picture(root, "sub/a.jpg")
    WAYS[way](picture, tmp_path / "cache")
    picture.path.unlink()
    picture.path.symlink_to(theirs)
    with pytest.raises(ImageRefused, match="leads out of the dataset"):
        WAYS[way](picture, tmp_path / "cache")
    picture.path.unlink()
    picture.path.parent.rmdir()
    picture.path.parent.symlink_to(theirs.parent)
    with pytest.raises(ImageRefused, match="leads out of the dataset"):
        WAYS[way](Picture(root, "sub/secret.jpg"), tmp_path / "cache")


def test_links_that_stay_inside_go_on_working(tmp_path: Path) -> None:
    draw_image(tmp_path / "real" / "data" / "a.jpg")
    (tmp_path / "real" / "data" / "b.jpg").symlink_to("a.jpg")
    # So does a root that is reached through a link itself.
    (tmp_path / "way").symlink_to(tmp_path / "real")
    assert load_image(Picture(tmp_path / "way" / "data", "b.jpg")).size


def test_a_link_into_the_toolkits_own_folder_is_refused_where_the_root_lies_above_it(toolkit_home: Path) -> None:
    upload = toolkit_home / "workspace" / "theirs" / "uploads" / "set"
    draw_image(upload / "b.jpg")
    assert toolkit_home == settings().home
    (toolkit_home.parent / "a.jpg").symlink_to(upload / "b.jpg")
    with pytest.raises(ImageRefused, match="leads out of the dataset"):
        load_image(Picture(toolkit_home.parent, "a.jpg"))
    assert load_image(Picture(upload, "b.jpg")).size


def test_where_the_system_does_not_tell_what_is_open_the_path_is_followed_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(path: str) -> str:
        raise OSError(path)

    monkeypatch.setattr(bounds.os, "readlink", unknown)
    inside = draw_image(tmp_path / "data" / "a.jpg")
    with inside.open("rb") as file:
        assert Bounds(str(tmp_path)).hold(real_path_of(file.fileno(), str(inside)))
        inside.unlink()
        draw_image(inside, number=3)
        assert real_path_of(file.fileno(), str(inside)) == ""


def test_a_root_whose_link_leads_elsewhere_by_now_shows_what_lies_there(tmp_path: Path) -> None:
    draw_image(tmp_path / "first" / "a.jpg")
    draw_image(tmp_path / "second" / "b.jpg")
    way = tmp_path / "way"
    way.symlink_to("first")
    assert load_image(Picture(way, "a.jpg")).size
    way.unlink()
    way.symlink_to("second")
    assert load_image(Picture(way, "b.jpg")).size
