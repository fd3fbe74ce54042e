"""A program of its own that decodes one picture within a cap on memory and time, and writes its pixels to stdout.

For formats whose header does not bound what decoding takes: inside an AVIF or a TIFF lies another picture, with a size
of its own. Imports nothing of the toolkit but the file beside it: it starts in a twentieth of a second.
"""

from __future__ import annotations

import importlib
import os
import struct
import sys
from contextlib import suppress
from pathlib import Path

SIZE = struct.Struct(">II")
"""Width and height, before the pixels in RGB."""

END, TOO_LARGE, BROKEN = 0, 3, 4
"""What the program ends with."""

ROWS = 64
"""Rows that are written at a time."""


def _limit(size: int, seconds: int) -> None:
    with suppress(ImportError, OSError):
        import resource

        used = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (used + size, used + size))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def _register(formats: str) -> None:
    """Makes Pillow know a format by the package for it, which keeps to one thread."""
    if formats == "HEIF":
        importlib.import_module("pillow_heif").register_heif_opener(decode_threads=1)
    elif formats == "JXL":
        vars(importlib.import_module("pillow_jxl.JpegXLImagePlugin"))["DECODE_THREADS"] = 0


def main(formats: str, size: str, seconds: str, max_side: str, how: str) -> int:
    """`how`: "shown", "square", or "checked", which gives no pixels."""
    from PIL import AvifImagePlugin, Image

    sys.path.append(str(Path(__file__).parent))
    bands = importlib.import_module("bands")
    # A thread has frames of its own.
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    Image.MAX_IMAGE_PIXELS = None
    _register(formats)
    _limit(int(size), int(seconds))
    try:
        # Not 0, which Pillow takes for none.
        with os.fdopen(os.dup(0), "rb") as file, Image.open(file, formats=formats.split(",")) as image:
            image.load()
            if how == "checked":
                return END
            if formats == "JXL" and not getattr(image, "jpeg", False):
                # It stands upright already: only in what was a JPEG does EXIF say how.
                image.info.pop("exif", None)
            picture = bands.finished(image, int(max_side) or None, is_square=how == "square")
        out = sys.stdout.buffer
        out.write(SIZE.pack(*picture.size))
        for top in range(0, picture.height, ROWS):
            out.write(picture.crop((0, top, picture.width, min(picture.height, top + ROWS))).tobytes())
        out.flush()
    except MemoryError:
        return TOO_LARGE
    except Exception as exc:  # noqa: BLE001 - whatever a decoder raises
        return TOO_LARGE if "memory" in str(exc).lower() else BROKEN
    return END


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
