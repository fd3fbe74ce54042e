"""The dashboard without a browser: AppTest on app/main.py, with the folder of a test opened through its link."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from lib import cache
from tests.doubles.repository import ROOT

MAIN = ROOT / "app" / "main.py"


def open_page(folder: Path | None = None, image: str = "", screen: str = "", **link: str) -> AppTest:
    """Run the Tagging page, or another screen ("bulk_ops"), with a folder open where one is given.

    `link`: what else the address says ("subfolders").
    """
    page = AppTest.from_file(str(MAIN), default_timeout=30)
    if folder is not None:
        page.query_params["folder"] = str(folder)
    for name, value in link.items():
        page.query_params[name] = value
    if image:
        page.query_params["image"] = image
    page.run()
    if screen:
        page.switch_page(f"../pages/{screen}.py").run()
    assert healthy(page)
    return page


def open_scope(page: AppTest) -> AppTest:
    """Open the choices of the scope, where they are not open yet."""
    change = page.button(key="scope.change")
    if change.label == "change":
        change.click().run()
    return page


def choose_server(page: AppTest, url: str) -> AppTest:
    """Take the model server at `url`, and the first model that it lists by itself."""
    page.selectbox(key="generate.model").select("openai-compatible").run()
    page.text_input(key="generate.base_url").set_value(url).run()
    for job in cache.background_runner().of("local"):
        assert job.wait(30)
    return page.run()


def settle(page: AppTest) -> AppTest:
    """Wait for the work in the background, then show the page again."""
    for job in cache.job_runner().of("local"):
        assert job.wait(30)
    page.run()
    assert healthy(page)
    return page


def healthy(page: AppTest) -> bool:
    """False after a bug: the page's own error net hides it from AppTest's `exception`."""
    return not page.exception and "fault in the program" not in texts(page)


def texts(page: AppTest) -> str:
    """All that a person could read on the page, in one string."""
    kinds: list[Any] = [page.title, page.subheader, page.markdown, page.caption, page.text, page.code]
    shown = [element.value for kind in kinds for element in kind]
    shown += [element.proto.body for element in page.get("html")]
    shown += [element.proto.json for element in page.get("bidi_component")]
    return "\n".join(map(str, shown))
