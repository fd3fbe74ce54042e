"""The front end is told to open no windows of its own; all other answers pass as they are."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message

from app.doors.error_dialogs import NoErrorDialogs

ASKED = "/_stcore/host-config"


def told(request: Request) -> Response:
    return JSONResponse({"allowedOrigins": ["https://a.example"] * 50, "blockErrorDialogs": False})


def refused(request: Request) -> Response:
    return PlainTextResponse("no", 401)


def ask(path: str, answer: object = told) -> tuple[int, dict[str, str], bytes]:
    """One request to a server that packs its answers, with the middleware round it."""
    server = Starlette(routes=[Route(path, answer)])  # type: ignore[arg-type]
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": "GET", "path": path, "headers": headers, "query_string": b"", "root_path": ""}
    asyncio.run(NoErrorDialogs(GZipMiddleware(server))(scope, receive, send))
    names = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], names, b"".join(message.get("body", b"") for message in sent[1:])


def test_no_dialogs_about_errors_are_opened_and_the_rest_of_the_answer_stays() -> None:
    status, headers, body = ask(ASKED)
    assert status == 200
    assert json.loads(body) == {"allowedOrigins": ["https://a.example"] * 50, "blockErrorDialogs": True}
    assert int(headers["content-length"]) == len(body)


def test_a_refusal_passes_as_it_is() -> None:
    status, headers, body = ask(ASKED, refused)
    assert (status, headers["content-length"], body) == (401, "2", b"no")


@pytest.mark.parametrize("path", ["/_stcore/health", "/host-config"])
def test_other_answers_pass_as_they_are(path: str) -> None:
    _, headers, body = ask(path)
    assert headers["content-encoding"] == "gzip"
    assert body[:2] == b"\x1f\x8b"
