"""A draft, and a bulk edit that its own writer made of the same file meanwhile: both changes become one draft."""

from __future__ import annotations

from dataclasses import replace

from app.samples.history_words import model_labels, what
from app.samples.state import TextBoxState
from app.session.open_dataset import preferences
from app.session.state import AppState
from lib.dataset.journal.rows import ChangeEntry
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.sidecar import Sidecar, hash_of, is_as_expected
from lib.domain import ImageRecord
from lib.errors import DatabaseFailed, WriteFailed
from lib.preferences import Draft
from lib.three_way import merge_changes

_BULK = frozenset({"affix", "replace", "tags"})
_LOOKED_BACK = 20


def take_in_own_edit(state: AppState, store: Store, record: ImageRecord, sidecar: Sidecar, draft: Draft) -> Draft:
    """A draft with the owner's own bulk edits of its file in it; the draft as it was where it needs none.

    Nobody is asked to choose between two texts of their own where both can be had. Where the two changed the same
    words, or somebody else had a hand in it, the choice is shown.
    """
    if not sidecar.exists or is_as_expected(sidecar, draft.base_hash):
        return draft
    try:
        own = _own_edits(state.owner, store, record, sidecar, draft.base_hash)
        merged = merge_changes(own[-1].before_text, draft.text, sidecar.text) if own else None
        if merged is None:
            return draft
        mine = replace(draft, text=merged, base_hash=sidecar.hash, origin=replace(draft.origin, edited=True))
        preferences(state).keep_draft(store.root, record.name, mine)
    except (DatabaseFailed, WriteFailed):
        # The conflict is shown, which loses nothing.
        return draft
    named = dict.fromkeys(what(one.kind, one.origin, model_labels()) for one in reversed(own))
    state.of(TextBoxState).taken_in = record.name, sidecar.hash, " and ".join(named)
    return mine


def _own_edits(owner: str, store: Store, record: ImageRecord, sidecar: Sidecar, base: str) -> list[ChangeEntry]:
    """The owner's bulk edits that led from a draft's base to what the file holds, the newest first; none where others
    had a hand in it."""
    found: list[ChangeEntry] = []
    held = sidecar.hash
    for entry in store.journal.history(record.sidecar, limit=_LOOKED_BACK):
        if entry.by != owner or entry.state != "done" or entry.kind not in _BULK or hash_of(entry.after) != held:
            return []
        found.append(entry)
        held = hash_of(entry.before)
        if held == base:
            return found
    return []
