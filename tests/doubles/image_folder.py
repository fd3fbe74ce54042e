"""Folders of small drawn images with captions, and file systems that fail on demand."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from lib.files import Files
from lib.settings import Settings

_COLOURS = ("firebrick", "steelblue", "seagreen", "goldenrod", "orchid")


def draw_image(path: Path, *, size: tuple[int, int] = (48, 36), number: int = 0) -> Path:
    """Draws one image; the format follows the suffix, JPEG where the suffix says nothing."""
    image = Image.new("RGB", size, _COLOURS[number % len(_COLOURS)])
    ImageDraw.Draw(image).ellipse((4, 4, size[0] - 5, size[1] - 5), fill="white")
    path.parent.mkdir(parents=True, exist_ok=True)
    known = path.suffix.lower() in (".png", ".gif", ".bmp", ".webp", ".tif", ".tiff")
    image.save(path, None if known else "JPEG")
    return path


def image_folder(root: Path, captions: Mapping[str, str | bytes | None] | int = 3) -> Path:
    """A folder of images. `captions` maps names to captions (None: no tag file), or tells how many to make up."""
    if isinstance(captions, int):
        captions = {f"photo{i}.jpg": f"caption {i}" for i in range(captions)}
    root.mkdir(parents=True, exist_ok=True)
    for number, (name, caption) in enumerate(captions.items()):
        path = draw_image(root / name, number=number)
        if caption is not None:
            data = caption if isinstance(caption, bytes) else caption.encode()
            Path(str(path)[: -len(path.suffix)] + ".txt").write_bytes(data)
    return root


def age(root: Path, seconds: float = 10) -> None:
    """Sets all times below a folder back, as if nothing had happened there lately."""
    for folder, _, names in os.walk(root, topdown=False):
        for path in [*(Path(folder) / name for name in names), Path(folder)]:
            info = path.lstat()
            os.utime(path, (info.st_atime, info.st_mtime - seconds), follow_symlinks=False)


def settings_at(home: Path, **choices: Any) -> Settings:
    """Settings whose data live below a folder of the test's own."""
    return Settings(home=home, **choices)


class FailingFiles(Files):
    """Fails with an error at the n-th call (from 0), after all the calls before it worked.

    `calls` counts what was called, so that a test can go through all of them.
    """

    NAMES = (
        "create", "write", "sync", "close", "status", "keep_mode", "replace", "link", "remove", "sync_folder",
        "sync_many",
    )  # fmt: skip

    def __init__(self, fail_at: int = -1, error: int = 28) -> None:
        self.calls: list[str] = []
        for name in self.NAMES:
            setattr(self, name, self._counted(name, fail_at, error))

    def _counted(self, name: str, fail_at: int, error: int) -> Any:
        real = getattr(Files, name)

        def call(*args: Any) -> Any:
            self.calls.append(name)
            if len(self.calls) - 1 == fail_at:
                raise OSError(error, os.strerror(error))
            return real(self, *args)

        return call
