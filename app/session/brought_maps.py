"""Clusters that come with what is opened, read in the background: a sink's are taken over, a table's are its own."""

from __future__ import annotations

from pathlib import Path

from app.session.jobs import SERVER, SOON, JobKey, find, start, start_anew
from app.session.state import AppState
from lib.clustering import result_path, save_result
from lib.dataset.base import Dataset
from lib.dataset.workspace.roots import resolve_source
from lib.domain import By
from lib.jobs.runner import Job
from lib.memory import give_back
from lib.settings import settings
from lib.tables.cluster_sink import ClusterSink, cluster_sink, take_clusters
from lib.tables.dataset import TableDataset
from lib.tables.opening import MANY_ROWS


def sink_at(state: AppState, path: str | Path) -> ClusterSink | None:
    """What stands behind a sink of clusters, None for anything else. Raises as `cluster_sink`."""
    return cluster_sink(str(path), lambda text: resolve_source(text, settings(), state.owner))


def take_map(state: AppState, sink: ClusterSink, dataset: Dataset) -> Job:
    """Make a sink's clusters the latest ones of its samples, as Load does with those that it makes."""
    samples, name, owner = sink.samples.name, sink.root.name, state.owner
    by: By = "tags" if isinstance(dataset, TableDataset) else sink.by
    instead = ", in place of those that were kept" if map_path(owner, dataset, by).is_file() else ""
    state.done(f"“{name}” holds clusters of “{samples}”: that is open now, and Clusters shows them{instead}")

    def work(job: Job) -> None:
        result = take_clusters(sink, dataset)
        if len(dataset) > MANY_ROWS:
            give_back()
        save_result(map_path(owner, dataset, result.spec.by), result)
        if len(dataset) > MANY_ROWS:
            del result
            give_back()

    return start_anew(_taking(state, dataset), f"Reading the clusters of {sink.root.name}", work, wait=SOON / 2)


def map_that_comes(state: AppState, dataset: Dataset) -> Job | None:
    """What reads the clusters that came with what is open, while it does and there are no others."""
    if (taking := map_being_taken(state, dataset)) is not None:
        return taking
    return None if map_path(state.owner, dataset, "tags").is_file() else own_map_being_read(dataset)


def map_being_taken(state: AppState, dataset: Dataset) -> Job | None:
    """What takes over the clusters of a sink, while it does."""
    job = find(_taking(state, dataset))
    return job if job is not None and job.is_active else None


def own_map_being_read(dataset: Dataset) -> Job | None:
    """What reads the clusters of a table's own columns, begun now unless they are read; None once they are."""
    if not isinstance(dataset, TableDataset) or dataset.known_clusters is not None:
        return None

    def work(job: Job) -> None:
        dataset.own_clusters()
        if len(dataset) > MANY_ROWS:
            give_back()

    # Whoever has the table open shares it.
    key = JobKey("read own clusters", SERVER, dataset.root, id(dataset), unasked=True)
    job = find(key)
    if job is None or job.state == "done":
        # One that has ended was about another opening of the table.
        job = start(key, "Reading the clusters that the table brings", work, wait=SOON / 2)
    return job if job.is_active else None


def map_path(owner: str, dataset: Dataset, by: By) -> Path:
    """Where an owner's clusters of a dataset are kept."""
    # Without its subfolders, or with other tag files, a folder is another set of samples.
    folder = settings().owner_folder(owner)
    return result_path(folder, dataset.root, by, recursive=dataset.recursive, suffix=dataset.suffix)


def _taking(state: AppState, dataset: Dataset) -> JobKey:
    return JobKey("take clusters", state.owner, dataset.root, (dataset.recursive, dataset.suffix))
