"""`caption`: which key goes where, wishes, what a run would cost, and what a service would not take."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.commands.test_command_line import answer, lib
from tests.doubles.provider_server import ProviderServer, Received, Reply

SERVED = ("--model", "tiny-vision", "--base-url")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a", "b", "c", "d"):
        Image.new("RGB", (40, 30), "teal").save(folder / f"{name}.jpg")
    return folder


def sent_keys(server: ProviderServer) -> set[str]:
    return {received.header("authorization") for received in server.requests}


def test_a_key_that_is_not_sent_to_another_address_is_told(photos: Path) -> None:
    with ProviderServer() as server:
        done = lib("caption", photos, *SERVED, server.url, "--json", OPENAI_API_KEY="sk-mine-0123456789")
        assert sent_keys(server) == {""}
    assert f"OPENAI_API_KEY is not sent to {server.url}; --key-env OPENAI_API_KEY sends it." in done.stderr
    assert "sk-mine" not in done.stderr + done.stdout
    assert answer(done)["done"] == 4


@pytest.mark.parametrize("name", ["OPENAI_API_KEY", "KEY_OF_MY_SERVER"])
def test_the_key_of_a_named_variable_is_sent_to_any_address(photos: Path, name: str) -> None:
    with ProviderServer() as server:
        done = lib("caption", photos, *SERVED, server.url, "--key-env", name, "--json", **{name: " sk-mine-01234567\n"})
        assert sent_keys(server) == {"Bearer sk-mine-01234567"}
    assert "not sent" not in done.stderr
    assert answer(done)["done"] == 4


def test_without_any_key_nothing_is_told_of_keys(photos: Path) -> None:
    with ProviderServer() as server:
        assert "not sent" not in lib("caption", photos, *SERVED, server.url, "--json").stderr


@pytest.mark.parametrize(("value", "words"), [(None, "is not set"), ("  ", "holds nothing")])
def test_a_variable_without_a_key_is_told_before_anything_is_sent(photos: Path, value: str | None, words: str) -> None:
    with ProviderServer() as server:
        given = {} if value is None else {"MY_KEY": value}
        done = lib("caption", photos, *SERVED, server.url, "--key-env", "MY_KEY", **given)
        assert server.requests == []
    assert done.returncode == 2
    assert f"“MY_KEY” {words}" in done.stderr


def test_a_key_given_in_the_place_of_its_name_is_not_repeated(photos: Path) -> None:
    done = lib("caption", photos, *SERVED, "http://127.0.0.1:1", "--key-env", "sk-oops-0123456789")
    assert done.returncode == 2
    assert "sk-oops" not in done.stderr + done.stdout


def test_the_key_of_a_named_variable_serves_other_services_too(photos: Path) -> None:
    with ProviderServer() as server:
        lib("caption", photos, "--model", "nim:new/model", "--key-env", "MINE", "--json", MINE="nvapi-mine-0123456",
            NVIDIA_BASE_URL=server.url)  # fmt: skip
        assert sent_keys(server) == {"Bearer nvapi-mine-0123456"}
        assert {received.body["model"] for received in server.requests} == {"new/model"}


def test_what_is_not_as_wished_is_in_the_account(photos: Path) -> None:
    def say(received: Received) -> str:
        return "A dog on a beach." if len(server.requests) == 1 else "An image of a cat."

    with ProviderServer(say) as server:
        wishes = ("--must", "dog, beach", "--must-not", "image", "--starts-with", "A dog")
        done = lib("caption", photos, *SERVED, server.url, *wishes, "--workers", 1, "--json")
    report = answer(done)
    assert (report["done"], report["not_as_wished"]) == (4, 3)
    assert "lacks “dog”" in report["marked"][0]["reason"]
    # Each of the three was asked for once more.
    assert len(server.requests) == 7


def test_a_try_saves_nothing_and_tells_what_all_would_take(photos: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "models.toml").write_text("[models.openai-compatible]\nprice_in = 1000.0\nprice_out = 2000\n")
    (photos / "a.txt").write_text("is there")
    with ProviderServer() as server:
        done = lib("caption", photos, *SERVED, server.url, "--try", 3, "--json", TOOLKIT_HOME=str(home))
        assert len(server.requests) == 3
        told = lib("caption", photos, *SERVED, server.url, "--try", 3, TOOLKIT_HOME=str(home)).stdout
    report = answer(done)
    assert (report["images"], report["requests"], report["skipped"]) == (3, 3, 1)
    assert (report["read"], report["written"]) == (1, 7)
    assert report["dollars"] == pytest.approx(3 * (1 * 1000 + 7 * 2000) / 1_000_000)
    assert len(report["tried"]) == 3
    assert [path.name for path in photos.glob("*.txt")] == ["a.txt"]
    assert "1 token read and 7 written a picture" in told
    assert "about $0.04" in told or "about $0.05" in told
    assert "Nothing was saved." in told


def test_a_try_that_meets_a_refused_key_says_so(photos: Path) -> None:
    with ProviderServer() as server:
        server.enqueue(*[Reply.json({"error": "no"}, 401)] * 3)
        done = lib("caption", photos, *SERVED, server.url, "--try", 3)
    assert done.returncode == 1
    assert "OPENAI_API_KEY" in done.stderr


def test_what_a_service_would_not_take_is_told_once(photos: Path) -> None:
    refused = {"message": "Unsupported value: 'temperature'", "param": "temperature", "code": "unsupported_value"}
    with ProviderServer() as server:
        server.enqueue(Reply.json({"error": refused}, 400))
        done = lib("caption", photos, *SERVED, server.url, "--workers", 1, "--json")
    assert done.stderr.count("does not take temperature") == 1
    assert answer(done)["done"] == 4


def test_an_unknown_model_ends_the_run_at_the_first_image(photos: Path) -> None:
    with ProviderServer() as server:
        said = {"error": {"message": "Invalid model name passed in model=tiny-vision.", "code": "400"}}
        server.enqueue(*[Reply.json(said, 400)] * 20)
        report = answer(lib("caption", photos, *SERVED, server.url, "--workers", 1, "--json"))
        assert len(server.requests) == 1
    assert (report["failed"], report["done"], report["not_tried"]) == ([], 0, 4)
    assert "Invalid model name" in report["error"]
