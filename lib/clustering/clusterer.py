"""From a dataset and a ClusterSpec to a ClusterResult; another k costs k-means alone."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lib.clustering.base import MOST_CLUSTERS, Cluster, ClusterResult
from lib.clustering.kmeans import Partition, partition
from lib.clustering.layouts import LAYOUTS
from lib.clustering.matching import Kept, keep_numbers
from lib.clustering.naming import Terms, count_terms, name_clusters
from lib.clustering.placing import Maps, placed
from lib.clustering.quality import SHOWN, by_distance, silhouettes, whole_silhouette
from lib.clustering.reduce import Reduced, reduce
from lib.clustering.samples import Samples, samples_of, texts_named, vectors_of
from lib.clustering.suggest import Suggestion, suggest_k
from lib.domain import By, ClusterSpec, ImageRecord, Outcome
from lib.embedding.base import Embedder
from lib.embedding.registry import check_method
from lib.errors import Cancelled, InvalidInput
from lib.progress import NOBODY, Progress
from lib.text import counted

if TYPE_CHECKING:
    import numpy as np

_FEW = 20_000
_KEPT = 3
"""Prepared datasets that stay in memory: for 100,000 samples about 50 MB each."""
_GROUPS_KEPT = 4
"""Of each of them: for 100,000 samples half a megabyte."""
_LOOK_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Clusters numbered by size, and how well apart each of the k is: its mean silhouette, float64 of shape (k,)."""

    found: Partition
    quality: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """All that does not depend on k: the reduced vectors, the captions' terms, and the maps that were made."""

    model: str
    names: Sequence[str]
    keys: np.ndarray
    reduced: Reduced
    terms: Terms
    left_out: dict[str, int]
    failed: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    maps: Maps = field(default_factory=dict)
    groups: OrderedDict[tuple[int, int], Grouping] = field(default_factory=OrderedDict)
    """What was made of it lately, by the number of clusters and the seed."""
    lock: threading.Lock = field(default_factory=threading.Lock)


_Place = tuple[Path, str, bytes]
"""A folder, an embedder, and the stamp of what was there."""


class Clusterer:
    """Makes clusters, and remembers the last few datasets in the form that k-means takes. One for the whole server.

    `embedder_for` gives the embedder of a name, the same one each time. `vectors` is the folder where vectors are kept.
    """

    def __init__(
        self, embedder_for: Callable[[str], Embedder], vectors: Path, stop_words: Collection[str] = ()
    ) -> None:
        self._embedder_for = embedder_for
        self._vectors = vectors
        self._stop_words = stop_words
        self._lock = threading.Lock()
        self._prepared: OrderedDict[_Place, Prepared] = OrderedDict()
        self._under_way: dict[_Place, threading.Lock] = {}

    def run(
        self,
        root: Path,
        records: Sequence[ImageRecord],
        spec: ClusterSpec,
        *,
        before: ClusterResult | None = None,
        early: Callable[[ClusterResult], object] | None = None,
        progress: Progress = NOBODY,
    ) -> ClusterResult:
        """The clusters of a dataset's records: by tags of the tagged ones, by images of all.

        `progress` hears of the samples embedded, then of the steps of the layout. Clusters keep the numbers that they
        had in `before`, samples their places. `early` gets the clusters on a quick map where the layout takes long.
        Raises InvalidInput (nothing tagged, a method that does not fit, more clusters than samples or than
        `MOST_CLUSTERS`), ModelUnavailable, MissingDependency, WriteFailed, and Cancelled, after which the vectors made
        so far are kept.
        """
        LAYOUTS.check(spec.layout)
        samples = _checked(root, records, spec.by, spec.method)
        check_k(spec.k, len(samples.records), spec.by)
        prepared = self.prepare(samples, spec.by, spec.method, progress)
        result = cluster(prepared, spec, check=lambda: _raise_if_cancelled(progress), before=before)
        return placed(result, prepared.reduced.points, prepared.maps, before, early, progress)

    def suggest(
        self,
        root: Path,
        records: Sequence[ImageRecord],
        by: By,
        method: str,
        *,
        progress: Progress = NOBODY,
    ) -> Suggestion:
        """Which number of clusters fits. Raises as `run`."""
        samples = _checked(root, records, by, method)
        prepared = self.prepare(samples, by, method, progress)
        return suggest_k(prepared.reduced.points, advance=progress.advance, check=lambda: _raise_if_cancelled(progress))

    def make_ready(
        self, root: Path, records: Sequence[ImageRecord], spec: ClusterSpec, progress: Progress = NOBODY
    ) -> None:
        """Have ready what `run` makes first of these records: all but their places in the layout. Raises as `run`."""
        prepared = self.prepare(_checked(root, records, spec.by, spec.method), spec.by, spec.method, progress)
        cluster(prepared, spec, check=lambda: _raise_if_cancelled(progress))

    def prepare(self, samples: Samples, by: By, method: str, progress: Progress) -> Prepared:
        """What k-means and names are made from; from memory where neither captions nor images changed since."""
        embedder = self._embedder_for(method)
        place = samples.root, embedder.id, samples.stamp(with_files=by == "images")
        # Vectors that are kept one by one are shared as they come, and each asker sees how far they are.
        with self._turn(place, progress) if embedder.whole else nullcontext():
            if (known := self._known(place)) is not None:
                return known
            made = self._prepare(samples, embedder, progress)
            with self._lock:
                self._prepared[place] = made
                while len(self._prepared) > _KEPT:
                    self._prepared.popitem(last=False)
        return made

    def _known(self, place: _Place) -> Prepared | None:
        with self._lock:
            if (known := self._prepared.get(place)) is not None:
                self._prepared.move_to_end(place)
            return known

    @contextmanager
    def _turn(self, place: _Place, progress: Progress) -> Iterator[None]:
        """Who wants what another one is preparing waits for it. Raises Cancelled."""
        with self._lock:
            turn = self._under_way.setdefault(place, threading.Lock())
        while not turn.acquire(timeout=_LOOK_S):
            _raise_if_cancelled(progress)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.pop(place, None)
            turn.release()

    def _prepare(self, samples: Samples, embedder: Embedder, progress: Progress) -> Prepared:
        found = vectors_of(samples, embedder, self._vectors, progress)
        if not len(found.names):
            raise InvalidInput("None of the images can be opened.", found.failed[0].reason)
        names, failed, keys = found.names, found.failed, found.keys
        reduced = reduce(found.vectors, check=lambda: _raise_if_cancelled(progress))
        # The vectors of many are of no more use.
        del found
        texts = texts_named(samples, names)
        note = embedder.note(len(names))
        return Prepared(
            embedder.id,
            names,
            keys,
            reduced,
            count_terms(texts, self._stop_words),
            dict(samples.left_out) | ({"images that cannot be opened": len(failed)} if failed else {}),
            failed,
            (note,) if note else (),
        )


def cluster(
    prepared: Prepared,
    spec: ClusterSpec,
    check: Callable[[], object] = lambda: None,
    before: ClusterResult | None = None,
) -> ClusterResult:
    """Clusters of what was prepared, upon its principal axes, numbered as those of `before` were.

    Raises InvalidInput for more clusters than samples, or than `MOST_CLUSTERS`. Where fewer samples than `spec.k` are
    different, fewer clusters come out. `check` is called now and then and may raise.
    """
    points = prepared.reduced.points
    check_k(spec.k, len(points), spec.by)
    groups = _groups(prepared, spec, check)
    kept = keep_numbers(prepared.names, groups.found.labels, len(groups.found.centres), before)
    found, quality = _numbered(groups, kept)
    return ClusterResult(
        spec=spec,
        model=prepared.model,
        names=prepared.names,
        labels=found.labels,
        points=points[:, :2].copy(),
        keys=prepared.keys,
        clusters=_described(prepared, found, quality, kept),
        silhouette=whole_silhouette(quality, found.labels),
        inertia=found.inertia,
        dimensions=points.shape[1],
        explained_variance=float(prepared.reduced.variance.sum()),
        left_out=prepared.left_out,
        failed=prepared.failed,
        notes=prepared.notes,
    )


def _few_threads(samples: int) -> AbstractContextManager[object]:
    """One thread for few samples: K-Means' steps are then so short that two spend most of their time meeting."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1) if samples <= _FEW else nullcontext()


def _groups(prepared: Prepared, spec: ClusterSpec, check: Callable[[], object]) -> Grouping:
    """K-Means of what was prepared, or what it gave lately."""
    points, place = prepared.reduced.points, (spec.k, spec.seed)
    if (known := prepared.groups.get(place)) is not None:
        return known
    with _few_threads(len(points)):
        found = partition(points, spec.k, spec.seed, check)
    check()
    made = Grouping(found, silhouettes(points, found.labels, len(found.centres), spec.seed))
    check()
    with prepared.lock:
        prepared.groups[place] = made
        while len(prepared.groups) > _GROUPS_KEPT:
            prepared.groups.popitem(last=False)
    return made


def _numbered(groups: Grouping, kept: Kept) -> tuple[Partition, np.ndarray]:
    """The same clusters, and how well apart they are, under the numbers that they are to have."""
    import numpy as np

    numbers, found = np.asarray(kept.numbers, np.int32), groups.found
    order = np.argsort(numbers)
    return Partition(numbers[found.labels], found.centres[order], found.inertia), groups.quality[order]


def _described(prepared: Prepared, found: Partition, quality: np.ndarray, kept: Kept) -> tuple[Cluster, ...]:
    """The clusters with their names, and what is typical and unusual in each."""
    k = len(found.centres)
    colours = dict(zip(kept.numbers, kept.colours, strict=True))
    names = name_clusters(prepared.terms, found.labels, k)
    members = by_distance(prepared.reduced.points, found.labels, found.centres)
    return tuple(
        Cluster(
            number,
            len(members[number]),
            names[number],
            float(quality[number]),
            tuple(members[number][:SHOWN].tolist()),
            tuple(members[number][: -SHOWN - 1 : -1].tolist()),
            None if colours[number] == number else colours[number],
        )
        for number in range(k)
    )


def _checked(root: Path, records: Sequence[ImageRecord], by: By, method: str) -> Samples:
    check_method(method, by)
    return samples_of(root, records, by)


def check_k(k: int, samples: int, by: By) -> None:
    """Raises InvalidInput for a number of clusters that cannot be made of so many samples, or looked at."""
    if k < 1:
        raise InvalidInput(f"{k} clusters cannot be made.", "Choose at least 1.")
    if k > samples:
        there = counted(samples, "tagged sample" if by == "tags" else "image")
        raise InvalidInput(
            f"{k:,} clusters cannot be made of {there}.", f"Choose {min(samples, MOST_CLUSTERS):,} at most."
        )
    if k > MOST_CLUSTERS:
        raise InvalidInput(f"{k:,} clusters are too many to look at.", f"Choose {MOST_CLUSTERS:,} at most.")


def _raise_if_cancelled(progress: Progress) -> None:
    if progress.is_cancelled():
        raise Cancelled("Clustering was stopped.", "The vectors made so far are kept.")
