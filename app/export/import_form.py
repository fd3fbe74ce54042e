"""What to import, where to, and what happens to what is there already."""

from __future__ import annotations

import functools

import streamlit as st

from app.export.hub_token import hub_for, hub_token, typed_token
from app.export.imports import (
    INTO,
    NEW,
    ImportManner,
    import_source,
    latest_import,
    look_at,
    on_hub,
    on_server,
    uploaded,
)
from app.export.state import ImportState
from app.session.double_clicks import one_click
from app.session.messages import guarded, show_kept
from app.session.open_dataset import is_table
from app.session.state import AppState
from lib.importing.base import ConflictRule, ImportChoices
from lib.importing.captions import choice_of
from lib.importing.hub import address_of
from lib.importing.sources import READ_SUFFIXES, SOURCES

_FROM, _EXISTING = "import.from", "import.existing"
_PATH, _NAME, _CAPTION = "import.path", "import.name", "import.caption"
_REPOSITORY, _REVISION, _SUBFOLDER = "import.repository", "import.revision", "import.subfolder"

_UPLOAD, _SERVER, _HUB = "Upload", "This server", "Hugging Face Hub"
_OPEN = "The open folder"

_WORDS: dict[ConflictRule, tuple[str, str]] = {
    "skip": ("Skip", "What is there stays; images without a caption get theirs."),
    "overwrite": ("Overwrite", "The new takes its place. Images that go are kept in a hidden folder beside."),
    "both": ("Keep both", "Images get a second name; captions are joined, a line each."),
}

CAPTIONS = {
    "all": "All of them, a line each",
    "longest": "The longest of them",
    "caption-file": "What stands in .caption files",
    "txt": "What stands in .txt files",
} | {
    str(number): f"The {word} of them" for number, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)
}
"""Which of several captions, by the words of the command line."""


def import_form(state: AppState) -> None:
    """Show the form."""
    source, target = st.container(key="import-form").columns([7, 6], gap="large")
    with source:
        way = _choice("From", [_UPLOAD, _SERVER, _HUB], _FROM)
        if way == _UPLOAD:
            st.file_uploader(
                "Drop archives, shards, tables or images here",
                type=[ending.lstrip(".") for ending in READ_SUFFIXES],
                accept_multiple_files=True,
                key=_uploader(state),
            )
        elif way == _SERVER:
            st.text_input("File or folder", key=_PATH, persist_state="session")
        else:
            _hub_fields(state)
        st.caption(f"These are read: {'; '.join(SOURCES)}.")
    with target:
        _target(state)
        st.selectbox(
            "Where an image has several captions",
            list(CAPTIONS),
            format_func=CAPTIONS.__getitem__,
            key=_CAPTION,
            help="Flickr8k has five. Where an image has fewer, its last is taken; where it has no such file, all.",
            persist_state="session",
        )
        job = latest_import(state)
        # A click before an upload has arrived would find nothing; a path is read when the button is pressed.
        wait = (job is not None and job.is_active) or (way == _UPLOAD and not st.session_state[_uploader(state)])
        with st.container(horizontal=True):
            start = guarded(functools.partial(_start, state, False), "import")
            st.button("Import", key="import.start", type="primary", on_click=start, disabled=wait)
            look = guarded(functools.partial(_start, state, True), "import")
            what = "What would come in, and how tables are read, before anything is written."
            st.button("Look first", key="import.look", on_click=look, disabled=wait, help=what)
        show_kept("import")


def _hub_fields(state: AppState) -> None:
    st.text_input("Dataset on the Hub", key=_REPOSITORY, placeholder="owner/name", persist_state="session")
    revision, subfolder = st.columns(2)
    revision.text_input("Revision", key=_REVISION, placeholder="main", persist_state="session")
    subfolder.text_input("Subfolder", key=_SUBFOLDER, placeholder="all of it", persist_state="session")
    hub_token(state, needed=False)


def _target(state: AppState) -> None:
    places = [_OPEN, NEW] if state.dataset is not None and not is_table(state) else [NEW]
    if st.session_state.get(INTO) not in places:
        st.session_state[INTO] = places[0]
    if _choice("Into", places, INTO) == NEW:
        st.text_input("Its name", key=_NAME, placeholder="that of the source", persist_state="session")
    elif state.dataset is not None:
        st.text(str(state.dataset.root))
        existing = st.segmented_control(
            "Where something is there already",
            list(_WORDS),
            format_func=lambda way: _WORDS[way][0],
            key=_EXISTING,
            default="skip",
            required=True,
            persist_state="session",
        )
        st.caption(_WORDS[existing][1])


def _choice(label: str, options: list[str], key: str) -> str:
    # To say where it begins beside a value that it holds already is something that Streamlit warns of.
    first = None if key in st.session_state else options[0]
    return str(st.segmented_control(label, options, default=first, key=key, required=True, persist_state="session"))


def _uploader(state: AppState) -> str:
    return f"import.files.{state.of(ImportState).uploaders}"


def _start(state: AppState, looks: bool) -> None:
    # Read now: the click itself may have been what ended the typing.
    kept, manner = st.session_state, _manner()
    path, *place = (str(kept.get(key) or "") for key in (_PATH, _REPOSITORY, _REVISION, _SUBFOLDER))
    begin = look_at if looks else import_source
    with one_click(state, ("import", kept[_FROM], path, *place, manner, looks)) as first:
        if first and kept[_FROM] == _SERVER:
            begin(state, on_server(state, path), manner)
        elif first and kept[_FROM] == _HUB:
            begin(state, on_hub(state, address_of(*place), hub_for(state, typed_token())), manner)
        elif first and (files := kept.get(_uploader(state))):
            begin(state, uploaded(state, files), manner)


def _manner() -> ImportManner:
    kept = st.session_state
    name = None if kept[INTO] == _OPEN else str(kept.get(_NAME) or "")
    existing: ConflictRule = kept.get(_EXISTING) or "skip" if name is None else "skip"
    return ImportManner(name, ImportChoices(existing, choice_of(kept.get(_CAPTION) or "all")))
