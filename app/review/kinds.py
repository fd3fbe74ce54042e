"""The kinds of findings in groups, with what of each is still open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from app.review.state import ReviewState
from app.samples.scope import selected
from app.session.open_dataset import opened
from app.session.state import AppState
from lib.review import Finding
from lib.review.amending import FEW, is_as_seen
from lib.review.registry import CHECKS
from lib.scope import Scope, marks_of

GROUPS = {
    "Captions": ("agreement", "captions"),
    "Pictures": ("duplicates", "pictures"),
    "For the trainer": ("trainer",),
    "The set": ("coverage",),
}
"""The checks under their headings."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of findings: places in the review, the worst first. `words` are those that stand beside its count."""

    check: str
    name: str
    words: str
    places: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.check}/{self.name}"


def open_kinds(state: AppState) -> dict[str, Kind]:
    """The kinds that have open findings, by key, in the order in which they are shown."""
    page = state.of(ReviewState)
    places: dict[str, list[int]] = {}
    chosen = selected(state)
    names = None if state.scope == Scope() else {record.name for record in chosen.records}
    out = marks_of(opened(state)[0]).left_out
    for place in page.standing:
        one = page.findings[place]
        is_meant = (names is None or not names.isdisjoint(one.images)) and _is_kept(one, out)
        if is_meant and place not in page.settled and is_as_reviewed(state, one):
            places.setdefault(f"{one.check}/{one.kind}", []).append(place)
    found = {}
    for check in (check for group in GROUPS.values() for check in group if check in CHECKS):
        for name, words in CHECKS[check].kinds.items():
            if f"{check}/{name}" in places:
                found[f"{check}/{name}"] = Kind(check, name, words, tuple(places[f"{check}/{name}"]))
    return found


def _is_kept(finding: Finding, out: Collection[str]) -> bool:
    """Whether leaving images out has not dealt with it already: of twins two must be left, of others one."""
    least = 2 if finding.check == "duplicates" else 1
    left = sum(name not in out for name in finding.images) if out else least
    return left >= least or not finding.images


def is_as_reviewed(state: AppState, finding: Finding) -> bool:
    """Whether the captions of a finding are those that it was found in, and its images are there."""
    page, (dataset, store) = state.of(ReviewState), opened(state)
    if page.samples is None:
        return False
    # A finding about a great part of a dataset does not go because one caption was edited.
    is_of_few = len(finding.images) <= FEW
    reads = finding.subject != "picture" and is_of_few
    for name in finding.images[:FEW]:
        record = dataset.get(name)
        if record is None:
            if is_of_few:
                return False
            continue
        if reads and not is_as_seen(page.samples, record):
            return False
    if finding.kind != "not_utf8" or not is_of_few:
        return True
    # Converted, a text is the same; what one file of several still is not stays to be told.
    there = [record for name in finding.images if (record := dataset.get(name)) is not None]
    return any(not store.read(record).encoding.startswith("utf-8") for record in there)


def changed_since(state: AppState) -> int:
    """How many of the captions that were reviewed are others by now, or gone."""
    page, (dataset, _) = state.of(ReviewState), opened(state)
    if page.reviewed is None:
        return 0
    texts = page.reviewed.texts
    return sum((record := dataset.get(name)) is None or record.text != text for name, text in texts.items())


def would_go(findings: Iterable[Finding]) -> tuple[int, int]:
    """How many captions the fixes of findings would change, and how many images they would set aside."""
    changes: set[str] = set()
    aside: set[str] = set()
    for one in findings:
        if one.fix is not None:
            changes |= {change.name for change in one.fix.changes}
            aside |= set(one.fix.aside)
    return len(changes), len(aside)
