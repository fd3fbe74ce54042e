"""Captions of tags, judged by the tags of all the others: cut in mid-word, misspelt, of another language. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from lib.bulk.tag_text import all_tags
from lib.domain import ImageRecord
from lib.review.captions.seen_things import is_whole_word, language_of_tags, usual_of_tags
from lib.text import looks_like_tags, words

_OFTEN = 4
"""Captions that have a tag, from which on it is no slip."""
_LONG = 5
"""Letters of a word from which on a letter too many, or two exchanged, is a slip: "cat" and "coat" are two things."""
_LONGER, _LONGEST = 7, 8
"""And from which on any letter too many or too few is one, and another letter: "trail", "tail", "wearing", "weaving".

Of the words of 1,900 captions taken for tags these lines leave four, all of them slips; two letters less each, eighteen
with five slips among them.
"""
_HABIT = 0.3
"""What so large a share of the captions have (a trigger word, "white background") tells nothing of one of them."""
_STRANGE, _ALL_STRANGE = 0.6, 0.8
"""Shares of a caption's words that hardly any other has: with two of them known to be foreign, and with but one."""
_RARE, _MOST_RARE = 0.03, 10
"""A word in so large a share of the captions, and no more of them than that, is one that hardly any has."""
_SHARED, _FEWEST = 0.5, 20


@dataclass(frozen=True, slots=True)
class Slip:
    """A tag of one caption that is most likely another one, which so many captions have."""

    name: str
    tag: str
    usual: str
    usual_in: int


@dataclass(frozen=True, slots=True)
class TagSet:
    """The tags of a dataset, in small letters and with blanks: `uses` counts the captions that have each, `words` those
    that have each word. `tagged` are the captions that look like tags, `usual` is their language, "" if unknown.
    """

    tagged: tuple[ImageRecord, ...] = ()
    uses: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    usual: str = ""

    def cut(self) -> Iterator[Slip]:
        """Captions whose last tag is the beginning of one that is often said, broken off within a word."""
        often = sorted(tag for tag, count in self.uses.items() if count >= _OFTEN)
        for record in self.tagged:
            last = (_tags_of(record) or [""])[-1]
            if len(last) < 2 or self.uses[last] > 1 or is_whole_word(last.rpartition(" ")[2]):
                continue
            longer = [tag for tag in _beginning_with(last, often) if tag[len(last)].isalpha()]
            # "tree" is not cut from "trees", but "gras" is from "grass".
            longer = [tag for tag in longer if tag not in (last + "es", last + "s" * (not last.endswith("s")))]
            if longer:
                usual = max(longer, key=lambda tag: self.uses[tag])
                yield Slip(record.name, last, usual, self.uses[usual])

    def misspelt(self) -> Iterator[Slip]:
        """Tags of one caption alone that differ from an often said one by a slip within a word nobody else writes."""
        often: defaultdict[str, list[str]] = defaultdict(list)
        for tag, count in self.uses.items():
            if count >= _OFTEN:
                for form in _with_a_letter_less(tag) | {tag}:
                    often[form].append(tag)
        for record in self.tagged:
            for tag in _tags_of(record):
                if self.uses[tag] > 1:
                    continue
                near = {one for form in _with_a_letter_less(tag) | {tag} for one in often.get(form, ())}
                meant = [one for one in near if _is_slip(tag, one)]
                new = set(tag.split()) - {word for one in meant for word in one.split()}
                if meant and all(self.words[word] == 1 and not is_whole_word(word) for word in new):
                    usual = max(meant, key=lambda one: (self.uses[one], one))
                    yield Slip(record.name, tag, usual, self.uses[usual])

    def foreign(self) -> Iterator[tuple[str, str]]:
        """(name, language) of captions most of whose words are hardly ever said here, and are of another language."""
        rare = max(1, min(_MOST_RARE, round(_RARE * len(self.tagged))))
        for record in self.tagged:
            found = self._telling(record)
            strange = [word for word in found if self.words[word] <= rare]
            if len(strange) < 2 or len(strange) < _STRANGE * len(found):
                continue
            language, points = language_of_tags(strange, self.usual)
            if points >= 4 or (points >= 2 and len(strange) >= 3 and len(strange) >= _ALL_STRANGE * len(found)):
                yield record.name, language

    def strangers(self) -> Iterator[str]:
        """Captions none of whose words any other one has, where nearly all share half of theirs."""
        if len(self.tagged) < _FEWEST:
            return
        alone, shares = [], []
        for record in self.tagged:
            found = self._telling(record)
            if not found:
                continue
            share = sum(self.words[word] > 1 for word in found) / len(found)
            shares.append(share)
            if not share and len(found) >= 3:
                alone.append(record.name)
        if sum(share >= _SHARED for share in shares) >= 0.9 * len(shares):
            yield from alone

    def _telling(self, record: ImageRecord) -> list[str]:
        found = dict.fromkeys(word for word in _words_of(record) if any(map(str.isalpha, word)))
        return [word for word in found if self.words[word] <= _HABIT * len(self.tagged)]


def tag_set(records: Sequence[ImageRecord]) -> TagSet:
    """What the captions that look like tags have in common."""
    tagged = tuple(record for record in records if record.is_tagged and looks_like_tags(record.text))
    uses, said = Counter[str](), Counter[str]()
    for record in tagged:
        uses.update(set(_tags_of(record)))
        said.update(set(_words_of(record)))
    return TagSet(tagged, uses, said, usual_of_tags(said))


def _beginning_with(start: str, ordered: Sequence[str]) -> Iterator[str]:
    return takewhile(lambda tag: tag.startswith(start), ordered[bisect_left(ordered, start) :])


def _tags_of(record: ImageRecord) -> list[str]:
    return [tag.casefold().replace("_", " ") for tag in all_tags(record.text)]


def _words_of(record: ImageRecord) -> list[str]:
    return [word for tag in _tags_of(record) for word in words(tag)]


def _with_a_letter_less(tag: str) -> set[str]:
    """The tag with one letter of a long word left out: what differs by a slip has one of these in common."""
    found = set[str]()
    start = 0
    for word in tag.split(" "):
        if len(word) >= _LONG - 1 and word.isalpha():
            found |= {tag[:at] + tag[at + 1 :] for at in range(start, start + len(word))}
        start += len(word) + 1
    return found


def _is_slip(tag: str, usual: str) -> bool:
    """Whether two tags differ in one long word by what the hand does and not the head: two letters exchanged, one
    twice, and in longer words one too many, too few or another. The first letter and the last two count only for the
    exchange: "brown" and "crown", "stripe" and "striped" are two things.
    """
    pairs = [pair for pair in zip(tag.split(" "), usual.split(" "), strict=False) if pair[0] != pair[1]]
    if len(pairs) != 1 or tag.count(" ") != usual.count(" "):
        return False
    one, other = pairs[0]
    at = next((place for place, letters in enumerate(zip(one, other, strict=False)) if letters[0] != letters[1]), -1)
    if len(other) < _LONG or at < 1:
        return False
    if one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]:
        return True
    shorter, longer = sorted((one, other), key=len)
    if at >= len(longer) - 2:
        return False
    if len(shorter) == len(longer):
        return len(other) >= _LONGEST and one[at + 1 :] == other[at + 1 :]
    return shorter[at:] == longer[at + 1 :] and (len(other) >= _LONGER or longer[at] == longer[at - 1])
