"""Clusters of the open folder: what the form asks for, the making of them, and the model made ready.

The settings that the page shows are those of the result that it shows, until somebody changes them.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import get_args

from app.clusters.shown import WHOLE
from app.clusters.state import ClustersState
from app.samples.kept_clusters import KeptClusters, Made, Making, latest, latest_making, making_key, making_of, path_of
from app.session.jobs import SERVER, SOON, JobKey, find, forget, key_of, start
from app.session.open_dataset import opened
from app.session.state import AppState
from lib import cache
from lib.clustering import ClusterResult, save_result
from lib.domain import By, ClusterSpec
from lib.embedding.registry import methods
from lib.errors import WriteFailed
from lib.jobs.runner import Job
from lib.memory import give_back
from lib.scope import Scope, select_in

_LOOK_S = 0.02
_DRAWN_S = 1.2
"""Within which the browser has drawn a map."""
_BEHIND_MAPS_S = 20.0
"""A model that nobody has asked for yet is read after the first map, however slow the machine is, but not for ever."""
_NONE_S = 0.1
"""Within which it is known that a model is not here."""


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
    """Turn to clusters of tags or of images, with the settings that the latest ones were made by.

    What was loaded stays, and stands out on the other map.
    """
    result, page = latest(state, by), state.of(ClustersState)
    former = page.spec or ClusterSpec()
    was_asked_for = result is not None and result is not state.of(KeptClusters).first
    page.spec = result.spec if result is not None and was_asked_for else replace(former, by=by, method=_best_method(by))
    page.pointed = None


def _best_method(by: By) -> str:
    """The default, or where its model is not on this machine the first one whose is, if any."""
    names = methods(by)
    if by == "tags" or cache.embedder(names[0]).is_here():
        return names[0]
    return next((name for name in names if cache.embedder(name).is_here()), names[0])


def begin_with_a_map(state: AppState) -> None:
    """Where there are no clusters yet, make some at once: by words, which need no model; without captions by pictures.

    The form keeps what is better and takes longer.
    """
    page = state.of(ClustersState)
    if not page.has_begun:
        _make_a_first_map(state)
        # Last: a run that another one takes over on the way leaves it to that one.
        page.has_begun = True


def _make_a_first_map(state: AppState) -> None:
    (dataset, _), making = opened(state), latest_making(state)
    # One that failed in another tab, for want of a model say, has left nothing to see.
    if (making is not None and making.is_active) or any(latest(state, by) for by in get_args(By)):
        return
    if dataset.tagged:
        spec = by_words(present_spec(state), dataset.tagged)
    else:
        choose_basis(state, "images")
        spec = present_spec(state)
        if not cache.embedder(spec.method).is_here():
            return
        spec = replace(spec, k=min(spec.k, len(dataset)))
    # Waited for once the page shows where it comes; what the form holds stays.
    state.of(ClustersState).awaits_map = True
    _begin_making(state, spec, is_first=True)


def by_words(form: ClusterSpec, tagged: int) -> ClusterSpec:
    """What the first map of so many captions is made by."""
    return replace(form, by="tags", method="tfidf", k=min(form.k, tagged))


def early_maps(state: AppState) -> list[ClusterResult]:
    """The quick maps of what is being made, shown until it is there."""
    return state.of(KeptClusters).early


def make_clusters(state: AppState, spec: ClusterSpec) -> None:
    """Make clusters in the background. What this tab had asked for before is stopped; its vectors are kept."""
    page, making = state.of(ClustersState), _begin_making(state, spec)
    page.spec, page.awaits_map = spec, False
    _wait_for_a_map(making, state.of(KeptClusters))


def _begin_making(state: AppState, spec: ClusterSpec, *, is_first: bool = False) -> Job:
    dataset, _ = opened(state)
    maker, path, kept = cache.clusterer(), path_of(state, spec.by), state.of(KeptClusters)
    former, early = latest(state, spec.by), list[ClusterResult]()
    former = None if former is kept.first else former

    def work(job: Job) -> Made:
        def show(quick: ClusterResult) -> None:
            early.append(quick)
            # To arrange them takes all cores for seconds: first the quick map is drawn.
            ends = time.monotonic() + _DRAWN_S
            while time.monotonic() < ends and not job.is_cancelled():
                time.sleep(_LOOK_S)

        records = select_in(Scope(), dataset)
        result = maker.run(dataset.root, records, spec, before=former, early=show, progress=job)
        if len(records) > WHOLE:
            give_back()
        if is_first:
            return Made(result, None)
        try:
            save_result(path, result)
        except WriteFailed as error:
            return Made(result, error)
        return Made(result, None)

    before = take_up_making(state)
    if before is None or not before.is_active or before.is_cancelled() or making_of(before).spec != spec:
        # Else a second click on the same, which joins the first one's work.
        if before is not None and (before.is_active or making_of(before).session == state.session):
            forget(key_of(before))
        key = making_key(state, dataset, spec, is_first=is_first)
        kept.early = early
        before = kept.making = start(key, f"Clusters of {spec.by}", work)
    return before


def _wait_for_a_map(job: Job, kept: KeptClusters) -> None:
    """Until there is something to see, or for as long as a click may wait."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends and not kept.early and not job.wait(_LOOK_S):
        pass


def map_came_meanwhile(state: AppState) -> bool:
    """Whether there is a map by now that this run of the page has not taken up.

    The first map is waited for here, as long as a click may wait.
    """
    page, kept = state.of(ClustersState), state.of(KeptClusters)
    job = kept.making
    if job is None:
        return False
    is_waited_for, page.awaits_map = page.awaits_map, False
    if is_waited_for:
        _wait_for_a_map(job, kept)
    return (is_waited_for and bool(kept.early)) or (isinstance(job.result, Made) and kept.taken != job.id)


def take_up_making(state: AppState) -> Job | None:
    """The making of clusters that this tab asked for last; the page turns to its result when it is there."""
    job, page = latest_making(state), state.of(ClustersState)
    if job is not None and isinstance(job.result, Made) and page.shown != job.id:
        page.shown = job.id
        if not making_of(job).is_first:
            page.spec = job.result.result.spec
            # Numbers and names are others now; samples that were chosen on the map are what they were.
            if page.contents is not None and page.contents.cluster is not None:
                page.contents = None
    return job


def is_about(job: Job, spec: ClusterSpec) -> bool:
    """Whether a making of clusters has the basis and the method of a spec."""
    made = making_of(job).spec
    return (made.by, made.method) == (spec.by, spec.method)


def ways_out(spec: ClusterSpec) -> dict[str, ClusterSpec]:
    """What can be had where a model cannot, by name: other methods that are on this machine, and TF-IDF."""
    there = [name for name in methods(spec.by) if name != spec.method and cache.embedder(name).is_here()]
    found = {cache.embedder(name).label: replace(spec, method=name) for name in there}
    return found | {cache.embedder("tfidf").label: ClusterSpec("tags", "tfidf", spec.k)}


def warm(method: str) -> Job:
    """Load a method's model in the background, if it is on this machine; the result says whether it is."""
    embedder = cache.embedder(method)

    def work(job: Job) -> bool:
        if not embedder.is_here():
            return False
        _let_first_maps_be_drawn()
        embedder.load()
        return True

    key = JobKey("warm", SERVER, detail=method, unasked=True)
    known = find(key)
    # What was found then may be so no more: Load has fetched the model, or it was let go because nobody used it.
    if known is None or (not known.is_active and (known.result is True) != embedder.is_loaded):
        # That there is none is found at once; told a moment later, the page with its map would be drawn twice.
        known = start(key, "Loading a model", work, wait=_NONE_S)
    return known


def _let_first_maps_be_drawn() -> None:
    """To read a model takes the pages' turn away for seconds: first there is to be a map."""
    for job in cache.job_runner().active():
        if isinstance(job.key, JobKey) and isinstance(job.key.detail, Making) and job.key.detail.is_first:
            job.wait(_BEHIND_MAPS_S)
