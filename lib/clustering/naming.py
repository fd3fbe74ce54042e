"""Names for clusters: the words that set each one's captions apart from the others'."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lib.text import looks_like_tags, split_tags, words

if TYPE_CHECKING:
    import numpy as np

TOP = 3
_CANDIDATES = 20
"""Terms of a cluster that its name is chosen from."""
_SAMPLED_CAPTIONS = 300
_ROWS = 100_000
"""Captions whose terms are counted at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Which caption holds which terms: those of all captions, one behind the other, as places in the vocabulary.

    `columns`: int32. `ends`, one more than captions: where the terms of each begin, and the last ones end.
    """

    columns: np.ndarray
    ends: np.ndarray
    vocabulary: tuple[str, ...]

    def by_cluster(self, labels: np.ndarray, k: int) -> Any:
        """How often each term stands in each cluster: a sparse matrix of shape (k, terms), float64."""
        import numpy as np
        from scipy.sparse import csr_matrix

        width = max(1, len(self.vocabulary))
        # Never as a full array: with a vocabulary of its own in every caption that would be gigabytes.
        found = csr_matrix((k, width), dtype=np.float64)
        for start in range(0, len(labels), _ROWS):
            ends = self.ends[start : start + _ROWS + 1]
            columns, rows = self.columns[ends[0] : ends[-1]], len(ends) - 1
            holds = csr_matrix((np.ones(len(columns), np.float32), columns, ends - ends[0]), (rows, width))
            places = labels[start : start + rows], np.arange(rows)
            found += csr_matrix((np.ones(rows, np.float32), places), (k, rows)) @ holds
        return found


def count_terms(texts: Sequence[str], stop_words: Collection[str] = ()) -> Terms:
    """The terms of each caption: its tags where most captions are lists of tags, else its words.

    Words are taken without regard to case; stop words, numbers and single letters are left out.
    """
    import numpy as np

    sample = texts[:: max(1, len(texts) // _SAMPLED_CAPTIONS)]
    lists = sum("," in text and looks_like_tags(text) for text in sample)
    cut = _tags if 2 * lists > len(sample) else _words
    stopped = frozenset(stop_words)
    vocabulary: dict[str, int] = {}
    columns, ends = array("i"), array("q", [0])
    for text in texts:
        columns.extend(vocabulary.setdefault(term, len(vocabulary)) for term in cut(text.lower(), stopped))
        ends.append(len(columns))
    return Terms(np.asarray(columns), np.asarray(ends), tuple(vocabulary))


# In the order of the text, each once: the order of a set differs from one process to the next.
def _tags(text: str, stop_words: frozenset[str]) -> dict[str, None]:
    return dict.fromkeys(split_tags(text))


def _words(text: str, stop_words: frozenset[str]) -> dict[str, None]:
    return {word: None for word in words(text) if len(word) > 1 and word not in stop_words and not word.isdigit()}


def name_clusters(terms: Terms, labels: np.ndarray, k: int, top: int = TOP) -> list[tuple[str, ...]]:
    """The `top` terms of each of k clusters by class-based TF-IDF (Grootendorst 2022, BERTopic, equation 2).

    A term's weight in a cluster is its share of the cluster's terms times log(1 + A / f): A terms in a cluster on the
    average, f occurrences of this one in all. The first term of a name is the first of no other name: the cluster where
    it weighs most has it. A word and its plural are one word.
    """
    import numpy as np

    by_cluster = terms.by_cluster(labels, k)
    by_cluster.sort_indices()
    sizes = np.asarray(by_cluster.sum(axis=1)).ravel()
    rarity = np.log1p(sizes.mean() / np.maximum(np.asarray(by_cluster.sum(axis=0)).ravel(), 1))
    candidates: list[list[tuple[float, str]]] = []
    for size, start, end in zip(sizes, by_cluster.indptr, by_cluster.indptr[1:], strict=False):
        found = by_cluster.indices[start:end]
        weights = by_cluster.data[start:end] / max(size, 1) * rarity[found]
        best = np.argsort(-weights, kind="stable")[:_CANDIDATES]
        spoken = [(float(weights[place]), terms.vocabulary[found[place]]) for place in best]
        candidates.append(spoken)
    firsts = _firsts(candidates)
    return [_name(first, words, top) for first, words in zip(firsts, candidates, strict=True)]


def _firsts(candidates: list[list[tuple[float, str]]]) -> list[str | None]:
    """The first term of each cluster's name, no two of them the same; None for a cluster without terms."""
    firsts: list[str | None] = [None] * len(candidates)
    taken: set[str] = set()
    offers = [
        (-weight, place, number) for number, row in enumerate(candidates) for place, (weight, _) in enumerate(row)
    ]
    for _, place, number in sorted(offers):
        term = candidates[number][place][1]
        if firsts[number] is None and _stem(term) not in taken:
            firsts[number] = term
            taken.add(_stem(term))
    for number, row in enumerate(candidates):
        if firsts[number] is None and row:
            others = (f"{row[0][1]} {count}" for count in range(2, len(candidates) + 2))
            firsts[number] = next(name for name in others if name not in taken)
            taken.add(firsts[number] or "")
    return firsts


def _name(first: str | None, candidates: list[tuple[float, str]], top: int) -> tuple[str, ...]:
    """A cluster's first term, and what else weighs most in it."""
    chosen = {} if first is None else {_stem(first): first}
    for _, term in candidates:
        chosen.setdefault(_stem(term), term)
    return tuple(chosen.values())[:top]


def _stem(term: str) -> str:
    """The same for a word and its plural, as far as three rules go; a tag of several words by its last."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x")):
        if term.endswith(ending):
            return term[: -len(ending)] + instead
    return term[:-1] if len(term) > 3 and term.endswith("s") and not term.endswith(("ss", "us", "is")) else term
