"""One writer a place, among machines that share it: a small file there says who is at work, and is renewed meanwhile.

Whoever wants a place writes a file of their own, then lists all: of two who come at once at most one sees nobody else.
That needs a listing that shows what was written before it, which disks and buckets give, and no clock that is shared.
"""

from __future__ import annotations

import json
import os
import platform
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.errors import Busy, PlaceFailed, ToolkitError
from lib.files import new_token
from lib.places.base import DataPlace
from lib.progress import Progress

LEASE_S = 60.0
"""Who is elsewhere and was not heard of for so long is gone."""
RENEW_S = 5.0
_LOOK_S = 0.25
_TRIES = 10
_PREFIX, _ENDING = "_claim-", ".json"


class PlaceClaim:
    """Held from `take` to `leave`, and lost where it could not be renewed for half a lease. For one thread."""

    def __init__(self, place: DataPlace, lease_s: float | None = None, renew_s: float | None = None) -> None:
        self._place = place
        self._lease_s = LEASE_S if lease_s is None else lease_s
        self._renew_s = RENEW_S if renew_s is None else renew_s
        self._name = f"{_PREFIX}{new_token()}{_ENDING}"
        self._beat = 0
        self._renewed = 0.0
        self._is_taken = False
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="claim", daemon=True)

    def take(self) -> None:
        """Raises Busy where somebody is at work there, WriteFailed, PlaceFailed."""
        for _ in range(_TRIES):
            self._outlast()
            try:
                self._write(holds=False)
                if not self._others():
                    self.check()
                    self._write(holds=True)
                    self._thread.start()
                    return
            except BaseException:
                self._remove()
                raise
            # Two have come at once, and neither may stay.
            self._remove()
            time.sleep(random.uniform(0.0, 4 * _LOOK_S))
        raise _busy(self._place, "others, who began in this moment")

    def check(self) -> None:
        """Raises PlaceFailed where somebody else may have the place by now."""
        if self._is_taken or _now() - self._renewed > self._lease_s / 2:
            raise PlaceFailed(
                f"This process was not heard of at {self._place} for too long, and others may be at work there.",
                "What is written there is whole.",
            )

    def leave(self) -> None:
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()
        self._remove()

    def _outlast(self) -> None:
        """Removes the files of those who are gone. Raises Busy where one of them is at work."""
        for name in self._others():
            seen, since = self._place.read(name), _now()
            while seen is not None:
                lives = _lives(seen)
                if lives is False or _now() - since > self._lease_s:
                    break
                found = self._place.read(name)
                if found is not None and _told(found).get("holds") and (lives or found != seen):
                    raise _busy(self._place, _holder(found))
                if found != seen:
                    seen, since = found, _now()
                time.sleep(_LOOK_S)
            self._place.remove(name)

    def _others(self) -> list[str]:
        found = (entry.name for entry in self._place.files(recursive=False))
        return [name for name in found if name.startswith(_PREFIX) and name.endswith(_ENDING) and name != self._name]

    def _keep(self) -> None:
        while not self._is_over.wait(self._renew_s):
            # Not heard of for a moment: tried again as long as nobody can have taken it over.
            with suppress(ToolkitError):
                self.check()
                if self._place.read(self._name) is None:
                    self._is_taken = True
                else:
                    self._write(holds=True)

    def _write(self, *, holds: bool) -> None:
        self._beat += 1
        began, told = _now(), {**_this_process(), "holds": holds, "beat": self._beat}
        self._place.put(self._name, json.dumps(told, indent=1).encode())
        self._renewed = began

    def _remove(self) -> None:
        # One that stays is outlasted by the next.
        with suppress(ToolkitError):
            self._place.remove(self._name)


@contextmanager
def claimed_place(place: DataPlace, lease_s: float | None = None, renew_s: float | None = None) -> Iterator[PlaceClaim]:
    """The place is this process's while the block lasts.

    Raises Busy where another one is at work there, WriteFailed, PlaceFailed.
    """
    claim = PlaceClaim(place, lease_s, renew_s)
    claim.take()
    try:
        yield claim
    finally:
        claim.leave()


@dataclass(slots=True)
class WhileClaimed:
    """Progress of work on a claimed place, which ends where that may be another's by now."""

    progress: Progress
    claim: PlaceClaim

    def advance(self, done: int, total: int) -> None:
        self.progress.advance(done, total)

    def is_cancelled(self) -> bool:
        """Raises PlaceFailed."""
        self.claim.check()
        return self.progress.is_cancelled()


def _busy(place: DataPlace, holder: str) -> Busy:
    return Busy(f"{place} is being written already, by {holder}.", "Nothing was begun a second time. Wait for its end.")


def _now() -> float:
    """Seconds, those too in which the machine slept."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def _this_process() -> dict[str, Any]:
    return {"machine": _machine(), "host": platform.node(), "pid": os.getpid(), "started": _started(os.getpid())}


def _machine() -> str:
    """Stands for this machine until it is started anew, and for the processes that can be seen from here."""
    found = [platform.node()]
    with suppress(OSError):
        found.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        found.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(found)


def _started(pid: int) -> str:
    """When a process began, "" where that is not known: numbers of processes come again."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _told(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _holder(data: bytes) -> str:
    found = _told(data)
    return f"process {found['pid']} on {found['host']}" if found.keys() >= {"pid", "host"} else "somebody"


def _lives(data: bytes) -> bool | None:
    """Whether whoever wrote this still runs; None where that is elsewhere, so that only time can tell."""
    found = _told(data)
    # Asking Windows for a process by a signal would end it.
    if found.get("machine") != _machine() or not isinstance(found.get("pid"), int) or os.name != "posix":
        return None
    try:
        os.kill(found["pid"], 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return found.get("started") == _started(found["pid"])
