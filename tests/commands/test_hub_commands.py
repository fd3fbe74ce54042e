"""`python -m lib push`, and `import` of a dataset by its name on the Hub."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.hub_server import READER, TOKEN, HubServer
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import captions_of

Done = subprocess.CompletedProcess[str]


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as made:
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.jpg": "a dog", "none.jpg": None})


def at(server: HubServer, *arguments: object, token: str = TOKEN, run: Callable[..., Done] = lib) -> Done:
    return run(*arguments, HF_ENDPOINT=server.url, HF_TOKEN=token, HF_HUB_DISABLE_XET="1")


def test_out_to_the_hub_and_in_again(server: HubServer, tmp_path: Path, photos: Path) -> None:
    done = at(server, "push", photos, "ada/birds", "--only", "cat OR dog", "--license", "mit", "--json")
    assert done.returncode == 0, done.stderr
    report = answer(done)
    assert (report["url"], report["samples"], report["left_out"]) == (f"{server.url}/datasets/ada/birds", 2, [])
    assert server.repositories["ada/birds"].private
    again = at(server, "push", photos, "ada/birds")
    assert again.stdout == f"2 samples at {server.url}/datasets/ada/birds (private), 1 not pushed\n"
    taken = at(server, "import", "hf://ada/birds@main/train", tmp_path / "new", "--json")
    account = answer(taken)
    assert (account["added"], account["skipped"], account["conflicts"], account["refused"]) == (2, 0, 0, [])
    assert captions_of(tmp_path / "new") == captions_of(photos)
    assert TOKEN not in "".join(one.stdout + one.stderr for one in (done, again, taken))


def test_a_dry_run_looks_at_a_dataset_of_the_hub_and_keeps_nothing(
    server: HubServer, tmp_path: Path, photos: Path, toolkit_home: Path
) -> None:
    at(server, "push", photos, "ada/birds", "--only", "cat OR dog")
    looked = at(server, "import", "hf://ada/birds/train", tmp_path / "new", "--dry-run", "--json")
    assert looked.returncode == 0, looked.stderr
    counts = answer(looked)["counts"]
    assert (counts["images"], counts["captioned"], counts["there"]) == (2, 2, 0)
    assert not (tmp_path / "new").exists()
    assert [path for path in toolkit_home.rglob("*") if path.suffix in (".jpg", ".jsonl")] == []


def test_a_push_of_a_part_removes_the_rest_only_when_told_to(server: HubServer, photos: Path) -> None:
    at(server, "push", photos, "ada/birds")
    before = dict(server.repositories["ada/birds"].files)
    done = at(server, "push", photos, "ada/birds", "--only", "cat")
    assert done.returncode == 2
    assert "holds 1 file of an earlier push" in done.stderr
    assert "--remove" in done.stderr
    assert server.repositories["ada/birds"].files == before
    assert at(server, "push", photos, "ada/birds", "--only", "cat", "--remove").returncode == 0
    assert "train/b.jpg" not in server.repositories["ada/birds"].files


def test_a_public_push_is_public(server: HubServer, photos: Path) -> None:
    done = at(server, "push", photos, "ada/birds", "--public", run=lib_anew)
    assert "(public)" in done.stdout
    assert not server.repositories["ada/birds"].private


@pytest.mark.parametrize(
    ("token", "arguments", "status", "says"),
    [
        ("", ["push", "photos", "ada/birds"], 2, "HF_TOKEN"),
        (READER, ["push", "photos", "ada/birds"], 1, "refused the token"),
        (TOKEN, ["push", "photos", "birds"], 2, "owner/name"),
        (TOKEN, ["push", "nowhere", "ada/birds"], 2, "not a folder"),
        (TOKEN, ["import", "hf://birds", "new"], 2, "hf://owner/name"),
        (TOKEN, ["import", "hf://ada/none", "new"], 2, "no dataset"),
        (TOKEN, ["import", "photos", "new", "--caption", "6"], 2, "'6'"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    server: HubServer, tmp_path: Path, photos: Path, token: str, arguments: list[str], status: int, says: str
) -> None:
    places = {"photos": photos, "nowhere": tmp_path / "nowhere", "new": tmp_path / "new"}
    done = at(server, *(places.get(argument, argument) for argument in arguments), token=token)
    assert (done.returncode, done.stdout) == (status, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not token or token not in done.stderr
    assert server.repositories == {}


def test_one_of_five_captions(tmp_path: Path, photos: Path) -> None:
    table = tmp_path / "captions.txt"
    table.write_text("image,caption\nnone.jpg,one\nnone.jpg,two\n")
    assert answer(lib("import", table, photos, "--caption", "2", "--json"))["added"] == 1
    assert captions_of(photos)["none.jpg"] == "two"
