"""What is for administrators alone: asked anew at every look and at every click."""

from __future__ import annotations

from collections.abc import Callable

from app.session.messages import guarded
from app.session.owner import is_admin
from lib.errors import InvalidInput


def admin_action(action: Callable[[], object]) -> Callable[[], None]:
    """A callback that does nothing for who is not, or no longer, an administrator."""

    def checked() -> None:
        if not is_admin():
            raise InvalidInput("This is for administrators of this server.", "Nothing was done.")
        action()

    return guarded(checked, "settings")
