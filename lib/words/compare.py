"""Which words are typical of some captions against others."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

from lib.words.counting import Counts


@dataclass(frozen=True, slots=True)
class Typical:
    """A term with its counts on both sides. `score`: standard errors away from being equally common, above 0 where
    it is typical of the first side."""

    term: str
    score: float
    here: int
    there: int


def compare(here: Counts, there: Counts) -> list[Typical]:
    """All terms of two groups of captions that were counted together, the most typical of the first group first.

    Log-odds ratio with an informative Dirichlet prior, divided by its standard error: equations 15, 16, 19, 20 and 22
    of Monroe, Colaresi and Quinn, "Fightin' Words", Political Analysis 16(4), 2008. The prior is what both groups
    share, weighted as much as the smaller of them, so that a rare word needs more than one lucky caption.
    """
    first, second = here.counted, there.counted
    size_first, size_second = here.total, there.total
    if not size_first or not size_second:
        return []
    weight = min(size_first, size_second)
    typical = []
    for term in first.keys() | second.keys():
        a, b = first.get(term, 0), second.get(term, 0)
        prior = weight * (a + b) / (size_first + size_second)
        odds = _log_odds(a + prior, size_first + weight) - _log_odds(b + prior, size_second + weight)
        score = odds / sqrt(1 / (a + prior) + 1 / (b + prior))
        typical.append(Typical(term, score, a, b))
    return sorted(typical, key=lambda one: (-one.score, one.term))


def _log_odds(hits: float, size: float) -> float:
    return log(hits / (size - hits)) if size > hits else 0.0
