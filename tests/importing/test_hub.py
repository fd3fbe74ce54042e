"""A dataset repository is imported by its name: looked at first, downloaded out of sight, and nothing but data."""

from __future__ import annotations

import json
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from lib import errors
from lib.dataset.scan.scanner import open_dataset
from lib.exporting.hub import PushTarget, push
from lib.exporting.planning import plan_export
from lib.hub import Hub
from lib.importing.base import ImportTarget
from lib.importing.hub import HubAddress, import_from_hub, parse_address
from lib.importing.import_into import ImportOutcome
from lib.settings import Settings
from tests.doubles.hub_server import READER, TOKEN, HubServer, Refusal
from tests.doubles.image_folder import draw_image, image_folder
from tests.doubles.onlooker import Onlooker
from tests.exporting.conftest import HURTFUL, Exported, captions_of, exported, names_in
from tests.importing.test_round_trips import images_of

__all__ = ["exported"]

NAME = "ada/birds"


@pytest.fixture
def server() -> Iterator[HubServer]:
    with HubServer() as made:
        made.lfs = False
        yield made


@pytest.fixture
def picture(tmp_path: Path) -> bytes:
    return draw_image(tmp_path / "one.jpg").read_bytes()


def rows(**texts: str) -> bytes:
    return "".join(json.dumps({"file_name": f"{n}.jpg", "text": t}) + "\n" for n, t in texts.items()).encode()


def taken(
    server: HubServer, folder: Path, settings: Settings, address: str = f"hf://{NAME}", **choices: Any
) -> ImportOutcome:
    hub = Hub(SecretStr(choices.pop("token", TOKEN)), choices.pop("endpoint", server.url))
    return import_from_hub(parse_address(address), ImportTarget(folder, settings, "local"), hub, **choices)


def test_what_was_pushed_comes_back(server: HubServer, tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "hurtful", HURTFUL)
    hub = Hub(SecretStr(TOKEN), server.url)
    plan = plan_export(root, open_dataset(root).records)
    push(plan, PushTarget(hub, NAME), configured.home / "pushes")
    done = taken(server, tmp_path / "new", configured)
    assert (done.added, done.refused) == (len(HURTFUL), [])
    assert sorted(captions_of(tmp_path / "new").values()) == sorted(HURTFUL.values())
    assert sorted(images_of(tmp_path / "new").values()) == sorted(images_of(root).values())
    assert not [name for name in names_in(tmp_path / "new") if name.startswith(".~")]


def test_a_revision_and_a_subfolder_are_taken_alone(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    old = {"train/a.jpg": picture, "train/metadata.jsonl": rows(a="as it was"), "test/b.jpg": picture}
    server.repository(NAME, {"train/a.jpg": picture, "train/metadata.jsonl": rows(a="as it is")}).revisions |= {
        "v1/x": old
    }
    server.requests.clear()
    done = taken(server, tmp_path / "new", configured, f"hf://{NAME}@v1%2Fx/train")
    assert done.added == 1
    assert captions_of(tmp_path / "new") == {"a.jpg": "as it was"}
    assert not [path for _, path in server.requests if "b.jpg" in path]
    taken(server, tmp_path / "main", configured, f"hf://datasets/{NAME}/train")
    assert captions_of(tmp_path / "main") == {"a.jpg": "as it is"}


def test_nothing_but_data_is_downloaded(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    files = {"A.JPG": picture, "A.txt": b"a cat", "birds.py": b"raise SystemExit", "model.bin": b"x", "x.pkl": b"x"}
    server.repository(NAME, files | {"README.md": b"# b"})
    assert taken(server, tmp_path / "new", configured).added == 1
    assert captions_of(tmp_path / "new") == {"A.JPG": "a cat"}
    asked = {path.rpartition("/")[2] for _, path in server.requests if "/resolve/" in path}
    assert asked == {"A.JPG", "A.txt"}


def test_a_table_with_the_images_in_it_is_read_as_the_hub_keeps_them(
    server: HubServer, tmp_path: Path, exported: Exported, configured: Settings
) -> None:
    table = exported(image_folder(tmp_path / "photos", {"a.jpg": "a cat", "b.png": "a dog"}), "parquet").path
    server.repository(NAME, {"data/train-00000-of-00001.parquet": table.read_bytes()})
    assert taken(server, tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat", "b.png": "a dog"}


def test_too_large_a_repository_is_refused_before_anything_is_downloaded(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.repository(NAME, {"a/a.jpg": picture, "b/b.jpg": picture})
    server.lie = {"b/b.jpg": 10**12}
    with pytest.raises(errors.InvalidInput, match="1,000,000,0"):
        taken(server, tmp_path / "new", configured)
    assert not [path for _, path in server.requests if "/resolve/" in path]
    assert not (tmp_path / "new").exists()
    assert taken(server, tmp_path / "new", configured, f"hf://{NAME}/a").added == 1
    monkeypatch.setattr("lib.importing.hub.MAX_BYTES", len(picture) - 1)
    with pytest.raises(errors.InvalidInput, match="are the limits"):
        taken(server, tmp_path / "new", configured, f"hf://{NAME}/a")


@pytest.mark.parametrize("name", ["../up.jpg", "a/../../up.jpg", "/etc/up.jpg", "..\\up.jpg", "C:/up.jpg"])
def test_a_name_that_leads_out_is_refused_before_anything_is_downloaded(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings, name: str
) -> None:
    server.repository(NAME, {"a.jpg": picture, name: picture})
    with pytest.raises(errors.InvalidInput, match="leads out of the folder"):
        taken(server, tmp_path / "in" / "new", configured)
    assert not [path for _, path in server.requests if "/resolve/" in path]
    assert names_in(tmp_path) == ["one.jpg"]


def test_a_name_that_the_first_list_keeps_back_writes_nothing_outside(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    server.repository(NAME, {"a.jpg": picture, "../up.jpg": picture})
    server.hidden = {"../up.jpg"}
    with pytest.raises(errors.AnswerInvalid):
        taken(server, tmp_path / "in" / "new", configured)
    assert names_in(tmp_path) == ["in", "one.jpg"]
    assert names_in(tmp_path / "in" / "new") == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("hf://ada/none", errors.InvalidInput),
        (f"hf://{NAME}@nowhere", errors.InvalidInput),
        (f"hf://{NAME}/nowhere", errors.InvalidInput),
        ("hf://ada/empty", errors.InvalidInput),
    ],
)
def test_what_is_not_there_is_told(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings, address: str, kind: type[Exception]
) -> None:
    server.repository(NAME, {"a.jpg": picture})
    server.repository("ada/empty", {"README.md": b"#"})
    with pytest.raises(kind):
        taken(server, tmp_path / "new", configured, address)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.RequestRejected),
        (403, errors.KeyRejected),
        (404, errors.InvalidInput),
        (429, errors.RateLimited),
        (503, errors.ProviderUnavailable),
    ],
)
def test_a_refusal_is_a_sentence_in_our_words_and_the_hubs(
    server: HubServer, tmp_path: Path, configured: Settings, status: int, kind: type[errors.ToolkitError]
) -> None:
    server.fails = Refusal(status, f"no luck with {READER} today\n")
    with pytest.raises(kind) as caught:
        taken(server, tmp_path / "new", configured, token=f" {READER}\n")
    assert "ada/birds" in caught.value.message
    assert status == 404 or "no luck with [key] today" in caught.value.message
    assert "Nothing was added" in caught.value.hint


ODD: list[Any] = [
    [],
    "no",
    7,
    {"id": NAME, "siblings": [7]},
    {"id": NAME, "siblings": [{"rfilename": 7, "size": 1}]},
    {"id": NAME, "siblings": [{"rfilename": "a.jpg", "size": "much"}]},
    {"id": NAME, "siblings": {"a": 1}},
]


@pytest.mark.parametrize("odd", ODD)
def test_an_answer_of_another_shape_is_said_to_make_no_sense(
    server: HubServer, tmp_path: Path, configured: Settings, odd: Any
) -> None:
    server.odd = odd
    with pytest.raises(errors.AnswerInvalid, match="makes no sense"):
        taken(server, tmp_path / "new", configured)
    root = image_folder(tmp_path / "photos")
    hub = Hub(SecretStr(TOKEN), server.url)
    plan = plan_export(root, open_dataset(root).records)
    with pytest.raises(errors.ToolkitError):
        push(plan, PushTarget(hub, NAME), configured.home / "pushes")
    assert server.repositories == {}


def test_a_name_that_this_disk_cannot_hold_is_told_as_such(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    server.repository(NAME, {"a.jpg": picture, "x" * 252 + ".jpg": picture})
    with pytest.raises(errors.WriteFailed, match="could not be read or kept here"):
        taken(server, tmp_path / "new", configured)
    assert names_in(tmp_path / "new") == []


def test_a_private_dataset_wants_a_token(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    server.repository(NAME, {"a.jpg": picture}, private=True)
    with pytest.raises(errors.InvalidInput, match="or it is private"):
        taken(server, tmp_path / "new", configured, token="")
    with pytest.raises(errors.KeyRejected) as caught:
        taken(server, tmp_path / "new", configured, token=f"{READER}2")
    assert READER not in "".join(traceback.format_exception(caught.value))
    assert taken(server, tmp_path / "new", configured, token=READER).added == 1


def test_without_a_token_none_is_sent(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = tmp_path / "token"
    stored.write_text("hf_storedByAnotherProgram")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(stored))
    server.repository(NAME, {"a.jpg": picture})
    # The double refuses a token that it does not know.
    assert taken(server, tmp_path / "new", configured, token="").added == 1


def test_without_a_hub_nothing_is_touched(server: HubServer, tmp_path: Path, configured: Settings) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(errors.ProviderUnavailable, match="cannot be reached"):
            taken(server, tmp_path / "new", configured, endpoint=nobody)
    assert not (tmp_path / "new").exists()


def test_a_download_tells_how_far_it_is_and_can_be_stopped(
    server: HubServer, tmp_path: Path, picture: bytes, configured: Settings
) -> None:
    server.repository(NAME, {f"{number}.jpg": picture for number in range(20)})
    watch = Onlooker()
    taken(server, tmp_path / "new", configured, progress=watch)
    assert watch.told[:20] == [(number, 20) for number in range(1, 21)]
    # Then the images are read, of which nobody knows how many there are.
    assert {total for _, total in watch.told[20:]} == {0}
    early = Onlooker(lambda who: len(who.told) >= 3)
    with pytest.raises(errors.Cancelled):
        taken(server, tmp_path / "stopped", configured, progress=early)
    assert names_in(tmp_path / "stopped") == []
    assert len(early.told) == 3


def test_addresses_are_read() -> None:
    assert parse_address("hf://ada/birds") == HubAddress("ada/birds", "main", "")
    assert parse_address("hf://datasets/ada/birds@refs%2Fpr%2F1/train/x/") == HubAddress(
        "ada/birds", "refs/pr/1", "train/x"
    )


@pytest.mark.parametrize(
    "address", ["hf://birds", "hf://", "hf://ada/birds/../x", "hf://ada/..", "hf://ada/bi rds", "hf://ada/birds@"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(errors.InvalidInput):
        parse_address(address)
