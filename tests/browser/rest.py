"""A page at rest."""

from __future__ import annotations

from typing import Any


def at_rest(page: Any) -> None:
    """Wait until nothing runs and the animations of what came are over."""
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') === 'notRunning'"
        " && !document.querySelector('[data-testid=stSkeleton]')"
        " && document.getAnimations().every(one => one.playState !== 'running' || one.effect.getComputedTiming()"
        ".iterations === Infinity)"
    )
