"""Keys that press buttons of the page, where no box has the focus."""

from __future__ import annotations

from collections.abc import Mapping

from app.elements.element import element

_button_keys = element("button_keys", "<span hidden></span>", "typing")


def button_keys(buttons: Mapping[str, str], *, key: str) -> None:
    """Let keys, as the browser names them, press the buttons of these element keys; `?` shows the table of keys."""
    _button_keys(data={"buttons": dict(buttons)}, key=key)
