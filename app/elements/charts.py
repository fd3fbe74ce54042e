"""How charts look on every page."""

from __future__ import annotations

from typing import Any

from app.elements.theme import theme_now

# Colours that can be told apart on light and on dark.
HERE, THERE = "#3d8f8a", "#c07a3e"
# Streamlit's own grey is too faint on light: 3.6 to 1.
_WORDS_ON = {"light": "#575b5e", "dark": "#b9b8b4"}


def legible(chart: Any) -> Any:
    """An Altair chart whose words can be read easily."""
    colour = _WORDS_ON[theme_now()]
    axes = chart.configure_axis(labelColor=colour, titleColor=colour)
    return axes.configure_legend(labelColor=colour, titleColor=colour)
