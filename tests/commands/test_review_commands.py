"""`captioner review` and `fix`: what is wrong with a folder, and how it is mended from a terminal."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.commands.test_command_line import answer, lib, lib_anew
from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer
from tests.review.opened import bytes_below

CAPTIONS: dict[str, str | bytes | None] = {
    "a.jpg": b"a dog, grass, a dog\r\n",
    "b.jpg": "a cat, sofa",
    "sub/c.jpg": "a cat, a dog",
    "none.jpg": None,
}


@pytest.fixture(autouse=True)
def no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_RESNET50V2", "/nowhere/weights.h5")


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "photos", CAPTIONS)


@pytest.fixture
def twins(tmp_path: Path) -> Path:
    folder = image_folder(tmp_path / "twins", {"a.jpg": "a cat", "copy.jpg": "a cat"})
    (folder / "copy.jpg").write_bytes((folder / "a.jpg").read_bytes())
    return folder


def test_a_review_tells_its_findings_as_json_and_ends_with_1_where_there_are_errors(photos: Path) -> None:
    done = lib("review", photos, "--checks", "captions,pictures", "--json")
    told = answer(done)
    assert (done.returncode, told["images"], told["checks"]) == (1, 4, ["captions", "pictures"])
    assert [one["image"] for one in told["failed"]] == ["none.jpg"]
    (twice,) = [one for one in told["findings"] if one["kind"] == "tag_twice"]
    assert (twice["check"], twice["images"], twice["severity"]) == ("captions", ["a.jpg"], "hint")
    assert twice["fix"]["changes"][0]["after"].strip() == "a dog, grass"
    assert told["scores"]["b.jpg"]["width"] == 48
    assert told["counts"]["errors"] == 1
    for key in ("groups", "not_measured", "unsure", "ready", "not_made", "notes"):
        assert key in told, key


def test_a_review_without_errors_ends_with_0(photos: Path) -> None:
    done = lib("review", photos, "--tagged", "--checks", "captions", "--json")
    assert (done.returncode, answer(done)["counts"]["hints"]) == (0, 1)


def test_people_read_a_finding_a_line_the_worst_first(photos: Path) -> None:
    done = lib_anew("review", photos, "--checks", "captions")
    *findings, last = done.stdout.splitlines()
    assert [line.split()[0] for line in findings] == ["error", "hint"]
    assert "none.jpg: There is no caption." in findings[0]
    assert last == "4 images: 1 error, 0 warnings, 1 hint; 2 clean"
    assert "none.jpg" not in done.stderr, "said once"


def test_a_caption_cannot_steer_the_terminal(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "set", {"a.jpg": "x\x1b[31m, x\x1b[31m", "b.jpg": "a dog"})
    assert "\x1b" not in lib("review", folder, "--checks", "captions").stdout


def test_only_the_checks_and_the_trainers_that_are_asked_for_are_made(photos: Path) -> None:
    told = answer(lib("review", photos, "--checks", "trainer", "--target", "sd-scripts,open-clip", "--json"))
    assert told["checks"] == ["trainer"]
    assert set(told["ready"]) == {"sd-scripts", "open-clip"}


def test_the_numbers_of_each_image_go_into_a_table(photos: Path, tmp_path: Path) -> None:
    table = tmp_path / "scores.csv"
    lib("review", photos, "--checks", "captions,pictures", "--out", table)
    rows = {row["image"]: row for row in csv.DictReader(io.StringIO(table.read_text()))}
    assert list(rows) == ["a.jpg", "b.jpg", "none.jpg", "sub/c.jpg"]
    assert rows["b.jpg"]["width"] == "48"
    assert "tag_twice" in rows["a.jpg"]["findings"].split()
    assert lib("review", photos, "--checks", "captions,pictures", "--out", "-").stdout == table.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--checks", "nonsense"], "There is no check “nonsense”"),
        (["--target", "nobody"], "There is no trainer “nobody”"),
        (["--scorer", "oracle"], "There is no scorer “oracle”"),
        (["--method-images", "tfidf"], "no way to compare images"),
        (["--method-captions", "mobilenet"], "no way to compare tags"),
        (["--out", "-", "--json"], "both the table and the JSON"),
        (["--out", "/nowhere/scores.csv"], "/nowhere is not a folder"),
        (["--folder", "sub", "--untagged"], "No image is meant"),
    ],
)
def test_what_cannot_be_reviewed_is_refused_with_a_sentence(photos: Path, options: list[str], said: str) -> None:
    done = lib("review", photos, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_check_that_was_asked_for_and_cannot_be_made_fails_the_command(photos: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    offline = {"TOOLKIT_MOBILENET": "/nowhere/weights.h5", "HTTPS_PROXY": nowhere, "https_proxy": nowhere}
    words = ("review", photos, "--tagged", "--method-images", "mobilenet", "--json")
    asked = lib(*words, "--checks", "agreement", **offline)
    assert asked.returncode == 1
    assert "agreement" in answer(asked)["not_made"]
    assert answer(asked)["error"]
    among_all = answer(lib(*words, **offline))
    assert "agreement" in among_all["not_made"]
    assert "error" not in among_all


def test_a_fix_is_one_operation_that_undo_takes_back_byte_for_byte(photos: Path) -> None:
    before = bytes_below(photos)
    done = answer(lib("fix", photos, "--check", "captions", "--json"))
    assert (photos / "a.txt").read_bytes() == b"a dog, grass\r\n"
    assert (done["counts"]["changed"], done["counts"]["without_fix"]) == (1, 1)
    (entry,) = answer(lib("history", photos, "--json"))["operations"]
    assert (entry["operation"], entry["kind"]) == (done["operation"], "review")
    assert lib("undo", photos, done["operation"]).returncode == 0
    assert bytes_below(photos) == before


def test_a_kind_of_finding_is_fixed_alone(tmp_path: Path) -> None:
    captions = {f"{n}.jpg": f"a dog, grass, tree{n}" for n in range(5)}
    folder = image_folder(tmp_path / "set", captions | {"x.jpg": "a dog, sky, a dog", "y.jpg": "Here is a dog, sky"})
    lib("fix", folder, "--check", "tag_twice")
    assert (folder / "x.txt").read_text() == "a dog, sky"
    assert (folder / "y.txt").read_text() == "Here is a dog, sky"


def test_plurals_are_mended_only_where_their_kind_is_named(tmp_path: Path) -> None:
    captions: dict[str, str | bytes | None] = {f"{number}.jpg": "tree, sky" for number in range(4)}
    folder = image_folder(tmp_path / "photos", captions | {"x.jpg": "trees, sky, sky"})
    done = lib("fix", folder, "--check", "captions", "--json")
    assert (folder / "x.txt").read_text() == "trees, sky"
    assert "tag_plural: both ways may be right" in done.stderr
    assert answer(done)["counts"]["without_fix"] == 1
    lib("fix", folder, "--check", "tag_plural")
    assert (folder / "x.txt").read_text() == "tree, sky"
    assert "tag_plural" in lib("fix", "--help").stdout


def test_a_dry_run_shows_a_diff_and_changes_nothing(photos: Path) -> None:
    before = bytes_below(photos)
    done = lib("fix", photos, "--check", "captions", "--dry-run")
    assert done.returncode == 0
    assert "-a dog, grass, a dog" in done.stdout
    assert "+a dog, grass" in done.stdout
    assert "1 caption would change" in done.stderr
    assert bytes_below(photos) == before
    assert answer(lib("history", photos, "--json"))["operations"] == []


def test_twins_are_set_aside_and_come_back(twins: Path) -> None:
    before = bytes_below(twins)
    planned = answer(lib("fix", twins, "--check", "duplicates", "--dry-run", "--json"))
    assert planned["counts"]["set_aside"] == 1
    assert bytes_below(twins) == before
    done = answer(lib("fix", twins, "--check", "duplicates", "--json"))
    assert done["aside"] == planned["aside"]
    assert answer(lib("scan", twins, "--json"))["counts"]["images"] == 1
    assert "  review  1 image  by " in lib("history", twins).stdout
    assert lib("undo", twins).returncode == 0
    assert bytes_below(twins) == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--check", "nonsense"], "There is no check and no kind of finding “nonsense”"),
        (["--check", ","], "No check is named"),
        ([], "--check"),
    ],
)
def test_a_fix_of_nothing_known_is_refused(photos: Path, options: list[str], said: str) -> None:
    done = lib("fix", photos, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_what_a_review_found_can_be_searched_for(photos: Path, twins: Path) -> None:
    assert "was not reviewed yet" in lib("filter", photos, "width:<512").stderr
    lib("review", photos, "--checks", "captions")
    assert lib("filter", photos, "finding:tag_twice").stdout == "a.jpg\n"
    assert "has measured “width”" in lib("filter", photos, "width:<512").stderr
    lib("review", photos, "--checks", "pictures")
    assert lib("filter", photos, "width:<512 AND finding:empty").stdout == "none.jpg\n"
    lib("review", twins, "--checks", "duplicates")
    assert lib("filter", twins, "duplicate:yes").stdout == "a.jpg\ncopy.jpg\n"
    assert lib("words", photos, "--only", "finding:tag_twice", "--json").returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scorer", "model"], "needs a model to ask"),
        (["--model", "m", "--base-url", "http://127.0.0.1:9/v1"], "are for --scorer model"),
        (["--scorer", "model", "--model", "no-such-model"], "no-such-model"),
        (["--scorer", "model", "--model", "m", "--base-url", "http://127.0.0.1:9/v1", "--key-env", "NO_KEY"], "NO_KEY"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused_before_anything_is_measured(
    photos: Path, options: list[str], said: str
) -> None:
    done = lib("review", photos, "--checks", "agreement", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_model_is_asked_about_as_many_of_the_worst_as_are_wanted(tmp_path: Path) -> None:
    captions: dict[str, str | bytes | None] = {f"{n}.jpg": f"a cat {n}" for n in range(3)}
    folder = image_folder(tmp_path / "set", captions)
    with ProviderServer("no") as server:
        words = ("--checks", "agreement", "--scorer", "model", "--model", "tiny-vision", "--base-url", server.url)
        told = answer(lib("review", folder, *words, "--ask-worst", 2, "--json"))
    assert len(server.requests) == 2
    misfits = [one for one in told["findings"] if one["kind"] == "misfit"]
    assert [one["images"] for one in misfits] == [["0.jpg"], ["1.jpg"]]
    assert all("tiny-vision says" in one["text"] for one in misfits)
    assert told["scores"]["2.jpg"]["agreement"] > told["scores"]["0.jpg"]["agreement"]
