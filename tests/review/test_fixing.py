"""Fixes are one operation: captions change, images go aside with theirs, and undo brings back every byte."""

from __future__ import annotations

import errno
from contextlib import suppress

import pytest

from lib.bulk.base import Change
from lib.dataset.saving.operations import Operations
from lib.errors import WriteFailed
from lib.files import Files
from lib.review import Finding, Fix, apply_fixes, plan_fixes
from lib.review.fixing import FixPlan
from tests.doubles.image_folder import image_folder
from tests.review.opened import bytes_below, opened


@pytest.fixture
def root(tmp_path):
    return image_folder(tmp_path / "set", {"a.jpg": b"one\r\n", "sub/b.jpg": "two", "c.jpg": None, "d.jpg": "four"})


def finding(fix):
    return Finding("captions", "empty", ("a.jpg",), "hint", "A reason.", fix)


def test_captions_change_and_images_go_aside_as_one_operation_that_is_undone_byte_for_byte(root):
    before = bytes_below(root)
    one = opened(root)
    plan = FixPlan((Change("a.jpg", "one\n", "one, two\n"),), ("sub/b.jpg", "c.jpg"))
    done = apply_fixes(one.store, plan)
    assert done.left_alone == ()
    assert done.images == {"sub/b.jpg", "c.jpg"}
    assert (root / "a.txt").read_bytes() == b"one, two\r\n"
    assert [record.name for record in opened(root).samples.records] == ["a.jpg", "d.jpg"]
    after = bytes_below(root)
    assert sorted(set(before.values()) - set(after.values())) == [b"one\r\n"], "nothing is deleted"
    (entry,) = Operations(one.store).history()
    assert entry.detail["images"] == 2
    undone = Operations(opened(root).store).undo()
    assert undone.images == 2
    assert bytes_below(root) == before
    redone = Operations(opened(root).store).redo()
    assert redone.images == 2
    assert bytes_below(root) == after
    Operations(opened(root).store).undo()
    assert bytes_below(root) == before


def test_a_caption_that_was_changed_since_is_left_alone(root):
    one = opened(root)
    (root / "d.txt").write_text("other words")
    done = apply_fixes(one.store, Fix("Say more", (Change("d.jpg", "four", "five"),)))
    assert [name for name, _ in done.left_alone] == ["d.jpg"]
    assert (root / "d.txt").read_text() == "other words"


def test_a_tag_file_stays_with_the_other_image_that_it_belongs_to(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "both", "a.png": None})
    before = bytes_below(root)
    done = apply_fixes(opened(root).store, Fix("Set aside", aside=("a.png",)))
    assert done.images == {"a.png"}
    assert (root / "a.txt").read_text() == "both"
    Operations(opened(root).store).undo()
    assert bytes_below(root) == before


def test_images_that_share_a_tag_file_take_it_along_together(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "both", "a.png": None, "b.jpg": "x"})
    before = bytes_below(root)
    apply_fixes(opened(root).store, Fix("Set aside", aside=("a.png", "a.jpg")))
    assert sorted(path.name for path in root.iterdir() if not path.name.startswith(".")) == ["b.jpg", "b.txt"]
    Operations(opened(root).store).undo()
    assert bytes_below(root) == before


def test_an_undo_puts_no_image_over_one_that_has_its_name_by_now(root):
    apply_fixes(opened(root).store, Fix("Set aside", aside=("d.jpg",)))
    (root / "d.jpg").write_bytes(b"another")
    undone = Operations(opened(root).store).undo()
    assert {name for name, _ in undone.left_alone} == {"d.jpg", "d.txt"}
    assert (root / "d.jpg").read_bytes() == b"another"


def test_a_link_is_not_set_aside(root):
    (root / "e.jpg").symlink_to(root / "d.jpg")
    done = apply_fixes(opened(root).store, Fix("Set aside", aside=("e.jpg",)))
    assert [name for name, _ in done.left_alone] == ["e.jpg"]
    assert (root / "e.jpg").is_symlink()


def test_two_fixes_of_one_caption_are_made_one_after_the_other():
    first = finding(Fix("A", (Change("a.jpg", "one", "two"),)))
    second = finding(Fix("B", (Change("a.jpg", "one", "three"),)))
    plan = plan_fixes([first, second, finding(None)])
    assert plan.changes == first.fix.changes
    assert plan.later == (second,)


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")], ids=repr)
@pytest.mark.parametrize("step", ["apply", "undo", "redo"])
def test_whatever_call_it_ends_at_all_is_done_or_nothing(root, monkeypatch, at, error, step):
    """Killed, or refused by the disk: what is on the disk is one of the two states, once the folder is opened again."""
    before = bytes_below(root)
    fix = Fix("Mend", (Change("a.jpg", "one\n", "one, two\n"),), ("sub/b.jpg", "c.jpg", "d.jpg"))
    apply_fixes(opened(root).store, fix)
    after = bytes_below(root)
    if step != "undo":
        Operations(opened(root).store).undo()
    store = opened(root).store
    operations = Operations(store)
    left = [at]
    for name in ("link", "remove", "create", "replace"):

        def counted(self, *given, call=getattr(Files, name)):
            left[0] -= 1
            if left[0] == -1:
                raise error
            return call(self, *given)

        monkeypatch.setattr(Files, name, counted)
    with suppress(KeyboardInterrupt, WriteFailed):
        {"apply": lambda: apply_fixes(store, fix), "undo": operations.undo, "redo": operations.redo}[step]()
    monkeypatch.undo()
    opened(root)
    seen = {name: data for name, data in bytes_below(root).items() if not name.startswith(".")}
    assert seen in [{name: data for name, data in one.items() if not name.startswith(".")} for one in (before, after)]
    found = sorted(bytes_below(root).values())
    assert all(data in found for name, data in before.items() if name != "a.txt"), "nothing is lost"
