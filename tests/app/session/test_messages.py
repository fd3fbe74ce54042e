"""Every failure has a heading, foreign text stays text, and a bug shows an id instead of its insides."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session.messages import TITLES, plain, title_for
from lib import errors
from lib.errors import ToolkitError
from lib.text import counted
from tests.doubles.dashboard import open_page
from tests.doubles.repository import ROOT


def kinds() -> list[type[ToolkitError]]:
    found = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, ToolkitError)]
    return [kind for kind in found if kind is not ToolkitError]


@pytest.mark.parametrize("kind", kinds())
def test_every_error_has_a_heading_of_its_own(kind: type[ToolkitError]) -> None:
    assert title_for(kind.__new__(kind)) == TITLES[kind] != ""


def test_an_unknown_kind_takes_the_heading_of_the_nearest_above() -> None:
    class Odd(errors.ImageRefused):
        pass

    assert title_for(Odd("x")) == TITLES[errors.ImageRefused]


def test_markdown_is_taken_the_meaning_of() -> None:
    assert plain("![x](http://a.test)") == r"\!\[x\]\(http\://a\.test\)"
    assert plain("&lt; &copy;") == r"\&lt; \&copy;"


@pytest.mark.parametrize(
    "text", ["$x$ and $$y$$", ":red[x] :smile:", "~~x~~", "*x* _y_", "a | b", "`x`", "^x^", "#x", "1. x"]
)
def test_every_sign_that_markdown_acts_upon_is_escaped(text: str) -> None:
    signs = [char for char in text if not char.isalnum() and char != " "]
    escaped = plain(text)
    assert escaped.count("\\") == len(signs) > 0
    assert all(f"\\{sign}" in escaped for sign in signs)
    assert escaped.replace("\\", "") == text


def test_a_number_is_said_with_its_noun() -> None:
    assert [counted(number, "image") for number in (0, 1, 8091)] == ["0 images", "1 image", "8,091 images"]


def _boxes() -> None:
    import streamlit as st

    from app.session.messages import error_boundary, guarded, show_kept
    from lib.errors import WriteFailed

    def fail() -> None:
        raise WriteFailed("<b>a.txt</b> ![x](http://a.test/b)", "Free <i>space</i>.")

    show_kept("text")
    st.button("save", on_click=guarded(fail, "text"))
    st.button("other", on_click=guarded(lambda: None, "page"))
    st.button("report", on_click=guarded(lambda: None, "page", is_action=False))
    with error_boundary():
        raise KeyError("the inside of a bug")


def boxes(page: AppTest) -> list[str]:
    return [element.proto.body for element in page.get("html")]


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(_boxes, default_timeout=300).run()


def test_a_bug_shows_an_id_and_not_its_insides(page: AppTest) -> None:
    assert not page.exception
    assert "Error id" in boxes(page)[0]
    assert "inside" not in boxes(page)[0]


def test_a_callbacks_failure_is_shown_as_text_until_the_next_action(page: AppTest) -> None:
    page.button[0].click().run()
    assert "&lt;b&gt;a.txt&lt;/b&gt; ![x](http://a.test/b)" in boxes(page)[0]
    assert "Nothing was written" in boxes(page)[0]
    page.button[2].click().run()
    assert "Nothing was written" in boxes(page)[0]
    page.button[1].click().run()
    assert len(boxes(page)) == 1


def test_no_box_of_streamlits_own_is_used_for_foreign_text() -> None:
    for path in [*(ROOT / "app").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ("st.error(", "st.warning(", "st.exception(", "st.write(") if name in text], path


def test_only_what_is_done_gets_a_tick(photos: Path) -> None:
    page = open_page(photos)
    state = page.session_state["app_state"]
    state.note("Not saved: it was changed meanwhile")
    state.done("Saved a.jpg")
    page.run()
    assert [toast.icon for toast in page.toast] == [":material/info:", ":material/check:"]
