"""Keys that press buttons of the page, where no box has the focus."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from app.elements.element import element

_button_keys = element("button_keys", "<span hidden></span>", "typing")


def button_keys(buttons: Mapping[str, str], *, key: str, writing: Collection[str] = ()) -> None:
    """Let keys, as the browser names them, press the buttons of these element keys; `?` shows the table of keys.

    The keys in `writing` lead into the tag text box: until it has the focus, what is typed presses nothing.
    """
    _button_keys(data={"buttons": dict(buttons), "writing": list(writing)}, key=key)
