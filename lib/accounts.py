"""Who may log in: what a login service says of an account, judged by the administrator's lists. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import idna

from lib.errors import LoginRefused

EVERYBODY = "*"
"""In one of the lists: whoever has an account with a verified e-mail gets in."""

_NO_LIST = (
    "Nobody can get in yet.",
    "For the administrator: set TOOLKIT_ALLOWED_EMAILS or TOOLKIT_ALLOWED_DOMAINS, in the environment or in "
    ".streamlit/secrets.toml, to who may get in. “*” lets in everybody who has an account with the login service.",
)


@dataclass(frozen=True, slots=True)
class Account:
    """A verified account of a login service. `at`: when its login was made out, in seconds since the epoch."""

    issuer: str
    subject: str
    email: str
    at: int


@dataclass(frozen=True, slots=True)
class Guests:
    """Whom the administrator lets in: e-mails, and domains of e-mails."""

    emails: Collection[str] = ()
    domains: Collection[str] = ()

    def check_any(self) -> None:
        """Raises LoginRefused where the administrator has not said yet who may get in."""
        if not self.emails and not self.domains:
            raise LoginRefused(*_NO_LIST)

    def check(self, account: Account) -> None:
        """Raises LoginRefused for an account that is on no list."""
        self.check_any()
        if EVERYBODY in (*self.emails, *self.domains) or is_listed(account.email, self.emails):
            return
        domain = _domain(account.email.rpartition("@")[2])
        if not domain or domain not in {_domain(known.lstrip("@")) for known in self.domains}:
            hint = "Log in with another account, or ask the administrator to let this one in."
            raise LoginRefused(f"{account.email} is not on the list of those who may get in.", hint)


def account_of(claims: Mapping[str, Any]) -> Account:
    """The account that a login service's claims are about. Raises LoginRefused where they do not prove one."""
    issuer, subject, email, at = (claims.get(name) for name in ("iss", "sub", "email", "iat"))
    if not _is_said(issuer) or not _is_said(subject) or isinstance(at, bool) or not isinstance(at, int | float):
        raise _unproven("The login service does not say which account this is.")
    if not isinstance(email, str) or not _folded(email):
        raise _unproven("The login service does not say which e-mail this account has.")
    # Neither "true" nor 1: what is not the claim of the standard may mean anything.
    if claims.get("email_verified") is not True:
        raise _unproven(f"The login service has not verified that {email} belongs to this account.")
    return Account(str(issuer), str(subject), email, int(at))


def is_listed(email: str, known: Collection[str]) -> bool:
    """True where an e-mail is one of a list, whatever the case of its letters and the writing of its domain."""
    folded = _folded(email)
    return bool(folded) and folded in {_folded(one) for one in known}


def _is_said(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _unproven(message: str) -> LoginRefused:
    return LoginRefused(message, "Log in with another account, or ask the administrator.")


def _folded(email: str) -> str:
    """An e-mail as it is compared, "" for what is none."""
    local, _, domain = email.rpartition("@")
    domain = _domain(domain)
    if not local or not domain or "@" in local or not local.isprintable() or any(map(str.isspace, local)):
        return ""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", local).lower())
    # A letter that only looks like an ASCII one (the Kelvin sign) must not become it: it is another person's mailbox.
    return f"{folded}@{domain}" if _ascii(folded) <= _ascii(local) else ""


def _ascii(text: str) -> int:
    return sum(map(str.isascii, text))


def _domain(name: str) -> str:
    """A domain as the DNS has it (“bücher.example” is “xn--bcher-kva.example”), "" for what is none."""
    try:
        return idna.encode(name, uts46=True).decode().lower() if name else ""
    except idna.IDNAError:
        return ""
