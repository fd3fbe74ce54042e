"""Which samples an action is about: chosen on any page, said in words, carried in a link."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args
from weakref import WeakKeyDictionary

from lib.dataset.base import Dataset
from lib.dataset.journal.marks import Marks
from lib.dataset.saving.open_journal import journal_as_it_is, journal_for
from lib.domain import Author, ImageMarks, ImageRecord, Selection
from lib.errors import DatabaseFailed, InvalidInput
from lib.keywords import Haystack, Query, haystack_of, parse
from lib.last_review import LastReviews, ReviewedImage
from lib.record_blocks import is_problem, standing_of
from lib.record_columns import ColumnRecords
from lib.records import at_places, named
from lib.settings import settings

Tagged = Literal["", "tagged", "untagged"]

LINK_NAMES = ("q", "q_every", "q_whole", "q_regex", "tagged", "in", "problems", "chosen")
"""The query parameters that carry a scope."""

_SWITCHES = ("q_every", "q_whole", "q_regex", "problems")


@dataclass(frozen=True, slots=True)
class Scope:
    """All samples, or those that meet every condition that is set.

    `query` is written in the keyword language, read with the three switches below it. `names` are the images of a
    cluster or a lasso, `label` what they are called ("Cluster 3 beach, sand, water"). `folder` means what lies in it
    and below.
    """

    tagged: Tagged = ""
    query: str = ""
    every_keyword: bool = False
    whole_words: bool = False
    regex: bool = False
    names: frozenset[str] | None = None
    label: str = ""
    folder: str = ""
    has_problems: bool = False


@dataclass(frozen=True, slots=True)
class KeywordCounts:
    """How many captions each keyword alone is true of, out of `images` that meet all conditions but the query."""

    counts: list[tuple[str, int]]
    images: int


def select(scope: Scope, records: Sequence[ImageRecord], unreadable: Collection[str] = ()) -> Sequence[ImageRecord]:
    """The records of a scope, in their order. `unreadable`: the images that a check could not open.

    Raises InvalidInput for a query that cannot be read, or a pattern that is too slow.
    """
    kept = at_places(records, _places(scope, records, unreadable))
    if not scope.query.strip():
        return kept
    return query_of(scope).find(haystack_of(kept, tokenizer=settings().tokenizer))


@dataclass(frozen=True, slots=True)
class InScope:
    """The records of a scope, and those that would be among them if they were not left out, both in their order."""

    records: Sequence[ImageRecord]
    left_out: Sequence[ImageRecord]


def look_in(scope: Scope, dataset: Dataset) -> InScope:
    """What a scope selects in an opened folder, searched in captions that are folded once for each change.

    What is left out is not selected, unless the query asks for it. Raises InvalidInput like `select`.
    """
    if not scope.query.strip():
        records = dataset.snapshot()
        found = records if scope == Scope() else at_places(records, _places(scope, records, dataset.unreadable))
        shows_all = False
    else:
        query, ready = query_of(scope), haystack(dataset)
        found = query.find(ready, _places(scope, ready.records, dataset.unreadable))
        shows_all = query.asks_for_left_out
    out = frozenset[str]() if shows_all else marks_of(dataset).left_out
    if not out:
        return InScope(found, [])
    return InScope(named(found, out, are=False), named(found, out))


def select_in(scope: Scope, dataset: Dataset) -> Sequence[ImageRecord]:
    """The records of a scope in an opened folder, without those that are left out. Raises InvalidInput."""
    return look_in(scope, dataset).records


def count_in(scope: Scope, dataset: Dataset) -> KeywordCounts:
    """The counts of each keyword of a scope in an opened folder. Raises InvalidInput like `select`."""
    query, ready = query_of(scope), haystack(dataset)
    places = _places(scope, ready.records, dataset.unreadable)
    if not query.asks_for_left_out and (out := marks_of(dataset).left_out):
        places = [place for place in places if ready.records[place].name not in out]
    return KeywordCounts(query.counts(ready, places), len(places))


def marks_of(dataset: Dataset) -> Marks:
    """What is said of the images of an opened folder: left out, and stars.

    Raises InvalidInput where it cannot be read: what is left out must not go out for that.
    """
    with _readable("Nobody can tell which images are left out."):
        return journal_as_it_is(dataset.root, settings()).marks.now()


def version_of(dataset: Dataset) -> tuple[int, int, int]:
    """Another one after each change of what a scope may ask for: captions, reviews and marks.

    Another process may have made the latter two. Raises InvalidInput as `marks_of`.
    """
    with _readable("Nobody can tell which images are left out."):
        marks = journal_as_it_is(dataset.root, settings()).marks.stamp()
    return dataset.version, LastReviews(settings().home).stamp(dataset.root), marks


@contextmanager
def _readable(what: str) -> Iterator[None]:
    try:
        yield
    except DatabaseFailed as exc:
        raise InvalidInput(f"{what} {exc.message}", exc.hint) from exc


def in_words(scope: Scope) -> str:
    """A scope as a person would say it. The text may hold foreign words: it is to be escaped where it is shown."""
    said = []
    if scope.names is not None:
        count = len(scope.names)
        said.append(scope.label or ("1 chosen image" if count == 1 else f"{count:,} chosen images"))
    if scope.folder:
        said.append(f"in {scope.folder}")
    if scope.tagged:
        said.append(scope.tagged)
    if scope.has_problems:
        said.append("with problems")
    if query := scope.query.strip():
        how = " every keyword of" if scope.every_keyword else ""
        details = ["whole words"] * scope.whole_words + ["regular expression"] * scope.regex
        said.append(f"matches{how} {query}" + (f" ({', '.join(details)})" if details else ""))
    if not said:
        return "All images"
    if len(said) == 1 and said[0] == scope.tagged:
        return said[0].capitalize()
    return " · ".join(said)


def to_params(scope: Scope) -> dict[str, str]:
    """A scope as query parameters, short ones for whatever is set. Chosen images are carried as a `Selection`'s id."""
    params = {
        "q": scope.query.strip(),
        "q_every": "1" if scope.every_keyword else "",
        "q_whole": "1" if scope.whole_words else "",
        "q_regex": "1" if scope.regex else "",
        "tagged": scope.tagged,
        "in": scope.folder,
        "problems": "1" if scope.has_problems else "",
        "chosen": "" if scope.names is None else Selection(scope.names, scope.label).id,
    }
    return {name: value for name, value in params.items() if value}


def from_params(params: Mapping[str, str], selection: Callable[[str], Selection | None]) -> Scope:
    """The scope of a link. `selection` finds chosen images by their id.

    Where it does not know them (the link is somebody else's, or too old), or a condition is none that is known here,
    the scope holds no image at all: a link must never widen what the next action is about.
    """
    names, label = None, ""
    if chosen := params.get("chosen", ""):
        found = selection(chosen) or Selection(frozenset(), "Chosen images that are not kept here")
        names, label = found.names, found.label
    is_known = params.get("tagged", "") in get_args(Tagged)
    if not is_known or any(params.get(name, "") not in ("", "0", "1") for name in _SWITCHES):
        names, label = frozenset(), "A condition in the link that is not known here"
    tagged: Tagged = "tagged" if params.get("tagged") == "tagged" else ""
    return Scope(
        tagged="untagged" if params.get("tagged") == "untagged" else tagged,
        query=params.get("q", ""),
        every_keyword=params.get("q_every") == "1",
        whole_words=params.get("q_whole") == "1",
        regex=params.get("q_regex") == "1",
        names=names,
        label=label,
        folder=params.get("in", ""),
        has_problems=params.get("problems") == "1",
    )


_haystacks: WeakKeyDictionary[Dataset, tuple[tuple[int, int, int], Haystack]] = WeakKeyDictionary()
_lock = threading.Lock()


def haystack(dataset: Dataset) -> Haystack:
    """The captions of an opened folder made ready for searching; after a change only the changed ones are.

    A review makes it anew, too, and so do marks.
    """
    with _lock:
        kept = _haystacks.get(dataset)
        # Read before the records: a change in between is then looked at again, not missed.
        version = version_of(dataset)
        if kept is None or kept[0] != version:
            records = dataset.snapshot()
            # Of the root alone: with the dataset in it, it would be kept for ever.
            facts: dict[str, Callable[[Sequence[ImageRecord]], Sequence[Any]]] = {
                "author": partial(_authors, dataset.root),
                "review": partial(_reviewed, dataset.root),
                "marks": partial(_marked, dataset.root),
            }
            kept = version, haystack_of(records, kept and kept[1], settings().tokenizer, facts)
            _haystacks[dataset] = kept
        return kept[1]


def _authors(root: Path, records: Sequence[ImageRecord]) -> list[Author | None]:
    with _readable("Nobody can be asked who wrote a caption."):
        return journal_for(root, settings()).authors(records)


def _marked(root: Path, records: Sequence[ImageRecord]) -> list[ImageMarks | None]:
    with _readable("Nobody can tell which images are left out."):
        marks = journal_as_it_is(root, settings()).marks.now()
    some = marks.left_out | marks.ratings.keys()
    return [
        ImageMarks(record.name in marks.left_out, marks.ratings.get(record.name, 0)) if record.name in some else None
        for record in records
    ]


def _reviewed(root: Path, records: Sequence[ImageRecord]) -> list[ReviewedImage | None]:
    last = LastReviews(settings().home).load(root)
    if last is None:
        raise InvalidInput("This folder was not reviewed yet, so there is nothing to search for.", "Review it first.")
    known = last.by_image()
    for record in records:
        if last.is_changed(record.name, record.text) and (one := known.get(record.name)) is not None:
            known[record.name] = one.with_other_caption()
    return [known.get(record.name) for record in records]


def changed_since_review(dataset: Dataset) -> int:
    """How many captions of an opened folder have lost what the last review measured of them: they were changed."""
    try:
        return sum(one is not None and one.is_changed for one in haystack(dataset).known("review"))
    except InvalidInput:
        return 0


def query_of(scope: Scope) -> Query:
    """A scope's query. Raises InvalidInput where it cannot be read, or there is none."""
    return parse(scope.query, all=scope.every_keyword, whole_words=scope.whole_words, regex=scope.regex)


def _places(scope: Scope, records: Sequence[ImageRecord], unreadable: Collection[str]) -> Sequence[int]:
    """The places of the records that meet all conditions but the query."""
    if isinstance(records, ColumnRecords):
        return _row_places(scope, records, unreadable)
    kept: Sequence[int] = range(len(records))
    if scope.names is not None:
        kept = [place for place in kept if records[place].name in scope.names]
    if scope.folder:
        below = scope.folder.strip("/") + "/"
        kept = [place for place in kept if records[place].name.startswith(below)]
    if scope.tagged:
        kept = [place for place in kept if records[place].is_tagged == (scope.tagged == "tagged")]
    if scope.has_problems:
        kept = [place for place in kept if is_problem(standing_of(records[place])) or records[place].name in unreadable]
    return kept


def _row_places(scope: Scope, records: ColumnRecords, unreadable: Collection[str]) -> Sequence[int]:
    conditions = [records.are_named(scope.names)] if scope.names is not None else []
    conditions += [records.are_below(scope.folder)] if scope.folder else []
    conditions += [records.are_tagged() == (scope.tagged == "tagged")] if scope.tagged else []
    if scope.has_problems:
        conditions.append(records.are_named(unreadable) | records.are_standing(is_problem))
    return records.places_of(conditions)
