"""Which test reaches which line, and how long it takes: from a traced run of each test file."""

from __future__ import annotations

import ast
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutation.copies import Copy, one_of, project_files
from tests.mutation.mutants import Mutant
from tests.mutation.rooms import LEFT_TO_THEMSELVES, Room

_LIMIT_S = 900
_IN_NO_TEST = -1


@dataclass(frozen=True, slots=True)
class Test:
    id: str
    file: str
    seconds: float
    with_others: bool
    """Whether it starts other processes: nobody sees which lines those reach."""


class Reach:
    """What the traced runs have shown."""

    def __init__(self, root: Path, traces: dict[str, dict[str, Any]]) -> None:
        self.tests: dict[str, list[Test]] = {}
        self.failing: list[str] = []
        self._lines: dict[str, dict[str, dict[str, list[int]]]] = {}
        for file, trace in traces.items():
            # One that fails by itself can tell nothing. Its place in the list is kept.
            self.failing += [id for id, _, passed, _ in trace["tests"] if not passed]
            self.tests[file] = [Test(id, file, took, others) for id, took, _, others in trace["tests"]]
            self._lines[file] = trace["lines"]
        self._failing = set(self.failing)
        self._importers = _importers(root)

    def tests_for(self, mutant: Mutant, files: Iterable[str]) -> list[Test]:
        """The tests of these files that run what the mutant changes."""
        found: list[Test] = []
        for file in files:
            lines = self._lines[file].get(mutant.path, {})
            numbers = {
                number for line in range(mutant.lines[0], mutant.lines[1] + 1) for number in lines.get(str(line), ())
            }
            if mutant.on_import and numbers:
                # All that use the module or what imports it live on what was set up when it was imported.
                numbers = {
                    n for path in (mutant.path, *self._importers[mutant.path]) for n in self._numbers(file, path)
                }
            found += self._by_number(file, numbers - {_IN_NO_TEST})
        return found

    def all_of(self, files: Iterable[str]) -> list[Test]:
        return [test for file in files for test in self.tests[file] if test.id not in self._failing]

    def _numbers(self, file: str, path: str) -> set[int]:
        return {number for numbers in self._lines[file].get(path, {}).values() for number in numbers}

    def _by_number(self, file: str, numbers: set[int]) -> list[Test]:
        return [self.tests[file][n] for n in sorted(numbers) if self.tests[file][n].id not in self._failing]


def traced(
    root: Path, kept: Path, free: SimpleQueue[Copy], workers: int, say: Any, rooms: Sequence[Room] = ()
) -> Reach:
    """Runs each test file that was not traced as it is now, with the code as it is now. `rooms`: only their tests."""
    kept.mkdir(parents=True, exist_ok=True)
    all_names = dict(_trace_names(root))
    names = {file: name for file, name in all_names.items() if not rooms or any(room.owns(file) for room in rooms)}
    waiting = [file for file, name in names.items() if not (kept / name).exists()]

    def trace(file: str) -> None:
        with one_of(free) as copy:
            path = kept / names[file]
            answer = copy.run([file], trace=path, limit=_LIMIT_S)
            if not path.exists():
                raise RuntimeError(f"{file} could not be traced ({answer['outcome']}):\n{answer['output']}")
            say(f"traced {file}\n")

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(trace, waiting))
    for path in kept.iterdir():
        if path.name not in all_names.values():
            path.unlink()
    return Reach(root, {file: json.loads((kept / name).read_text()) for file, name in names.items()})


def _trace_names(root: Path) -> Iterator[tuple[str, str]]:
    """A name for the trace of each test file, made of its bytes and those of all that is no test file."""
    files = [file for file in project_files(root) if file.endswith((".py", ".toml"))]
    tests = [file for file in files if file.startswith("tests/") and Path(file).name.startswith("test_")]
    others = hashlib.sha256()
    for file in sorted(set(files) - set(tests)):
        if not file.startswith("tests/mutation/"):
            others.update(file.encode() + (root / file).read_bytes())
    for file in tests:
        if not file.startswith(("tests/browser/", *LEFT_TO_THEMSELVES)):
            whole = others.digest() + file.encode() + (root / file).read_bytes()
            yield file, f"{hashlib.sha256(whole).hexdigest()[:16]}.json"


def _importers(root: Path) -> dict[str, set[str]]:
    """Which files import a file, by what their import statements say."""
    found: dict[str, set[str]] = defaultdict(set)
    for folder in ("lib", "app"):
        for path in (root / folder).rglob("*.py"):
            name = str(path.relative_to(root))
            for node in ast.walk(ast.parse(path.read_bytes())):
                for module in _modules(node):
                    base = root / module.replace(".", "/")
                    for file in (base.with_suffix(".py"), base / "__init__.py"):
                        if file.exists():
                            found[str(file.relative_to(root))].add(name)
    return found


def _modules(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=str() as module, names=names):
            return [module, *(f"{module}.{alias.name}" for alias in names)]
    return []
