"""Whatever a stranger calls an image opens as a picture or is refused in words."""

from __future__ import annotations

import base64
import io
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lib.errors import ImageRefused
from lib.images import (
    check_image,
    display_jpeg,
    image_size,
    jpeg_within,
    load_image,
    load_whole,
    probe_image,
    safe_open,
    thumbnail,
)
from tests.doubles.image_folder import draw_image


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".bmp", ".gif", ".tiff"])
def test_each_format_opens_as_rgb(tmp_path: Path, suffix: str) -> None:
    path = draw_image(tmp_path / f"a{suffix}")
    check_image(path)
    image = load_image(path)
    assert (image.mode, image.size, image.info) == ("RGB", (48, 36), {})


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGBA", "I;16", "I", "CMYK", "F"])
def test_each_colour_mode_opens_as_rgb(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("a.tif" if mode in ("CMYK", "F", "I", "PA") else "a.png")
    source = Image.new("L", (8, 8), 200).convert("LA" if mode == "PA" else "L")
    (source if mode == "PA" else source.convert(mode)).save(path)
    image = load_image(path, 4)
    assert (image.mode, image.size) == ("RGB", (4, 4))


def test_transparent_parts_become_white_and_sixteen_bits_keep_their_brightness(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (255, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("I;16", (4, 4), 32_768).save(tmp_path / "deep.png")
    assert load_image(tmp_path / "clear.png").getpixel((0, 0)) == (255, 255, 255)
    assert load_image(tmp_path / "deep.png").getpixel((0, 0))[0] in (127, 128)


def test_pictures_stand_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 20), "blue")
    image.paste("red", (0, 0, 10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.png", exif=exif)
    upright = load_image(tmp_path / "a.png")
    assert upright.size == image_size(tmp_path / "a.png") == (20, 40)
    assert upright.getpixel((10, 2)) == (255, 0, 0)


def test_what_is_sent_away_has_no_metadata_and_fits(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    path = tmp_path / "a.jpg"
    noise = Image.effect_noise((900, 600), 90).convert("RGB")
    noise.save(path, exif=exif, comment=b"secret comment", icc_profile=b"secret profile", quality=95)
    sent = jpeg_within(path, 512, 20_000)
    assert len(base64.b64encode(sent.data)) < 20_000
    assert sent.mime == "image/jpeg"
    assert b"secret" not in sent.data
    again = Image.open(io.BytesIO(sent.data))
    assert (again.format, again.size) == ("JPEG", (sent.width, sent.height))
    assert max(again.size) <= 512
    data, width, height = display_jpeg(path, 300)
    assert (width, height) == (900, 600)
    assert Image.open(io.BytesIO(data)).size == (300, 200)
    assert b"secret" not in data


def test_a_limit_that_no_picture_meets_is_a_refusal(tmp_path: Path) -> None:
    with pytest.raises(ImageRefused):
        jpeg_within(draw_image(tmp_path / "a.jpg"), 64, 10)


def test_special_files_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "folder.jpg").mkdir()
    for path in (tmp_path / "pipe.jpg", tmp_path / "folder.jpg", tmp_path / "none.jpg", Path("/dev/zero")):
        with pytest.raises(ImageRefused) as caught:
            load_image(path)
        assert path.name in caught.value.message


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = draw_image(tmp_path / "a.png", size=(40, 30))
    monkeypatch.setattr(safe_open, "max_pixels", lambda: 1_199)
    with pytest.raises(ImageRefused, match=r"40 × 30 pixels.*megapixels.*TOOLKIT_PICTURE_MB"):
        load_image(path)


def test_thumbnails_are_made_once_until_the_file_changes(tmp_path: Path) -> None:
    path, cache = draw_image(tmp_path / "a.jpg", size=(400, 300)), tmp_path / "cache"
    first = thumbnail(path, 64, cache, 10)
    assert Image.open(io.BytesIO(first)).size == (64, 48)
    (kept,) = cache.rglob("*.jpg")
    kept.write_bytes(b"kept")
    assert thumbnail(path, 64, cache, 10) == b"kept"
    started = time.perf_counter()
    for _ in range(50):
        thumbnail(path, 64, cache, 10)
    assert (time.perf_counter() - started) / 50 < 0.005
    draw_image(path, size=(300, 400))
    assert Image.open(io.BytesIO(thumbnail(path, 64, cache, 10))).size == (48, 64)


def test_the_thumbnail_cache_stays_below_its_cap_with_many_threads(tmp_path: Path) -> None:
    paths = []
    for number in range(40):
        path = tmp_path / f"{number}.png"
        Image.effect_noise((300, 300), 90 + number).convert("RGB").save(path)
        paths.append(path)
    cache = tmp_path / "cache"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: thumbnail(path, 300, cache, 1), paths * 2))
    assert sum(path.stat().st_size for path in cache.rglob("*.jpg")) <= 1_000_000
    assert not list(cache.rglob(".~*"))


def test_every_hostile_image_opens_or_is_refused(test_data: Path) -> None:
    folder = test_data / "hostile/images"
    opened = {}
    refusals = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            check_image(path)
            opened[path.name] = load_image(path, 256)
        except ImageRefused as exc:
            refusals[path.name] = exc.message
    assert all(name in message for name, message in refusals.items())
    assert all(image.mode == "RGB" for image in opened.values())
    for refused in ("eps_as.jpg", "bomb_ztxt_256MiB.png", "trunc_50pct.jpg", "html_as.jpg", "SVG_XSS1.svg"):
        assert refused not in opened
    for fine in ("cmyk.jpg", "la.png", "sixteen_bit.png", "png_named.jpg", "exif_rot6_xss.jpg", "strip_1x60000.png"):
        assert fine in opened
    assert sum(path.name in opened for path in (folder / "pngsuite_valid").iterdir()) > 150


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_hostile_images_stay_below_300_mb(test_data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from lib.errors import ImageRefused;"
        "from lib.images import load_image\n"
        "for path in Path(sys.argv[1]).rglob('*'):\n"
        "  try: load_image(path)\n"
        "  except ImageRefused: pass\n"
        # Not getrusage: its peak is inherited from the process that started this one.
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))\n"
    )
    folder = str(test_data / "hostile/images")
    done = subprocess.run([sys.executable, "-c", code, folder], check=True, timeout=60, capture_output=True, text=True)
    assert int(done.stdout) < 300_000


def test_the_screen_gets_a_small_jpeg_and_the_files_own_size(tmp_path: Path) -> None:
    path = tmp_path / "tall.png"
    Image.new("RGB", (300, 900), "teal").save(path)
    data, width, height = display_jpeg(path, 450)
    assert (width, height) == (300, 900)
    assert Image.open(io.BytesIO(data)).size == (150, 450)


def test_the_screen_shows_what_the_file_holds_now(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    for colour in ("teal", "red"):
        Image.new("RGB", (30, 20), colour).save(path)
        os.utime(path, ns=(1, 1 if colour == "teal" else 2))
        shown = Image.open(io.BytesIO(display_jpeg(path)[0])).getpixel((9, 9))
        expected = Image.new("RGB", (1, 1), colour).getpixel((0, 0))
        assert max(abs(one - other) for one, other in zip(shown, expected, strict=True)) < 8


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".bmp", ".tif"])
def test_probing_tells_the_size_of_a_whole_image_and_refuses_a_cut_one(tmp_path: Path, suffix: str) -> None:
    path = draw_image(tmp_path / f"photo{suffix}", size=(60, 40))
    assert probe_image(path) == (60, 40)
    data = path.read_bytes()
    for part in (0.3, 0.6):
        path.write_bytes(data[: int(part * len(data))])
        with pytest.raises(ImageRefused):
            probe_image(path)


def test_probing_takes_trailing_bytes_and_turned_pictures_as_decoding_does(tmp_path: Path) -> None:
    path = draw_image(tmp_path / "photo.jpg", size=(60, 40))
    path.write_bytes(path.read_bytes() + bytes(500))
    assert probe_image(path) == (60, 40)
    turned = Image.open(path)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned.jpg", exif=exif)
    assert probe_image(tmp_path / "turned.jpg") == (40, 60) == image_size(tmp_path / "turned.jpg")


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".bmp", ".tif", ".avif"])
def test_a_whole_file_is_loaded_byte_by_byte_whatever_notes_it_holds(tmp_path: Path, suffix: str) -> None:
    path = draw_image(tmp_path / f"photo{suffix}", size=(60, 40))
    with Image.open(path) as opened:
        picture = opened.copy()
    if suffix == ".png":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        picture.save(path, pnginfo=info)
    elif suffix in (".jpg", ".webp", ".tif"):
        picture.save(path, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
    assert load_whole(path) == (path.read_bytes(), (60, 40))
