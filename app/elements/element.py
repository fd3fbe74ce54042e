"""How the toolkit's own browser elements are registered: markup here, style and script in files of the same name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


def element(name: str, html: str, *parts: str) -> Any:
    """The mounting command of one element. Call it once, when the module is imported.

    Foreign text (captions, file names) reaches an element only as data that its script puts into `textContent`,
    `value`, `alt` or a data URL, never as markup. `parts`: names of files that hold part of its style and script.
    """

    def files(suffix: str) -> str:
        # The browser is handed one script: its parts stand before it.
        return "\n".join((_FOLDER / f"{part}.{suffix}").read_text(encoding="utf-8") for part in (*parts, name))

    return st.components.v2.component(
        f"toolkit_{name}",
        html=html,
        css=files("css"),
        js=files("js"),
    )
