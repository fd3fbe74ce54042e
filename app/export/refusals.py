"""What does not go out or was refused, each with its reason: folded away, with the reasons counted above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from app.elements.pick_list import pick_list
from app.session.messages import plain

_LISTED = 500
_REASONS = 4


def refusals(rows: Sequence[tuple[str, str]], title: str, key: str, *, expanded: bool = False) -> None:
    """Show (name, reason) rows under a title such as "not exported"; nothing where there are none."""
    if not rows:
        return
    with st.expander(f"{len(rows):,} {title}", key=f"{key}.fold", expanded=expanded):
        counts = Counter(reason for _, reason in rows).most_common(_REASONS)
        if len(counts) < min(len(rows), _REASONS):
            st.caption(plain(" · ".join(f"{count:,}: {reason.rstrip('.')}" for reason, count in counts)))
        listed = [("", name, reason) for name, reason in rows[:_LISTED]]
        pick_list(listed, label=title, key=key, on_pick=lambda name: None, height="14rem")
        if len(rows) > _LISTED:
            st.caption(f"The first {_LISTED:,} are listed.")
