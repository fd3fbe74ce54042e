"""A Ray cluster of one head on loopback, from an environment beside the toolkit's (`make ray`)."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.doubles.part_run import Run, command_of
from tests.doubles.programs import free_port
from tests.doubles.provider_server import ProviderServer
from tests.doubles.repository import ROOT
from tests.missing import missing

PROGRAMS = ROOT / ".venv-ray" / "bin"
CANARY = "sk-canary-0123456789abcdef"
CPUS = 3
"""Of the cluster, by name: two for the actors, and one stays free."""


@dataclass
class Cluster:
    """A head on loopback, with a key in its environment as a cluster's own would have it."""

    folder: Path
    environment: dict[str, str]

    @classmethod
    def start(cls) -> Cluster:
        if not (PROGRAMS / "ray").exists():
            missing("Ray is not installed (`make ray`)")
        # The names of Ray's sockets have to be short.
        folder = Path(tempfile.mkdtemp(prefix="ray"))
        port = free_port()
        environment = {
            "RAY_ADDRESS": f"127.0.0.1:{port}",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_worker_niceness": "0",
            "RAY_gcs_rpc_server_reconnect_timeout_s": "5",
            "MY_KEY": CANARY,
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
        }
        cluster = cls(folder, environment)
        words = ["start", "--head", "--node-ip-address=127.0.0.1", f"--port={port}", f"--num-cpus={CPUS}"]
        words += ["--include-dashboard=false", f"--temp-dir={folder}", "--disable-usage-stats"]
        for is_last in (False, True):
            done = cluster.program(*words)
            if done.returncode == 0:
                return cluster
            assert not is_last, done.stdout[-2000:] + done.stderr[-2000:]
            cluster.kill()
        raise AssertionError

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        given = os.environ | {name: value for name, value in self.environment.items() if name != "RAY_ADDRESS"}
        return subprocess.run(
            [PROGRAMS / "ray", *words], env=given, capture_output=True, text=True, timeout=120, check=False
        )

    def tables(self) -> bytes:
        """All that the head knows of actors and jobs, and its keys with their values."""
        words, given = [PROGRAMS / "python", "-m", "tests.doubles.ray_tables"], os.environ | self.environment
        given |= {"RAY_AUTH_MODE": "token"}
        done = subprocess.run(words, cwd=ROOT, env=given, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def processes(self, named: str) -> list[int]:
        """Those of this cluster whose command holds a text."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            pid = int(place.name)
            if named in command_of(pid) and self._is_ours(pid):
                found.append(pid)
        return found

    def _is_ours(self, pid: int) -> bool:
        try:
            return self.environment["RAY_AUTH_TOKEN"].encode() in Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False

    def kill(self) -> None:
        for pid in self.processes(""):
            if pid != os.getpid():
                kill(pid)

    def end(self) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, photos: Path, sink: Path, server: ProviderServer, *more: str) -> Run:
        python = str(PROGRAMS / "python")
        return Run(photos, sink, server, "--engine", "ray", *more, python=python, **self.environment)

    def captioner(self, *words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAMS / "python", "-m", "lib", *map(str, words)],
            cwd=ROOT, env=os.environ | self.environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


def kill(pid: int) -> None:
    """By force; that it is gone is no fault."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
