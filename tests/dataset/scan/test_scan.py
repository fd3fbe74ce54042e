"""Opening a folder finds every image with its caption, and says what is wrong instead of failing."""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lib.dataset.scan import folder_scan, listing, read_records
from lib.dataset.scan.file_names import natural_key, natural_order
from lib.dataset.scan.listing import LEADS_OUT
from lib.dataset.scan.scanner import DatasetCache, OpeningOptions, open_dataset
from lib.domain import ImageRecord, SidecarState
from lib.errors import FolderRefused, InvalidInput
from tests.doubles.image_folder import age, draw_image, image_folder

pytestmark = pytest.mark.usefixtures("kept_either_way")


def names(root: Path, options: OpeningOptions = OpeningOptions()) -> list[str]:
    return [record.name for record in open_dataset(root, options).records]


def test_records_come_in_natural_order_of_folder_and_name(tmp_path: Path) -> None:
    image_folder(tmp_path, dict.fromkeys(["b10/a.jpg", "b9/x10.jpg", "b9/x9.jpg", "img10.png", "img2.png", "Img3.png"]))
    assert names(tmp_path) == ["img2.png", "Img3.png", "img10.png", "b9/x9.jpg", "b9/x10.jpg", "b10/a.jpg"]
    assert names(tmp_path, OpeningOptions(recursive=False)) == ["img2.png", "Img3.png", "img10.png"]
    assert open_dataset(tmp_path).folders == {"": 3, "b9": 2, "b10": 1}


def test_the_short_cut_of_the_natural_order_agrees_with_its_definition() -> None:
    rng = random.Random(3)
    pieces = ["a", "B", "1", "02", "10", "7", "_", "-", "é", "003"]
    for _ in range(300):
        some = ["".join(rng.choices(pieces, k=rng.randint(1, 6))) for _ in range(12)]
        unique = list(dict.fromkeys(some))
        assert natural_order(unique) == sorted(unique, key=natural_key)


def test_dotted_names_and_capital_endings_find_their_own_tag_file(tmp_path: Path) -> None:
    for name in ("photo.v2.jpg", "photo.v3.jpg", "LOUD.JPG"):
        draw_image(tmp_path / name)
    (tmp_path / "photo.v2.txt").write_text("two")
    (tmp_path / "photo.v3.txt").write_text("three")
    (tmp_path / "photo.txt").write_text("nobody's")
    (tmp_path / "LOUD.TXT").write_text("loud")
    dataset = open_dataset(tmp_path)
    assert {r.name: (r.text, r.sidecar) for r in dataset.records} == {
        "LOUD.JPG": ("loud", "LOUD.TXT"),
        "photo.v2.jpg": ("two", "photo.v2.txt"),
        "photo.v3.jpg": ("three", "photo.v3.txt"),
    }
    assert dataset.orphans == ("photo.txt",)


def test_blank_and_missing_tag_files_are_told_apart(tmp_path: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path, {"a.jpg": "", "b.jpg": None, "c.jpg": " \n", "d.jpg": "cat"}))
    assert [r.state for r in dataset.records] == [SidecarState.TEXT, SidecarState.MISSING] + [SidecarState.TEXT] * 2
    assert dataset.tagged == 1


def test_each_kind_of_text_is_read_as_an_editor_would_show_it(tmp_path: Path) -> None:
    kinds: dict[str, bytes] = {
        "a.jpg": b"\xef\xbb\xbfcat",
        "b.jpg": b"x\r\ny\rz",
        "c.jpg": "猫".encode("utf-16"),
        "d.jpg": b"caf\xe9",
        "e.jpg": b"long " * 3_000,
        "f.jpg": "é".encode(),
    }
    dataset = open_dataset(image_folder(tmp_path, kinds))
    assert [r.text for r in dataset.records] == ["cat", "x\ny\nz", "猫", "", "long " * 3_000, "é"]
    assert dataset.undecodable == ("d.jpg",)


def test_another_suffix_is_read_when_chosen(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a.jpg": "txt", "b.jpg": None})
    (tmp_path / "a.caption").write_text("caption")
    dataset = open_dataset(tmp_path, OpeningOptions(suffix=".caption"))
    assert [(r.text, r.sidecar) for r in dataset.records] == [("caption", "a.caption"), ("", "b.caption")]
    with pytest.raises(InvalidInput):
        open_dataset(tmp_path, OpeningOptions(suffix=".json"))


def test_masks_hidden_files_and_other_files_are_no_images(tmp_path: Path) -> None:
    for name in ("a.jpg", "a-masklabel.png", ".hidden.jpg", "._a.jpg", "__MACOSX/b.jpg", ".git/c.jpg"):
        draw_image(tmp_path / name)
    (tmp_path / "notes.md").write_text("x")
    os.mkfifo(tmp_path / "pipe.jpg")
    dataset = open_dataset(tmp_path)
    assert [r.name for r in dataset.records] == ["a.jpg"]
    assert list(dataset.unreadable) == ["pipe.jpg"]


def test_two_images_of_one_tag_file_wait_for_a_decision(tmp_path: Path) -> None:
    image_folder(tmp_path, {"s/a.jpg": "both", "s/a.png": "both", "s/b.jpg": "one"})
    dataset = open_dataset(tmp_path)
    assert dataset.shared_stems == {"s/a": ("s/a.jpg", "s/a.png")}
    assert [r.shared for r in dataset.records] == [True, True, False]
    allowed = open_dataset(tmp_path, OpeningOptions(shared_allowed={"s/a"}))
    assert [r.shared for r in allowed.records] == [False, False, False]
    assert [r.text for r in allowed.records] == ["both", "both", "one"]


def test_links_are_followed_inside_the_root_only(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "root", {"real/a.jpg": "mine", ".store/deep/c.jpg": "kept"})
    outside = image_folder(tmp_path / "outside", {"b.jpg": "secret"})
    (root / "out").symlink_to(outside)
    (root / "b.jpg").symlink_to(outside / "b.jpg")
    (root / "in.jpg").symlink_to(root / "real/a.jpg")
    (root / "in.txt").symlink_to(outside / "b.txt")
    (root / "loop").symlink_to(root)
    (root / "real/up").symlink_to("..")
    (root / "store").symlink_to(root / ".store")
    (root / "gone.jpg").symlink_to(root / "nothing")
    dataset = open_dataset(root)
    assert [(r.name, r.text) for r in dataset.records] == [
        ("in.jpg", ""),
        ("real/a.jpg", "mine"),
        ("store/deep/c.jpg", "kept"),
    ]
    assert dataset.undecodable == ("in.jpg",)
    assert set(dataset.unreadable) == {"b.jpg", "gone.jpg"}
    again = open_dataset(root, previous=dataset)
    assert [(r.name, r.text) for r in again.records] == [(r.name, r.text) for r in dataset.records]


def test_names_that_are_not_text_are_a_problem_not_a_crash(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a.jpg": "fine"})
    draw_image(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")))
    draw_image(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff/b.jpg")))
    dataset = open_dataset(tmp_path)
    assert [r.name for r in dataset.records] == ["a.jpg"]
    assert len(dataset.unreadable) == 2
    assert all("not valid text" in reason for reason in dataset.unreadable.values())
    json.dumps(dataset.unreadable).encode()
    "".join(dataset.unreadable).encode()


def test_a_subfolder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image_folder(tmp_path, {"a.jpg": "x", "locked/b.jpg": "y"})
    real = os.scandir

    def scandir(path: str) -> object:
        # Permissions do not bind root, as whom tests may run.
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    dataset = open_dataset(tmp_path)
    assert [r.name for r in dataset.records] == ["a.jpg"]
    assert dataset.unlistable == {"locked": "Permission denied"}
    with pytest.raises(FolderRefused):
        open_dataset(tmp_path / "none")


def test_excluded_folders_are_passed_over(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a.jpg": "x", "private/b.jpg": "y"})
    assert [r.name for r in open_dataset(tmp_path, OpeningOptions(excluded=[tmp_path / "private"])).records] == [
        "a.jpg"
    ]


def test_a_link_does_not_lead_into_a_private_folder_below(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a.jpg": "x", "c.jpg": None, "home/uploads/b.jpg": "theirs"})
    uploads = tmp_path / "home" / "uploads"
    (tmp_path / "album").symlink_to(uploads)
    (tmp_path / "z.jpg").symlink_to(uploads / "b.jpg")
    (tmp_path / "c.txt").symlink_to(uploads / "b.txt")
    private = OpeningOptions(excluded=[tmp_path / "home"])
    dataset = open_dataset(tmp_path, private)
    assert [(record.name, record.text) for record in dataset.records] == [("a.jpg", "x"), ("c.jpg", "")]
    assert dataset.unreadable == {"z.jpg": LEADS_OUT}
    # Whoever may open what lies in there sees it.
    assert [record.name for record in open_dataset(uploads, private).records] == ["b.jpg"]


def test_opening_again_reads_only_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image_folder(tmp_path, {f"{folder}/{i}.jpg": f"text {i}" for folder in "ab" for i in range(20)})
    age(tmp_path)
    # Setting times back sets the ctime to now, so the first opening cannot trust it; the second one can.
    monkeypatch.setattr("lib.dataset.scan.read_records.TICK", -1_000_000_000_000)
    first = open_dataset(tmp_path)
    (tmp_path / "a/3.txt").write_text("other 3")
    (tmp_path / "b/5.txt").unlink()
    draw_image(tmp_path / "b/new.jpg")
    read: list[str] = []
    real = folder_scan.TagFileReader.read

    def spy(self: folder_scan.TagFileReader, path: str) -> object:
        read.append(Path(path).name)
        return real(self, path)

    monkeypatch.setattr(folder_scan.TagFileReader, "read", spy)
    second = open_dataset(tmp_path, previous=first)
    assert read == ["3.txt"]
    texts = {r.name: r.text for r in second.records}
    assert texts == {r.name: r.text for r in open_dataset(tmp_path).records}
    assert (texts["a/3.jpg"], texts["b/5.jpg"], texts["b/new.jpg"]) == ("other 3", "", "")
    third = open_dataset(tmp_path, previous=second)
    assert third is second


def test_a_change_right_after_the_scan_is_seen_even_if_size_and_time_stay(tmp_path: Path) -> None:
    image_folder(tmp_path, {"a.jpg": "cat"})
    first = open_dataset(tmp_path)
    info = (tmp_path / "a.txt").stat()
    (tmp_path / "a.txt").write_text("dog")
    os.utime(tmp_path / "a.txt", ns=(info.st_atime_ns, info.st_mtime_ns))
    assert open_dataset(tmp_path, previous=first).records[0].text == "dog"


@pytest.mark.parametrize(("before", "after"), [(b"", b"caf\xe9"), (b"caf\xe9", b"")])
def test_a_change_that_leaves_no_text_as_before_is_seen(tmp_path: Path, before: bytes, after: bytes) -> None:
    image_folder(tmp_path, {"a.jpg": before})
    first = open_dataset(tmp_path)
    (tmp_path / "a.txt").write_bytes(after)
    second = open_dataset(tmp_path, previous=first)
    assert second.records[0].text == first.records[0].text == ""
    assert second.undecodable == (("a.jpg",) if after else ())


@pytest.mark.parametrize("openings", [1, 3])
def test_a_change_that_hides_behind_its_old_size_and_time_is_seen(tmp_path: Path, openings: int) -> None:
    image_folder(tmp_path, {"a.jpg": "cat"})
    age(tmp_path)
    time.sleep(0.15)
    dataset = None
    for _ in range(openings):
        dataset = open_dataset(tmp_path, previous=dataset)
    info = (tmp_path / "a.txt").stat()
    (tmp_path / "a.txt").write_text("dog")
    os.utime(tmp_path / "a.txt", ns=(info.st_atime_ns, info.st_mtime_ns))
    assert open_dataset(tmp_path, previous=dataset).records[0].text == "dog"


def test_another_file_moved_into_place_is_seen(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "root", {"a.jpg": "cat"})
    (tmp_path / "older.txt").write_text("dog")
    age(tmp_path)
    time.sleep(0.15)
    dataset = open_dataset(root)
    (tmp_path / "older.txt").replace(root / "a.txt")
    assert open_dataset(root, previous=dataset).records[0].text == "dog"


def test_a_dataset_keeps_count_of_what_is_saved(tmp_path: Path) -> None:
    dataset = open_dataset(image_folder(tmp_path, {"a.jpg": "cat", "b.jpg": None}))
    version = dataset.version
    dataset.replace(replace(dataset.records[1], text="dog", state=SidecarState.TEXT))
    dataset.replace(ImageRecord("unknown.jpg", text="x"))
    assert (dataset.tagged, dataset.version > version, len(dataset)) == (2, True, 2)
    assert dataset.index_of("b.jpg") == 1
    assert dataset.index_of("unknown.jpg") is None


def test_the_cache_gives_sessions_the_same_dataset_while_nothing_changes(tmp_path: Path) -> None:
    cache = DatasetCache(size=2)
    roots = [image_folder(tmp_path / name) for name in "abc"]
    first = cache.open(roots[0])
    assert cache.open(roots[0]) is first
    (roots[0] / "photo0.txt").write_text("changed outside")
    assert cache.open(roots[0]).records[0].text == "changed outside"
    for root in roots[1:]:
        cache.open(root)
    assert cache.open(roots[0]) is not first


def test_odd_names_can_be_scanned(tmp_path: Path, test_data: Path) -> None:
    made = 0
    for name in json.loads((test_data / "hostile/strings/made/file_names.json").read_text()):
        if "/" in name or name.startswith("."):
            continue
        draw_image(tmp_path / name)
        if name.lower().endswith((".jpg", ".png")):
            made += 1
            (tmp_path / (name.rpartition(".")[0] + ".txt")).write_text(name)
    dataset = open_dataset(tmp_path)
    assert len(dataset) == made > 15
    assert all(r.text for r in dataset.records)


def test_what_is_saved_by_way_of_an_earlier_opening_is_seen_in_a_later_one(tmp_path: Path) -> None:
    draw_image(tmp_path / "a.jpg")
    cache = DatasetCache()
    first = cache.open(tmp_path)
    draw_image(tmp_path / "b.jpg")
    second = cache.open(tmp_path)
    draw_image(tmp_path / "c.jpg")
    third = cache.open(tmp_path)
    assert third is not second is not first
    first.replace(ImageRecord("a.jpg", text="saved", state=SidecarState.TEXT))
    assert (second.get("a.jpg").text, third.get("a.jpg").text, third.tagged) == ("saved", "saved", 1)


def test_what_is_saved_while_a_later_scan_goes_on_is_not_lost_to_it(tmp_path: Path) -> None:
    draw_image(tmp_path / "a.jpg")
    first = open_dataset(tmp_path)
    scanned = first.snapshot()
    second = open_dataset(tmp_path)
    first.replace(ImageRecord("a.jpg", text="saved", state=SidecarState.TEXT))
    first.hand_over(second, scanned)
    assert second.get("a.jpg").text == "saved"


def test_files_that_are_read_some_at_a_time_are_those_that_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captions: dict[str, str | bytes | None] = {f"{number}.jpg": f"photo {number}" for number in range(10)}
    captions |= {"3.jpg": None, "4.jpg": "a\r\nb", "5.jpg": b"caf\xe9", "6.png": None, "8.jpg": "x" * 9_000}
    folder = image_folder(tmp_path / "photos", captions)
    (folder / "alone.txt").write_text("of no image")
    whole = open_dataset(folder)
    monkeypatch.setattr(read_records, "_AT_ONCE", 3)
    found = open_dataset(folder)
    assert list(found.records) == list(whole.records)
    assert [trace.stamps for trace in found.traces.values()] == [trace.stamps for trace in whole.traces.values()]
    assert (found.orphans, found.shared_stems) == (whole.orphans, whole.shared_stems)
    assert found.orphans == ("alone.txt",)
    assert list(found.shared_stems) == ["6"]
    assert open_dataset(folder, previous=found) is found


def test_a_large_folder_is_known_again_by_its_names_without_a_list_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = image_folder(tmp_path / "photos", {f"{number}.jpg": f"photo {number}" for number in range(9)})
    (folder / "sub").mkdir()
    monkeypatch.setattr(folder_scan, "_MANY", 5)
    monkeypatch.setattr(listing, "_HASHED", 4)
    found = open_dataset(folder)
    listed: list[str] = []
    real = folder_scan.list_folder
    monkeypatch.setattr(folder_scan, "list_folder", lambda path, *rest: listed.append(path) or real(path, *rest))
    # As young as it is, its time tells nothing.
    assert open_dataset(folder, previous=found) is found
    assert str(folder) not in listed
    (folder / "3.txt").write_text("another text")
    edited = open_dataset(folder, previous=found)
    assert edited.get("3.jpg") == replace(found.get("3.jpg") or ImageRecord(""), text="another text")
    assert str(folder) not in listed
    for change in (lambda: (folder / "4.txt").rename(folder / "x.txt"), (folder / "more").mkdir):
        listed.clear()
        change()
        changed = open_dataset(folder, previous=edited)
        assert str(folder) in listed
    assert changed.orphans == ("x.txt",)


@pytest.mark.parametrize("name", ["a.jpg", "sub/b.jpg"])
def test_a_caption_that_could_not_be_read_while_the_folder_was_away_comes_back_with_it(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if two seconds had gone by since: every stamp is relied upon.
    monkeypatch.setattr(read_records, "SETTLED", -1_000_000_000_000)
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "sub/b.jpg": "a dog"})
    dataset = open_dataset(root)
    text = dataset.records[dataset.index_of(name) or 0].text
    root.rename(tmp_path / "away")
    record = dataset.get(name)
    assert record is not None
    # What a save that failed leaves: there was no file to be seen.
    dataset.replace(replace(record, text="", state=SidecarState.MISSING))
    (tmp_path / "away").rename(root)
    again = open_dataset(root, previous=dataset).get(name)
    assert again is not None
    assert (again.text, again.state) == (text, SidecarState.TEXT)
