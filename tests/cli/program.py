"""The program as a script calls it, and the form that every result has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema

from tests.doubles.repository import ROOT

SCHEMA = {
    "type": "object",
    "required": ["ok", "operation", "counts", "failed", "seconds"],
    "properties": {
        "ok": {"type": "boolean"},
        "operation": {"type": ["integer", "null"]},
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "failed": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["image", "reason"],
                "properties": {
                    "image": {"type": "string", "minLength": 1},
                    "reason": {"type": "string", "minLength": 1},
                },
                "additionalProperties": False,
            },
        },
        "seconds": {"type": "number", "minimum": 0},
        "error": {"type": "string", "minLength": 1},
    },
}


def result_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The one JSON object on stdout, which must have the common form and fit the exit status."""
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(found, SCHEMA)
    assert found["ok"] == (done.returncode == 0), (found, done.returncode)
    assert "Traceback" not in done.stderr
    return found


def arguments_of(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "lib", *map(str, arguments)]


def environment_of(**changes: str) -> dict[str, str]:
    """That of a process which finds lib from any folder, as `captioner` does."""
    return os.environ | {"PYTHONPATH": str(ROOT)} | changes


def captioner(
    *arguments: object, cwd: Path | None = None, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, its three streams pipes."""
    return subprocess.run(
        arguments_of(*arguments),
        cwd=cwd or ROOT,
        env=environment_of(**environment),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
