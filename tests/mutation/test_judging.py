"""A small project is broken for real: its tests run in a process of their own, and say what they say."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.mutation.copies import Copy
from tests.mutation.judging import judge
from tests.mutation.mutants import mutants_of
from tests.mutation.reach import Reach, traced
from tests.mutation.rooms import ROOT, Room

ROOM = Room("lib/room", ("tests/room",))

CODE = """STEP = 1
FIRST = ("a",)[0]


def up_to(most):
    done = []
    while len(done) < most:
        done.append(len(done) + STEP)
    return done


def lonely():
    return 7
"""

TESTS = """from lib.room.code import up_to


def test_it_ends_where_it_should():
    assert len(up_to(3)) == 3
"""

OTHERS = """import subprocess
import sys


def test_another_process_sees_the_steps():
    code = "from lib.room.code import up_to; print(up_to(2))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[1, 2]\\n"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git says which files the project has")
    files = {"lib/room/code.py": CODE, "tests/room/test_code.py": TESTS, "tests/test_others.py": OTHERS}
    files |= {"pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\nmarkers = ["browser"]\n'}
    files |= {"tests/mutation/fork_tests.py": (ROOT / "tests/mutation/fork_tests.py").read_text()}
    for name, text in files.items():
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).write_text(text)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path / "project", check=True)
    return tmp_path / "project"


@pytest.fixture
def copy(root: Path, tmp_path: Path) -> Iterator[Copy]:
    copy = Copy(root, tmp_path / "work", imported=())
    yield copy
    copy.close()


@pytest.fixture
def reach(root: Path, copy: Copy, tmp_path: Path) -> Reach:
    free: SimpleQueue[Copy] = SimpleQueue()
    free.put(copy)
    return traced(root, tmp_path / "traces", free, 1, lambda said: None)


def test_a_mutant_is_killed_by_its_rooms_tests_or_by_the_rest_or_lives(root: Path, copy: Copy, reach: Reach) -> None:
    mutants = {mutant.after: mutant for mutant in mutants_of(ROOM, root)}
    first = judge(mutants["while len(done) <= most:"], ROOM, reach, copy)
    assert (first.outcome, first.asked) == ("killed", "the room's tests that reach it")
    assert first.test == "tests/room/test_code.py::test_it_ends_where_it_should"
    by_another = judge(mutants["done.append(len(done) - STEP)"], ROOM, reach, copy)
    assert judge(mutants["done.append(len(done) - STEP)"], ROOM, reach, copy, quick=True).outcome == "survived"
    assert (by_another.outcome, by_another.asked) == ("killed", "the other tests that start processes")
    assert judge(mutants["return 8"], ROOM, reach, copy).outcome == "not reached"
    assert (root / "lib/room/code.py").read_text() == (copy.root / "lib/room/code.py").read_text() == CODE


def test_tests_that_a_mutant_keeps_from_being_imported_are_not_all_run_without_it(
    root: Path, copy: Copy, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, ran = copy.run, []

    def noted(*arguments: Any, **choices: Any) -> dict[str, Any]:
        if (copy.root / "lib/room/code.py").read_text() == CODE and not choices["only_import"]:
            ran.append(arguments)
        return run(*arguments, **choices)

    monkeypatch.setattr(copy, "run", noted)
    broken = next(mutant for mutant in mutants_of(ROOM, root) if mutant.after.endswith("[1]"))
    verdict = judge(broken, ROOM, reach, copy)
    assert (verdict.outcome, verdict.test, ran) == ("killed", "as its tests are imported", [])


def test_a_mutant_that_never_ends_is_ended(
    root: Path, copy: Copy, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.mutation.judging._LEAST_S", 1.0)
    endless = next(mutant for mutant in mutants_of(ROOM, root) if mutant.after == "pass")
    verdict = judge(endless, ROOM, reach, copy)
    assert (verdict.outcome, verdict.test) == ("timeout", "tests/room/test_code.py::test_it_ends_where_it_should")
