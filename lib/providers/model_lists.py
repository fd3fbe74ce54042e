"""What a service says that it serves, in every shape that such a list is known to have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lib.errors import AnswerInvalid, ProviderError
from lib.providers.base import HttpRequest, HttpResponse, Provider
from lib.providers.http import Http, read_value

_LISTS = ("data", "models", "result", "results")
_NAMES = ("id", "name", "model", "model_name")


def fetch_listed(provider: Provider, http: Http) -> list[str]:
    """The ids that a service lists and that are not known to be blind, in its order. Raises ProviderError."""
    listing = _Listing(provider)
    names = names_in(read_value(http.exchange(provider.list_request(), listing)))
    if names is None:
        raise AnswerInvalid(
            "The server's list of models cannot be read.", "Check the address, or enter the model's name by hand."
        )
    return names


def names_in(value: Any) -> list[str] | None:
    """The ids in a list of models; None where it is no such list.

    Understood are OpenAI's `{"data": [{"id"}]}`, Ollama's own `{"models": [{"name"}]}`, and a bare list of either or of
    plain names.
    """
    if isinstance(value, dict):
        value = next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)
    return list(dict.fromkeys(_names(value))) if isinstance(value, list) else None


def _names(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str) and entry:
            yield entry
        elif isinstance(entry, dict) and _may_see(entry):
            found = (entry.get(name) for name in _NAMES)
            yield from [name for name in found if isinstance(name, str) and name][:1]


def _may_see(entry: dict[str, Any]) -> bool:
    # Hugging Face and OpenRouter say what a model takes in; most say nothing.
    architecture = entry.get("architecture")
    taken = architecture.get("input_modalities") if isinstance(architecture, dict) else entry.get("input_modalities")
    return not isinstance(taken, list) or "image" in taken


class _Listing:
    """A provider as the sender sees it while its list is asked for."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def follow_up(self, response: HttpResponse) -> HttpRequest | None:
        return self._provider.follow_up(response)

    def error_for(self, response: HttpResponse) -> ProviderError:
        if response.status in (404, 405, 501):
            return AnswerInvalid(
                f"The server does not list its models ({response.status}).",
                "Check the address, which usually ends in /v1, or enter the model's name by hand.",
                status=response.status,
            )
        return self._provider.error_for(response)
