"""What the documents say of the house is true: files that they name are there, and so is what they count."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lib.commands.application import COMMANDS
from lib.exporting.registry import EXPORTERS
from lib.settings import Access, Settings
from tests.doubles.openid_provider import OpenIdProvider
from tests.doubles.repository import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]

_PATH = re.compile(r"`((?:app|pages|lib|tests|docs|benchmarks|\.streamlit)/[\w./-]*)`")
_MADE_BY_USERS = {".streamlit/secrets.toml"}
_LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / path for path in _PATH.findall(text) if path not in _MADE_BY_USERS]
    named += [document.parent / link for link in _LINK.findall(text)]
    assert [str(path) for path in named if not path.exists()] == []


@pytest.mark.parametrize("name", ["architecture.md", "decisions.md"])
def test_lines_are_short_enough_to_be_read_beside_the_code(name: str) -> None:
    lines = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 100] == []


def test_the_map_names_our_own_elements_as_they_are() -> None:
    # A script without a module of its name is part of another's.
    scripts = (ROOT / "app" / "elements").glob("*.js")
    names = sorted(script.stem.replace("_", " ") for script in scripts if script.with_suffix(".py").exists())
    text = " ".join((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").split())
    assert f"Elements of our own: {', '.join(names[:-1])} and {names[-1]}." in text


def test_the_readme_shows_every_command() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"captioner {name}" not in text] == []


def test_the_readme_names_every_export_format() -> None:
    shown = " ".join(re.findall(r"captioner export .*", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert [name for name in EXPORTERS if name not in re.findall(r"[\w-]+", shown)] == []


def test_the_example_of_the_secrets_explains_every_setting() -> None:
    text = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
    fields = Settings.model_fields | Access.model_fields
    names = [str(info.validation_alias or f"TOOLKIT_{name.upper()}") for name, info in fields.items()]
    assert [name for name in names if not re.search(rf"^(# )?{name} = ", text, re.MULTILINE)] == []


def test_the_login_that_is_documented_is_the_one_that_the_tests_set_up() -> None:
    (documented,) = re.findall(r"^```toml\n(.*?)^```$", (ROOT / "docs" / "deploy.md").read_text("utf-8"), re.M | re.S)
    example = (ROOT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8").partition("# [auth]\n")[2]
    with OpenIdProvider() as provider:
        tried = tomllib.loads(provider.secrets("http://127.0.0.1/oauth2callback", "a secret"))["auth"]
    read = tomllib.loads(documented)
    assert read["auth"].keys() == tried.keys()
    assert {f"TOOLKIT_{name.upper()}" for name in Access.model_fields} == read.keys() - {"auth"}
    assert re.findall(r"^# (\w+) = ", example, re.M) == list(tried)
