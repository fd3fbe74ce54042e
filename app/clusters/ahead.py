"""The first map by words is made ready in the background once a folder is open, all but the places in its layout.

Whoever then turns to Clusters has a map sooner. It is done only where that takes a second or two, and only while no
page is asked for.
"""

from __future__ import annotations

from app.clusters.making import by_words
from app.clusters.state import ClustersState
from app.samples.kept_clusters import path_of
from app.session.first_imports import wait_for_map_imports
from app.session.jobs import SERVER, JobKey, start
from app.session.open_dataset import opened
from app.session.quiet import wait_for_quiet
from app.session.state import AppState
from lib import cache
from lib.domain import ClusterSpec
from lib.jobs.runner import Job
from lib.scope import Scope, select_in
from lib.tables.dataset import TableDataset

MOST = 20_000
"""Captions up to which it is done: about three seconds of one core, and 10 MB that stay."""
_QUIET_S = 1.0
_LONGEST_S = 60.0
"""On a server where no page rests for so long, who wants a map has it made then."""


def prepare_first_map(state: AppState) -> None:
    """Begin with it, once for each opening of a folder: for a folder with captions and without clusters of its own."""
    page, (dataset, _) = state.of(ClustersState), opened(state)
    if page.is_prepared:
        return
    page.is_prepared = True
    if not 0 < dataset.tagged <= MOST or state.map_job is not None or path_of(state, "tags").is_file():
        return

    spec = by_words(ClusterSpec(), dataset.tagged)

    def work(job: Job) -> None:
        is_quiet = wait_for_map_imports() and wait_for_quiet(_QUIET_S, _LONGEST_S, job.raise_if_cancelled)
        brings = isinstance(dataset, TableDataset) and dataset.own_clusters().result is not None
        if is_quiet and not brings:
            cache.clusterer().make_ready(dataset.root, select_in(Scope(), dataset), spec, job)

    # Whoever has the folder open has the same captions.
    key = JobKey("prepare a map", SERVER, dataset.root, (dataset.recursive, dataset.suffix), unasked=True)
    start(key, "Preparing a map", work)
