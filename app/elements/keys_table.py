"""A button that shows a table of keys. The browser does it alone, so that no run of the page takes the table away."""

from __future__ import annotations

from collections.abc import Mapping

from app.elements.element import element

_table = element(
    "keys_table",
    "<button type='button' class='open' aria-label='Keys' title='Keys (?)'>?</button>"
    "<dialog aria-labelledby='keys-title'><h2 id='keys-title'>Keys</h2><dl></dl><p></p>"
    "<form method='dialog'><button>Close</button></form></dialog>",
)


def keys_table(keys: Mapping[str, str], *, note: str, key: str) -> None:
    """Show the button; the text box asks for the table, too, where `?` is pressed outside it."""
    _table(data={"keys": list(keys.items()), "note": note}, key=key, width="content")
