"""What a service's refusal means: its status, and the words that make a passing status a lasting cause. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib.errors import (
    CreditsExhausted,
    KeyRejected,
    ModelBlind,
    ModelLoading,
    ModelNotFound,
    ModelRetired,
    ProviderError,
    ProviderUnavailable,
    ProxyRefused,
    RateLimited,
    RequestRejected,
)
from lib.providers.http import HttpResponse, causes, is_json, is_page, server_message, wanted_wait

_Sentence = tuple[type[ProviderError], str, str]

_BY_STATUS: dict[int, _Sentence] = {
    400: (
        RequestRejected,
        "{service} could not use the request (400).",
        "Check the advanced parameters, or try another picture or model.",
    ),
    401: (KeyRejected, "{service} did not accept the API key (401).", "Check the key in the API key field{or_env}."),
    402: (
        CreditsExhausted,
        "{service} says that the credits of this account are used up ({status}).",
        "Add credits, use another key, or choose a model that runs on this machine.",
    ),
    403: (
        KeyRejected,
        "{service} refused this API key (403): it is wrong, expired, or not allowed to use {model}.",
        "Check the key in the API key field{or_env}, or choose another model.",
    ),
    404: (
        ModelNotFound,
        "{service} does not have {model}, or not for this key ({status}).",
        "Choose another model; being listed does not always mean being served.",
    ),
    410: (ModelRetired, "{service} has retired {model}{when} (410).", "Choose another model."),
    413: (RequestRejected, "{service} found the picture too large (413).", "Use a smaller picture."),
    422: (
        RequestRejected,
        "{service} does not accept a field of the request (422).",
        "Check the advanced parameters; not every model takes all of them.",
    ),
    429: (
        RateLimited,
        "{service} asks to slow down (429): too many requests for this key.",
        "Wait a minute and try again, or use fewer workers.",
    ),
}
_TRY_LATER = (ProviderUnavailable, "{service} is not able to answer at present ({status}).", "Try again later.")
_OTHER = (RequestRejected, "{service} refused the request ({status}).", "Check the address and the model.")


@dataclass(frozen=True, slots=True)
class _Cause:
    """Words that say what a status alone does not. They count with these statuses (none: with each)."""

    words: re.Pattern[str]
    statuses: tuple[int, ...]
    sentence: _Sentence


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_CAUSES = (
    _Cause(
        # OpenAI, Anthropic, Moonshot, DeepSeek, OpenRouter, and LiteLLM's budgets.
        _words(
            "insufficient_quota",
            "exceeded your current quota",
            "exceeded_current_quota",
            "billing_(?:hard_limit|not_active)",
            "billing hard limit",
            "budget has been exceeded",
            "budget_exceeded",
            "exceeded ?budget",
            "over budget",
            "credit balance is too low",
            r"insufficient (?:credits?|balance|funds)",
            "requires more credits",
            "out of credits",
            "monthly included credits",
            r"(?:spend|spending|usage) limit (?:was |has been |is )?(?:reached|exceeded)",
        ),
        (200, 400, 402, 403, 429),
        _BY_STATUS[402],
    ),
    _Cause(
        # LiteLLM without a database of keys, and Google, say 400 to a wrong key.
        _words("api key not valid", "api_key_invalid", "(?:invalid|incorrect) api[ _]key", "no_db_connection"),
        (200, 400),
        (
            KeyRejected,
            "{service} did not accept the API key ({status}).",
            "Check the key in the API key field{or_env}.",
        ),
    ),
    _Cause(
        _words("content_policy", "content_filter", "content management policy", "responsibleaipolicy"),
        (200, 400, 403),
        (RequestRejected, "{model} declined to describe this picture ({status}).", "Try another model."),
    ),
    _Cause(
        # llama.cpp without a projector (500), vLLM, Ollama, OpenAI, DeepSeek, OpenRouter (404).
        _words(
            "image input is not supported",
            "not a multimodal model",
            r"(?:does not|doesn't|do not) support (?:image|vision|multimodal)",
            "mmproj",
            "unknown variant `image_url`, expected `text`",
            r"image_url'? is only supported by",
            "support image input",
            "only supports? text (?:input|content)",
            "(?:vision|multimodal) (?:is|inputs? (?:is|are)) not supported",
        ),
        (),
        (ModelBlind, "{model} cannot see pictures ({status}).", "Choose a vision model, or load its projector too."),
    ),
    _Cause(
        # LiteLLM and others say 400 to a name that they do not know.
        _words(
            "model_not_found",
            "model_not_supported",
            "invalid model(?: name| id|:| ')",
            "unknown model",
            "no such model",
            "no models? (?:is |are )?loaded",
            "not a valid model",
            "could not find (?:a |the |real )?model",
            "no endpoints found for",
            r"\bmodel\b[^\n]{0,160}\b(?:does not exist|not found|not exist|is not available|is not supported by any)\b",
        ),
        (200, 400, 403, 404, 422),
        _BY_STATUS[404],
    ),
    _Cause(
        # llama.cpp's words, and those of Hugging Face and Triton.
        _words("loading model", r"\bmodel\b[^\n]{0,120}\b(?:is|still) (?:still |currently |being )*load"),
        (503,),
        (
            ModelLoading,
            "{service} is still loading {model} ({status}).",
            "Wait until the server says that it is ready, then try again later.",
        ),
    ),
    _Cause(
        _words("context length", "context_length", "context window", "context size", "contextwindowexceeded"),
        (200, 400, 413, 422, 500),
        (
            RequestRejected,
            "The request is longer than {model} can take in ({status}).",
            "Lower max_tokens, shorten the prompt, or choose a model with more room.",
        ),
    ),
)

_END_OF_LIFE = re.compile(r"end of life on (\d{4}-\d{2}-\d{2})")
_RETRY_SOON = re.compile(r"(?:retry|try again) in \d|retrydelay|retryinfo")
_BY_PROXY = ("x-squid-error", "proxy-authenticate", "x-bluecoat-via", "proxy-status")


@dataclass(frozen=True, slots=True)
class Names:
    """What sentences call a service, its model and where its key may lie."""

    service: str
    model: str
    key_name: str = ""


def refusal(response: HttpResponse, names: Names, secret: str = "") -> ProviderError:
    """The error for an answer that is no caption: what happened, the service's own words, and what to do next."""
    if (on_the_way := _on_the_way(response)) is not None:
        return on_the_way
    status = response.status
    later = status >= 500 or status in (408, 409, 425)
    sentence = lasting(response) or _BY_STATUS.get(status, _TRY_LATER if later else _OTHER)
    return worded(sentence, response, names, secret)


def lasting(response: HttpResponse) -> _Sentence | None:
    """What an answer's words say beyond its status, where they say something that we know."""
    told = causes(response)
    for cause in _CAUSES:
        if (not cause.statuses or response.status in cause.statuses) and cause.words.search(told):
            if cause.sentence[0] is CreditsExhausted and _is_pace(response, told):
                continue
            return cause.sentence
    return None


def _is_pace(response: HttpResponse, told: str) -> bool:
    # Google says "You exceeded your current quota" of a minute's quota as well, and then when to come back.
    wait = wanted_wait(response)
    soon = (wait is not None and wait <= 3600) or bool(_RETRY_SOON.search(told)) or b"retryDelay" in response.body
    return response.status == 429 and soon and "insufficient_quota" not in told and "budget" not in told


def worded(sentence: _Sentence, response: HttpResponse, names: Names, secret: str = "") -> ProviderError:
    """A sentence made into the error, with the service's own words where they may be shown."""
    kind, what, hint = sentence
    said = server_message(response, secret)
    date = _END_OF_LIFE.search(said)
    fields = {
        "service": names.service,
        "model": names.model,
        "status": str(response.status),
        "when": f" on {date[1]}" if date else "",
        "or_env": f", or {names.key_name} on the server" if names.key_name else "",
    }
    quoted = f" It says: “{said}”" if said and response.quotable else ""
    return kind(what.format(**fields) + quoted, hint.format(**fields), status=response.status)


def _on_the_way(response: HttpResponse) -> ProviderError | None:
    """The error where not the service refuses but something before it: its 403 says nothing about a key."""
    status, proxy = response.status, response.proxy
    marked = any(response.header(name) for name in _BY_PROXY)
    if status == 407:
        return ProxyRefused(
            f"The proxy {proxy or 'on the way'} wants a login (407).",
            "Write it into HTTPS_PROXY as http://name:password@host:port, and restart.",
            status=status,
        )
    if status != 403 or not (marked or is_page(response) or (proxy and not is_json(response))):
        return None
    if proxy:
        return ProxyRefused(
            f"The proxy {proxy} refused to pass the request on to {response.host} (403).",
            "Ask who runs the proxy to allow this address, or name the address in NO_PROXY. The key was not refused.",
            status=status,
        )
    return ProxyRefused(
        f"Something before {response.host} refused the request with a web page (403): a firewall, or a web site.",
        "Check the address, or ask who runs the network to allow it. The key was not refused.",
        status=status,
    )
