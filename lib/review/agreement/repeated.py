"""One caption under many pictures that have nothing in common: it was put there by a program, or says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lib.review.agreement.base import NAME
from lib.review.findings import Finding
from lib.review.samples import ReviewSamples
from lib.text import words

if TYPE_CHECKING:
    import numpy as np

FEWEST, FEWEST_OF_SHORT = 4, 10
"""Pictures below which it may be chance: of 9,500 captions of 1,900 photos none stands under more than three. What is
no longer than `_SHORT` words ("a dog runs", a few tags) may well be true of more.
"""
_SHORT = 3
_NEARLY = 6
"""From so many words on a caption with one word more, less or changed counts to the one that stands more often."""
_SAID_OFTEN = 3
"""So often that one stands itself: nine pictures of two dogs at nine pastimes are not said to be one."""
_MANY = 100
_LARGE_SHARE = 0.05
_ALIKE = 0.5
"""Pictures whose distance is less than this part of the usual one have something in common."""
_QUOTED = 60
_DRAWN = 200

_Form = tuple[str, ...]


def repeated_captions(samples: ReviewSamples, pictures: Mapping[str, np.ndarray]) -> Iterator[Finding]:
    """A finding for each such caption. `pictures` holds the vector of each picture that could be read."""
    said: dict[_Form, list[str]] = defaultdict(list)
    for record in samples.captioned:
        said[tuple(word.casefold() for word in words(record.text))].append(record.name)
    usual = _distance(list(pictures.values()))
    for forms in _nearly_equal({form: len(names) for form, names in said.items()}):
        names = [name for form in forms for name in said[form]]
        if len(names) < (FEWEST if len(forms[0]) > _SHORT else FEWEST_OF_SHORT):
            continue
        vectors = [pictures[name] for name in names if name in pictures]
        if usual and _distance(vectors) < _ALIKE * usual:
            continue
        yield _finding(samples, names, is_word_for_word=len(forms) == 1)


def _finding(samples: ReviewSamples, names: Sequence[str], *, is_word_for_word: bool) -> Finding:
    text = " ".join(samples.record(names[0]).text.split())
    quoted = text if len(text) <= _QUOTED else text[: _QUOTED - 1].rstrip() + "…"
    everywhere = len(names) == len(samples.captioned)
    is_much = len(names) >= _MANY or len(names) >= _LARGE_SHARE * len(samples.records)
    stands = "stands" if is_word_for_word else "stands nearly word for word"
    return Finding(
        NAME,
        "same_caption",
        tuple(names),
        "warning" if is_much and not everywhere else "hint",
        f"The caption “{quoted}” {stands} under {len(names):,} pictures that have little in common.",
        rank=-float(len(names)),
    )


def _nearly_equal(counts: Mapping[_Form, int]) -> Iterator[list[_Form]]:
    """The captions in groups: one that stands often, and those that differ from it by one word."""
    often = [form for form, count in counts.items() if count >= _SAID_OFTEN]
    without: dict[_Form, list[_Form]] = defaultdict(list)
    if often:
        for form in counts:
            for shorter in _with_one_less(form):
                without[shorter].append(form)
    taken: set[_Form] = set()
    for form in sorted(often, key=lambda form: -counts[form]):
        if form in taken:
            continue
        near = dict.fromkeys(one for shorter in _with_one_less(form) for one in without[shorter])
        group = [form, *(one for one in near if one != form and one not in taken)]
        taken.update(group)
        yield group


def _with_one_less(form: _Form) -> Iterator[_Form]:
    """What two captions that differ by one word have in common: each with one word less, or one of them whole."""
    yield form
    if len(form) >= _NEARLY:
        for place in range(len(form)):
            yield form[:place] + form[place + 1 :]


def _distance(vectors: list[np.ndarray]) -> float:
    """The mean squared distance of pairs, of a sample where they are many."""
    import numpy as np

    if len(vectors) < 2:
        return 0.0
    step = max(1, len(vectors) // _DRAWN)
    rows = np.stack(vectors[::step])
    return float(2 * rows.var(0, ddof=1).sum())
