"""A browser's tab without a browser: what the page shows, and what is pressed and typed on it."""

from __future__ import annotations

import json
import re
import secrets
import socket
import struct
import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from html import unescape
from typing import Any
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tests.doubles.visitor import Visitor, ask

_ID = re.compile(r"\$\$ID-[0-9a-f]+-(.*)", re.DOTALL)
_ERROR = "toolkit-notice error"
_XSRF = "_streamlit_xsrf"
_POLL_S = 0.25


class Fault(AssertionError):
    """What a visitor must never meet: an error on the page, another picture or text than is right, no answer."""


class Tab(Visitor):
    """A page that is looked at. Whatever it does raises Fault where the page shows an error."""

    def __init__(self, port: int, cookie: str) -> None:
        super().__init__(port, cookie=cookie)
        self._port, self._cookie = port, cookie
        self._query, self._page_hash = "", ""
        self._pages: dict[str, str] = {}
        # What the server need not send again, as a browser keeps it: from the last run alone, or it would only grow.
        self._kept: dict[str, ForwardMsg] = {}
        self._last: dict[str, ForwardMsg] = {}
        # What fields hold is told at every run, as a browser does it; what was pressed, once.
        self._fields: dict[str, WidgetState] = {}
        self._sent = 0
        self._at: dict[tuple[int, ...], Any] = {}

    def open(self, **address: str) -> None:
        """Show the page of an address."""
        self._query = urlencode(address)
        self.run()

    def turn_to(self, page: str) -> None:
        """Another page, as a click in the menu does it."""
        self._page_hash = self._pages[page]
        self.run()

    def run(self, *states: WidgetState) -> None:
        """Send what was pressed and filled in, and take in the page that comes of it."""
        self.send(*states)
        self._kept, self._last = {}, self._kept
        try:
            for message in self._until_done():
                self._take(message)
        except TimeoutError:
            raise Fault("no answer came") from None
        self._look_for_errors()

    def send(self, *states: WidgetState) -> None:
        """Send it, and do not wait."""
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string = self._query
        rerun.page_script_hash = self._page_hash
        rerun.context_info.url = self.page
        rerun.cached_message_hashes.extend(self._kept)
        self._fields |= {state.id: state for state in states if not state.trigger_value}
        there = {getattr(element, "id", "") for element in self.shown}
        self._fields = {id: state for id, state in self._fields.items() if id in there}
        rerun.widget_states.widgets.extend(self._fields.values())
        rerun.widget_states.widgets.extend(state for state in states if state.trigger_value)
        self._socket.send(message.SerializeToString())

    def until(self, is_so: Callable[[], bool], what: str, *, seconds: float = 60.0) -> None:
        """Look again and again until something is so, as the fragments of a page that waits for work do it."""
        end = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > end:
                raise Fault(f"this did not come within {seconds:.0f} s: {what}")
            time.sleep(_POLL_S)
            self.run()

    def press(self, key: str) -> None:
        self.run(self.pressed(key))

    def fill(self, **values: str | bool | list[str]) -> None:
        """Fill in fields, named by their keys with __ for a dot."""
        self.run(*(self.filled(key.replace("__", "."), value) for key, value in values.items()))

    def pressed(self, key: str) -> WidgetState:
        element = self.element(key)
        if getattr(element, "disabled", False):
            raise Fault(f"“{element.label}” cannot be pressed")
        return WidgetState(id=element.id, trigger_value=True)

    def filled(self, key: str, value: str | bool | list[str]) -> WidgetState:
        state = WidgetState(id=self.element(key).id)
        if isinstance(value, bool):
            state.bool_value = value
        elif isinstance(value, list):
            state.string_array_value.data.extend(value)
        else:
            state.string_value = value
        return state

    def typed(self, text: str) -> WidgetState:
        """What the text box tells of a text that was typed into it."""
        data = self.data("tagging.editor")
        self._sent += 1
        message = {"id": data["id"], "base": data["base"], "text": text, "shown": data["shown"], "dirty": True}
        sending = {"session": data["session"], "messages": [{**message, "command": None, "n": self._sent}]}
        return WidgetState(id=self.element("tagging.editor").id, json_value=json.dumps({"draft": sending}))

    @property
    def shown(self) -> list[Any]:
        """The elements of the page, each the message of its own kind."""
        return list(self._at.values())

    def has(self, key: str) -> bool:
        return any(fnmatchcase(_key(element), key) for element in self.shown)

    def element(self, key: str) -> Any:
        """The element of a key; a star in it stands for anything."""
        for element in self.shown:
            if fnmatchcase(_key(element), key):
                return element
        raise Fault(f"there is no “{key}” on the page")

    def data(self, key: str) -> Any:
        """What one of our own elements was told."""
        element = self.element(key)
        return json.loads(element.json if element.WhichOneof("data") == "json" else element.mixed.json)

    def texts(self) -> str:
        """All that stands on the page as text."""
        return "\n".join(str(element.body) for element in self.shown if hasattr(element, "body"))

    def upload(self, key: str, files: Mapping[str, bytes]) -> None:
        """Choose files in an upload box."""
        request = BackMsg()
        request.file_urls_request.request_id = secrets.token_hex(8)
        request.file_urls_request.session_id = self.session
        request.file_urls_request.file_names.extend(files)
        self._socket.send(request.SerializeToString())
        places = self._places()
        state = WidgetState(id=self.element(key).id)
        for (name, data), place in zip(files.items(), places, strict=True):
            self._put(name, data, place.upload_url)
            info = state.file_uploader_state_value.uploaded_file_info.add()
            info.name, info.size, info.file_id = name, len(data), place.file_id
            info.file_urls.CopyFrom(place)
        self.run(state)

    def tear_off(self) -> None:
        """End the connection without a goodbye, as a browser that is killed does."""
        stream: socket.socket = self._socket.socket
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        stream.shutdown(socket.SHUT_RDWR)
        stream.close()

    def _places(self) -> list[FileURLs]:
        while True:
            message = ForwardMsg.FromString(self._socket.recv(timeout=30))
            if message.WhichOneof("type") == "file_urls_response":
                return list(message.file_urls_response.file_urls)

    def _put(self, name: str, data: bytes, url: str) -> None:
        response, _ = ask(self._port, "/_stcore/health", cookie=self._cookie)
        token = (response.getheader("set-cookie") or "").partition(f"{_XSRF}=")[2].partition(";")[0].strip('"')
        edge = secrets.token_hex(12)
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        answer, _ = ask(
            self._port, url, method="PUT", body=head.encode() + data + f"\r\n--{edge}--\r\n".encode(),
            cookie=f"{self._cookie}; {_XSRF}={token}", x_xsrftoken=token,
            content_type=f"multipart/form-data; boundary={edge}",
        )  # fmt: skip
        if answer.status != 204:
            raise Fault(f"an upload was answered with {answer.status}")

    def _take(self, message: ForwardMsg) -> None:
        kind, place = message.WhichOneof("type"), tuple(message.metadata.delta_path)
        if kind == "ref_hash":
            message = self._kept[message.ref_hash] = self._last.get(message.ref_hash) or self._kept[message.ref_hash]
            kind = message.WhichOneof("type")
        elif message.metadata.cacheable:
            self._kept[message.hash] = message
        if kind == "new_session":
            # What the run before showed, and this one does not, is gone from the page.
            self._at = {}
        elif kind == "navigation":
            self._pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
        elif kind == "page_info_changed":
            self._query = message.page_info_changed.query_string
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            self._at[place] = getattr(element, element.WhichOneof("type"))

    def _look_for_errors(self) -> None:
        for element in self.shown:
            if element.DESCRIPTOR.name == "Exception":
                raise Fault(f"an exception on the page: {element.type}: {element.message}")
            if element.DESCRIPTOR.name == "Html" and _ERROR in element.body:
                raise Fault(f"an error on the page: {unescape(re.sub('<[^>]+>', ' ', element.body)).strip()}")


def _key(element: Any) -> str:
    found = _ID.fullmatch(getattr(element, "id", "") or "")
    return found[1] if found else ""
