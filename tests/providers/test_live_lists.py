"""What services list, in every shape, kept for a day; and the models of no file that can be chosen by it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from lib.errors import UnknownModel
from lib.providers.live_lists import KEPT_S, LiveLists, choices
from lib.providers.model_lists import names_in
from lib.providers.registry import captioner, find_model, list_served_models, load_models
from lib.settings import Settings
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.providers.conftest import CANARY, quick_http, settings_for

KEY = SecretStr(CANARY)


@pytest.mark.parametrize(
    "value",
    [
        {"object": "list", "data": [{"id": "a"}, {"id": "b/c"}]},
        [{"id": "a"}, {"id": "b/c"}],
        {"models": [{"name": "a", "model": "a:latest"}, {"name": "b/c"}]},
        {"models": [{"model": "a"}, {"model": "b/c"}]},
        {"models": ["a", "b/c"]},
        ["a", "b/c"],
        {"data": ["a", "b/c", ""]},
        {"data": [{"id": "a"}, {"id": "a"}, {"id": 3}, None, {"id": "b/c"}]},
        {
            "data": [
                {"id": "a", "architecture": {"input_modalities": ["text", "image"]}},
                {"id": "blind", "architecture": {"input_modalities": ["text"]}},
                {"id": "b/c", "architecture": {}},
            ]
        },
    ],
)
def test_a_list_is_read_in_every_shape(server: ProviderServer, value):
    assert names_in(value) == ["a", "b/c"]
    configured = settings_for(server)
    server.enqueue(Reply.json(value))
    assert list_served_models(server.url, settings=configured, http=quick_http(configured)) == ["a", "b/c"]


@pytest.mark.parametrize("value", [{}, {"data": None}, "a", 3, {"error": "no"}])
def test_what_is_no_list_is_none(value):
    assert names_in(value) is None


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def lists(server: ProviderServer, home: Path, clock: Clock) -> tuple[LiveLists, Settings]:
    configured = settings_for(server).model_copy(update={"home": home})
    return LiveLists(configured, clock), configured


@pytest.mark.parametrize("provider", ["nim", "huggingface"])
def test_a_service_is_asked_once_a_day(server: ProviderServer, tmp_path: Path, provider):
    clock = Clock()
    live, configured = lists(server, tmp_path, clock)
    http = quick_http(configured)
    assert live.kept(provider, KEY).at == 0
    assert live.today(provider, KEY, http=http).names == tuple(server.models)
    assert server.requests[0].path == "/v1/models"
    assert server.requests[0].header("authorization") == f"Bearer {CANARY}"
    clock.now += KEPT_S - 1
    server.models = ["newer"]
    assert live.today(provider, KEY, http=http).names == ("tiny-vision", "tiny-text")
    assert len(server.requests) == 1
    clock.now += 2
    assert live.today(provider, KEY, http=http).names == ("newer",)
    server.models = ["newest"]
    assert live.today(provider, KEY, http=http, anew=True).names == live.kept(provider, KEY).names == ("newest",)


def test_each_key_and_address_has_a_list_of_its_own_and_no_key_is_written_down(server: ProviderServer, tmp_path: Path):
    live, configured = lists(server, tmp_path, Clock())
    live.today("nim", KEY, http=quick_http(configured))
    assert live.kept("nim", SecretStr("nvapi-another")).at == 0
    assert live.kept("huggingface", KEY).at == 0
    elsewhere = configured.model_copy(update={"nvidia_base_url": "http://127.0.0.1:1"})
    assert LiveLists(elsewhere).kept("nim", KEY).at == 0
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert CANARY not in path.read_text() + path.name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("reply", [Reply.raw(b"down", 500), Reply.raw(b"no", 401), Reply.json({"x": 1})])
def test_a_service_that_does_not_answer_leaves_yesterdays_list(server: ProviderServer, tmp_path: Path, reply):
    clock = Clock()
    live, configured = lists(server, tmp_path, clock)
    http = quick_http(configured)
    server.enqueue(*[reply] * 3)
    nothing = live.today("nim", KEY, http=http)
    assert nothing.names == ()
    assert nothing.trouble
    server._queue.clear()
    live.today("nim", KEY, http=http)
    clock.now += KEPT_S + 1
    server.enqueue(*[reply] * 3)
    old = live.today("nim", KEY, http=http)
    assert old.names == tuple(server.models)
    assert old.trouble


@pytest.mark.parametrize("text", ["", "{", "[]", '{"names": 3, "at": 1}', '{"names": [], "at": "x"}'])
def test_a_damaged_list_is_no_list(server: ProviderServer, tmp_path: Path, text):
    live, configured = lists(server, tmp_path, Clock())
    live.today("nim", KEY, http=quick_http(configured))
    (file,) = (path for path in tmp_path.rglob("*.json"))
    file.write_text(text)
    assert live.kept("nim", KEY).at == 0
    assert live.today("nim", KEY, http=quick_http(configured)).names == tuple(server.models)


def test_what_is_gone_is_known_and_what_is_new_stands_behind_the_files_entries(server: ProviderServer, tmp_path: Path):
    models = load_models()
    server.models = ["meta/llama-3.2-90b-vision-instruct", "microsoft/kosmos-2", "new/model"]
    live, configured = lists(server, tmp_path, Clock())
    today = live.today("nim", KEY, http=quick_http(configured))
    standing = {id: today.has(models[id]) for id in ("llama-3-2-90b-vision", "kosmos-2", "vila", "gemma-3-12b")}
    assert standing == {"llama-3-2-90b-vision": True, "kosmos-2": True, "vila": False, "gemma-3-12b": None}
    assert live.kept("huggingface", KEY).has(models["gemma-3-12b"]) is None
    offered = list(choices(models, {"nim": today}))
    assert [id for id in offered if id not in models] == ["nim:new/model"]
    assert offered.index("nim:new/model") == 1 + max(offered.index(id) for id in models if models[id].provider == "nim")


def test_a_model_of_no_file_is_chosen_by_its_services_name(server: ProviderServer, ask):
    model = find_model("nim:new/model")
    assert (model.id, model.label, model.target, model.form) == ("nim:new/model", "new/model", "new/model", "chat")
    assert model.limit.max_base64 == 180_000
    assert {spec.name for spec in model.params} == {"max_tokens", "temperature", "top_p", "seed"}
    configured = settings_for(server)
    assert ask(captioner(model, key=KEY, settings=configured, http=quick_http(configured))).text == CAPTION
    assert server.requests[0].body["model"] == "new/model"
    assert find_model("nim:meta/llama-3.2-90b-vision-instruct").id == "llama-3-2-90b-vision"
    assert find_model("huggingface:Qwen/Qwen9:fastest").target == "Qwen/Qwen9:fastest"


@pytest.mark.parametrize("name", ["nim:", "local:x/y", "nowhere:x/y", "x/y"])
def test_a_name_that_no_service_is_named_for_says_how_to_write_it(name):
    with pytest.raises(UnknownModel) as caught:
        find_model(name)
    assert "nim:owner/model" in caught.value.hint
