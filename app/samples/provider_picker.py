"""Choosing a model, how to reach it, and what to ask it.

Buttons read the choice when they are pressed, not when they were drawn: a field that was left by the very click on a
button has its new value only then.
"""

from __future__ import annotations

import functools

import streamlit as st

from app.samples.live_models import live_line
from app.samples.model_field import BASE_URL, MODEL, field_text, key_field, model_in_words, remember, typed_key
from app.samples.provider_choice import Choice
from app.samples.served_models import SERVED, served_field
from app.samples.wish_fields import present_wishes, wish_fields
from app.session.messages import guarded, plain, show_error, show_kept
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.captioning import Brief
from lib.domain import Length, ModelSpec, Style
from lib.errors import InvalidInput, InvalidParameters
from lib.preferences import Preferences
from lib.providers import parameters, registry
from lib.providers.prompts import default_prompt
from lib.settings import settings

_LENGTHS: dict[Length, str] = {"long": "Long", "short": "Short"}
_STYLES: dict[Style, str] = {"sentence": "Sentence", "tags": "Tags"}

_LENGTH = "generate.length"
_STYLE = "generate.style"
_PRESET = "generate.preset"
_PRESET_NAME = "generate.preset_name"


def present_choice() -> Choice:
    """What the fields hold now. Raises InvalidInput where that cannot be used as it stands."""
    model = registry.find_model(st.session_state[MODEL])
    base_url = ""
    if registry.PROVIDERS[model.provider].takes_base_url:
        base_url, served = field_text(BASE_URL), field_text(SERVED)
        if not base_url or not served:
            raise InvalidInput("No server and model are chosen yet.", "Type the address, then list the models.")
        template, model = model, registry.served_model(model, served)
    else:
        template = model
    style: Style = st.session_state[_STYLE]
    prompt = ""
    if model.prompts:
        length: Length = st.session_state[_LENGTH]
        prompt = field_text(_prompt_key(length, style)) or default_prompt(length, style)
    given = parameters.parse_parameters(field_text(_params_key(template)), model)
    brief = Brief(prompt, style, parameters.with_defaults(given, model), wishes=present_wishes())
    return Choice(model, typed_key(template.provider), base_url, brief)


def present_model() -> ModelSpec | None:
    """The model that the fields name now, None where they name none yet."""
    try:
        return present_choice().model
    except InvalidInput:
        return None


def choice_in_words(state: AppState) -> str:
    """What the fields hold or will hold, in a line: "Gemma 3 12B · NVIDIA NIM · short sentence"."""
    kept = preferences(state)
    served = field_text(SERVED) if st.session_state.get(MODEL) == "openai-compatible" else ""
    length: Length = st.session_state.get(_LENGTH) or kept.choice("length", "short")
    style: Style = st.session_state.get(_STYLE) or kept.choice("style", "sentence")
    # A list of tags is no sentence, and nobody says "a short tags".
    form = f"{_LENGTHS.get(length, length)} {_STYLES.get(style, style)}".lower()
    return " · ".join(part for part in (model_in_words(state), served, form) if part)


def model_settings(state: AppState, model: ModelSpec) -> None:
    """How to reach the chosen model, and what to ask it."""
    kept = preferences(state)
    _notes(model)
    takes_base_url = registry.PROVIDERS[model.provider].takes_base_url
    if takes_base_url:
        _base_url(kept)
    _key_field(model)
    if takes_base_url:
        served_field(state, field_text(BASE_URL), typed_key(model.provider))
    live_line(state, model, typed_key(model.provider))
    show_kept("models")
    length, style = _shape(kept)
    if model.prompts:
        _prompt(state, length, style)
    wish_fields()
    _parameters(state, model)


def _notes(model: ModelSpec) -> None:
    notes = [model.note] if model.note else []
    if model.download_mb and registry.needs_download(model):
        notes.append(f"The first use downloads about {model.download_mb:,} MB.")
    if notes:
        st.caption(plain(" ".join(notes)))


def _base_url(kept: Preferences) -> None:
    usual = settings().openai_base_url
    placeholder = "http://127.0.0.1:11434/v1"
    first = kept.choice("base_url", usual)
    typed = st.text_input("Base URL", first, key=BASE_URL, placeholder=placeholder, persist_state="session").strip()
    if typed:
        remember(kept, "base_url", typed, usual)


def _key_field(model: ModelSpec) -> None:
    entry = registry.PROVIDERS[model.provider]
    if not entry.key_name:
        return
    address = field_text(BASE_URL) if entry.takes_base_url else ""
    if registry.has_server_key(model, address):
        hint = f"Set on this server ({entry.key_name}); leave empty to use it"
    else:
        hint = "Paste your key" if entry.needs_key else "Only if the server asks for one"
    st.text_input(
        "API key",
        type="password",
        key=key_field(model.provider),
        placeholder=hint,
        autocomplete="off",
        persist_state="session",
    )
    if (withheld := registry.withheld_key(model, address)) and not typed_key(model.provider):
        st.caption(f"This server's {withheld} is not sent to that address. Paste a key to send one.")


def _shape(kept: Preferences) -> tuple[Length, Style]:
    # Side by side where there is room: in columns a narrow window would cut the words off.
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="medium")
    length: Length = row.segmented_control(
        "Tag length",
        list(_LENGTHS),
        default=kept.choice("length", "short"),
        format_func=_LENGTHS.__getitem__,
        key=_LENGTH,
        required=True,
        persist_state="session",
    )
    style: Style = row.segmented_control(
        "Output",
        list(_STYLES),
        default=kept.choice("style", "sentence"),
        format_func=_STYLES.__getitem__,
        key=_STYLE,
        help="One sentence or paragraph, or comma-separated tags.",
        required=True,
        persist_state="session",
    )
    remember(kept, "length", length, "short")
    remember(kept, "style", style, "sentence")
    return length, style


def _prompt_key(length: Length, style: Style) -> str:
    return f"generate.prompt.{length}.{style}"


def _prompt(state: AppState, length: Length, style: Style) -> None:
    kept, key, usual = preferences(state), _prompt_key(length, style), default_prompt(length, style)
    if not st.session_state.get(key):
        # An empty prompt means the usual one, so that is what the box shows; also after a change of page.
        st.session_state[key] = usual
    with st.expander("Prompt", icon=":material/edit_note:"):
        st.text_area(
            "What the model is asked",
            key=key,
            height=140,
            persist_state="session",
            help="{name}, {directory} and {tags} stand for the file's name, its folder, and the tag it has already.",
        )
        use, save = st.columns(2, vertical_alignment="bottom")
        presets = kept.presets()
        chosen = use.selectbox("Presets", ["Default", *presets], key=_PRESET)
        use_it = guarded(functools.partial(_use_preset, kept, key, usual), "generate")
        use.button("Use", key="generate.use", on_click=use_it, width="stretch")
        save.text_input("Save as", key=_PRESET_NAME, placeholder="A name for this prompt")
        save_it = guarded(functools.partial(_save_preset, state, key), "generate")
        save.button("Save preset", key="generate.keep", on_click=save_it, width="stretch")
        if chosen in presets:
            delete_it = guarded(functools.partial(kept.delete_preset, chosen), "generate")
            st.button("Delete this preset", key="generate.delete", on_click=delete_it, type="tertiary")


def _use_preset(kept: Preferences, key: str, usual: str) -> None:
    st.session_state[key] = kept.presets().get(st.session_state[_PRESET], usual)


def _save_preset(state: AppState, key: str) -> None:
    name = field_text(_PRESET_NAME)
    if not name or name == "Default":
        raise InvalidInput("A preset needs a name of its own.", "Type one above the button.")
    preferences(state).save_preset(name, st.session_state[key])
    st.session_state[_PRESET_NAME] = ""
    state.done(f"Preset {name} saved")


def _params_key(template: ModelSpec) -> str:
    return f"generate.params.{template.id}"


def _parameters(state: AppState, model: ModelSpec) -> None:
    st.text_input(
        "Advanced parameters",
        key=_params_key(model),
        placeholder="max_tokens=512, temperature=0.30" if model.params else "This model takes none",
        help=parameters.describe(model).replace("\n", "  \n"),
        persist_state="session",
    )
    if isinstance(state.errors.get("generate"), InvalidParameters):
        # Generate has told it, beside its button.
        return
    try:
        parameters.parse_parameters(field_text(_params_key(model)), model)
    except InvalidParameters as error:
        show_error(error)
