"""No file takes more memory than is given to decoding, alone or with others; what would is refused in words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from lib.errors import ImageRefused
from lib.images import check_image, load_image, load_whole
from lib.settings import settings
from tests.doubles.large_pictures import LARGE, lying_avif
from tests.doubles.repository import ROOT

SIDE = 2_800
GIVEN_MB = 40
"""A sixth of what is given unless told, for pictures of a sixth of the largest that are taken then."""

_PEAKS = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
from lib.errors import ImageRefused
from lib.images import check_image, load_image
Image.init()

def memory(kind):
    return next(int(line.split()[1]) / 1_000 for line in open("/proc/self/status") if line.startswith(kind))

def opened(path):
    for work in (check_image, lambda path: load_image(path, 1_000), load_image):
        try:
            work(path)
        except ImageRefused as error:
            assert "TOOLKIT_PICTURE_MB" in str(error) or "broken" in str(error), error

threads, paths = int(sys.argv[1]), [Path(name) for name in sys.argv[2:]]
for path in paths:
    open("/proc/self/clear_refs", "w").write("5")
    before = memory("VmRSS")
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(opened, [path] * threads if threads > 1 else [path]))
    print(path.name, memory("VmHWM") - before, sep="\\t")
print("apart", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_000, sep="\\t")
"""


def _peaks(paths: list[Path], threads: int) -> dict[str, float]:
    """How many MB more than before were in use, by file, and what the largest process beside took."""
    environment = os.environ | {"TOOLKIT_PICTURE_MB": str(GIVEN_MB), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _PEAKS, str(threads), *map(str, paths)]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=300)
    return {name: float(peak) for name, peak in (line.split("\t") for line in done.stdout.splitlines())}


needs_proc = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read from /proc")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("large")
    for name, make in LARGE.items():
        make(folder / name, SIDE)
    return sorted(folder.iterdir())


@needs_proc
def test_each_file_stays_below_what_is_given(pictures: list[Path]) -> None:
    peaks = _peaks(pictures, 1)
    assert len(peaks) == len(LARGE) + 1
    # A few megabytes are Python's, at the first file of a format.
    assert {name: peak for name, peak in peaks.items() if name != "apart" and peak > GIVEN_MB + 8} == {}
    assert peaks["apart"] < GIVEN_MB + 60


@needs_proc
def test_many_at_once_stay_below_what_is_given_for_one(pictures: list[Path]) -> None:
    some = [path for path in pictures if path.name in ("plain.png", "deep.png", "grey-alpha.png", "cleared.gif")]
    peaks = _peaks(some, 6)
    # Each of the C library's four arenas keeps a block of 16 MB for later, and may hold one more at that moment.
    assert max(peaks[path.name] for path in some) < GIVEN_MB + 4 * 2 * 16 < 6 * GIVEN_MB


def test_a_refusal_says_how_large_how_much_and_what_helps(tmp_path: Path) -> None:
    Image.new("RGB", (7_070, 7_070)).save(tmp_path / "a.webp", lossless=True, method=0)
    for work in (load_image, check_image):
        with pytest.raises(ImageRefused) as caught:
            work(tmp_path / "a.webp")
        for words in ("“a.webp” of 7,070 × 7,070 pixels", "800 MB", "250 MB", "image editor", "TOOLKIT_PICTURE_MB"):
            assert words in str(caught.value)


@pytest.mark.parametrize(("name", "side"), [("a.webp", 4_200), ("a.png", 7_200)])
def test_a_refusal_names_the_setting_that_opens_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, side: int
) -> None:
    Image.new("RGB", (side, side)).save(tmp_path / name, **({"quality": 1, "method": 0} if name == "a.webp" else {}))
    with pytest.raises(ImageRefused, match=r"TOOLKIT_PICTURE_MB=\d+: that much of the server's memory") as caught:
        load_image(tmp_path / name, 100)
    needed = str(caught.value).partition("TOOLKIT_PICTURE_MB=")[2].partition(":")[0]
    monkeypatch.setenv("TOOLKIT_PICTURE_MB", needed)
    settings.cache_clear()
    assert load_image(tmp_path / name, 100).size == (100, 100)


def test_a_telephone_s_avif_of_24_megapixels_opens(tmp_path: Path) -> None:
    Image.effect_noise((600, 400), 90).convert("RGB").resize((6_000, 4_000)).save(
        tmp_path / "a.avif", speed=10, quality=60
    )
    assert load_image(tmp_path / "a.avif", 1_600).size == (1_600, 1_067)


def test_more_is_taken_where_more_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (2_000, 2_000)).save(tmp_path / "a.webp", quality=1, method=0)
    monkeypatch.setenv("TOOLKIT_PICTURE_MB", "32")
    settings.cache_clear()
    with pytest.raises(ImageRefused, match="TOOLKIT_PICTURE_MB"):
        load_image(tmp_path / "a.webp", 100)
    monkeypatch.setenv("TOOLKIT_PICTURE_MB", "100")
    settings.cache_clear()
    assert load_image(tmp_path / "a.webp", 100).size == (100, 100)


def test_a_picture_that_is_larger_than_its_header_says_is_refused(tmp_path: Path) -> None:
    lying_avif(tmp_path / "a.avif", 4_000)
    with pytest.raises(ImageRefused, match=r"a\.avif"):
        load_image(tmp_path / "a.avif", 100)


_NATIVE = """
import resource, sys
from pathlib import Path
from PIL import Image
from lib.errors import ImageRefused
from lib.images import load_image, load_whole
Image.init()

def memory(kind):
    return next(int(line.split()[1]) / 1_000 for line in open("/proc/self/status") if line.startswith(kind))

work = {"picture": load_image, "file": load_whole}[sys.argv[1]]
before = memory("VmRSS")
try:
    work(Path(sys.argv[2]))
except ImageRefused as error:
    print(error)
else:
    print(memory("VmHWM") - before + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1_000)
"""


def _native(what: str, path: Path, given_mb: int) -> str:
    environment = os.environ | {"TOOLKIT_PICTURE_MB": str(given_mb), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _NATIVE, what, str(path)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120).stdout


@needs_proc
@pytest.mark.parametrize("compression", ["jpeg", "zstd", "lzma"])
def test_what_two_processes_hold_of_a_picture_counts_twice(tmp_path: Path, compression: str) -> None:
    for side, given in ((3_000, 120), (4_000, 120)):
        Image.new("RGB", (side, side)).save(tmp_path / "a.tif", compression=compression)
        said = _native("picture", tmp_path / "a.tif", given)
        # The other process has Python and its codecs too.
        assert "TOOLKIT_PICTURE_MB" in said if side == 4_000 else float(said) < given + 60


@needs_proc
def test_a_large_file_and_its_picture_are_not_held_at_the_same_time(tmp_path: Path) -> None:
    Image.new("RGB", (3_000, 3_000)).save(tmp_path / "a.bmp")
    # 27 MB of file, 36 of picture.
    assert float(_native("file", tmp_path / "a.bmp", 50)) < 50


def test_a_file_that_is_larger_than_what_is_given_is_not_read(tmp_path: Path) -> None:
    Image.new("RGB", (100, 100)).save(tmp_path / "a.png")
    with (tmp_path / "a.png").open("r+b") as file:
        file.truncate(30_000_000)
    said = _native("file", tmp_path / "a.png", 20)
    assert "“a.png” has 30 MB" in said
    assert "20 MB are allowed" in said


def test_a_large_file_is_given_whole(tmp_path: Path) -> None:
    Image.linear_gradient("L").resize((3_000, 2_500)).convert("RGB").save(tmp_path / "a.bmp")
    assert load_whole(tmp_path / "a.bmp") == ((tmp_path / "a.bmp").read_bytes(), (3_000, 2_500))


@pytest.mark.parametrize("name", ["a.avif", "a.tif"])
def test_what_is_decoded_apart_is_the_picture_that_it_is(tmp_path: Path, name: str) -> None:
    image = Image.linear_gradient("L").resize((300, 200)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    options = {"quality": 95, "exif": exif} if name == "a.avif" else {"compression": "jpeg", "tiffinfo": {274: 6}}
    image.save(tmp_path / name, **options)
    check_image(tmp_path / name)
    upright = load_image(tmp_path / name)
    expected = image.transpose(Image.Transpose.ROTATE_270)
    assert upright.size == expected.size == (200, 300)
    for place in ((10, 10), (100, 290), (190, 150)):
        assert abs(upright.getpixel(place)[0] - expected.getpixel(place)[0]) < 8
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-400])
    with pytest.raises(ImageRefused, match=name):
        check_image(tmp_path / name)
