"""Proxies as the environment names them: when one is taken, and what is told where it refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from lib import errors
from lib.providers.base import Captioner
from lib.providers.http import RetryPlan
from lib.providers.http.proxies import proxies_for
from lib.providers.registry import captioner
from lib.settings import Settings
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply
from tests.providers.conftest import model_of, quick_http
from tests.providers.test_http import DRIP, HEADERS, timed

PROXY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def beyond(url: str = "http://captions.example:8000/v1", **options: float) -> Captioner:
    """A captioner for a server that is only reached through a proxy."""
    configured = Settings(openai_base_url=url)
    return captioner(model_of("openai-compatible"), settings=configured, http=quick_http(configured, **options))


def test_a_companys_proxy_is_used_for_hosts_beyond_this_machine(server: ProviderServer, ask, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    one = beyond(deadline_s=0.6)
    assert ask(one).text == CAPTION
    assert server.requests[0].path == "http://captions.example:8000/v1/chat/completions"
    server.enqueue(Reply(200, HEADERS, DRIP, interval=0.1, sized=False))
    _, seconds = timed(lambda: ask(one), errors.DeadlineExceeded)
    assert seconds < 5


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("10.0.0.0/8", "http://10.1.2.3:8000/v1"),
        ("192.168.0.0/16, 10.0.0.0/8", "http://10.1.2.3:8000/v1"),
        (" 10.1.2.3 ,x", "http://10.1.2.3:8000/v1"),
        ("10.1.2.3:8000", "http://10.1.2.3:8000/v1"),
        ("x, 10.1.2.3:8000", "http://10.1.2.3:8000/v1"),
        ("captions.example:8000", "http://captions.example:8000/v1"),
        (".example", "http://captions.example:8000/v1"),
        ("example", "http://captions.example/v1"),
        ("CAPTIONS.EXAMPLE", "http://captions.example/v1"),
        ("*", "http://captions.example/v1"),
    ],
)
def test_what_no_proxy_names_is_reached_directly(monkeypatch, no_proxy, url):
    monkeypatch.setenv("http_proxy", PROXY)
    monkeypatch.setenv("no_proxy", no_proxy)
    assert proxies_for(url) == {}


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("10.0.0.0/8", "http://11.1.2.3:8000/v1"),
        ("10.1.2.3:9000", "http://10.1.2.3:8000/v1"),
        ("captions.example:9000", "http://captions.example:8000/v1"),
        ("ample", "http://captions.example/v1"),
        ("", "http://captions.example/v1"),
    ],
)
def test_what_no_proxy_does_not_name_goes_through_the_proxy(monkeypatch, no_proxy, url):
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxies_for(url) == {"http": PROXY}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_this_machine_is_never_reached_through_a_proxy(monkeypatch, host):
    monkeypatch.setenv("all_proxy", PROXY)
    monkeypatch.setenv("no_proxy", "elsewhere")
    assert proxies_for(f"http://{host}:8000/v1") == {}


@pytest.mark.parametrize(
    "reply",
    [
        Reply.raw(b"<html><h1>Access denied</h1></html>", 403, "text/html"),
        Reply.raw(b"Blocked by policy", 403),
        Reply.json({"message": "denied"}, 403, x_squid_error="ERR_ACCESS_DENIED 0"),
    ],
)
def test_a_proxy_that_refuses_is_not_taken_for_a_refused_key(server: ProviderServer, ask, monkeypatch, reply):
    monkeypatch.setenv("http_proxy", server.url)
    server.enqueue(reply)
    with pytest.raises(errors.ProxyRefused) as caught:
        ask(beyond())
    assert server.url.removeprefix("http://") in caught.value.message
    assert "key was not refused" in caught.value.hint
    assert caught.value.stops_run
    assert len(server.requests) == 1


def test_a_server_behind_a_proxy_still_refuses_a_key(server: ProviderServer, ask, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    server.enqueue(Reply.json({"error": "forbidden"}, 403))
    with pytest.raises(errors.KeyRejected):
        ask(beyond())


def test_a_proxy_that_wants_a_login_is_named(server: ProviderServer, ask, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url.replace("://", "://me:hunter2@"))
    server.enqueue(Reply.raw(b"", 407, proxy_authenticate="Basic"))
    with pytest.raises(errors.ProxyRefused, match="wants a login") as caught:
        ask(beyond())
    assert "hunter2" not in str(caught.value)


def test_a_firewalls_page_without_any_proxy_is_not_taken_for_a_refused_key(server: ProviderServer, make, ask):
    server.enqueue(Reply.raw(b"<html><h1>Forbidden</h1></html>", 403, "text/html"))
    with pytest.raises(errors.ProxyRefused, match="web page"):
        ask(make())


@pytest.fixture
def tunnel() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that answers CONNECT with the status lines of a list, and then hangs up: (address, status lines)."""
    lines: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    wire, _ = listening.accept()
                except OSError:
                    return
                with wire:
                    wire.recv(65536)
                    wire.sendall(b"HTTP/1.1 " + (lines.pop(0) if lines else b"403 Forbidden") + b"\r\n\r\n")

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", lines
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        (b"403 Forbidden", errors.ProxyRefused, "refused to pass the request on to captions.example"),
        (b"407 Login", errors.ProxyRefused, "wants a login"),
        (b"502 Bad", errors.ProviderUnavailable, "could not reach captions.example"),
    ],
)
def test_a_tunnel_that_a_proxy_refuses_is_told_as_the_proxys(tunnel, ask, monkeypatch, line, kind, words):
    address, lines = tunnel
    lines.extend([line] * 3)
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(kind, match=words) as caught:
        ask(beyond("https://captions.example/v1"))
    assert address.removeprefix("http://") in caught.value.message


def test_a_proxy_that_nobody_answers_at_is_named(ask, monkeypatch):
    monkeypatch.setenv("http_proxy", PROXY)
    with pytest.raises(errors.ProviderUnavailable, match=r"The proxy 127\.0\.0\.1:1 cannot be reached"):
        ask(beyond(retry=RetryPlan(tries=1)))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4"])
def test_a_socks_proxy_without_its_package_names_the_package(ask, monkeypatch, scheme):
    if find_spec("socks"):
        pytest.skip("PySocks is installed")
    monkeypatch.setenv("all_proxy", f"{scheme}://127.0.0.1:1080")
    with pytest.raises(errors.ProxyRefused, match="PySocks") as caught:
        ask(beyond())
    assert "pip install" in caught.value.hint


def test_a_proxy_that_is_no_address_is_named(ask, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://:0:0:/")
    with pytest.raises(errors.ProxyRefused, match="not one that can be used"):
        ask(beyond())
