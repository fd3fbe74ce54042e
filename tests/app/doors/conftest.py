"""What the tests of the doors share: cookies, folders, and how an owner is told from outside."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from tests.browser.conftest import Dashboard

COOKIE = f"toolkit_owner={'a' * 48}"
ANOTHER = f"toolkit_owner={'b' * 48}"
OPENED = "Showing 1 of"


def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A toolkit folder, and a folder with one photo."""
    home, photos = tmp_path / "toolkit", tmp_path / "photos"
    home.mkdir()
    photos.mkdir()
    Image.new("RGB", (60, 40), "red").save(photos / "a.jpg")
    return home, photos


def port_of(server: Dashboard) -> int:
    return int(server.url.rpartition(":")[2])


def owners(server: Dashboard) -> set[str]:
    """Whose folders there are."""
    place = server.home / "owners"
    return {path.name for path in place.iterdir()} if place.is_dir() else set()
