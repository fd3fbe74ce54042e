"""axe-core on every page: what it calls serious or critical is known, listed here, and becomes less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.sample.folder import make_sample
from tests.browser.conftest import Dashboard, open_scope
from tests.browser.rest import at_rest
from tests.doubles.forked import ROOT
from tests.missing import missing

pytestmark = pytest.mark.axe

_AXE = ROOT / ".axe" / "node_modules" / "axe-core" / "axe.min.js"

# Page, rule, where: what is broken today. An entry goes when it is mended; none comes.
KNOWN: dict[str, dict[str, str]] = {
    "start": {},
    # Terms are called "Add" and the term, and show the term and how often it occurs.
    "": {"label-content-name-mismatch": 'button[aria-label="Add '},
    "bulk_ops": {},
    "export": {},
    "history": {},
    "clusters": {},
    # The gallery's buttons are called "Open" and the file's name, and show the caption.
    "keyword_filter": {"label-content-name-mismatch": 'button[aria-label="Open '},
    "word_cloud": {},
    "review": {},
    "settings": {},
}
# What comes last on a page, where that is not its heading.
_LAST = {"": 'button[aria-label^="Add "]', "keyword_filter": 'button[aria-label^="Open "]'}


@pytest.fixture(scope="module")
def axe() -> str:
    if not _AXE.exists():
        missing("axe-core is not installed (`make peers`, which needs npm)")
    return _AXE.read_text(encoding="utf-8")


def violations(page: Any, axe: str) -> dict[str, list[str]]:
    """Rules that are broken in a way that keeps people out, and where."""
    page.evaluate(axe)
    # Streamlit's own list of pages puts headings between the items.
    context = {"exclude": ["[data-testid=stSidebarNav]"]}
    found = page.evaluate("context => axe.run(context, {resultTypes: ['violations']})", context)["violations"]
    return {
        one["id"]: [" ".join(str(part) for part in node["target"]) for node in one["nodes"]]
        for one in found
        if one["impact"] in ("serious", "critical")
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", KNOWN)
def test_a_page_breaks_no_rule_but_the_known_ones(
    page: Any, dashboard: Dashboard, axe: str, tmp_path: Path, name: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)
    if name == "start":
        page.goto(dashboard.url)
        page.get_by_role("button", name="Sample dataset").wait_for()
    else:
        folder = make_sample(dashboard.photos / "sample", 12)
        page.goto(f"{dashboard.url}/{name}?folder={folder}")
        page.locator(".st-key-shell-folder").wait_for()
        if not name:
            # The terms of sentences are folded away.
            page.locator(".st-key-tagging-terms_fold summary").click()
        page.locator(_LAST.get(name, "h1, h2")).first.wait_for()
    at_rest(page)
    broken = violations(page, axe)
    assert broken.keys() == KNOWN[name].keys(), json.dumps(broken, indent=1)
    for rule, places in broken.items():
        assert all(KNOWN[name][rule] in place for place in places), places


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", ["recent folders", "an empty folder", "the scope opened", "what was done"])
def test_what_comes_and_goes_breaks_no_rule(page: Any, dashboard: Dashboard, axe: str, what: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    folder = make_sample(dashboard.photos / "sample", 12)
    (dashboard.photos / "empty").mkdir()
    if what == "recent folders":
        page.goto(f"{dashboard.url}/?folder={folder}")
        page.get_by_role("button", name="Close").click()
        page.get_by_role("heading", name="Recent folders").wait_for()
    elif what == "an empty folder":
        page.goto(f"{dashboard.url}/?folder={dashboard.photos / 'empty'}")
        page.get_by_text("No images were found").wait_for()
    else:
        page.goto(f"{dashboard.url}/bulk_ops?folder={folder}")
        open_scope(page)
    if what == "what was done":
        page.get_by_role("radio", name="Find and replace").click()
        page.get_by_label("Find", exact=True).fill("a")
        page.get_by_label("Replace with").fill("o")
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Apply to").click()
        page.get_by_text("files changed").hover()
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
    )
    assert violations(page, axe) == {}
