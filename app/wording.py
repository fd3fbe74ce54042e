"""What captions are made of, counted in the background for the Word Cloud page, and the samples behind each count."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.bulk import start
from app.cluster_choices import GROUPINGS, basis_of, chosen_cluster, kept_clusters, numbers_of
from app.clusters import label_of
from app.editing import opened
from app.filtering import saved_scope
from app.opening import preferences
from app.scoping import records_in_scope, set_scope, take_scope
from app.state import AppState
from lib.clustering import ClusterResult
from lib.dataset.collection import Dataset
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.keywords import parse, quoted
from lib.scope import Scope, in_words, select_in
from lib.text import spreadsheet_cell
from lib.words import (
    Bar,
    Cloud,
    Counting,
    Counts,
    Typical,
    Unit,
    compare,
    count_each,
    draw_cloud,
    duplicates,
    lengths,
    opening,
    openings,
    stop_words,
)

KEY = "words"
"""Of the gallery of what was clicked."""

REST = "The rest of the folder"


@dataclass(frozen=True, slots=True)
class Options:
    """How words are counted and drawn. `cluster`: "", or the cluster within the scope that alone is counted.

    `against`: "" to compare with nothing, `REST`, another cluster, or a saved filter.
    """

    unit: Unit = "words"
    fold_case: bool = True
    drop_punctuation: bool = True
    fold_plurals: bool = False
    seed: int = 7
    cluster: str = ""
    against: str = ""
    by: str = ""
    """Groups that are counted side by side: "" for none, "Folders", "Saved filters" or one of `GROUPINGS`."""
    dark: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that was counted, and of what: of which captions, in which scope and clusters, with which stop words."""

    options: Options
    scope: Scope
    clusters: list[ClusterResult]
    stop: frozenset[str]
    records: list[ImageRecord]
    counts: Counts
    cloud: Cloud | None
    groups: Mapping[str, Counts]
    typical: list[Typical]
    lengths: list[Bar]
    openings: list[tuple[str, int]]
    duplicates: list[list[ImageRecord]]

    @property
    def captions(self) -> int:
        return sum(record.is_tagged for record in self.records)


@dataclass(frozen=True, slots=True)
class Found:
    """The samples behind a word, an opening or a repeated caption. `words` are marked in their texts."""

    title: str
    label: str
    names: tuple[str, ...]
    words: tuple[str, ...] = ()


def stop_words_of(state: AppState) -> frozenset[str]:
    """The usual stop words, with the changes of the owner."""
    return stop_words(*preferences(state).stop_words())


def load(state: AppState, options: Options) -> None:
    """Count the words of the captions in scope, and draw them. Raises InvalidInput for a wrong query."""
    take_scope(state)
    scope, records = _counted(state, options)
    clusters = _clusters(state, options)
    groups = _groups(state, options, records)
    others = _others(state, options, records)
    stop = stop_words_of(state)
    counting = Counting(options.unit, options.fold_case, options.drop_punctuation, options.fold_plurals, stop)

    def work(job: Job) -> Loaded:
        texts = [record.text for record in records]
        each = count_each({"": texts}, counting)
        job.raise_if_cancelled()
        cloud = _draw(each[""], options)
        return Loaded(
            options,
            scope,
            clusters,
            stop,
            records,
            each[""],
            cloud,
            count_each(groups, counting) if groups else {},
            compare(texts, others, counting) if others is not None else [],
            lengths(texts),
            openings(texts),
            duplicates(records),
        )

    state.words.found = None
    state.words.loaded = start(state, f"words\n{state.session}", "Counting words", work)


def _draw(counts: Counts, options: Options) -> Cloud | None:
    """The picture, None where there is no word that can be drawn."""
    try:
        return draw_cloud(counts.counted, dark=options.dark, seed=options.seed)
    except InvalidInput:
        return None


def _counted(state: AppState, options: Options) -> tuple[Scope, list[ImageRecord]]:
    """The scope, within the cluster that was chosen, and its records."""
    scope, records = state.scope, records_in_scope(state)
    if not options.cluster:
        return scope, records
    cluster, names = chosen_cluster(state, options.cluster)
    label = f"Cluster {label_of(cluster)}"
    if scope.names is not None:
        names &= scope.names
        label = f"{in_words(Scope(names=scope.names, label=scope.label))} · {label}"
    return replace(scope, names=names, label=label), [record for record in records if record.name in names]


def _clusters(state: AppState, options: Options) -> list[ClusterResult]:
    """The results that the options are about."""
    used = {GROUPINGS.get(options.by), basis_of(options.cluster), basis_of(options.against)}
    return [result for by, result in kept_clusters(state).items() if by in used]


def _groups(state: AppState, options: Options, records: Sequence[ImageRecord]) -> dict[str, list[str]]:
    """The captions that are counted, or all in scope where they are told apart by cluster; the largest group first."""
    groups: dict[str, list[str]] = {}
    if options.by == "Folders":
        for record in records:
            groups.setdefault(record.folder or "(top folder)", []).append(record.text)
    elif options.by in GROUPINGS:
        result = kept_clusters(state)[GROUPINGS[options.by]]
        numbers = numbers_of(result)
        for record in records_in_scope(state):
            if (number := numbers.get(record.name)) is not None:
                groups.setdefault(label_of(result.clusters[number]), []).append(record.text)
    elif options.by:
        for name in preferences(state).filters():
            groups[name] = [record.text for record in select_in(saved_scope(state, name), opened(state)[0])]
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _others(state: AppState, options: Options, records: Sequence[ImageRecord]) -> list[str] | None:
    """The captions that those that are counted are compared with."""
    if not options.against:
        return None
    dataset: Dataset = opened(state)[0]
    if basis_of(options.against):
        _, names = chosen_cluster(state, options.against)
        return [record.text for record in dataset.snapshot()[0] if record.name in names]
    if options.against != REST:
        return [record.text for record in select_in(saved_scope(state, options.against), dataset)]
    here = {record.name for record in records}
    return [record.text for record in dataset.snapshot()[0] if record.name not in here]


def is_stale(state: AppState, loaded: Loaded, options: Options) -> bool:
    """True where another load would give something else."""
    scope, records = _counted(state, options)
    now = (options, scope, _clusters(state, options), stop_words_of(state), records)
    return now != (loaded.options, loaded.scope, loaded.clusters, loaded.stop, loaded.records)


def find_term(state: AppState, loaded: Loaded, term: str) -> None:
    """Look for the samples in which a term was counted."""
    plurals = (plural for plural, single in loaded.counts.plurals.items() if single == term)
    title = f"“{term}”"

    def choose() -> list[ImageRecord]:
        return loaded.counts.holding(term, loaded.records)

    _find(state, title, f"with {title}", choose, (term, *plurals))


def find_opening(state: AppState, loaded: Loaded, start_of: str) -> None:
    """Look for the samples whose captions begin with some words."""
    title = f"“{start_of} …”"
    _find(
        state,
        f"Captions that begin with {title}",
        f"begins with {title}",
        lambda: [record for record in loaded.records if opening(record.text) == start_of],
        (start_of,),
    )


def show_repeated(state: AppState, loaded: Loaded, place: int) -> None:
    """Show the samples of one group whose captions are the same."""
    group = loaded.duplicates[place]
    _find(state, "Captions that are the same", f"the same caption as {group[0].name}", lambda: group, ())


def _find(
    state: AppState, title: str, label: str, choose: Callable[[], list[ImageRecord]], words: tuple[str, ...]
) -> None:
    def work(job: Job) -> Found:
        return Found(title, label, tuple(record.name for record in choose()), words)

    state.galleries.pop(KEY, None)
    state.words.found = start(state, f"words samples\n{state.session}", "Looking for samples", work)


def records_of(state: AppState, found: Found) -> list[ImageRecord]:
    """The samples that were found, as they are now; those that are gone are left out."""
    dataset, _ = opened(state)
    return [record for name in found.names if (record := dataset.get(name)) is not None]


def marks_of(found: Found) -> Callable[[str], list[tuple[int, int]]] | None:
    """What marks the words of what was clicked in a caption."""
    # Words that follow one another may have more than a blank between them in the caption.
    single = dict.fromkeys(word for term in found.words for word in term.split())
    # Of a whole caption that was clicked as one tag, or of none, no words are marked.
    with suppress(InvalidInput):
        return parse(", ".join(map(quoted, single)), whole_words=True).spans
    return None


def use_found(state: AppState, loaded: Loaded, found: Found) -> None:
    """Make the samples that were found the scope."""
    before = "" if loaded.scope == Scope() else f"{in_words(loaded.scope)} · "
    set_scope(state, Scope(names=frozenset(found.names), label=before + found.label))


def forget_found(state: AppState) -> None:
    """Show no samples any more."""
    state.words.found = None


def as_csv(counts: Counts) -> bytes:
    """All words with their counts, the most frequent first, as a spreadsheet reads it (UTF-8 with BOM)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([counts.counting.unit.removesuffix("s"), "count"])
    writer.writerows((spreadsheet_cell(term), count) for term, count in counts.counted.items())
    return buffer.getvalue().encode("utf-8-sig")
