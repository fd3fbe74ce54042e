"""`mark`, and what the other commands make of images that are left out."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from lib.commands.folders import open_folder
from lib.commands.screen import Screen
from lib.dataset.saving.rename import rename_image
from tests.commands.test_command_line import answer, lib


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, name in enumerate("abcd"):
        Image.effect_noise((64, 48), 40 + number).convert("RGB").save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"a cat {name}")
    return folder


def names(folder: Path, *arguments: str) -> list[str]:
    return list(answer(lib("filter", folder, *arguments, "--json"))["images"])


def test_images_are_left_out_and_kept_again_as_operations(photos: Path) -> None:
    done = answer(lib("mark", photos, "--only", "name:a, name:b", "--leave-out", "--json"))
    assert (done["counts"]["marked"], done["images"]) == (2, ["a.png", "b.png"])
    assert names(photos) == ["c.png", "d.png"]
    assert names(photos, "--only", "left_out:yes") == names(photos, "left_out:yes") == ["a.png", "b.png"]
    kept = answer(lib("mark", photos, "--keep", "--only", "name:b", "--json"))
    assert kept["images"] == ["b.png"]
    taken_back = answer(lib("undo", photos, "--json"))
    assert (taken_back["marked"], taken_back["restored"]) == (1, 0)
    assert names(photos) == ["c.png", "d.png"]
    listed = answer(lib("history", photos, "--json"))["operations"]
    assert [(one["kind"], one["marked"]) for one in listed] == [("keep", 1), ("leave_out", 2)]
    one = answer(lib("history", photos, "--operation", str(listed[1]["operation"]), "--json"))
    assert one["marks"][0] == {"image": "a.png", "mark": "left_out", "before": 0, "after": 1}


def test_stars_are_given_and_found(photos: Path) -> None:
    lib("mark", photos, "--rating", "5", "--only", "name:c")
    lib("mark", photos, "--rating", "2", "--only", "name:d")
    assert names(photos, "--only", "rating:>=2") == ["c.png", "d.png"]
    lib("mark", photos, "--rating", "0", "--only", "name:d")
    assert names(photos, "rating:none") == ["a.png", "b.png", "d.png"]


@pytest.mark.parametrize("options", [[], ["--leave-out", "--keep"], ["--rating", "6"]])
def test_what_is_no_mark_is_wrong_usage(photos: Path, options: list[str]) -> None:
    done = lib("mark", photos, *options)
    assert done.returncode == 2


def test_a_dry_run_marks_nothing(photos: Path) -> None:
    done = answer(lib("mark", photos, "--leave-out", "--only", "name:a", "--dry-run", "--json"))
    assert done["images"] == ["a.png"]
    assert len(names(photos)) == 4


def test_other_commands_pass_over_what_is_left_out_and_tell_how_many(photos: Path) -> None:
    lib("mark", photos, "--leave-out", "--only", "name:a")
    done = lib("replace", photos, "cat", "dog", "--json")
    assert "1 image left out (--only left_out:yes lists them)" in done.stderr
    assert answer(done)["counts"] | {"changed": 3, "left_out": 1} == answer(done)["counts"]
    assert (photos / "a.txt").read_text() == "a cat a"
    assert answer(lib("scan", photos, "--json"))["images"] == 3
    assert "left_out" not in answer(lib("scan", photos, "--only", "left_out:yes", "--json"))["counts"]
    lib("replace", photos, "cat", "dog", "--only", "left_out:yes")
    assert (photos / "a.txt").read_text() == "a dog a"


def test_an_export_lists_what_is_left_out_and_carries_stars(photos: Path, tmp_path: Path) -> None:
    whole = answer(lib("export", photos, tmp_path / "before", "--format", "csv", "--json"))
    lib("mark", photos, "--leave-out", "--only", "name:a")
    lib("mark", photos, "--rating", "4", "--only", "name:b")
    done = answer(lib("export", photos, tmp_path / "out", "--format", "csv", "--json"))
    assert (done["samples"], done["counts"]["left_out"], done["counts"]["failed"]) == (3, 1, 0)
    assert done["left_out"] == [{"image": "a.png", "reason": "It is marked as left out."}]
    manifest = json.loads((tmp_path / "out" / ".captions.csv.manifest.json").read_text())
    assert (manifest["marked_left_out"], manifest["ratings"]) == (["a.png"], {"b.png": 4})
    with Path(done["path"]).open(newline="") as file:
        rows = {row["file_name"]: (row["rating"], row["left_out"]) for row in csv.DictReader(file)}
    assert rows == {"b.png": ("4", "0"), "c.png": ("", "0"), "d.png": ("", "0")}
    for path in (whole["path"], done["path"]):
        assert answer(lib("verify", path, "--json"))["bad"] == []
    out = answer(lib("export", photos, tmp_path / "out2", "--format", "parquet", "--only", "left_out:yes", "--json"))
    assert (out["samples"], out["counts"]["left_out"]) == (1, 0)
    assert answer(lib("verify", out["path"], "--json"))["bad"] == []


def test_fix_leaves_out_where_it_would_set_aside(photos: Path) -> None:
    shutil.copy(photos / "b.png", photos / "f.png")
    (photos / "f.txt").write_text("a cat b")
    shown = answer(lib("fix", photos, "--check", "duplicates", "--leave-out", "--dry-run", "--json"))
    assert (len(shown["marked"]), shown["aside"]) == (1, [])
    done = answer(lib("fix", photos, "--check", "duplicates", "--leave-out", "--json"))
    assert (done["marked"], done["counts"]["set_aside"]) == (shown["marked"], 0)
    assert names(photos, "--only", "left_out:yes") == shown["marked"]
    assert all((photos / f"{name}.png").exists() for name in "bf")
    assert answer(lib("undo", photos, "--json"))["marked"] == 1
    assert names(photos, "--only", "left_out:yes") == []


def test_what_does_not_go_out_is_not_called_by_the_word_of_the_mark(photos: Path, tmp_path: Path) -> None:
    (photos / "d.txt").write_text("")
    lib("mark", photos, "--leave-out", "--only", "name:a")
    planned = lib("export", photos, tmp_path / "out", "--format", "csv", "--dry-run")
    assert planned.stdout.endswith("; 2 would not be exported\n")
    done = lib("export", photos, tmp_path / "out", "--format", "csv")
    assert done.stdout.endswith(", 2 not exported\n")


def test_the_history_names_a_renamed_image(photos: Path) -> None:
    (photos / "a.txt").unlink()
    dataset, store = open_folder(photos, Screen())
    rename_image(store, dataset.records[0], "z")
    assert "  rename  a.png to z.png  by " in lib("history", photos).stdout
