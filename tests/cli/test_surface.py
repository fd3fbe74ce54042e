"""What every command has in common: its help, its switches, and the form of its result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lib.commands.application import COMMANDS
from lib.commands.everything import all_commands
from lib.exporting.registry import EXPORTERS
from tests.cli.examples import OFFLINE, words_for
from tests.cli.program import result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer

SELECT = ("scan", "filter", "words", "review", "find", "affix", "replace", "blanks", "tags", "fix", "mark", "caption",
          "embed", "cluster", "export", "push")  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_is_text_and_names_the_switches_that_all_have(command: str) -> None:
    short, long = lib(command, "-h"), lib(command, "--help")
    assert (short.returncode, short.stderr) == (0, "")
    assert short.stdout == long.stdout
    for switch in ("--json", "--quiet", "-q", "--verbose", "-v", "--version", "--help", "-h"):
        assert switch in short.stdout, switch
    assert "\x1b" not in short.stdout
    assert "╭" not in short.stdout


def test_brackets_in_a_help_text_stay_as_they_are() -> None:
    assert "[@revision][/subfolder]" in lib("import", "--help", COLUMNS="200").stdout


@pytest.mark.parametrize("command", [*COMMANDS, ""])
def test_every_command_tells_the_version(command: str) -> None:
    done = lib(*([command] if command else []), "--version")
    assert done.returncode == 0
    assert done.stdout.startswith("captioner ")


@pytest.mark.parametrize("command", SELECT)
def test_the_selectors_are_the_same_everywhere(command: str) -> None:
    shown = lib(command, "-h").stdout
    for selector in ("--only", "--tagged", "--untagged", "--folder", "--from", "--limit"):
        assert f"  {selector}" in shown, selector


def test_no_two_commands_give_an_option_two_meanings() -> None:
    helps: dict[str, set[str]] = {}
    shared = {"--json", "--quiet", "--verbose", "--only", "--tagged", "--untagged", "--folder", "--from", "--dry-run"}
    for made in all_commands().values():
        for parameter in made.params:
            for option in shared.intersection(parameter.opts):
                helps.setdefault(option, set()).add(parameter.help)
    assert {option for option, texts in helps.items() if len(texts) > 1} == set()


@pytest.mark.parametrize("command", OFFLINE)
def test_every_result_has_the_common_form(command: str, photos: Path, tmp_path: Path, server: ProviderServer) -> None:
    done = lib(command, *words_for(command, photos, tmp_path, server), "--json")
    assert done.returncode == 0, done.stderr
    assert result_of(done)["failed"] == []


def test_the_form_of_a_result_is_the_one_that_is_written_down() -> None:
    from lib.commands.result import Result

    told = json.loads(Result("x", {"n": 1}, [("a.jpg", "why")], 3, {"more": 1, "ok": "not mine"}).to_json(0.12345))
    assert told == {
        "ok": False, "operation": 3, "counts": {"n": 1}, "failed": [{"image": "a.jpg", "reason": "why"}],
        "seconds": 0.123, "more": 1,
    }  # fmt: skip


@pytest.mark.parametrize("command", OFFLINE)
def test_quiet_says_nothing_on_stderr(command: str, photos: Path, tmp_path: Path, server: ProviderServer) -> None:
    done = lib(command, *words_for(command, photos, tmp_path, server), "-q")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_wrong_setting_is_a_sentence_that_holds_no_key(photos: Path) -> None:
    done = lib("scan", photos, TOOLKIT_PICTURE_MB="many", NVIDIA_API_KEY="nvapi-canary")
    assert done.returncode == 2
    assert "TOOLKIT_PICTURE_MB" in done.stderr
    assert "canary" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("asked", [(), ("--format", "nope")])
def test_a_format_that_is_missing_or_unknown_is_told_with_the_choices(
    photos: Path, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    done = lib("export", photos, tmp_path / "out", *asked)
    assert done.returncode == 2
    assert [name for name in EXPORTERS if name not in done.stderr] == []


def test_an_unknown_command_names_the_nearest(photos: Path) -> None:
    done = lib("scna", photos)
    assert done.returncode == 2
    assert "Did you mean scan?" in done.stderr
