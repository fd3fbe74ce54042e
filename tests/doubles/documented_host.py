"""A host as docs/deploy.md has it: nginx with TLS in front, the server on loopback behind it, a login for all."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

from tests.browser.conftest import Dashboard, serve
from tests.doubles.nginx import certificate, nginx
from tests.doubles.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider
from tests.doubles.programs import free_port
from tests.doubles.repository import ROOT

NAME = "captions.example.org"
COOKIE_SECRET = "canary-cookie-secret-of-the-host"


def block(kind: str, holds: str = "") -> str:
    """The block of a language in docs/deploy.md that holds a text."""
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    found = [one for one in re.findall(rf"^```{kind}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) if holds in one]
    (only,) = found
    return str(only)


def nginx_block(port: int, behind: str, certificate: Path) -> str:
    """The documented server with the places of a test, and nothing else changed."""
    told = block("nginx")
    for pattern, place in {
        r"listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        r"listen 80;": f"listen 127.0.0.1:{free_port()};",
        r"http://127\.0\.0\.1:8501;": f"{behind};",
        r"(ssl_certificate +)\S+;": rf"\g<1>{certificate};",
        r"(ssl_certificate_key +)\S+;": rf"\g<1>{certificate};",
    }.items():
        told, found = re.subn(pattern, place, told)
        assert found == 1, pattern
    return told


def unit_environment() -> dict[str, str]:
    """The variables of the documented unit, but for its folders."""
    found = dict(re.findall(r"^Environment=(\w+)=(.*)$", block("ini"), re.MULTILINE))
    return {name: value for name, value in found.items() if name not in ("TOOLKIT_HOME", "TOOLKIT_ROOTS")}


def secrets_toml(provider: OpenIdProvider, port: int) -> str:
    """The documented secrets with what the login service gives out, and the port of the test."""
    told = block("toml", "[auth]").replace(f"https://{NAME}/", f"https://{NAME}:{port}/")
    parsed = tomllib.loads(told)["auth"]
    for name, value in {
        "cookie_secret": COOKIE_SECRET,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "server_metadata_url": f"{provider.url}/.well-known/openid-configuration",
    }.items():
        line = f'{name} = "{parsed[name]}"'
        assert told.count(line) == 1, line
        told = told.replace(line, f'{name} = "{value}"')
    return told


@dataclass
class Host:
    """The address that people use, what stands behind it, and the browsers that were opened for it."""

    url: str
    port: int
    dashboard: Dashboard
    provider: OpenIdProvider
    secrets: Path
    browser: Any
    profiles: list[Any] = field(default_factory=list)

    @property
    def folder_link(self) -> str:
        return f"?folder={self.dashboard.photos}"

    def arrive(self, link: str = "", cookies: list[Any] | None = None) -> Any:
        """A tab in a fresh browser, with another one's cookies where they are given."""
        self.profiles.append(self.browser.new_context(ignore_https_errors=True))
        self.profiles[-1].add_cookies(cookies or [])
        tab = self.profiles[-1].new_page()
        tab.set_default_timeout(20_000)
        tab.goto(f"{self.url}/{link}")
        return tab

    def log_in(self, name: str, link: str = "") -> Any:
        """The same, logged in as somebody whom the login service knows, past the door or not."""
        tab = self.arrive()
        tab.get_by_role("button", name="Log in").click()
        tab.get_by_role("link", name=name, exact=True).click()
        tab.get_by_role("button", name="Log out").wait_for()
        if link:
            tab.goto(f"{self.url}/{link}")
        return tab


@contextmanager
def documented_host(browser: Any, folder: Path) -> Iterator[Host]:
    """Set it up with three photos, two people who may come in (ada, an administrator; bob), and eve, who may not."""
    home, photos, proxy = folder / "toolkit", folder / "photos", folder / "nginx"
    for one in (home, photos, proxy):
        one.mkdir()
    for number in range(3):
        Image.new("RGB", (60, 40), (80 * number, 100, 100)).save(photos / f"photo_{number}.jpg")
        (photos / f"photo_{number}.txt").write_text(f"words {number}")
    port, secrets = free_port(), folder / "secrets.toml"
    with OpenIdProvider() as provider:
        for name in ("ada", "bob"):
            provider.person(name)
        provider.person("eve", email="eve@example.com")
        secrets.write_text(secrets_toml(provider, port))
        options = ("--secrets.files", str(secrets))
        with (
            serve(home, photos, "app/server.py", *options, **unit_environment()) as dashboard,
            nginx(proxy, port, nginx_block(port, dashboard.url, certificate(proxy)), own_account=False),
        ):
            host = Host(f"https://{NAME}:{port}", port, dashboard, provider, secrets, browser)
            try:
                yield host
            finally:
                for profile in host.profiles:
                    profile.close()
