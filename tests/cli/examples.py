"""Each command with arguments by which it does its work."""

from __future__ import annotations

from pathlib import Path

from lib.commands.application import COMMANDS
from tests.cli.program import captioner
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer

OFFLINE = [name for name in COMMANDS if name != "push"]


def words_for(command: str, photos: Path, tmp_path: Path, server: ProviderServer) -> list[object]:
    """Arguments with which a command does its work."""
    table = tmp_path / "captions.csv"
    table.write_text("file_name,text\nnone.jpg,a new one\n")
    known: dict[str, list[object]] = {
        "filter": [photos, "cat"],
        "caption": [photos, "--model", "tiny-vision", "--base-url", server.url],
        "affix": [photos, "--prefix", "sks"],
        "replace": [photos, "cat", "dog"],
        "tags": [photos, "--sort"],
        "review": [photos, "--tagged", "--checks", "captions"],
        "find": [photos, "a boat"],
        "fix": [photos, "--check", "captions"],
        "set": [photos / "b.jpg", "a cat"],
        "mark": [photos, "--rating", 3],
        "import": [table, photos],
        "embed": [photos, "--method", "tfidf"],
        "cluster": [photos, "--k", 2, "--method", "tfidf"],
        "export": [photos, tmp_path / "out", "--format", "csv"],
        "push": [photos, "ada/birds"],
        "verify": [tmp_path / "out"],
        "run": ["status", tmp_path / "sink"],
        "compact": [tmp_path / "sink", "--yes"],
        "models": [],
        "jobs": [],
        "config": [],
    }
    if command in ("undo", "redo", "history"):
        assert lib("affix", photos, "--prefix", "x").returncode == 0
    if command == "redo":
        assert lib("undo", photos).returncode == 0
    if command in ("run", "compact"):
        assert captioner("run", "import", photos, tmp_path / "sink", "--workers", 1).returncode == 0
    if command == "verify":
        assert lib("export", photos, tmp_path / "out", "--format", "csv").returncode == 0
    return known.get(command, [photos])
