"""`python -m lib`: one JSON object on stdout, sentences on stderr, an exit status that scripts can trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.doubles import forked
from tests.doubles.provider_server import ProviderServer, Reply

_PATIENCE_S = 900
"""A command is waited for until it ends; this is for one that hangs. A busy machine takes minutes to import a model."""


def lib(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m lib`, in a process forked from one that has imported lib."""
    with tempfile.TemporaryDirectory() as folder:
        streams = Path(folder, "stdout"), Path(folder, "stderr")
        process = forked.start(
            forked.command, ["python -m lib", *map(str, arguments)], os.environ | environment, *streams
        )
        process.join(_PATIENCE_S)
        stdout, stderr = (stream.read_text() for stream in streams)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"it did not end:\n{stdout}{stderr}")
    return subprocess.CompletedProcess(arguments, process.exitcode, stdout, stderr)


def lib_anew(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same as a shell starts it, with nothing imported before: slower, so each command is started so once."""
    return subprocess.run(
        [sys.executable, "-m", "lib", *map(str, arguments)],
        cwd=forked.ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.jpg", "a.png", "b.jpg", "c.jpg", "sub/d.JPEG"):
        Image.new("RGB", (40, 30), "teal").save(folder / name)
    (folder / "b.txt").write_text("a boat")
    (folder / "c.txt").write_bytes(b"caf\xe9")
    (folder / "left.txt").write_text("orphan")
    (folder / "sub" / "d.txt").write_text("  \n")
    (folder / "broken.webp").write_bytes(b"RIFF")
    return folder


def test_scan_counts_images_and_what_is_wrong(photos: Path) -> None:
    done = lib_anew("scan", photos, "--json")
    report = answer(done)
    assert done.returncode == 0
    assert report["ok"]
    assert report["counts"].items() <= report.items(), "scripts look for the numbers at the top"
    assert report["counts"] == {
        "images": 6,
        "tagged": 1,
        "untagged": 5,
        "orphans": 1,
        "shared_stems": 1,
        "undecodable": 1,
        "unreadable": 1,
        "unlistable": 0,
    }
    assert report["problems"]["orphans"] == ["left.txt"]
    assert report["problems"]["shared_stems"] == [{"stem": "a", "images": ["a.jpg", "a.png"]}]
    assert report["problems"]["undecodable"] == ["c.jpg"]
    assert report["problems"]["unreadable"][0]["image"] == "broken.webp"


def test_scan_without_json_is_readable_and_creates_nothing(photos: Path) -> None:
    before = sorted(path.name for path in photos.rglob("*"))
    done = lib("scan", photos)
    assert done.returncode == 0
    assert "images: 6" in done.stdout
    assert sorted(path.name for path in photos.rglob("*")) == before


def test_scan_of_no_folder_is_wrong_usage(tmp_path: Path) -> None:
    done = lib_anew("scan", tmp_path / "nowhere", "--json")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "nowhere" in done.stderr
    assert "Traceback" not in done.stderr


def test_caption_writes_tag_files_through_a_server(photos: Path) -> None:
    (photos / "a.png").unlink()
    (photos / "broken.webp").unlink()
    (photos / "c.txt").unlink()
    with ProviderServer("A teal card.") as server:
        done = lib_anew("caption", photos, "--model", "tiny-vision", "--base-url", server.url, "--json")
        assert {request.body["model"] for request in server.requests if request.body} == {"tiny-vision"}
    report = answer(done)
    assert report["counts"] == {"done": 3, "skipped": 1, "failed": 0, "not_tried": 0}
    assert (report["done"], report["skipped"], report["not_tried"], report["errors"]) == (3, 1, 0, [])
    assert done.returncode == 0
    assert (photos / "a.txt").read_text() == "A teal card."
    assert (photos / "b.txt").read_text() == "a boat"
    assert (photos / "sub" / "d.txt").read_text() == "A teal card."


def test_caption_with_style_prompt_and_parameters(photos: Path) -> None:
    with ProviderServer("Teal, Card, teal.") as server:
        done = lib(
            "caption", photos, "--model", "tiny-vision", "--base-url", server.url, "--style", "tags",
            "--prompt", "Tags for {name}", "--params", "max_token=7, temperature=0.5", "--existing", "append", "--json",
        )  # fmt: skip
        prompts = {request.prompt for request in server.requests if request.body}
        body = next(request.body for request in server.requests if request.body)
    assert done.returncode == 1
    assert "Tags for b" in prompts
    assert (body["max_tokens"], body["temperature"]) == (7, 0.5)
    assert (photos / "b.txt").read_text() == "a boat, teal, card"


def test_failed_images_are_listed_and_the_status_is_one(photos: Path) -> None:
    with ProviderServer() as server:
        done = lib("caption", photos, "--model", "tiny-vision", "--base-url", server.url, "--json")
    report = answer(done)
    assert done.returncode == 1
    failed = {error["image"]: error["reason"] for error in report["errors"]}
    assert set(failed) == {"a.jpg", "a.png", "broken.webp", "c.jpg"}
    assert report["errors"] == report["failed"]
    assert report["counts"]["failed"] == 4
    assert (photos / "c.txt").read_bytes() == b"caf\xe9"


def test_a_wrong_key_stops_the_run_and_stays_secret(photos: Path) -> None:
    with ProviderServer() as server:
        server.enqueue(*[Reply.json({"detail": "Authentication failed"}, 401)] * 9)
        done = lib(
            "caption", photos / "sub", "--model", "Kosmos-2", "--json",
            NVIDIA_API_KEY="nvapi-canary", NVIDIA_BASE_URL=server.url,
        )  # fmt: skip
    assert done.returncode == 1
    assert "NVIDIA_API_KEY" in answer(done)["error"]
    assert "field" not in answer(done)["error"]
    assert answer(done)["counts"]["not_tried"] == 1
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--model", "no-such-model"], "no-such-model"),
        (["--model", "kosmos-2", "--params", "max_tokens=abc"], "max_tokens"),
        (["--model", "kosmos-2", "--existing", "sometimes"], "existing"),
        (["--model", "x", "--base-url", "ftp://example.org"], "not the address of a server"),
        ([], "--model"),
    ],
)
def test_wrong_usage_is_status_two_with_a_sentence(photos: Path, arguments: list[str], told: str) -> None:
    done = lib("caption", photos, *arguments, NVIDIA_API_KEY="nvapi-x")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_key_names_both_ways_to_give_one(photos: Path) -> None:
    done = lib("caption", photos, "--model", "kosmos-2")
    assert done.returncode == 2
    assert "NVIDIA_API_KEY" in done.stderr


def test_the_original_sidecar_is_kept_when_a_caption_fails(photos: Path) -> None:
    with ProviderServer() as server:
        server.enqueue(*[Reply.raw(b"<html>502</html>", 200, "text/html")] * 50)
        lib("caption", photos, "--model", "tiny-vision", "--base-url", server.url, "--existing", "overwrite", "--json")
    assert (photos / "b.txt").read_text() == "a boat"
