"""Other people's programs, from an environment of their own: nothing of theirs is imported here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.missing import missing

ROOT = Path(__file__).resolve().parents[2]
_PROGRAMS = ROOT / ".venv-peers" / ("Scripts" if sys.platform == "win32" else "bin")

Peer = Callable[..., subprocess.CompletedProcess[str]]


def program(name: str) -> Path:
    """A program of that environment."""
    path = _PROGRAMS / name
    if not path.exists():
        missing("other people's programs are not installed (`make peers`)")
    return path


def quiet_environment(**more: str) -> dict[str, str]:
    """The environment for a program that is to ask nobody on the internet: for news, prices or models."""
    quiet = {"HF_HUB_OFFLINE": "1", "NO_ALBUMENTATIONS_UPDATE": "1", "WANDB_MODE": "disabled"}
    quiet |= {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "RAY_USAGE_STATS_ENABLED": "0", "DO_NOT_TRACK": "1"}
    return os.environ | quiet | more


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    """Run a program of theirs to its end, and give back what it said."""

    def run(name: str, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(program(name)), *map(str, arguments)],
            cwd=tmp_path,
            env=quiet_environment(**environment),
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, f"{name}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done

    return run
