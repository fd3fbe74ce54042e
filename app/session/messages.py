"""What a user reads when something went wrong: error type -> title, and the net that catches the rest."""

from __future__ import annotations

import functools
import html
import logging
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec

import streamlit as st

from app.session.login import may_act
from app.session.state import app_state, is_own_session
from app.session.unbroken import unbroken
from lib import errors
from lib.errors import ToolkitError

P = ParamSpec("P")

_log = logging.getLogger(__name__)

TITLES: dict[type[ToolkitError], str] = {
    errors.InvalidParameters: "These parameters cannot be used",
    errors.FolderRefused: "This cannot be opened as a folder",
    errors.PlaceFailed: "What lies there cannot be read",
    errors.UnknownModel: "No such model",
    errors.WouldRemove: "This would remove files from the Hub",
    errors.InvalidInput: "This cannot be used",
    errors.ImageRefused: "This image cannot be opened",
    errors.ArchiveRefused: "This archive cannot be read",
    errors.SidecarUndecodable: "This tag file is not readable text",
    errors.SharedStem: "Two images share one tag file",
    errors.Conflict: "The tag file changed meanwhile",
    errors.WriteFailed: "Nothing was written",
    errors.DatabaseFailed: "The toolkit's own files cannot be written",
    errors.DatasetError: "Please look at this first",
    errors.QuotaExceeded: "Your space on this server is full",
    errors.MissingDependency: "A package is missing",
    errors.MemoryShort: "This needs more memory than there is",
    errors.ModelUnavailable: "The model is not on this machine",
    errors.Cancelled: "Stopped",
    errors.LoggedOut: "You are logged out",
    errors.LoginRefused: "You are not let in",
    errors.KeyMissing: "An API key is needed",
    errors.KeyRejected: "The API key was refused",
    errors.CreditsExhausted: "The credits are used up",
    errors.ModelRetired: "This model was retired",
    errors.ModelNotFound: "This model is not available",
    errors.ModelBlind: "This model sees no pictures",
    errors.ModelLoading: "The model is still loading",
    errors.ProxyRefused: "A proxy refused the request",
    errors.Busy: "Somebody is at it already",
    errors.HostRefused: "This address is not allowed",
    errors.RequestRejected: "The service refused the request",
    errors.RateLimited: "Too many requests",
    errors.ProviderUnavailable: "The service is not answering",
    errors.DeadlineExceeded: "The answer took too long",
    errors.AnswerInvalid: "The answer cannot be used",
    errors.ProviderError: "The service could not help",
}


def title_for(error: ToolkitError) -> str:
    """The heading for an error: its own type's, or that of the nearest type above it."""
    for kind in type(error).__mro__:
        if kind in TITLES:
            return TITLES[kind]
    return "Something went wrong"


def notice(kind: str, message: str, hint: str = "", title: str = "") -> None:
    """Show a message box. Streamlit's own boxes read markdown, which would fetch what a file name tells them to."""
    parts = [f"<strong>{html.escape(title)}</strong>"] if title else []
    parts += [f"<span>{html.escape(part)}</span>" for part in (message, hint) if part]
    role = "alert" if kind == "error" else "status"
    st.html(f"<div class='toolkit-notice {kind}' role='{role}'>{''.join(parts)}</div>")


def show_error(error: ToolkitError) -> None:
    notice("error", error.message, error.hint, title_for(error))


def show_kept(place: str) -> None:
    """Show what actions of this part of the page could not do. It stays until the next action."""
    if (error := app_state().errors.get(place)) is not None:
        show_error(error)


def show_toasts() -> None:
    """Show and forget short messages."""
    state = app_state()
    waiting, state.toasts = state.toasts, []
    for toast in waiting:
        st.toast(plain(toast.text), icon=":material/check:" if toast.is_done else ":material/info:")


def plain(text: str) -> str:
    """Text with everything escaped that Streamlit's markdown would act upon."""
    return "".join("\\" + char if char in r"\`*_{}[]()<>#+-.!|$:~^&" else char for char in text)


@contextmanager
def error_boundary(keep: str | None = None) -> Iterator[None]:
    """Turn a failure into a box on the page; with `keep`, into one that this part of the page shows by `show_kept`.

    A ToolkitError is shown as it is. Anything else is a bug: its traceback goes to the log under an id, and the
    user sees the id. Streamlit's own control flow passes through.
    """
    try:
        yield
    except ToolkitError as error:
        _tell(error, keep)
    except Exception as error:  # noqa: BLE001 - the outer net; Streamlit's rerun and stop are BaseExceptions
        incident = uuid.uuid4().hex[:8]
        _log.error("incident %s", incident, exc_info=error)
        hint = f"What you saved is on disk. Error id {incident}: the administrator finds it in the server's log."
        _tell(ToolkitError("This is a fault in the program, not in your files.", hint), keep)


def _tell(error: ToolkitError, keep: str | None) -> None:
    if keep is None:
        show_error(error)
    else:
        app_state().errors[keep] = error


def guarded(callback: Callable[P, object], place: str = "page", *, is_action: bool = True) -> Callable[P, None]:
    """A callback whose failures are kept for a part of the page: the net round a page does not catch those.

    An action takes away what earlier actions left; what merely reports (typing) does not. A newer click never breaks
    one off half-way. Nobody presses a button in a session that is not theirs, or with a login that does not count any
    more: the page that follows says why.
    """

    @functools.wraps(callback)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        if not (may_act() and is_own_session()):
            return
        with unbroken(), error_boundary(keep=place):
            if is_action:
                app_state().errors.clear()
            callback(*args, **kwargs)

    return wrapper
