"""Ctrl+C at any moment: exit status 130 with a summary, whole captions, and nothing in the next command's way."""

from __future__ import annotations

import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import arguments_of, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer

_LONGEST_S = 1.6
"""About how long these commands take, so that some signals come before them, some in the middle, some at their end."""


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer("a red square", delay=0.02) as made:
        yield made


def broken_off(moment: float, number: int, *words: object) -> subprocess.CompletedProcess[str]:
    """A command that is sent a signal so many seconds after its start."""
    process = subprocess.Popen(
        arguments_of(*words, "--json"),
        env=environment_of(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(moment)
    process.send_signal(number)
    out, errors = process.communicate(timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


def texts(folder: Path) -> set[str]:
    return {path.read_text() for path in folder.glob("*.txt")}


_AT_START = re.compile(r"site\.py|import the site module")


def check(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode in (-signal.SIGINT, -signal.SIGTERM) or (done.returncode == 1 and _AT_START.search(done.stderr)):
        # Python itself was still starting: nothing of ours had run.
        assert not done.stdout
        return
    assert done.returncode in (0, 130), done.stderr
    assert "Traceback" not in done.stderr
    told = result_of(done)
    assert ("error" in told) == (done.returncode == 130)


ROUNDS = [*range(5), *(pytest.param(number, marks=pytest.mark.kills) for number in range(5, 35))]


@pytest.mark.parametrize("round", ROUNDS)
def test_ctrl_c_at_a_random_moment_leaves_whole_captions(
    tmp_path: Path, server: ProviderServer, seed: int, round: int
) -> None:
    rng = random.Random(f"{seed} {round}")
    command = rng.choice(["scan", "affix", "caption", "export", "undo", "review", "fix", "embed", "cluster"])
    before = "a cat, a cat" if command == "fix" else "a cat"
    folder = image_folder(tmp_path / "photos", {f"{number:03}.jpg": before for number in range(60)})
    words: dict[str, list[object]] = {
        "affix": ["--prefix", "sks"],
        "caption": ["--model", "m", "--base-url", server.url, "--existing", "overwrite"],
        "export": [tmp_path / "out", "--format", "imagefolder"],
        "review": ["--checks", "captions,pictures"],
        "fix": ["--check", "tag_twice"],
        "embed": ["--method", "tfidf"],
        "cluster": ["--k", 1, "--method", "tfidf"],
    }
    if command == "undo":
        assert lib("affix", folder, "--prefix", "x").returncode == 0
    number = rng.choice([signal.SIGINT, signal.SIGINT, signal.SIGTERM])
    check(broken_off(rng.uniform(0.05, _LONGEST_S), number, command, folder, *words.get(command, [])))
    found = texts(folder)
    if command == "caption":
        assert found <= {"a cat", "a red square"}
    else:
        # All of it or none.
        assert len(found) == 1
        assert found <= {"a cat", "sks, a cat", "x, a cat", before}
    assert not [path for path in folder.iterdir() if path.name.startswith(".~")]
    history = lib("history", folder, "--json")
    assert history.returncode == 0
    operations = result_of(history)["operations"]
    assert {one["state"] for one in operations} <= {"done", "undone"}
    assert len(operations) <= 1


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": None})
    with ProviderServer("a red square", delay=30) as server:
        process = subprocess.Popen(
            arguments_of("caption", folder, "--model", "m", "--base-url", server.url),
            env=environment_of(),
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while not server.requests:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert process.stderr.readline() in ("\n", "Stopping; Ctrl+C once more ends it at once.\n")
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        process.stderr.close()
    assert not (folder / "a.txt").exists()


def test_ctrl_c_while_it_starts_is_a_line_and_an_object() -> None:
    """The handler of the entry, before anything else is imported."""
    code = (
        "import os, signal, sys; sys.argv[1:] = sys.argv[1:];"
        "import lib.__main__ as entry; import builtins; real = builtins.__import__\n"
        "def hooked(name, *rest):\n"
        "    if name == 'lib.commands.application': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return real(name, *rest)\n"
        "builtins.__import__ = hooked; entry.main()"
    )
    for switches, stream in (([], "stderr"), (["--json"], "stdout")):
        done = subprocess.run(
            [arguments_of()[0], "-c", code, "scan", "x", *switches],
            env=environment_of(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 130
        assert "Broken off before anything was begun" in getattr(done, stream)
        assert "Traceback" not in done.stderr
        if switches:
            assert not result_of(done)["ok"]
