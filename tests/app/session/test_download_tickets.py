"""A ticket leads to one file, in the browser that it was given to, and in no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from app.session import downloads
from app.session.downloads import Tickets, download_route
from app.session.owner import COOKIE


@pytest.fixture
def tickets(monkeypatch: pytest.MonkeyPatch) -> Tickets:
    made = Tickets()
    monkeypatch.setattr(downloads, "_tickets", made)
    monkeypatch.setattr(downloads, "_routes", [])
    return made


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "webdata.zip"
    path.write_bytes(b"an export")
    return path


def browser(cookie: str) -> TestClient:
    return TestClient(Starlette(routes=[download_route()]), cookies={COOKIE: cookie} if cookie else None)


def test_a_ticket_is_good_in_its_own_browser_alone(tickets: Tickets, export: Path) -> None:
    link = f"/download/{tickets.give('mine', export)}"
    answer = browser("mine").get(link)
    assert (answer.status_code, answer.content) == (200, b"an export")
    assert "no-store" in answer.headers["cache-control"]
    for other in ("hers", ""):
        refused = browser(other).get(link)
        assert (refused.status_code, b"an export" in refused.content) == (404, False)


def test_what_is_no_ticket_leads_nowhere(tickets: Tickets, export: Path) -> None:
    tickets.give("mine", export)
    for path in ("/download/x", f"/download/{export}", "/download/"):
        for cookie in ("mine", ""):
            assert browser(cookie).get(path).status_code == 404


def test_a_browser_without_a_cookie_has_no_ticket_of_its_own(tickets: Tickets, export: Path) -> None:
    assert tickets.find(tickets.give("", export), "") is None


def test_the_ticket_of_a_file_that_is_gone_says_so(tickets: Tickets, export: Path) -> None:
    link = f"/download/{tickets.give('mine', export)}"
    export.unlink()
    answer = browser("mine").get(link)
    assert (answer.status_code, "not here any more" in answer.text) == (404, True)


def test_a_page_that_is_drawn_again_gets_the_same_ticket_and_another_browser_another(
    tickets: Tickets, export: Path
) -> None:
    assert tickets.give("mine", export) == tickets.give("mine", export) != tickets.give("hers", export)


def test_the_tickets_that_were_not_given_for_longest_are_forgotten(
    tickets: Tickets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "_KEPT", 2)
    first, second = (tickets.give("mine", tmp_path / name) for name in "ab")
    assert tickets.give("mine", tmp_path / "a") == first
    third = tickets.give("mine", tmp_path / "c")
    found = [tickets.find(ticket, "mine") for ticket in (first, second, third)]
    assert found == [tmp_path / "a", None, tmp_path / "c"]
    assert tickets.give("mine", tmp_path / "b") != second
