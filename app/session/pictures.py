"""Pictures for a page. Where one takes long, or others' large ones come first, the visitor is told, and may go away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from app.session.state import app_state
from lib import images

_WORTH_A_WORD_S = 0.5
_LARGE = 1_000_000
"""Bytes of a file up to which a picture is there at once."""
_LOOK_S = 0.4
_FOR_OTHERS = "Waiting for other large pictures to be opened on this server ({:.0f} s) …"


def display_jpeg(picture: images.Picture) -> tuple[bytes, int, int]:
    """As `lib.images.display_jpeg`."""
    try:
        is_large = picture.stat().st_size > _LARGE
    except (OSError, ValueError):
        is_large = False
    if is_large:
        return _opened_beside(picture)
    with _wait_shown():
        return images.display_jpeg(picture)


def _opened_beside(picture: images.Picture) -> tuple[bytes, int, int]:
    """A large PNG takes seconds, in which nothing could be said and no click be heard: another thread opens it.

    Who clicks on meanwhile goes on at once. It is opened all the same, and is there when they come back.
    """
    found: Future[tuple[bytes, int, int]] = Future()
    waited, is_left, owner = _Waited(), threading.Event(), app_state().owner

    def told(seconds: float) -> None:
        waited.for_others = seconds
        if is_left.is_set():
            raise CancelledError

    def work() -> None:
        try:
            with images.telling(told, owner):
                found.set_result(images.display_jpeg(picture))
        except BaseException as error:  # noqa: BLE001  (told where it is waited for)
            found.set_exception(error)

    threading.Thread(target=work, name="open picture", daemon=True).start()
    shown: Any = None
    try:
        while not wait([found], _LOOK_S).done:
            waited.seconds += _LOOK_S
            # Raises where the visitor went away or clicked on.
            toast = (shown or st).toast(waited.words(), icon=":material/hourglass_empty:")
            shown = shown or toast
    finally:
        is_left.set()
    return found.result()


@dataclass
class _Waited:
    """For how long a picture was waited for, and how long of that for those of others."""

    seconds: float = 0.0
    for_others: float = 0.0

    def words(self) -> str:
        if self.for_others:
            return _FOR_OTHERS.format(self.for_others)
        return f"Opening a large picture ({self.seconds:.0f} s) … You can go on to another one."


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
        words = _FOR_OTHERS.format(seconds)
        # Whatever is drawn raises where the visitor went away or clicked on: the wait ends there.
        toast = (shown or st).toast(words, icon=":material/hourglass_empty:")
        shown = shown or toast

    with images.telling(told, app_state().owner):
        yield
