"""What a soak is told as: a table, and what was demanded and missed."""

from __future__ import annotations

from statistics import median

from tests.soak.figures import Held
from tests.soak.run import Soak, is_left_as_it_was
from tests.soak.tally import AT_ONCE, TURN, quantile

TURN_P95_S = 1.0
AT_ONCE_S = 4.0
GROWTH, GROWTH_AT_FIRST = 0.05, 0.20
_STEADY_AFTER_S = 120.0
"""Till then sessions only add up: Streamlit keeps each for two minutes after its connection has ended."""

_TOLD = 5


def report(done: Soak) -> str:
    """All figures, as text."""
    tally = done.tally
    lines = [
        f"{done.visitors} visitors, {done.seconds:.0f} s",
        "",
        f"{'':24}{'count':>8}{'errors':>8}{'p50':>9}{'p95':>9}",
    ]
    for kind in tally.kinds():
        seconds = tally.seconds.get(kind, [])
        times = f"{quantile(seconds, 0.5):7.2f} s{quantile(seconds, 0.95):7.2f} s" if any(seconds) else ""
        lines.append(f"{kind:24}{len(seconds):8,}{len(tally.errors.get(kind, [])):8,}{times}")
    first, last = memory(done)
    middle = done.watched[len(done.watched) // 2][1] if done.watched else done.start
    lines += ["", f"{'the server':24}{'idle':>10}{'start':>10}{'middle':>10}{'end':>10}"]
    for name, field in _FIELDS:
        lines.append(f"{name:24}" + "".join(_figure(held, field) for held in (done.idle, done.start, middle, done.end)))
    lines.append(
        f"memory after the first third {first:,.0f} MB, in the last part {last:,.0f} MB: {last / first - 1:+.1%}"
    )
    lines += [f"! {kind}: {what}" for kind in tally.errors for what in tally.errors[kind][:_TOLD]]
    return "\n".join([*lines, "", *(f"MISSED: {what}" for what in missed(done))]).rstrip()


_FIELDS = (
    ("memory, MB", "memory_mb"),
    ("threads", "threads"),
    ("open files", "files"),
    ("of them databases", "databases"),
    ("of them preferences", "preference_files"),
    ("temporary files", "temporary"),
    ("locks", "locks"),
)


def _figure(held: Held | None, field: str) -> str:
    return f"{getattr(held, field):10,.0f}" if held is not None else f"{'?':>10}"


def memory(done: Soak) -> tuple[float, float]:
    """What the server took just after the first third, and at the end: the middle of what was seen, in MB."""

    def within(begin: float, end: float) -> float:
        seen = [held.memory_mb for at, held in done.watched if begin <= at / done.seconds <= end]
        return median(seen) if seen else 1.0

    return within(1 / 3, 1 / 2), within(5 / 6, 2)


def missed(done: Soak) -> list[str]:
    """What was demanded of two quiet cores, and is not so."""
    return wrong(done) + too_much(done)


def wrong(done: Soak) -> list[str]:
    """What is demanded of any machine, however slow and busy: nothing goes wrong, and nothing is left over."""
    found = []
    if errors := sum(map(len, done.tally.errors.values())):
        found.append(f"no errors: there were {errors:,}")
    if not done.tally.seconds.get(TURN):
        found.append("somebody turns a page: nobody did")
    if done.end is None or not is_left_as_it_was(done, done.end):
        found.append("nothing left over: see threads, open files, temporary files and locks")
    return found


def too_much(done: Soak) -> list[str]:
    """What took too long, or grew."""
    tally, found = done.tally, []
    if (turn := quantile(tally.seconds.get(TURN, []), 0.95)) >= TURN_P95_S:
        found.append(f"a page turn under {TURN_P95_S:.0f} s for 95 of 100: it took {turn:.2f} s")
    if (slowest := max(tally.seconds.get(AT_ONCE, [0.0]))) >= AT_ONCE_S:
        found.append(f"all who open the page at once see it within {AT_ONCE_S:.0f} s: it took {slowest:.2f} s")
    first, last = memory(done)
    growth = GROWTH if done.seconds / 3 >= _STEADY_AFTER_S else GROWTH_AT_FIRST
    if last > first * (1 + growth):
        found.append(f"memory that does not grow after the first third: {first:,.0f} to {last:,.0f} MB")
    return found
