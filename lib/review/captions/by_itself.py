"""One caption, judged by itself and by what is usual in its dataset."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lib.bulk.base import Change
from lib.domain import ImageRecord, SidecarState
from lib.review.captions import encodings, language, leftovers, repeats, tags, trigger
from lib.review.captions.endings import cut_off
from lib.review.captions.habits import Habits, habits_of, has_stop, is_shouted
from lib.review.captions.lists import in_one_line
from lib.review.captions.openings import opens_as_photo, without_opening
from lib.review.findings import Finding, Fix, Severity, Subject
from lib.review.samples import ReviewSamples
from lib.review.trainers.profiles import Profile, profiles
from lib.text import clip_tokens, looks_like_tags, split_tags, words

Places = Sequence[tuple[int, int]]
_MANY_USUAL, _FEW, _ENOUGH = 8, 2, 50
_HABIT = 0.5
"""The share of captions from which on a way to begin is how the dataset is written."""


@dataclass(frozen=True, slots=True)
class Judge:
    """What captions are measured by: the others, the trainers that are asked for, the trigger word."""

    habits: Habits
    script: str
    language: str
    trigger: str
    is_guessed: bool
    targets: tuple[Profile, ...]
    are_chosen: bool
    tokenizer: Path | None

    @property
    def notes(self) -> list[str]:
        """Sentences on what was measured against what."""
        told = []
        if self.language:
            told.append(f"Most captions are {self.language}.")
        if self.trigger and self.is_guessed:
            told.append(f"Nearly all captions begin with “{self.trigger}”: it is taken for the trigger word.")
        return told

    def of_caption(self, record: ImageRecord) -> Iterator[Finding]:
        """What is wrong with a caption; what makes it no caption at all is told alone."""
        if (nothing := _no_caption(record)) is not None:
            yield nothing
            return
        left, inner = _left_over(record, self.habits)
        yield from left
        yield from _characters(record)
        rest = self._rest(record)
        if inner != record.text:
            # What a model left round a caption makes it no list, and breaks off no sentence: one fault is told once.
            kinds = {one.kind for one in self._rest(replace(record, text=inner))} if inner.strip() else set()
            rest = (one for one in rest if one.kind in kinds)
        yield from rest

    def _rest(self, record: ImageRecord) -> Iterator[Finding]:
        yield from self._whole(record)
        yield from self._among_others(record)
        yield from self._tags(record)

    def _whole(self, record: ImageRecord) -> Iterator[Finding]:
        text = record.text
        sure, reason = cut_off(text, self.habits)
        if sure:
            end = len(text.rstrip())
            yield _told(record, "cut_off", "warning" if sure == "surely" else "hint", reason, marked=[(end - 1, end)])
        if place := repeats.said_twice(text) or repeats.loop(text) or repeats.doubled(text):
            reason = "It says the same again: “" + _short(text[place[0] : place[1]].strip()) + "”."
            once = repeats.said_once(text)
            yield _told(record, "repeated", "warning", reason, [place], "Say it once", once)
        yield from self._length(record)

    def _length(self, record: ImageRecord) -> Iterator[Finding]:
        limits = [profile for profile in self.targets if profile.tokens]
        if not limits or len(record.text) < 2 * min(profile.tokens for profile in limits):
            return
        count, is_exact = clip_tokens(record.text, self.tokenizer)
        short = [profile for profile in limits if count > profile.tokens]
        if not short:
            return
        least = min(profile.tokens for profile in short)
        about = "" if is_exact else "about "
        whose = ", ".join(profile.label for profile in short if profile.tokens == least)
        reason = f"It has {about}{count:,} tokens; only the first {least} are read by {whose}."
        yield _told(record, "too_long", "warning" if self.are_chosen else "hint", reason, rank=-count)

    def _among_others(self, record: ImageRecord) -> Iterator[Finding]:
        text, habits = record.text, self.habits
        count = len(words(text))
        if other := language.other_language(text, self.script, self.language, habits):
            usual = self.language or "in other letters"
            yield _told(record, "language", "warning", f"It looks like {other}; most of the others are {usual}.")
        elif habits.length >= _MANY_USUAL and 0 < count <= _FEW and not habits.are_tags:
            reason = f"It has {count} of the {habits.length:.0f} words that are usual here."
            yield _told(record, "too_short", "hint", reason)
        elif stranger := self._stranger(text, count):
            yield _told(record, "unlike", "hint", stranger)
        form = ""
        if habits.tagged <= 0.1 and habits.captions >= 10 and _is_list(text):
            form = "It is a list of tags, where the others are sentences."
        elif habits.tagged >= 0.9 and habits.captions >= 10 and not looks_like_tags(text) and count > _MANY_USUAL:
            form = "It is a sentence, where the others are tags."
        elif habits.shouted <= 0.1 and habits.captions >= 10 and is_shouted(text):
            form = "It is in capitals, where the others are not."
        if form:
            yield _told(record, "other_form", "hint", form)

    def _stranger(self, text: str, count: int) -> str:
        found = {word.lower() for word in words(text)}
        if self.habits.captions < _ENOUGH or self.habits.are_tags or count < _FEW:
            return ""
        is_alone = not any(self.habits.is_used_elsewhere(word) for word in found)
        return "None of its words is in any other caption." if is_alone else ""

    def _tags(self, record: ImageRecord) -> Iterator[Finding]:
        text = record.text
        if looks_like_tags(text):
            again, once = tags.twice(text)
            if again:
                reason = f"“{_short(again[0])}” stands in it twice."
                yield _told(record, "tag_twice", "hint", reason, [], "Give each tag once", once)
        # What stands before it and says nothing is a finding of its own, and its mending puts the trigger first.
        stand = trigger.stand(without_opening(text), self.trigger) if self.trigger else ""
        if stand:
            severity: Severity = "hint" if self.is_guessed else "warning"
            reason = f"The trigger word “{_short(self.trigger)}” is {stand}."
            kind = "trigger_missing" if stand == "missing" else "trigger_not_first"
            changes = () if record.shared else trigger.put_first(record, self.trigger)
            fix = Fix(f"Begin with “{_short(self.trigger)}”", changes) if changes else None
            yield Finding("captions", kind, (record.name,), severity, reason, fix, subject="caption")


def judge_of(samples: ReviewSamples) -> Judge:
    """What the captions of these samples are measured by."""
    captioned = samples.captioned
    script, tongue = language.usual(record.text for record in captioned)
    options = samples.options
    given = options.trigger.strip()
    found = given or trigger.guessed(captioned)
    return Judge(
        habits_of(captioned), script, tongue, found, not given, profiles(options.targets), bool(options.targets),
        samples.settings.tokenizer,
    )  # fmt: skip


def _is_list(text: str) -> bool:
    # "A boy, bundled up, on a sleigh." is none.
    return looks_like_tags(text) and len(split_tags(text)) > 2 and not has_stop(text)


def _no_caption(record: ImageRecord) -> Finding | None:
    if record.state is SidecarState.UNDECODABLE:
        return _told(record, "undecodable", "error", "Its tag file is not text in any known encoding.")
    if not record.is_tagged:
        reason = "There is no caption." if record.state is SidecarState.MISSING else "The tag file is empty."
        return _told(record, "empty", "error", reason)
    if not any(map(str.isalpha, record.text)):
        return _told(record, "empty", "error", f"There is no word in it: “{_short(record.text.strip())}”.")
    if leftovers.is_placeholder(record.text, record.stem):
        return _told(record, "placeholder", "error", f"“{_short(record.text.strip())}” is no caption.")
    if place := leftovers.refuses(record.text):
        reason = f"A model's refusal or an error was kept as caption: “{_short(record.text[place[0] :].strip())}”."
        return _told(record, "refusal", "error", reason, [place])
    return None


def _left_over(record: ImageRecord, habits: Habits) -> tuple[list[Finding], str]:
    """What stands round a caption, or before it, and the text without that."""
    text = record.text
    found: list[Finding] = []
    inner = opening_off = _without_opening(text, habits)
    left = leftovers.without_leftovers(encodings.without_unseen(text))
    if left is not None:
        reason = "It holds what a model wrote round the caption: its thoughts, marks, quotes or politeness."
        inner = _without_marks(_without_opening(left, habits), habits)
        found.append(_told(record, "leftovers", "warning", reason, [], "Keep the caption alone", inner))
    elif leftovers.markup_places(text) or leftovers.markup_places(opening_off):
        places = leftovers.markup_places(text) or [(0, max(1, len(text) - len(opening_off)))]
        reason = f"It holds marks that are no words: “{_short(text[slice(*places[0])].strip())}”."
        # What stands before it goes with them: one answer of a model, one finding.
        inner = _without_marks(opening_off, habits)
        found.append(_told(record, "markup", "warning", reason, places, "Take the marks out", inner))
    elif opening_off != text:
        kept = opening_off.strip()
        begin = text[: max(0, len(text.strip()) - len(kept))].strip()
        reason = f"It opens with “{_short(begin)}”, which says nothing of the picture."
        found.append(_told(record, "opening", "hint", reason, [(0, len(begin))], "Drop the opening", opening_off))
    if places := leftovers.address_places(text):
        reason = f"It holds an address: “{_short(text[slice(*places[0])])}”."
        found.append(_told(record, "address", "hint", reason, places))
    return found, inner


def _without_opening(text: str, habits: Habits) -> str:
    is_habit = habits.as_photos > _HABIT and opens_as_photo(text)
    return text if is_habit else without_opening(text)


def _without_marks(text: str, habits: Habits) -> str:
    plain = in_one_line(text, habits.separator)
    return leftovers.without_markup(plain) if leftovers.markup_places(plain) else plain


def _characters(record: ImageRecord) -> Iterator[Finding]:
    text = record.text
    whole = encodings.unmangled(text)
    if whole != text:
        reason = f"Its characters were read in the wrong encoding: “{_difference(text, whole)}”."
        yield _told(record, "encoding", "warning", reason, [], "Restore the characters", whole)
    elif places := encodings.lost_places(text):
        start, end = places[0]
        around = text[max(0, start - 8) : end + 8]
        yield _told(record, "encoding", "warning", f"Characters of it are lost: “{around}”.", places)
    if places := encodings.escaped_places(text):
        reason = f"It holds an escape that a program wrote: “{text[slice(*places[0])]}”."
        yield _told(record, "escaped", "warning", reason, places, "Write the characters out", encodings.unescaped(text))
    if places := encodings.unseen_places(text):
        code = f"U+{ord(text[places[0][0]]):04X}"
        reason = f"It holds characters that nobody sees and a tokenizer reads ({code})."
        yield _told(record, "unseen", "hint", reason, places, "Take them out", encodings.without_unseen(text))


def _difference(old: str, new: str) -> str:
    start = next((place for place, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), 0)
    begin = max(0, old.rfind(" ", 0, start) + 1)
    found = re.match(r"\S+", old[begin:])
    return _short(found[0] if found else old)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "…"


def _told(
    record: ImageRecord,
    kind: str,
    severity: Severity,
    text: str,
    marked: Places = (),
    label: str = "",
    after: str | None = None,
    rank: float = 0.0,
) -> Finding:
    """A finding about one caption; with `after`, what it would be, it has a fix."""
    fix = None
    if label and after and after.strip() and after != record.text and not record.shared:
        fix = Fix(label, (Change(record.name, record.text, after),))
    # Without a caption, what was found right is that this very picture has none.
    subject: Subject = "sample" if kind == "empty" else "caption"
    return Finding("captions", kind, (record.name,), severity, text, fix, tuple(marked), rank, subject)
