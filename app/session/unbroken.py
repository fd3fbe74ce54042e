"""Lets a callback run to its end: Streamlit would break it off, at its next look at the session, for a newer click."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.safe_session_state import SafeSessionState


@contextmanager
def unbroken() -> Iterator[None]:
    """What happens inside is carried out as a whole; the newer click is attended to right after it.

    A save whose callback is broken off between the file and the draft, or a Next that gets lost, are worse than the few
    milliseconds that the newer click waits. Only the session's own lock-taking looks for newer clicks in a callback, so
    that is where it is switched off. Where Streamlit has no such place any more, nothing is switched off.
    """
    context = get_script_run_ctx(suppress_warning=True)
    session = context.session_state if context is not None else None
    if not isinstance(session, SafeSessionState) or not hasattr(session, "_yield_callback"):
        yield
        return
    looking = session._yield_callback
    object.__setattr__(session, "_yield_callback", _looks_away)
    try:
        yield
    finally:
        object.__setattr__(session, "_yield_callback", looking)


def _looks_away() -> None:
    pass
