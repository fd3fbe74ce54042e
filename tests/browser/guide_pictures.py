"""Makes the pictures of the guide: the real server on the sample dataset, in a home of its own, as Chromium shows it.

`make screenshots` writes them to docs/guide; by hand: python -m tests.browser.guide_pictures FOLDER
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.dataset.sample.folder import make_sample
from lib.settings import Settings
from tests.browser.conftest import CHROMIUM_FLAGS, choose_server, serve
from tests.browser.rest import at_rest
from tests.doubles.provider_server import ProviderServer
from tests.doubles.repository import ROOT

GUIDE = ROOT / "docs" / "guide"
WINDOW = {"width": 1280, "height": 800}
MOST_BYTES = 150_000
_COLOURS = 256

_STEADY = r"""scratch => {
  const steady = text => text.replaceAll(scratch, '/home/ada')
    .replace(/\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d:\d\d/g, '28 Nov 2026, 09:30:00');
  const renew = root => {
    for (const input of root.querySelectorAll('input')) {
      if (steady(input.value) !== input.value) input.value = steady(input.value);
    }
    for (const node of root.querySelectorAll('*')) {
      for (const one of node.childNodes) {
        if (one.nodeType === 3 && steady(one.data) !== one.data) one.data = steady(one.data);
      }
      if (node.shadowRoot) renew(node.shadowRoot);
    }
  };
  renew(document);
}"""
"""The folder and the time of the moment become ones that are always the same."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What stands when the first picture is taken: a server, the sample dataset, a model that answers at once."""

    url: str
    folder: Path
    model: str
    scratch: str

    def open(self, page: Any, name: str) -> None:
        """Show a page with the sample open, once the check of its images has ended."""
        page.goto(f"{self.url}/{name}?folder={self.folder}")
        page.locator(".st-key-shell-folder").wait_for()
        page.get_by_text("Checking images").wait_for(state="detached")


def start(page: Any, stage: Stage) -> None:
    page.goto(stage.url)
    page.get_by_role("button", name="Sample dataset").wait_for()
    page.get_by_text("36 images").first.wait_for()


def tagging(page: Any, stage: Stage) -> None:
    stage.open(page, "")
    page.goto(f"{page.url}&image=beach_01.jpg")
    page.locator(".toolkit-name", has_text="beach_01.jpg").wait_for()
    page.get_by_text("Checking images").wait_for(state="detached")


def generate(page: Any, stage: Stage) -> None:
    tagging(page, stage)
    choose_server(page, stage.model)
    page.keyboard.press("Control+g")
    page.get_by_role("button", name="Append").wait_for()


def bulk_ops(page: Any, stage: Stage) -> None:
    stage.open(page, "bulk_ops")
    page.get_by_role("radio", name="Find and replace").click()
    page.get_by_label("Find", exact=True).fill("sand")
    page.get_by_label("Replace with").fill("golden sand")
    page.get_by_label("Replace with").press("Enter")
    page.get_by_role("button", name="Preview replace all").click()
    page.get_by_role("button", name="Apply to").wait_for()
    page.get_by_role("button", name="Apply to").scroll_into_view_if_needed()


def history(page: Any, stage: Stage) -> None:
    bulk_ops(page, stage)
    page.get_by_role("button", name="Apply to").click()
    page.get_by_text("files changed").first.wait_for()
    page.get_by_role("link", name="History").click()
    page.locator(".toolkit-diff").first.wait_for()


def export(page: Any, stage: Stage) -> None:
    stage.open(page, "export")
    page.get_by_role("button", name="Export", exact=True).wait_for()


def clusters(page: Any, stage: Stage) -> None:
    stage.open(page, "clusters")
    frame = page.frame_locator("iframe[title='streamlit_plotly_events.plotly_events']")
    frame.locator(".scatterlayer .point").first.wait_for()


def cluster_contents(page: Any, stage: Stage) -> None:
    clusters(page, stage)
    page.get_by_role("group", name="Clusters").get_by_role("button").first.click()
    page.get_by_role("group", name="Samples").locator("img").nth(1).scroll_into_view_if_needed()


def keyword_filter(page: Any, stage: Stage) -> None:
    stage.open(page, "keyword_filter")
    page.get_by_label("Keywords").press_sequentially("beach, boat")
    page.get_by_label("Keywords").press("Enter")
    page.get_by_role("group", name="Samples").locator("mark").first.wait_for()


def word_cloud(page: Any, stage: Stage) -> None:
    stage.open(page, "word_cloud")
    page.get_by_role("group", name="Word cloud").get_by_role("button").first.wait_for()


def review(page: Any, stage: Stage) -> None:
    stage.open(page, "review")
    page.get_by_role("button", name="Right as it is").wait_for()


def settings(page: Any, stage: Stage) -> None:
    stage.open(page, "settings")
    page.get_by_role("heading", name="Your keys").wait_for()


SCENES: dict[str, tuple[Callable[[Any, Stage], None], str]] = {
    "start": (start, "light"),
    "tagging": (tagging, "light"),
    "tagging-dark": (tagging, "dark"),
    "settings": (settings, "light"),
    "bulk_ops": (bulk_ops, "light"),
    "export": (export, "light"),
    "clusters": (clusters, "light"),
    "cluster_contents": (cluster_contents, "light"),
    "keyword_filter": (keyword_filter, "light"),
    "word_cloud": (word_cloud, "light"),
    "review": (review, "light"),
    # The last two leave something behind: the address of a model, and other captions.
    "generate": (generate, "light"),
    "history": (history, "light"),
}
"""Each picture by its name: what is done for it, and in which theme."""


def make_pictures(folder: Path, browser: Any) -> list[Path]:
    """Writes all pictures into a folder; gives their files."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="guide-") as scratch, ProviderServer(_caption) as model:
        home, photos = Path(scratch) / "toolkit", Path(scratch) / "photos"
        home.mkdir()
        make_sample(photos, 36)
        sample = make_sample(Settings(home=home).workspace("local") / "sample")
        # Nothing that this machine happens to have: no models, no zone of its own.
        own = {"HF_HOME": scratch, "KERAS_HOME": scratch, "TZ": "UTC"}
        with serve(home, photos, **own) as dashboard:
            stage = Stage(dashboard.url, sample, f"{model.url}/v1", scratch)
            return [_take(browser, stage, folder, name) for name in SCENES]


def _caption(received: object) -> str:
    return "A quiet beach with a striped parasol under a clear sky."


def _take(browser: Any, stage: Stage, folder: Path, name: str) -> Path:
    draw, theme = SCENES[name]
    context = browser.new_context(
        viewport=WINDOW, color_scheme=theme, locale="en-GB", timezone_id="UTC", reduced_motion="reduce"
    )
    try:
        page = context.new_page()
        page.set_default_timeout(30_000)
        draw(page, stage)
        # What passes by itself is no part of a state.
        page.add_style_tag(content="[data-testid=stToastContainer], [data-testid=stStatusWidget] { display: none; }")
        page.mouse.move(0, 0)
        at_rest(page)
        page.evaluate(_STEADY, stage.scratch)
        file = folder / f"{name}.png"
        file.write_bytes(_small(page.screenshot(animations="disabled", caret="hide")))
        return file
    finally:
        context.close()


def _small(png: bytes) -> bytes:
    """The same picture with a palette: a third of the size."""
    from PIL import Image

    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main(folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_FLAGS)
        for file in make_pictures(folder, browser):
            sys.stdout.write(f"{file} {file.stat().st_size // 1000} KB\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else GUIDE)
