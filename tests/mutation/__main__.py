"""`make mutants`: is a small mistake in the code noticed by a test? Goes on where it was stopped.

`python -m tests.mutation --room lib/bulk --sample 60` asks about one room; `--only-survivors` asks again about those
that lived when the tests or the code were others; `--list` shows the sample and `--report` what is known, and neither
runs anything.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.copies import copies, one_of, project_files
from tests.mutation.judging import judge
from tests.mutation.mutants import Mutant, drawn, equivalent_reasons, mutants_of
from tests.mutation.reach import traced
from tests.mutation.results import Results, report
from tests.mutation.rooms import ROOMS, ROOT, Room

_FOLDER = ROOT / "mutants"
_ALIVE = {"survived", "not reached"}


def main() -> int:
    options = _options()
    say = sys.stdout.write
    rooms = [room for room in ROOMS if not options.room or room.name in options.room]
    sample = _sample(rooms, options)
    if options.list:
        for mutant in sample:
            say(f"{mutant.key} {mutant.path}:{mutant.line} ({mutant.edit.operator})\n")
            say(f"    - {mutant.before}\n    + {mutant.after}\n")
        return 0
    drawn_keys = {mutant.key for mutant in sample}
    reasons = {key: reason for key, reason in equivalent_reasons().items() if key in drawn_keys}
    results = Results(_FOLDER / "results.jsonl")
    if not options.report:
        _run(sample, rooms, results, reasons, options)
    outcomes = {key: result.outcome for key, result in results.by_key.items()} | dict.fromkeys(reasons, "equivalent")
    sys.stdout.writelines(report(sample, outcomes, reasons))
    code = _code()
    if old := sum(m.key not in reasons and m.key in outcomes and results.by_key[m.key].code != code for m in sample):
        say(f"\n{old} of these results were found with other code or other tests than there are now.\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--sample", type=int, default=150, help="how many mutants are asked about")
    parser.add_argument("--seed", type=int, default=1, help="another number draws another sample")
    parser.add_argument("--room", action="append", choices=[room.name for room in ROOMS], help="this room only")
    parser.add_argument("--key", action="append", help="this mutant only, by the key that the report shows")
    parser.add_argument("--only-survivors", action="store_true", help="ask again about those that lived, and no others")
    parser.add_argument("--fresh", action="store_true", help="ask about all again")
    parser.add_argument("--quick", action="store_true", help="ask only the tests of its room that are seen to reach it")
    parser.add_argument("--browser", action="store_true", help="ask the tests in a browser too, at the very last")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--list", action="store_true", help="show the sample and run nothing")
    parser.add_argument("--report", action="store_true", help="show what is known and run nothing")
    return parser.parse_args()


def _sample(rooms: list[Room], options: argparse.Namespace) -> list[Mutant]:
    for room in rooms:
        if not room.files(ROOT):
            raise SystemExit(f"There is no code in {room.name}: tests/mutation/rooms.py is to be put right.")
        for place in room.tests:
            if not (ROOT / place).exists():
                raise SystemExit(f"There is no {place}: tests/mutation/rooms.py is to be put right.")
    mutants = [mutant for room in rooms for mutant in mutants_of(room, ROOT)]
    if options.key:
        return [mutant for mutant in mutants if mutant.key in options.key]
    return drawn(mutants, options.sample, options.seed, ROOT)


def _run(
    sample: list[Mutant], rooms: list[Room], results: Results, reasons: dict[str, str], options: argparse.Namespace
) -> None:
    code, began = _code(), time.monotonic()
    waiting = [mutant for mutant in sample if mutant.key not in reasons and _is_open(mutant, results, code, options)]
    by_name = {room.name: room for room in rooms}
    with (
        tempfile.TemporaryDirectory(prefix="mutants-", ignore_cleanup_errors=True) as folder,
        copies(ROOT, options.workers, Path(folder)) as free,
        ThreadPoolExecutor(options.workers) as pool,
    ):
        own = rooms if options.quick else []
        reach = traced(ROOT, _FOLDER / "traces", free, options.workers, _said, own)
        for test in reach.failing:
            _said(f"fails without any mutant, and is not asked: {test}\n")
        browser = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/browser").glob("test_*.py"))
        browser = browser if options.browser else []

        def ask(mutant: Mutant) -> None:
            with one_of(free) as copy:
                verdict = judge(mutant, by_name[mutant.room], reach, copy, browser, quick=options.quick)
            # Who lives after a quick look is asked about again.
            results.add(mutant, "" if options.quick and verdict.outcome in _ALIVE else code, verdict)
            by = f" by {verdict.test}" if verdict.test else ""
            _said(f"{verdict.seconds:6.1f} s  {verdict.outcome}: {mutant.path}:{mutant.line} ({mutant.key}){by}\n")

        list(pool.map(ask, waiting))
    _said(f"{len(waiting)} mutants in {(time.monotonic() - began) / 60:.1f} minutes\n\n")


def _is_open(mutant: Mutant, results: Results, code: str, options: argparse.Namespace) -> bool:
    known = results.by_key.get(mutant.key)
    if options.only_survivors:
        return known is None or known.outcome in _ALIVE
    return options.fresh or bool(options.key) or known is None or known.code != code


def _code() -> str:
    """The state of all code and tests but those of this tool."""
    state = hashlib.sha256()
    for name in project_files(ROOT):
        if name.endswith((".py", ".toml", ".js", ".css")) and not name.startswith("tests/mutation/"):
            state.update(name.encode() + b"\0" + (ROOT / name).read_bytes())
    return state.hexdigest()[:12]


def _said(words: str) -> None:
    sys.stdout.write(words)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
