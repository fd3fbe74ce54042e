"""The samples behind what was clicked on the Word Cloud page, and the mark of that click."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.samples.scope import set_scope
from app.samples.state import Galleries
from app.session.jobs import JobKey, start_anew
from app.session.open_dataset import opened
from app.session.state import AppState
from app.word_cloud.state import WordsState
from app.word_cloud.word_counts import Loaded
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.keywords import parse, quoted
from lib.scope import Scope, in_words
from lib.words import opening

KEY = "words"
"""Of the gallery of what was clicked."""

LIST, BARS, TYPICAL = "words.list", "words.bars", "words.typical"
"""What shows a mark where it was clicked."""

CLOUD, SIDES = "words.cloud", "words.sides"
"""The picture and the small ones side by side, which show the mark of whatever word is looked at."""


@dataclass(frozen=True, slots=True)
class Found:
    """The samples behind a word, an opening or a repeated caption. `words` are marked in their texts.

    `label`: what they are called as a scope.
    """

    title: str
    label: str
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    times: int = 0
    """How often a word occurs in them, 0 for what is no word."""


def key_of(state: AppState, place: str) -> str:
    """The key of one of the lists and charts: another one for each count, and whenever its mark was taken away."""
    words = state.of(WordsState)
    assert words.loaded is not None
    return f"{place}.{words.loaded.id}.{words.unmarked[place]}"


def find_term(state: AppState, loaded: Loaded, term: str, clicked: str = "") -> None:
    """Look for the samples in which a term was counted. `clicked`: the list or chart that shows the mark of it."""
    title = f"“{term}”"
    wanted = Found(
        title,
        _label(loaded, f"with {title}"),
        words=loaded.counts.forms(term),
        times=loaded.counts.counted.get(term, 0),
    )
    _find(state, wanted, lambda: loaded.counts.holding(term, loaded.records), clicked, term)


def find_typical(state: AppState, loaded: Loaded, term: str) -> None:
    """Look for the samples of a bar of the comparison, on the side that it is typical of."""
    if not any(one.term == term and one.score < 0 for one in loaded.typical):
        find_term(state, loaded, term, TYPICAL)
        return
    counts, label = loaded.others_counts, f"{loaded.others_label} · with “{term}”"
    title, times = f"“{term}” · {loaded.others_label}", counts.counted.get(term, 0)
    wanted = Found(title, label, words=counts.forms(term), times=times)
    _find(state, wanted, lambda: counts.holding(term, loaded.others), TYPICAL)


def find_in_side(state: AppState, loaded: Loaded, place: int, term: str) -> None:
    """Look for the samples of a word that was clicked in one of the clouds side by side."""
    side = loaded.sides[place]
    counts, times = side.counts, side.counts.counted.get(term, 0)
    wanted = Found(f"“{term}” · {side.name}", f"{side.label} · with “{term}”", words=counts.forms(term), times=times)
    _find(state, wanted, lambda: counts.holding(term, side.records), SIDES, term)
    state.of(WordsState).side = side.name


def find_opening(state: AppState, loaded: Loaded, start_of: str) -> None:
    """Look for the samples whose captions begin with some words."""
    title = f"“{start_of} …”"
    wanted = Found(f"Captions that begin with {title}", _label(loaded, f"begins with {title}"), words=(start_of,))
    _find(state, wanted, lambda: [record for record in loaded.records if opening(record.text) == start_of])


def show_repeated(state: AppState, loaded: Loaded, place: int) -> None:
    """Show the samples of one group whose captions are the same."""
    group = loaded.duplicates[place]
    label = _label(loaded, f"the same caption as {group[0].name}")
    _find(state, Found("Captions that are the same", label), lambda: group)


def _label(loaded: Loaded, what: str) -> str:
    return what if loaded.scope == Scope() else f"{in_words(loaded.scope)} · {what}"


def _find(
    state: AppState, wanted: Found, choose: Callable[[], Sequence[ImageRecord]], clicked: str = "", term: str = ""
) -> None:
    """`wanted`: all but the names, which `choose` finds in the background."""

    def work(job: Job) -> Found:
        return replace(wanted, names=tuple(record.name for record in choose()))

    _unmark(state, clicked)
    state.of(Galleries).close(KEY)
    key = JobKey("words samples", state.owner, detail=state.session)
    words = state.of(WordsState)
    words.term, words.side, words.beside_picture = term, "", clicked in (CLOUD, SIDES, LIST)
    words.found = start_anew(key, "Looking for samples", work)


def records_of(state: AppState, found: Found) -> Sequence[ImageRecord]:
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


def use_found(state: AppState, found: Found) -> None:
    """Make the samples that were found the scope."""
    set_scope(state, Scope(names=frozenset(found.names), label=found.label))


def forget_found(state: AppState) -> None:
    """Show no samples any more."""
    _unmark(state)
    words = state.of(WordsState)
    words.found, words.term, words.side = None, "", ""


def _unmark(state: AppState, clicked: str = "") -> None:
    # A mark that stays would say that its samples are shown, and clicking there again would only take it away.
    state.of(WordsState).unmarked.update({LIST, BARS, TYPICAL} - {clicked})
