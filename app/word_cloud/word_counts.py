"""What captions are made of, counted in the background for the Word Cloud page."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.samples.cluster_choices import (
    GROUPINGS,
    ClusterChoice,
    chosen_cluster,
    clusters_by_kind,
    numbers_of,
    scope_label,
)
from app.samples.scope import records_in_scope, saved_scope, take_scope
from app.session.jobs import JobKey, start_anew
from app.session.open_dataset import opened, preferences
from app.session.state import AppState
from app.word_cloud.state import WordsState
from lib.clustering import ClusterResult
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.records import at_places, count_tagged, named, names_of, texts_of
from lib.scope import Scope, in_words, select_in
from lib.text import spreadsheet_cell
from lib.words import (
    Bar,
    Cloud,
    Counting,
    Counts,
    SmallClouds,
    Typical,
    Unit,
    compare,
    count_each,
    draw_cloud,
    duplicates,
    largest_share,
    lengths,
    openings,
    small_clouds,
    stop_words,
)

REST = "The rest of the folder"


@dataclass(frozen=True, slots=True)
class CountOptions:
    """How words are counted and drawn. `cluster`: the one within the scope that alone is counted.

    `against`: "" to compare with nothing, `REST`, another cluster, or a saved filter.
    """

    unit: Unit = "words"
    fold_case: bool = True
    drop_punctuation: bool = True
    fold_plurals: bool = False
    seed: int = 7
    cluster: ClusterChoice | None = None
    against: ClusterChoice | str = ""
    by: str = ""
    """Groups that are counted side by side: "" for none, "Folders", "Saved filters" or one of `GROUPINGS`."""
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One of several groups of captions that stand side by side. `label`: what its samples are called as a scope."""

    name: str
    label: str
    counts: Counts
    records: Sequence[ImageRecord]

    @property
    def captions(self) -> int:
        return count_tagged(self.records)


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that was counted, and of what: of which captions, in which scope and clusters, with which stop words."""

    options: CountOptions
    scope: Scope
    clusters: list[ClusterResult]
    stop: frozenset[str]
    records: Sequence[ImageRecord]
    counts: Counts
    cloud: Cloud | None
    sides: list[Side]
    """What stands side by side: the groups that were asked for, else the two sides of a comparison."""
    small: SmallClouds | None
    """Their clouds."""
    typical: list[Typical]
    others: Sequence[ImageRecord]
    """What they were compared with, as `others_counts` and `others_label` tell."""
    others_counts: Counts
    others_label: str
    csv: bytes
    lengths: list[Bar]
    openings: list[tuple[str, int]]
    duplicates: list[Sequence[ImageRecord]]

    @property
    def captions(self) -> int:
        return count_tagged(self.records)


def stop_words_of(state: AppState) -> frozenset[str]:
    """The usual stop words, with the changes of the owner."""
    return stop_words(*preferences(state).stop_words())


def load(state: AppState, options: CountOptions) -> None:
    """Count the words of the captions in scope, and draw them. Raises InvalidInput for a wrong query."""
    take_scope(state)
    begin(state, options)


def begin(state: AppState, options: CountOptions) -> None:
    """The same for the scope as it is, whatever the scope bar holds."""
    scope, records = _counted(state, options)
    clusters = _clusters(state, options)
    # Saved filters are looked for in the job: that may take a while.
    groups_of, others_of = _groups(state, options, records), _others(state, options, records)
    others_label = _others_label(state, options)
    stop = stop_words_of(state)
    counting = Counting(options.unit, options.fold_case, options.drop_punctuation, options.fold_plurals, stop)

    def work(job: Job) -> Loaded:
        groups, others = groups_of(), others_of()
        job.raise_if_cancelled()
        # All at once, so that a plural is the same word everywhere on the page.
        counts, there, *each = count_each([texts_of(some) for some in (records, others, *groups.values())], counting)
        job.raise_if_cancelled()
        sides = _sides(options, scope, groups, each)
        if not sides and others:
            sides = [Side(in_words(scope), in_words(scope), counts, records)]
            sides.append(Side(others_label, others_label, there, others))
        texts = texts_of(records)
        return Loaded(
            options,
            scope,
            clusters,
            stop,
            records,
            counts,
            _draw(counts, options),
            sides,
            _draw_small(sides),
            compare(counts, there),
            others,
            there,
            others_label,
            as_csv(counts),
            lengths(texts),
            openings(texts),
            duplicates(records),
        )

    words = state.of(WordsState)
    words.found, words.term, words.side = None, "", ""
    words.loaded = start_anew(JobKey("words", state.owner, detail=state.session), "Counting words", work)


def _sides(
    options: CountOptions, scope: Scope, groups: Mapping[str, Sequence[ImageRecord]], each: Sequence[Counts]
) -> list[Side]:
    is_within = options.by == "Folders" and scope != Scope()
    first = f"{in_words(scope)} · " if is_within else "Cluster " if options.by in GROUPINGS else ""
    return [
        Side(name, f"{first}{name}", counts, records)
        for (name, records), counts in zip(groups.items(), each, strict=True)
    ]


def _draw_small(sides: Sequence[Side]) -> SmallClouds | None:
    groups = [(side.counts, side.captions) for side in sides]
    return small_clouds(groups, largest_share(groups)) if groups else None


def _draw(counts: Counts, options: CountOptions) -> Cloud | None:
    """The picture, None where there is no word that can be drawn."""
    try:
        return draw_cloud(counts.counted, dark=options.dark, seed=options.seed)
    except InvalidInput:
        return None


def _counted(state: AppState, options: CountOptions) -> tuple[Scope, Sequence[ImageRecord]]:
    """The scope, within the cluster that was chosen, and its records."""
    scope, records = state.scope, records_in_scope(state)
    if options.cluster is None:
        return scope, records
    cluster, names = chosen_cluster(state, options.cluster)
    label = scope_label(cluster)
    if scope.names is not None:
        names &= scope.names
        label = f"{in_words(Scope(names=scope.names, label=scope.label))} · {label}"
    return replace(scope, names=names, label=label), named(records, names)


def _clusters(state: AppState, options: CountOptions) -> list[ClusterResult]:
    """The results that the options are about."""
    chosen = [one for one in (options.cluster, options.against) if isinstance(one, ClusterChoice)]
    used = {GROUPINGS.get(options.by), *(one.by for one in chosen)}
    return [result for by, result in clusters_by_kind(state).items() if by in used]


def _groups(
    state: AppState, options: CountOptions, records: Sequence[ImageRecord]
) -> Callable[[], dict[str, Sequence[ImageRecord]]]:
    """What gives the records that are counted, told apart, or all in scope by their clusters; the largest group first.

    It touches no session.
    """
    dataset = opened(state)[0]
    filters = preferences(state).filters() if options.by == "Saved filters" else ()
    scopes = {name: saved_scope(state, name) for name in filters}
    clusters = clusters_by_kind(state)[GROUPINGS[options.by]] if options.by in GROUPINGS else None
    shown = records_in_scope(state) if clusters is not None else records

    def groups() -> dict[str, Sequence[ImageRecord]]:
        found = {name: select_in(scope, dataset) for name, scope in scopes.items()}
        if options.by == "Folders" or clusters is not None:
            found = _told_apart(shown, clusters)
        return dict(sorted(found.items(), key=lambda group: -len(group[1])))

    return groups


def _told_apart(records: Sequence[ImageRecord], clusters: ClusterResult | None) -> dict[str, Sequence[ImageRecord]]:
    """The captions by their clusters, or by their folders."""
    numbers = numbers_of(clusters) if clusters is not None else {}
    groups: dict[str, list[int]] = {}
    for place, name in enumerate(names_of(records)):
        if clusters is None:
            groups.setdefault(name.rpartition("/")[0] or "(top folder)", []).append(place)
        elif (number := numbers.get(name)) is not None:
            groups.setdefault(clusters.clusters[number].label, []).append(place)
    return {label: at_places(records, places) for label, places in groups.items()}


def _others(
    state: AppState, options: CountOptions, records: Sequence[ImageRecord]
) -> Callable[[], Sequence[ImageRecord]]:
    """What gives the records that those that are counted are compared with. It touches no session."""
    dataset: Dataset = opened(state)[0]
    if not options.against:
        return list
    if isinstance(options.against, ClusterChoice):
        _, names = chosen_cluster(state, options.against)
        return lambda: named(select_in(Scope(), dataset), names)
    if options.against != REST:
        scope = saved_scope(state, options.against)
        return lambda: select_in(scope, dataset)
    here = frozenset(names_of(records))
    return lambda: named(select_in(Scope(), dataset), here, are=False)


def _others_label(state: AppState, options: CountOptions) -> str:
    """What they are called. Foreign text."""
    if not isinstance(options.against, ClusterChoice):
        return options.against
    cluster, _ = chosen_cluster(state, options.against)
    return scope_label(cluster)


def is_stale(state: AppState, loaded: Loaded, options: CountOptions) -> bool:
    """True where another load would give something else."""
    scope, records = _counted(state, options)
    # The page draws the picture by the theme itself; only what can be downloaded keeps the one that it was made for.
    options = replace(options, dark=loaded.options.dark)
    now = (options, scope, _clusters(state, options), stop_words_of(state), records)
    return now != (loaded.options, loaded.scope, loaded.clusters, loaded.stop, loaded.records)


def as_csv(counts: Counts) -> bytes:
    """All words, how often they occur and in how many samples: the most frequent first, in UTF-8 with BOM."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([counts.counting.unit.removesuffix("s"), "count", "samples"])
    rows = ((spreadsheet_cell(term), times, counts.samples[term]) for term, times in counts.counted.items())
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")
