"""A soak: a server of its own, visitors for so many seconds, and what the server holds all the while."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.conftest import Dashboard, serve
from tests.soak import errands
from tests.soak.figures import Held, held
from tests.soak.pictures import Captions, draw
from tests.soak.tab import Tab
from tests.soak.tally import AT_ONCE, FAULTS, Tally
from tests.soak.walker import Walker, own_cookie, shares

OPENING_AT_ONCE = 20
TORN_EVERY = 10
_LOOK_EVERY_S = 1.0
_SETTLES_WITHIN_S = 180.0
"""Streamlit keeps a session for two minutes after its connection has ended."""

_LOOK_IN_EVERY_S = 30.0

_MOST_DATABASES = 3 * (16 + 32 + 4)
"""A file, its log and its index: of so many owners, of so many folders, and the server's own."""


@dataclass
class Soak:
    """What came of it. `watched`: seconds since the visitors began, with what the server held then."""

    seconds: float
    visitors: int
    tally: Tally = field(default_factory=Tally)
    idle: Held | None = None
    """Before anybody came."""
    start: Held | None = None
    end: Held | None = None
    watched: list[tuple[float, Held]] = field(default_factory=list)
    log: str = ""


def soak(folder: Path, *, seconds: float, visitors: int, count: int, seed: int, rounds: int = 1) -> Soak:
    """Let visitors work on so many pictures in a folder of their own; takes a few minutes longer than `seconds`.

    In each of the rounds one of them makes clusters, one edits in bulk, and one exports.
    """
    home, photos, temporary = folder / "toolkit", folder / "photos", folder / "temporary"
    home.mkdir(parents=True)
    temporary.mkdir()
    draw(photos, count)
    done = Soak(seconds, visitors)
    # Not on loopback alone: there each visitor would be the one person at this machine.
    with serve(home, photos, ADDRESS="0.0.0.0", TMPDIR=str(temporary)) as server:

        def look() -> Held:
            assert server.process.pid is not None
            return held(server.process.pid, temporary, home, photos)

        done.idle = look()
        captions = Captions(count)
        walkers = _walkers(server, photos, captions, done, seed)
        _open_at_once(walkers, done.tally)
        _settle(look, lambda now: now.temporary == now.locks == 0, 30.0, lambda: None)
        done.start = look()
        _work(walkers, done, look, _errands(seconds, rounds))
        _settle(look, lambda now: is_left_as_it_was(done, now), _SETTLES_WITHIN_S, lambda: _look_in(walkers[0]))
        done.end = look()
        for wrong in captions.wrong(photos):
            done.tally.failed("files on disk", wrong)
        done.log = server.log.read_text(errors="replace")
    for incident in incidents(done.log):
        done.tally.failed("the server's log", incident)
    return done


def incidents(log: str) -> list[str]:
    """What a log tells of errors: the line before a traceback and its end, and lines that call themselves errors."""
    found, before = [], ""
    lines = iter(log.splitlines())
    for line in lines:
        if line.startswith("Traceback"):
            end = next((later for later in lines if later and not later.startswith((" ", "Traceback"))), "")
            if found and found[-1] == before:
                found.pop()
            found.append(f"{before} … {end}")
        elif " ERROR " in line:
            found.append(line)
        before = line
    return found


def is_left_as_it_was(done: Soak, end: Held) -> bool:
    """Nothing of the visitors is left but what a server keeps for the next ones: threads at rest, and databases."""
    assert done.idle is not None
    assert done.start is not None
    return (
        end.temporary == 0
        and end.locks == 0
        and end.threads <= done.start.threads + 10
        and end.databases <= _MOST_DATABASES
        and end.files - end.databases <= done.idle.files - done.idle.databases + 20
    )


def _walkers(server: Dashboard, photos: Path, captions: Captions, done: Soak, seed: int) -> list[Walker]:
    port = int(server.url.rpartition(":")[2])
    parts = shares(captions.count, done.visitors)
    return [
        Walker(own_cookie(port), port, photos, part, captions, done.tally, random.Random(seed + number))
        for number, part in enumerate(parts)
    ]


def _open_at_once(walkers: list[Walker], tally: Tally) -> None:
    """Twenty browsers, each for the first time, on a server that was just started."""
    gate = threading.Barrier(min(OPENING_AT_ONCE, len(walkers)))

    def visit(walker: Walker) -> None:
        gate.wait()
        try:
            with tally.counted(AT_ONCE):
                tab = walker.open()
            tab.__exit__(None, None, None)
        except FAULTS:
            # It was counted.
            return

    _all_together([lambda walker=walker: visit(walker) for walker in walkers[: gate.parties]])


def _work(
    walkers: list[Walker], done: Soak, look: Callable[[], Held], waiting: list[tuple[float, errands.Errand]]
) -> None:
    over, numbers = threading.Event(), itertools.count(1)
    lock = threading.Lock()
    begun = time.monotonic()

    def is_torn() -> bool:
        with lock:
            return next(numbers) % TORN_EVERY == 0

    def due() -> errands.Errand | None:
        with lock:
            is_due = waiting and waiting[0][0] <= time.monotonic() - begun
            return waiting.pop(0)[1] if is_due else None

    def live(walker: Walker) -> None:
        # They come one after the other, as people do.
        over.wait(walker.chance.uniform(0, min(10.0, done.seconds / 4)))
        while not over.is_set():
            try:
                walker.session(over, is_torn, due())
            except FAULTS:
                # It was counted; the visitor comes again.
                over.wait(1.0)

    def watch() -> None:
        while not over.wait(_LOOK_EVERY_S):
            done.watched.append((time.monotonic() - begun, look()))

    timer = threading.Timer(done.seconds, over.set)
    timer.start()
    _all_together([watch, *(lambda walker=walker: live(walker) for walker in walkers)])


def _errands(seconds: float, rounds: int) -> list[tuple[float, errands.Errand]]:
    """When each of them is due, in seconds from the beginning: all of them in the first part of each round."""
    length = seconds / rounds
    return [
        (length * (turn + 0.04 + 0.08 * number), errand)
        for turn in range(rounds)
        for number, errand in enumerate(errands.ONE_BY_ONE)
    ]


def _all_together(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _look_in(walker: Walker) -> None:
    """One visitor more: Streamlit lets go of sessions that have expired when the next one ends, and not before."""
    with Tab(walker.port, walker.cookie) as tab:
        tab.open()


def _settle(
    look: Callable[[], Held], is_settled: Callable[[Held], bool], seconds: float, meanwhile: Callable[[], None]
) -> None:
    """Wait until it is so, and do something now and then; where it never is, the figures tell."""
    end, next_time = time.monotonic() + seconds, 0.0
    while time.monotonic() < end and not is_settled(look()):
        if time.monotonic() > next_time:
            meanwhile()
            next_time = time.monotonic() + _LOOK_IN_EVERY_S
        time.sleep(_LOOK_EVERY_S)
