"""What goes over the wire and what comes back, as frozen values that never print a key or a picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import SecretStr

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class HttpRequest:
    """One request. The key stands apart from the headers, so that headers may be shown and the key cannot be."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: JsonObject | None = None
    key: SecretStr | None = None

    def __repr__(self) -> str:
        # The body holds the picture and the user's prompt: neither belongs in a log.
        keyed = "with a key" if self.key and self.key.get_secret_value() else "no key"
        return f"HttpRequest({self.method} {self.url}, {keyed}, {'a JSON body' if self.json else 'no body'})"


@dataclass(frozen=True, slots=True, repr=False)
class HttpResponse:
    """One whole answer. Header names are lower-case.

    `quotable`: its words may be shown to who asked. `proxy`: host and port of the proxy that it came through.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""
    quotable: bool = True
    proxy: str = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc or "the server"

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    def __repr__(self) -> str:
        return f"HttpResponse({self.status} from {self.host}, {len(self.body)} bytes)"
