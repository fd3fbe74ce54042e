"""Numbers of clusters tried in the background, and whether they were tried on what is there now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from app.clusters import SOON, of_folder, present_spec
from app.editing import opened
from app.state import AppState
from lib import cache
from lib.clustering import Suggestion, basis
from lib.dataset.scan.folder_dataset import Dataset
from lib.domain import By, ClusterSpec
from lib.jobs.runner import Job


@dataclass(frozen=True, slots=True)
class Suggested:
    """Which numbers of clusters were tried, and what they were tried on."""

    suggestion: Suggestion
    basis: bytes


def suggest(state: AppState, spec: ClusterSpec) -> None:
    """Try numbers of clusters in the background."""
    dataset, _ = opened(state)
    maker, runner = cache.clusterer(), cache.job_runner()

    def work(job: Job) -> Suggested:
        records, _ = dataset.snapshot()
        found = maker.suggest(
            dataset.root, records, spec.by, spec.method, advance=job.advance, cancelled=job.is_cancelled
        )
        return Suggested(found, basis(records, spec.by))

    key = _suggest_key(state, spec)
    job = runner.find(state.owner, key)
    if job is None or not job.is_active:
        job = runner.submit(state.owner, key, f"Trying numbers of clusters of {spec.by}", work)
    job.wait(SOON)


def suggesting(state: AppState, spec: ClusterSpec) -> Job | None:
    """The latest trying of numbers of clusters; its result is a `Suggested`."""
    return cache.job_runner().find(state.owner, _suggest_key(state, spec))


def is_outdated(state: AppState, spec: ClusterSpec, suggested: Suggested) -> bool:
    """True where numbers of clusters were tried on other captions, or other samples, than there are now."""
    dataset, _ = opened(state)
    return _basis(dataset, dataset.version, spec.by) != suggested.basis


@lru_cache(maxsize=8)
def _basis(dataset: Dataset, version: int, by: By) -> bytes:
    return basis(dataset.snapshot()[0], by)


def _suggest_key(state: AppState, spec: ClusterSpec) -> str:
    return f"{of_folder('suggest k', opened(state)[0])}{spec.by}\n{spec.method}"


def take_suggestion(state: AppState, k: int) -> None:
    """Put a number of clusters into the form."""
    state.clusters.spec = replace(present_spec(state), k=k)
