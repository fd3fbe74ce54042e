"""Light, dark, or as the system says: Streamlit's own choice, which it keeps in the browser, with a switch of ours."""

from __future__ import annotations

from app.elements.element import element

_choice = element(
    "theme_choice",
    "<fieldset><legend>Theme</legend>"
    "<label><input type='radio' name='theme' value='System'>As the system</label>"
    "<label><input type='radio' name='theme' value='Light'>Light</label>"
    "<label><input type='radio' name='theme' value='Dark'>Dark</label></fieldset>",
)


def theme_choice(*, key: str) -> None:
    """Show the three. A click keeps the choice for all pages and loads this one anew: only so Streamlit takes it up."""
    _choice(key=key)
