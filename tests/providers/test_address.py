"""Which addresses are spoken to: hostile spellings, private networks, names that move."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from lib.errors import HostRefused, ProviderUnavailable
from lib.providers.http import AddressPolicy
from lib.providers.http.wire import Wires
from lib.settings import Settings
from tests.doubles.provider_server import ProviderServer

NAMES = {
    "api.example.com": ["93.184.216.34"],
    "localtest.me": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "10.0.0.5"],
    "inside.example": ["10.0.0.5"],
    "metadata.google.internal": ["169.254.169.254"],
    "six.example": ["fd00::1"],
}


def look_up(host: str, port: int) -> list[str]:
    if host not in NAMES:
        raise OSError("no such name")
    return NAMES[host]


def policy(*allowed: str, at_this_machine: bool = True) -> AddressPolicy:
    return AddressPolicy(allowed, at_this_machine=at_this_machine, look_up=look_up)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1",
        "https://93.184.216.34/v1",
        "HTTPS://API.EXAMPLE.COM:8443/v1",
        "http://127.0.0.1:11434/v1",
        "http://127.8.9.1",
        "http://localhost:8000",
        "http://[::1]:8000/v1",
        "https://localhost:8000",
    ],
)
def test_the_open_internet_over_https_and_this_machine_are_allowed(url):
    policy().check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "https://10.0.0.1/",
        "https://192.168.0.1/",
        "https://172.16.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://192.0.0.192/opc/v1/instance/",
        "https://192.0.0.8/",
        "https://192.88.99.1/",
        "https://168.63.129.16/machine/",
        "https://[::ffff:192.0.0.192]/",
        "https://[64:ff9b::c000:c0]/",
        "https://[fec0::1]/",
        "https://[2001:2::1]/",
        "https://[::7f00:1]/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::1]/",
        "https://[2002:7f00:1::]/",
        "https://localtest.me/",
        "https://mixed.example/",
        "https://inside.example/",
        "https://six.example/",
        "https://metadata.google.internal/",
        "https://2130706433/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://127.1/",
        "http://127.0.0.01/",
        "http://0/",
        "https://user:pass@api.example.com/",
        "https://api.example.com@127.0.0.1/",
        "https://127.0.0.1#@api.example.com/",
        "https://127.0.0.1\\@api.example.com/",
        "https://api.example.com/?key=1",
        "https://api.example.com\r\nX-H: y/",
        "https://api.example.com /",
        "https://api。example.com/",
        "https://①②⑦.0.0.1/",
        "https://api.example.com:0/",
        "https://api.example.com:70000/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "ftp://127.0.0.1/",
        "//api.example.com/",
        "javascript:alert(1)",
        "https://",
        "https:///v1",
        "",
        " ",
    ],
)
def test_everything_else_is_refused(url):
    with pytest.raises(HostRefused) as caught:
        policy().check(url)
    assert caught.value.hint


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:11434/v1", "http://127.8.9.1", "http://localhost:22", "http://[::1]:8000/v1"]
)
def test_a_stranger_may_not_aim_at_the_server_itself(url):
    with pytest.raises(HostRefused) as caught:
        policy(at_this_machine=False).check(url)
    assert "TOOLKIT_ALLOWED_HOSTS" in caught.value.hint


def test_a_stranger_may_aim_at_a_listed_port_of_the_server_and_at_no_other():
    listed = policy("127.0.0.1:11434", at_this_machine=False)
    listed.check("http://127.0.0.1:11434/v1")
    listed.check_peer("127.0.0.1", 11434, "127.0.0.1")
    with pytest.raises(HostRefused):
        listed.check("http://127.0.0.1:6379/")
    with pytest.raises(HostRefused):
        listed.check_peer("127.0.0.1", 6379, "127.0.0.1")


def test_who_asks_decides_whether_a_server_inside_is_quoted():
    inside, outside = "http://127.0.0.1:11434/v1", "https://api.example.com/v1"
    assert policy().may_quote(inside)
    stranger = policy("127.0.0.1:11434", "inside.example", "mixed.example", at_this_machine=False)
    assert stranger.may_quote(outside)
    for url in (inside, "http://inside.example/", "http://mixed.example/", "https://gone.example/", "nonsense"):
        assert not stranger.may_quote(url)


def test_a_private_address_says_whom_to_ask():
    with pytest.raises(HostRefused) as caught:
        policy().check("https://10.0.0.1/")
    assert "TOOLKIT_ALLOWED_HOSTS" in caught.value.hint


def test_a_login_in_an_address_is_not_repeated():
    with pytest.raises(HostRefused) as caught:
        policy().check("https://user:hunter2@api.example.com/")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("10.0.0.1", "http://10.0.0.1:8000/v1"),
        ("10.0.0.1:8000", "http://10.0.0.1:8000/v1"),
        ("Inside.Example", "http://inside.example/v1"),
        ("[fd00::1]", "http://[fd00::1]:8000"),
        ("unknown.example", "http://unknown.example"),
    ],
)
def test_the_administrators_list_opens_a_host(allowed, url):
    policy(allowed).check(url)


@pytest.mark.parametrize("url", ["http://10.0.0.1:22/", "http://10.0.0.2:8000/"])
def test_a_listed_port_opens_that_port_alone(url):
    with pytest.raises(HostRefused):
        policy("10.0.0.1:8000").check(url)


def test_the_servers_own_base_urls_are_allowed():
    AddressPolicy.of(Settings(openai_base_url="http://10.0.0.9:8000/v1")).check("http://10.0.0.9:8000/v1/models")


def test_a_name_that_moved_inside_after_the_check_is_refused():
    with pytest.raises(HostRefused):
        policy().check_peer("api.example.com", 443, "127.0.0.1")
    with pytest.raises(HostRefused):
        policy().check_peer("api.example.com", 443, "169.254.169.254")
    with pytest.raises(HostRefused):
        policy().check_peer("localhost", 80, "10.0.0.1")
    policy().check_peer("api.example.com", 443, "93.184.216.34")
    policy().check_peer("localhost", 80, "127.0.0.1")
    policy("inside.example").check_peer("inside.example", 80, "10.0.0.5")


def test_an_unknown_name_is_told_apart_from_a_refused_one():
    with pytest.raises(ProviderUnavailable, match=r"no server called gone\.example"):
        policy().check("https://gone.example/")


def test_behind_a_proxy_an_unknown_name_is_left_to_the_proxy():
    AddressPolicy(look_up=look_up, proxied=lambda url: True).check("https://gone.example/")
    with pytest.raises(HostRefused):
        AddressPolicy(look_up=look_up, proxied=lambda url: True).check("https://inside.example/")


LOOPBACK = {
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "HTTP://LOCALHOST/",
    "http://localhost:8501/_stcore/health",
}


def test_no_address_of_the_hostile_collection_but_plain_loopback_is_spoken_to():
    data = os.environ.get("TOOLKIT_TEST_DATA")
    path = Path(data or "") / "hostile/strings/made/ssrf_urls.json"
    if not data or not path.is_file():
        pytest.skip("TOOLKIT_TEST_DATA does not name a folder with hostile/strings/made/ssrf_urls.json")
    urls = json.loads(path.read_text(encoding="utf-8"))
    passed = set()
    for url in urls:
        try:
            policy().check(url)
        except (HostRefused, ProviderUnavailable):
            continue
        passed.add(url)
    assert passed == LOOPBACK


def test_the_peer_is_checked_before_a_byte_is_sent(server: ProviderServer):
    seen = []

    def refuse(host: str, port: int, peer: str) -> None:
        seen.append((host, peer))
        raise HostRefused("It moved.")

    wires = Wires(refuse)
    with wires.cut_after(5), pytest.raises(HostRefused, match="It moved"):
        wires.session().post(server.url, json={"picture": "x"}, timeout=5)
    assert seen == [("127.0.0.1", "127.0.0.1")]
    assert server.requests == []
