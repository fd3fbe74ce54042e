"""What is sent to each service, byte for byte where it matters."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from pydantic import SecretStr

from lib import errors
from lib.domain import CaptionRequest, ImageLimit, PreparedImage
from lib.providers.http import as_reachable
from lib.providers.registry import captioner, find_model, list_served_models, load_models, served_model
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.providers.conftest import CANARY, model_of, quick_http, settings_for

NIM_DEFAULTS = {"max_tokens": 1024, "temperature": 0.2, "top_p": 0.2}


def url_of(picture: PreparedImage) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(picture.data).decode()}"


def test_kosmos_gets_the_picture_inside_the_text_and_no_model_field(server: ProviderServer, make, ask, picture):
    assert ask(make("nim-img"), "Describe it.").text == CAPTION
    received = server.requests[0]
    assert received.path == "/v1/vlm/microsoft/kosmos-2"
    assert received.header("authorization") == f"Bearer {CANARY}"
    assert received.header("accept") == "application/json"
    assert received.body == {
        "messages": [{"role": "user", "content": f'Describe it. <img src="{url_of(picture)}" />'}],
        "stream": False,
        **NIM_DEFAULTS,
    }


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/v1/vlm/nvidia/vila", "nvidia/vila"),
        ("/v1/gr/meta/llama-3.2-90b-vision-instruct/chat/completions", "meta/llama-3.2-90b-vision-instruct"),
    ],
)
def test_the_other_paths_of_the_old_form_name_their_model(server: ProviderServer, make, ask, target, name):
    ask(make(replace(find_model("vila"), target=target)))
    received = server.requests[0]
    assert (received.path, received.body["model"]) == (target, name)
    assert "<img src=" in received.body["messages"][0]["content"]


@pytest.mark.parametrize(
    ("service", "target"),
    [
        ("nim", "meta/llama-3.2-11b-vision-instruct"),
        ("huggingface", "google/gemma-3-12b-it"),
        ("openai-compatible", "tiny-vision"),
    ],
)
def test_the_chat_form_sends_one_picture_beside_the_prompt(server: ProviderServer, make, ask, picture, service, target):
    ask(make(service), "What is it?", params={"max_tokens": 77})
    received = server.requests[0]
    assert received.path == "/v1/chat/completions"
    assert received.body["model"] == target
    assert received.body["stream"] is False
    assert received.body["max_tokens"] == 77
    assert "max_completion_tokens" not in received.body
    assert received.body["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "What is it?"},
                {"type": "image_url", "image_url": {"url": url_of(picture)}},
            ],
        }
    ]


def test_hugging_face_is_sent_no_parameter_that_nobody_set(server: ProviderServer, make, ask):
    ask(make("huggingface"))
    ask(make("huggingface"), params={"top_p": 0.9, "seed": 4})
    assert not {"top_p", "seed"} & server.requests[0].body.keys()
    assert (server.requests[1].body["top_p"], server.requests[1].body["seed"]) == (0.9, 4)


def test_a_seed_is_sent_only_when_it_is_given(server: ProviderServer, make, ask):
    one = make()
    ask(one)
    ask(one, params={"seed": 42, "temperature": 0.5})
    assert "seed" not in server.requests[0].body
    assert (server.requests[1].body["seed"], server.requests[1].body["temperature"]) == (42, 0.5)


def test_no_authorization_header_without_a_key(server: ProviderServer, make, ask):
    ask(make("openai-compatible", key=None))
    assert "authorization" not in server.requests[0].headers


def test_a_picture_over_the_models_limit_is_not_sent(server: ProviderServer, make, ask, picture):
    length = len(base64.b64encode(picture.data))
    tight = replace(model_of("nim-img"), limit=ImageLimit(max_base64=length))
    with pytest.raises(errors.RequestRejected, match="too large"):
        ask(make(tight))
    assert server.requests == []
    assert ask(make(replace(tight, limit=ImageLimit(max_base64=length + 1)))).text == CAPTION


def test_nvidias_models_carry_its_limit_on_the_base64_text():
    limits = {model.limit.max_base64 for model in load_models().values() if model.provider == "nim"}
    assert limits == {180_000}


def test_without_an_override_each_form_goes_to_nvidias_own_host(picture):
    from lib.providers.base import Connection
    from lib.providers.http import Http
    from lib.providers.nim import Nim
    from lib.settings import Settings

    configured = Settings()
    connection = Connection(configured, Http.of(configured), SecretStr("nvapi-x"))

    def url(name: str) -> str:
        model = find_model(name)
        return Nim(model, connection).prepare(CaptionRequest(picture, model, "x")).url

    assert url("kosmos-2") == "https://ai.api.nvidia.com/v1/vlm/microsoft/kosmos-2"
    assert url("llama-3-2-90b-vision") == "https://integrate.api.nvidia.com/v1/chat/completions"


# Waiting for NVIDIA's answer


def test_a_202_is_followed_until_the_caption_is_there(server: ProviderServer, make, ask):
    waiting = Reply.raw(b"", 202, nvcf_reqid="0b-1-f", nvcf_status="in-progress")
    server.enqueue(waiting, waiting, Reply.caption("A late cat."))
    assert ask(make("nim-img")).text == "A late cat."
    first, *polls = server.requests
    assert first.header("nvcf-poll-seconds")
    assert [(poll.method, poll.path) for poll in polls] == [("GET", "/v2/nvcf/pexec/status/0b-1-f")] * 2
    assert polls[0].header("authorization") == f"Bearer {CANARY}"


def test_a_poll_that_repeats_no_number_keeps_the_first(server: ProviderServer, make, ask):
    server.enqueue(Reply.raw(b"", 202, nvcf_reqid="0b-1-f"), Reply.raw(b"", 202), Reply.caption())
    assert ask(make("nim-img")).text == CAPTION
    assert server.requests[2].path.endswith("/status/0b-1-f")


@pytest.mark.parametrize("status", ["errored", "rejected"])
def test_a_request_that_failed_upstream_is_reported(server: ProviderServer, make, ask, status):
    waiting = Reply.raw(b"", 202, nvcf_reqid="0b-1-f", nvcf_status="in-progress")
    server.enqueue(waiting, Reply.json({"detail": "worker died"}, 202, nvcf_status=status))
    with pytest.raises(errors.ProviderUnavailable, match="worker died"):
        ask(make("nim-img"))


@pytest.mark.parametrize("number", ["", "../../v1/models", "a b", "x" * 200])
def test_a_202_with_an_odd_number_is_not_followed(server: ProviderServer, make, ask, number):
    server.enqueue(Reply.raw(b"", 202, nvcf_reqid=number))
    with pytest.raises(errors.AnswerInvalid):
        ask(make("nim-img"))
    assert len(server.requests) == 1


def test_an_error_while_waiting_is_that_error(server: ProviderServer, make, ask):
    server.enqueue(Reply.raw(b"", 202, nvcf_reqid="0b-1-f"), Reply.json({"detail": "credits"}, 402))
    with pytest.raises(errors.CreditsExhausted):
        ask(make("nim-img"))


def test_a_202_from_a_service_that_knows_none_is_no_caption(server: ProviderServer, make, ask):
    server.enqueue(Reply.raw(b"", 202))
    with pytest.raises(errors.AnswerInvalid, match="202"):
        ask(make("huggingface"))


# Servers of one's own


@pytest.mark.parametrize("tail", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_every_way_of_writing_the_servers_address_works(server: ProviderServer, ask, tail):
    configured = settings_for(server)
    model = model_of("openai-compatible")
    ask(captioner(model, base_url=f" {server.url}{tail} ", settings=configured, http=quick_http(configured)))
    assert server.requests[0].path == "/v1/chat/completions"


def test_the_address_of_a_servers_own_log_is_this_machine(server: ProviderServer, ask):
    url = server.url.replace("127.0.0.1", "0.0.0.0")
    configured = settings_for(server).model_copy(update={"openai_base_url": ""})
    assert list_served_models(url, settings=configured, http=quick_http(configured)) == server.models
    ask(
        captioner(model_of("openai-compatible"), base_url=f"{url}/v1", settings=configured, http=quick_http(configured))
    )
    in_settings = settings_for(server).model_copy(update={"openai_base_url": url, "nvidia_base_url": url})
    for service in ("openai-compatible", "nim"):
        with_key = captioner(model_of(service), key=SecretStr("k"), settings=in_settings, http=quick_http(in_settings))
        assert ask(with_key).text == CAPTION


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://0.0.0.0:8000/v1", "http://127.0.0.1:8000/v1"),
        ("HTTP://0.0.0.0", "HTTP://127.0.0.1"),
        ("http://[::]:8000", "http://[::1]:8000"),
        ("http://0.0.0.0.example/v1", "http://0.0.0.0.example/v1"),
        ("http://10.0.0.0:80", "http://10.0.0.0:80"),
        ("https://x.example/0.0.0.0", "https://x.example/0.0.0.0"),
        ("", ""),
    ],
)
def test_only_the_address_of_everywhere_is_changed(url, wanted):
    assert as_reachable(url) == wanted


def test_a_stranger_reaches_the_server_itself_no_more_by_that_address(server: ProviderServer):
    configured = settings_for(server).model_copy(update={"openai_base_url": ""})
    http = quick_http(configured.model_copy(update={"nvidia_base_url": "", "hf_base_url": ""}), at_this_machine=False)
    with pytest.raises(errors.HostRefused):
        captioner(model_of("openai-compatible"), base_url="http://0.0.0.0:1/v1", settings=configured, http=http)


def test_a_longer_path_is_taken_as_it_stands(server: ProviderServer, ask):
    configured = settings_for(server)
    model = model_of("openai-compatible")
    ask(captioner(model, base_url=f"{server.url}/api/v1", settings=configured, http=quick_http(configured)))
    assert server.requests[0].path == "/api/v1/chat/completions"


def test_the_servers_models_are_listed(server: ProviderServer):
    configured = settings_for(server)
    assert list_served_models(server.url, settings=configured, http=quick_http(configured)) == server.models


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply.json({"status": "fine"}), "cannot be read"),
        (Reply.json("models"), "cannot be read"),
        (Reply.raw(b"404 page not found", 404), "does not list"),
        (Reply.raw(b"<html>", content_type="text/html"), "web page"),
    ],
)
def test_a_list_that_cannot_be_read_says_what_to_check(server: ProviderServer, reply, words):
    configured = settings_for(server)
    server.enqueue(reply)
    with pytest.raises(errors.AnswerInvalid, match=words) as caught:
        list_served_models(server.url, settings=configured, http=quick_http(configured))
    assert "address" in caught.value.hint


def test_without_an_address_or_a_model_the_user_is_asked_for_it(server: ProviderServer, ask):
    from lib.settings import Settings

    template = find_model("openai-compatible")
    with pytest.raises(errors.InvalidInput, match="address is missing"):
        captioner(served_model(template, "llava"), settings=Settings())
    with pytest.raises(errors.InvalidInput, match="No model is chosen"):
        ask(captioner(template, settings=settings_for(server)))


def test_an_address_inside_the_network_is_refused_before_anything_is_sent():
    from lib.settings import Settings

    with pytest.raises(errors.HostRefused):
        captioner(model_of("openai-compatible"), base_url="https://10.0.0.1/v1", settings=Settings())
