"""The map's drawing code is told to be kept, is sent in small, and is what the component's page asks for."""

from __future__ import annotations

import asyncio
import gzip
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from app.doors.map_script import MapScript, map_script_address


def component() -> Path:
    found = importlib.util.find_spec("streamlit_plotly_events")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "frontend" / "build"


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    MapScript.is_asked = False


def ask(path: str, accepts: str = "gzip, br", method: str = "GET") -> tuple[dict[str, str], bytes]:
    """One request to an application that answers everything with a word, with the middleware round it."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", accepts.encode())]
    scope = {"type": "http", "method": method, "path": path, "headers": headers, "query_string": b"", "root_path": ""}
    asyncio.run(MapScript(PlainTextResponse("another"))(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return names, b"".join(message.get("body", b"") for message in sent[1:])


def script_path() -> str:
    MapScript(PlainTextResponse("another"))
    return map_script_address()


def test_it_is_what_the_component_s_page_asks_for_and_a_browser_keeps_it() -> None:
    path = script_path()
    name = path.rpartition("/")[2]
    assert f'<script src="./static/js/{name}">' in (component() / "index.html").read_text()
    headers, body = ask(path)
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"].startswith("text/javascript")
    assert headers["content-encoding"] == "gzip"
    assert int(headers["content-length"]) == len(body) < 2_000_000
    assert gzip.decompress(body) == (component() / "static" / "js" / name).read_bytes()


def test_who_cannot_unpack_gets_it_whole() -> None:
    headers, body = ask(script_path(), accepts="identity")
    assert "content-encoding" not in headers
    assert len(body) > 2_000_000


@pytest.mark.parametrize(
    "path", ["/", "/component/streamlit_plotly_events.plotly_events/index.html", "/static/js/2.js"]
)
def test_all_else_is_left_to_the_application(path: str) -> None:
    assert ask(path)[1] == b"another"
    assert ask(script_path(), method="HEAD")[1] != b""


def test_no_address_is_told_where_nobody_answers_for_it() -> None:
    assert map_script_address() == ""
