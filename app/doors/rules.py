"""The rules of the doors: which requests are answered, and which come from a person at this machine. All of it pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from app.doors.names import THIS_MACHINE, Place, is_listed, is_loopback, is_of, place_of

_FORWARDED = ("forwarded", "x-forwarded", "x-real-ip", "x-original", "x-proxy", "x-client", "x-cluster", "cf-", "via")
_FORWARDED_ALSO = ("client-ip", "true-client-ip", "fly-client-ip", "fastly-client-ip", "x-envoy", "x-arr-", "x-azure-")


@dataclass(frozen=True, slots=True)
class House:
    """How this server stands: where it listens, by which names, and whom it believes."""

    address: str = ""
    """What it is bound to, as its settings have it. Empty: everything."""
    hosts: tuple[str, ...] = ()
    """TOOLKIT_HOSTS: more names that are its own."""
    proxies: tuple[str, ...] = ()
    """TOOLKIT_PROXIES: from whom forwarded headers count, as addresses or networks."""
    asks_for_login: bool = False

    @property
    def is_private(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.address)

    def answers_to(self, place: Place) -> bool:
        """Whether a name is one of its own."""
        if self.is_private:
            return place.name in THIS_MACHINE or place.name == self.address or is_listed(place, self.hosts)
        return not self.hosts or is_listed(place, self.hosts)

    def believes(self, peer: str) -> bool:
        """Whether forwarded headers count that come from this address."""
        return any(_holds(entry, peer) for entry in self.proxies)


class Visit:
    """A request, or the handshake behind a run: its headers, and the address at the other end of the connection."""

    def __init__(self, headers: Iterable[tuple[str, str]], peer: str = "") -> None:
        found: dict[str, list[str]] = {}
        for name, value in headers:
            found.setdefault(name.lower(), []).append(value)
        self.headers = MappingProxyType({name: tuple(values) for name, values in found.items()})
        self.peer = peer

    def one(self, name: str) -> str:
        """The value of a header that may stand there once; "" where it is absent."""
        values = self.headers.get(name, ())
        # Of two, one reader takes the first and another the last.
        return values[0] if len(values) == 1 else "\0" if values else ""

    @property
    def was_forwarded(self) -> bool:
        """Whether a proxy says that it stands in between."""
        return any(name.startswith((*_FORWARDED, *_FORWARDED_ALSO)) for name in self.headers)

    def host(self, house: House) -> Place | None:
        """What was asked for, by a proxy's account where the server believes it; None where that cannot be read."""
        told = self.one("x-forwarded-host") if house.believes(self.peer) else ""
        # Each proxy adds to the list; the last is the one that is believed.
        return place_of(told.rpartition(",")[2] if told else self.one("host"))

    def is_secure(self, house: House, *, own: bool) -> bool:
        """Whether the browser speaks https. `own`: whether this server itself does."""
        if "x-forwarded-proto" in self.headers and house.believes(self.peer):
            return self.one("x-forwarded-proto").rpartition(",")[2].strip() == "https"
        return own


def refusal(visit: Visit, house: House) -> str:
    """Why a request is not answered at all, in words for the administrator; "" where it is.

    A page of another host may send requests here from a browser of ours (DNS rebinding, cross-site WebSockets), and
    says by Host or Origin that it does.
    """
    host = visit.host(house)
    if host is None:
        # A program without a Host header is no browser, and where every name is answered it may ask.
        named = bool(visit.headers.get("host")) or house.is_private or bool(house.hosts)
        return _NO_NAME if named else ""
    if not house.answers_to(host):
        return _OTHER_NAME
    if "origin" in visit.headers and not is_of(visit.one("origin"), host):
        return _OTHER_ORIGIN
    return ""


_NO_NAME = "This request does not say which host it is meant for."
_OTHER_NAME = "This server does not answer to the name in the address. If it is its own, add it to TOOLKIT_HOSTS."
_OTHER_ORIGIN = (
    "This request comes from a page of another host or port. "
    "A proxy in front has to pass on the Host header as it came; docs/deploy.md shows how."
)


def not_from_here(visit: Visit, house: House, page: str, *, own_account: bool | None) -> str:
    """The first sign that a WebSocket was not opened by a person at this machine; "" where every sign agrees.

    `page`: the address that the browser shows, by its own account. `own_account`: whether the program at the other end
    runs under the server's account (None: this system does not say).
    """
    host = visit.host(house)
    signs = {
        "the server is reachable from other machines": not house.is_private,
        "the server asks for a login": house.asks_for_login,
        "it is not answered at all": bool(refusal(visit, house)),
        "the name in the address is not one of this machine": host is None or host.name not in THIS_MACHINE,
        "a proxy says that it stands in between": visit.was_forwarded,
        "the connection comes from another machine": not is_loopback(visit.peer),
        # A browser always says where the page came from, a proxy's configuration at times takes it away.
        "no page says that it opened it": "origin" not in visit.headers,
        "it was opened by a page of another site": visit.one("sec-fetch-site") not in ("", "none", "same-origin"),
        # nginx passes no Connection header on: it writes its own, by every example in small letters, browsers in large.
        "the last step is not a browser's": "Upgrade" not in visit.one("connection").replace(",", " ").split(),
        # Where a proxy rewrites Host and Origin, the browser's address bar still has the public name.
        "the browser shows another address": host is None or not is_of(page, host),
        "the program at the other end runs under another account": own_account is False,
    }
    return next((sign for sign, there in signs.items() if there), "")


def _holds(entry: str, peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer) in ipaddress.ip_network(entry.strip(), strict=False)
    except ValueError:
        return False
