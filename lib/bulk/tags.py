"""What can be done to the tags of many captions. Each operation is a frozen value that knows how it rewrites one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lib.bulk.base import Change, Rewriter, changes, editable
from lib.bulk.tag_text import Groups, GroupWork, all_tags, outside_wildcards, rewrite_tags, split_group
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.providers.prompts import without_lead_in
from lib.text import join_tags, looks_like_tags

_SPACES = re.compile(r"[^\S\n]+")
_PIN = re.compile(r"( ?\|\|\| ?)")


def _on_tags(work: GroupWork) -> Rewriter:
    return lambda text: rewrite_tags(text, work)


def _on_text(work: Callable[[str], str]) -> Rewriter:
    return lambda text: (work(text), 1)


def _tags_in(text: str) -> list[str]:
    tags = split_group(text)
    if not tags:
        raise InvalidInput("There is no tag to look for.", "Write the tag.")
    return tags


def _one_tag(text: str) -> str:
    tags = _tags_in(text)
    if len(tags) > 1:
        raise InvalidInput(f"“{text}” is more than one tag.", "Write one tag, without a comma.")
    return tags[0]


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Removes a tag, or several with commas between."""

    tag: str
    ignore_case: bool = False

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        same = str.casefold if self.ignore_case else str
        gone = {same(tag) for tag in _tags_in(self.tag)}

        def work(groups: Groups) -> tuple[Groups, int]:
            kept = [[tag for tag in group if same(tag) not in gone] for group in groups]
            return kept, sum(map(len, groups)) - sum(map(len, kept))

        return _on_tags(work)


@dataclass(frozen=True, slots=True)
class RenameTag:
    """Writes a tag differently. Where the new tag is there already, the old one just goes."""

    old: str
    new: str
    ignore_case: bool = False

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        same = str.casefold if self.ignore_case else str
        old, new = same(_one_tag(self.old)), join_tags(self.new)
        if not new:
            raise InvalidInput("There is no new name for the tag.", "Write one, or remove the tag instead.")

        def work(groups: Groups) -> tuple[Groups, int]:
            there = any(tag == new and same(tag) != old for group in groups for tag in group)
            hits = 0
            renamed: Groups = []
            for group in groups:
                renamed.append([])
                for tag in group:
                    if same(tag) != old:
                        renamed[-1].append(tag)
                        continue
                    hits += tag != new
                    if not there:
                        renamed[-1].append(new)
                        there = True
            return renamed if hits else groups, hits

        return _on_tags(work)


@dataclass(frozen=True, slots=True)
class Deduplicate:
    """Keeps the first of equal tags in a line. Case counts: "Cat" and "cat" differ."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        def work(groups: Groups) -> tuple[Groups, int]:
            seen: set[str] = set()
            kept: Groups = []
            for group in groups:
                first = [tag for tag in dict.fromkeys(group) if tag not in seen]
                seen.update(first)
                kept.append(first)
            return kept, sum(map(len, groups)) - sum(map(len, kept))

        return _on_tags(work)


def _sorted_by(key: Callable[[str], object]) -> Rewriter:
    def work(groups: Groups) -> tuple[Groups, int]:
        # Tags before the first "|||" and behind the second are pinned where they are.
        place = min(1, len(groups) - 1)
        ordered = sorted(groups[place], key=key)  # type: ignore[arg-type]
        return [*groups[:place], ordered, *groups[place + 1 :]], 1

    return _on_tags(work)


@dataclass(frozen=True, slots=True)
class SortTags:
    """Sorts by the alphabet, capitals and small letters alike. Tags that "|||" pins keep their place."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        return _sorted_by(lambda tag: (tag.casefold(), tag))


@dataclass(frozen=True, slots=True)
class SortByFrequency:
    """Puts first what most of the given captions have; ties stay in order. Pinned tags keep their place."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        counts: Counter[str] = Counter()
        for record in editable(records):
            counts.update(set(all_tags(record.text)))
        return _sorted_by(lambda tag: -counts[tag])


@dataclass(frozen=True, slots=True)
class MoveToFront:
    """Moves a tag, such as a trigger word, to the front of each line that has it."""

    tag: str
    ignore_case: bool = False

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        same = str.casefold if self.ignore_case else str
        wanted = same(_one_tag(self.tag))

        def work(groups: Groups) -> tuple[Groups, int]:
            for number, group in enumerate(groups):
                for place, tag in enumerate(group):
                    if same(tag) == wanted:
                        moved = [*groups]
                        moved[number] = group[:place] + group[place + 1 :]
                        moved[0] = [tag, *moved[0]]
                        return moved, 1
            return groups, 0

        return _on_tags(work)


@dataclass(frozen=True, slots=True)
class TidySpaces:
    """Trims tags, makes one space of several, and drops empty tags; line ends and wildcards stay."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        return _on_text(lambda text: "\n".join(map(_tidy, text.split("\n"))))


@dataclass(frozen=True, slots=True)
class StripLeadIns:
    """Drops "This image shows", "Here is a caption:" and the like from the beginning of each line."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        # First the whole: "Here is a caption:" may stand on a line of its own.
        return _on_text(lambda text: "\n".join(map(_stripped, _stripped(text).split("\n"))))


@dataclass(frozen=True, slots=True)
class LowerCase:
    """Small letters everywhere but in wildcards, whose names and choices mean something as they are."""

    def rewriter(self, records: Sequence[ImageRecord]) -> Rewriter:
        return _on_text(lambda text: outside_wildcards(text, str.lower))


TagOperation = (
    RemoveTag
    | RenameTag
    | Deduplicate
    | SortTags
    | SortByFrequency
    | MoveToFront
    | TidySpaces
    | StripLeadIns
    | LowerCase
)


def plan_tags(records: Sequence[ImageRecord], operation: TagOperation) -> list[Change]:
    """What an operation does to the captions. Those that it does not affect are no change: nothing is reformatted.

    Raises InvalidInput where the operation names no tag, or several where one is meant.
    """
    return changes(records, operation.rewriter(records))


def _tidy(line: str) -> str:
    parts = _PIN.split(outside_wildcards(line, lambda text: _SPACES.sub(" ", text)))
    parts[::2] = [", ".join(split_group(part)) for part in parts[::2]]
    return "".join(parts).strip()


def _stripped(text: str) -> str:
    body = text.strip()
    rest = body
    for _ in range(3):
        # "Sure! Here is a caption: This image shows a cat": nothing nests deeper than that.
        rest = without_lead_in(rest, capital=False)
    if rest == body:
        return text
    if body[:1].isupper() and not ("," in rest and looks_like_tags(rest)):
        rest = rest[:1].upper() + rest[1:]
    return rest + text[len(text.rstrip()) :]
