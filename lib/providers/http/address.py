"""Which addresses the toolkit may speak to, checked before a name is looked up and again once connected."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lib.errors import HostRefused, ProviderUnavailable
from lib.settings import Settings

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], list[str]]

# One strict shape rather than a forgiving parser: what no two parsers could read differently needs no second guess.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[A-Za-z0-9._~%:+@/-]*)?",
    re.IGNORECASE | re.ASCII,
)
_EVERYWHERE = re.compile(r"\A(\s*https?://)(0\.0\.0\.0|\[::\])(?=[:/\s]|\Z)", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE | re.ASCII)
_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        (
            # For protocols between neighbours; clouds answer at 192.0.0.192 with a machine's own keys.
            "192.0.0.0/24",
            # The same of another cloud, although the address is written like one of the internet.
            "168.63.129.16/32",
            # Former ways between IPv4 and IPv6, and what stands for nobody: Python's tables differ by version.
            "192.88.99.0/24",
            "100.64.0.0/10",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20",
            "5f00::/16",
            "fec0::/10",
        ),
    )
)
"""Not of the open internet, whatever the Python at hand says of them."""
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_ASK = "Ask the administrator to add this server to TOOLKIT_ALLOWED_HOSTS if it is one of yours."


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a checked URL. `host` is lower-case and without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{name}:{self.port}"


def parse(url: str) -> Address:
    """The scheme, host and port of a plain http(s) URL.

    Raises HostRefused for anything else: other schemes, a login, a query, blanks, control characters, backslashes,
    letters beyond ASCII, and numbers that are not an ordinary IP address (`http://2130706433`, `http://127.1`).
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise HostRefused(
            "This is not the address of a server.",
            "Write it like http://127.0.0.1:8000/v1 or https://example.com/v1, without a login, blanks or a '?'.",
        )
    scheme, host = match["scheme"].lower(), match["host"].lower().strip("[]")
    port = int(match["port"] or (443 if scheme == "https" else 80))
    if not 0 < port < 65536:
        raise HostRefused(f"{port} is not a port.", "Ports run from 1 to 65535.")
    if match["host"].startswith("[") or _NUMBER.fullmatch(host.rpartition(".")[2]):
        _literal(host)
    return Address(scheme, host, port)


def as_reachable(url: str) -> str:
    """The address with this machine's own in place of 0.0.0.0 and [::], which servers write into their logs.

    They mean "on every address of this machine", and nobody can be called there.
    """
    return _EVERYWHERE.sub(lambda match: match[1] + ("[::1]" if match[2] == "[::]" else "127.0.0.1"), url)


def _literal(host: str) -> IpAddress:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise HostRefused(f"{host} is an unusual way of writing an address.", "Write it as 127.0.0.1.") from None


def _ip(host: str) -> IpAddress | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_public(ip: IpAddress) -> bool:
    """True for an address of the open internet, looked at through the ways of wrapping IPv4 in IPv6."""
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if wrapped is None and any(ip in net for net in _NAT64):
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(wrapped)
    if any(ip in network for network in _INSIDE):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def _named(url: str) -> list[str]:
    try:
        place = parse(as_reachable(url))
    except HostRefused:
        # A mistyped base URL is reported when it is used, not by every other service.
        return []
    return [f"{place.host}:{place.port}"]


def _look_up(host: str, port: int) -> list[str]:
    return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class AddressPolicy:
    """https to the open internet, whatever the administrator listed, and this machine itself for who sits at it.

    `allowed` holds hosts, or host:port. `at_this_machine`: a person at this machine asks, to whom its services answer
    anyhow. `proxied(url)` says whether a proxy will look the name up instead of us.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        *,
        at_this_machine: bool = False,
        look_up: Resolver = _look_up,
        proxied: Callable[[str], bool] = lambda url: False,
    ) -> None:
        self._allowed = frozenset(entry.strip().lower().strip("[]") for entry in allowed if entry.strip())
        self._at_this_machine = at_this_machine
        self._look_up = look_up
        self._proxied = proxied

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        at_this_machine: bool = False,
        proxied: Callable[[str], bool] = lambda url: False,
    ) -> AddressPolicy:
        """The policy of this server: its allowed hosts, and the servers that its own base URLs name."""
        allowed = [*settings.allowed_hosts, *(name for url in settings.base_urls.values() for name in _named(url))]
        return cls(allowed, at_this_machine=at_this_machine, proxied=proxied)

    def check(self, url: str) -> Address:
        """The address, if it may be spoken to. Raises HostRefused, or ProviderUnavailable for an unknown name."""
        address = parse(url)
        if self.is_listed(address):
            return address
        if _is_this_machine(address.host):
            if self._at_this_machine:
                return address
            raise HostRefused(f"{address.host} is the server itself, and only those who sit at it may call it.", _ASK)
        if address.scheme == "http":
            raise HostRefused(
                f"{address.host} may only be reached over https, so that nobody on the way can read the key.",
                f"Write https:// in front of it. {_ASK}",
            )
        for found in self._addresses(address, url):
            self._refuse_private(address.host, found)
        return address

    def check_peer(self, host: str, port: int, peer: str) -> None:
        """Called once a connection stands, before a byte is sent: a name may have moved since it was checked."""
        if self.is_listed(Address("", host.lower(), port)):
            return
        ip = _literal(peer.partition("%")[0])
        if not (self._at_this_machine and _is_this_machine(host) and ip.is_loopback):
            self._refuse_private(host, ip)

    def may_quote(self, url: str) -> bool:
        """Whether the words of a server may be shown to who asks: what machines inside say is not for strangers."""
        if self._at_this_machine:
            return True
        try:
            found = self._addresses(parse(url), url)
        except (HostRefused, ProviderUnavailable):
            return False
        return bool(found) and all(map(is_public, found))

    def is_listed(self, address: Address) -> bool:
        return address.host in self._allowed or f"{address.host}:{address.port}" in self._allowed

    def _addresses(self, address: Address, url: str) -> list[IpAddress]:
        ip = _ip(address.host)
        if ip is not None:
            return [ip]
        try:
            found = self._look_up(address.host, address.port)
        except (OSError, UnicodeError):
            if self._proxied(url):
                # Behind a company's proxy names of the internet often cannot be looked up here; the proxy will.
                return []
            raise ProviderUnavailable(
                f"There is no server called {address.host}, or the network is down.",
                "Check the spelling of the address and the connection.",
            ) from None
        return [_literal(text.partition("%")[0]) for text in found]

    def _refuse_private(self, host: str, ip: IpAddress) -> None:
        if not is_public(ip):
            raise HostRefused(f"{host} is an address inside a private network, which is not allowed.", _ASK)


def _is_this_machine(host: str) -> bool:
    # By name or plain address only: a public name that points at 127.0.0.1 is somebody's trick.
    if host.lower() == "localhost":
        return True
    ip = _ip(host)
    return ip is not None and ip.is_loopback and getattr(ip, "ipv4_mapped", None) is None
