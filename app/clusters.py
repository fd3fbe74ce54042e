"""Clusters of the open folder: asked for, found again after a refresh or a restart, and what is loaded from them.

The settings that the page shows are those of the result that it shows, until somebody changes them.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import get_args

from app.components.scatter import Points, points_of
from app.editing import opened
from app.scoping import set_scope
from app.state import AppState, Contents
from lib import cache
from lib.clustering import (
    Changes,
    Cluster,
    ClusterResult,
    Crosstab,
    Suggestion,
    changes_since,
    crosstab,
    load_result,
    result_path,
    save_result,
)
from lib.dataset.collection import Dataset
from lib.domain import By, ClusterSpec, ImageRecord
from lib.embedding.registry import make_embedder, methods
from lib.errors import InvalidInput, WriteFailed
from lib.jobs.runner import Job
from lib.scope import Scope
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


@dataclass(frozen=True, slots=True)
class Suggested:
    """Which numbers of clusters were tried, of what."""

    spec: ClusterSpec
    suggestion: Suggestion


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
    if by not in state.clusters.results:
        state.clusters.results[by] = load_result(_path(state, by))
    return state.clusters.results[by]


def _path(state: AppState, by: By) -> Path:
    return result_path(settings(), state.owner, opened(state)[0].root, by)


def start(state: AppState, spec: ClusterSpec) -> None:
    """Make clusters in the background. What is made with other settings is stopped; its vectors are kept."""
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

    key = f"{_prefix(dataset)}{spec.by}\n{spec.method}\n{spec.k}\n{spec.seed}"
    for job in _jobs(state):
        # A second click on the same joins the first one's work.
        if job.key != key or not job.is_active:
            runner.forget(state.owner, job.key)
    state.clusters.spec = spec
    runner.submit(state.owner, key, f"Clusters of {spec.by}", work).wait(SOON)


def running(state: AppState) -> Job | None:
    """The latest making of clusters of the open folder; its result is taken in when it is there."""
    job = next(iter(reversed(_jobs(state))), None)
    if job is not None and isinstance(job.result, Made) and state.clusters.taken != job.id:
        result = job.result.result
        state.clusters.taken = job.id
        state.clusters.results[result.spec.by] = result
        state.clusters.spec = result.spec
        state.clusters.contents = None
        state.gallery(PANEL).is_open = False
    return job


def _jobs(state: AppState) -> list[Job]:
    prefix = _prefix(opened(state)[0])
    return [job for job in cache.job_runner().of(state.owner) if job.key.startswith(prefix)]


def _prefix(dataset: Dataset) -> str:
    return f"clusters\n{dataset.root}\n"


def warm(method: str) -> Job:
    """Load a method's model in the background, if it is on this machine; the result says whether it is."""
    embedder = cache.embedders().get(method, functools.partial(make_embedder, method, settings()))

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
    now = result, dataset.version
    known = state.clusters.comparison
    if known is None or state.clusters.compared != now:

        def work(job: Job) -> Changes:
            return changes_since(result, dataset.root, dataset.snapshot()[0], settings().vectors)

        runner, key = cache.background_runner(), f"clusters changes\n{state.session}"
        runner.forget(state.owner, key)
        known = runner.submit(state.owner, key, "Comparing clusters", work)
        state.clusters.compared, state.clusters.comparison = now, known
        known.wait(SOON / 2)
    return known


def map_points(state: AppState, result: ClusterResult, theme: str) -> Points:
    """The map of a result with the captions of today, ready for the browser."""
    dataset, _ = opened(state)
    return _points(result, dataset, dataset.version, theme)


@lru_cache(maxsize=4)
def _points(result: ClusterResult, dataset: Dataset, version: int, theme: str) -> Points:
    records = map(dataset.get, result.names)
    return points_of(result, [record.text if record is not None else "" for record in records], theme)


def load_cluster(state: AppState, result: ClusterResult, number: int) -> None:
    """Load a cluster's samples into the gallery. Raises InvalidInput for a number that it has not."""
    if not 0 <= number < len(result.clusters):
        raise InvalidInput(f"There is no cluster {number}.", f"Choose one from 0 to {len(result.clusters) - 1}.")
    name = label_of(result.clusters[number])
    load_samples(state, Contents(f"Cluster {name}", result.members(number), number))


def load_samples(state: AppState, contents: Contents) -> None:
    """Load samples into the gallery, its side panel closed."""
    state.clusters.contents = contents
    state.galleries.pop(GALLERY, None)


def label_of(cluster: Cluster) -> str:
    """A cluster's number and name. Foreign text."""
    return f"{cluster.number} {', '.join(cluster.words)}".rstrip()


def records_of(state: AppState, names: Sequence[str]) -> list[ImageRecord]:
    """The records of samples that are still in the open folder."""
    dataset, _ = opened(state)
    return [record for name in names if (record := dataset.get(name)) is not None]


def use_as_scope(state: AppState, contents: Contents) -> None:
    """Make the samples in the gallery what the next action is about."""
    set_scope(state, Scope(names=frozenset(contents.names), label=contents.label))


def compared_clusters(state: AppState) -> tuple[ClusterResult, ClusterResult, Crosstab] | None:
    """The latest clusters of images and of tags, and the one by the other; None while one of them is missing."""
    images, tags = latest(state, "images"), latest(state, "tags")
    return (images, tags, _crosstab(images, tags)) if images is not None and tags is not None else None


@lru_cache(maxsize=4)
def _crosstab(images: ClusterResult, tags: ClusterResult) -> Crosstab:
    return crosstab(images, tags)


def suggest(state: AppState, spec: ClusterSpec) -> None:
    """Try numbers of clusters in the background."""
    dataset, _ = opened(state)
    maker, runner = cache.clusterer(), cache.job_runner()

    def work(job: Job) -> Suggested:
        records, _ = dataset.snapshot()
        found = maker.suggest(
            dataset.root, records, spec.by, spec.method, advance=job.advance, cancelled=job.is_cancelled
        )
        return Suggested(spec, found)

    key = _suggest_key(state, spec)
    job = runner.find(state.owner, key)
    if job is None or not job.is_active:
        job = runner.submit(state.owner, key, f"Trying numbers of clusters of {spec.by}", work)
    job.wait(SOON)


def suggesting(state: AppState, spec: ClusterSpec) -> Job | None:
    """The latest trying of numbers of clusters; its result is a `Suggested`."""
    return cache.job_runner().find(state.owner, _suggest_key(state, spec))


def _suggest_key(state: AppState, spec: ClusterSpec) -> str:
    return f"suggest k\n{opened(state)[0].root}\n{spec.by}\n{spec.method}"


def take_suggestion(state: AppState, k: int) -> None:
    """Put a number of clusters into the form."""
    state.clusters.spec = replace(present_spec(state), k=k)
