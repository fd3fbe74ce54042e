"""Which Python `make run` and `make test` take, on paths that hold stand-ins and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SHELL = shutil.which("sh") or "/bin/sh"

# Runs what it is given as a Python of another version would.
_STAND_IN = """#!{shell}
exec {python} -c 'import ensurepip, sys, venv; sys.version_info = {version}; {more}; exec(sys.argv[2])' "$@"
"""
_UV = """#!{shell}
echo "$*" >> {folder}/asked
case "$*" in
  "python install"*) touch {folder}/installed ;;
  "python find"*) [ -e {folder}/installed ] || exit 2; echo {folder}/managed ;;
esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The only folder on the path."""
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


def program(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def python(folder: Path, name: str, *version: int, more: str = "pass") -> str:
    text = _STAND_IN.format(shell=_SHELL, python=sys.executable, version=version, more=more)
    return str(program(folder / name, text))


def chosen(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_SHELL, ROOT / ".ci" / "choose_python.sh"],
        env={"PATH": str(folder)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def taken(folder: Path, **environment: str) -> str:
    run = chosen(folder, **environment)
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout.strip()


def refused(folder: Path, **environment: str) -> bool:
    """One sentence, and nothing to take for a path."""
    run = chosen(folder, **environment)
    sentence = run.stderr.strip()
    assert run.stdout == ""
    assert sentence.startswith("The toolkit needs Python 3.11, 3.12 or 3.13")
    assert "\n" not in sentence
    return run.returncode == 1


def test_the_newest_is_taken(folder: Path) -> None:
    python(folder, "python3.11", 3, 11)
    newest = python(folder, "python3.12", 3, 12)
    python(folder, "python3.14", 3, 14)
    python(folder, "python3", 3, 14)
    assert taken(folder) == newest


def test_one_that_is_named_is_taken_before_a_newer_one(folder: Path) -> None:
    python(folder, "python3.13", 3, 13)
    named = python(folder, "mine", 3, 11)
    assert taken(folder, PYTHON=named) == named
    assert taken(folder, PYTHON="mine") == "mine"


def test_a_name_that_only_prints_an_error_is_passed_over(folder: Path) -> None:
    program(folder / "python3.13", f"#!{_SHELL}\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    python(folder, "python3.12", 3, 12, more='sys.modules["ensurepip"] = None')
    works = python(folder, "python3.11", 3, 11)
    assert taken(folder) == works


def test_a_python_without_a_number_in_its_name_will_do(folder: Path) -> None:
    python(folder, "python", 2, 7)
    works = python(folder, "python3", 3, 12)
    assert taken(folder) == works


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (4, 0)])
def test_one_of_another_version_is_refused_in_one_sentence(folder: Path, version: tuple[int, int]) -> None:
    other = python(folder, "python3", *version)
    assert refused(folder)
    python(folder, "python3.12", 3, 12)
    assert refused(folder, PYTHON=other)


@pytest.mark.parametrize(
    ("version", "more", "said"),
    [
        ((3, 10), "pass", "3.10 is too old"),
        ((3, 14), "pass", "3.14 is too new: TensorFlow has no release for it yet"),
        ((3, 12), 'sys.modules["ensurepip"] = None', "3.12 lacks venv"),
    ],
)
def test_what_is_wrong_with_the_one_that_is_there_is_said_and_what_to_do(
    folder: Path, version: tuple[int, int], more: str, said: str
) -> None:
    there = python(folder, "python3", *version, more=more)
    for environment in ({}, {"PYTHON": there}):
        sentence = chosen(folder, **environment).stderr
        assert said in sentence
        assert "Install one beside it" in sentence
    (folder / "python3").unlink()
    assert "none was found" in chosen(folder).stderr


def test_no_python_at_all_is_refused_in_one_sentence(folder: Path) -> None:
    assert refused(folder)
    assert refused(folder, PYTHON="/nowhere/python3")


def test_uv_gives_one_where_no_other_works(folder: Path) -> None:
    python(folder, "python3", 3, 14)
    python(folder, "managed", 3, 13)
    program(folder / "uv", _UV.format(shell=_SHELL, folder=folder))
    program(folder / "touch", f'#!{_SHELL}\n: > "$1"\n')
    assert taken(folder) == str(folder / "managed")
    assert "python install 3.13" in (folder / "asked").read_text()
    own = python(folder, "python3.11", 3, 11)
    assert taken(folder) == own


@pytest.mark.parametrize("answer", ["exit 2", "echo /nowhere/python3"])
def test_uv_that_finds_none_is_refused_in_one_sentence(folder: Path, answer: str) -> None:
    program(folder / "uv", f"#!{_SHELL}\n{answer}\n")
    assert refused(folder)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("goal", ["run", "test"])
def test_make_stops_with_the_sentence_before_it_makes_anything(folder: Path, tmp_path: Path, goal: str) -> None:
    copy = tmp_path / "copy"
    (copy / ".ci").mkdir(parents=True)
    for name in (
        "Makefile",
        ".ci/choose_python.sh",
        "requirements.txt",
        "requirements-dev.txt",
        "constraints.txt",
        "pyproject.toml",
    ):
        shutil.copy(ROOT / name, copy / name)
    (folder / "sh").symlink_to(_SHELL)
    python(folder, "python3", 3, 14)
    run = subprocess.run(
        [str(shutil.which("make")), goal], cwd=copy, env={"PATH": str(folder)}, capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "The toolkit needs Python 3.11" in run.stderr
    assert not (copy / ".venv").exists()
