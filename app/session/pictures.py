"""Pictures for a page. Where others' large pictures come first, the visitor is told, and may go away meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.session.state import app_state
from lib import images

_WORTH_A_WORD_S = 0.5


def display_jpeg(picture: images.Picture) -> tuple[bytes, int, int]:
    """As `lib.images.display_jpeg`."""
    with _wait_shown():
        return images.display_jpeg(picture)


def thumbnail(picture: images.Picture, side: int, cache: Path, cap_mb: int) -> bytes:
    """As `lib.images.thumbnail`. Those of the last pages are kept in memory: each run of a page asks for them again."""
    try:
        info = picture.stat()
    except (OSError, ValueError):
        # It is gone, which is told where it is opened.
        return images.thumbnail(picture, side, cache, cap_mb)
    return _small(picture, (info.st_size, info.st_mtime_ns), side, cache, cap_mb)


@lru_cache(maxsize=512)
def _small(picture: images.Picture, stamp: tuple[int, int], side: int, cache: Path, cap_mb: int) -> bytes:
    """At 25 KB each these are 13 MB at the most. `stamp` is another one where the image has changed."""
    with _wait_shown():
        return images.thumbnail(picture, side, cache, cap_mb)


@contextmanager
def _wait_shown() -> Iterator[None]:
    shown: Any = None

    def told(seconds: float) -> None:
        nonlocal shown
        if seconds < _WORTH_A_WORD_S:
            return
        words = f"Waiting for other large pictures to be opened on this server ({seconds:.0f} s) …"
        # Whatever is drawn raises where the visitor went away or clicked on: the wait ends there.
        shown = (shown or st).toast(words, icon=":material/hourglass_empty:")

    with images.telling(told, app_state().owner):
        yield
