"""What exists already is kept unless asked otherwise, and all captions of an import are taken back as one."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lib.dataset.saving.imported_images import ASIDE
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.errors import Cancelled, InvalidInput, QuotaExceeded
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings
from tests.doubles.image_folder import age, draw_image, image_folder, settings_at
from tests.doubles.onlooker import Onlooker
from tests.doubles.repository import ROOT
from tests.exporting.conftest import Exported, captions_of, exported, names_in
from tests.importing.test_round_trips import taken

__all__ = ["exported"]


@pytest.fixture
def source(tmp_path: Path, exported: Exported) -> Path:
    root = image_folder(tmp_path / "source", {"a.jpg": "new a", "b.jpg": "new b", "c.jpg": "same c", "d.jpg": "new d"})
    return exported(root, "webdata-zip").path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """`a` is another picture, `b` has another caption, `c` is the same in all, `d` is not there."""
    root = tmp_path / "target"
    (root).mkdir()
    for name in ("b.jpg", "c.jpg"):
        (root / name).write_bytes((tmp_path / "source" / name).read_bytes())
    draw_image(root / "a.jpg", number=4)
    for stem, text in {"a": "old a", "b": "old b", "c": "same c"}.items():
        (root / f"{stem}.txt").write_text(text)
    return root


def test_skip_keeps_what_is_there(source: Path, target: Path, configured: Settings) -> None:
    picture = (target / "a.jpg").read_bytes()
    report = taken(source, target, configured)
    assert (report.added, report.skipped, report.conflicts, report.refused) == (1, 3, 2, [])
    assert captions_of(target) == {"a.jpg": "old a", "b.jpg": "old b", "c.jpg": "same c", "d.jpg": "new d"}
    assert (target / "a.jpg").read_bytes() == picture


def test_overwrite_takes_the_new_and_keeps_the_old_picture_aside(
    tmp_path: Path, source: Path, target: Path, configured: Settings
) -> None:
    picture = (target / "a.jpg").read_bytes()
    report = taken(source, target, configured, existing="overwrite")
    assert (report.added, report.skipped, report.conflicts, report.refused) == (3, 1, 2, [])
    assert captions_of(target) == {"a.jpg": "new a", "b.jpg": "new b", "c.jpg": "same c", "d.jpg": "new d"}
    assert (target / "a.jpg").read_bytes() == (tmp_path / "source" / "a.jpg").read_bytes()
    assert report.replaced is not None
    assert report.replaced.is_relative_to(target.resolve() / ASIDE)
    assert (report.replaced / "a.jpg").read_bytes() == picture


def test_both_keeps_both(source: Path, target: Path, configured: Settings) -> None:
    report = taken(source, target, configured, existing="both")
    assert (report.added, report.skipped, report.conflicts, report.refused) == (3, 1, 2, [])
    assert captions_of(target) == {
        "a.jpg": "old a",
        "a (2).jpg": "new a",
        "b.jpg": "old b\nnew b",
        "c.jpg": "same c",
        "d.jpg": "new d",
    }
    assert taken(source, target, configured, existing="both").added <= 1


def test_an_import_is_one_operation_and_undo_takes_its_captions_back(
    source: Path, target: Path, configured: Settings
) -> None:
    before = captions_of(target)
    report = taken(source, target, configured, existing="overwrite")
    operations = Operations(Store(target, journal_for(target, configured), "local", configured, open_dataset(target)))
    (entry,) = operations.history()
    assert (entry.operation, entry.kind, entry.files) == (report.operation, "import", 3)
    operations.undo()
    assert captions_of(target) == before
    assert set(report.images) == {"a.jpg", "d.jpg"}
    operations.redo()
    assert captions_of(target)["d.jpg"] == "new d"


def test_the_same_import_again_adds_nothing(source: Path, tmp_path: Path, configured: Settings) -> None:
    taken(source, tmp_path / "new", configured)
    report = taken(source, tmp_path / "new", configured)
    assert (report.added, report.skipped, report.conflicts, report.refused) == (0, 4, 0, [])
    assert report.operation is None


@pytest.mark.parametrize("existing", ["skip", "both"])
def test_images_of_one_stem_come_once_however_often_they_are_imported(
    tmp_path: Path, configured: Settings, existing: str
) -> None:
    root = image_folder(tmp_path / "source", {"a.jpg": "one", "a.png": "two"})
    (tmp_path / "new").mkdir()
    draw_image(tmp_path / "new" / "a.jpg", number=9)
    for _ in range(2):
        taken(root, tmp_path / "new", configured, existing=existing)
        before = names_in(tmp_path / "new")
        assert taken(root, tmp_path / "new", configured, existing=existing).added == 0
        assert names_in(tmp_path / "new") == before


def test_nothing_is_written_through_a_link_that_leads_out(tmp_path: Path, configured: Settings) -> None:
    outside = image_folder(tmp_path / "outside", {"a.jpg": "theirs"})
    before = {path: path.read_bytes() for path in outside.iterdir()}
    target = tmp_path / "target"
    target.mkdir()
    (target / "sub").symlink_to(outside)
    report = taken(
        image_folder(tmp_path / "source", {"sub/a.jpg": "x", "sub/n.jpg": "n", "b.jpg": "b"}), target, configured,
        existing="overwrite",
    )  # fmt: skip
    assert {name for name, _ in report.refused} == {"sub/a.jpg", "sub/n.jpg"}
    assert {path: path.read_bytes() for path in outside.iterdir()} == before
    assert captions_of(target)["b.jpg"] == "b"


def test_odd_things_in_the_way_are_refused_alone(tmp_path: Path, configured: Settings) -> None:
    captions = {f"{name}.jpg": name for name in ("folder", "gone", "link", "sub/x", "good")}
    target = image_folder(tmp_path / "target", {"real.jpg": "real"})
    (target / "folder.jpg").mkdir()
    (target / "gone.jpg").symlink_to("nowhere")
    (target / "link.jpg").symlink_to("real.jpg")
    (target / "sub").write_text("a file")
    report = taken(image_folder(tmp_path / "source", captions), target, configured, existing="overwrite")
    assert {name for name, _ in report.refused} == captions.keys() - {"good.jpg"}
    assert captions_of(target)["good.jpg"] == "good"
    assert (target / "link.jpg").is_symlink()


def test_a_tag_file_that_two_images_share_is_not_written_for_the_one_that_is_replaced(
    tmp_path: Path, configured: Settings
) -> None:
    target = image_folder(tmp_path / "target", {"a.jpg": "of both"})
    draw_image(target / "a.png", number=3)
    source = image_folder(tmp_path / "source", {"a.jpg": "of one"})
    draw_image(source / "a.jpg", number=9)
    report = taken(source, target, configured, existing="overwrite")
    assert [name for name, reason in report.refused if "more than one image" in reason] == ["a.jpg"]
    assert (target / "a.txt").read_text() == "of both"
    assert (target / "a.jpg").read_bytes() == (source / "a.jpg").read_bytes()


def test_a_caption_that_lay_there_without_its_image_is_a_conflict(tmp_path: Path, configured: Settings) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "a.txt").write_text("of long ago")
    report = taken(image_folder(tmp_path / "source", {"a.jpg": "new"}), target, configured)
    assert (report.added, report.conflicts) == (1, 1)
    assert captions_of(target) == {"a.jpg": "of long ago"}


def test_a_lost_caption_comes_back_beside_the_same_picture(source: Path, tmp_path: Path, configured: Settings) -> None:
    taken(source, tmp_path / "new", configured)
    (tmp_path / "new" / "b.txt").unlink()
    assert taken(source, tmp_path / "new", configured).added == 1
    assert captions_of(tmp_path / "new")["b.jpg"] == "new b"


def test_captions_without_images_find_those_that_are_there(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", {"sub/a.jpg": None, "b.jpg": "old", "x/c.jpg": None, "y/c.jpg": None})
    table = tmp_path / "meta_cap.json"
    entries = {"/elsewhere/sub/a.jpg": {"caption": "by path", "tags": "t1, t2"}, "b": {"caption": "new"}}
    table.write_text(json.dumps(entries | {"c": {"caption": "of two"}, "none": {"tags": "of none"}}))
    report = taken(table, root, configured)
    assert captions_of(root) == {"sub/a.jpg": "by path, t1, t2", "b.jpg": "old"}
    assert {name for name, _ in report.refused} == {"c", "none"}
    taken(table, root, configured, existing="overwrite")
    assert captions_of(root)["b.jpg"] == "new"


def test_a_caption_never_goes_to_an_image_of_the_same_name_in_another_folder(
    tmp_path: Path, configured: Settings
) -> None:
    root = image_folder(tmp_path / "photos", {"one/same.jpg": None, "two/b.jpg": None})
    table = tmp_path / "captions.csv"
    table.write_text('file_name,text\none/same.jpg,"first\r\nsecond"\nthree/same.jpg,of another\nb.jpg,by its end\n')
    report = taken(table, root, configured)
    assert {name for name, _ in report.refused} == {"three/same.jpg"}
    assert captions_of(root) == {"one/same.jpg": "first\nsecond", "two/b.jpg": "by its end"}
    assert taken(table, root, configured, existing="overwrite").added == 0


def test_a_caption_of_many_pages_goes_out_and_comes_in(
    tmp_path: Path, exported: Exported, configured: Settings
) -> None:
    long = "a long caption " * 20_000
    root = image_folder(tmp_path / "photos", {"a.jpg": long, "b.jpg": None})
    table = exported(root, "csv").path
    (root / "a.txt").unlink()
    assert taken(table, root, configured).added == 1
    assert captions_of(root) == {"a.jpg": long}


def test_the_target_is_no_part_of_a_source_that_it_lies_in(tmp_path: Path, configured: Settings) -> None:
    image_folder(tmp_path / "data", {"a.jpg": "one"})
    target = tmp_path / "data" / "new"
    for _ in range(2):
        taken(tmp_path / "data", target, configured)
        assert captions_of(target) == {"a.jpg": "one"}


def test_what_holds_nothing_is_refused_and_nothing_is_made(tmp_path: Path, configured: Settings) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.md").write_text("nothing")
    for source in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(InvalidInput):
            taken(source, tmp_path / "new", configured)
    assert not (tmp_path / "new").exists() or names_in(tmp_path / "new") == []


def test_a_cancelled_import_adds_nothing(source: Path, target: Path, configured: Settings) -> None:
    before = names_in(target)
    late = Onlooker(lambda who: len(who.told) > 2)
    with pytest.raises(Cancelled):
        import_into(source, ImportTarget(target, configured, "local"), progress=late)
    assert names_in(target) == before


def test_broken_images_and_unreadable_captions_are_refused_alone(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "source", {"good.jpg": "fine", "odd.jpg": b"caf\xe9", "cut.jpg": "cut"})
    data = (root / "cut.jpg").read_bytes()
    (root / "cut.jpg").write_bytes(data[: len(data) // 2])
    report = taken(root, tmp_path / "new", configured)
    assert {name for name, _ in report.refused} == {"odd.txt", "cut.jpg"}
    assert captions_of(tmp_path / "new") == {"good.jpg": "fine"}
    assert sorted(path.name for path in (tmp_path / "new").glob("*.jpg")) == ["good.jpg", "odd.jpg"]


IMPORT = """
import sys
from pathlib import Path
from lib.importing.base import ImportTarget
from lib.importing.import_into import import_into
from lib.settings import Settings


class Printing:
    def advance(self, done, total):
        print(done, flush=True)

    def is_cancelled(self):
        return False


source, target, home = (Path(argument) for argument in sys.argv[1:])
import_into(source, ImportTarget(target, Settings(home=home), "local"), progress=Printing())
"""


@pytest.mark.slow
def test_a_killed_import_leaves_nothing_half_and_can_be_done_again(
    tmp_path: Path, exported: Exported, configured: Settings
) -> None:
    source = exported(image_folder(tmp_path / "photos", 60), "webdata-zip").path
    target = tmp_path / "new"
    command = [sys.executable, "-c", IMPORT, str(source), str(target), str(configured.home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as killed:
        assert killed.stdout is not None
        for _ in range(30):
            killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
    for path in target.glob("*.jpg"):
        assert path.read_bytes() == (tmp_path / "photos" / path.name).read_bytes()
    age(target, 90_000)
    taken(source, target, configured)
    assert captions_of(target) == captions_of(tmp_path / "photos")
    assert [name for name in names_in(target) if name.startswith(".")] == []


def test_what_others_keep_in_the_toolkits_own_folder_is_passed_over(tmp_path: Path) -> None:
    source = image_folder(tmp_path / "data", {"a.jpg": "mine"})
    settings = settings_at(source / "toolkit")
    image_folder(settings.workspace("cookie:other") / "uploads" / "private", {"secret.jpg": "theirs"})
    done = import_into(source, ImportTarget(tmp_path / "new", settings, "local"))
    assert done.images == ["a.jpg"]


def test_more_images_than_there_is_room_for_leave_everything_as_it_was(tmp_path: Path) -> None:
    source = image_folder(tmp_path / "data", 3)
    one = (source / "photo0.jpg").stat().st_size
    target = image_folder(tmp_path / "target", {"here.jpg": "here"})
    before = sorted(path.name for path in target.iterdir())
    with pytest.raises(QuotaExceeded):
        import_into(source, ImportTarget(target, settings_at(tmp_path / "home"), "local", room=2 * one))
    assert sorted(path.name for path in target.iterdir()) == before
    assert import_into(source, ImportTarget(target, settings_at(tmp_path / "home"), "local", room=4 * one)).added == 3
