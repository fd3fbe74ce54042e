"""What all owners' uploads, samples and exports take together on this server, and what may still come."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

from lib.settings import Settings

_NEAR = 0.9
_COUNTED_S = 60.0


@dataclass(frozen=True, slots=True)
class ServerSpace:
    """Bytes in use, and the cap, 0 for none. Nothing is ever deleted to stay below it: what is new is refused."""

    used: int
    cap: int

    @property
    def left(self) -> float:
        return max(0, self.cap - self.used) if self.cap else float("inf")

    @property
    def is_near(self) -> bool:
        """Whether it is time to tell an administrator."""
        return bool(self.cap) and self.used >= _NEAR * self.cap


def bytes_below(folder: Path) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - thousands of files
    return total


def server_space(settings: Settings) -> ServerSpace:
    """Counted now."""
    used = bytes_below(settings.home / "workspace") if settings.total_mb else 0
    return ServerSpace(used, settings.total_mb * 1_000_000)


_lately: dict[Path, tuple[float, ServerSpace]] = {}


def server_space_lately(settings: Settings) -> ServerSpace:
    """Counted within the last minute: for who only looks."""
    at, space = _lately.get(settings.home, (float("-inf"), ServerSpace(0, 0)))
    if time.monotonic() - at > _COUNTED_S or space.cap != settings.total_mb * 1_000_000:
        space = server_space(settings)
        _lately[settings.home] = time.monotonic(), space
    return space
