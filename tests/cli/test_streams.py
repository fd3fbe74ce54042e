"""What goes to stdout and what to stderr, in a pipe, on a terminal, and where a stream is closed."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import arguments_of, captioner, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer


def test_a_sentence_is_not_wrapped_in_a_pipe(photos: Path) -> None:
    wordy = "no-such-model-" + "x" * 120
    done = lib("caption", photos, "--model", wordy)
    assert done.returncode == 2
    assert wordy in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_failure_is_told_once_on_stderr_or_in_the_result(photos: Path, tmp_path: Path) -> None:
    names = tmp_path / "names.txt"
    names.write_text("a dog.jpg\ngone.jpg\n")
    plain = lib("words", photos, "--from", names)
    assert plain.returncode == 1
    assert plain.stderr.count("gone.jpg") == 1
    done = lib("words", photos, "--from", names, "--json")
    assert [one["image"] for one in result_of(done)["failed"]] == ["gone.jpg"]
    assert "gone.jpg" not in done.stderr


def test_names_that_are_no_text_are_told_and_the_rest_is_done(photos: Path) -> None:
    done = subprocess.run(
        arguments_of("words", photos, "--from", "-", "--json"), input=b"b.jpg\n\xff\xfe.jpg\n",
        env=environment_of(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["counts"]["images"], len(told["failed"])) == (1, 1)


def test_a_pipe_that_is_closed_early_is_no_traceback(photos: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1', "x", *arguments_of("words", photos)],
        env=environment_of(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_stops_no_command(photos: Path, closed: str) -> None:
    line = f'"$@" {closed}'
    words = arguments_of("affix", photos, "--prefix", "sks")
    done = subprocess.run(["bash", "-c", line, "x", *words], env=environment_of(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (photos / "b.txt").read_text() == "sks, a cat, sofa"


def test_a_terminal_sees_how_far_it_is_and_a_pipe_does_not(photos: Path, server: ProviderServer) -> None:
    server.delay = 0.2
    words = ("caption", photos, "--model", "tiny-vision", "--base-url", server.url, "--existing", "overwrite",
             "--workers", "1")  # fmt: skip
    screen, terminal = pty.openpty()
    done = subprocess.run(
        arguments_of(*words), env=environment_of(), stdin=terminal, stdout=subprocess.PIPE, stderr=terminal, check=True
    )
    os.close(terminal)
    drawn = os.read(screen, 65536).decode()
    os.close(screen)
    assert "Captioning [" in drawn
    assert " of 5" in drawn
    assert b"5 done" in done.stdout
    piped = captioner(*words)
    assert piped.stderr == ""


def test_a_pipe_hears_now_and_then_how_far_it_is_when_it_wants_to(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lib.commands import screen

    monkeypatch.setattr(screen, "_EVERY_S", 0.0)
    for shown in (screen.Screen(), screen.Screen(verbose=True), screen.Screen(verbose=True, quiet=True)):
        with shown.progress("Captioning") as progress:
            progress.advance(0, 1_900)
            progress.advance(120, 1_900)
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in lines] == ["Captioning: 0 of 1", "Captioning: 120 of 1"]
