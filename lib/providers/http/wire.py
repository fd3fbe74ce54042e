"""Connections that check where they lead before a byte is sent, and that can be cut from another thread."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CheckPeer = Callable[[str, int, str], None]


class Cut:
    """Ends a thread's waiting on the wire when `after` seconds are over.

    A socket's own timeout begins anew with every byte, so a server that drips would be waited for without end.
    """

    def __init__(self, after: float) -> None:
        self._lock = threading.Lock()
        self._wire: socket.socket | None = None
        self._timer = threading.Timer(after, self._cut)
        self._timer.daemon = True
        self.happened = False

    def hold(self, sock: socket.socket) -> None:
        """Take a second handle of a socket. The first may change hands (TLS) or be closed early (Connection: close)."""
        with self._lock:
            self._drop()
            self._wire = socket.fromfd(sock.fileno(), sock.family, sock.type)
            if self.happened:
                self._shut()

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._drop()

    def _cut(self) -> None:
        with self._lock:
            self.happened = True
            self._shut()

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None

    def _shut(self) -> None:
        if self._wire is not None:
            with contextlib.suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)


class _Active(threading.local):
    cut: Cut | None = None


class _Guarded(HTTPConnection):
    """A connection that checks its peer, and shows its socket to the thread's `Cut`."""

    check_peer: ClassVar[CheckPeer]
    active: ClassVar[_Active]

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        try:
            if self.proxy is None:
                type(self).check_peer(self.host, self.port or 0, sock.getpeername()[0])
            self._show(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:
            # Kept alive from an earlier request.
            self._show(self.sock)
        super().request(*args, **kwargs)

    def _show(self, sock: socket.socket) -> None:
        if self.active.cut is not None:
            self.active.cut.hold(sock)


class _GuardedTls(_Guarded, HTTPSConnection):
    """The same over TLS."""


class Wires:
    """Makes the sessions of one sender: one a thread, so that connections are kept alive and never shared."""

    def __init__(self, check_peer: CheckPeer) -> None:
        self._active = _Active()
        self._local = threading.local()
        parts = {"check_peer": staticmethod(check_peer), "active": self._active}
        self._pools = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": type("Plain", (_Guarded,), parts)}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": type("Tls", (_GuardedTls,), parts)}),
        }

    def session(self) -> requests.Session:
        """This thread's session. No netrc, no cookies; of the environment only proxies and certificates count."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # With trust_env a netrc would add a login to hosts that a user typed in.
            session.trust_env = False
            session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
            for scheme in self._pools:
                session.mount(f"{scheme}://", _Adapter(self._pools))
            self._local.session = session
        session.cookies.clear()
        return session

    @contextlib.contextmanager
    def cut_after(self, seconds: float) -> Iterator[Cut]:
        """Within the block, this thread's waiting ends after so many seconds."""
        cut = Cut(max(seconds, 0.001))
        self._active.cut = cut
        cut.start()
        try:
            yield cut
        finally:
            cut.stop()
            self._active.cut = None


class _Adapter(HTTPAdapter):
    """requests' adapter with our pools in it, for direct connections and for those through a proxy."""

    def __init__(self, pools: dict[str, type]) -> None:
        self._pools = pools
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager
