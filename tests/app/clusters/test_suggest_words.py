"""What is said for a number of clusters that is suggested."""

from __future__ import annotations

from app.clusters.suggest_panel import _why
from lib.clustering import Suggestion


def test_a_number_that_does_not_stand_out_is_not_praised() -> None:
    said = _why(Suggestion((2, 3, 4), (9.0, 4.0, 3.5), (0.12, 0.08, 0.1), 3))
    assert "No number stands out: the silhouette is 0.08 there and at most 0.12, with 2." in said


def test_a_number_whose_clusters_are_apart_is_told_by_how_much() -> None:
    assert _why(Suggestion((2, 3), (9.0, 1.0), (0.3, 0.71), 3)) == "Its clusters are the most apart: silhouette 0.71."
