"""A visit of one, so that the many find what they look for: the protocol, the keys of the fields, and what is wrong."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.browser.conftest import serve
from tests.soak import errands
from tests.soak.pictures import Captions, draw
from tests.soak.tab import Fault, Tab
from tests.soak.tally import Tally
from tests.soak.walker import Walker, own_cookie

pytestmark = pytest.mark.slow

_COUNT = 120


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    folder = tmp_path_factory.mktemp("visit")
    (folder / "toolkit").mkdir()
    draw(folder / "photos", _COUNT)
    with serve(folder / "toolkit", folder / "photos", ADDRESS="0.0.0.0") as server:
        port = int(server.url.rpartition(":")[2])
        everything = range(_COUNT)
        yield Walker(own_cookie(port), port, folder / "photos", everything, Captions(_COUNT), Tally(), random.Random(1))


def test_a_visitor_turns_pages_writes_filters_uploads_and_does_what_is_done_for_all(visitor: Walker) -> None:
    with visitor.open() as tab:
        for _ in range(2):
            visitor.turn(tab)
            visitor.check(tab)
        visitor.edit(tab)
        errands.filter_words(tab, visitor)
        for _, errand in errands.ONE_BY_ONE:
            errand(tab, visitor)
        visitor.check(tab)
    errands.upload(visitor)
    assert visitor.captions.wrong(visitor.folder) == []


def test_who_is_torn_off_comes_back_to_a_whole_file(visitor: Walker) -> None:
    tab = visitor.open()
    visitor.tear(tab)
    tab.__exit__(None, None, None)
    with visitor.open() as tab:
        visitor.check(tab)
    assert visitor.captions.wrong(visitor.folder) == []


def test_an_error_notice_on_the_page_is_a_fault(visitor: Walker) -> None:
    with Tab(visitor.port, visitor.cookie) as tab, pytest.raises(Fault, match="This cannot be opened as a folder"):
        tab.open(folder="/etc")


def test_another_text_than_was_saved_is_a_fault(visitor: Walker) -> None:
    with visitor.open() as tab:
        while visitor.at % 2:
            visitor.turn(tab)
        path = (visitor.folder / f"{visitor.at:05d}.jpg").with_suffix(".txt")
        before = path.read_text()
        path.write_text("words of somebody else")
        tab.run()
        with pytest.raises(Fault, match="words of somebody else"):
            visitor.check(tab)
        path.write_text(before)
