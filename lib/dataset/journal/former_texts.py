"""The texts that one tag file held before, out of its entries in the journal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.dataset.journal.rows import ChangeEntry


@dataclass(frozen=True, slots=True)
class FormerText:
    """A text that a tag file held, and the entry that tells of it.

    `was_found`: it stood there before that entry's change and was written by another program, or before the journal
    began; else the change wrote it.
    """

    text: str
    entry: ChangeEntry
    was_found: bool = False


def former_texts(entries: Iterable[ChangeEntry], limit: int | None = None) -> list[FormerText]:
    """Each text once, where it was written last. `entries`: those of one file, the newest first.

    Those behind the first `limit` only tell that what the others found was written by the toolkit.
    Blank texts and bytes that are not text are left out, since there is nothing in them to take back.
    """
    known = list(entries)
    written = {entry.after_text for entry in known}
    texts: dict[str, FormerText] = {}
    for entry in known[:limit]:
        found = FormerText(entry.after_text, entry)
        texts.setdefault(found.text, found)
        if entry.before_text not in written:
            texts.setdefault(entry.before_text, FormerText(entry.before_text, entry, was_found=True))
    return [one for one in texts.values() if one.text.strip()]
