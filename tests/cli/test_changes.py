"""What changes captions: shown before it is made, one operation, taken back by its number, told when it cannot be."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import CAPTIONS
from tests.cli.program import arguments_of, captioner, environment_of, result_of
from tests.commands.test_command_line import lib
from tests.doubles.image_folder import image_folder


def texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.txt")}


def test_an_affix_leaves_images_without_a_caption_to_be_captioned(photos: Path) -> None:
    done = result_of(lib("affix", photos, "--prefix", "sks", "--json"))
    assert done["counts"]["changed"] == 4
    assert not (photos / "none.txt").exists()
    assert result_of(lib("affix", photos, "--prefix", "sks", "--untagged", "--json"))["counts"]["changed"] == 1
    assert (photos / "none.txt").read_text() == "sks"
    assert (photos / "b.txt").read_text() == "sks, a cat, sofa"


def test_tagged_and_untagged_together_are_all(photos: Path) -> None:
    done = result_of(lib("affix", photos, "--prefix", "sks", "--tagged", "--untagged", "--json"))
    assert done["counts"]["changed"] == 5


@pytest.mark.parametrize(
    ("options", "name", "after"),
    [
        (["--remove", "a cat"], "b.txt", "sofa"),
        (["--rename", "a cat", "the cat"], "b.txt", "the cat, sofa"),
        (["--front", "A DOG", "--ignore-case"], "sub/c.txt", "a dog, a cat"),
        (["--unique"], "u.txt", "x, y"),
        (["--sort"], "u.txt", "x, x, y"),
        (["--sort-by-frequency"], "f.txt", "a cat, sofa, a fox"),
        (["--tidy"], "t.txt", "one, two"),
        (["--strip-lead-ins"], "l.txt", "A red car"),
        (["--lower"], "l.txt", "this image shows a red car"),
    ],
)
def test_tags_do_what_bulk_ops_does(photos: Path, options: list[str], name: str, after: str) -> None:
    image_folder(
        photos,
        {
            "f.jpg": "a fox, sofa, a cat",
            "u.jpg": "x, y, x",
            "t.jpg": "one ,,  two",
            "l.jpg": "This image shows a red car",
        },
    )
    done = result_of(lib("tags", photos, *options, "--json"))
    assert (photos / name).read_text() == after
    assert result_of(lib("history", photos, "--json"))["operations"][0]["kind"] == "tags"
    assert done["operation"] is not None


@pytest.mark.parametrize("options", [[], ["--sort", "--lower"], ["--remove", " "]])
def test_tags_want_one_thing_to_be_done(photos: Path, options: list[str]) -> None:
    done = lib("tags", photos, *options)
    assert done.returncode == 2
    assert done.stderr.strip()


def test_set_writes_one_caption_into_the_history_of_the_folder_that_has_one(photos: Path) -> None:
    assert lib("affix", photos, "--prefix", "x", "--only", "boat").returncode == 0
    done = result_of(lib("set", photos / "sub" / "c.jpg", "a new one", "--json"))
    assert (photos / "sub" / "c.txt").read_text() == "a new one"
    listed = result_of(lib("history", photos, "--json"))["operations"]
    assert (listed[0]["operation"], listed[0]["kind"]) == (done["operation"], "edit")
    assert lib("undo", photos).returncode == 0
    assert (photos / "sub" / "c.txt").read_text() == "a cat, a dog"


def test_set_takes_the_text_from_stdin_and_makes_a_tag_file(photos: Path) -> None:
    assert captioner("set", photos / "none.jpg", "-", stdin="two\nlines\n").returncode == 0
    assert (photos / "none.txt").read_text() == "two\nlines"
    assert lib("set", photos / "gone.jpg", "x").returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["affix", ".", "--prefix", "sks", "--suffix", "4k"],
        ["replace", ".", "a", "an"],
        ["tags", ".", "--remove", "a dog"],
        ["set", "none.jpg", "a\nnew one"],
        ["undo", "."],
    ],
)
def test_a_dry_run_is_a_diff_that_patch_makes_the_same_of(photos: Path, tmp_path: Path, words: list[str]) -> None:
    assert lib("replace", photos, "cat", "lion\n").returncode == 0
    before = texts(photos)
    shown = captioner(*words, "--dry-run", cwd=photos)
    assert shown.returncode == 0, shown.stderr
    assert texts(photos) == before
    twin = tmp_path / "twin"
    shutil.copytree(photos, twin)
    subprocess.run(["patch", "-p1", "-s"], cwd=twin, input=shown.stdout, text=True, check=True)
    assert captioner(*words, cwd=photos).returncode == 0
    assert texts(twin) == texts(photos) != before


def test_a_dry_run_in_json_holds_both_texts(photos: Path) -> None:
    told = result_of(lib("replace", photos, "cat", "dog", "--dry-run", "--only", "sofa", "--json"))
    assert told["changes"] == [{"image": "b.jpg", "before": "a cat, sofa", "after": "a dog, sofa"}]
    assert told["operation"] is None


def test_an_undo_that_can_take_nothing_back_says_so_and_the_next_one_goes_on(photos: Path) -> None:
    first = result_of(lib("replace", photos, "boat", "ship", "--json"))["operation"]
    second = result_of(lib("replace", photos, "sofa", "chair", "--json"))["operation"]
    (photos / "b.txt").unlink()
    stuck = lib("undo", photos, "--json")
    assert stuck.returncode == 1
    told = result_of(stuck)
    assert (told["operation"], told["counts"]["restored"]) == (second, 0)
    assert [one["image"] for one in told["failed"]] == ["b.txt"]
    done = result_of(lib("undo", photos, "--json"))
    assert (done["operation"], done["counts"]["restored"]) == (first, 1)
    assert lib("undo", photos).returncode == 2
    (photos / "b.txt").write_text("a cat, chair")
    assert result_of(lib("undo", photos, second, "--json"))["counts"]["restored"] == 1
    assert (photos / "b.txt").read_text() == "a cat, sofa"


def test_undo_takes_a_number_and_the_former_option_still_works_with_a_line(photos: Path) -> None:
    first = result_of(lib("replace", photos, "boat", "ship", "--json"))["operation"]
    assert lib("replace", photos, "sofa", "chair").returncode == 0
    assert lib("undo", photos, first).returncode == 0
    assert (photos / "größe 大.txt").read_text() == "a boat at sea"
    former = lib("redo", photos, "--operation", first)
    assert former.returncode == 0
    assert "--operation N is written N" in former.stderr
    assert "--operation" not in lib("undo", "-h").stdout


def test_history_tells_all_of_one_operation(photos: Path) -> None:
    number = result_of(lib("replace", photos, "cat", "dog", "--only", "sofa", "--json"))["operation"]
    told = result_of(lib("history", photos, "--operation", number, "--json"))
    assert (told["kind"], told["state"], told["files"]) == ("replace", "done", 1)
    assert told["arguments"]["find"] == "cat"
    assert told["arguments"]["only"] == "sofa"
    assert told["changes"] == [{"file": "b.txt", "before": "a cat, sofa", "after": "a dog, sofa"}]
    shown = lib("history", photos, "--operation", number).stdout
    assert "-a cat, sofa" in shown
    assert "+a dog, sofa" in shown
    assert lib("undo", photos).returncode == 0
    assert "(undone)" in lib("history", photos).stdout
    assert lib("history", photos, "--operation", 999).returncode == 2


def test_history_goes_back_to_the_first_operation(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "one", {"a.jpg": "x"})
    from lib.dataset.journal.rows import FileChange, NewOperation
    from lib.dataset.saving.open_journal import journal_for
    from lib.domain import Origin
    from lib.settings import settings

    journal = journal_for(folder, settings())
    for number in range(230):
        change = FileChange("a.txt", str(number).encode(), str(number + 1).encode())
        journal.finish(journal.begin(NewOperation("edit", [change], "local", Origin())))
    journal.close()
    assert result_of(lib("history", folder, "--json"))["counts"]["operations"] == 230
    assert result_of(lib("history", folder, "--limit", 3, "--json"))["counts"]["operations"] == 3


def named(photos: Path, *selectors: object, stdin: str = "") -> list[str]:
    done = captioner("filter", photos, *selectors, "--json", stdin=stdin)
    images: list[str] = result_of(done)["images"]
    return images


def test_selectors_narrow_and_add_up(photos: Path, tmp_path: Path) -> None:
    every = list(CAPTIONS)
    assert sorted(named(photos)) == sorted(every)
    assert named(photos, "--untagged") == ["none.jpg"]
    assert named(photos, "--folder", "sub") == ["sub/c.jpg"]
    assert named(photos, "--only", "cat", "--folder", "sub/") == ["sub/c.jpg"]
    assert len(named(photos, "--tagged", "--limit", 2)) == 2
    assert lib("words", photos, "--folder", "nowhere").returncode == 2
    assert lib("words", photos, "--from", tmp_path / "none.txt").returncode == 2


@pytest.mark.parametrize("as_given", ["sub/c.jpg", "./sub/c.jpg", "{root}/sub/c.jpg", "sub/c.jpg\r"])
def test_names_come_from_stdin_as_other_programs_write_them(photos: Path, as_given: str) -> None:
    stdin = as_given.format(root=photos) + "\n\n"
    assert named(photos, "--from", "-", stdin=stdin) == ["sub/c.jpg"]


def test_what_find_and_filter_print_can_be_selected_by(photos: Path) -> None:
    found = subprocess.run(["find", photos.name, "-name", "*.jpg"], cwd=photos.parent, capture_output=True, text=True)
    done = captioner("words", photos.name, "--from", "-", "--json", cwd=photos.parent, stdin=found.stdout)
    assert result_of(done)["counts"]["images"] == len(CAPTIONS)
    listed = lib("filter", photos, "cat").stdout
    changed = captioner("affix", photos, "--prefix", "pet", "--from", "-", "--json", stdin=listed)
    assert result_of(changed)["counts"]["changed"] == 2


def test_two_changes_at_once_are_two_operations_and_both_can_be_taken_back(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "many", {f"{number:03}.jpg": f"a cat {number}" for number in range(120)})
    before = texts(folder)
    commands = [arguments_of("affix", folder, "--prefix", word, "--json") for word in ("one", "two")]
    both = [subprocess.Popen(words, env=environment_of(), stdout=subprocess.PIPE, text=True) for words in commands]
    told = [json.loads(process.communicate(timeout=120)[0]) for process in both]
    # What the other has changed meanwhile is left alone and told, never overwritten.
    for one in told:
        assert "changed" in one["counts"], one
        assert one["counts"]["changed"] + one["counts"]["left_alone"] == len(before)
        assert len(one["failed"]) == one["counts"]["left_alone"]
    done = [one["operation"] for one in told if one["operation"] is not None]
    for operation in sorted(done, reverse=True):
        assert result_of(lib("undo", folder, operation, "--json"))["counts"]["left_alone"] == 0
    assert texts(folder) == before
