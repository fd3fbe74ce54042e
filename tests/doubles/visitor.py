"""A visitor who speaks Streamlit's protocol by hand, and so may say of itself whatever it likes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterable, Mapping
from http.client import HTTPConnection, HTTPResponse
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

_WAIT_S = 150.0
_WHOLE = ForwardMsg.FINISHED_SUCCESSFULLY
SAME = "the same"
"""As an origin: that of the page which the host itself would serve."""


class Turned(Exception):
    """The server did not open the WebSocket."""


class Visitor:
    """A WebSocket to a dashboard on a port of this machine. Raises Turned where it is not opened."""

    def __init__(
        self,
        port: int,
        *,
        host: str = "",
        origin: str | None = SAME,
        cookie: str = "",
        session: str = "",
        token: str = "",
        headers: Mapping[str, str] | None = None,
        tls: bool = False,
    ) -> None:
        self.host = host or f"127.0.0.1:{port}"
        scheme = "https" if tls else "http"
        origin = f"{scheme}://{self.host}" if origin == SAME else origin
        self.page = f"{origin or f'{scheme}://{self.host}'}/"
        told = ["streamlit", token or "token", *([session] if session else [])]
        more = dict(headers or {}) | ({"Cookie": cookie} if cookie else {})
        try:
            self._opening = connect(
                f"{scheme.replace('http', 'ws')}://{self.host}/_stcore/stream",
                sock=socket.create_connection(("127.0.0.1", port)),
                origin=Origin(origin) if origin else None,
                # The certificates of tests are nobody's.
                ssl=ssl._create_unverified_context() if tls else None,
                subprotocols=[Subprotocol(text) for text in told],
                additional_headers=more,
                max_size=None,
                proxy=None,
            )
            self._socket: ClientConnection = self._opening.__enter__()
        except InvalidStatus as error:
            raise Turned(error.response.status_code) from None
        self.session = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opening.__exit__(kind, error, trace)

    def look(self, page: str | None = None, **address: str) -> str:
        """Run the page, with its address as the browser is said to show it; everything it sent, as text."""
        message = BackMsg()
        message.rerun_script.query_string = urlencode(address)
        message.rerun_script.context_info.url = self.page if page is None else page
        self._socket.send(message.SerializeToString())
        return "\n".join(str(part) for part in self._until_done())

    def _until_done(self) -> Iterable[ForwardMsg]:
        # What an earlier run still sends comes first.
        is_ours = False
        while True:
            message = ForwardMsg()
            received = self._socket.recv(timeout=_WAIT_S)
            assert isinstance(received, bytes)
            message.ParseFromString(received)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                is_ours, self.session = True, message.new_session.initialize.session_id
            yield message
            if is_ours and kind == "script_finished" and message.script_finished == _WHOLE:
                return


def ask(
    port: int, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """The answer to a request, with its body. Headers are named as keywords: x_forwarded_proto."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_WAIT_S)
    try:
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        connection.request(method, path, body, named)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()
