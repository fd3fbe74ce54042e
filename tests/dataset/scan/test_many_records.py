"""A folder of very many images is held in columns, and everything that is asked of it is answered as a list would."""

from __future__ import annotations

import random
import tracemalloc
from array import array
from dataclasses import replace
from pathlib import Path

import pyarrow
import pytest

from lib.clustering.samples import samples_of
from lib.dataset.scan import gathering, read_records
from lib.dataset.scan.folder_dataset import FolderDataset, FolderTrace
from lib.dataset.scan.gathering import FolderRecords, Gathering
from lib.dataset.scan.ordering import newest_first
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord, SidecarState
from lib.exporting.base import ExportOptions
from lib.exporting.planning import estimate_bytes, plan_export
from lib.record_columns import ColumnRecords
from lib.records import named_by_sidecar
from lib.review.by_pieces import many_rows
from lib.scope import Scope, select
from tests.doubles.image_folder import age, draw_image, image_folder

CAPTIONS: dict[str, str | bytes | None] = {
    "a2.jpg": "a cat", "a10.jpg": "a dog", "blank.jpg": " \n", "empty.jpg": "", "none.jpg": None,
    "damaged.jpg": b"caf\xe9\x81", "twin.jpg": "two of one", "twin.png": None, "é/ü.jpg": "ein Hündchen 🐶",
    "sub/x.jpg": "a bird", "sub/deep/y.jpg": "red, blue", "zz.jpg": "last",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One of everything that a folder may hold."""
    root = image_folder(tmp_path / "photos", CAPTIONS)
    draw_image(root / "loud.jpg")
    (root / "loud.TXT").write_text("LOUD")
    (root / "alone.txt").write_text("of no image")
    return root


@pytest.fixture
def in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "PACKED_ABOVE", 0)


def opened_both_ways(
    root: Path, monkeypatch: pytest.MonkeyPatch, *before: FolderDataset
) -> tuple[FolderDataset, FolderDataset]:
    """In a list and in columns, with those from before."""
    listed, packed = before or (None, None)
    with monkeypatch.context() as few:
        few.setattr(gathering, "PACKED_ABOVE", 1_000_000)
        in_list = open_dataset(root, previous=listed)
    with monkeypatch.context() as many:
        many.setattr(gathering, "PACKED_ABOVE", 2)
        many.setattr(gathering, "_AT_ONCE", 3)
        many.setattr(read_records, "_AT_ONCE", 3)
        columns = open_dataset(root, previous=packed)
    assert isinstance(in_list.records, list)
    assert isinstance(columns.records, ColumnRecords)
    return in_list, columns


def _without_times(dataset: FolderDataset) -> list[tuple[str, FolderTrace]]:
    """What is traced of its folders, but when that was: the one is opened after the other."""
    return [
        (name, replace(trace, stamp=0, stamps=array("q"), read_at=0)) for name, trace in sorted(dataset.traces.items())
    ]


def assert_same(one: FolderDataset, other: FolderDataset) -> None:
    assert list(one.records) == list(other.records)
    for what in ("tagged", "empty", "undecodable", "orphans", "shared_stems", "folders", "unreadable"):
        assert getattr(one, what) == getattr(other, what), what
    assert _without_times(one) == _without_times(other)
    for place, record in enumerate(one.records):
        assert other.index_of(record.name) == place
        assert other.get(record.name) == record
    assert other.get("nobody.jpg") is None


def test_a_folder_is_the_same_in_columns_as_in_a_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, packed = opened_both_ways(folder, monkeypatch)
    assert_same(listed, packed)
    assert {record.state for record in packed.records} == set(SidecarState)
    assert {record.suffix for record in packed.records} == {".txt", ".TXT"}
    assert sum(record.shared for record in packed.records) == 2


def _something_happens(folder: Path, draw: random.Random, step: int) -> None:
    """As other programs do it to the files."""
    images = sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png"))
    image = draw.choice(images)
    tags = image.with_suffix(".txt")
    match draw.randrange(6):
        case 0:
            tags.write_bytes(draw.choice([b"", b" ", b"changed outside", b"caf\xe9\x81", b"a\r\nb"]))
        case 1:
            tags.unlink(missing_ok=True)
        case 2:
            draw_image(folder / draw.choice(["", "sub/", "new/"]) / f"more{step}.jpg")
        case 3 if len(images) > 4:
            image.unlink()
        case 4:
            image.rename(image.with_stem(f"renamed{step}"))
        case _:
            age(folder)


def test_what_happens_to_the_files_is_seen_in_columns_as_in_a_list(
    folder: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Beside what is saved meanwhile, which the next scan must not take for what it knows."""
    draw = random.Random(seed)
    both = opened_both_ways(folder, monkeypatch)
    for step in range(30):
        if step % 3:
            _something_happens(folder, draw, step)
        else:
            name = draw.choice(both[0].records).name
            for one in both:
                one.replace(replace(one.get(name), text=f"said {step}", state=SidecarState.TEXT))
        before, both = both, opened_both_ways(folder, monkeypatch, *both)
        assert (both[0] is before[0]) == (both[1] is before[1])
        assert_same(*both)


@pytest.mark.usefixtures("in_columns")
def test_what_is_saved_is_seen_at_once_and_no_snapshot_changes(folder: Path) -> None:
    dataset = open_dataset(folder)
    before, wanted = dataset.snapshot(), list(dataset.snapshot())
    for record in wanted[::2]:
        dataset.replace(replace(record, text=record.text + " more", state=SidecarState.TEXT))
        assert dataset.get(record.name).text == record.text + " more"
    now = [
        replace(record, text=record.text + " more", state=SidecarState.TEXT) if place % 2 == 0 else record
        for place, record in enumerate(wanted)
    ]
    assert list(dataset.records) == list(dataset.snapshot()) == now
    assert list(before) == wanted
    assert dataset.tagged == sum(record.is_tagged for record in now)


@pytest.mark.usefixtures("in_columns")
def test_a_renamed_image_keeps_its_place_and_is_found_by_its_new_name(folder: Path) -> None:
    dataset = open_dataset(folder)
    before, place = list(dataset.records), dataset.index_of("a2.jpg")
    dataset.replace(replace(before[-1], text="waiting to be taken in"))
    dataset.rename("a2.jpg", ImageRecord("new.jpg", text="its text", state=SidecarState.TEXT))
    assert (dataset.index_of("new.jpg"), dataset.get("a2.jpg")) == (place, None)
    after = list(dataset.records)
    assert after[place].text == "its text"
    assert after[-1].text == "waiting to be taken in"
    assert [one.name for one in after if one.name != "new.jpg"] == [one.name for one in before if one.name != "a2.jpg"]


@pytest.mark.usefixtures("kept_either_way")
@pytest.mark.parametrize("texts", [["saved"], ["saved", "a cat"]])
def test_what_is_saved_while_a_scan_goes_on_is_handed_over(folder: Path, texts: list[str]) -> None:
    """Also where it is again what it was: the scan may have read what stood there in between."""
    first = open_dataset(folder)
    scanned = first.snapshot()
    second = open_dataset(folder)
    second.replace(replace(second.get("a2.jpg"), text="read in between"))
    second.replace(replace(second.get("a10.jpg"), text="changed outside, and read"))
    for text in texts:
        first.replace(replace(first.get("a2.jpg"), text=text))
    first.hand_over(second, scanned)
    assert second.get("a2.jpg").text == texts[-1]
    assert second.get("a10.jpg").text == "changed outside, and read"
    second.replace(replace(second.get("zz.jpg"), text="by way of the later one"))
    assert first.get("zz.jpg").text == "by way of the later one"


def test_what_is_asked_of_many_at_once_is_what_a_list_answers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sub/x.jpg").write_bytes(b"no image")
    listed, packed = (one.snapshot() for one in opened_both_ways(folder, monkeypatch))
    bad = {"sub/x.jpg": "it is damaged"}
    for scope in (
        Scope(has_problems=True), Scope(tagged="tagged"), Scope(tagged="untagged", folder="sub"), Scope(query="a"),
        Scope(query="folder:sub OR name:a*"), Scope(names=frozenset({"a2.jpg", "zz.jpg", "gone.jpg"})),
    ):  # fmt: skip
        assert list(select(scope, packed, bad)) == list(select(scope, listed, bad)), scope
    for options in (ExportOptions(), ExportOptions(uncaptioned=True), ExportOptions(seed=3, validation=0.4)):
        plans = [plan_export(folder, records, bad, options) for records in (packed, listed)]
        assert list(plans[0].records) == list(plans[1].records)
        assert list(plans[0].validation) == list(plans[1].validation)
        assert sorted(plans[0].left_out) == sorted(plans[1].left_out)
    assert estimate_bytes(plans[0], images=True) >= estimate_bytes(plans[0], images=False) > 0
    samples = [samples_of(folder, records, "tags") for records in (packed, listed)]
    assert samples[0].left_out == samples[1].left_out
    assert list(samples[0].records) == list(samples[1].records)
    some = {"a2.txt", "twin.txt", "loud.TXT", "none.txt", "gone.txt"}
    assert named_by_sidecar(packed, some) == named_by_sidecar(listed, some)
    assert named_by_sidecar(packed, some).keys() == some - {"gone.txt"}
    assert list(newest_first(folder, packed)) == newest_first(folder, listed)


@pytest.mark.usefixtures("in_columns")
def test_a_large_folder_is_no_table(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = open_dataset(folder).records
    assert isinstance(records, ColumnRecords)
    assert not records.is_table
    monkeypatch.setattr("lib.review.by_pieces.MANY", 1)
    assert many_rows(records) is None


def _held(monkeypatch: pytest.MonkeyPatch, above: int) -> tuple[FolderRecords, float]:
    """FolderRecords, and the bytes that each of them takes."""
    monkeypatch.setattr(gathering, "PACKED_ABOVE", above)
    count = 60_000
    gathering.packed([ImageRecord("a.jpg")])
    tracemalloc.start()
    arrow = pyarrow.total_allocated_bytes()
    gathered = Gathering()
    for start in range(0, count, 6_000):
        words = "a caption of about twelve words, as they are written beside photos"
        gathered.add(
            [
                ImageRecord(f"photo_{number:07d}.jpg", text=f"{words} {number}", state=SidecarState.TEXT)
                for number in range(start, start + 6_000)
            ]
        )
    records = gathered.records()
    taken = tracemalloc.get_traced_memory()[0] + pyarrow.total_allocated_bytes() - arrow
    tracemalloc.stop()
    return records, taken / count


def test_an_image_takes_less_than_half_the_memory_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    listed, each_in_list = _held(monkeypatch, 1_000_000)
    packed, each_in_columns = _held(monkeypatch, 10_000)
    assert isinstance(packed, ColumnRecords)
    assert each_in_columns < 150
    assert each_in_columns < each_in_list / 2
    assert list(packed) == listed
