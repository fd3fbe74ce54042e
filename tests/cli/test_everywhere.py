"""What holds for every command, whatever a terminal is like: its locale, the way to a folder, and wrong words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lib.commands.application import COMMANDS
from tests.cli.examples import OFFLINE, words_for
from tests.cli.program import captioner, result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer
from tests.doubles.unwilling_disk import make_read_only, small_disk

ON_A_FOLDER = [name for name in OFFLINE if name not in ("verify", "run", "models", "jobs", "config")]
BARE = {"LC_ALL": "C", "LANG": "", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def led_through(words: list[object], before: Path, after: str) -> list[object]:
    """The same words with another way to a folder."""
    return [
        f"{after}{str(word)[len(str(before)):]}" if str(word).startswith(str(before)) else word for word in words
    ]  # fmt: skip


@pytest.mark.parametrize("command", ON_A_FOLDER)
def test_a_bare_locale_and_a_relative_link_are_no_obstacle(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    words = words_for(command, photos, tmp_path, server)
    (tmp_path / "a link ü").symlink_to(photos)
    done = captioner(command, *led_through(words, photos, "./a link ü"), "--json", cwd=tmp_path, **BARE)
    assert done.returncode == 0, done.stderr
    assert result_of(done)["failed"] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_that_is_not_known_is_wrong_usage(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    # A query may begin with a dash, so that no option of `filter` is unknown.
    words = [photos, "--limit", "some"] if command == "filter" else [photos, "--no-such-option"]
    done = lib(command, *words, "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert f"captioner {command}" in done.stderr or "python -m lib" in done.stderr


@pytest.mark.parametrize("command", OFFLINE)
def test_to_say_more_puts_nothing_more_on_stdout(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    done = lib(command, *words_for(command, photos, tmp_path, server), "-v", "--json")
    assert done.returncode == 0, done.stderr
    assert result_of(done)["ok"]


def test_an_operation_of_a_foreign_locale_is_taken_back_by_any_other(photos: Path, tmp_path: Path) -> None:
    table = "en_US.ISO-8859-1"
    made = subprocess.run(
        ["localedef", "-i", "en_US", "-f", "ISO-8859-1", tmp_path / table], capture_output=True, check=False
    )
    if not (tmp_path / table).is_dir():
        pytest.skip(f"no such locale can be made here: {made.stderr.decode()}")
    foreign = {"LOCPATH": str(tmp_path), "LC_ALL": table, "LANG": ""}
    done = captioner("affix", photos, "--prefix", "sks", "--json", **foreign)
    assert result_of(done)["counts"]["changed"] == 4
    assert (photos / "größe 大.txt").read_text() == "sks, a boat at sea"
    assert result_of(lib("undo", photos, "--json"))["counts"]["restored"] == 4


WRITE = ("affix", "replace", "tags", "blanks", "fix", "set", "caption", "import", "undo", "redo")


@pytest.mark.parametrize("command", ON_A_FOLDER)
def test_a_folder_that_may_not_be_written_to_is_read_or_told_of(
    command: str, photos: Path, tmp_path: Path, server: ProviderServer
) -> None:
    with small_disk(tmp_path / "small", "2m") as disk:
        subprocess.run(["cp", "-r", photos, disk / "photos"], check=True)
        there = disk / "photos"
        (there / "b.txt").write_text("a cat, a cat")
        (there / "none.txt").write_text("")
        words = [there] if command == "tags" else words_for(command, there, tmp_path, server)
        words += {"caption": ["--existing", "overwrite"], "blanks": ["--remove"], "tags": ["--unique"]}.get(command, [])
        before = {path: path.read_bytes() for path in there.rglob("*.txt")}
        make_read_only(disk)
        if command == "import":
            words[0].write_text("file_name,text\nb.jpg,a new one\n")  # type: ignore[attr-defined]
            words += ["--existing", "overwrite"]
        done = lib(command, *words, "--json")
        told = result_of(done)
        assert {path: path.read_bytes() for path in there.rglob("*.txt")} == before
        if command in WRITE:
            assert done.returncode == 1
            assert "read-only" in done.stdout, done.stdout
        else:
            assert told["ok"] or command == "review"
