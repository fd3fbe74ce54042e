"""Reading the host that a request was sent to."""

from __future__ import annotations

import pytest

from app.doors.names import Place, is_listed, is_loopback, is_of, place_of


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("localhost:8501", Place("localhost", 8501)),
        ("LocalHost.", Place("localhost")),
        ("[::1]:8501", Place("::1", 8501)),
        ("captions.example.org", Place("captions.example.org")),
        ("xn--bcher-kva.example:443", Place("xn--bcher-kva.example", 443)),
    ],
)
def test_what_browsers_write_is_read(written: str, place: Place) -> None:
    assert place_of(written) == place


@pytest.mark.parametrize(
    "written",
    [
        "", ":8501", "localhost:", "localhost:0", "localhost:65536", "localhost:8501:1", "localhost@evil.example",
        "evil.example/localhost", "localhost evil.example", "localhost,evil.example", "localhost\\evil", "::1:8501",
        "[localhost]", "http://localhost", "localhost#", "loc\x00alhost", "ｌocalhost", "-localhost",
    ],
)  # fmt: skip
def test_what_no_browser_writes_is_nobodys_name(written: str) -> None:
    assert place_of(written) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:8501", "localhost:8501"),
        ("https://captions.example.org", "captions.example.org"),
        ("https://captions.example.org", "captions.example.org:443"),
        ("http://captions.example.org:80", "captions.example.org"),
        ("http://[::1]:8501", "[::1]:8501"),
        ("http://localhost:8501/tagging?x=1", "localhost:8501"),
    ],
)
def test_an_origin_of_the_same_host_and_port_is_the_same(url: str, host: str) -> None:
    place = place_of(host)
    assert place is not None
    assert is_of(url, place)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:9999", "http://127.0.0.1:8501", "http://evil.example:8501", "null", "", "localhost:8501",
        "http://localhost", "https://localhost", "file://localhost:8501", "http://localhost:8501@evil.example",
        "http://localhost:8501.evil.example", "http://evil.example/localhost:8501", "chrome-extension://localhost:8501",
    ],
)  # fmt: skip
def test_another_host_port_or_kind_of_origin_is_another(url: str) -> None:
    assert not is_of(url, Place("localhost", 8501))


def test_a_listed_name_is_meant_for_every_port_and_one_with_a_port_for_that() -> None:
    names = ["captions.example.org", "gpu-box:8501", " Bücher.example ", "2001:db8::7"]
    assert is_listed(Place("captions.example.org", 8501), names)
    assert is_listed(Place("gpu-box", 8501), names)
    assert is_listed(Place("xn--bcher-kva.example"), names)
    assert is_listed(Place("2001:db8::7", 443), names)
    assert not is_listed(Place("gpu-box", 80), names)
    assert not is_listed(Place("evil.captions.example.org"), names)
    assert not is_listed(Place("captions.example.org.evil"), names)


def test_loopback_is_told_from_all_other_addresses() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.3.2.1", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("", "0.0.0.0", "::", "10.0.0.1", "localhost.example", "0177.0.0.1")))
