"""Numbers of clusters tried in the background, and whether they were tried on what is there now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from app.clusters.making import present_spec
from app.clusters.state import ClustersState
from app.session.jobs import SOON, JobKey, find, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.clustering import Suggestion, basis
from lib.dataset.base import Dataset
from lib.domain import By, ClusterSpec
from lib.jobs.runner import Job
from lib.scope import Scope, select_in, version_of


@dataclass(frozen=True, slots=True)
class Suggested:
    """Which numbers of clusters were tried, and what they were tried on."""

    suggestion: Suggestion
    basis: bytes


def suggest(state: AppState, spec: ClusterSpec) -> None:
    """Try numbers of clusters in the background."""
    dataset, _ = opened(state)
    maker = cache.clusterer()

    def work(job: Job) -> Suggested:
        records = select_in(Scope(), dataset)
        found = maker.suggest(dataset.root, records, spec.by, spec.method, progress=job)
        return Suggested(found, basis(records, spec.by))

    key = _key(state, spec)
    job = find(key)
    if job is None or not job.is_active:
        job = start(key, f"Trying numbers of clusters of {spec.by}", work)
    job.wait(SOON)


def suggesting(state: AppState, spec: ClusterSpec) -> Job | None:
    """The latest trying of numbers of clusters; its result is a `Suggested`."""
    return find(_key(state, spec))


def is_outdated(state: AppState, spec: ClusterSpec, suggested: Suggested) -> bool:
    """True where numbers of clusters were tried on other captions, or other samples, than there are now."""
    dataset, _ = opened(state)
    return _basis(dataset, version_of(dataset), spec.by) != suggested.basis


@lru_cache(maxsize=8)
def _basis(dataset: Dataset, version: tuple[int, int, int], by: By) -> bytes:
    return basis(select_in(Scope(), dataset), by)


def _key(state: AppState, spec: ClusterSpec) -> JobKey:
    dataset, _ = opened(state)
    return JobKey("suggest k", state.owner, dataset.root, (dataset.recursive, dataset.suffix, spec.by, spec.method))


def take_suggestion(state: AppState, k: int) -> None:
    """Put a number of clusters into the form."""
    state.of(ClustersState).spec = replace(present_spec(state), k=k)
