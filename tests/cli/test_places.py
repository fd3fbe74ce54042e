"""Folders as a terminal names them: relative, linked, in any script, closed, or none."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.examples import OFFLINE, words_for
from tests.cli.program import arguments_of, captioner, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer
from tests.doubles.unwilling_disk import make_read_only, small_disk

READ_FOLDERS = ("scan", "filter", "words", "history", "review", "find", "affix", "replace", "tags", "fix", "mark",
                "undo", "redo", "embed", "cluster", "caption", "export", "push")  # fmt: skip


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


@pytest.mark.slow
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
