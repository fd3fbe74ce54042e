"""A session that another owner took up: nothing in it is theirs."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.doubles.dashboard import texts


def _anothers() -> None:
    """A page in the session of somebody else; its second run says that it was run anew."""
    import streamlit as st

    from app.session.messages import guarded
    from app.session.own_session import begin_afresh_for_another, leave_to_owner
    from app.session.state import AppState

    way = st.query_params["way"]
    if "runs" not in st.session_state:
        st.session_state.update(runs=1, app_state=AppState(owner="cookie:of another"), typed="a secret")
    else:
        st.text("run anew")
        return
    if way == "part":
        leave_to_owner()
    elif way == "page":
        begin_afresh_for_another()
    elif way == "button":
        guarded(lambda: st.text("pressed"))()
    st.text(f"seen: {st.session_state.get('typed')}")


def seen(way: str) -> str:
    page = AppTest.from_function(_anothers)
    page.query_params["way"] = way
    page.run()
    assert not page.exception
    return texts(page)


def test_a_page_begins_afresh() -> None:
    assert seen("page") == "seen: None"


def test_a_part_of_a_page_is_left_to_the_page() -> None:
    assert seen("part") == "run anew"


def test_nobody_presses_a_button_in_the_session_of_another() -> None:
    assert "pressed" not in seen("button")
