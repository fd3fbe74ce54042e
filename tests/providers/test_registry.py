"""The table of models: what comes with the toolkit, what a user adds, and what is said about a broken entry."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from lib.errors import InvalidInput, KeyMissing, UnknownModel
from lib.providers.registry import (
    PROVIDERS,
    captioner,
    default_model,
    find_model,
    load_models,
    served_model,
)
from lib.settings import Settings, settings
from tests.doubles.provider_server import CAPTION, ProviderServer
from tests.providers.conftest import quick_http, settings_for

MINE = """
[models.mine]
label = "My own model"
provider = "nim"
target = "me/my-model"
"""


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


def test_the_models_that_the_toolkit_promises_are_there():
    labels = {(model.provider, model.label) for model in load_models().values()}
    assert labels >= {
        ("nim", "Kosmos-2"),
        ("nim", "Llama 3.2 Vision 90B"),
        ("nim", "Llama 3.2 Vision 11B"),
        ("nim", "NVIDIA VILA"),
        ("nim", "Llama 3.1 Nemotron Nano VL 8B"),
        ("huggingface", "Gemma 3 12B"),
        ("huggingface", "Gemma 3 27B"),
        ("local", "BLIP base"),
        ("local", "SmolVLM 256M"),
    }
    assert not load_models()["blip-base"].prompts
    assert load_models()["blip-base"].params == ()


def test_a_change_of_the_users_own_file_is_seen_at_once_and_nobody_changes_anothers_table(own_file: Path):
    assert "mine" not in load_models(own_file)
    for label in ("My own model", "My own, anew"):
        own_file.write_text(MINE.replace("My own model", label))
        assert load_models(own_file)["mine"].label == label
    load_models(own_file).clear()
    assert "mine" in load_models(own_file)
    own_file.write_text(MINE + "odd = 1")
    with pytest.raises(InvalidInput, match="odd"):
        load_models(own_file)
    own_file.unlink()
    assert "mine" not in load_models(own_file)


def test_local_models_are_pinned_to_a_commit():
    pins = [model.revision for model in load_models().values() if model.provider == "local"]
    assert pins
    assert all(len(pin) == 40 and set(pin) <= set("0123456789abcdef") for pin in pins)


def test_a_model_added_in_the_users_file_is_usable_without_code(server: ProviderServer, ask):
    file = settings().home / "models.toml"
    file.write_text(MINE, encoding="utf-8")
    model = find_model("my own model")
    configured = settings_for(server)
    one = captioner(model, key=SecretStr("nvapi-mine-mine"), settings=configured, http=quick_http(configured))
    assert ask(one).text == CAPTION
    assert server.requests[0].body["model"] == "me/my-model"
    assert server.requests[0].body["max_tokens"] == 1024
    assert model.limit.max_base64 == 180_000
    assert len(load_models()) == len(load_models(Path("/nonexistent/models.toml"))) + 1


def test_an_entry_of_the_same_name_overrules_single_fields(own_file: Path):
    own_file.write_text(
        '[models.blip-base]\nrevision = "main"\n\n'
        "[models.kosmos-2.parameters]\nseed = false\n"
        'top_p = { type = "float", default = 0.7, min = 0.1, max = 1.0 }\n\n'
        "[models.vila]\nparameters = false\n",
        encoding="utf-8",
    )
    models = load_models(own_file)
    assert models["blip-base"].revision == "main"
    assert models["blip-base"].target == "Salesforce/blip-image-captioning-base"
    kosmos = {spec.name: spec for spec in models["kosmos-2"].params}
    assert set(kosmos) == {"max_tokens", "temperature", "top_p"}
    assert (kosmos["top_p"].default, kosmos["top_p"].minimum) == (0.7, 0.1)
    assert models["vila"].params == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[models.mine\n", "cannot be read"),
        ('[models.mine]\nlabel = "x"\nprovider = "nim"\n', "“mine”"),
        (MINE + "colour = 1\n", "colour"),
        (MINE.replace('"nim"', '"nowhere"'), "provider"),
        (MINE.replace('"me/my-model"', '""'), "target is empty"),
        (MINE + 'max_side = "big"\n', "max_side"),
        (MINE + 'parameters.x = { type = "int", default = 9, min = 1, max = 5 }\n', "not in this order"),
        (MINE + 'parameters.x = { type = "text", min = 1, max = 5 }\n', "parameters.x"),
        ("models = 3\n", "not understood"),
        ("[model.mine]\n", "model"),
        ("[models]\nmine = 3\n", "not a table"),
        ("\xff", "cannot be read"),
    ],
)
def test_a_broken_entry_is_named_with_its_file(own_file: Path, text, words):
    own_file.write_bytes(text.encode("latin-1") if text == "\xff" else text.encode())
    with pytest.raises(InvalidInput) as caught:
        load_models(own_file)
    assert str(own_file) in caught.value.message
    assert words in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("name", ["kosmos-2", "KOSMOS-2", " Kosmos-2 "])
def test_models_are_found_by_id_or_label_in_any_case(name):
    assert find_model(name).id == "kosmos-2"


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(UnknownModel) as caught:
        find_model("gpt-nine")
    assert "gpt-nine" in caught.value.message
    assert "kosmos-2" in caught.value.hint
    with pytest.raises(UnknownModel):
        find_model("kosmos-2:other")


def test_a_served_model_can_be_found_again_by_its_id():
    model = served_model(find_model("openai-compatible"), "llava:7b")
    assert (model.target, model.label, model.provider) == ("llava:7b", "llava:7b", "openai-compatible")
    assert find_model(model.id) == model


@pytest.mark.parametrize("name", ["kosmos-2", "gemma-3-12b"])
def test_a_missing_key_names_both_ways_to_give_one(name):
    with pytest.raises(KeyMissing) as caught:
        captioner(find_model(name), key=SecretStr("  "), settings=Settings())
    assert "API key field" in caught.value.hint
    assert PROVIDERS[find_model(name).provider].key_name in caught.value.hint


def test_the_key_in_the_environment_is_used_where_none_is_given(server: ProviderServer, ask, monkeypatch):
    monkeypatch.setenv("NVIDIA_API_KEY", " nvapi-from-the-environment\n")
    configured = settings_for(server)
    ask(captioner(find_model("kosmos-2"), settings=configured, http=quick_http(configured)))
    assert server.requests[0].header("authorization") == "Bearer nvapi-from-the-environment"


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ({}, "blip-base"),
        ({"openai_api_key": "sk-x"}, "blip-base"),
        ({"nvidia_api_key": "nvapi-x"}, "llama-3-2-90b-vision"),
        ({"hf_token": "hf_x"}, "gemma-3-12b"),
        ({"hf_token": "hf_x", "nvidia_api_key": "nvapi-x"}, "llama-3-2-90b-vision"),
    ],
)
def test_the_first_choice_is_a_model_that_the_user_can_use(keys, wanted):
    assert default_model(Settings(**keys)).id == wanted


def test_asking_for_models_loads_neither_torch_nor_transformers():
    code = (
        "import sys\n"
        "from lib.providers.registry import captioner, default_model, load_models\n"
        "from lib.settings import Settings\n"
        "captioner(default_model(Settings()), settings=Settings())\n"
        "print([name for name in ('torch', 'transformers', 'streamlit', 'huggingface_hub') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
