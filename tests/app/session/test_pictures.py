"""A visitor whose picture waits for those of others is told so."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.session import pictures
from lib.images import gate
from tests.doubles.image_folder import draw_image


def _page(path: str) -> None:
    from pathlib import Path

    import streamlit as st

    from app.session.pictures import display_jpeg
    from lib.errors import ImageRefused

    try:
        st.text(f"{display_jpeg(Path(path))[1]} pixels wide")
    except ImageRefused as error:
        st.text(f"refused {error}")


def test_a_page_says_that_its_picture_waits_and_then_shows_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_TOLD_EACH_S", 0.01)
    monkeypatch.setattr(pictures, "_WORTH_A_WORD_S", 0)
    path, is_told = draw_image(tmp_path / "a.png", size=(40, 30)), threading.Event()
    toast = pictures.st.toast

    def told(words: str, **about: Any) -> Any:
        is_told.set()
        return toast(words, **about)

    monkeypatch.setattr(pictures.st, "toast", told)

    def others() -> None:
        with gate.decoding.admitted(gate.limit()):
            is_inside.set()
            is_told.wait(20)

    is_inside = threading.Event()
    thread = threading.Thread(target=others)
    thread.start()
    is_inside.wait(20)
    page = AppTest.from_function(_page, args=(str(path),)).run(timeout=30)
    thread.join()
    assert not page.exception
    assert "other large pictures" in page.toast[0].value
    assert [text.value for text in page.text] == ["40 pixels wide"]
    assert gate.decoding.held == 0


def test_a_visitor_s_pictures_take_their_turn_under_the_visitor_s_name(tmp_path: Path) -> None:
    path, turns = draw_image(tmp_path / "a.png", size=(40, 30)), gate.decoding._turns
    with gate.decoding.admitted(1):
        page = AppTest.from_function(_page, args=(str(path),)).run(timeout=30)
        assert page.session_state["app_state"].owner in turns


def test_a_large_picture_is_told_of_while_it_is_opened_and_who_goes_on_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_LARGE", 0)
    monkeypatch.setattr(pictures, "_LOOK_S", 0.01)
    path, go_on = draw_image(tmp_path / "a.png", size=(40, 30)), threading.Event()
    opened = pictures.images.display_jpeg

    def slowly(picture: Any) -> Any:
        assert go_on.wait(20)
        return opened(picture)

    monkeypatch.setattr(pictures.images, "display_jpeg", slowly)
    toast, said = pictures.st.toast, []

    def told(words: str, **about: Any) -> Any:
        said.append(words)
        go_on.set()
        return toast(words, **about)

    monkeypatch.setattr(pictures.st, "toast", told)
    page = AppTest.from_function(_page, args=(str(path),)).run(timeout=30)
    assert not page.exception
    assert said[0].startswith("Opening a large picture")
    assert [text.value for text in page.text] == ["40 pixels wide"]


def test_a_large_picture_that_cannot_be_opened_is_refused_as_others_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_LARGE", 0)
    broken = tmp_path / "a.png"
    broken.write_bytes(b"not a picture")
    page = AppTest.from_function(_page, args=(str(broken),)).run(timeout=30)
    assert [text.value.split()[0] for text in page.text] == ["refused"]
