"""A captioning service on loopback: a real HTTP server that answers like NIM, Hugging Face and OpenAI's form.

In a test:

    with ProviderServer() as server:
        server.enqueue(Reply.json({"error": "Unauthorized"}, status=401))
        ...server.url, server.requests...

By hand: python -m tests.doubles.provider_server --port 8000 --delay 0.5
"""

from __future__ import annotations

import argparse
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.doubles.loopback import Handler, Loopback

CAPTION = "A red square on a white ground."
MODELS = ("tiny-vision", "tiny-text")


@dataclass(frozen=True)
class Received:
    """One request as it came in. `body` is the JSON, or None."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any = None
    raw: bytes = b""
    connection: int = 0

    def header(self, name: str) -> str:
        return self.headers.get(name.lower(), "")

    @property
    def prompt(self) -> str:
        """The text that was sent with the picture, the picture left out."""
        content = self.body["messages"][-1]["content"]
        if isinstance(content, str):
            return content.partition("<img")[0].strip()
        return "".join(part.get("text", "") for part in content)


@dataclass(frozen=True)
class Reply:
    """One answer. `pieces` come `interval` seconds apart; `drop` hangs up without a word."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pieces: tuple[bytes, ...] = ()
    delay: float = 0.0
    interval: float = 0.0
    drop: bool = False
    sized: bool = True
    """False: no Content-Length, the end of the connection ends the answer."""
    head_interval: float = 0.0
    """Over 0: the status line and headers drip as well, one byte each so many seconds."""

    @staticmethod
    def json(value: Any, status: int = 200, **headers: str) -> Reply:
        return Reply.raw(json.dumps(value).encode(), status, "application/json", **headers)

    @staticmethod
    def raw(body: bytes, status: int = 200, content_type: str = "text/plain", **headers: str) -> Reply:
        """Header names are written with underscores: `retry_after="2"`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, {"Content-Type": content_type, **named}, (body,))

    @staticmethod
    def caption(text: str | None = CAPTION, *, finish: str = "stop", **message: Any) -> Reply:
        """A chat answer, as all three services write it."""
        return Reply.json(chat_answer(text, finish=finish, **message))


def chat_answer(text: Any = CAPTION, *, finish: str = "stop", **message: Any) -> dict[str, Any]:
    return {
        "id": "answer-1",
        "object": "chat.completion",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": text, **message}, "finish_reason": finish}
        ],
        "usage": {"prompt_tokens": 1, "completion_tokens": 7, "total_tokens": 8},
    }


class ProviderServer(Loopback):
    """Answers POST with the queue's next reply, or with `caption`, which may be made from the request.

    `tls`: certificate and key, for https. GET .../models lists `models`. `requests` holds what came in, in order.
    """

    def __init__(
        self,
        caption: str | Callable[[Received], str] = CAPTION,
        *,
        port: int = 0,
        delay: float = 0.0,
        models: Iterable[str] = MODELS,
        tls: tuple[Path, Path] | None = None,
    ) -> None:
        super().__init__(_Handler, port)
        self.caption = caption
        self.delay = delay
        self.models = list(models)
        self.requests: list[Received] = []
        self._queue: deque[Reply] = deque()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        if tls:
            self.scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            # The handshake belongs to the thread of the request, not to the one that accepts.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )

    def stop(self) -> None:
        self._stopping.set()
        super().stop()

    def enqueue(self, *replies: Reply) -> None:
        with self._lock:
            self._queue.extend(replies)

    def reply_to(self, received: Received) -> Reply:
        with self._lock:
            self.requests.append(received)
            if self._queue:
                return self._queue.popleft()
        if received.method == "GET" and received.path.endswith("/models"):
            return Reply.json({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        if received.path.endswith("/health") or received.path.endswith("/ready"):
            return Reply.json({"status": "ready"})
        text = self.caption if isinstance(self.caption, str) else self.caption(received)
        return Reply.json(chat_answer(text))

    def rest(self, seconds: float) -> None:
        """Sleep that ends when the server stops, so that a slow reply never holds a test up."""
        self._stopping.wait(seconds)


class _Handler(Handler):
    def answer(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, headers, body, raw, self.client_address[1])
        double = self.server.double
        reply = double.reply_to(received)
        double.rest(reply.delay + (double.delay if self.command == "POST" else 0.0))
        if reply.drop:
            # A reset rather than an end, as a crashed server leaves it.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        self._write(reply)

    def _write(self, reply: Reply) -> None:
        double = self.server.double
        lines = [f"HTTP/1.1 {reply.status} Reply", *(f"{name}: {value}" for name, value in reply.headers.items())]
        if reply.sized:
            lines.append(f"Content-Length: {sum(map(len, reply.pieces))}")
        else:
            lines.append("Connection: close")
            self.close_connection = True
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        if reply.head_interval:
            for byte in head:
                self._send(bytes([byte]))
                double.rest(reply.head_interval)
            head = b""
        if not reply.interval:
            self._send(head + b"".join(reply.pieces))
            return
        self._send(head)
        for piece in reply.pieces:
            self._send(piece)
            double.rest(reply.interval)

    def _send(self, data: bytes) -> None:
        if data:
            self.wfile.write(data)
            self.wfile.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description="A captioning service on loopback that makes its captions up.")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each caption")
    parser.add_argument("--caption", default=CAPTION)
    options = parser.parse_args()
    with ProviderServer(options.caption, port=options.port, delay=options.delay) as server:
        print(f"{server.url}/v1  (Ctrl+C stops it)", flush=True)  # noqa: T201
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
