"""Ctrl+C: heard between two images where something is being done, at once where nothing is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lib.commands.result import BROKEN_OFF

_HEARD = (signal.SIGINT, signal.SIGTERM)
_AGAIN = b"\nStopping; Ctrl+C once more ends it at once.\n"


class Interrupts:
    """What SIGINT and SIGTERM do to this process.

    No KeyboardInterrupt is ever raised: one that comes in the middle of a callback is swallowed with a traceback.
    Where nothing is under way the process ends from within the handler, which is no worse than being killed; all that
    is written here survives that.
    """

    def __init__(self) -> None:
        self.is_heard = False
        self._patient = 0
        self._is_over = False
        self._farewell: Callable[[], None] = lambda: None

    def listen(self, farewell: Callable[[], None]) -> None:
        """From now on signals are heard. `farewell` writes the summary of a command that had nothing under way."""
        self._farewell = farewell
        for number in _HEARD:
            # A shell lets what it starts in the background ignore Ctrl+C.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._hear)

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Inside, the first signal is only noted: the work looks at `is_heard` and ends by itself."""
        self._patient += 1
        try:
            yield
        finally:
            self._patient -= 1

    def is_over(self) -> None:
        """The work is done: what is left is to say so, and nothing cuts that short."""
        self._is_over = True
        for number in _HEARD:
            # Our handler would be taken away before Python has ended.
            signal.signal(number, signal.SIG_IGN)

    def _hear(self, number: int, frame: Any) -> None:
        if self._is_over:
            return
        if self._patient and not self.is_heard:
            self.is_heard = True
            os.write(2, _AGAIN)
            return
        self._is_over = True
        if not self._patient:
            self._farewell()
        os._exit(BROKEN_OFF)


INTERRUPTS = Interrupts()
"""Those of this process."""
