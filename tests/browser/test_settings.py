"""The Settings page in a browser: a key that comes and goes, the theme, and a narrow window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.sample.folder import make_sample
from tests.browser.conftest import Dashboard
from tests.doubles.provider_server import ProviderServer, Reply

pytestmark = pytest.mark.slow

Until = Callable[[Callable[[], bool]], None]

KEY = "sk-canary-987654"


def row(page: Any, name: str) -> Any:
    return page.locator(f".st-key-settings-key-{name}")


def test_a_key_is_given_tested_and_not_seen_again(page: Any, dashboard: Dashboard) -> None:
    with ProviderServer() as server:
        sent: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(repr(frame))))
        folder = make_sample(dashboard.photos / "sample", 4)
        page.goto(f"{dashboard.url}/?folder={folder}")
        page.locator(".st-key-generate-fold summary").first.click()
        page.get_by_label("Model", exact=True).click()
        page.get_by_role("option", name="A server of your own").click()
        page.get_by_label("Base URL").fill(server.url)
        page.get_by_label("Base URL").press("Enter")
        page.get_by_label("Served model").wait_for()
        page.get_by_role("link", name="Settings").click()
        own = row(page, "openai-compatible")
        own.get_by_label("Key for OpenAI-compatible server").fill(KEY)
        own.get_by_role("button", name="Use this key").click()
        own.get_by_text("You have given a key.").wait_for()
        own.get_by_role("button", name="Test").click()
        own.get_by_text("lists 2 models").wait_for()
        assert server.requests[-1].header("authorization") == f"Bearer {KEY}"
        assert own.get_by_label("Key for OpenAI-compatible server").input_value() == ""
        server.enqueue(Reply.json({"error": {"message": "Incorrect API key provided"}}, status=401))
        own.get_by_role("button", name="Test").click()
        own.get_by_text("The API key was refused").wait_for()
        assert sent
        assert not [frame for frame in sent if KEY in frame]


@pytest.mark.parametrize(("theme", "dark"), [("Dark", True), ("Light", False)])
def test_a_theme_that_is_chosen_holds_on_all_pages_and_in_new_tabs(
    page: Any, dashboard: Dashboard, until: Until, theme: str, dark: bool
) -> None:
    page.emulate_media(color_scheme="light" if dark else "dark")

    def is_dark(tab: Any) -> bool:
        script = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
        return bool(tab.evaluate(script).startswith("rgb(22,") or tab.evaluate(script) == "rgb(22, 25, 28)")

    page.goto(f"{dashboard.url}/settings")
    page.get_by_role("radio", name="As the system").wait_for()
    assert page.get_by_role("radio", name="As the system").is_checked()
    assert is_dark(page) is not dark
    with page.expect_navigation():
        page.get_by_role("radio", name=theme, exact=True).check()
    page.get_by_role("radio", name=theme, exact=True).wait_for()
    assert page.get_by_role("radio", name=theme, exact=True).is_checked()
    until(lambda: is_dark(page) is dark)
    for path in ("", "bulk_ops"):
        other = page.context.new_page()
        other.goto(f"{dashboard.url}/{path}")
        other.get_by_role("link", name="Settings").wait_for()
        assert is_dark(other) is dark
        other.close()
    page.get_by_role("radio", name="As the system").check()
    until(lambda: page.get_by_role("radio", name="As the system").is_checked() and is_dark(page) is not dark)


@pytest.mark.parametrize("part", ["Yours", "This server", "Jobs"])
def test_nothing_is_cut_off_in_a_narrow_window(page: Any, dashboard: Dashboard, part: str) -> None:
    page.set_viewport_size({"width": 900, "height": 900})
    page.goto(f"{dashboard.url}/settings")
    page.get_by_role("radio", name=part).click()
    page.get_by_role("heading", level=3).first.wait_for()
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth")
    assert not wide
    beyond = "[...document.querySelectorAll('[data-testid=stMain] button, [data-testid=stMain] input')]"
    beyond += ".filter(one => one.getBoundingClientRect().right > innerWidth).length"
    assert page.evaluate(beyond) == 0


def test_the_work_of_the_server_is_seen_while_it_goes_on(page: Any, dashboard: Dashboard, tmp_path: Path) -> None:
    folder = make_sample(dashboard.photos / "sample", 6)
    with ProviderServer(delay=30) as server:
        page.goto(f"{dashboard.url}/?folder={folder}")
        page.locator(".st-key-generate-fold summary").first.click()
        page.get_by_label("Model", exact=True).click()
        page.get_by_role("option", name="A server of your own").click()
        page.get_by_label("Base URL").fill(server.url)
        page.get_by_label("Base URL").press("Enter")
        page.wait_for_function("() => [...document.querySelectorAll('input')].some(e => e.value === 'tiny-vision')")
        page.get_by_role("button", name="Generate", exact=False).first.click()
        other = page.context.new_page()
        other.goto(f"{dashboard.url}/settings")
        other.get_by_role("radio", name="Jobs").click()
        work = other.locator("[class*='st-key-settings-work-']").first
        work.get_by_text("who sits at this machine").wait_for()
        work.get_by_role("button", name="Cancel").click()
        work.get_by_role("button", name="Stopping").wait_for()
