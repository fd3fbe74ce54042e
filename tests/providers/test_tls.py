"""https: the deadline holds inside it, and a certificate that cannot be checked ends the call with nothing sent."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import DeadlineExceeded, ProviderUnavailable
from lib.providers.registry import captioner
from lib.settings import Settings
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply, chat_answer
from tests.missing import missing
from tests.providers.conftest import model_of, quick_http, settings_for

WHOLE = json.dumps(chat_answer()).encode()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    openssl = shutil.which("openssl")
    if openssl is None:
        missing("openssl, which makes the certificate, is not installed")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[ProviderServer]:
    with ProviderServer(tls=certificate) as running:
        yield running


def one_for(server: ProviderServer, **options: float):
    configured = settings_for(server)
    return captioner(model_of("openai-compatible"), settings=configured, http=quick_http(configured, **options))


def test_a_caption_comes_over_https(secure, certificate, ask, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    one = one_for(secure)
    assert ask(one).text == ask(one).text == CAPTION
    assert len({received.connection for received in secure.requests}) == 1


def test_an_unknown_certificate_ends_the_call_with_nothing_sent(secure, ask, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(ProviderUnavailable, match="nothing was sent") as caught:
        ask(one_for(secure))
    assert "REQUESTS_CA_BUNDLE" in caught.value.hint
    assert secure.requests == []


@pytest.mark.parametrize("first", [True, False], ids=["first request", "on a connection kept alive"])
def test_a_drip_inside_tls_does_not_outlive_the_deadline(secure, certificate, ask, monkeypatch, first):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    one = one_for(secure, deadline_s=0.7)
    if not first:
        ask(one)
    secure.enqueue(Reply(200, {}, tuple(WHOLE[n : n + 1] for n in range(len(WHOLE))), interval=0.1, sized=False))
    start = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        ask(one)
    assert time.monotonic() - start < 5


def test_a_handshake_that_never_ends_does_not_outlive_the_deadline(ask):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configured = Settings()
        model = model_of("openai-compatible")
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        http = quick_http(configured, deadline_s=0.5)
        start = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            ask(captioner(model, base_url=url, settings=configured, http=http))
        assert time.monotonic() - start < 5
