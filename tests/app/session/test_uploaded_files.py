"""What was uploaded does not stay in memory once it is on the disk."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from app.session.uploaded_files import let_go

    files = st.file_uploader("Images", accept_multiple_files=True)
    if files and st.button("Take"):
        let_go(files)
        st.text(files[0].read().decode())
    context = get_script_run_ctx()
    assert context is not None
    held = context.uploaded_file_mgr.file_storage.get(context.session_id, {})
    st.text(f"{sum(len(file.data) for file in held.values())} bytes")


def test_what_was_taken_is_let_go_and_can_still_be_read_by_who_took_it() -> None:
    page = AppTest.from_function(_page).run()
    page.file_uploader[0].upload("a.txt", b"hello", "text/plain")
    page.run()
    assert [text.value for text in page.text] == ["5 bytes"]
    page.button[0].click().run()
    assert [text.value for text in page.text] == ["hello", "0 bytes"]
