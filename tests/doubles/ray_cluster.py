"""A Ray cluster of one head on loopback, from an environment beside the toolkit's (`make ray`)."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import urllib.request
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
    dashboard: str = ""

    @classmethod
    def start(cls, *, with_dashboard: bool = False) -> Cluster:
        if not (PROGRAMS / "ray").exists():
            missing("Ray is not installed (`make ray`)")
        if with_dashboard and not list(PROGRAMS.parent.glob("lib/python3*/site-packages/aiohttp_cors")):
            missing("Ray's dashboard is not installed (`make ray`)")
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
        cluster = cls(folder, environment, f"http://127.0.0.1:{free_port()}" if with_dashboard else "")
        words = ["start", "--head", "--node-ip-address=127.0.0.1", f"--port={port}", f"--num-cpus={CPUS}"]
        words += [f"--include-dashboard={str(with_dashboard).lower()}", f"--temp-dir={folder}", "--disable-usage-stats"]
        if with_dashboard:
            words += ["--dashboard-host=127.0.0.1", f"--dashboard-port={cluster.dashboard.rpartition(':')[2]}"]
        for is_last in (False, True):
            done = cluster.program(*words)
            if done.returncode == 0:
                return cluster
            assert not is_last, done.stdout[-2000:] + done.stderr[-2000:]
            cluster.kill()
        raise AssertionError

    def program(self, *words: str) -> subprocess.CompletedProcess[str]:
        given = os.environ | {name: value for name, value in self.environment.items() if name != "RAY_ADDRESS"}
        given |= {"RAY_AUTH_MODE": "token"}
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

    def shown(self, path: str) -> bytes:
        """What the dashboard's server answers."""
        headers = {"Authorization": f"Bearer {self.environment['RAY_AUTH_TOKEN']}"}
        with urllib.request.urlopen(urllib.request.Request(self.dashboard + path, headers=headers)) as answer:
            found: bytes = answer.read()
        return found

    def logs(self) -> list[Path]:
        """The files that all of its processes write down what they do in."""
        return [path for path in self.folder.glob("session_*/logs/**/*") if path.is_file() and not path.is_symlink()]

    def listed(self, *words: str) -> str:
        """What `ray list` and its like print."""
        done = self.program(*words, "--address", self.dashboard)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout + done.stderr

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
