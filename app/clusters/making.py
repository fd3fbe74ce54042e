"""Clusters of the open folder: asked for, found again after a refresh or a restart, and what is loaded from them.

The settings that the page shows are those of the result that it shows, until somebody changes them.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import get_args

import streamlit as st

from app.clusters.state import ClustersState, Contents
from app.elements.scatter import Points, hovers_of, points_of
from app.samples.kept_clusters import KeptClusters, Made, latest, latest_making, making_key, making_of, path_of
from app.samples.state import Galleries
from app.session.jobs import SERVER, SOON, JobKey, find, forget, key_of, start, start_anew
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.clustering import (
    Changes,
    ClusterResult,
    Crosstab,
    changes_since,
    crosstab,
    rename_in_kept,
    save_result,
)
from lib.dataset.base import Dataset
from lib.domain import By, ClusterSpec
from lib.embedding.base import Embedder
from lib.embedding.registry import make_embedder, methods
from lib.errors import InvalidInput, WriteFailed
from lib.jobs.runner import Job
from lib.settings import settings

GALLERY = "clusters.contents"
PANEL = "clusters.map"
"""The two places where a sample opens: beside the gallery, and beside the map."""


def present_spec(state: AppState) -> ClusterSpec:
    """What the form holds; at first what the latest result of the open folder was made by."""
    page = state.of(ClustersState)
    if page.spec is None:

        def written(by: By) -> int:
            path = path_of(state, by)
            return path.stat().st_mtime_ns if path.is_file() else 0

        choose_basis(state, max(get_args(By), key=written))
    assert page.spec is not None
    return page.spec


def choose_basis(state: AppState, by: By) -> None:
    """Turn to clusters of tags or of images, with the settings that the latest ones were made by."""
    result, page = latest(state, by), state.of(ClustersState)
    k = page.spec.k if page.spec is not None else ClusterSpec().k
    page.spec = result.spec if result is not None else ClusterSpec(by, methods(by)[0], k)
    page.contents = None


def followed(state: AppState, result: ClusterResult) -> ClusterResult:
    """A result with the images that were renamed since under their new names."""
    changes = comparison(state, result).result
    if isinstance(changes, Changes) and changes.renamed:
        # Equal captions are renamed images for clusters of tags, and need not be for those of images.
        state.of(KeptClusters).rename(changes.renamed, (result.spec.by,))
        state.of(ClustersState).rename(changes.renamed)
        result = state.of(KeptClusters).results[result.spec.by] or result
    return result


def make_clusters(state: AppState, spec: ClusterSpec) -> None:
    """Make clusters in the background. What this tab had asked for before is stopped; its vectors are kept."""
    dataset, _ = opened(state)
    maker, path, kept = cache.clusterer(), path_of(state, spec.by), state.of(KeptClusters)

    def work(job: Job) -> Made:
        records = dataset.snapshot()
        result = maker.run(dataset.root, records, spec, advance=job.advance, cancelled=job.is_cancelled)
        try:
            save_result(path, result)
        except WriteFailed as error:
            return Made(result, error)
        return Made(result, None)

    before = running(state)
    state.of(ClustersState).spec = spec
    if before is None or not before.is_active or before.is_cancelled() or making_of(before).spec != spec:
        # Else a second click on the same, which joins the first one's work.
        if before is not None and (before.is_active or making_of(before).session == state.session):
            forget(key_of(before))
        before = kept.making = start(making_key(state, dataset, spec), f"Clusters of {spec.by}", work)
    before.wait(SOON)


def running(state: AppState) -> Job | None:
    """The making of clusters that this tab asked for last; the page turns to its result when it is there."""
    job, page = latest_making(state), state.of(ClustersState)
    if job is not None and isinstance(job.result, Made) and page.shown != job.id:
        page.shown, page.spec = job.id, job.result.result.spec
        page.contents = None
        state.of(Galleries).at(PANEL).is_open = False
    return job


def is_about(job: Job, spec: ClusterSpec) -> bool:
    """Whether a making of clusters has the basis and the method of a spec."""
    made = making_of(job).spec
    return (made.by, made.method) == (spec.by, spec.method)


def ways_out(spec: ClusterSpec) -> dict[str, ClusterSpec]:
    """What can be had where a model cannot, by name: other methods that are on this machine, and TF-IDF."""
    there = [name for name in methods(spec.by) if name != spec.method and _embedder(name).is_here()]
    found = {_embedder(name).label: replace(spec, method=name) for name in there}
    return found | {_embedder("tfidf").label: ClusterSpec("tags", "tfidf", spec.k)}


def _embedder(method: str) -> Embedder:
    return cache.embedders().get(method, functools.partial(make_embedder, method, settings()))


def warm(method: str) -> Job:
    """Load a method's model in the background, if it is on this machine; the result says whether it is."""
    embedder = _embedder(method)

    def work(job: Job) -> bool:
        if not embedder.is_here():
            return False
        embedder.load()
        return True

    key = JobKey("warm", SERVER, detail=method, unasked=True)
    known = find(key)
    # What was found then may be so no more: Load has fetched the model, or it was let go because nobody used it.
    if known is None or (not known.is_active and (known.result is True) != embedder.is_loaded):
        known = start(key, "Loading a model", work)
    return known


def comparison(state: AppState, result: ClusterResult) -> Job:
    """The job that finds what changed since a result was made; its result is a `Changes`."""
    dataset, _ = opened(state)
    path, now = path_of(state, result.spec.by), (result, dataset.version)
    page = state.of(ClustersState)
    known = page.comparison
    if known is None or page.compared != now:

        def work(job: Job) -> Changes:
            changes = changes_since(result, dataset.root, dataset.snapshot(), settings().vectors)
            if changes.renamed:
                with suppress(WriteFailed):
                    rename_in_kept(path, changes.renamed)
            return changes

        key = JobKey("compare clusters", state.owner, detail=state.session, unasked=True)
        known = start_anew(key, "Comparing clusters", work, wait=SOON / 2)
        page.compared, page.comparison = now, known
    return known


def map_points(state: AppState, result: ClusterResult, theme: str, bright: frozenset[str] | None) -> Points:
    """The map of a result with the captions of today, ready for the browser; with `bright` the others are grey."""
    dataset, _ = opened(state)
    return _points(result, dataset, dataset.version, theme, bright)


@lru_cache(maxsize=4)
def _points(result: ClusterResult, dataset: Dataset, version: int, theme: str, bright: frozenset[str] | None) -> Points:
    return points_of(result, _hovers(result, dataset, version), theme, bright)


@lru_cache(maxsize=2)
def _hovers(result: ClusterResult, dataset: Dataset, version: int) -> list[str]:
    records = map(dataset.get, result.names)
    return hovers_of(result, [record.text if record is not None else "" for record in records])


def load_cluster(state: AppState, result: ClusterResult, number: int) -> None:
    """Load a cluster's samples into the gallery. Raises InvalidInput for a number that it has not."""
    if not 0 <= number < len(result.clusters):
        raise InvalidInput(f"There is no cluster {number}.", f"Choose one from 0 to {len(result.clusters) - 1}.")
    name = result.clusters[number].label
    # The field tells the cluster that is shown, wherever it was chosen.
    st.session_state[number_key(result)] = number
    load_samples(state, Contents(f"Cluster {name}", result.members(number), number))


def number_key(result: ClusterResult) -> str:
    """The field of the cluster's number; of its own for each result, or it would show the name of an earlier one."""
    return f"clusters.cluster.{result.id}"


def load_samples(state: AppState, contents: Contents) -> None:
    """Load samples into the gallery, its side panel closed."""
    state.of(ClustersState).contents = contents
    state.of(Galleries).close(GALLERY)


@dataclass(frozen=True, slots=True)
class Compared:
    """The latest clusters of images and of tags, and how many samples are in each pair of them."""

    images: ClusterResult
    tags: ClusterResult
    table: Crosstab


def compared_clusters(state: AppState) -> Compared | None:
    """The clusters of images by those of tags; None while one of them is missing."""
    images, tags = latest(state, "images"), latest(state, "tags")
    return Compared(images, tags, _crosstab(images, tags)) if images is not None and tags is not None else None


@lru_cache(maxsize=4)
def _crosstab(images: ClusterResult, tags: ClusterResult) -> Crosstab:
    return crosstab(images, tags)
