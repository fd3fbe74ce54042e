"""What every command has in common: its help, the form of its result, its exit status, and what it says where."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from lib.commands.application import COMMANDS
from lib.commands.everything import all_commands
from lib.exporting.registry import EXPORTERS
from tests.cli.program import arguments_of, captioner, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.minilm import minilm
from tests.doubles.provider_server import ProviderServer
from tests.doubles.unwilling_disk import make_read_only, small_disk

READ_FOLDERS = ("scan", "filter", "words", "history", "review", "find", "affix", "replace", "tags", "fix", "mark",
                "undo", "redo", "embed", "cluster", "caption", "export", "push")  # fmt: skip
SELECT = ("scan", "filter", "words", "review", "find", "affix", "replace", "blanks", "tags", "fix", "mark", "caption",
          "embed", "cluster", "export", "push")  # fmt: skip
CHANGE = ("caption", "affix", "replace", "blanks", "tags", "set", "fix", "mark", "import", "undo", "redo", "export",
          "push", "compact")  # fmt: skip


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


@pytest.fixture(autouse=True)
def a_model_for_captions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`find` needs one; without it here, its tests are skipped."""
    if "[find]" in request.node.name:
        monkeypatch.setenv("TOOLKIT_SBERT", str(minilm()))
        monkeypatch.setenv("TOOLKIT_RESNET50V2", "/nowhere/weights.h5")


OFFLINE = [name for name in COMMANDS if name != "push"]


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


@pytest.mark.parametrize("command", CHANGE)
def test_what_changes_something_has_a_dry_run(command: str) -> None:
    assert "--dry-run" in lib(command, "-h").stdout


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


@pytest.mark.parametrize("command", OFFLINE)
def test_quiet_says_nothing_on_stderr(command: str, photos: Path, tmp_path: Path, server: ProviderServer) -> None:
    done = lib(command, *words_for(command, photos, tmp_path, server), "-q")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", READ_FOLDERS)
def test_a_folder_that_is_none_is_wrong_usage(command: str, tmp_path: Path, server: ProviderServer) -> None:
    words = [tmp_path / "nowhere" if str(word).endswith("photos") else word
             for word in words_for_nothing(command, tmp_path, server)]  # fmt: skip
    done = lib(command, *words, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere is not a folder" in done.stderr
    assert done.stderr.count("\n") == 1


def words_for_nothing(command: str, tmp_path: Path, server: ProviderServer) -> list[object]:
    if command in ("undo", "redo", "history"):
        return [tmp_path / "photos"]
    return words_for(command, tmp_path / "photos", tmp_path, server)


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


@pytest.mark.parametrize("command", OFFLINE)
def test_a_toolkit_folder_that_cannot_be_used_is_a_sentence(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    words = words_for(command, photos, tmp_path, server)
    if command in ("verify", "config"):
        pytest.skip("it needs no toolkit folder")
    (tmp_path / "file").write_text("")
    done = lib(command, *words, TOOLKIT_HOME=str(tmp_path / "file" / "home"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1, done.stderr
    assert "TOOLKIT_HOME" in done.stderr


def test_a_read_only_toolkit_folder_is_told_once(photos: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "1m") as disk:
        (disk / "home").mkdir()
        make_read_only(disk)
        done = lib("scan", photos, "--json", TOOLKIT_HOME=str(disk / "home"))
        assert done.returncode == 1
        assert "the disk is read-only" in result_of(done)["error"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may become another account")
def test_what_this_account_may_not_read_is_a_sentence(photos: Path, tmp_path: Path) -> None:
    # pytest's own folders are closed to other accounts already.
    code = (
        "import os, lib.commands.everything\nfrom lib.__main__ import main\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534); main()"
    )
    for words in (["scan", photos], ["set", photos / "b.jpg", "x"], ["import", photos, tmp_path / "new"], ["models"]):
        done = subprocess.run(
            [arguments_of()[0], "-c", code, *map(str, words), "--json"],
            env=environment_of(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        assert "ermi" in result_of(done)["error"]


def test_names_that_are_no_text_are_told_and_the_rest_is_done(photos: Path) -> None:
    done = subprocess.run(
        arguments_of("words", photos, "--from", "-", "--json"), input=b"b.jpg\n\xff\xfe.jpg\n",
        env=environment_of(), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["counts"]["images"], len(told["failed"])) == (1, 1)


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


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_names_in_any_script_come_through_a_bare_locale(photos: Path, locale: str) -> None:
    done = captioner("filter", photos, "boat", LC_ALL=locale, LANG="")
    assert (done.returncode, done.stdout) == (0, "größe 大.jpg\n")
    plain = captioner("scan", photos, LC_ALL=locale, PYTHONIOENCODING="ascii", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert plain.returncode == 0, plain.stderr


def relative(photos: Path, tmp_path: Path) -> tuple[Path, str]:
    return photos.parent, f"./{photos.name}/sub/.."


def linked(photos: Path, tmp_path: Path) -> tuple[Path, str]:
    (tmp_path / "link").symlink_to(photos)
    return tmp_path, "link"


def here(photos: Path, tmp_path: Path) -> tuple[Path, str]:
    return photos, "."


@pytest.mark.parametrize("way", [relative, linked, here])
def test_a_folder_is_the_same_however_it_is_named(
    photos: Path, tmp_path: Path, way: Callable[[Path, Path], tuple[Path, str]]
) -> None:
    cwd, name = way(photos, tmp_path)
    done = result_of(captioner("affix", name, "--prefix", "sks", "--json", cwd=cwd))
    assert done["counts"]["changed"] == 4
    (first,) = result_of(lib("history", photos, "--json"))["operations"]
    assert first["operation"] == done["operation"]
    assert result_of(captioner("undo", name, "--json", cwd=cwd))["counts"]["restored"] == 4


def test_a_read_only_folder_leaves_every_caption_alone_and_says_why(photos: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "2m") as disk:
        subprocess.run(["cp", "-r", photos, disk / "photos"], check=True)
        make_read_only(disk)
        for words in (["affix", disk / "photos", "--prefix", "x"], ["set", disk / "photos" / "b.jpg", "x"]):
            done = lib(*words, "--json")
            assert done.returncode == 1
            assert "read-only" in done.stdout
        assert lib("scan", disk / "photos").returncode == 0
        assert lib("filter", disk / "photos", "cat").stdout == "b.jpg\nsub/c.jpg\n"


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


def test_the_form_of_a_result_is_the_one_that_is_written_down() -> None:
    from lib.commands.result import Result

    told = json.loads(Result("x", {"n": 1}, [("a.jpg", "why")], 3, {"more": 1, "ok": "not mine"}).to_json(0.12345))
    assert told == {
        "ok": False, "operation": 3, "counts": {"n": 1}, "failed": [{"image": "a.jpg", "reason": "why"}],
        "seconds": 0.123, "more": 1,
    }  # fmt: skip
