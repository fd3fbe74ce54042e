"""The middle: one finding at a time, its picture large, its caption, the reason, and what can be done."""

from __future__ import annotations

import functools
import html

import streamlit as st

from app.elements.gallery import Thumb, alt_text, gallery
from app.elements.viewer import viewer
from app.review.acting import found_right, leave_out, mend, set_aside, step
from app.review.kinds import Kind
from app.review.listing import in_words
from app.review.state import NOT_OF_ROWS, ReviewState
from app.review.twins import keep_buttons, kept_caption
from app.samples.generation import generate
from app.samples.marking import marks_line
from app.samples.navigate import visit
from app.samples.provider_picker import present_choice
from app.samples.sample_gallery import thumbnail_url
from app.session.messages import guarded, plain, title_for
from app.session.open_dataset import current_name, is_table, opened
from app.session.pictures import display_jpeg
from app.session.state import AppState
from lib.diff import word_diff
from lib.domain import ImageRecord
from lib.errors import ImageRefused
from lib.images import Picture
from lib.review import Finding
from lib.scope import marks_of

_MOST = 12
"""Images of a finding that are shown as thumbnails."""
_SEVERITIES = {"error": "error", "warning": "likely a fault", "hint": "worth a look"}
_OUT = "Exports, clusters, edits and runs pass it over; it stays in its folder."
_ASIDE = "With its caption it goes to a hidden folder beside the images."
SAMPLE, LIKE = "Sample", "Captions of like pictures"
"""The tabs at the right."""


def finding_words(state: AppState, kind: Kind) -> str:
    """Which finding of a kind is looked at, as its heading. Goes to the one that is wanted."""
    page = state.of(ReviewState)
    if page.wanted in kind.places:
        page.at = kind.places.index(page.wanted)
    page.wanted = None
    page.at = min(page.at, len(kind.places) - 1)
    finding = page.findings[kind.places[page.at]]
    words = f"{page.at + 1:,} of {len(kind.places):,} · {in_words(kind)} · {_SEVERITIES[finding.severity]}"
    return words + (f" · {len(finding.images):,} images" if len(finding.images) > 1 else "")


def stage(state: AppState, kind: Kind) -> None:
    """Show the finding of a kind that is looked at."""
    page = state.of(ReviewState)
    place = kind.places[page.at]
    finding = page.findings[place]
    left = _left(state, finding)
    if not left:
        page.image = ""
        return
    record = next((one for one in left if one.name == page.image), left[0])
    page.image = record.name
    if current_name(state) != record.name:
        visit(state, record.name)
    _picture(state, record)
    if len(finding.images) > 1:
        _images(state, left)
    _caption(record, finding, kept_caption(state, place, finding) if finding.check == "duplicates" else None)
    _buttons(state, place, finding)


def _left(state: AppState, finding: Finding) -> list[ImageRecord]:
    """The images of a finding that are there, and not left out."""
    dataset, _ = opened(state)
    out = marks_of(dataset).left_out
    there = (dataset.get(name) for name in finding.images if name not in out)
    return [record for record in there if record is not None]


def _picture(state: AppState, record: ImageRecord) -> None:
    dataset, _ = opened(state)
    alt, height = alt_text(record.name, record.text), "var(--picture, 50vh)"
    try:
        jpeg, _, _ = display_jpeg(Picture(dataset.root, record.name))
        viewer(jpeg, image_id=record.name, alt=alt, key="review.viewer", height=height)
    except ImageRefused as error:
        reason = f"{title_for(error)}\n{error}"
        viewer(b"", image_id=record.name, alt=alt, key="review.viewer", instead=reason, height=height)


def _images(state: AppState, records: list[ImageRecord]) -> None:
    """All images of a finding, or the first of very many; a click shows one large."""
    page = state.of(ReviewState)
    thumbs = []
    for record in records[:_MOST]:
        name = record.name
        thumbs.append(Thumb(name, name, name.rpartition("/")[2], thumb(state, name), alt_text(name, record.text)))

    def pick(name: str) -> None:
        page.image = name

    gallery(
        thumbs, selected=page.image, label="Images of this finding", key="review.images",
        on_pick=guarded(pick, "review"),
    )  # fmt: skip


def thumb(state: AppState, name: str) -> str:
    """A small picture as a data URL, "" where the image cannot be opened."""
    return thumbnail_url(Picture(opened(state)[0].root, name))


def _caption(record: ImageRecord, finding: Finding, kept: str | None) -> None:
    """The caption, with what would become of it: by the fix, or as the one that a twin is `kept` with."""
    marked = finding.marked if record.name == finding.images[0] else ()
    changes = finding.fix.changes if finding.fix and kept is None else ()
    after = next((change.after for change in changes if change.name == record.name), kept)
    if after is not None and after != record.text:
        text = f"<div class='toolkit-diff'><div>{_diff(record.text, after)}</div></div>"
    elif record.text.strip():
        text = f"<div class='toolkit-match'>{marked_html(record.text, marked)}</div>"
    else:
        text = "<div class='toolkit-match'><em>no caption</em></div>"
    name = f"<div class='toolkit-name'><small>{html.escape(record.name)}</small></div>"
    with st.container(key="review-caption"):
        st.html(f"{name}{text}<p class='toolkit-why'>{html.escape(finding.text)}</p>")


def marked_html(text: str, spans: tuple[tuple[int, int], ...]) -> str:
    """A text with some places of it marked, everything in it escaped."""
    pieces, at = [], 0
    for start, end in sorted(spans):
        if start < at:
            continue
        pieces += [html.escape(text[at:start]), f"<mark>{html.escape(text[start:end])}</mark>"]
        at = end
    return "".join([*pieces, html.escape(text[at:])])


def _diff(before: str, after: str) -> str:
    return "".join(
        html.escape(text) if kind == "same" else f"<{kind}>{html.escape(text)}</{kind}>"
        for kind, text in word_diff(before, after)
    )


def _buttons(state: AppState, place: int, finding: Finding) -> None:
    page = state.of(ReviewState)
    image = page.image
    with st.container(horizontal=True, vertical_alignment="bottom", key="review-buttons"):
        right = guarded(functools.partial(found_right, state, [place]), "review")
        st.button("Right as it is `Space`", key="review.right", type="primary", on_click=right)
        # Beside the buttons that keep one of several, which of them is to go.
        is_twin = finding.check == "duplicates"
        if is_twin:
            keep_buttons(state, place, finding)
        elif finding.fix is not None and finding.fix.changes:
            do = guarded(functools.partial(mend, state, [place]), "review")
            st.button(f"{plain(finding.fix.label)} `F`", key="review.mend", on_click=do)
        edit = guarded(functools.partial(_edit, state), "review")
        st.button("Edit `E`", key="review.edit", on_click=edit)
        anew = guarded(functools.partial(_generate, state, image), "generate")
        st.button("Generate anew `G`", key="review.generate", on_click=anew)
        out = guarded(functools.partial(leave_out, state, [place], [image]), "review")
        words = "Leave this out `X`" if is_twin else "Leave out `X`"
        st.button(words, key="review.leave_out", on_click=out, help=_OUT)
        aside = guarded(functools.partial(set_aside, state, [place], [image]), "review")
        help = NOT_OF_ROWS if is_table(state) else _ASIDE
        words = "Set this aside `A`" if is_twin else "Set aside `A`"
        st.button(words, key="review.aside", on_click=aside, help=help, disabled=is_table(state))
        back, on = (guarded(functools.partial(step, state, by), "review") for by in (-1, 1))
        st.button("Previous `←`", key="review.previous", on_click=back)
        st.button("Next `→`", key="review.next", on_click=on)
        with st.container(width=130):
            marks_line(state, image, key="review.marks", has_out=False)


def _edit(state: AppState) -> None:
    state.of(ReviewState).wanted_tab = SAMPLE


def _generate(state: AppState, image: str) -> None:
    """Have a caption written; it comes beside the one that is there, in the sample's panel."""
    _edit(state)
    generate(state, image, present_choice())
