"""What the tests of plans over captions share: texts to draw, and what a plan leaves of one."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st

from lib.bulk import (
    Change,
    Deduplicate,
    Find,
    LowerCase,
    MoveToFront,
    RemoveTag,
    RenameTag,
    SortByFrequency,
    SortTags,
    StripLeadIns,
    TagOperation,
    TidySpaces,
    plan_replace,
    plan_tags,
)
from lib.domain import ImageRecord, SidecarState

METACHARACTERS = r"a+b (c) [d] \1 $0 .* {e} ^f$ g|h ? \g<0>"


# A busy machine is no failure; what must be quick has a test of its own.
patiently = settings(deadline=None)


captions = st.text(alphabet=st.characters(exclude_characters="\r", exclude_categories=["Cs"]))


tag_like = st.text(alphabet="abAB ,|;{}_1\n\t", max_size=40)


tags = st.lists(st.text(alphabet="abcdé1 ", min_size=1).filter(str.strip), max_size=8).map(", ".join)


def record(text: str, name: str = "a.jpg") -> ImageRecord:
    return ImageRecord(name, text=text, state=SidecarState.TEXT)


def after(changes: list[Change], before: str) -> str:
    """The caption that a plan over one record leaves."""
    assert len(changes) <= 1
    if not changes:
        return before
    assert changes[0].before == before != changes[0].after
    assert changes[0].hits >= 1
    return changes[0].after


def replaced(text: str, find: Find, replacement: str) -> str:
    return after(plan_replace([record(text)], find, replacement), text)


def retagged(text: str, operation: TagOperation) -> str:
    return after(plan_tags([record(text)], operation), text)


OPERATIONS = [
    RemoveTag("a"), RenameTag("a", "b"), Deduplicate(), SortTags(), SortByFrequency(), MoveToFront("a"),
    TidySpaces(), StripLeadIns(), LowerCase(),
]  # fmt: skip
