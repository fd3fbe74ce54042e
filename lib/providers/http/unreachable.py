"""What is told where no answer came at all: the server, a proxy before it, or the certificates are named."""

from __future__ import annotations

import re

import requests

from lib.errors import ProviderUnavailable, ProxyRefused, RequestRejected
from lib.providers.http.address import Address
from lib.providers.http.proxies import lacks_socks, shown_proxy
from lib.providers.http.retry import Again

_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def unreachable(url: str, address: Address, error: Exception, backoff: float) -> Exception:
    """The error to raise for what `requests` raised: `Again` where another try may succeed."""
    if lacks_socks(url):
        return ProxyRefused(
            f"The proxy {shown_proxy(url)} is a SOCKS proxy, which takes the package PySocks; it is not installed.",
            'pip install "requests[socks]", then restart; or take another proxy in HTTPS_PROXY or ALL_PROXY.',
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return _by_proxy(url, address, error, backoff)
    if isinstance(error, requests.exceptions.SSLError):
        return ProviderUnavailable(
            f"No secure connection to {address.host} could be made, so nothing was sent.",
            "Check whether the address is https or http; behind a company's proxy, "
            "set REQUESTS_CA_BUNDLE to its certificates.",
        )
    if isinstance(error, requests.exceptions.InvalidProxyURL) or (isinstance(error, ValueError) and shown_proxy(url)):
        return ProxyRefused(
            f"The proxy “{shown_proxy(url)}” is not one that can be used, so nothing was sent.",
            "Correct HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: http://host:port.",
        )
    if isinstance(error, ValueError):
        return RequestRejected(f"The request to {address.host} could not be sent.", "Check the address.")
    return Again(
        ProviderUnavailable(
            f"{address.host} (port {address.port}) cannot be reached, or hung up before answering.",
            "Check that the server runs and that the address is right, then try again.",
        ),
        backoff,
    )


def _by_proxy(url: str, address: Address, error: Exception, backoff: float) -> Exception:
    proxy = shown_proxy(url) or "on the way"
    refused = _TUNNEL.search(str(error))
    status = int(refused[1]) if refused else None
    if status == 407:
        return ProxyRefused(
            f"The proxy {proxy} wants a login (407).",
            "Write it into HTTPS_PROXY as http://name:password@host:port, and restart.",
            status=status,
        )
    if status is not None and status < 500:
        return ProxyRefused(
            f"The proxy {proxy} refused to pass the request on to {address.host} ({status}).",
            "Ask who runs the proxy to allow this address, or name the address in NO_PROXY. The key was not refused.",
            status=status,
        )
    what = f"could not reach {address.host} ({status})" if status else "cannot be reached"
    return Again(
        ProviderUnavailable(
            f"The proxy {proxy} {what}.",
            "Check HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, or name the address in NO_PROXY, then try again.",
            status=status,
        ),
        backoff,
    )
