"""What the servers that stand in for a service have in common: a real HTTP server on a free port of loopback."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class Loopback:
    """Answers from `start` to `stop`, or within a `with`, by way of a handler that finds it as `server.double`."""

    scheme = "http"

    def __init__(self, handler: type[BaseHTTPRequestHandler], port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), handler)
        self._server.double = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self._server.server_address[1]}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Closing must not wait for replies that drip.
    block_on_close = False
    double: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of many tests, and no reason to print a traceback."""


class Handler(BaseHTTPRequestHandler):
    """Hands every request to `answer`, and says nothing on stderr."""

    protocol_version = "HTTP/1.1"
    server: Any
    # Without it a small answer waits for the client's acknowledgement, 40 ms each.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.answer()

    do_HEAD = do_POST = do_PUT = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def answer(self) -> None:
        raise NotImplementedError
