"""Samples as cards: a picture with its text, the hits in it marked, a box to tick."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.elements.element import element

_grid = element("sample_grid", "<div class='grid' role='group' aria-label='Samples'></div>")


@dataclass(frozen=True, slots=True)
class Card:
    """One sample. `src` is a data URL, "" where the image cannot be opened, `alt` what the picture shows.

    `parts` is its text as (is a hit, piece), `rating` its stars, 0 for none.
    """

    name: str
    src: str
    alt: str
    parts: list[tuple[bool, str]]
    note: str
    rating: int = 0
    left_out: bool = False


def sample_grid(
    cards: Sequence[Card],
    *,
    place: str,
    ticked: Collection[str],
    current: str,
    key: str,
    on_pick: Callable[[str], None],
    on_tick: Callable[[set[str]], None],
) -> None:
    """Show cards; `on_pick` gets the name of the one that was clicked, `on_tick` the names that are ticked now.

    `place` says which cards these are: what the browser said of others does not count.
    """

    def picked() -> None:
        if (choice := st.session_state[key].picked) is not None:
            on_pick(str(choice))

    def told() -> None:
        reported = st.session_state[key].ticked
        if isinstance(reported, dict) and reported.get("id") == place:
            on_tick(set(reported.get("names", ())))

    data = {"id": place, "items": [asdict(card) for card in cards], "ticked": sorted(ticked), "current": current}
    _grid(data=data, key=key, on_picked_change=picked, on_ticked_change=told)
