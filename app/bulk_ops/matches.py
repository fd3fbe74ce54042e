"""Finding words in captions, and walking through the matches one by one."""

from __future__ import annotations

from dataclasses import dataclass

from app.bulk_ops.edits import forget_outcome, records_to_edit
from app.bulk_ops.state import BulkState
from app.samples.editing import text_hash
from app.samples.scope import take_scope
from app.session.jobs import JobKey, start_anew
from app.session.open_dataset import opened, record_of
from app.session.state import AppState
from lib.bulk import Find, Matches, find_matches, replace_one
from lib.dataset.tag_files.sidecar import MISSING, Sidecar
from lib.domain import Origin
from lib.errors import DatasetError

_PASSED_OVER = 20
"""Captions without a match any more that one drawing of the page reads."""


@dataclass(frozen=True, slots=True)
class Match:
    """The match that is looked at: its image's tag file, where the matches in it stand, and which of them it is.

    `moves`: how often the walk had gone on by then.
    """

    name: str
    sidecar: Sidecar
    spans: list[tuple[int, int]]
    hit: int
    moves: int

    @property
    def id(self) -> str:
        """What tells it from every other match, and from itself in another text."""
        return text_hash(f"{self.name}\n{self.hit}\n{self.moves}\n{self.sidecar.hash}")


def find(state: AppState, wanted: Find) -> None:
    """Look for the matches in the captions in scope, in the background."""
    take_scope(state)
    records = records_to_edit(state)
    forget_outcome(state)
    key = JobKey("bulk find", state.owner, detail=state.session)
    state.of(BulkState).found = start_anew(key, "Looking for matches", lambda _: find_matches(records, wanted))


def look(state: AppState, matches: Matches) -> Match | None:
    """The match that the walk has come to, as its file is now; None where no caption has one any more.

    Raises DatasetError where many captions in a row have lost theirs, and InvalidInput as `Find.find_all` does.
    """
    dataset, store = opened(state)
    passed_over = 0
    while matches.total:
        if passed_over == _PASSED_OVER:
            raise DatasetError("Many captions were changed after this search.", "Press Find again for those there are.")
        name = matches.name
        record = dataset.get(name)
        # An image that was renamed or deleted since the search has no match here.
        sidecar = store.read(record) if record is not None else MISSING
        spans = matches.find.find_all(sidecar.text) if record is not None else []
        if len(spans) != matches.counts[matches.file]:
            # Somebody changed the caption after the search.
            matches.recount(name, len(spans))
        if spans:
            return Match(name, sidecar, spans, matches.hit, matches.moves)
        passed_over += 1
    return None


def replace_this(state: AppState, matches: Matches, match: Match, replacement: str) -> None:
    """Replace one match and go on to the next; nothing where the walk has gone on since the match was drawn.

    Raises what `Store.save` and `replace_one` raise.
    """
    if match.moves != matches.moves:
        return
    _, store = opened(state)
    record = record_of(state, match.name)
    current = store.read_editable(record)
    if current.hash != match.sidecar.hash:
        raise DatasetError(
            f"{match.name} was changed after this match was shown.",
            "Nothing was overwritten. What it holds now is shown.",
        )
    text, end = replace_one(current.text, matches.find, replacement, match.hit)
    saved = store.save(record, text, current.hash, Origin(), kind="replace")
    matches.replaced(match.name, [start for start, _ in matches.find.find_all(saved.text)], end)
