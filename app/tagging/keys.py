"""The keys of the Tagging page: one table, behind one button and `?`."""

from __future__ import annotations

from app.elements.keys_table import keys_table
from app.samples.marking import MARK_KEYS

KEYS = {
    "Ctrl+Enter": "in the text box: save, and go to the next image",
    "Ctrl+S": "save, and stay",
    "↓ ↑": "in the text box: choose among the tags that fit what is typed",
    "Tab or Enter": "in the text box: take the tag that is chosen",
    "Esc": "close the list of tags, leave the text box",
    "Tab": "with nothing chosen: into the text box",
    "→ ←": "outside the text box: next and previous image",
    **{key: f"outside the text box: {does}" for key, does in MARK_KEYS.items()},
    "Ctrl+J": "next image without a tag",
    "Ctrl+G": "have a tag written",
    "?": "outside the text box: this table",
}
"""What each key does."""


def keys_button() -> None:
    """A button that shows the table."""
    keys_table(KEYS, note="On a Mac, Cmd does what Ctrl does.", key="tagging-keys")
