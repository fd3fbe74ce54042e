"""Pictures whose header does not bound what decoding takes, decoded by a process with a memory limit."""

from __future__ import annotations

import os
import subprocess
import sys
from threading import Event, Timer
from typing import IO, BinaryIO, Literal

from PIL import Image

from lib.images import decode_apart
from lib.images.slow import SECONDS

_NEEDED = ("PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE", "HOME", "APPDATA", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""Where Python and its libraries are found. A stranger's file is read beside no key."""

_LONGEST_S = 3.0 * SECONDS
"""By the clock: others may use the processor too."""

_OUT_OF_TIME = -24
"""Ended by SIGXCPU, which not every system knows by name."""

How = Literal["shown", "square", "checked"]


class TooLarge(Exception):
    """It takes more memory than its header says."""


class TooSlow(Exception):
    """It takes longer than is allowed."""


def decoded(file: BinaryIO, formats: tuple[str, ...], size: int, max_side: int | None, how: How) -> Image.Image | None:
    """The picture as `bands.finished` gives it, made with at most `size` bytes; None when it was only checked.

    Raises TooLarge, TooSlow, or ValueError for a broken one.
    """
    limits = [str(size), str(SECONDS)]
    command = [sys.executable, "-P", decode_apart.__file__, ",".join(formats), *limits, str(max_side or 0), how]
    environment = {name: os.environ[name] for name in _NEEDED if name in os.environ} | {"MALLOC_ARENA_MAX": "1"}
    file.seek(0)
    is_late = Event()
    with subprocess.Popen(
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        # It may count its time by itself only where the system lets it.
        timer = Timer(_LONGEST_S, _end, (process, is_late))
        timer.daemon = True
        timer.start()
        try:
            picture = _read(process.stdout) if process.stdout else None
            status = process.wait()
        finally:
            timer.cancel()
            process.kill()
    if status == decode_apart.TOO_LARGE:
        raise TooLarge
    if is_late.is_set() or status == _OUT_OF_TIME:
        raise TooSlow
    if status != decode_apart.END or (picture is None and how != "checked"):
        raise ValueError("broken or cut short")
    return picture


def _end(process: subprocess.Popen[bytes], is_late: Event) -> None:
    is_late.set()
    process.kill()


def _read(out: IO[bytes]) -> Image.Image | None:
    head = out.read(decode_apart.SIZE.size)
    if len(head) < decode_apart.SIZE.size:
        return None
    width, height = decode_apart.SIZE.unpack(head)
    picture = Image.new("RGB", (width, height))
    for top in range(0, height, decode_apart.ROWS):
        rows = min(decode_apart.ROWS, height - top)
        data = out.read(3 * width * rows)
        if len(data) < 3 * width * rows:
            return None
        picture.paste(Image.frombytes("RGB", (width, rows), data), (0, top))
    return picture
