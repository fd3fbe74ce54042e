"""Pages are run as their owner on this machine, on folders of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from PIL import Image

from lib.settings import settings
from tests.doubles import installed  # noqa: F401  (each AppTest would scan anew)


@pytest.fixture(autouse=True)
def local_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toolkit_home: Path) -> Iterator[None]:
    """A server bound to loopback whose users may open the test's folder; nothing cached from another test."""
    monkeypatch.setenv("TOOLKIT_ROOTS", str(tmp_path))
    settings.cache_clear()
    address = st.get_option("server.address")
    st.config.set_option("server.address", "127.0.0.1")
    st.cache_resource.clear()
    yield
    st.config.set_option("server.address", address)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Five photos: a sentence, tags, an empty tag file, none, and one in a subfolder."""
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(["a.jpg", "b.jpg", "c.png", "d.JPG", "sub/e.webp"]):
        Image.new("RGB", (64, 48), (40 * number, 90, 120)).save(folder / name)
    (folder / "a.txt").write_text("A cat on a mat.", encoding="utf-8")
    (folder / "b.txt").write_text("dog, red sofa", encoding="utf-8")
    (folder / "c.txt").write_text("", encoding="utf-8")
    (folder / "sub" / "e.txt").write_text("A boat on a lake.", encoding="utf-8")
    return folder


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Thirty photos: dogs and cats by turns, the dogs with longer texts."""
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(30):
        path = folder / f"p{number:02d}.jpg"
        Image.new("RGB", (40, 30), (8 * number, 90, 120)).save(path)
        path.with_suffix(".txt").write_text(f"a dog, red sofa, {number}" if number % 2 else f"cat {number}")
    return folder
