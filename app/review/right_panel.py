"""What was found right as it is, in a list from which each can be taken back long after it was said."""

from __future__ import annotations

import functools
from dataclasses import replace

import streamlit as st

from app.review.state import ReviewState
from app.session.jobs import SOON, JobKey, start
from app.session.messages import guarded, plain
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.review import Finding, judge_right
from lib.review.registry import CHECKS
from lib.text import counted

_LISTED = 20


def right_panel(state: AppState) -> None:
    """Show the list behind a button; nothing where nothing was found right."""
    page = state.of(ReviewState)
    if page.reviewed is None:
        return
    before = page.reviewed.review.found_right
    count = len(page.right) + len(before)
    if not count:
        return
    with st.popover(f"Found right: {count:,}", type="tertiary"):
        # What was said last is what somebody may want to take back.
        for place in page.right[::-1][:_LISTED]:
            _row(state, page.findings[place], place)
        for finding in before[: _LISTED - len(page.right[:_LISTED])]:
            _row(state, finding, None)
        if count > _LISTED:
            st.caption(f"{counted(_LISTED, 'finding')} of {count:,} are listed.")


def _row(state: AppState, finding: Finding, place: int | None) -> None:
    name = finding.images[0] if finding.images else ""
    words = CHECKS[finding.check].kinds.get(finding.kind, finding.kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(f"{name}: {words}"), width="stretch", help=plain(finding.text))
        again = guarded(functools.partial(review_again, state, finding, place), "review")
        key = f"review.unright.{place if place is not None else f'{finding.kind}.{name}'}"
        st.button("Review again", key=key, type="tertiary", on_click=again)


def review_again(state: AppState, finding: Finding, place: int | None) -> None:
    """Forget that a finding was found right: in this review (by its place), or in an earlier one."""
    page = state.of(ReviewState)
    reviewed, samples = page.reviewed, page.samples
    if reviewed is None or samples is None:
        return
    key = JobKey("review judged", state.owner, opened(state)[0].root, (finding.kind, finding.images))
    job = start(key, "Taking it back", lambda job: judge_right(samples, [finding], right=False), wait=SOON)
    if job.error is not None:
        state.errors["review"] = job.error
        return
    if place is not None:
        page.right = [one for one in page.right if one != place]
        page.settled.discard(place)
        return
    old = reviewed.review
    right = tuple(one for one in old.found_right if one is not finding)
    page.findings.append(finding)
    page.standing += (len(page.findings) - 1,)
    page.reviewed = replace(reviewed, review=replace(old, findings=(*old.findings, finding), found_right=right))
