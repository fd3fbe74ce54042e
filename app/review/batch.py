"""Many findings of a kind at once: a grid with ticks and what would change, and one button for all that is ticked."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import streamlit as st

from app.elements.gallery import alt_text
from app.elements.sample_grid import Card, sample_grid
from app.review.acting import found_right, leave_out, mend, set_aside
from app.review.kinds import Kind
from app.review.listing import in_words
from app.review.stage import thumb
from app.review.state import NOT_OF_ROWS, ReviewState
from app.samples.pager import pager
from app.samples.sample_gallery import parts
from app.session.messages import guarded
from app.session.open_dataset import is_table, opened
from app.session.state import AppState
from lib.diff import word_diff
from lib.review import Finding
from lib.scope import marks_of
from lib.text import counted

_A_PAGE = 24


def batch_words(kind: Kind) -> str:
    """The heading of the grid."""
    return f"{in_words(kind)} · {counted(len(kind.places), 'finding')}"


def batch(state: AppState, kind: Kind) -> None:
    """Show the findings of a kind as a grid."""
    page = state.of(ReviewState)
    by_name = one_card_each([(place, page.findings[place].images) for place in kind.places])
    ticked = ticked_places(page, list(by_name.values()))
    _buttons(state, by_name, ticked)
    names = list(by_name)
    pages = -(-len(names) // _A_PAGE)
    number = pager(pages, key=f"review.page.{kind.key}.{pages}") if pages > 1 else 1
    shown = names[(number - 1) * _A_PAGE : number * _A_PAGE]
    _grid(state, {name: by_name[name] for name in shown}, ticked, f"{kind.key}.{hash(tuple(shown))}")


def one_card_each(findings: Sequence[tuple[int, Sequence[str]]]) -> dict[str, int]:
    """Which finding the card of each image stands for: of several about the same images each gets one of its own.

    A name stands for one card: of more findings than images the worst are shown, and the others when those are done.
    """
    by_name: dict[str, int] = {}
    for place, images in findings:
        if (name := next((one for one in images if one not in by_name), None)) is not None:
            by_name[name] = place
    return by_name


def ticked_places(page: ReviewState, places: Sequence[int]) -> list[int]:
    """The findings that are ticked: at first all that have a fix which is surely right."""
    if page.ticked is None:
        return [place for place in places if (fix := page.findings[place].fix) is not None and fix.is_sure]
    return [place for place in places if place in page.ticked]


def _buttons(state: AppState, by_name: dict[str, int], ticked: list[int]) -> None:
    page = state.of(ReviewState)
    mendable = [place for place in ticked if page.findings[place].fix is not None]
    with st.container(horizontal=True, vertical_alignment="center", key="review-batch"):
        # Where all that a fix does is to set aside, that has its own button.
        if any(has_changes(page.findings[place]) for place in by_name.values()):
            do = guarded(functools.partial(mend, state, mendable), "review")
            st.button(
                _with_count("Apply", mendable, before="to "),
                key="review.apply",
                type="primary",
                on_click=do,
                disabled=not mendable,
            )
        right = guarded(functools.partial(found_right, state, ticked), "review")
        st.button("Right as they are", key="review.all_right", on_click=right, disabled=not ticked)
        if all(len(page.findings[place].images) == 1 for place in by_name.values()):
            # Which of several images is to go is not seen in the grid.
            names = [page.findings[place].images[0] for place in ticked]
            out = guarded(functools.partial(leave_out, state, ticked, names), "review")
            st.button(
                _with_count("Leave", ticked, after=" out"), key="review.all_out", on_click=out, disabled=not ticked
            )
            aside = guarded(functools.partial(set_aside, state, ticked, names), "review")
            st.button(
                _with_count("Set", ticked, after=" aside"),
                key="review.all_aside",
                on_click=aside,
                disabled=not ticked or is_table(state),
                help=NOT_OF_ROWS if is_table(state) else None,
            )
        every = guarded(functools.partial(_tick, page, set(by_name.values())), "review")
        st.button("Tick all", key="review.tick", type="tertiary", on_click=every)
        none = guarded(functools.partial(_tick, page, set()), "review")
        st.button("Tick none", key="review.untick", type="tertiary", on_click=none)


def _with_count(verb: str, places: Sequence[int], before: str = "", after: str = "") -> str:
    """A button's words, with how many it is about; where it is about none, no number is offered."""
    return f"{verb} {before}{len(places):,}{after}" if places else f"{verb}{after}"


def has_changes(finding: Finding) -> bool:
    """Whether there is more to a fix than setting the image itself aside."""
    return finding.fix is not None and (bool(finding.fix.changes) or len(finding.images) > 1)


def _tick(page: ReviewState, places: set[int]) -> None:
    page.ticked = places
    page.revision += 1


def _grid(state: AppState, shown: dict[str, int], ticked: list[int], place: str) -> None:
    page = state.of(ReviewState)
    cards = [_card(state, name, page.findings[at]) for name, at in shown.items()]

    def tick(names: set[str]) -> None:
        here = set(shown.values())
        before = set(ticked)
        page.ticked = (before - here) | {at for name, at in shown.items() if name in names}

    def look(name: str) -> None:
        page.is_batch, page.image = False, ""
        page.wanted = shown.get(name)

    chosen = set(ticked)
    sample_grid(
        cards,
        place=f"{place}.{page.revision}",
        ticked={name for name, at in shown.items() if at in chosen},
        current="",
        key="review.grid",
        on_pick=guarded(look, "review"),
        on_tick=guarded(tick, "review", is_action=False),
    )


def _card(state: AppState, name: str, finding: Finding) -> Card:
    record = opened(state)[0].get(name)
    text = record.text if record is not None else ""
    marks = marks_of(opened(state)[0])
    return Card(
        name, thumb(state, name), alt_text(name, text), _text(name, text, finding), _note(finding),
        marks.ratings.get(name, 0), name in marks.left_out,
    )  # fmt: skip


def _text(name: str, text: str, finding: Finding) -> list[tuple[bool, str]]:
    """The caption as it would be with what is new marked, or as it is with what is to blame."""
    change = next((one for one in finding.fix.changes if one.name == name), None) if finding.fix else None
    if change is None and len(finding.images) > 1:
        # What it is about is not seen in one caption of many.
        return [(False, finding.text)]
    if change is None:
        return parts(text, sorted(finding.marked))
    spans, at = [], 0
    for kind, piece in word_diff(change.before, change.after):
        if kind == "ins":
            spans.append((at, at + len(piece)))
        at += len(piece) if kind != "del" else 0
    return parts(change.after, spans)


def _note(finding: Finding) -> str:
    if finding.fix is None:
        return counted(len(finding.images), "image") if len(finding.images) > 1 else ""
    if finding.fix.aside:
        return f"{len(finding.fix.aside)} would go"
    return "mended"
