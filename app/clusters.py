"""Clusters of the open folder: asked for, found again after a refresh or a restart, and what is loaded from them.

The settings that the page shows are those of the result that it shows, until somebody changes them. A tab shows what
was loaded in it; one that has loaded nothing shows what is kept, which is what the owner loaded last in any tab.
"""

from __future__ import annotations

import functools
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import get_args

import streamlit as st

from app.components.scatter import Points, hovers_of, points_of
from app.editing import opened
from app.state import AppState, Contents
from lib import cache
from lib.clustering import (
    Changes,
    Cluster,
    ClusterResult,
    Crosstab,
    changes_since,
    crosstab,
    load_result,
    rename_in_kept,
    result_path,
    save_result,
)
from lib.dataset.scan.folder_dataset import Dataset
from lib.domain import By, ClusterSpec
from lib.embedding.base import Embedder
from lib.embedding.registry import make_embedder, methods
from lib.errors import InvalidInput, WriteFailed
from lib.jobs.runner import Job
from lib.settings import settings

SOON = 0.6
"""Seconds that a click waits for its answer before the page shows that work goes on."""

GALLERY = "clusters.contents"
PANEL = "clusters.map"
"""The two places where a sample opens: beside the gallery, and beside the map."""


@dataclass(frozen=True, slots=True)
class Made:
    """New clusters, and why they could not be kept on disk, if so."""

    result: ClusterResult
    unsaved: WriteFailed | None


def present_spec(state: AppState) -> ClusterSpec:
    """What the form holds; at first what the latest result of the open folder was made by."""
    if state.clusters.spec is None:

        def written(by: By) -> int:
            path = _path(state, by)
            return path.stat().st_mtime_ns if path.is_file() else 0

        choose_basis(state, max(get_args(By), key=written))
    assert state.clusters.spec is not None
    return state.clusters.spec


def choose_basis(state: AppState, by: By) -> None:
    """Turn to clusters of tags or of images, with the settings that the latest ones were made by."""
    result = latest(state, by)
    k = state.clusters.spec.k if state.clusters.spec is not None else ClusterSpec().k
    state.clusters.spec = result.spec if result is not None else ClusterSpec(by, methods(by)[0], k)
    state.clusters.contents = None


def latest(state: AppState, by: By) -> ClusterResult | None:
    """The latest clusters of the open folder by tags or by images, also those of an earlier visit."""
    if state.clusters.results.get(by) is None:
        state.clusters.results[by] = load_result(_path(state, by))
    return state.clusters.results[by]


def followed(state: AppState, result: ClusterResult) -> ClusterResult:
    """A result with the images that were renamed since under their new names."""
    changes = comparison(state, result).result
    if isinstance(changes, Changes) and changes.renamed:
        # Equal captions are renamed images for clusters of tags, and need not be for those of images.
        state.clusters.rename(changes.renamed, (result.spec.by,))
        result = state.clusters.results[result.spec.by] or result
    return result


def _path(state: AppState, by: By) -> Path:
    dataset, _ = opened(state)
    # Without its subfolders, or with other tag files, a folder is another set of samples.
    return result_path(settings(), state.owner, dataset.root, by, recursive=dataset.recursive, suffix=dataset.suffix)


def start(state: AppState, spec: ClusterSpec) -> None:
    """Make clusters in the background. What this tab had asked for before is stopped; its vectors are kept."""
    dataset, _ = opened(state)
    maker, runner, path = cache.clusterer(), cache.job_runner(), _path(state, spec.by)

    def work(job: Job) -> Made:
        records, _ = dataset.snapshot()
        result = maker.run(dataset.root, records, spec, advance=job.advance, cancelled=job.is_cancelled)
        try:
            save_result(path, result)
        except WriteFailed as error:
            return Made(result, error)
        return Made(result, None)

    before, wanted = running(state), f"\n{spec.by}\n{spec.method}\n{spec.k}\n{spec.seed}"
    state.clusters.spec = spec
    if before is None or not before.is_active or before.is_cancelled() or not before.key.endswith(wanted):
        # Else a second click on the same, which joins the first one's work.
        if before is not None and (before.is_active or state.session in before.key):
            runner.forget(state.owner, before.key)
        key = f"{of_folder('clusters', dataset)}{state.session}{wanted}"
        before = state.clusters.making = runner.submit(state.owner, key, f"Clusters of {spec.by}", work)
    before.wait(SOON)


def running(state: AppState) -> Job | None:
    """The making of clusters that this tab asked for last; its result is taken in when it is there.

    A tab that has just opened the folder takes up what was under way: it may be the same one after a refresh.
    """
    if not state.clusters.has_looked:
        state.clusters.has_looked, state.clusters.making = True, _latest_job(state)
    job = state.clusters.making
    if job is not None and isinstance(job.result, Made) and state.clusters.taken != job.id:
        result = job.result.result
        state.clusters.taken = job.id
        state.clusters.results[result.spec.by] = result
        state.clusters.spec = result.spec
        state.clusters.contents = None
        state.gallery(PANEL).is_open = False
    return job


def is_about(job: Job, spec: ClusterSpec) -> bool:
    """Whether a making of clusters has the basis and the method of a spec."""
    return f"\n{spec.by}\n{spec.method}\n" in job.key


def _latest_job(state: AppState) -> Job | None:
    """The latest making of clusters of the open folder, of this tab if there is one."""
    place = of_folder("clusters", opened(state)[0])
    jobs = [job for job in cache.job_runner().of(state.owner) if job.key.startswith(place)]
    own = [job for job in jobs if job.key.startswith(place + state.session)]
    return next(reversed(own or jobs), None)


def of_folder(what: str, dataset: Dataset) -> str:
    """How the keys of jobs begin that are about a folder as it was opened."""
    return f"{what}\n{dataset.root}\n{dataset.recursive}\n{dataset.suffix}\n"


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

    runner, key = cache.background_runner(), f"warm {method}"
    known = runner.find("server", key)
    # What was found then may be so no more: Load has fetched the model, or it was let go because nobody used it.
    if known is None or (not known.is_active and (known.result is True) != embedder.is_loaded):
        known = runner.submit("server", key, "Loading a model", work)
    return known


def comparison(state: AppState, result: ClusterResult) -> Job:
    """The job that finds what changed since a result was made; its result is a `Changes`."""
    dataset, _ = opened(state)
    path, now = _path(state, result.spec.by), (result, dataset.version)
    known = state.clusters.comparison
    if known is None or state.clusters.compared != now:

        def work(job: Job) -> Changes:
            changes = changes_since(result, dataset.root, dataset.snapshot()[0], settings().vectors)
            if changes.renamed:
                with suppress(WriteFailed):
                    rename_in_kept(path, changes.renamed)
            return changes

        runner, key = cache.background_runner(), f"clusters changes\n{state.session}"
        runner.forget(state.owner, key)
        known = runner.submit(state.owner, key, "Comparing clusters", work)
        state.clusters.compared, state.clusters.comparison = now, known
        known.wait(SOON / 2)
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
    name = label_of(result.clusters[number])
    # The field tells the cluster that is shown, wherever it was chosen.
    st.session_state[number_key(result)] = number
    load_samples(state, Contents(f"Cluster {name}", result.members(number), number))


def number_key(result: ClusterResult) -> str:
    """The field of the cluster's number; of its own for each result, or it would show the name of an earlier one."""
    return f"clusters.cluster.{result.id}"


def load_samples(state: AppState, contents: Contents) -> None:
    """Load samples into the gallery, its side panel closed."""
    state.clusters.contents = contents
    state.galleries.pop(GALLERY, None)


def label_of(cluster: Cluster) -> str:
    """A cluster's number and name. Foreign text."""
    return f"{cluster.number} {', '.join(cluster.words)}".rstrip()


def compared_clusters(state: AppState) -> tuple[ClusterResult, ClusterResult, Crosstab] | None:
    """The latest clusters of images and of tags, and the one by the other; None while one of them is missing."""
    images, tags = latest(state, "images"), latest(state, "tags")
    return (images, tags, _crosstab(images, tags)) if images is not None and tags is not None else None


@lru_cache(maxsize=4)
def _crosstab(images: ClusterResult, tags: ClusterResult) -> Crosstab:
    return crosstab(images, tags)
