"""The button that logs out."""

from __future__ import annotations

import time

from app.session.login import Login
from app.shell.login import _log_out
from lib.accounts import Account
from lib.owners import owners_of
from lib.settings import settings


def test_a_login_right_after_a_log_out_is_a_later_one() -> None:
    account = Account("https://login.example", "1", "ada@example.org", int(time.time()) - 100)
    owners = owners_of(settings().home)
    owners.login(account.issuer, account.subject, account.email, account.at)
    owner = owners.login_name(account.issuer, account.subject)
    _log_out(Login(owner, account))
    # Logins are made out in whole seconds.
    assert account.at < owners.logged_out(owner) < int(time.time())
    owners.close()
