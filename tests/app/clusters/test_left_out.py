"""What is left out stays in clusters that were made before, dim, and is not in new ones."""

from __future__ import annotations

from pathlib import Path

from app.clusters.lighting import lit_names
from app.samples.marking import leave_images_out
from tests.app.clusters.steps import OLDER, clusters_page, kept, press, settle, state_of
from tests.doubles.dashboard import texts


def samples_of(folder: Path) -> set[str]:
    found = kept(folder)
    assert found is not None
    return set(found.names)


def test_clusters_that_were_made_before_stay_as_they_are_and_new_ones_are_made_without(photos: Path) -> None:
    page = clusters_page(photos)
    before = samples_of(photos)
    assert len(before) == 10
    leave_images_out(state_of(page), ["c0.jpg", "d1.jpg"])
    page = settle(page)
    assert samples_of(photos) == before
    assert OLDER not in texts(page)
    lit = lit_names(state_of(page))
    assert lit is not None
    assert {"c0.jpg", "d1.jpg"}.isdisjoint(lit)
    page = press(page, "clusters.load")
    assert before - samples_of(photos) == {"c0.jpg", "d1.jpg"}
    assert page.button(key="scope.left_out").label == "2 left out"
    # They are not missed in the new ones either.
    assert OLDER not in texts(settle(page))
