"""The name and port that a request was sent to: read strictly, so that no two readers differ."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass

# What a browser writes: letters, digits, dots and hyphens, or an address of IPv6 in brackets.
_AUTHORITY = re.compile(r"(?P<name>[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_USUAL = {"http": 80, "https": 443}

THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
"""The names by which a browser asks a server on its own machine. No other machine can make them its own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A host as it was asked for: lower case, without brackets and last dot. `port` is None where none was written."""

    name: str
    port: int | None = None


def place_of(authority: str) -> Place | None:
    """What a Host header names; None where it is not written as browsers write it."""
    match = _AUTHORITY.fullmatch(authority.strip().lower())
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else None
    if port is not None and not 0 < port < 65536:
        return None
    return Place(match["name"].strip("[]").rstrip("."), port)


def is_of(url: str, host: Place) -> bool:
    """True where an origin or a page's address has this very host and port. `null` is nobody's."""
    scheme, separator, rest = url.strip().partition("://")
    usual = _USUAL.get(scheme.lower())
    place = place_of(rest.partition("/")[0]) if separator else None
    if place is None or usual is None:
        return False
    return (place.name, place.port or usual) == (host.name, host.port or usual)


def is_listed(place: Place, names: Collection[str]) -> bool:
    """True where the list has the name, for any port, or the name with this port. Letters of any script will do."""
    for entry in names:
        wanted = place_of(_ascii(entry)) or Place(entry.strip().lower().strip("[]"))
        if wanted.name == place.name and wanted.port in (None, place.port):
            return True
    return False


def is_loopback(address: str) -> bool:
    """True for an address that only this machine itself can reach."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def _ascii(name: str) -> str:
    # Browsers send the Punycode of a name that an administrator writes with its own letters.
    try:
        return name.strip().encode("idna").decode("ascii")
    except UnicodeError:
        return name
