"""Choosing a model, how to reach it, and what to ask it."""

from __future__ import annotations

import streamlit as st
from pydantic import SecretStr
from streamlit.delta_generator import DeltaGenerator

from app.generation import Choice
from app.messages import guarded, plain
from app.opening import preferences
from app.state import AppState
from lib.captioning import Brief
from lib.domain import Length, ModelSpec, Style
from lib.errors import InvalidInput
from lib.preferences import Preferences
from lib.providers import parameters, registry
from lib.providers.prompts import default_prompt
from lib.settings import settings

_LENGTHS: dict[Length, str] = {"long": "Long", "short": "Short"}
_STYLES: dict[Style, str] = {"sentence": "Sentence", "tags": "Tags"}

_LISTED = "generate.listed"
_SERVED = "generate.served_model"


def provider_picker(state: AppState, basics: DeltaGenerator, details: DeltaGenerator) -> Choice:
    """Draw the form in two places, what is always needed and the rest, and give its present choice.

    Raises InvalidInput where the choice cannot be used as it stands.
    """
    kept = preferences(state)
    with basics:
        model = _model(kept)
        base_url = _base_url(kept) if registry.PROVIDERS[model.provider].takes_base_url else ""
        key = _key_field(model)
        served = _served(model, base_url) if registry.PROVIDERS[model.provider].takes_base_url else model
        length, style = _shape(kept)
    with details:
        prompt = _prompt(kept, length, style) if model.prompts else ""
        text = _parameters(model)
    if served is None:
        raise InvalidInput("No server and model are chosen yet.", "Type the server's address, then list its models.")
    given = parameters.with_defaults(parameters.parse_parameters(text, served), served)
    return Choice(served, key, base_url, Brief(prompt, style, given, "overwrite"))


def _model(kept: Preferences) -> ModelSpec:
    models = registry.load_models()
    usual = kept.choice("model") or registry.default_model(settings()).id
    ids = list(models)
    chosen = st.selectbox(
        "Model",
        ids,
        index=ids.index(usual) if usual in ids else 0,
        format_func=lambda id_: f"{models[id_].label}  ·  {registry.PROVIDERS[models[id_].provider].label}",
        key="generate.model",
        persist_state="session",
    )
    if chosen != kept.choice("model"):
        kept.choose("model", chosen)
    model = models[chosen]
    notes = [model.note] if model.note else []
    if model.download_mb and registry.needs_download(model):
        notes.append(f"The first use downloads about {model.download_mb:,} MB.")
    if notes:
        st.caption(plain(" ".join(notes)))
    return model


def _base_url(kept: Preferences) -> str:
    usual = kept.choice("base_url") or settings().openai_base_url
    base_url = st.text_input(
        "Base URL", usual, key="generate.base_url", placeholder="http://127.0.0.1:11434/v1", persist_state="session"
    ).strip()
    if base_url and base_url != usual:
        kept.choose("base_url", base_url)
    return base_url


def _served(template: ModelSpec, base_url: str) -> ModelSpec | None:
    place, button = st.columns([4, 1.7], vertical_alignment="bottom")
    button.button(
        "List models",
        key="generate.list",
        on_click=guarded(_list_models, "generate"),
        args=(template, base_url),
        disabled=not base_url,
        width="stretch",
    )
    served = place.selectbox(
        "Served model",
        st.session_state.get(_LISTED, []),
        index=None,
        key=_SERVED,
        accept_new_options=True,
        placeholder="List the models, or type an id",
        persist_state="session",
    )
    return registry.served_model(template, served) if served and base_url else None


def _list_models(template: ModelSpec, base_url: str) -> None:
    listed = registry.list_served_models(base_url, _typed_key(template))
    st.session_state[_LISTED] = listed
    if st.session_state.get(_SERVED) not in listed:
        st.session_state[_SERVED] = listed[0] if listed else None


def _key_field(model: ModelSpec) -> SecretStr | None:
    entry = registry.PROVIDERS[model.provider]
    if not entry.key_name:
        return None
    on_server = bool(settings().key_for(entry.key_name).get_secret_value())
    if on_server:
        hint = f"Set on this server ({entry.key_name}); leave empty to use it"
    else:
        hint = "Paste your key" if entry.needs_key else "Only if the server asks for one"
    st.text_input("API key", type="password", key=_key_name(model), placeholder=hint, autocomplete="off")
    return _typed_key(model)


def _key_name(model: ModelSpec) -> str:
    return f"generate.key.{model.provider}"


def _typed_key(model: ModelSpec) -> SecretStr | None:
    text = str(st.session_state.get(_key_name(model)) or "").strip()
    return SecretStr(text) if text else None


def _shape(kept: Preferences) -> tuple[Length, Style]:
    left, right = st.columns([1, 1.3])
    length = left.segmented_control(
        "Tag length",
        list(_LENGTHS),
        default=kept.choice("length", "short"),
        format_func=_LENGTHS.__getitem__,
        key="generate.length",
        required=True,
        persist_state="session",
    )
    style = right.segmented_control(
        "Output",
        list(_STYLES),
        default=kept.choice("style", "sentence"),
        format_func=_STYLES.__getitem__,
        key="generate.style",
        help="One sentence or paragraph, or comma-separated tags.",
        required=True,
        persist_state="session",
    )
    for name, value in (("length", length), ("style", style)):
        if value != kept.choice(name):
            kept.choose(name, value)
    return length or "short", style or "sentence"


def _prompt(kept: Preferences, length: Length, style: Style) -> str:
    key = f"generate.prompt.{length}.{style}"
    usual = default_prompt(length, style)
    with st.expander("Prompt", icon=":material/edit_note:"):
        prompt = st.text_area(
            "What the model is asked",
            usual,
            key=key,
            height=140,
            persist_state="session",
            help="{name}, {directory} and {tags} stand for the file's name, its folder, and the tag it has already.",
        )
        presets = kept.presets()
        use, name_field = st.columns(2, vertical_alignment="bottom")
        chosen = use.selectbox("Presets", ["Default", *presets], key="generate.preset", format_func=plain)
        use.button("Use", key="generate.use", on_click=_use, args=(key, presets.get(chosen, usual)), width="stretch")
        name = name_field.text_input("Save as", key="generate.preset_name", placeholder="A name for this prompt")
        name_field.button(
            "Save preset",
            key="generate.keep",
            on_click=guarded(_keep, "generate"),
            args=(kept, name, key),
            width="stretch",
        )
        if chosen in presets:
            st.button(
                "Delete this preset",
                key="generate.delete",
                on_click=kept.delete_preset,
                args=(chosen,),
                type="tertiary",
            )
    return prompt or usual


def _use(key: str, prompt: str) -> None:
    st.session_state[key] = prompt


def _keep(kept: Preferences, name: str, key: str) -> None:
    if not name.strip():
        raise InvalidInput("A preset needs a name.", "Type one beside the button.")
    kept.save_preset(name.strip(), st.session_state[key])


def _parameters(model: ModelSpec) -> str:
    return st.text_input(
        "Advanced parameters",
        key=f"generate.params.{model.id}",
        placeholder="max_tokens=512, temperature=0.30" if model.params else "This model takes none",
        help=parameters.describe(model),
        persist_state="session",
    )
