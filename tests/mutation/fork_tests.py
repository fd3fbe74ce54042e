"""Runs chosen tests, each time in a fork of a process that has imported what is slow and nothing of this project.

Started as a program in a copy of the project. It reads a line of JSON for each run and answers with one:
{"files", "tests", "limits", "browser", "trace", "only_import"} and {"outcome", "test", "left"}. With `trace`, a file is
written that says which test reached which line, and how long each took.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

SPARE_S = 60
"""For importing the tests."""

_MOST_MEMORY, _MOST_FILE = 4 << 30, 2 << 30

_OPTIONS = ("-p", "no:cacheprovider", "--hypothesis-seed=0", "--tb=short", "--color=no")
_STARTS_PROCESSES = ("subprocess.Popen", "os.fork", "os.posix_spawn", "socket.connect")


class Chosen:
    """The plugin that takes the tests in the order wanted, tells which one runs, and what came of it."""

    def __init__(self, tests: list[str] | None, pipe: int) -> None:
        self._tests, self._pipe = tests, pipe
        self.failed = ""
        self.missing = False
        self.took: dict[str, float] = {}
        self.bad: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if self._tests is not None:
            found = {item.nodeid: item for item in items}
            items[:] = [found[test] for test in self._tests if test in found]
            self.missing = len(items) < len(self._tests)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.took[nodeid] = 0.0
        os.write(self._pipe, f"{json.dumps(nodeid)}\n".encode())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[report.nodeid] += report.duration
        if report.failed:
            self.failed = report.nodeid
            self.bad.add(report.nodeid)


class Trace:
    """The plugin that keeps which test reached which line, and which of them started another process."""

    def __init__(self, root: Path) -> None:
        from coverage import Coverage

        folders = [f"{root}/{name}/*" for name in ("lib", "app")]
        self._coverage = Coverage(data_file=None, config_file=False, include=folders)
        self._root = root
        self._now = ""
        self._with_others: set[str] = set()
        sys.addaudithook(self._heard)
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self._now = item.nodeid
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._now = ""
            self._coverage.switch_context("")

    def _heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        # A fork server is asked by a Unix socket.
        if event in _STARTS_PROCESSES and (event != "socket.connect" or isinstance(arguments[1], str | bytes)):
            self._with_others.add(self._now)

    def save(self, path: Path, chosen: Chosen) -> None:
        self._coverage.stop()
        data = self._coverage.get_data()
        names = list(chosen.took)
        number = {name: place for place, name in enumerate(names)} | {"": -1}
        lines = {
            str(Path(file).relative_to(self._root)): {
                line: sorted(number[context] for context in contexts)
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        tests = [[name, chosen.took[name], name not in chosen.bad, name in self._with_others] for name in names]
        path.write_text(json.dumps({"tests": tests, "lines": lines}))


def _run(request: dict[str, Any], pipe: int, folder: str) -> None:
    """In the fork: never returns."""
    os.setpgid(0, 0)
    for stream in (1, 2):
        os.dup2(os.open(f"{folder}/output.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    # A loop that never ends would fill the disk before its time is up.
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_FILE, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    chosen = Chosen(request["tests"], pipe)
    trace = Trace(Path.cwd()) if request["trace"] else None
    marked = [] if request["browser"] else ["-m", "not browser"]
    stop = [] if trace else ["-x"]
    stop += ["--collect-only"] if request["only_import"] else []
    plugins = [chosen, trace] if trace else [chosen]
    code = pytest.main([*_OPTIONS, *marked, *stop, f"--basetemp={folder}/p", *request["files"]], plugins=plugins)
    if trace:
        trace.save(Path(request["trace"]), chosen)
    passed = code in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED) and not chosen.missing
    os.write(pipe, f"{json.dumps(['passed' if passed else 'failed', chosen.failed])}\n".encode())
    os._exit(0)


def _watched(request: dict[str, Any], child: int, pipe: int) -> dict[str, str]:
    """Follows a run, test by test, and ends it where one takes too long or too much memory."""
    limits: dict[str, float] = dict(zip(request["tests"] or (), request["limits"], strict=True))
    test, outcome, unread = "", "crashed", b""
    ends = os.pidfd_open(child)
    until = time.monotonic() + SPARE_S
    while outcome == "crashed":
        ready = select.select([pipe, ends], [], [], 0.5)[0]
        if pipe in ready:
            *whole, unread = (unread + os.read(pipe, 1 << 16)).split(b"\n")
            for said in map(json.loads, whole):
                test, outcome = (said, outcome) if isinstance(said, str) else (said[1], said[0])
                until = time.monotonic() + (limits.get(test, request["limit"]) if outcome == "crashed" else SPARE_S)
        elif ready:
            break
        elif _resident(child) > _MOST_MEMORY:
            outcome = "too much memory"
        elif time.monotonic() > until:
            outcome = "timeout"
    os.close(ends)
    return {"outcome": outcome, "test": test}


def _resident(process: int) -> int:
    """The bytes of memory that a process uses; 0 where there is no telling."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _answer(request: dict[str, Any]) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as folder:
        ours, theirs = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(ours)
                _run(request, theirs, folder)
            finally:
                os._exit(1)
        os.close(theirs)
        answer = _watched(request, child, ours)
        for kill in (os.killpg, os.kill):
            try:
                kill(child, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        os.waitpid(child, 0)
        os.close(ours)
        answer["output"] = Path(folder, "output.txt").read_text(errors="replace")[-3000:]
        return answer


def main(modules: list[str]) -> None:
    """Reads requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.path[0] = str(Path.cwd())
    with tempfile.TemporaryDirectory() as empty:
        # Its plugins come first, since pytest wants to import them itself.
        pytest.main(["--rootdir", empty, "-c", os.devnull, *_OPTIONS, empty])
    for module in modules:
        importlib.import_module(module)
    for line in sys.stdin:
        answers.write(json.dumps(_answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
