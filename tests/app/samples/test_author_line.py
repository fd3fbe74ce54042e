"""Who wrote the caption is told beside it, quietly, and its place is kept where nobody knows."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.samples.author_line import said_of
from app.samples.sample_gallery import open_sample
from app.samples.state import Galleries
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Author, Origin
from lib.settings import settings
from tests.doubles.dashboard import choose_server, open_page, settle, texts
from tests.doubles.provider_server import ProviderServer

NOW = datetime(2026, 1, 4, tzinfo=UTC)
AT = (NOW - timedelta(days=3)).isoformat()


def line(page: AppTest) -> tuple[str, str]:
    """What is read, and what is told where the pointer rests."""
    (found,) = [one.proto.body for one in page.get("html") if "class='toolkit-author'" in one.proto.body]
    more, _, said = found.partition("title='")[2].partition("'>")
    return html.unescape(said.removesuffix("</div>")), html.unescape(more)


def save(photos: Path, name: str, text: str, origin: Origin) -> None:
    dataset = open_dataset(photos)
    store = Store(dataset.root, journal_for(dataset.root, settings()), "local", settings(), dataset)
    record = dataset.get(name)
    assert record is not None
    store.save(record, text, store.read(record).hash, origin)


@pytest.mark.parametrize(
    ("author", "said"),
    [
        (Author("model", AT, "gemma-4-31b"), "gemma-4-31b, 3 days ago"),
        (Author("model", AT, "gemma-4-31b", edited_at=AT), "gemma-4-31b, 3 days ago; edited by hand since"),
        (Author("hand", AT), "Typed by hand, 3 days ago"),
        (Author("import", AT), "Imported, 3 days ago"),
        (Author("import", AT, "llava"), "llava, as the imported file told, 3 days ago"),
    ],
)
def test_an_author_is_said_in_one_line(author: Author, said: str) -> None:
    assert said_of(author, NOW) == said


def test_the_model_is_told_with_its_prompt(photos: Path) -> None:
    save(photos, "c.png", "a boat", Origin("generate", "gemma-4-31b", "What <b>is</b> 'it'?", {"temperature": 0.3}))
    said, more = line(open_page(photos, "c.png"))
    assert said == "gemma-4-31b, just now"
    assert "temperature=0.3" in more
    assert "Prompt: What <b>is</b> 'it'?" in more
    save(photos, "c.png", "a white boat", Origin())
    assert line(open_page(photos, "c.png"))[0] == "gemma-4-31b, just now; edited by hand since"


def test_nobody_is_named_where_nobody_is_known(photos: Path) -> None:
    assert line(open_page(photos, "a.jpg"))[0] == "Not written here"
    assert line(open_page(photos, "c.png"))[0] == "\N{NO-BREAK SPACE}"


def test_a_generated_caption_that_is_not_saved_has_its_author_already(photos: Path) -> None:
    with ProviderServer("A red square.") as server:
        page = settle(choose_server(open_page(photos, "c.png"), server.url).button(key="generate.start").click().run())
    assert line(page)[0].endswith(", not saved yet")
    page.button(key="tagging.save").click().run()
    assert line(page)[0].endswith(", just now")


def test_the_panel_beside_a_gallery_tells_it_too(photos: Path) -> None:
    save(photos, "c.png", "a boat", Origin("generate", "gemma-4-31b"))
    page = open_page(photos, "c.png", screen="keyword_filter")
    page.text_input(key="scope.query").set_value("by:gemma").run()
    assert "1 of 5" in texts(page)
    state = page.session_state["app_state"]
    open_sample(state, state.of(Galleries).at("filter"), "c.png")
    assert line(page.run())[0] == "gemma-4-31b, just now"
