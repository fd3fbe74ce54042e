"""What a command says while it works: notes, failures as they come, and how far it is, all of it on stderr."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from lib.commands.interrupts import INTERRUPTS
from lib.jobs.pace import Pace
from lib.text import counted

_EVERY_S = 10.0
"""How often a pipe hears how far it is."""
_DRAWN_S = 0.1
_BAR = 24


@dataclass(slots=True)
class Screen:
    """The switches --json, -q and -v of one command, and the line that is drawn now."""

    as_json: bool = False
    quiet: bool = False
    verbose: bool = False
    left_out: int = 0
    """Images that the command passes over because they are marked as left out."""
    _line: str = ""

    def begin(self) -> None:
        """Take the switches over."""
        if self.verbose:
            logging.getLogger().setLevel(logging.INFO)

    def note(self, text: str) -> None:
        """Say what happens, unless nobody wants to hear it."""
        if not self.quiet:
            self.say(text)

    def tell_left_out(self, count: int) -> None:
        """Say how many images are passed over because they are left out, and how they are reached."""
        self.left_out = count
        if count:
            self.note(f"{counted(count, 'image')} left out (--only left_out:yes lists them)")

    def failure(self, image: str, reason: str) -> None:
        """Say of an image that it failed. With --json it stands in the result, and nowhere a second time."""
        if not self.as_json:
            self.note(f"{image}: {reason}")

    def say(self, text: str) -> None:
        """Write a line to stderr, whatever the switches are."""
        self._wipe()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
        self._draw(self._line)

    @contextmanager
    def progress(self, title: str, *, in_shares: bool = False) -> Iterator[ScreenProgress]:
        """How far some work is, and whether it is to stop. Inside, Ctrl+C is heard between two images.

        `in_shares`: what it counts is no items, so that it is told in per cent.
        """
        with INTERRUPTS.patient():
            try:
                yield ScreenProgress(self, title, in_shares=in_shares)
            finally:
                self._wipe()
                self._line = ""

    def show(self, line: str) -> None:
        """Draw a line in the place of the last one, on a terminal."""
        self._wipe()
        self._line = line
        self._draw(line)

    @property
    def draws(self) -> bool:
        """Whether a line can be drawn over, and is wanted."""
        return sys.stderr.isatty() and not self.quiet and (self.verbose or not self.as_json)

    def _wipe(self) -> None:
        if self._line:
            sys.stderr.write("\r\x1b[K")

    def _draw(self, line: str) -> None:
        if line:
            sys.stderr.write(line)
            sys.stderr.flush()


class ScreenProgress:
    """Progress of one piece of work: a bar with rate and time left on a terminal, a line each ten seconds in a pipe."""

    def __init__(self, screen: Screen, title: str, *, in_shares: bool = False) -> None:
        self._screen = screen
        self._title = title
        self._in_shares = in_shares
        self._pace = Pace()
        self._begun = self._last = time.monotonic()

    def advance(self, done: int, total: int) -> None:
        """So many items are done, of so many (0: nobody knows)."""
        self._pace.note(done)
        now = time.monotonic()
        screen = self._screen
        if now - self._last < (_DRAWN_S if screen.draws else _EVERY_S):
            return
        self._last = now
        if screen.draws:
            screen.show(self._bar(done, total))
        elif screen.verbose and not screen.quiet:
            screen.say(f"{self._title}: {self._facts(done, total)}")

    def is_cancelled(self) -> bool:
        return INTERRUPTS.is_heard

    def _bar(self, done: int, total: int) -> str:
        full = _BAR * min(done, total) // total if total else 0
        bar = f" [{'#' * full}{'.' * (_BAR - full)}]" if total else ""
        return f"{self._title}{bar} {self._facts(done, total)}"[: shutil.get_terminal_size().columns - 1]

    def _facts(self, done: int, total: int) -> str:
        facts = [f"{done:,} of {total:,}" if total else f"{done:,}"]
        if self._in_shares:
            facts = [f"{min(done, total) / total:.0%}" if total else "getting ready"]
        elif (rate := self._pace.rate) > 0:
            facts.append(f"{rate:.1f} a second" if rate >= 1 else f"{rate * 60:.0f} a minute")
        if total and (left := self._pace.seconds_left(total - done)) is not None:
            facts.append(f"{duration(left)} left")
        return ", ".join(facts)


def duration(seconds: float) -> str:
    """Seconds in words: "40 s", "12 min", "3 h 20 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
