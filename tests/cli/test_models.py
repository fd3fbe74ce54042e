"""`captioner models`: which there are, whether their keys are set, and whether one answers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.provider_server import ProviderServer, Reply
from tests.doubles.repository import ROOT


def test_the_models_are_listed_with_what_their_keys_are_called(photos: Path) -> None:
    known = {one["id"]: one for one in result_of(lib("models", "--json", HF_TOKEN="hf_x"))["models"]}
    assert known["kosmos-2"]["key"] == "missing"
    assert known["kosmos-2"]["key_name"] == "NVIDIA_API_KEY"
    assert known["gemma-3-12b"]["key"] == "set"
    assert known["blip-base"]["key"] == "none needed"


def test_what_a_server_serves_is_listed(server: ProviderServer) -> None:
    assert lib("models", "--base-url", server.url).stdout.splitlines() == list(server.models)


def test_a_model_is_tested_with_a_picture_and_its_key(server: ProviderServer) -> None:
    words = ["models", "--test", "tiny-vision", "--base-url", server.url, "--key-env", "MINE", "--json"]
    told = result_of(lib(*words, MINE="sk-canary"))
    assert told["caption"] == "a red square"
    (request,) = [request for request in server.requests if request.method == "POST"]
    assert request.header("authorization") == "Bearer sk-canary"
    server.enqueue(Reply.json({"detail": "Authentication failed"}, 401))
    refused = lib(*words, MINE="sk-canary")
    assert refused.returncode == 1
    assert "did not accept" in result_of(refused)["error"]
    assert "canary" not in refused.stdout + refused.stderr


@pytest.mark.parametrize(
    "words", [["models", "--test", "kosmos-2"], ["caption", "PHOTOS", "--model", "kosmos-2"], ["push", "PHOTOS", "a/b"]]
)
def test_a_missing_key_is_wrong_usage_everywhere_in_the_words_of_a_terminal(photos: Path, words: list[str]) -> None:
    done = lib(*[str(photos) if word == "PHOTOS" else word for word in words], "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "NVIDIA_API_KEY" in done.stderr or "HF_TOKEN" in done.stderr
    assert "captioner config" in done.stderr
    assert "field" not in done.stderr
    assert "page" not in done.stderr


@pytest.mark.parametrize("command", ["scan", "filter", "affix", "undo", "history", "jobs", "config"])
def test_a_command_loads_nothing_that_it_does_not_need(photos: Path, command: str) -> None:
    heavy = "tensorflow keras torch transformers sentence_transformers sklearn numpy pandas pyarrow streamlit requests"
    words = {"jobs": [], "config": [], "undo": [str(photos)]}.get(command, [str(photos)])
    code = (
        "import sys\nfrom lib.__main__ import main\n"
        "try:\n    main()\nfinally:\n"
        f"    print([name for name in {heavy.split()!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, command, *words, "-q"],
        cwd=ROOT, env=environment_of(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    loaded = done.stderr.splitlines()[-1]
    # They may speak to a network: a run is taken up by `jobs`, and addresses are masked by what sends to them.
    assert loaded == ("['requests']" if command in ("config", "jobs") else "[]")
