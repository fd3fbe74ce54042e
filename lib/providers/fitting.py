"""Requests fitted to what a server refuses: what its error names is renamed, left out or written otherwise, once.

OpenAI's own models of today refuse `max_tokens` and any temperature but 1; others stream only, or take a picture's
address bare. What was learned is kept for that model and address as long as the process lives.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from lib.domain import ParamValue
from lib.errors import AnswerInvalid
from lib.providers.http import HttpRequest, HttpResponse, JsonObject, causes, read_json

MOST_FITS = 8
"""Refusals after which a request is not written anew: more parameters than any has."""

_OURS = frozenset({"model", "messages", "stream"})
_SYNONYMS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}

_UNSUPPORTED = re.compile(
    r"unsupported|unrecogni[sz]ed|not supported|n't support|not support|unknown (?:name|parameter|field|argument)"
    r"|extra inputs|extra_forbidden|unexpected (?:keyword|field|parameter)|not permitted|not allowed|cannot both"
    r"|only the default|is deprecated|no longer"
)
_USE = re.compile(r"\b(?:use|try) [`'\"]?(\w{3,40})[`'\"]? instead")
_STREAM_ONLY = re.compile(
    r"only supports? (?:the )?stream|stream(?:ing)? (?:mode )?(?:only|is required|must be (?:true|enabled))"
    r"|enable (?:the )?stream|stream['\"`]? (?:must|has to|should) be (?:set to )?true|non-?streaming[^.]{0,60}not"
    r"|requires? (?:stream|\"?stream\"?[:=] ?true)"
)
_BARE_IMAGE = re.compile(
    r"valid string|str(?:ing)? type expected|expected (?:a |type )?string|must be a string|go struct"
)


@dataclass(frozen=True, slots=True)
class Fit:
    """How requests for one model of one server differ from the usual ones. The usual fit changes nothing."""

    renamed: tuple[tuple[str, str], ...] = ()
    dropped: frozenset[str] = frozenset()
    streams: bool = False
    bare_image: bool = False
    """The picture's address as a text, without an object round it."""

    def params(self, params: Mapping[str, ParamValue]) -> dict[str, ParamValue]:
        """The parameters that are really sent, under the names that they are sent by."""
        names = dict(self.renamed)
        sent = {names.get(name, name): value for name, value in params.items()}
        return {name: value for name, value in sent.items() if name not in self.dropped}

    def apply(self, message: HttpRequest) -> HttpRequest:
        """The message as this server takes it."""
        if message.json is None or self == Fit():
            return message
        body = {name: message.json[name] for name in message.json if name in _OURS}
        body |= self.params({name: value for name, value in message.json.items() if name not in _OURS})
        headers = dict(message.headers)
        if self.streams:
            body["stream"] = True
            headers["Accept"] = "text/event-stream, application/json"
        if self.bare_image:
            body["messages"] = [_with_bare_image(said) for said in body["messages"]]
        return replace(message, headers=headers, json=body)

    def after(self, refused: HttpResponse, sent: JsonObject) -> Fit | None:
        """The fit for another try, where an error names something of the request; None where nothing can be done."""
        if refused.status not in (400, 404, 422):
            return None
        told, named = causes(refused), _named(refused)
        if _STREAM_ONLY.search(told) and not self.streams:
            return replace(self, streams=True)
        if "image_url" in f"{told} {named}" and _BARE_IMAGE.search(told) and not self.bare_image:
            return replace(self, bare_image=True)
        if not _UNSUPPORTED.search(told):
            return None
        given = [name for name in sent if name not in _OURS]
        found = [name for name in given if name in named] or [name for name in given if _mentions(told, name)]
        if "cannot both" in told:
            found = found[-1:]
        fit = self
        for name in found:
            fit = fit._without(name, told)
        return fit if fit != self else None

    def _without(self, name: str, told: str) -> Fit:
        instead = _USE.search(told)
        other = instead[1] if instead else _SYNONYMS.get(name, "")
        value_alone = "unsupported value" in told or "unsupported_value" in told
        known = {old for old, _ in self.renamed} | {new for _, new in self.renamed}
        if other and other != name and name not in known and name in _SYNONYMS and not value_alone:
            return replace(self, renamed=(*self.renamed, (name, other)))
        return replace(self, dropped=self.dropped | {name})

    def __or__(self, other: Fit) -> Fit:
        """What either has learned."""
        renamed = tuple((dict(self.renamed) | dict(other.renamed)).items())
        streams, bare = self.streams or other.streams, self.bare_image or other.bare_image
        return Fit(renamed, self.dropped | other.dropped, streams, bare)


def _named(response: HttpResponse) -> frozenset[str]:
    """The parameters that an error names in a field of their own: OpenAI's `param`, FastAPI's `loc`."""
    try:
        value = read_json(response)
    except AnswerInvalid:
        return frozenset()
    error = value.get("error")
    param = error.get("param") if isinstance(error, dict) else value.get("param")
    detail = value.get("detail")
    places = [item.get("loc") for item in detail if isinstance(item, dict)] if isinstance(detail, list) else []
    names = [str(part) for place in places if isinstance(place, list) for part in place if str(part) != "body"]
    return frozenset([*names, param] if isinstance(param, str) else names)


def _mentions(told: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told) is not None


def _with_bare_image(said: Any) -> Any:
    content = said.get("content")
    if not isinstance(content, list):
        return said
    parts = [
        {**part, "image_url": part["image_url"]["url"]} if isinstance(part.get("image_url"), dict) else part
        for part in content
    ]
    return {**said, "content": parts}


_fits: dict[tuple[str, str], Fit] = {}
_lock = threading.Lock()


def fit_for(url: str, model: str) -> Fit:
    """What is known of a model at an address."""
    with _lock:
        return _fits.get((url, model), Fit())


def remember_fit(url: str, model: str, fit: Fit) -> None:
    """Keep what was learned, beside what others have learned meanwhile."""
    with _lock:
        _fits[url, model] = _fits.get((url, model), Fit()) | fit


def forget_fits() -> None:
    """Begin afresh (tests do)."""
    with _lock:
        _fits.clear()
