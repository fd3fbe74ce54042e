"""What a captioner is, and what every service over HTTP has in common: the chat request and its answer."""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pydantic import SecretStr

from lib.domain import Caption, CaptionRequest, ModelSpec, Style
from lib.errors import AnswerInvalid, InvalidInput, ProviderError, RequestRejected
from lib.providers.chat import is_thoughtful, text_of, usage_of
from lib.providers.fitting import MOST_FITS, Fit, fit_for, remember_fit
from lib.providers.http import Http, HttpRequest, HttpResponse, JsonObject, limiter_for, read_json, server_message
from lib.providers.parameters import with_defaults
from lib.providers.prompts import clean
from lib.providers.refusals import Names, lasting, refusal, worded
from lib.settings import Settings

__all__ = [
    "CaptionService",
    "Captioner",
    "Connection",
    "HttpCaptioner",
    "HttpRequest",
    "HttpResponse",
    "Provider",
    "finished",
]

_ERROR_INSIDE = (
    RequestRejected,
    "{service} answered with an error.",
    "Check that the model is loaded and can see pictures.",
)


class CaptionService(ABC):
    """Who runs models: what a form asks for it, and the way to a captioner. All of it stands on the class."""

    label: ClassVar[str]
    """What people choose it by."""
    key_name: ClassVar[str] = ""
    """The environment variable of its key, where it takes one."""
    needs_key: ClassVar[bool] = False
    takes_base_url: ClassVar[bool] = False
    lists_live: ClassVar[bool] = False
    """True where the service says what it serves, which changes by the week: `<service>:<id>` names any of it."""
    runs_here: ClassVar[bool] = False
    """True where the model is loaded into this process: heavy, so loaded once and shared."""

    @classmethod
    @abstractmethod
    def build(cls, model: ModelSpec, connection: Connection) -> Captioner:
        """A captioner for one of its models. Nothing is sent or loaded yet."""

    @classmethod
    def listed_as(cls, model: ModelSpec) -> str:
        """The id by which the service lists a model."""
        return model.target

    @classmethod
    def needs_download(cls, model: ModelSpec, settings: Settings) -> bool:
        """True where the first caption would fetch the model's weights. Reads the disk only."""
        return False


class Captioner(ABC):
    """Writes a caption for a picture. Safe to share among threads."""

    def __init__(self, model: ModelSpec) -> None:
        self.model = model

    @abstractmethod
    def caption(self, request: CaptionRequest) -> Caption:
        """The caption, cleaned and never empty. Raises ProviderError, or ModelUnavailable for local models."""


@dataclass(frozen=True, slots=True)
class Connection:
    """What a captioner is built with, beside its model. `base_url` is "" for a service's usual address."""

    settings: Settings
    http: Http
    key: SecretStr | None = None
    base_url: str = ""
    requests_per_minute: int = 0


class Provider(CaptionService):
    """One service over HTTP: pure functions from a request to a message and from a message to a caption."""

    service: ClassVar[str]
    """What sentences call it."""

    def __init__(self, model: ModelSpec, connection: Connection) -> None:
        self.model = model
        self.key = connection.key
        self.requests_per_minute = connection.requests_per_minute

    @classmethod
    def build(cls, model: ModelSpec, connection: Connection) -> Captioner:
        return HttpCaptioner(cls(model, connection), connection.http)

    @abstractmethod
    def prepare(self, request: CaptionRequest) -> HttpRequest:
        """The message to send. Pure. Raises RequestRejected for a picture over the model's limit."""

    def list_request(self) -> HttpRequest:
        """The request for the list of models that are served. Raises InvalidInput where a service has none."""
        raise InvalidInput(f"{self.service} has no list of models.", "Choose one of those in models.toml.")

    def follow_up(self, response: HttpResponse) -> HttpRequest | None:
        """The next message of the same exchange, where the service answers "ask again"."""
        if response.status != 200:
            raise AnswerInvalid(f"{self.service} answered {response.status} without a caption.", "Try again.")
        return None

    def parse(self, response: HttpResponse) -> Caption:
        """The caption in a 200 answer, as the model wrote it. Raises AnswerInvalid, or what an error in it means."""
        data = read_json(response)
        if not data.get("choices") and (data.get("error") or data.get("object") == "error"):
            # LM Studio and some routers say 200 and mean an error.
            raise self._error_inside(data.get("error") or data, response)
        return replace(self._choice(data, response), usage=usage_of(data))

    def error_for(self, response: HttpResponse) -> ProviderError:
        """The error for any answer that is neither 200 nor 202, with what happened and what to do next."""
        return refusal(response, self._names, self._secret)

    def _error_inside(self, error: Any, response: HttpResponse) -> ProviderError:
        """What an error within a 200 means: by its own code, where it has one (OpenRouter), else by its words."""
        code = error.get("code") if isinstance(error, dict) else None
        if isinstance(code, str) and code.isdecimal():
            code = int(code)
        body = json.dumps({"error": error}).encode()
        if isinstance(code, int) and 400 <= code < 600:
            return self.error_for(replace(response, status=code, body=body))
        sentence = lasting(replace(response, body=body)) or _ERROR_INSIDE
        return worded(sentence, replace(response, body=body), self._names, self._secret)

    @property
    def pace(self) -> str:
        """Whose pace is kept: requests of the same pace and key share one limiter."""
        return type(self).__name__

    @property
    def _secret(self) -> str:
        return self.key.get_secret_value() if self.key else ""

    @property
    def _names(self) -> Names:
        return Names(self.service, self.model.label, self.key_name)

    def _with_words(self, sentence: str, response: HttpResponse) -> str:
        said = server_message(response, self._secret) if response.quotable else ""
        return f"{sentence} It says: “{said}”" if said else sentence

    def _choice(self, data: JsonObject, response: HttpResponse) -> Caption:
        choices = data.get("choices")
        choice = choices[0] if isinstance(choices, list) and choices else None
        if isinstance(choice, dict) and choice.get("error"):
            raise self._error_inside(choice["error"], response)
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(choice, dict) and message is None and isinstance(choice.get("text"), str):
            # The older form of completions.
            message = {"content": choice["text"]}
        if not isinstance(choice, dict) or not isinstance(message, dict):
            raise AnswerInvalid(
                f"{self.service} sent an answer without a caption in it.", "Try again, or choose another model."
            )
        text, truncated = text_of(message), choice.get("finish_reason") == "length"
        if not text.strip():
            raise self._wordless(message, str(choice.get("finish_reason")))
        return Caption(text, truncated)

    def _wordless(self, message: JsonObject, reason: str) -> AnswerInvalid:
        if is_thoughtful(message):
            return AnswerInvalid(
                f"{self.model.label} thought, and then wrote no caption.",
                "Raise max_tokens so that it can finish, or choose a model that does not think first.",
            )
        if message.get("refusal") or reason == "content_filter":
            return AnswerInvalid(f"{self.model.label} declined to describe this picture.", "Try another model.")
        return AnswerInvalid(f"{self.model.label} wrote an empty caption.", "Try again or change the prompt.")


class HttpCaptioner(Captioner):
    """A service and a sender: prepare, send, read, clean."""

    def __init__(self, provider: Provider, http: Http) -> None:
        super().__init__(provider.model)
        self._provider = provider
        self._http = http

    def caption(self, request: CaptionRequest) -> Caption:
        provider = self._provider
        message = provider.prepare(request)
        start = time.perf_counter()
        response, fit = self._fitted(message)
        answer = provider.parse(response)
        caption = finished(answer.text, request.style, answer.truncated, time.perf_counter() - start)
        asked = with_defaults(request.params, self.model)
        sent = fit.params(asked)
        return replace(caption, params=None if sent == asked else sent, usage=answer.usage)

    def _fitted(self, message: HttpRequest) -> tuple[HttpResponse, Fit]:
        """The answer, asked for again in the server's own manner where it refuses something of ours by name."""
        provider, model = self._provider, self.model.target
        limiter = limiter_for(provider.pace, provider.key, provider.requests_per_minute)
        fit = fit_for(message.url, model)
        for left in reversed(range(MOST_FITS)):
            fitting = fit.apply(message)
            watched = _Watched(provider)
            try:
                return self._http.exchange(fitting, watched, limiter), fit
            except ProviderError:
                better = fit.after(watched.refused, fitting.json or {}) if watched.refused else None
                if better is None or not left:
                    raise
                remember_fit(message.url, model, better)
                fit = better
        raise AssertionError("the last try returns or raises")


class _Watched:
    """A provider as the sender sees it, with the latest refusal kept for whoever fits the next request."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.refused: HttpResponse | None = None

    def follow_up(self, response: HttpResponse) -> HttpRequest | None:
        return self._provider.follow_up(response)

    def error_for(self, response: HttpResponse) -> ProviderError:
        self.refused = response
        return self._provider.error_for(response)


def finished(text: str, style: Style, truncated: bool, seconds: float) -> Caption:
    """A model's words as a caption. Raises AnswerInvalid where cleaning leaves nothing."""
    cleaned = clean(text, style)
    if not cleaned:
        raise AnswerInvalid(
            "The model was cut off at max_tokens while it still thought, before it wrote a caption."
            if truncated
            else "The model wrote no caption, only its thoughts or blanks.",
            "Raise max_tokens so that it can finish, change the prompt, or choose another model.",
        )
    return Caption(cleaned, truncated, seconds)
