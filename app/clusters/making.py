"""Clusters of the open folder: what the form asks for, the making of them, and the model made ready.

The settings that the page shows are those of the result that it shows, until somebody changes them.
"""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import get_args

from app.clusters.loading import PANEL
from app.clusters.state import ClustersState
from app.samples.kept_clusters import KeptClusters, Made, latest, latest_making, making_key, making_of, path_of
from app.samples.state import Galleries
from app.session.jobs import SERVER, SOON, JobKey, find, forget, key_of, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.clustering import save_result
from lib.domain import By, ClusterSpec
from lib.embedding.base import Embedder
from lib.embedding.registry import make_embedder, methods
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from lib.settings import settings


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


def make_clusters(state: AppState, spec: ClusterSpec) -> None:
    """Make clusters in the background. What this tab had asked for before is stopped; its vectors are kept."""
    dataset, _ = opened(state)
    maker, path, kept = cache.clusterer(), path_of(state, spec.by), state.of(KeptClusters)

    def work(job: Job) -> Made:
        records = dataset.snapshot()
        result = maker.run(dataset.root, records, spec, progress=job)
        try:
            save_result(path, result)
        except WriteFailed as error:
            return Made(result, error)
        return Made(result, None)

    before = take_up_making(state)
    state.of(ClustersState).spec = spec
    if before is None or not before.is_active or before.is_cancelled() or making_of(before).spec != spec:
        # Else a second click on the same, which joins the first one's work.
        if before is not None and (before.is_active or making_of(before).session == state.session):
            forget(key_of(before))
        before = kept.making = start(making_key(state, dataset, spec), f"Clusters of {spec.by}", work)
    before.wait(SOON)


def take_up_making(state: AppState) -> Job | None:
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
