"""`captioner run caption` in a process group of its own, to be ended at any moment, and what lies in its sink."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet

from tests.doubles.provider_server import ProviderServer
from tests.doubles.repository import ROOT


def keys(sink: Path) -> list[str]:
    """The keys of all rows, part by part."""
    found: list[str] = []
    for path in sorted(sink.glob("part-*.parquet")):
        found += pyarrow.parquet.read_table(path, columns=["key"])["key"].to_pylist()
    return found


def rows(sink: Path, *without: str) -> list[dict[str, Any]]:
    """All rows in the order of the parts, some columns left out."""
    found = []
    for path in sorted(sink.glob("part-*.parquet")):
        table = pyarrow.parquet.read_table(path)
        kept = [name for name in table.schema.names if name not in without]
        found += table.select(kept).to_pylist(maps_as_pydicts="strict")
    return found


class Run:
    """A run with two workers and two samples a part, against a service on loopback."""

    def __init__(
        self,
        photos: Path,
        sink: Path,
        server: ProviderServer,
        *more: str,
        python: str = sys.executable,
        **environment: str,
    ) -> None:
        words = ["run", "caption", str(photos), str(sink), "--model", "tiny-vision", "--base-url", f"{server.url}/v1"]
        words += ["--part-size", "2", "--workers", "2", "--threads", "1", "--json", *more]
        self.process = subprocess.Popen(
            [python, "-m", "lib", *words],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self) -> dict[str, Any]:
        """What it told, once it has ended."""
        out, err = self.process.communicate(timeout=300)
        assert out.count("\n") == 1, out + err
        found: dict[str, Any] = json.loads(out)
        return found

    def members(self) -> list[int]:
        """All processes of its group that still live, itself too."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == self.process.pid and fields[0] != "Z":
                found.append(int(stat.parent.name))
        return found


def command_of(pid: int) -> str:
    """How a process was started, or calls itself; "" where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def until(is_so: Callable[[], object], seconds: float = 120) -> None:
    """Waits for something to be so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)
