"""The latest clusters of the open folder, by tags and by images: as they were kept, and as they are being made.

A tab shows what was made in it; one that has made nothing shows what is kept, which is what the owner made last in any
tab.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

from app.session.brought_maps import map_being_taken, map_path, own_map_being_read
from app.session.jobs import JobKey, all_about, key_of
from app.session.open_dataset import opened
from app.session.state import AppState, RoomState
from lib.clustering import ClusterResult, load_result, rename_in_kept
from lib.column_texts import ColumnTexts
from lib.dataset.base import Dataset
from lib.domain import By, ClusterSpec
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from lib.records import names_of
from lib.tables.dataset import TableDataset
from lib.tables.own_clusters import OwnClusters


@dataclass(frozen=True, slots=True)
class Made:
    """New clusters, and why they could not be kept on disk, if so."""

    result: ClusterResult
    unsaved: WriteFailed | None


@dataclass(frozen=True, slots=True)
class Making:
    """What tells one making of clusters of a folder from another. `opened_as`: its subfolders and tag files."""

    opened_as: tuple[bool, str]
    session: str
    spec: ClusterSpec
    is_first: bool = False
    """Made without being asked for, so that the page does not open empty; not kept on disk."""


@dataclass
class KeptClusters(RoomState):
    """What was made of the open folder."""

    results: dict[By, ClusterResult | None] = field(default_factory=dict)
    """The latest of each kind; None where none is kept."""
    making: Job | None = None
    """What was asked for here last."""
    has_looked: bool = False
    """Looked for what was under way when the folder was opened."""
    taken: str = ""
    """The job whose result was taken in last."""
    first: ClusterResult | None = None
    """What was made without being asked for: later clusters are not numbered by it."""
    early: list[ClusterResult] = field(default_factory=list)
    """What the making of clusters has to show before it has ended; its own list for each making."""

    def rename(self, new_names: Mapping[str, str], bases: Collection[By]) -> None:
        """What was made of tags, of images or of both follows images that have new names."""
        for by in bases:
            if (made := self.results.get(by)) is not None:
                self.results[by] = made.renamed(new_names)

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        """The clusters on disk follow too."""
        self.rename({old: new}, get_args(By))
        for by in get_args(By):
            # Clusters that cannot be written anew find the image by its content when they are shown.
            with suppress(WriteFailed):
                rename_in_kept(path_of(state, by), {old: new})


def path_of(state: AppState, by: By) -> Path:
    """Where the latest clusters of the open folder are kept."""
    return map_path(state.owner, opened(state)[0], by)


def latest(state: AppState, by: By) -> ClusterResult | None:
    """The latest clusters of the open folder by tags or by images, also those of an earlier visit."""
    kept = state.of(KeptClusters)
    known, (dataset, _) = kept.results.get(by), opened(state)
    if (known is None or known is kept.first) and map_being_taken(state, dataset) is None:
        # What somebody asked for, be it in another tab, counts more than what was made to have something to show.
        kept.results[by] = _with_names_of(dataset, load_result(path_of(state, by))) or known
        if by == "tags" and kept.results[by] is None and own_map_being_read(dataset) is None:
            kept.results[by] = own_clusters_of(dataset).result
    return kept.results.get(by)


def _with_names_of(dataset: Dataset, result: ClusterResult | None) -> ClusterResult | None:
    """The same result, which holds no second copy of a table's names: those of a million rows take 30 MB."""
    names = names_of(dataset.snapshot()) if result is not None and isinstance(dataset, TableDataset) else None
    if result is None or not isinstance(names, ColumnTexts) or not isinstance(result.names, ColumnTexts):
        return result
    return replace(result, names=names) if result.names.column.equals(names.column) else result


def own_clusters_of(dataset: Dataset) -> OwnClusters:
    """The clusters of captions that a table brings in columns of its own, as far as they are read."""
    return (dataset.known_clusters if isinstance(dataset, TableDataset) else None) or OwnClusters()


def making_key(state: AppState, dataset: Dataset, spec: ClusterSpec, *, is_first: bool = False) -> JobKey:
    """What a making of clusters in this tab is known by."""
    making = Making((dataset.recursive, dataset.suffix), state.session, spec, is_first)
    return JobKey("clusters", state.owner, dataset.root, making)


def making_of(job: Job) -> Making:
    """What a job makes clusters of, and for which tab."""
    making = key_of(job).detail
    assert isinstance(making, Making)
    return making


def latest_making(state: AppState) -> Job | None:
    """The making of clusters that this tab asked for last; its result is taken in when it is there.

    A tab that has just opened the folder takes up what was under way: it may be the same one after a refresh.
    """
    kept = state.of(KeptClusters)
    if not kept.has_looked:
        kept.has_looked, kept.making = True, _under_way(state)
    job = kept.making
    if job is not None and job.is_active and kept.early:
        kept.results[kept.early[-1].spec.by] = kept.early[-1]
    if job is not None and isinstance(job.result, Made) and kept.taken != job.id:
        result = job.result.result
        kept.taken = job.id
        kept.results[result.spec.by] = result
        kept.first = result if making_of(job).is_first else kept.first
    return job


def _under_way(state: AppState) -> Job | None:
    """The latest making of clusters of the open folder, of this tab if there is one."""
    dataset, _ = opened(state)
    jobs = all_about(making_key(state, dataset, ClusterSpec()))
    jobs = [job for job in jobs if making_of(job).opened_as == (dataset.recursive, dataset.suffix)]
    own = [job for job in jobs if making_of(job).session == state.session]
    return next(reversed(own or jobs), None)
