"""What decoding a picture will take in memory, told by its header before the first pixel is decoded.

The figures follow Pillow's decoders and the libraries below them, and were measured with files of 50 megapixels.
"""

from __future__ import annotations

import os
from typing import Any, BinaryIO

from PIL import Image, TiffImagePlugin, TiffTags

from lib.errors import ImageRefused
from lib.images.bands import BAND_PIXELS, FEWEST_ROWS, PLAIN_PIXELS, is_plain, orientation
from lib.images.deep_colour import has_deep_colour
from lib.images.gate import limit
from lib.images.other_headers import is_heif
from lib.images.picture import AnyPicture
from lib.images.slow import has_many_runs, has_many_strips, too_many_strips

MAX_HEADER = 32_000_000
"""Bytes that a file may have before its pixels: a TIFF's tags may all name the same megabyte, and are all kept."""

_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
"""Bytes a pixel takes where these are fewer than 4, by mode."""

_WEBP = 16
"""Bytes a pixel: the canvas, the one before it, their copy, the picture."""

_OF_UNBOUNDED = {"AVIF": (8, 20), "HEIF": (9, 20), "JXL": (17, 24)}
"""Bytes a pixel that planes and copies of them take: least and most. Photos of 12 megapixels took 8.3 as HEIC, 8.8 as
JPEG XL, 17 where that was without loss.
The least of AVIF is what 8 bits with halved colours take, as telephones save them. The process gets no more."""

_APART = 24_000_000
"""What a process of its own takes beside the picture: its codecs."""

_BAND, _MARGIN = 12, 24
"""Bytes a pixel of a band that is converted, and rows above and below that are read with it."""

_TIFF_PLAIN = frozenset(
    {"raw", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "tiff_ccitt", "group3", "group4"}
)
"""Compressions whose memory the tags tell. All others hold a picture with a header of its own."""


def bytes_of(image: Image.Image, target: tuple[int, int] | None, *, is_shown: bool = True) -> int:
    """The bytes that decoding takes at most, with the copies that making `target` (None: its own size) of it takes.

    Of a JPEG, ask after `drafted`. Without `is_shown` it is only decoded.
    """
    pixels: int = image.width * image.height
    held = pixels * _BYTES.get(image.mode, 4)
    passed = handed_over(image, target) if is_shown else 0
    decoder = held + _beside(image, pixels, held, limit() - passed) + (0 if is_bounded(image) else _APART)
    if not is_shown:
        return decoder
    return max(decoder, held + _made(image, pixels, held, target)) + passed


def handed_over(image: Image.Image, target: tuple[int, int] | None) -> int:
    """What a picture takes here that a process of its own has made, and still has."""
    width, height = target or image.size
    return 0 if is_bounded(image) else 4 * width * height


def _made(image: Image.Image, pixels: int, held: int, target: tuple[int, int] | None) -> int:
    """What showing takes beside the decoded picture."""
    width, height = target or image.size
    made = 0 if is_plain(image) and target is None else 4 * width * height
    # Pillow would decode a whole PNG to look for EXIF behind its pixels.
    is_asked = image.format != "PNG" or "exif" in image.info
    turned = 4 * width * height if is_asked and orientation(image) > 1 else 0
    if is_plain(image) and (target is None or pixels <= PLAIN_PIXELS):
        # Shrunk by blocks, then by columns.
        at_a_time = 0 if target is None else held // 4 + 4 * width * image.height
    else:
        rows = FEWEST_ROWS + (0 if target is None else 2 * _MARGIN)
        at_a_time = _BAND * min(pixels, 2 * BAND_PIXELS + rows * image.width)
    # What is converted or shrunk is let go before the result is turned.
    return made + max(at_a_time, turned)


def _beside(image: Any, pixels: int, held: int, room: int) -> int:
    """What the decoder keeps beside the picture that it makes; there is `room` for both."""
    size = file_size(image)
    match image.format:
        case "JPEG" | "MPO":
            return _coefficients(image)
        case "PNG":
            # The lower bytes, and what both become, band by band.
            return 4 * held if has_deep_colour(image) else 0
        case "WEBP":
            return (_WEBP - 4) * pixels + 2 * size
        case "AVIF" | "HEIF" | "JXL":
            # The least is enough for most, and the process that decodes it gets no more than is allowed.
            least, most = _OF_UNBOUNDED[image.format]
            given = max(room - held - 2 * size - _APART, least * pixels - held)
            return int(min(most * pixels - held, given) + 2 * size)
        case "GIF":
            return 4 * pixels
        case "BMP":
            return 2 * pixels if image.tile and image.tile[0].codec_name == "bmp_rle" else 0
        case "TIFF":
            return _tiff(image, held, size) + (4 * held if has_deep_colour(image) else 0)
    return 0


def _coefficients(image: Any) -> int:
    """Two bytes for each value of a JPEG that comes in several scans: they are all kept until the last one is read."""
    if comes_in_one_scan(image):
        return 0
    # Drafted or not, all of them are kept: what was drafted is told by the size of the file's own frame.
    width, height = full_size(image)
    widest, highest = (max((layer[side] for layer in image.layer), default=1) or 1 for side in (1, 2))
    return sum(
        2 * (-(-width * layer[1] // widest) + 31) * (-(-height * layer[2] // highest) + 31) for layer in image.layer
    )


def full_size(image: Any) -> tuple[int, int]:
    """A JPEG's size before it was drafted."""
    size: tuple[int, int] = image.info.get(_FULL, image.size)
    return size


_FULL = "toolkit-full-size"


def drafted(image: Image.Image, side: int, least: int | None = None) -> None:
    """Lets a JPEG's decoder skip what a picture of `side` pixels does not need; down to `least` where it must."""
    if image.format not in ("JPEG", "MPO"):
        return
    image.info[_FULL] = image.size
    scale = min(image.size) // side
    pixels = image.width * image.height // next((step * step for step in (8, 4, 2) if scale >= step), 1)
    # With what shrinking takes.
    if least is not None and max(_coefficients(image), 3 * pixels) + 4 * pixels > limit():
        side = least
    image.draft("RGB", (side, side))


def file_size(image: Image.Image) -> int:
    """The bytes of the file of an image that was not decoded yet."""
    file = image.fp
    place = file.tell()
    size: int = file.seek(0, os.SEEK_END)
    file.seek(place)
    return size


def comes_in_one_scan(image: Any) -> bool:
    """True for a JPEG of which nothing is kept but the rows at work."""
    if image.info.get("progressive"):
        return False
    file: BinaryIO = image.fp
    place = file.tell()
    length = 6 + 2 * len(image.layer)
    # Where Pillow stopped, a scan's head with all of the layers ends; if not, the worst is taken for granted.
    try:
        file.seek(place - length - 2)
        head = file.read(5)
    except OSError:
        return False
    finally:
        file.seek(place)
    return head == b"\xff\xda" + length.to_bytes(2, "big") + bytes([len(image.layer)])


def _tiff(image: Any, held: int, size: int) -> int:
    tags = image.tag_v2
    depth = max(32, sum(tags.get(TiffImagePlugin.BITSPERSAMPLE, (8,))))
    rows = min(int(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height)), image.height)
    wide, high = int(tags.get(TiffImagePlugin.TILEWIDTH, 0)), int(tags.get(TiffImagePlugin.TILELENGTH, 0))
    strip = max(rows * image.width, wide * high) * depth // 8
    packed = min(size, max(tags.get(TiffImagePlugin.STRIPBYTECOUNTS) or (size,)))
    turned = tags.get(0x0112, 1) not in (0, 1)
    # Pillow turns the decoded picture itself, and so has it twice.
    return max(strip + packed if image.use_load_libtiff else 0, held if turned else 0)


def is_bounded(image: Any) -> bool:
    """False where the header may lie about what decoding takes, or says nothing of how long."""
    match image.format:
        case "AVIF" | "HEIF" | "JXL":
            return False
        case "TIFF":
            return bool(image._compression in _TIFF_PLAIN)
        case "BMP":
            return not has_many_runs(image, file_size(image))
    # What follows the pixels is read too.
    return file_size(image) <= 3 * MAX_HEADER


def read_notes(image: Image.Image) -> None:
    """Reads all that a TIFF notes of itself, which decoding would do later."""
    exif = image.getexif()
    for key in TiffTags.TAGS_V2_GROUPS:
        if key in exif:
            exif.get_ifd(key)


def to_open(path: AnyPicture, file: BinaryIO, size: int) -> int:
    """The bytes that merely opening a file takes: some formats are read whole, of GIF a frame is painted.

    Raises ImageRefused where that, or what decoding would take then, is more than is allowed.
    """
    head = file.read(32)
    file.seek(0)
    needed, at_all, picture = 0, 0, None
    if head[:4] == b"GIF8":
        needed = _gif_frame(file)
    elif (head[:4], head[8:12]) == (b"RIFF", b"WEBP"):
        picture = _webp_size(head)
        # Room for two canvases, which decoding fills.
        needed, at_all = (3 * size + each * picture[0] * picture[1] for each in (8, _WEBP))
    elif head[4:8] == b"ftyp" and not is_heif(head):
        needed = 3 * size
    elif has_many_strips(file, head):
        raise too_many_strips(path)
    if max(needed, at_all) > limit():
        raise refusal(path, picture, max(needed, at_all))
    return needed


def _webp_size(head: bytes) -> tuple[int, int]:
    if head[12:16] == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (24, 27))
    elif head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    else:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    return width, height


def _gif_frame(file: BinaryIO) -> int:
    """What a GIF's first frame takes if Pillow paints the place of it, as it does when it says how to be cleared."""
    try:
        head = file.read(13)
        file.seek(3 << (head[10] & 7) + 1 if head[10] & 0x80 else 0, os.SEEK_CUR)
        while (kind := file.read(1)) == b"!":
            file.seek(1, os.SEEK_CUR)
            while length := file.read(1)[0]:
                file.seek(length, os.SEEK_CUR)
        place = file.read(8)
        width, height = (int.from_bytes(place[at : at + 2], "little") for at in (4, 6))
        return 4 * width * height if kind == b"," else 0
    except IndexError:
        return 0
    finally:
        file.seek(0)


def what_helps(size: int = 0) -> str:
    """The ways to a picture that was refused, also for whoever runs the server; `size`: the bytes that it needs."""
    most = f"={-(-size // 1_000_000)}: that much of the server's memory pictures may take then." if size else "."
    return (
        "Make it smaller with an image editor, or save it as a JPEG that is not progressive."
        f" Whoever runs the server may allow more with TOOLKIT_PICTURE_MB{most}"
    )


def refusal(path: AnyPicture, picture: tuple[int, int] | None, size: int, *, is_more: bool = False) -> ImageRefused:
    """Says how large a picture is, how large one may be, and what helps. `is_more`: it took all of `size`, and more."""
    about = "" if picture is None else f" of {picture[0]:,} × {picture[1]:,} pixels"
    needed = f"{'more than ' if is_more else ''}{-(-size // 1_000_000):,} MB"
    allowed = "a picture of its size may take no more" if is_more else f"{limit() // 1_000_000:,} MB are allowed"
    words = f"“{path.name}”{about} takes {needed} of memory to decode, and {allowed}."
    return ImageRefused(words, what_helps(0 if is_more else size))
