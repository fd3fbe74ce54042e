"""Who is answered, and who is taken for a person at this machine."""

from __future__ import annotations

import pytest

from app.doors.rules import House, Visit, not_from_here, refusal

HOME = House(address="127.0.0.1")
INTRANET = House(address="0.0.0.0")

AT_HOME = {
    "host": "localhost:8501",
    "origin": "http://localhost:8501",
    "connection": "keep-alive, Upgrade",
    "upgrade": "websocket",
    "sec-fetch-site": "same-origin",
}
PAGE = "http://localhost:8501/"


def visit(peer: str = "127.0.0.1", **headers: str | None) -> Visit:
    """A browser's handshake at this machine, with what differs; None for a header that is absent."""
    told = AT_HOME | {name.replace("_", "-"): value for name, value in headers.items()}
    return Visit([(name, value) for name, value in told.items() if value is not None], peer)


def asked(host: str, origin: str | None = None, house: House = HOME) -> str:
    return refusal(visit(host=host, origin=origin), house)


@pytest.mark.parametrize("host", ["localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST", "localhost:9000"])
def test_a_server_of_this_machine_answers_to_its_names(host: str) -> None:
    assert asked(host) == ""
    assert asked(host, f"http://{host}") == ""


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8501", "localhost.evil.example", "10.0.0.7:8501", ""])
def test_a_name_that_was_pointed_at_this_machine_gets_no_answer(host: str) -> None:
    assert asked(host, f"http://{host}") != ""


def test_a_server_for_others_answers_to_any_name_until_some_are_listed() -> None:
    assert asked("captions.example.org", house=INTRANET) == ""
    listed = House(address="0.0.0.0", hosts=("captions.example.org",))
    assert asked("captions.example.org", house=listed) == ""
    assert asked("evil.example", house=listed) != ""
    assert asked("localhost:8501", house=listed) != ""


def test_a_listed_name_is_answered_on_loopback_too() -> None:
    behind = House(address="127.0.0.1", hosts=("captions.example.org",))
    assert asked("captions.example.org", "https://captions.example.org", behind) == ""
    assert asked("localhost:8501", house=behind) == ""


@pytest.mark.parametrize("house", [HOME, INTRANET])
@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://evil.example", "null", "http://127.0.0.1:8501"])
def test_a_page_of_another_host_or_port_gets_no_answer(origin: str, house: House) -> None:
    assert asked("localhost:8501", origin, house) != ""


def test_of_two_hosts_or_origins_none_is_believed() -> None:
    twice = [("host", "localhost:8501"), ("origin", "http://localhost:8501")]
    assert refusal(Visit([*twice, ("Host", "evil.example")]), HOME) != ""
    assert refusal(Visit([*twice, ("Origin", "http://evil.example")]), HOME) != ""


def test_without_a_host_only_a_server_that_answers_to_any_name_answers() -> None:
    assert refusal(Visit([]), HOME) != ""
    assert refusal(Visit([]), House(hosts=("captions.example.org",))) != ""
    assert refusal(Visit([]), INTRANET) == ""


def test_forwarded_headers_count_only_from_listed_proxies() -> None:
    told = {"host": "127.0.0.1:8501", "x_forwarded_host": "captions.example.org", "x_forwarded_proto": "https"}
    behind = House(address="127.0.0.1", hosts=("captions.example.org",), proxies=("127.0.0.1", "10.1.0.0/16"))
    believed, not_believed = visit(**told), visit(peer="10.2.0.1", **told)
    assert believed.host(behind) != not_believed.host(behind)
    assert believed.is_secure(behind, own=False)
    assert visit(peer="10.1.2.3", **told).is_secure(behind, own=False)
    assert not not_believed.is_secure(behind, own=False)
    assert not believed.is_secure(HOME, own=False)
    assert not_believed.is_secure(behind, own=True)


def test_of_a_list_of_forwarded_hosts_the_one_counts_that_the_proxy_added() -> None:
    behind = House(address="127.0.0.1", hosts=("captions.example.org",), proxies=("127.0.0.1",))
    assert refusal(visit(origin=None, x_forwarded_host="localhost, evil.example"), behind) != ""
    assert refusal(visit(origin=None, x_forwarded_host="evil.example, captions.example.org"), behind) == ""


def test_a_person_at_this_machine_is_recognised() -> None:
    assert not_from_here(visit(), HOME, PAGE, own_account=True) == ""
    assert not_from_here(visit(connection="Upgrade", sec_fetch_site=None), HOME, PAGE, own_account=None) == ""
    tunnel = visit(host="127.0.0.1:9000", origin="http://127.0.0.1:9000")
    assert not_from_here(tunnel, HOME, "http://127.0.0.1:9000/tagging", own_account=True) == ""


@pytest.mark.parametrize(
    ("headers", "sign"),
    [
        ({"host": "captions.example.org", "origin": "https://captions.example.org"}, "not one of this machine"),
        ({"x_forwarded_for": "203.0.113.9"}, "a proxy says"),
        ({"x_forwarded_proto": "https"}, "a proxy says"),
        ({"x_real_ip": "203.0.113.9"}, "a proxy says"),
        ({"forwarded": "for=203.0.113.9"}, "a proxy says"),
        ({"via": "1.1 proxy"}, "a proxy says"),
        ({"cf_connecting_ip": "203.0.113.9"}, "a proxy says"),
        ({"peer": "10.0.0.7"}, "another machine"),
        ({"peer": ""}, "another machine"),
        ({"origin": None}, "no page says"),
        ({"sec_fetch_site": "cross-site"}, "another site"),
        ({"connection": "upgrade"}, "not a browser's"),
        ({"connection": None}, "not a browser's"),
        ({"origin": "http://captions.example.org"}, "not answered"),
    ],
)
def test_each_sign_of_somebody_else_is_enough(headers: dict[str, str], sign: str) -> None:
    house = House(address="127.0.0.1", hosts=("captions.example.org",))
    assert sign in not_from_here(visit(**headers), house, PAGE, own_account=True)


def test_what_the_headers_do_not_say_decides_too() -> None:
    assert "other machines" in not_from_here(visit(), INTRANET, PAGE, own_account=True)
    assert "login" in not_from_here(visit(), House("127.0.0.1", asks_for_login=True), PAGE, own_account=True)
    assert "another account" in not_from_here(visit(), HOME, PAGE, own_account=False)
    for page in ("http://captions.example.org/", "http://localhost:9999/", ""):
        assert "another address" in not_from_here(visit(), HOME, page, own_account=True)
