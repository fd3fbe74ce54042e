"""The dashboard behind a login, with people who come to it in browsers of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser.conftest import Dashboard, serve
from tests.doubles.openid_provider import OpenIdProvider

COOKIE_SECRET = "a-cookie-secret-of-the-tests-alone"


@dataclass
class LoginSite:
    """A dashboard whose secrets name a login service, and the browsers that were opened for it."""

    dashboard: Dashboard
    provider: OpenIdProvider
    secrets: Path
    browser: Any
    profiles: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.dashboard.url

    def arrive(self, link: str = "", cookies: list[Any] | None = None) -> Any:
        """A tab in a fresh browser, with another one's cookies where they are given, on a page of the dashboard."""
        self.profiles.append(self.browser.new_context())
        self.profiles[-1].add_cookies(cookies or [])
        tab = self.profiles[-1].new_page()
        tab.set_default_timeout(20_000)
        tab.goto(f"{self.url}/{link}")
        return tab

    def log_in(self, name: str, link: str = "") -> Any:
        """The same, logged in as somebody whom the provider knows."""
        tab = self.arrive()
        choose(tab, name)
        if link:
            tab.get_by_role("button", name="Log out").wait_for()
            tab.goto(f"{self.url}/{link}")
        return tab

    def change_secrets(self, **settings: str) -> None:
        """Another list, as an administrator would write it while the server runs."""
        self.secrets.write_text(secrets_of(self.provider, **settings))

    @property
    def folder_link(self) -> str:
        return f"?folder={self.dashboard.photos}"


def choose(tab: Any, name: str) -> None:
    """Press Log in, and choose an account at the provider."""
    tab.get_by_role("button", name="Log in").click()
    tab.get_by_role("link", name=name, exact=True).click()
    tab.wait_for_url("**/")


def secrets_of(provider: OpenIdProvider, **settings: str) -> str:
    return provider.secrets("http://127.0.0.1:{port}/oauth2callback", COOKIE_SECRET, **settings)


@contextmanager
def login_site(browser: Any, folder: Path, home: Path | None = None, **settings: str) -> Iterator[LoginSite]:
    """Start a login service, and a dashboard with three photos that asks it."""
    home, photos = home or folder / "toolkit", folder / "photos"
    home.mkdir(exist_ok=True)
    photos.mkdir()
    for number in range(3):
        Image.new("RGB", (60, 40), (80 * number, 100, 100)).save(photos / f"photo_{number}.jpg")
        (photos / f"photo_{number}.txt").write_text(f"words {number}")
    secrets = folder / "secrets.toml"
    with OpenIdProvider() as provider:
        secrets.write_text(secrets_of(provider, **settings))
        unset = {name: "" for name in os.environ if name.startswith("TOOLKIT_ALLOWED")}
        with serve(home, photos, "app/server.py", "--secrets.files", str(secrets), **unset) as dashboard:
            site = LoginSite(dashboard, provider, secrets, browser)
            try:
                yield site
            finally:
                for profile in site.profiles:
                    profile.close()
