"""HEIC and JPEG XL files, made on the spot by the packages that write them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_MAKE = """
import sys
import pillow_heif
import pillow_jxl
from PIL import Image

pillow_heif.register_heif_opener()
path, width, height, mode, turn, lossless = sys.argv[1:]
exif = Image.Exif()
if int(turn):
    exif[0x0112] = int(turn)
image = Image.new("RGB", (int(width), int(height)), "blue")
image.paste("red", (0, 0, int(width) // 4, int(height)))
if path.endswith(".jxl"):
    image.convert(mode).save(path, exif=exif.tobytes(), lossless=bool(int(lossless)))
else:
    image.convert(mode).save(path, exif=exif.tobytes())
"""


def made(path: Path, size: tuple[int, int] = (400, 200), mode: str = "RGB", turn: int = 0, lossless: int = 0) -> Path:
    """A picture, red on its left, made by a process of its own: nothing is registered in this one."""
    arguments = [str(path), *map(str, size), mode, str(turn), str(lossless)]
    subprocess.run([sys.executable, "-c", _MAKE, *arguments], check=True)
    return path
