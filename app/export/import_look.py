"""Look before you import: what was found, how tables are read, five rows as they will come in, and other choices."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from app.elements.pick_list import pick_list
from app.export.import_account import account_panel
from app.export.import_form import CAPTIONS
from app.export.imports import Looked, forget_import, import_source, look_at
from app.session.double_clicks import one_click
from app.session.messages import guarded, notice
from app.session.state import AppState
from lib.importing.base import ConflictRule
from lib.importing.captions import CaptionChoice, as_caption, choice_of
from lib.importing.look import Look, TableLook
from lib.importing.reading_choice import DELIMITERS, reading_of
from lib.jobs.runner import Job
from lib.text import counted

_BY_CONTENT = ""
_ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "gb18030", "big5", "shift_jis", "euc_kr")
_LONGEST = 300
_WITH_ONE: dict[ConflictRule, str] = {
    "skip": "where those that have one keep it",
    "overwrite": "in the place of those that they have",
    "both": "joined to those that they have",
}
"""What becomes of captions that are there already."""


def look_panel(state: AppState, job: Job, looked: Looked) -> None:
    """Show what a look has found, with the choices and the button that imports it."""
    look = looked.look
    with st.container(border=True, key="import-look"):
        if looked.asks:
            notice("warning", "A table was not understood. Nothing was imported yet.", "Choose how it is read.")
        st.text(_summary(look, looked.manner.choices.existing))
        account_panel(look.account, "import.look", "Choose below how they are read, or import the rest without them.")
        for table in look.tables:
            if table.label:
                st.text(f"{table.name}: {_how(table)}")
        if any(table.columns or table.delimiter for table in look.tables):
            _reading_fields(state, job, looked)
        which = _caption_field(job, looked)
        rows = [("", name, _shown(as_caption(said, which)) or "no caption") for name, said in look.rows]
        st.caption("The first images, as they will come in")
        pick_list(rows, label="The first images, as they will come in", key=f"import.rows.{job.id}", on_pick=_none)
        with st.container(horizontal=True):
            start = guarded(functools.partial(_import, state, job, looked), "import")
            st.button("Import it", key="import.looked", type="primary", on_click=start)
            close = guarded(functools.partial(forget_import, state), "import")
            st.button("Let it go", key="import.let_go", type="tertiary", on_click=close)


def _summary(look: Look, existing: ConflictRule) -> str:
    parts = [f"{counted(look.images, 'image')}, {look.captioned:,} of them with a caption"]
    if look.there:
        parts += [f"captions for {counted(look.there, 'image')} of this folder, {_WITH_ONE[existing]}"]
    parts += [f"{look.several:,} with several captions"] if look.several else []
    return "Found: " + "; ".join(parts) + "."


def _how(table: TableLook) -> str:
    sign = next((name for name, sign in DELIMITERS.items() if sign == table.delimiter), table.delimiter)
    parts = [f"columns parted by {sign}"] if table.delimiter and table.columns else []
    parts += [table.encoding] if table.encoding else []
    return ", ".join([table.in_words, *parts])


def _reading_fields(state: AppState, job: Job, looked: Looked) -> None:
    """Other columns, delimiters and encodings; each choice looks anew."""
    columns = list(dict.fromkeys(column for table in looked.look.tables for column in table.columns))
    reading = looked.manner.choices.reading
    anew = guarded(functools.partial(_look_anew, state, job, looked), "import")
    named = {sign: name for name, sign in DELIMITERS.items()}
    image, caption, delimiter, encoding = st.columns(4)
    with image:
        _field(job, "image", "Column of the image", columns, reading.image_column, anew)
    with caption:
        _field(job, "text", "Column of the caption", columns, reading.caption_column, anew)
    with delimiter:
        _field(job, "delimiter", "Between columns", list(named.values()), named.get(reading.delimiter or ""), anew)
    with encoding:
        _field(job, "encoding", "Encoding", list(_ENCODINGS), reading.encoding, anew)


def _field(
    job: Job, name: str, label: str, options: Sequence[str], chosen: str | None, anew: Callable[[], None]
) -> None:
    known = [_BY_CONTENT, *options]
    known += [chosen] if chosen and chosen not in known else []
    st.selectbox(
        label,
        known,
        index=known.index(chosen or _BY_CONTENT),
        format_func=lambda option: option or "By content",
        key=_key(job, name),
        on_change=anew,
    )


def _key(job: Job, name: str) -> str:
    # A look anew has fields of its own, which begin with what was chosen.
    return f"import.{name}.{job.id}"


def _caption_field(job: Job, looked: Looked) -> CaptionChoice:
    words = list(CAPTIONS)
    chosen = looked.manner.choices.caption
    if not looked.look.several:
        return chosen
    word = "all" if chosen is None else "1" if chosen == "first" else str(chosen)
    picked = st.selectbox(
        "Of several captions", words, words.index(word), CAPTIONS.__getitem__, key=_key(job, "several")
    )
    return choice_of(picked)


def _look_anew(state: AppState, job: Job, looked: Looked) -> None:
    kept = st.session_state
    reading = reading_of(*(str(kept.get(_key(job, name)) or "") for name in ("image", "text", "delimiter", "encoding")))
    choices = replace(looked.manner.choices, reading=reading)
    if (picked := kept.get(_key(job, "several"))) is not None:
        choices = replace(choices, caption=choice_of(picked))
    look_at(state, looked.source, replace(looked.manner, choices=choices))


def _import(state: AppState, job: Job, looked: Looked) -> None:
    choices = looked.manner.choices
    if (picked := st.session_state.get(_key(job, "several"))) is not None:
        choices = replace(choices, caption=choice_of(picked))
    with one_click(state, ("import looked", job.id)) as first:
        if first:
            import_source(state, looked.source, replace(looked.manner, choices=choices), asks=False)


def _shown(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " …"


def _none(row: str) -> None:
    """The rows are there to be read."""
