"""What must be the same on all machines of a cluster, how many workers fit on them, and a folder for each."""

from __future__ import annotations

import hashlib
import logging
import math
import os
import platform
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lib.engine.base import EngineOptions
from lib.errors import InvalidInput

EQUAL = "The same checkout, Python and packages must be on every machine (docs/scale.md)."
_NICE = 15


def machine_facts() -> tuple[str, int]:
    """Of the machine that it runs on: what must be the same everywhere, and how willing its workers are."""
    found = f"Python {platform.python_version()}, Ray {version('ray')}, toolkit {code_digest()}"
    return found, os.nice(0) if hasattr(os, "nice") else 0


def check_equal(facts: Iterable[tuple[str, int]]) -> None:
    """Raises InvalidInput where a machine differs from this one; a low niceness is told in the log."""
    own, told = machine_facts()[0], list(facts)
    if others := sorted({what for what, _ in told if what != own}):
        raise InvalidInput(f"The cluster has {', '.join(others)}; here is {own}.", EQUAL)
    if any(nice >= _NICE for _, nice in told):
        logging.getLogger(__name__).warning(
            "The workers of the cluster run at niceness %d and wait for all others; RAY_worker_niceness=0 at its start"
            " lets them run as others do.",
            _NICE,
        )


def workers_that_fit(nodes: Sequence[Mapping[str, float]], options: EngineOptions) -> int:
    """How many there are to be on machines with so many "CPU" and "GPU" each. One CPU stays free.

    What waits for one that the workers hold would wait for ever. Raises InvalidInput where they do not fit.
    """
    cpus, gpus = (sum(node.get(kind, 0.0) for node in nodes) for kind in ("CPU", "GPU"))
    needs = {"CPU": options.cpus_per_worker, "GPU": options.gpus_per_worker}
    # A worker is on one machine, whatever others have left.
    here = sum(min(int(node.get(kind, 0.0) / each) for kind, each in needs.items() if each) for node in nodes)
    fit = min(here, int(max(cpus - 1, 0.0) / options.cpus_per_worker))
    if fit < max(1, options.workers):
        has, asked = f"{cpus:g} CPUs, and one stays free", f"{options.cpus_per_worker:g}"
        if options.gpus_per_worker:
            has = f"{cpus:g} CPUs, of which one stays free, and {gpus:g} GPUs"
            asked += f" and {options.gpus_per_worker:g} GPUs"
        raise InvalidInput(
            f"The cluster has {has}: {fit} workers of {asked} fit.",
            "Give --workers, --cpus-per-worker or --gpus-per-worker a smaller number.",
        )
    return options.workers or fit


def show_token() -> None:
    """Before Ray is imported: it shows a token at an address only where this says that one is asked for."""
    if os.environ.get("RAY_AUTH_TOKEN"):
        os.environ.setdefault("RAY_AUTH_MODE", "token")


def own_cluster(options: EngineOptions, scratch: Path) -> dict[str, Any]:
    """How a small cluster is started here for one job: large enough, and answering nobody else."""
    # Its workers find lib where this process does, and are as willing as this process is.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    for name, value in {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0"}.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    cpus = max(os.cpu_count() or 1, math.ceil(options.workers * options.cpus_per_worker) + 1)
    return {"address": "local", "num_cpus": cpus, "include_dashboard": False, "_temp_dir": str(scratch)}


def joined(join: Callable[[], object], leave: Callable[[], object], options: EngineOptions) -> None:
    """Joins a cluster. Raises InvalidInput where that cannot be done, with what the library said."""
    for is_last in (False, True):
        try:
            join()
            return
        except Exception as error:  # noqa: BLE001 - a busy machine is late once; what else there is has no common kind
            leave()
            if is_last:
                reason = str(error).strip().partition("\n")[0][:200] or type(error).__name__
                raise InvalidInput(
                    f"The Ray cluster at “{options.address or 'this machine'}” cannot be joined: {reason}.",
                    f"RAY_ADDRESS names it, RAY_AUTH_TOKEN is the token that it asks for. {EQUAL}",
                ) from None


def own_scratch(name: str) -> Path:
    """A folder for this process alone, emptied where one of its name was there before it was ended."""
    scratch = Path(tempfile.gettempdir(), f"worker-{name}")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    tempfile.tempdir = str(scratch)
    return scratch


def code_digest() -> str:
    """Eight hex digits of the toolkit's own code: machines that work together must have the same."""
    root = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:8]
