"""HEIC and JPEG XL: their size is told by a few lines of our own, and their packages decode them in a process apart."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import ImageRefused
from lib.images import IMAGE_SUFFIXES, image_format, image_size, load_image, load_square, probe_image, thumbnail
from lib.images.other_headers import is_heif, is_jxl
from tests.doubles.image_folder import draw_image
from tests.doubles.rare_pictures import made
from tests.doubles.repository import ROOT

# Not imported: that would register them in this process, which the toolkit never does.
pytestmark = pytest.mark.skipif(
    not (find_spec("pillow_heif") and find_spec("pillow_jxl")), reason="pillow-heif and pillow-jxl-plugin are missing"
)


def reddish(pixel: tuple[int, ...]) -> bool:
    return pixel[0] > 200 and pixel[2] < 60


@pytest.mark.parametrize("ending", [".heic", ".jxl"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_picture_is_shown_shrunk_and_squeezed(tmp_path: Path, ending: str, mode: str) -> None:
    path = made(tmp_path / f"a{ending}", mode=mode)
    assert image_size(path) == probe_image(path) == (400, 200)
    assert image_format(path) == ending[1:]
    whole, small, square = load_image(path), load_image(path, 100), load_square(path, 64)
    assert (whole.mode, whole.size, small.size, square.size) == ("RGB", (400, 200), (100, 50), (64, 64))
    assert reddish(whole.getpixel((5, 100)))
    assert not reddish(whole.getpixel((390, 100)))
    assert thumbnail(path, 64, tmp_path / "cache", 10).startswith(b"\xff\xd8")


@pytest.mark.parametrize("size", [(640, 427), (41, 39), (512, 512), (1920, 1080), (256, 4096), (65, 300)])
@pytest.mark.parametrize("ending", [".heic", ".jxl"])
def test_the_size_in_the_header_is_that_of_the_picture(tmp_path: Path, size: tuple[int, int], ending: str) -> None:
    path = made(tmp_path / f"a{ending}", size)
    assert image_size(path) == load_image(path).size == size


def test_a_heic_that_is_turned_stands_upright(tmp_path: Path) -> None:
    path = made(tmp_path / "a.heic", turn=6)
    assert image_size(path) == load_image(path).size == (200, 400)
    assert reddish(load_image(path).getpixel((100, 5)))


def test_a_jxl_stands_as_its_codestream_says_whatever_its_exif_says(tmp_path: Path) -> None:
    path = made(tmp_path / "a.jxl", turn=6)
    assert image_size(path) == load_image(path).size == (400, 200)


@pytest.mark.parametrize("ending", [".heic", ".jxl"])
def test_what_is_cut_short_or_broken_is_refused(tmp_path: Path, ending: str) -> None:
    data = made(tmp_path / f"a{ending}").read_bytes()
    for number, broken in enumerate((data[: len(data) // 2], data[:20], data[:40] + bytes(len(data) - 40))):
        path = tmp_path / f"{number}{ending}"
        path.write_bytes(broken)
        with pytest.raises(ImageRefused):
            probe_image(path)
        with pytest.raises(ImageRefused):
            load_image(path)


@pytest.mark.parametrize("ending", [".heic", ".jxl"])
def test_what_takes_more_memory_than_is_allowed_is_refused_before_it_is_decoded(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(tmp_path / f"a{ending}", (1200, 1200))
    monkeypatch.setattr("lib.images.cost.limit", lambda: 20_000_000)
    monkeypatch.setattr("lib.images.safe_open.limit", lambda: 20_000_000)
    with pytest.raises(ImageRefused, match="of memory to decode"):
        load_image(path)


def test_a_header_that_lies_about_the_size_gets_no_more_memory_than_it_told(tmp_path: Path) -> None:
    path = made(tmp_path / "a.heic", (3000, 3000))
    size = (3000).to_bytes(4) * 2
    data = path.read_bytes()
    assert size in data
    path.write_bytes(data.replace(size, (30).to_bytes(4) * 2))
    assert image_size(path) == (30, 30)
    with pytest.raises(ImageRefused):
        load_image(path)


def test_kinds_are_told_apart_by_content() -> None:
    assert is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic")
    assert not is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif")
    assert not is_heif(b"\0\0\0\x18ftypavif\0\0\0\0mif1heic")
    assert is_jxl(b"\xff\x0a\x00")
    assert not is_jxl(b"\xff\xd8\xff")


def test_an_avif_is_still_an_avif(tmp_path: Path) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "a.avif")
    assert image_format(tmp_path / "a.avif") == "avif"
    assert image_size(tmp_path / "a.avif") == (40, 30)


def test_nothing_of_the_packages_is_loaded_into_this_process(tmp_path: Path) -> None:
    for ending in (".heic", ".jxl"):
        load_image(made(tmp_path / f"a{ending}"))
    code = "import sys, lib.images; sys.exit(any(name in sys.modules for name in ('pillow_heif', 'pillow_jxl')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


WITHOUT = """
import runpy, sys
sys.modules["pillow_heif"] = sys.modules["pillow_jxl"] = None
sys.argv = ["lib", *sys.argv[1:]]
runpy.run_module("lib", run_name="__main__")
"""


def test_without_their_packages_they_are_named_with_what_would_read_them(tmp_path: Path) -> None:
    draw_image(tmp_path / "photos" / "a.jpg")
    for name in ("b.heic", "c.JXL"):
        (tmp_path / "photos" / name).write_bytes(b"of a camera")
    code = [sys.executable, "-c", WITHOUT]
    environment = {"TOOLKIT_HOME": str(tmp_path / "home"), "PATH": ""}
    ways = (["scan", str(tmp_path / "photos")], ["import", str(tmp_path / "photos"), str(tmp_path / "new")])
    for way in ways:
        done = subprocess.run(
            [*code, *way, "--json"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert "the package pillow-heif is installed" in done.stdout, done.stderr
        assert "the package pillow-jxl-plugin is installed" in done.stdout


@pytest.mark.parametrize("ending", [".jfif", ".jpe", ".jif", ".JFIF"])
def test_jpegs_of_rare_endings_are_images(tmp_path: Path, ending: str) -> None:
    path = draw_image(tmp_path / f"a{ending}")
    assert path.suffix.lower() in IMAGE_SUFFIXES
    assert image_format(path) == "jpg"
    assert load_image(path).size == (48, 36)


@pytest.mark.slow
@pytest.mark.parametrize(("ending", "size"), [(".heic", (5000, 4000)), (".jxl", (4032, 3024))])
def test_a_photo_of_a_phone_decodes_within_what_is_allowed(tmp_path: Path, ending: str, size: tuple[int, int]) -> None:
    assert load_image(made(tmp_path / f"a{ending}", size), 512).width == 512
