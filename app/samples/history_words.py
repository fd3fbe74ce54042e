"""How the history is told: what was done, where, by whom, and when."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from lib.dataset.journal.rows import OperationEntry, State
from lib.dataset.saving.imported_images import ASIDE
from lib.domain import Origin
from lib.errors import InvalidInput
from lib.owners import LOGIN, owners_of
from lib.providers import registry
from lib.review.fixing import KIND as REVIEW
from lib.review.registry import CHECKS
from lib.settings import settings
from lib.text import counted

_KINDS = {
    "edit": "Edit",
    "generate": "Caption by a model",
    "create": "Blank tag file",
    "convert": "Conversion to UTF-8",
    "rename": "New name",
    "affix": "Prefix or suffix",
    "replace": "Find and replace",
    "table": "Edits in a table",
    "tags": "Tag operation",
    "import": "Import",
    "remove_empty": "Empty tag files removed",
    "leave_out": "Left out",
    "keep": "Kept again",
    "rate": "Stars",
}

_NAMED = 2
"""Kinds of findings, and of fixes, that are named of one operation."""

MARKS: Mapping[State, str] = {
    "undone": "Undone",
    "conflict": "Cut short",
    "pending": "Under way",
    "pending_undo": "Being undone",
    "pending_redo": "Being redone",
}


def what(kind: str, origin: Origin, labels: Mapping[str, str]) -> str:
    """An operation's kind in plain words, with the model where one wrote the text."""
    words = _KINDS.get(kind) or kind.replace("_", " ").capitalize()
    if not origin.model:
        return words
    return f"{words}{', edited' if origin.edited else ''}: {labels.get(origin.model, origin.model)}"


def title_of(entry: OperationEntry, labels: Mapping[str, str]) -> str:
    """An operation in plain words; of a review with what was found, and what was done about it."""
    words = what(entry.kind, entry.origin, labels)
    asked = entry.detail.get("arguments")
    if entry.kind != REVIEW or not isinstance(asked, Mapping):
        return words
    checks, fixes = asked.get("checks") or str(asked.get("check", "")).split(","), asked.get("fixes") or ()
    found = [told for name in checks if (told := _finding_words(str(name)))]
    told = " · ".join(filter(None, map(_some, (found, fixes))))
    return f"{words}: {told}" if told else words


def _some(named: Sequence[object]) -> str:
    return ", ".join(map(str, named[:_NAMED])) + (" …" if len(named) > _NAMED else "")


def _finding_words(name: str) -> str:
    for check in CHECKS.values():
        if name in check.kinds:
            return check.kinds[name]
    return CHECKS[name].label if name in CHECKS else name


def where(entry: OperationEntry) -> str:
    """The one file of an operation, or how many they are, with the images that came; both names of a renamed image."""
    if entry.kind == "rename":
        return f"{entry.detail.get('from', '')} to {entry.detail.get('to', '')}"
    files = entry.path if entry.files == 1 else counted(entry.files, "file")
    if marked := entry.detail.get("marked", 0):
        name = str(entry.detail.get("image", "")) if marked == 1 else ""
        marks = name or f"marks of {counted(marked, 'image')}"
        return f"{files}, {marks}" if entry.files else marks
    if not (count := entry.detail.get("images", 0)):
        return files
    images = counted(count, "image")
    return f"{images}, {files}" if entry.files else images


def model_labels() -> dict[str, str]:
    """The models' names by id. A models.toml that cannot be used must not hide the history."""
    with contextlib.suppress(InvalidInput):
        return {id: model.label for id, model in registry.load_models().items()}
    return {}


def who(by: str, viewer: str) -> str:
    """An owner in words. An e-mail is told only among those who logged in with theirs."""
    if by == viewer:
        return "you"
    if not viewer.startswith(LOGIN):
        return "someone else"
    return owners_of(settings().home).email(by) or "someone else"


def zone() -> tzinfo:
    """The browser's time zone; where its name is not known here, what its clock differs by now; UTC without either."""
    with contextlib.suppress(ZoneInfoNotFoundError, ValueError):
        if name := st.context.timezone:
            return ZoneInfo(name)
    # Minutes that UTC is ahead of the browser.
    offset = st.context.timezone_offset
    return timezone(timedelta(minutes=-offset)) if offset else UTC


def exact_time(at: str, zone: tzinfo) -> str:
    """A journal's time (ISO 8601, UTC) on the clock of a time zone."""
    return datetime.fromisoformat(at).astimezone(zone).strftime("%-d %b %Y, %H:%M:%S %Z")


def time_ago(at: str, now: datetime | None = None) -> str:
    """How long ago a journal's time was, roughly."""
    seconds = ((now or datetime.now(UTC)) - datetime.fromisoformat(at)).total_seconds()
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count:,} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def moved(images: int, *, back: bool, aside: bool = False) -> str:
    """What became of the images of an operation that was undone (`back`) or done again.

    An import brought them; `aside`: the operation had set them aside.
    """
    some = counted(images, "image")
    if back and aside:
        return f"{some} back in place, as before."
    if back or aside:
        return f"{some} taken away, and kept in the folder’s hidden “{ASIDE}”."
    return f"{some} brought again."
