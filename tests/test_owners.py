"""Owners' names give nothing away, stay the same, and are logged out together."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.errors import WriteFailed
from lib.owners import Owners, owner_id

COOKIE = "5ec4e7" * 8


@pytest.fixture
def owners(tmp_path: Path) -> Iterator[Owners]:
    made = Owners(tmp_path / "home")
    yield made
    made.close()


def again(owners: Owners) -> Owners:
    """The same folder in another process, or after a restart."""
    return Owners(owners._home)


def logged_in(owners: Owners, subject: str = "1", email: str = "ada@example.org", at: int = 100) -> str:
    owners.login("https://login.example", subject, email, at)
    return owners.login_name("https://login.example", subject)


def test_a_visitor_is_the_same_after_a_restart_and_another_one_elsewhere(owners: Owners, tmp_path: Path) -> None:
    name = owners.visitor(COOKIE)
    assert again(owners).visitor(COOKIE) == name
    assert COOKIE not in name
    assert owners.visitor(COOKIE[::-1]) != name
    # Keyed: who knows the cookie cannot tell the name without the folder's secret.
    assert Owners(tmp_path / "other").visitor(COOKIE) != name


def test_an_account_is_its_issuer_and_its_subject(owners: Owners) -> None:
    name = owners.login_name("https://a.example", "1")
    assert name == again(owners).login_name("https://a.example", "1")
    others = (("https://a.example", "2"), ("https://b.example", "1"), ("https://a.example1", ""))
    assert len({name, *(owners.login_name(*other) for other in others)}) == 4
    assert "example" not in name


def test_the_secret_is_for_this_account_alone(owners: Owners) -> None:
    owners.visitor(COOKIE)
    secret = owners._home / "secret"
    assert len(secret.read_bytes()) >= 32
    assert secret.stat().st_mode & 0o077 == 0


def test_where_no_secret_can_be_kept_names_last_as_long_as_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    owners = Owners(tmp_path / "file" / "home")
    assert owners.visitor(COOKIE) == owners.visitor(COOKIE)
    assert "No secret could be kept" in caplog.text


def test_a_visitor_who_only_looks_leaves_no_list_of_owners(owners: Owners) -> None:
    owners.visitor(COOKIE)
    assert owners.folder(owners.visitor(COOKIE)) == owner_id(owners.visitor(COOKIE))
    assert not (owners._home / "owners.sqlite").exists()


def test_local_keeps_its_folder(owners: Owners) -> None:
    assert owners.folder("local") == "local"


def test_an_email_is_known_of_logins_alone_and_is_the_latest(owners: Owners) -> None:
    name = logged_in(owners, at=100)
    logged_in(owners, email="lovelace@example.org", at=200)
    # A browser that is in since before.
    logged_in(again(owners), at=100)
    assert owners.email(name) == "lovelace@example.org"
    assert owners.email(owners.visitor(COOKIE)) == ""
    assert owners.email("local") == ""


def test_no_cookie_is_shown(owners: Owners) -> None:
    assert owners.shown(f"cookie:{COOKIE}") == owners.visitor(COOKIE)
    assert owners.shown("local") == "local"
    assert owners.shown("mail:ada@example.org") == "ada@example.org"
    assert owners.shown(logged_in(owners)) == "ada@example.org"


def test_a_log_out_is_known_after_a_restart_and_touches_nobody_else(owners: Owners) -> None:
    ada, bob = logged_in(owners), logged_in(owners, "2", "bob@example.org")
    assert owners.logged_out(ada) == 0
    owners.log_out(ada, 500.7)
    assert (owners.logged_out(ada), again(owners).logged_out(ada), owners.logged_out(bob)) == (500, 500, 0)
    owners.log_out(ada, 400)
    assert owners.logged_out(ada) == 500


def test_a_log_out_ends_a_login_of_a_service_whose_clock_is_ahead(owners: Owners) -> None:
    ada = logged_in(owners, at=130)
    owners.log_out(ada, 100)
    assert owners.logged_out(ada) == 130


def test_a_log_out_is_of_now(owners: Owners) -> None:
    ada, before = logged_in(owners), int(time.time())
    owners.log_out(ada)
    assert before <= owners.logged_out(ada) <= int(time.time())


def test_a_log_out_that_cannot_be_written_down_counts_for_this_process(owners: Owners) -> None:
    ada = logged_in(owners)
    owners.close()
    (owners._home / "owners.sqlite").rename(owners._home / "elsewhere")
    (owners._home / "owners.sqlite").mkdir()
    with pytest.raises(WriteFailed, match="owners"):
        owners.log_out(ada, 500)
    (owners._home / "owners.sqlite").rmdir()
    assert owners.logged_out(ada) == 500


def test_steps_are_done_once(owners: Owners) -> None:
    assert not owners.is_done("a step")
    owners.note_done("a step")
    owners.note_done("a step")
    assert again(owners).is_done("a step")
    assert not owners.is_done("another")


def test_of_a_damaged_list_every_owner_that_can_be_read_is_taken_over(owners: Owners, tmp_path: Path) -> None:
    ada = logged_in(owners)
    owners.log_out(ada, 500)
    owners.close()
    path = owners._home / "owners.sqlite"
    whole = path.read_bytes()
    path.write_bytes(b"no database at all" + whole[18:])
    again = Owners(owners._home)
    assert again.logged_out(ada) == 500
    assert list(owners._home.glob("owners.sqlite.damaged-*"))
