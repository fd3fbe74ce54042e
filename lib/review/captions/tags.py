"""Tags that stand twice in a caption, and tags that are written in several ways: case, underscore, plural. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lib.bulk.base import Change, changes
from lib.bulk.tag_text import all_tags
from lib.bulk.tags import Deduplicate, RenameTag
from lib.domain import ImageRecord
from lib.text import looks_like_tags

_IRREGULAR = {
    "man": "men", "woman": "women", "person": "people", "child": "children", "foot": "feet", "tooth": "teeth",
    "goose": "geese", "mouse": "mice", "leaf": "leaves", "wolf": "wolves", "knife": "knives", "shelf": "shelves",
    "scarf": "scarves", "hoof": "hooves",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variant:
    """A tag that others write otherwise. `kind` is "tag_case", "tag_underscore" or "tag_plural"."""

    kind: str
    rare: str
    usual: str
    rare_in: tuple[str, ...]
    usual_in: int

    @property
    def is_clear(self) -> bool:
        """Whether nearly all write it the usual way."""
        return self.usual_in >= 2 * len(self.rare_in)

    @property
    def may_differ(self) -> bool:
        """Whether both may be right: one picture shows a cat, another one cats."""
        return self.kind == "tag_plural"


def twice(text: str) -> tuple[list[str], str]:
    """The tags that a line of a caption has twice, letters of either case the same, and the text with each once."""
    counted = Counter(tag.casefold() for tag in all_tags(text))
    again = [tag for tag, count in counted.items() if count > 1]
    if not again:
        return [], text
    return again, Deduplicate().rewriter([])(text)[0]


def places_of(tag: str, text: str) -> tuple[tuple[int, int], ...]:
    """Where a tag stands in a caption, as a tag of its own."""
    whole = re.compile(rf"(?:(?<=[,\n])|\A)[^\S\n]*({re.escape(tag)})[^\S\n]*(?=[,\n]|\Z)")
    return tuple(found.span(1) for found in whole.finditer(text))


def variants(records: Sequence[ImageRecord]) -> list[Variant]:
    """Tags of the captions that look like tags, written in several ways."""
    where: defaultdict[str, list[str]] = defaultdict(list)
    for record in records:
        if looks_like_tags(record.text):
            for tag in dict.fromkeys(all_tags(record.text)):
                where[tag].append(record.name)
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for tag in where:
        if not _is_face(tag):
            alike[tag.casefold().replace("_", " ")].append(tag)
    found = [one for tags in alike.values() if len(tags) > 1 for one in _written_otherwise(tags, where)]
    return found + list(_plurals(alike, where))


def _is_face(tag: str) -> bool:
    # "^_^", "o_o" and ">_<" are tags of their own, where the underscore is a mouth.
    return len(tag) <= 4 and "_" in tag


def _written_otherwise(tags: list[str], where: dict[str, list[str]]) -> Iterable[Variant]:
    ordered = sorted(tags, key=lambda tag: (-len(where[tag]), tag))
    usual = ordered[0]
    for rare in ordered[1:]:
        kind = "tag_underscore" if rare.replace("_", " ") != rare or "_" in usual else "tag_case"
        if rare.casefold() == usual.casefold():
            kind = "tag_case"
        yield Variant(kind, rare, usual, tuple(where[rare]), len(where[usual]))


def _plurals(alike: dict[str, list[str]], where: dict[str, list[str]]) -> Iterable[Variant]:
    for one in alike:
        # "1girl" and "2girls" count, and "glass" is not of "glasses".
        if len(one) < 3 or any(map(str.isdigit, one)) or one.endswith("s"):
            continue
        for many in _many_of(one):
            if many not in alike:
                continue
            pair = [(sum(len(where[tag]) for tag in alike[key]), key) for key in (one, many)]
            (_, rare), (_, usual) = sorted(pair)
            names = tuple(dict.fromkeys(name for tag in alike[rare] for name in where[tag]))
            yield Variant("tag_plural", min(alike[rare]), max(alike[usual], key=lambda tag: len(where[tag])), names,
                          sum(len(where[tag]) for tag in alike[usual]))  # fmt: skip
            break


def _many_of(one: str) -> Iterator[str]:
    """How the plural of a tag may be written: that of its last word."""
    before, blank, last = one.rpartition(" ")
    yield from (one + "s", one + "es")
    if one.endswith("y"):
        yield one[:-1] + "ies"
    if last in _IRREGULAR:
        yield before + blank + _IRREGULAR[last]


def renamed(records: Sequence[ImageRecord], variant: Variant) -> tuple[Change, ...]:
    """The changes that write a variant the usual way."""
    there = frozenset(variant.rare_in)
    rewrite = RenameTag(variant.rare, variant.usual).rewriter(records)
    return tuple(changes((record for record in records if record.name in there), rewrite))
