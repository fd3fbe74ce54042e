"""What became of each mutant, a line of JSON each, so that a run that was stopped goes on; and the report of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

from tests.mutation.judging import Verdict
from tests.mutation.mutants import Mutant

_OUTCOMES = ("killed", "timeout", "survived", "not reached", "equivalent")
_SCORED = _OUTCOMES[:4]


@dataclass(frozen=True, slots=True)
class Result:
    key: str
    code: str
    """The state of the project that it was found with."""
    outcome: str
    test: str
    asked: str
    seconds: float


class Results:
    """A file of results. Of two about one mutant, the later one holds."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self.by_key: dict[str, Result] = {}
        for line in path.read_text().splitlines() if path.exists() else ():
            result = Result(**{name: value for name, value in json.loads(line).items() if name in Result.__slots__})
            self.by_key[result.key] = result

    def add(self, mutant: Mutant, code: str, verdict: Verdict) -> Result:
        result = Result(mutant.key, code, verdict.outcome, verdict.test, verdict.asked, verdict.seconds)
        about = {
            "room": mutant.room,
            "place": f"{mutant.path}:{mutant.line}",
            "before": mutant.before,
            "after": mutant.after,
        }
        with self._lock:
            self.by_key[mutant.key] = result
            self._path.parent.mkdir(exist_ok=True)
            with self._path.open("a") as file:
                file.write(json.dumps(asdict(result) | about, ensure_ascii=False) + "\n")
        return result


def report(mutants: list[Mutant], outcomes: dict[str, str], reasons: dict[str, str]) -> Iterator[str]:
    """The table of the rooms, the score, and each mutant that lives. `reasons`: why each equivalent one is so."""
    rooms = {mutant.room: [other for other in mutants if other.room == mutant.room] for mutant in mutants}
    yield f"{'':16}{''.join(f'{outcome:>13}' for outcome in _OUTCOMES)}{'score':>9}\n"
    for name, members in [*sorted(rooms.items()), ("all", mutants)]:
        counts = _counts(members, outcomes)
        yield f"{name:16}{''.join(f'{counts[outcome]:13}' for outcome in _OUTCOMES)}{_score(counts):>9}\n"
    missing = sum(mutant.key not in outcomes for mutant in mutants)
    if missing:
        yield f"{missing} were not asked about yet: the same command goes on.\n"
    yield from _listed("Alive", mutants, outcomes, {"survived", "not reached"}, reasons)
    yield from _listed("Equivalent, not counted", mutants, outcomes, {"equivalent"}, reasons)


def _listed(
    title: str, mutants: list[Mutant], outcomes: dict[str, str], which: set[str], reasons: dict[str, str]
) -> Iterator[str]:
    chosen = [mutant for mutant in mutants if outcomes.get(mutant.key) in which]
    if chosen:
        yield f"\n{title}:\n"
    for mutant in sorted(chosen, key=lambda mutant: (mutant.path, mutant.line)):
        yield f"  {mutant.path}:{mutant.line}  ({outcomes[mutant.key]}, {mutant.edit.operator}, {mutant.key})\n"
        yield f"    - {mutant.before}\n    + {mutant.after}\n"
        if mutant.key in reasons:
            yield f"    {reasons[mutant.key]}\n"


def _counts(mutants: Iterable[Mutant], outcomes: dict[str, str]) -> dict[str, int]:
    counts = dict.fromkeys(_OUTCOMES, 0)
    for mutant in mutants:
        if mutant.key in outcomes:
            counts[outcomes[mutant.key]] += 1
    return counts


def _score(counts: dict[str, int]) -> str:
    all_of_them = sum(counts[outcome] for outcome in _SCORED)
    return f"{(counts['killed'] + counts['timeout']) / all_of_them:.1%}" if all_of_them else "-"
