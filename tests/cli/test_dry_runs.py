"""--dry-run: what would be made or sent, told without making or sending it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.commands.application import COMMANDS
from tests.cli.examples import words_for
from tests.cli.program import captioner, result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer

MAKE = ("caption", "affix", "replace", "blanks", "tags", "set", "fix", "mark", "import", "undo", "redo", "export",
        "push", "embed", "cluster", "run", "review", "jobs", "compact")  # fmt: skip
READ = ("scan", "filter", "words", "history", "find", "verify", "models", "config")
"""They change nothing and send no image of a folder: `models --test` sends a picture that it draws."""


def found_below(folder: Path) -> dict[str, bytes]:
    """Every file with its content, but for the toolkit's own databases, which are opened by looking."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".sqlite" not in path.name and path.suffix not in (".lock", ".log")
    }


def test_every_command_either_has_a_dry_run_or_is_known_to_need_none() -> None:
    assert sorted((*MAKE, *READ)) == sorted(COMMANDS)


@pytest.mark.parametrize("command", MAKE)
def test_what_makes_or_changes_something_has_a_dry_run(command: str) -> None:
    assert "--dry-run" in lib(command, "-h").stdout


def wanted(command: str, photos: Path, tmp_path: Path, server: ProviderServer) -> list[object]:
    if command == "run":
        return ["caption", photos, tmp_path / "sink", "--model", "tiny-vision", "--base-url", server.url]
    if command == "cluster":
        return [*words_for(command, photos, tmp_path, server), "--out", tmp_path / "clusters.csv"]
    if command == "review":
        return [*words_for(command, photos, tmp_path, server), "--out", tmp_path / "scores.csv"]
    if command == "blanks":
        return [photos, "--remove"]
    return words_for(command, photos, tmp_path, server)


@pytest.mark.parametrize("command", MAKE)
def test_a_dry_run_writes_nothing_and_sends_nothing(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_token")
    words = wanted(command, photos, tmp_path, server)
    before = found_below(tmp_path)
    done = lib(command, *words, "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    told = result_of(done)
    assert command == "jobs" or told["dry_run"]
    assert found_below(tmp_path) == before
    assert server.requests == []


def test_a_dry_run_of_vectors_names_the_model_and_how_many(photos: Path) -> None:
    done = lib("embed", photos, "--method", "tfidf", "--dry-run")
    assert done.stdout == "4 vectors would be made by TF-IDF, 0 are there already\n"


def test_clusters_that_cannot_be_made_are_told_by_a_dry_run_too(photos: Path) -> None:
    done = lib("cluster", photos, "--k", 9, "--method", "tfidf", "--dry-run")
    assert done.returncode == 2
    assert "9 clusters cannot be made of 4 tagged samples" in done.stderr


def test_a_table_that_can_go_nowhere_is_refused_before_the_work(photos: Path, tmp_path: Path) -> None:
    for command in (["cluster", photos, "--k", 2, "--method", "tfidf"], ["review", photos, "--checks", "captions"]):
        done = lib(*command, "--out", tmp_path / "none" / "x.csv")
        assert (done.returncode, done.stdout) == (2, "")
        assert "none is not a folder" in done.stderr


def test_a_dry_run_of_parts_tells_what_is_missing_and_what_it_would_send(
    photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    words = ["run", "caption", photos, tmp_path / "sink", "--model", "tiny-vision", "--base-url", server.url,
             "--part-size", 2, "--workers", 1, "--json"]  # fmt: skip
    first = result_of(lib(*words, "--rpm", 2, "--dry-run"))["counts"]
    assert first == {"parts": 3, "missing": 3, "samples": 5, "requests": 5}
    assert captioner(*words).returncode == 0
    (tmp_path / "sink" / "part-000001.parquet").unlink()
    assert result_of(lib(*words, "--dry-run"))["counts"] == {"parts": 3, "missing": 1, "samples": 2, "requests": 2}
    other = lib(*words, "--dry-run", "--prompt", "another")
    assert other.returncode == 2
    assert "belongs to another job" in other.stderr


def test_a_pace_that_is_known_gives_the_time(photos: Path, tmp_path: Path, server: ProviderServer) -> None:
    model = ["--model", "tiny-vision", "--base-url", server.url, "--rpm", 2, "--dry-run"]
    assert "in 2 min at least" in lib("run", "caption", photos, tmp_path / "sink", *model).stdout
    assert "in 2 min at least" in lib("caption", photos, *model, "--existing", "overwrite").stderr


def test_a_dry_run_of_a_review_tells_how_often_a_model_would_be_asked(photos: Path, server: ProviderServer) -> None:
    done = lib("review", photos, "--scorer", "model", "--model", "tiny-vision", "--base-url", server.url,
               "--ask-worst", 3, "--dry-run", "--json")  # fmt: skip
    assert result_of(done)["counts"] == {"images": 5, "requests": 3}
    assert server.requests == []
