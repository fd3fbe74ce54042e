"""Copies of the project in a temporary folder. Only they are changed, never the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from tests.mutation.mutants import Mutant
from tests.mutation.rooms import IMPORTED_BEFOREHAND

_LONG_AGO = 1_500_000_000


class Copy:
    """The project in a folder of its own, and a process that runs its tests."""

    def __init__(self, root: Path, folder: Path, imported: Sequence[str] = IMPORTED_BEFOREHAND) -> None:
        self.root = folder / "copy"
        self._times = count(_LONG_AGO)
        self.root.mkdir(parents=True)
        for name in project_files(root):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, self.root / name)
        (folder / "t").mkdir(parents=True)
        # A home of its own: what breaks is to break nothing of whoever runs this.
        environment = os.environ | {"TMPDIR": str(folder / "t"), "HOME": str(folder)}
        if browsers := Path.home() / ".cache/ms-playwright":
            environment.setdefault("PLAYWRIGHT_BROWSERS_PATH", str(browsers))
        with (folder / "errors.txt").open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "tests/mutation/fork_tests.py", *imported],
                cwd=self.root, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
            )  # fmt: skip

    def run(
        self,
        files: Sequence[str],
        tests: Sequence[str] | None = None,
        limits: Sequence[float] = (),
        *,
        browser: bool = False,
        trace: Path | None = None,
        limit: float = 0.0,
        only_import: bool = False,
    ) -> dict[str, Any]:
        """Runs these tests of these files in this order until one fails, or all that the files have.

        `only_import`: runs none of them, and says whether they are there and can be imported.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {
            "files": list(files), "tests": None if tests is None else list(tests), "limits": list(limits),
            "browser": browser, "trace": None if trace is None else str(trace), "limit": limit,
            "only_import": only_import,
        }  # fmt: skip
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that runs the tests has ended: see {self.root.parent}/errors.txt.")
        return dict(json.loads(answer))

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The mutant is in the copy as long as this lasts."""
        path = self.root / mutant.path
        source, when = path.read_bytes(), path.stat()
        try:
            path.write_bytes(mutant.applied(self.root))
            # What was compiled is told by the time in seconds: no two of these files have the same.
            second = next(self._times)
            os.utime(path, (second, second))
            yield
        finally:
            path.write_bytes(source)
            os.utime(path, ns=(when.st_atime_ns, when.st_mtime_ns))
            shutil.rmtree(self.root / ".hypothesis", ignore_errors=True)

    def close(self) -> None:
        self._process.communicate()
        # Disks that a test mounted and was not left the time to take away.
        for line in Path("/proc/mounts").read_text().splitlines():
            if (place := line.split()[1]).startswith(str(self.root.parent)):
                subprocess.run(["umount", "-l", place], check=False)


@contextmanager
def copies(root: Path, number: int, folder: Path) -> Iterator[SimpleQueue[Copy]]:
    """As many copies of the project, of which a thread takes one and puts it back."""
    made = [Copy(root, folder / str(place)) for place in range(number)]
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in made:
        free.put(copy)
    try:
        yield free
    finally:
        for copy in made:
            copy.close()


@contextmanager
def one_of(free: SimpleQueue[Copy]) -> Iterator[Copy]:
    copy = free.get()
    try:
        yield copy
    finally:
        free.put(copy)


def project_files(root: Path) -> list[str]:
    """Every file that git holds or would take."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    named = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    return sorted({name for name in named if name and (root / name).is_file() and not (root / name).is_symlink()})
