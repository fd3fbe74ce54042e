"""Every answer that is no caption: which error it becomes, and what it tells the user."""

from __future__ import annotations

from typing import Any

import pytest

from lib import errors
from tests.doubles.provider_server import ProviderServer, Reply, chat_answer

NIM = "nim"
HF = "huggingface"
OPEN = "openai-compatible"

PROBLEM_402 = {"status": 402, "title": "Payment Required", "detail": "Cloud credits expired - Please contact support"}
GONE = "The model 'X' has reached its end of life on 2026-05-12T00:00:00Z and is no longer available."
UNSERVED = {
    "error": {
        "message": "The requested model 'x' is not supported by any provider you have enabled.",
        "code": "model_not_supported",
    }
}

# service, status, body, error, words of the message, words of the hint, requests that reach the server
TABLE: list[tuple[str, int, Any, type[errors.ProviderError], str, str, int]] = [
    (NIM, 400, {"error": {"message": "bad top_p"}}, errors.RequestRejected, "bad top_p", "parameters", 1),
    (NIM, 401, {"detail": "Authentication failed"}, errors.KeyRejected, "(401)", "NVIDIA_API_KEY", 1),
    (NIM, 401, "Unauthorized", errors.KeyRejected, "“Unauthorized”", "API key field", 1),
    (NIM, 402, PROBLEM_402, errors.CreditsExhausted, "credits expired", "another key", 1),
    (NIM, 403, {"status": 403, "title": "Forbidden", "detail": "Authorization failed"}, errors.KeyRejected,
     "Authorization failed", "NVIDIA_API_KEY", 1),
    (NIM, 404, "404 page not found", errors.ModelNotFound, "Llama 3.2 Vision 11B", "another model", 1),
    (NIM, 404, {"detail": "Function 'x': Not found for account 'y'"}, errors.ModelNotFound, "Not found", "another", 1),
    (NIM, 410, {"title": "Gone", "status": 410, "detail": GONE}, errors.ModelRetired, "on 2026-05-12", "another", 1),
    (NIM, 410, {"title": "Gone"}, errors.ModelRetired, "has retired", "another", 1),
    (NIM, 413, "", errors.RequestRejected, "too large", "smaller picture", 1),
    (NIM, 422, {"detail": [{"loc": ["body", "seed"], "msg": "Input should be less", "type": "x"}]},
     errors.RequestRejected, "body.seed: Input should be less", "parameters", 1),
    (NIM, 422, {"title": "Unprocessable", "detail": "seed"}, errors.RequestRejected, "“seed”", "parameters", 1),
    (NIM, 429, {"status": 429, "title": "Too Many Requests"}, errors.RateLimited, "slow down", "Wait a minute", 3),
    (NIM, 500, {"detail": "boom"}, errors.ProviderUnavailable, "boom", "later", 3),
    (NIM, 502, {"title": "Bad Gateway"}, errors.ProviderUnavailable, "(502)", "later", 3),
    (NIM, 503, {"title": "Offline"}, errors.ProviderUnavailable, "(503)", "later", 3),
    (NIM, 504, "", errors.ProviderUnavailable, "(504)", "later", 3),
    (NIM, 501, "", errors.ProviderUnavailable, "(501)", "later", 1),
    (NIM, 418, "", errors.RequestRejected, "(418)", "address", 1),
    (HF, 400, UNSERVED, errors.ModelNotFound, "Gemma 3 12B", "inference-providers", 1),
    (HF, 400, {"error": "bad"}, errors.RequestRejected, "bad", "parameters", 1),
    (HF, 401, {"error": "Invalid username or password."}, errors.KeyRejected, "Invalid username", "HF_TOKEN", 1),
    (HF, 402, {"error": "You have exceeded your monthly included credits"}, errors.CreditsExhausted, "exceeded",
     "credits", 1),
    (HF, 403, {"error": "This token lacks permissions"}, errors.KeyRejected, "lacks", "HF_TOKEN", 1),
    (HF, 404, {"error": "Model not found"}, errors.ModelNotFound, "Gemma", "another model", 1),
    (HF, 422, {"error": ["first", "second"]}, errors.RequestRejected, "first; second", "parameters", 1),
    (HF, 429, {"error": "Rate limit"}, errors.RateLimited, "Rate limit", "Wait", 3),
    (HF, 503, {"error": "Model is currently loading"}, errors.ModelLoading, "loading", "later", 1),
    (OPEN, 400, {"object": "error", "message": "At most 1 image"}, errors.RequestRejected, "At most", "parameters", 1),
    (OPEN, 401, {"error": "Unauthorized"}, errors.KeyRejected, "Unauthorized", "OPENAI_API_KEY", 1),
    (OPEN, 404, {"error": {"message": "model 'x' not found, try pulling it first"}}, errors.ModelNotFound, "pulling",
     "another model", 1),
    (OPEN, 500, {"error": {"code": 500, "message": "image input is not supported - hint: mmproj"}},
     errors.ModelBlind, "cannot see pictures", "vision model", 1),
    (OPEN, 400, {"error": {"message": "Failed to deserialize: unknown variant `image_url`, expected `text`"}},
     errors.ModelBlind, "cannot see pictures", "vision model", 1),
    (OPEN, 404, {"error": {"message": "No endpoints found that support image input", "code": 404}},
     errors.ModelBlind, "cannot see pictures", "vision model", 1),
    (OPEN, 429, {"error": {"message": "You exceeded your current quota, please check your plan and billing details.",
     "type": "insufficient_quota", "param": None, "code": "insufficient_quota"}},
     errors.CreditsExhausted, "exceeded your current quota", "credits", 1),
    (OPEN, 429, {"error": {"message": "Your account is suspended", "type": "exceeded_current_quota_error"}},
     errors.CreditsExhausted, "(429)", "credits", 1),
    (OPEN, 400, {"type": "error", "error": {"type": "invalid_request_error", "message":
     "Your credit balance is too low to access the API."}}, errors.CreditsExhausted, "too low", "credits", 1),
    (OPEN, 400, {"error": {"message": "Budget has been exceeded! Current cost: 0.5, Max budget: 0.1",
     "type": "budget_exceeded", "param": None, "code": "400"}}, errors.CreditsExhausted, "Budget", "credits", 1),
    (OPEN, 429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message":
     "You exceeded your current quota, please check your plan and billing details. Please retry in 12ms."}},
     errors.RateLimited, "slow down", "Wait", 3),
    (OPEN, 400, {"error": {"message": "/chat/completions: Invalid model name passed in model=tiny-vision. Call "
     "`/v1/models` to view available models for your key.", "type": "None", "param": "None", "code": "400"}},
     errors.ModelNotFound, "Invalid model name", "another model", 1),
    (OPEN, 400, {"error": {"message": "The model `x-3.5` does not exist", "code": "model_not_found"}},
     errors.ModelNotFound, "x-3.5", "another model", 1),
    (OPEN, 403, {"error": {"message": "Project p does not have access to model x", "code": "model_not_found"}},
     errors.ModelNotFound, "access", "another model", 1),
    (OPEN, 400, [{"error": {"code": 400, "message": "API key not valid. Please pass a valid API key."}}],
     errors.KeyRejected, "(400)", "OPENAI_API_KEY", 1),
    (OPEN, 400, {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}},
     errors.KeyRejected, "No connected db", "API key field", 1),
    (OPEN, 400, {"error": {"message": "Filtered due to the policy", "code": "content_filter"}},
     errors.RequestRejected, "declined", "another model", 1),
    (OPEN, 400, {"error": "No models loaded. Please load a model."}, errors.ModelNotFound, "loaded", "model", 1),
    (OPEN, 400, {"error": {"message": "This model's maximum context length is 2048 tokens. However, you requested 3100"
     " tokens. Please reduce the length."}}, errors.RequestRejected, "longer than", "max_tokens", 1),
    (OPEN, 200, {"error": {"code": 402, "message": "This request requires more credits"}},
     errors.CreditsExhausted, "more credits", "credits", 1),
    (OPEN, 409, "", errors.ProviderUnavailable, "(409)", "later", 3),
    (OPEN, 408, "", errors.ProviderUnavailable, "(408)", "later", 3),
]  # fmt: skip


@pytest.mark.parametrize(("service", "status", "body", "kind", "says", "advises", "tries"), TABLE)
def test_status_becomes_its_own_error_with_a_next_step(
    server: ProviderServer, make, ask, service, status, body, kind, says, advises, tries
):
    reply = Reply.raw(body.encode(), status) if isinstance(body, str) else Reply.json(body, status)
    server.enqueue(*[reply] * tries)
    with pytest.raises(errors.ProviderError) as caught:
        ask(make(service))
    assert type(caught.value) is kind
    assert caught.value.status == (status if status != 200 else 402)
    assert says in caught.value.message
    assert advises in caught.value.hint
    assert len(server.requests) == tries


@pytest.mark.parametrize("service", [NIM, "nim-img", HF, OPEN])
@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (Reply.raw(b"<!DOCTYPE html><html><body>Sign in</body></html>", content_type="text/html"), errors.AnswerInvalid,
         "web page"),
        (Reply.raw(b"  <html>untyped</html>", content_type="application/json"), errors.AnswerInvalid, "web page"),
        (Reply.raw(b"", content_type="application/json"), errors.AnswerInvalid, "empty answer"),
        (Reply.raw(b'{"choices": [', content_type="application/json"), errors.AnswerInvalid, "cannot be read"),
        (Reply.raw(b"[" * 100_000, content_type="application/json"), errors.AnswerInvalid, "cannot be read"),
        (Reply.raw(b"\xff\xfe\x00", content_type="application/json"), errors.AnswerInvalid, "cannot be read"),
        (Reply.json(["a", "list"]), errors.AnswerInvalid, "cannot be read"),
        (Reply.raw(b"data: {}", content_type="text/event-stream"), errors.AnswerInvalid, "piece by piece"),
        (Reply.json({"choices": None}), errors.AnswerInvalid, "without a caption"),
        (Reply.json({"choices": []}), errors.AnswerInvalid, "without a caption"),
        (Reply.json({"choices": ["text"]}), errors.AnswerInvalid, "without a caption"),
        (Reply.json({"choices": [{"message": None}]}), errors.AnswerInvalid, "without a caption"),
        (Reply.json({"error": "model crashed"}), errors.RequestRejected, "model crashed"),
        (Reply.json({"choices": None, "error": {"message": "no slot"}}), errors.RequestRejected, "no slot"),
        (Reply.json({"object": "error", "message": "too long"}), errors.RequestRejected, "too long"),
        (Reply.caption(None), errors.AnswerInvalid, "empty caption"),
        (Reply.caption("  \n "), errors.AnswerInvalid, "empty caption"),
        (Reply.caption(None, reasoning_content="Let me look"), errors.AnswerInvalid, "thought"),
        (Reply.caption("<think>hmm"), errors.AnswerInvalid, "only its thoughts"),
        (Reply.caption(None, refusal="I cannot"), errors.AnswerInvalid, "declined"),
        (Reply.caption("", finish="content_filter"), errors.AnswerInvalid, "declined"),
        (Reply.json({"choices": [{"finish_reason": "error", "message": {"role": "assistant", "content": ""},
         "error": {"code": "x", "message": "Upstream fell over"}}]}), errors.RequestRejected, "Upstream fell over"),
        (Reply.json({"choices": [{"finish_reason": "error", "message": {"role": "assistant", "content": "A d"},
         "error": {"code": 502, "message": "Upstream fell over"}}]}), errors.ProviderUnavailable, "Upstream fell over"),
        (Reply.json({"error": "Model 'x' not found"}), errors.ModelNotFound, "not found"),
        (Reply.raw(b"", 204), errors.RequestRejected, "(204)"),
    ],
)  # fmt: skip
def test_a_200_that_holds_no_caption_is_an_error(server: ProviderServer, make, ask, service, reply, kind, says):
    server.enqueue(reply)
    with pytest.raises(errors.ProviderError) as caught:
        ask(make(service))
    assert type(caught.value) is kind
    assert says in caught.value.message
    assert caught.value.hint
    assert len(server.requests) == 1


def test_a_thoughtful_model_without_caption_is_told_to_get_more_tokens(server: ProviderServer, make, ask):
    server.enqueue(Reply.caption(None, finish="length", reasoning_content="Let me look"))
    with pytest.raises(errors.AnswerInvalid) as caught:
        ask(make())
    assert "max_tokens" in caught.value.hint


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "thinking"])
def test_thoughts_in_a_field_of_their_own_are_no_part_of_the_caption(server: ProviderServer, make, ask, field):
    server.enqueue(Reply.caption("A dog.", **{field: "So, a dog."}), Reply.caption("", **{field: "So, a"}))
    assert ask(make()).text == "A dog."
    with pytest.raises(errors.AnswerInvalid, match="thought") as caught:
        ask(make())
    assert "max_tokens" in caught.value.hint


@pytest.mark.parametrize(
    "thought",
    [
        {"type": "thinking", "thinking": [{"type": "text", "text": "So, a dog."}]},
        {"type": "reasoning", "text": "So, a dog."},
        {"type": "reasoning", "summary": [{"text": "So, a dog."}]},
    ],
)
def test_thoughts_in_parts_are_no_part_of_the_caption(server: ProviderServer, make, ask, thought):
    said = {"type": "text", "text": "A dog."}
    server.enqueue(Reply.json(chat_answer([thought, said])), Reply.json(chat_answer([thought])))
    assert ask(make()).text == "A dog."
    with pytest.raises(errors.AnswerInvalid, match="thought") as caught:
        ask(make())
    assert "max_tokens" in caught.value.hint


def test_a_thought_that_was_cut_off_is_no_caption(server: ProviderServer, make, ask):
    server.enqueue(Reply.caption("◁think▷The user wants", finish="length"))
    with pytest.raises(errors.AnswerInvalid, match="cut off") as caught:
        ask(make())
    assert "Raise max_tokens" in caught.value.hint


def test_an_error_page_is_not_shown_to_the_user(server: ProviderServer, make, ask):
    page = b"<html><head><title>502</title></head><body><script>alert(1)</script></body></html>"
    server.enqueue(*[Reply.raw(page, 502, "text/html")] * 3)
    with pytest.raises(errors.ProviderUnavailable) as caught:
        ask(make())
    assert "script" not in str(caught.value)


def test_a_servers_words_are_cut_and_kept_on_one_line(server: ProviderServer, make, ask):
    server.enqueue(Reply.json({"error": "first\nsecond\x1b[31m " + "long words " * 500}, 400))
    with pytest.raises(errors.RequestRejected) as caught:
        ask(make())
    assert "first second" in caught.value.message
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 400


def test_truncated_is_set_where_max_tokens_cut_the_caption(server: ProviderServer, make, ask):
    server.enqueue(Reply.caption("A cat on", finish="length"), Reply.caption("A cat."))
    one = make()
    assert [ask(one).truncated, ask(one).truncated] == [True, False]


def test_the_older_form_of_an_answer_is_read(server: ProviderServer, make, ask):
    server.enqueue(Reply.json({"choices": [{"finish_reason": "stop", "text": "A red cat."}]}))
    assert ask(make()).text == "A red cat."


def test_content_in_parts_is_joined(server: ProviderServer, make, ask):
    server.enqueue(Reply.json(chat_answer([{"type": "text", "text": "A red "}, {"type": "text", "text": "cat."}])))
    assert ask(make()).text == "A red cat."


@pytest.mark.parametrize(
    "answer",
    [
        Reply.json({"error": {"message": "CANARY"}}, 400),
        Reply.raw(b"CANARY", 401),
        Reply.json({"detail": "CANARY"}, 500),
        Reply.json({"error": {"message": "CANARY"}}),
        Reply.raw(b"CANARY image input is not supported", 400),
        Reply.raw(b"CANARY", 404),
    ],
)
@pytest.mark.parametrize("here", [True, False])
def test_what_a_service_inside_says_is_shown_only_to_who_sits_at_the_machine(
    server: ProviderServer, make: Any, ask: Any, answer: Reply, here: bool
) -> None:
    server.enqueue(answer, answer, answer)
    with pytest.raises(errors.ProviderError) as caught:
        ask(make(OPEN, at_this_machine=here))
    assert ("CANARY" in str(caught.value)) is here


@pytest.mark.parametrize("status", [400, 422])
def test_words_of_the_users_own_that_a_server_sends_back_decide_nothing(server: ProviderServer, make, ask, status):
    echoed = {
        "detail": [{"loc": ["body", "x"], "msg": "Field required", "input": {"prompt": "billing, budget_exceeded"}}]
    }
    server.enqueue(Reply.json(echoed, status))
    with pytest.raises(errors.RequestRejected, match="Field required"):
        ask(make(OPEN))
