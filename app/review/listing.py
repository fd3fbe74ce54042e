"""The left side: the findings by kind, with their counts, and what was not measured."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import streamlit as st

from app.elements.check_list import CheckRow, check_list
from app.review.acting import choose_kind
from app.review.kinds import GROUPS, Kind, would_go
from app.review.state import Reviewed, ReviewState
from app.session.messages import guarded
from app.session.state import AppState
from lib.review.registry import CHECKS
from lib.text import counted

_LISTED = 50


def kinds_list(state: AppState, kinds: Mapping[str, Kind]) -> None:
    """Show the kinds; a click turns to one."""
    page = state.of(ReviewState)
    if page.reviewed is None:
        return
    rows = list(_rows(page, page.reviewed, kinds))
    pick = guarded(functools.partial(choose_kind, state), "review")
    # Where none was chosen yet, the first one will be looked at.
    check_list(rows, current=page.kind or next(iter(kinds), ""), key="review.kinds", on_pick=pick)


def _rows(page: ReviewState, reviewed: Reviewed, kinds: Mapping[str, Kind]) -> Iterator[CheckRow]:
    for heading, checks in GROUPS.items():
        yield CheckRow("", heading, is_heading=True)
        for check in checks:
            if check not in reviewed.review.checks:
                yield CheckRow("", CHECKS[check].label, "not measured")
                continue
            mine = [kind for kind in kinds.values() if kind.check == check]
            for kind in mine:
                yield _row(page, kind, reviewed.review.more)
            if check in reviewed.review.failed:
                yield CheckRow("", CHECKS[check].label, "not measured")
            elif not mine:
                yield CheckRow("", CHECKS[check].label, "nothing to mend")


def _row(page: ReviewState, kind: Kind, beyond: Mapping[str, int]) -> CheckRow:
    findings = [page.findings[place] for place in kind.places]
    images = len({name for one in findings for name in one.images})
    mended, aside = would_go(findings)
    more = [counted(images, "image")] if any(len(one.images) > 1 for one in findings) else []
    more += [f"{mended:,} would be mended"] if mended else []
    more += [f"{aside:,} would go"] if aside else []
    note = f"{len(findings):,}"
    if others := beyond.get(kind.name):
        note += f" of {len(findings) + others:,}"
    return CheckRow(kind.key, _capital(kind.words), note, " · ".join(more))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def in_words(kind: Kind) -> str:
    """A kind as the heading of its findings."""
    return _capital(kind.words)


def notes(state: AppState) -> None:
    """What the checks say about themselves: by which model, how many false ones to expect."""
    reviewed = state.of(ReviewState).reviewed
    if reviewed is None or not (reviewed.review.notes or reviewed.review.not_measured):
        return
    with st.popover("How it was measured", type="tertiary"):
        for check, why in reviewed.review.failed.items():
            st.text(f"{CHECKS[check].label} was not measured. {why}")
        for note in dict.fromkeys(reviewed.review.notes):
            st.text(note)
        alone = [one for one in reviewed.review.not_measured if one.check not in reviewed.review.failed]
        for one in alone[:_LISTED]:
            st.text(f"{one.image}: {one.reason}")
        if len(alone) > _LISTED:
            st.text(f"The first {_LISTED} that were not measured are listed.")
