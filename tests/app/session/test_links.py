"""A link to chosen images shows the same images to whoever may open their folder, and to nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.samples.scope import records_in_scope, set_scope
from app.session.open_dataset import follow_link, link, open_folder
from app.session.state import AppState
from lib.dataset.journal.journal import Journal
from lib.dataset.journal.rows import LINKED_SELECTIONS
from lib.domain import Selection
from lib.errors import FolderRefused
from lib.scope import Scope
from lib.settings import settings


@pytest.fixture
def shared(photos: Path) -> dict[str, str]:
    """The link of one owner who chose two images."""
    sender = AppState(owner="ann")
    open_folder(sender, photos)
    set_scope(sender, Scope(names=frozenset({"a.jpg", "sub/e.webp"}), label="Cluster 3 beach"))
    return link(sender)


def test_chosen_images_are_there_for_another_owner_who_may_open_the_folder(shared: dict[str, str]) -> None:
    reader = AppState(owner="bob")
    follow_link(reader, shared)
    assert [record.name for record in records_in_scope(reader)] == ["a.jpg", "sub/e.webp"]
    assert reader.scope.label == "Cluster 3 beach"


def test_chosen_images_are_no_way_into_a_folder(shared: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_ROOTS", str(settings().home))
    settings.cache_clear()
    reader = AppState(owner="bob")
    with pytest.raises(FolderRefused):
        follow_link(reader, shared)
    assert reader.scope == Scope()


def test_of_many_chosen_sets_the_oldest_are_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite")
    chosen = [Selection(frozenset({f"{number}.jpg"})) for number in range(LINKED_SELECTIONS + 2)]
    for selection in chosen:
        journal.keep_selection(selection)
    journal.keep_selection(chosen[2])
    journal.keep_selection(chosen[0])
    assert journal.selection(chosen[1].id) is None
    assert journal.selection(chosen[3].id) is None
    assert journal.selection(chosen[2].id) == chosen[2]
    assert journal.selection(chosen[0].id) == chosen[0]
