"""Who is logged in, and whether they may be here: asked anew in every run, and of every request for a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.doors.this_server import asks_for_login
from lib.accounts import Account, account_of
from lib.errors import LoggedOut, LoginRefused
from lib.former_owners import take_over
from lib.owners import Owners, owners_of
from lib.settings import Access, settings

_seen: list[bool] = []
"""Not empty once a login was wanted: a file of secrets that is being written for a moment opens no door."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who may be here. `owner` is what is written down of them, `account.email` what is shown."""

    owner: str
    account: Account


def is_login_wanted() -> bool:
    """Whether nobody gets in without a login: the server's secrets have a section [auth], or cannot be read."""
    if not _seen and asks_for_login():
        _seen.append(True)
    return bool(_seen)


def login_of(claims: Mapping[str, Any]) -> Login:
    """The login that signed claims are about. Raises LoginRefused for one that does not count."""
    guests = Access().guests
    guests.check_any()
    if not claims.get("is_logged_in"):
        raise LoginRefused("Please log in to go on.")
    account = account_of(claims)
    guests.check(account)
    owner = _owners().login_name(account.issuer, account.subject)
    if account.at <= _owners().logged_out(owner):
        raise LoggedOut("You have logged out since.", "Log in again to go on.")
    return Login(owner, account)


def current_login() -> Login:
    """The login behind this run. Raises LoginRefused where nobody is logged in who may be here."""
    return login_of(st.user.to_dict())


def logged_in_owner() -> str:
    """The owner behind this run, "" for nobody who may be here."""
    try:
        return current_login().owner
    except LoginRefused:
        return ""


def may_act() -> bool:
    """Whether this run may change anything: what its browser was shown may be from before a log out."""
    return not is_login_wanted() or bool(logged_in_owner())


def welcome(login: Login) -> None:
    """Whoever is here for the first time finds what is kept under the e-mail that the account had before."""
    account = login.account
    if _owners().login(account.issuer, account.subject, account.email, account.at):
        take_over(settings(), login.owner)


def log_out_everywhere(login: Login) -> None:
    """No login of this owner counts any more that was made out until now. Raises DatabaseFailed, OSError."""
    _owners().log_out(login.owner)


def _owners() -> Owners:
    return owners_of(settings().home)
