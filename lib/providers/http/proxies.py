"""The proxies that the environment names, by the rules that `requests` has for them."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from requests.utils import get_environ_proxies, select_proxy


def proxies_for(url: str) -> dict[str, str]:
    """The proxies that the environment names for a URL; none for this machine, whatever the environment says.

    NO_PROXY may hold names, their endings, addresses, networks (10.0.0.0/8), each with a port or without.
    """
    place = urlsplit(url)
    host = place.hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127."):
        return {}
    # requests drops the port of an address before it compares; Python's own rule keeps it.
    if proxy_bypass(place.netloc.rpartition("@")[2]):
        return {}
    known = get_environ_proxies(url)
    return {scheme: known[scheme] for scheme in ("http", "https", "all") if known.get(scheme)}


def proxy_for(url: str) -> str:
    """The one proxy that a request would go through, as the environment writes it ("" for none)."""
    return select_proxy(url, proxies_for(url)) or ""


def shown_proxy(url: str) -> str:
    """Its host and port, without a login: fit to be shown."""
    proxy = proxy_for(url)
    return urlsplit(proxy if "://" in proxy else f"//{proxy}").netloc.rpartition("@")[2]


def lacks_socks(url: str) -> bool:
    """True where a request would go through a SOCKS proxy, which takes a package that is not installed."""
    return proxy_for(url).lower().startswith("socks") and find_spec("socks") is None
