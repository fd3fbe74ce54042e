"""What changed since clusters were made: found in the background, and images that were renamed since followed."""

from __future__ import annotations

from contextlib import suppress

from app.clusters.shown import WHOLE
from app.clusters.state import ClustersState
from app.samples.kept_clusters import KeptClusters, path_of
from app.session.jobs import SOON, JobKey, start_anew
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.clustering import (
    Changes,
    ClusterResult,
    changes_since,
    rename_in_kept,
)
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from lib.memory import give_back
from lib.records import named
from lib.scope import marks_of, version_of
from lib.settings import settings


def followed(state: AppState, result: ClusterResult) -> ClusterResult:
    """A result with the images that were renamed since under their new names."""
    changes = finding_changes(state, result).result
    if isinstance(changes, Changes) and changes.renamed:
        # Equal captions are renamed images for clusters of tags, and need not be for those of images.
        state.of(KeptClusters).rename(changes.renamed, (result.spec.by,))
        state.of(ClustersState).rename(changes.renamed)
        result = state.of(KeptClusters).results[result.spec.by] or result
    return result


def finding_changes(state: AppState, result: ClusterResult) -> Job:
    """The job that finds what changed since a result was made; its result is a `Changes`."""
    dataset, _ = opened(state)
    path, now = path_of(state, result.spec.by), (result, version_of(dataset))
    page = state.of(ClustersState)
    known = page.comparison
    if known is None or page.compared != now:

        def work(job: Job) -> Changes:
            # What was clustered stays so, left out since or not; new ones that are left out are not missed.
            records = dataset.snapshot()
            if out := marks_of(dataset).left_out:
                records = named(records, out.difference(result.names), are=False)
            changes = changes_since(result, dataset.root, records, settings().vectors)
            if len(records) > WHOLE:
                give_back()
            if changes.renamed:
                with suppress(WriteFailed):
                    rename_in_kept(path, changes.renamed)
            return changes

        key = JobKey("compare clusters", state.owner, detail=state.session, unasked=True)
        known = start_anew(key, "Comparing clusters", work, wait=SOON / 2)
        page.compared, page.comparison = now, known
    return known
