"""A push makes a dataset repository that holds what the folder holds, and the token is seen by the Hub alone."""

from __future__ import annotations

import io
import json
import logging
import os
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants
from pydantic import SecretStr

from lib import errors
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Origin
from lib.exporting.base import ExportOptions
from lib.exporting.hub import Pushed, PushTarget, push
from lib.exporting.planning import plan_export
from lib.hub import Hub
from lib.settings import Settings
from tests.doubles.hub_server import READER, TOKEN, HubServer
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.onlooker import Onlooker, stop_at
from tests.exporting.conftest import HURTFUL, names_in

# The library's own way of sending a file.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>':DeprecationWarning")

CARD = "Describe the captions"
IMAGES = "Add images and captions"


@pytest.fixture(params=["lfs", "pipeline"])
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    """Both ways in which the library uploads: with its Xet part, and with Git LFS where that is turned off."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", request.param == "lfs")
    with HubServer() as made:
        made.lfs = request.param == "lfs"
        yield made


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", {"a.jpg": "a cat", "sub/b.png": "a dog, lying", "none.jpg": None})


def pushed(server: HubServer, root: Path, settings: Settings, token: str = TOKEN, **choices: Any) -> Pushed:
    dataset = open_dataset(root)
    options = choices.pop("options", None)
    hub = Hub(SecretStr(token), choices.pop("endpoint", server.url))
    name = choices.pop("repository", "ada/birds")
    told = {name: choices.pop(name) for name in ("step", "progress") if name in choices}
    plan = plan_export(dataset.root, dataset.records, dataset.unreadable, options, choices.pop("journal", None))
    return push(plan, PushTarget(hub, name, **choices), settings.home / "pushes", **told)


def images_of(root: Path) -> dict[str, bytes]:
    return {f"train/{one.name}": (root / one.name).read_bytes() for one in open_dataset(root).records if one.is_tagged}


def rows_of(server: HubServer, split: str = "train") -> list[dict[str, str]]:
    lines = server.repositories["ada/birds"].files[f"{split}/metadata.jsonl"].decode().split("\n")
    return [json.loads(line) for line in lines if line]


def test_what_is_pushed_is_what_the_folder_holds(server: HubServer, photos: Path, configured: Settings) -> None:
    done = pushed(server, photos, configured)
    repository = server.repositories["ada/birds"]
    assert (done.url, done.samples, done.private) == (f"{server.url}/datasets/ada/birds", 2, True)
    assert done.left_out == (("none.jpg", "It has no caption."),)
    assert repository.private
    assert {n: d for n, d in repository.files.items() if n.endswith((".jpg", ".png"))} == images_of(photos)
    assert rows_of(server) == [
        {"file_name": "a.jpg", "text": "a cat"},
        {"file_name": "sub/b.png", "text": "a dog, lying"},
    ]
    assert names_in(configured.home / "pushes") == []


def test_hurtful_names_arrive(server: HubServer, tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "hurtful", HURTFUL)
    pushed(server, root, configured)
    assert {row["file_name"]: row["text"] for row in rows_of(server)} == HURTFUL
    assert images_of(root).items() <= server.repositories["ada/birds"].files.items()


def test_only_when_asked_is_it_public(server: HubServer, photos: Path, configured: Settings) -> None:
    assert not pushed(server, photos, configured, public=True).private
    assert not server.repositories["ada/birds"].private
    with pytest.raises(errors.InvalidInput, match="is public"):
        pushed(server, photos, configured)
    assert not pushed(server, photos, configured, public=True).private


def test_the_same_push_again_changes_nothing(server: HubServer, photos: Path, configured: Settings) -> None:
    pushed(server, photos, configured)
    repository = server.repositories["ada/birds"]
    before, commits = dict(repository.files), list(repository.commits)
    pushed(server, photos, configured)
    assert (repository.files, repository.commits) == (before, commits)


@pytest.mark.parametrize("commit", [CARD, IMAGES])
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_push_goes_through_the_next_time(
    server: HubServer, photos: Path, configured: Settings, commit: str, when: str
) -> None:
    server.hang_up = {(commit, when)}
    with pytest.raises(errors.ProviderUnavailable, match="hung up") as caught:
        pushed(server, photos, configured)
    assert "push again" in caught.value.hint
    assert names_in(configured.home / "pushes") == []
    pushed(server, photos, configured)
    assert server.hang_up == set()
    repository = server.repositories["ada/birds"]
    assert images_of(photos).items() <= repository.files.items()
    assert len(rows_of(server)) == 2
    assert repository.commits.count(CARD) == 1


def test_a_later_push_takes_out_what_is_gone_and_keeps_what_people_wrote(
    server: HubServer, photos: Path, configured: Settings
) -> None:
    pushed(server, photos, configured, options=ExportOptions(validation=0.5))
    files = server.repositories["ada/birds"].files
    assert sorted(name.partition("/")[0] for name in files if name.endswith(".jsonl")) == ["train", "validation"]
    files["README.md"] = (
        files["README.md"].replace(b"# birds", b"# My birds").replace(b"unknown", b"mit") + b"\nMore.\n"
    )
    (photos / "a.txt").unlink()
    asked: list[frozenset[str]] = []
    pushed(server, photos, configured, may_remove=lambda names: not asked.append(names))
    assert [len(names) for names in asked] == [3]
    files = server.repositories["ada/birds"].files
    assert sorted(files) == [".gitattributes", "README.md", "train/metadata.jsonl", "train/sub/b.png"]
    card = files["README.md"].decode()
    assert card.startswith("---\nlicense: mit\n")
    assert "# My birds" in card
    assert card.endswith("\nMore.\n")
    assert "- Images, each with a caption: 1 (train 1)" in card
    assert card.count("## What is in it") == 1


def test_unless_told_to_a_push_takes_nothing_out_and_sends_nothing(
    server: HubServer, photos: Path, configured: Settings
) -> None:
    pushed(server, photos, configured)
    repository = server.repositories["ada/birds"]
    before, commits = dict(repository.files), list(repository.commits)
    (photos / "a.txt").unlink()
    (photos / "sub" / "b.txt").write_text("another dog")
    with pytest.raises(errors.WouldRemove, match="holds 1 file of an earlier push") as caught:
        pushed(server, photos, configured)
    assert caught.value.names == {"train/a.jpg"}
    assert (repository.files, repository.commits) == (before, commits)
    assert names_in(configured.home / "pushes") == []


def test_a_large_push_tells_how_far_it_is_and_is_stopped_and_taken_up_between_two_commits(
    server: HubServer, photos: Path, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lib.exporting.hub._BATCH", 1)
    server.repository("ada/birds", {"README.md": b"# mine\n"}, private=True)
    steps: list[str] = []
    first = Onlooker(lambda who: steps[-1] == "uploading" and who.told[-1] == (1, 3))
    with pytest.raises(errors.Cancelled) as caught:
        pushed(server, photos, configured, step=steps.append, progress=first)
    assert "What has arrived there stays" in caught.value.hint
    repository = server.repositories["ada/birds"]
    assert (first.told[-2:], repository.commits) == ([(0, 3), (1, 3)], [CARD, IMAGES, IMAGES])
    # The table comes last, so that it never names what is not there.
    assert "train/metadata.jsonl" not in repository.files
    second = Onlooker()
    pushed(server, photos, configured, progress=second)
    assert second.told[-4:] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert repository.commits == [CARD, IMAGES, IMAGES, IMAGES]
    assert len(rows_of(server)) == 2


def test_another_ones_dataset_is_not_overwritten(server: HubServer, photos: Path, configured: Settings) -> None:
    theirs = {"README.md": b"# mine", "train/x.jpg": b"x"}
    repository = server.repository("ada/birds", theirs, private=True)
    with pytest.raises(errors.InvalidInput, match="not pushed from here"):
        pushed(server, photos, configured)
    assert repository.files == theirs


def test_a_repository_that_was_just_made_by_hand_is_filled(
    server: HubServer, photos: Path, configured: Settings
) -> None:
    server.repository("ada/birds", {"README.md": b"# mine\n", ".gitattributes": b""}, private=True)
    pushed(server, photos, configured)
    head, _, words = server.repositories["ada/birds"].files["README.md"].decode().rpartition("---\n# mine\n\n<!--")
    assert head.startswith("---\nconfigs: ")
    assert "## What is in it" in words
    assert len(rows_of(server)) == 2


def test_a_repository_without_a_card_gets_one(server: HubServer, photos: Path, configured: Settings) -> None:
    server.repository("ada/birds", {".gitattributes": b""}, private=True)
    pushed(server, photos, configured)
    assert server.repositories["ada/birds"].files["README.md"].startswith(b"---\nlicense: unknown\n")


def test_the_card_says_how_many_and_how_they_were_made(server: HubServer, tmp_path: Path, configured: Settings) -> None:
    texts = {"a.jpg": "found here", "b.jpg": None, "c.jpg": None, "d.jpg": None}
    root = image_folder(tmp_path / "photos", texts)
    journal = journal_for(root, configured)
    dataset = open_dataset(root)
    store = Store(root, journal, "local", configured, dataset)
    by_model = Origin("generate", "some/model", "Say ``` <b>what</b>\nyou see")
    edited = Origin("generate", "some/model", "Say ``` <b>what</b>\nyou see", edited=True)
    for name, text, origin in (
        ("b.jpg", "a red bird sits here", by_model),
        ("c.jpg", "a bird", edited),
        ("d.jpg", "typed", Origin()),
    ):
        record = dataset.get(name)
        assert record is not None
        store.save(record, text, store.read(record).hash, origin)
    pushed(server, root, configured, journal=journal, license="cc-by-4.0")
    card = server.repositories["ada/birds"].files["README.md"].decode()
    assert card.startswith("---\nlicense: cc-by-4.0\n")
    for line in (
        "- Images, each with a caption: 4 (train 4)\n",
        "- Images left out, by hand or for want of a caption or of a readable picture: 0\n",
        "- Words in a caption: 1 to 5, mean 2.5, median 2\n",
        "- Distinct captions: 4\n",
        "- 1 by `some/model`\n",
        "- 1 by `some/model`, then changed by hand",
        "- 1 written or changed by hand",
        "- 1 of unknown origin",
        "2 by `some/model`:\n\n    Say ``` <b>what</b>\n    you see\n",
        'load_dataset("ada/birds")',
    ):
        assert line in card


def test_no_license_is_made_up(server: HubServer, photos: Path, configured: Settings) -> None:
    pushed(server, photos, configured)
    assert server.repositories["ada/birds"].files["README.md"].startswith(b"---\nlicense: unknown\n")
    with pytest.raises(errors.InvalidInput, match="short name"):
        pushed(server, photos, configured, license="mit\nprivate: false")


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("", errors.KeyMissing),
        ("hf_wrongcanarytoken", errors.KeyRejected),
        ("canary with blanks", errors.KeyRejected),
        ("canary\nline", errors.KeyRejected),
        (READER, errors.KeyRejected),
    ],
)
def test_a_token_that_may_not_write_is_refused(
    server: HubServer, photos: Path, configured: Settings, token: str, kind: type[errors.ToolkitError]
) -> None:
    with pytest.raises(kind) as caught:
        pushed(server, photos, configured, token=token)
    assert not token or token not in "".join(traceback.format_exception(caught.value))
    assert server.repositories == {}


@pytest.mark.parametrize(
    "name", ["birds", "a/b/c", "ada/bir ds", "../up", "ada/..", "ada/x.git", "https://h/ada/x", ""]
)
def test_what_is_no_name_is_refused_before_anything_is_sent(
    server: HubServer, photos: Path, configured: Settings, name: str
) -> None:
    with pytest.raises(errors.InvalidInput, match="no name of a repository"):
        pushed(server, photos, configured, repository=name)
    assert server.requests == []


def test_without_a_hub_nothing_is_made(server: HubServer, photos: Path, configured: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(errors.ProviderUnavailable, match="cannot be reached"):
            pushed(server, photos, configured, endpoint=nobody)


def test_a_folder_without_captions_makes_no_repository(server: HubServer, tmp_path: Path, configured: Settings) -> None:
    with pytest.raises(errors.InvalidInput, match="nothing to export"):
        pushed(server, image_folder(tmp_path / "none", {"a.jpg": None}), configured)
    assert server.repositories == {}


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_push_that_is_stopped_uploads_nothing(server: HubServer, photos: Path, configured: Settings, at: int) -> None:
    with pytest.raises(errors.Cancelled):
        pushed(server, photos, configured, progress=stop_at(at))
    assert server.repositories == {}
    assert names_in(configured.home / "pushes") == []


def test_the_token_is_in_no_file_log_or_message(
    server: HubServer, photos: Path, configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root, library = logging.getLogger(), logging.getLogger("huggingface_hub")
    before = root.level, library.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    library.setLevel(logging.DEBUG)
    try:
        draw_image(photos / "c.jpg", number=2)
        pushed(server, photos, configured)
        server.hang_up = {(CARD, "before")}
        (photos / "c.txt").write_text("a new one")
        with pytest.raises(errors.ProviderUnavailable) as caught:
            pushed(server, photos, configured)
        with pytest.raises(errors.KeyRejected) as refused:
            pushed(server, photos, configured, token=READER)
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        library.setLevel(before[1])
    texts = [stream.getvalue(), repr(Hub(SecretStr(TOKEN)))]
    texts += ["".join(traceback.format_exception(one.value)) for one in (caught, refused)]
    places = (tmp_path, configured.home)
    texts += [Path(place, name).read_bytes().decode("latin-1")
              for root_ in places for place, _, names in os.walk(root_) for name in names]  # fmt: skip
    texts += [data.decode("latin-1") for data in server.repositories["ada/birds"].files.values()]
    texts += [path for _, path in server.requests]
    assert len(texts) > 10
    assert not [text for text in texts if TOKEN in text or READER in text]


def test_a_push_that_is_stopped_once_all_is_read_back_makes_no_repository(
    server: HubServer, photos: Path, configured: Settings
) -> None:
    steps: list[str] = []

    def is_written(_: Onlooker) -> bool:
        return any((configured.home / "pushes").glob(".~*/files/imagefolder"))

    with pytest.raises(errors.Cancelled) as caught:
        pushed(server, photos, configured, step=steps.append, progress=Onlooker(is_written))
    assert "Nothing was uploaded" in caught.value.hint
    assert (steps, server.repositories) == (["asking", "writing"], {})
