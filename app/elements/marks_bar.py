"""Stars of a sample, and whether it is left out: shown in a line, changed by a click or a key."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.elements.element import element

_bar = element(
    "marks_bar",
    "<div class='marks' role='group' aria-label='Marks'><span class='stars'></span>"
    "<button type='button' class='out'></button></div>",
    "typing",
)


def marks_bar(
    name: str,
    *,
    rating: int,
    left_out: bool,
    key: str,
    on_mark: Callable[[str, str, int], None],
    has_out: bool = True,
) -> None:
    """Show the marks of the sample `name`; the keys 0 to 5 and X change them where no box has the focus.

    `on_mark` gets the sample's name, `rating` with 0 to 5 or `left_out` with 0 or 1. Without `has_out` the bar is about
    stars alone.
    """

    def told() -> None:
        if (pressed := mark_in(st.session_state[key].pressed)) is not None:
            on_mark(*pressed)

    data = {"name": name, "rating": rating, "leftOut": left_out, "hasOut": has_out}
    _bar(data=data, key=key, on_pressed_change=told)


def mark_in(pressed: object) -> tuple[str, str, int] | None:
    """The sample's name, the mark and its value in what a browser has reported, None for what the bar never says."""
    match pressed:
        case {"name": str(name), "mark": str(mark), "value": int(value)}:
            return name, mark, value
    return None
