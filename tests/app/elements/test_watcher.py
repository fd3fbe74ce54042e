"""A page that was drawn as if work went on is drawn again when it has ended, however soon that was."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from app.elements.watcher import watch
    from lib.jobs.runner import Job

    job: Job = st.session_state.setdefault("job", Job("ann", "k", "Counting", lambda _: "counted"))
    if job.is_active:
        st.text("Counting …")
        # The work ends after the page has looked, and before it begins to watch.
        job.run()
        watch(job, every=60)
    else:
        st.text(str(job.result))


def test_work_that_ends_before_it_is_watched_leaves_no_page_waiting() -> None:
    shown = AppTest.from_function(page).run()
    assert not shown.exception
    assert [text.value for text in shown.text] == ["counted"]
