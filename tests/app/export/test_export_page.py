"""The Export page's logic, from app/main.py down to the files."""

from __future__ import annotations

import itertools
import json
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.session.jobs import key_of
from lib import cache
from lib.dataset.saving.operations import Operations
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from lib.exporting.writing import ExportSummary, export
from lib.files import file_hash
from lib.importing.import_into import import_into
from lib.settings import settings
from tests.doubles.dashboard import healthy, open_page, open_scope, texts
from tests.doubles.image_folder import image_folder


def export_page(folder: Path) -> AppTest:
    return open_page(folder, screen="export")


def import_page(folder: Path | None = None) -> AppTest:
    page = open_page(folder, screen="export")
    return page.segmented_control(key="export.way").set_value("Import").run()


def settled(page: AppTest) -> AppTest:
    """The page once all that was started has ended."""
    for job in cache.job_runner().of("local"):
        assert job.wait(30)
    page.session_state["app_state"].clicked = (None, 0.0)
    page.run()
    assert healthy(page)
    return page


def press(page: AppTest, key: str) -> AppTest:
    return settled(page.button(key=key).click().run())


def exported(page: AppTest, format: str) -> ExportSummary:
    page.radio(key="export.format").set_value(format).run()
    press(page, "export.start")
    (job,) = [job for job in cache.job_runner().of("local") if key_of(job).kind == "export"]
    assert isinstance(job.result, ExportSummary), job.error
    return job.result


def labels_of(archive: Path) -> dict[str, str]:
    with zipfile.ZipFile(archive) as content:
        return {row["file_name"]: row["text"] for row in json.loads(content.read("label.json"))}


def import_from(page: AppTest, source: Path, existing: str = "skip") -> AppTest:
    page.segmented_control(key="import.from").set_value("This server").run()
    page.text_input(key="import.path").set_value(str(source)).run()
    if any(control.key == "import.existing" for control in page.segmented_control):
        page.segmented_control(key="import.existing").set_value(existing).run()
    return press(page, "import.start")


def test_without_a_folder_the_page_offers_to_open_one() -> None:
    page = open_page(screen="export")
    assert page.button(key="picker.select")


def test_the_plan_says_what_goes_out_and_what_does_not(photos: Path) -> None:
    page = export_page(photos)
    assert "**3 samples** go out" in texts(page)
    assert "2 not exported" in {expander.label for expander in page.expander}
    assert "It has no caption." in texts(page)


def test_an_export_is_whole_in_the_owners_workspace_and_a_second_overwrites_nothing(photos: Path) -> None:
    page = export_page(photos)
    first = exported(page, "webdata-zip")
    assert first.path.parent == settings().workspace("local") / "exports" / "photos"
    assert labels_of(first.path) == {
        "a.jpg": "A cat on a mat.",
        "b.jpg": "dog, red sofa",
        "sub/e.webp": "A boat on a lake.",
    }
    assert "3 samples in webdata.zip" in texts(page)
    page.session_state[f"export.hashes.{first.path}"] = True
    assert file_hash(first.path) in texts(page.run())
    second = exported(page, "webdata-zip")
    assert second.path.name == "webdata-2.zip"
    assert verify(first.path).bad == ()


@pytest.mark.parametrize("format", ["webdataset", "imagefolder"])
def test_a_format_that_is_a_folder_comes_as_one_zip_or_as_a_folder(photos: Path, format: str) -> None:
    page = export_page(photos)
    zipped = exported(page, format)
    assert zipped.path.name == f"{format}.zip"
    assert verify(zipped.path).samples == 3
    page.checkbox(key="export.zipped").uncheck().run()
    folder = exported(page, format).path
    assert folder.is_dir()
    assert str(folder) in texts(page)


def test_options_belong_to_the_format_that_shows_them(photos: Path) -> None:
    page = export_page(photos)
    page.radio(key="export.format").set_value("webdataset").run()
    page.number_input(key="export.shard_samples").set_value(1).run()
    page.slider(key="export.validation").set_value(34).run()
    page.number_input(key="export.max_side").set_value(32).run()
    page.checkbox(key="export.zipped").uncheck().run()
    shards = exported(page, "webdataset").path
    assert len(list((shards / "train").glob("*.tar"))) == 2
    assert len(list((shards / "validation").glob("*.tar"))) == 1
    assert "2 for training, 1 for validation" in texts(page)
    # None of this is for a table.
    assert exported(page, "csv").samples == 3


def test_a_double_click_makes_one_export_and_one_import(photos: Path, tmp_path: Path) -> None:
    page = export_page(photos)
    # Drawn anew after the first click: a small export has ended by then.
    page.button(key="export.start").click().run()
    page.button(key="export.start").click().run()
    assert len(list(settings().workspace("local").glob("exports/photos/webdata*.zip"))) == 1
    page = settled(page).segmented_control(key="export.way").set_value("Import").run()
    page.segmented_control(key="import.from").set_value("This server").run()
    page.text_input(key="import.path").set_value(str(image_folder(tmp_path / "more", {"new.jpg": "new"}))).run()
    page.button(key="import.start").click().run()
    page.button(key="import.start").click().run()
    assert "Added: 1." in texts(settled(page))


def test_only_the_scope_goes_out(photos: Path) -> None:
    page = export_page(photos)
    open_scope(page).text_input(key="scope.query").set_value("cat").run()
    assert set(labels_of(exported(page, "webdata-zip").path)) == {"a.jpg"}


def test_what_another_program_wrote_meanwhile_goes_out(photos: Path) -> None:
    page = export_page(photos)
    (photos / "a.txt").write_text("written meanwhile")
    assert labels_of(exported(page, "webdata-zip").path)["a.jpg"] == "written meanwhile"


def test_nothing_tagged_is_nothing_to_export(tmp_path: Path) -> None:
    page = export_page(image_folder(tmp_path / "photos", {"a.jpg": None}))
    assert page.button(key="export.start").disabled


def test_an_export_is_listed_until_it_is_deleted(photos: Path) -> None:
    page = export_page(photos)
    done = exported(page, "csv")
    press(page, "export.dismiss")
    assert "photos / captions.csv" in texts(page)
    press(page, f"export.delete.{done.path}")
    assert "captions.csv" not in texts(page)
    assert not done.path.exists()
    assert not done.manifest.exists()


def test_a_visitors_exports_keep_within_their_space(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.session.state.current_owner", lambda: "cookie:visitor")
    page = export_page(photos)
    used = settings().upload_quota_mb
    monkeypatch.setattr(settings(), "upload_quota_mb", 0)
    page.button(key="export.start").click().run()
    assert "Delete an earlier export" in texts(page)
    monkeypatch.setattr(settings(), "upload_quota_mb", used)
    page.button(key="export.start").click().run()
    assert "Delete an earlier export" not in texts(page)
    assert not list((settings().home / "workspace" / "local").glob("exports/*/*"))


def test_an_import_into_the_open_folder_is_shown_and_undone(photos: Path, tmp_path: Path) -> None:
    source = image_folder(tmp_path / "more", {"new.jpg": "a new one", "d.JPG": None})
    (source / "captions.csv").write_text("file_name,text\nsub/e.webp,another boat\n")
    page = import_from(import_page(photos), source)
    assert "Added: 1, skipped: 2" in texts(page)
    assert page.session_state["app_state"].dataset.get("new.jpg").text == "a new one"
    assert (photos / "sub" / "e.txt").read_text() == "A boat on a lake."
    press(page, "import.undo")
    assert not (photos / "new.txt").exists() or not (photos / "new.txt").read_text()
    assert not (photos / "new.jpg").exists()
    assert page.session_state["app_state"].dataset.get("new.jpg") is None
    assert "1 image taken away" in texts(page)
    state = page.session_state["app_state"]
    Operations(state.store).redo()
    page.run()
    assert "taken away" not in texts(page)
    press(page, "import.undo")
    assert not (photos / "new.jpg").exists()


@pytest.mark.parametrize(("existing", "text"), [("skip", "old"), ("overwrite", "new"), ("both", "old\nnew")])
def test_existing_captions_are_skipped_overwritten_or_joined(tmp_path: Path, existing: str, text: str) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": "old"})
    table = tmp_path / "captions.csv"
    table.write_text("file_name,text\na.jpg,new\nmissing.jpg,lost\n")
    page = import_from(import_page(folder), table, existing)
    assert (folder / "a.txt").read_text() == text
    assert "1 refused" in {expander.label for expander in page.expander}
    assert "missing.jpg" in texts(page)


def test_the_ending_of_the_open_folders_tag_files_is_kept(tmp_path: Path) -> None:
    folder = image_folder(tmp_path / "photos", {"a.jpg": None})
    table = tmp_path / "captions.csv"
    table.write_text("file_name,text\na.jpg,new\n")
    page = open_page()
    page.selectbox(key="picker.suffix").select(".caption").run()
    page.text_input(key="picker.path").set_value(str(folder)).run()
    page.button(key="picker.select").click().run()
    page.switch_page("../pages/export.py").run()
    page.segmented_control(key="export.way").set_value("Import").run()
    import_from(page, table)
    assert (folder / "a.caption").read_text() == "new"
    assert not (folder / "a.txt").exists()


def test_an_import_without_a_folder_makes_a_dataset_that_can_be_opened(photos: Path, tmp_path: Path) -> None:
    page = import_from(import_page(), photos)
    page.button(key="import.open").click().run()
    dataset = page.session_state["app_state"].dataset
    assert dataset.root == settings().workspace("local") / "uploads" / "photos"
    assert (len(dataset), dataset.tagged) == (5, 3)
    # It leads to the images.
    assert page.button(key="tagging.next")


def test_the_counts_of_an_import_add_up(photos: Path, tmp_path: Path) -> None:
    source = image_folder(tmp_path / "source", {"a.jpg": "another", "new.jpg": "new"})
    page = import_page(photos)
    import_from(page, source)
    assert "Added: 1, skipped: 1, together 2. 1 of these differed from what was there" in texts(page)


def test_what_came_of_an_import_elsewhere_is_not_told_in_another_tab(photos: Path, tmp_path: Path) -> None:
    page = import_from(import_page(), photos)
    assert "Added: 5" in texts(page)
    other = open_page(image_folder(tmp_path / "other", 2), screen="export")
    other.segmented_control(key="export.way").set_value("Import").run()
    assert healthy(other)
    assert "Added: 5" not in texts(other)
    there = open_page(settings().workspace("local") / "uploads" / "photos", screen="export")
    there.segmented_control(key="export.way").set_value("Import").run()
    assert "Added: 5" in texts(there)


def test_a_failed_import_leaves_no_dataset_behind(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("nothing of use")
    page = import_from(import_page(), tmp_path / "notes.csv")
    assert "choose another sign with --delimiter" in texts(page)
    assert not (settings().workspace("local") / "uploads" / "notes").exists()


def test_a_damaged_archive_is_told_and_leaves_no_dataset_behind(photos: Path, tmp_path: Path) -> None:
    done = exported(export_page(photos), "webdata-zip")
    (tmp_path / "cut.zip").write_bytes(done.path.read_bytes()[:500])
    page = import_from(import_page(), tmp_path / "cut.zip")
    assert "Nothing could be added." in texts(page)
    assert "is broken or cut short" in texts(page)
    assert "import.open" not in {button.key for button in page.button}
    assert not (settings().workspace("local") / "uploads" / "cut").exists()


def test_a_new_dataset_keeps_within_the_space_for_uploads(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = import_page()
    monkeypatch.setattr(settings(), "upload_quota_mb", 0)
    import_from(page, photos)
    assert "The space for uploads is used up." in texts(page)
    assert not (settings().workspace("local") / "uploads" / "photos").exists()


@pytest.mark.parametrize("path", ["/etc/passwd", "{tmp}/../../../../etc", "{home}/owners", "{tmp}/link"])
def test_only_what_an_owner_may_open_is_imported(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("/etc/hostname")
    (settings().home / "owners").mkdir()
    page = import_page()
    import_from(page, Path(path.format(tmp=tmp_path, home=settings().home)))
    assert "cannot be opened here" in texts(page)
    assert not cache.job_runner().of("local")


def test_nothing_dropped_is_nothing_imported(photos: Path) -> None:
    page = import_page(photos)
    assert page.button(key="import.start").disabled
    page.segmented_control(key="import.from").set_value("This server").run()
    page.button(key="import.start").click().run()
    assert "Type the path" in texts(page)


def test_foreign_names_are_never_markup(tmp_path: Path) -> None:
    name = "![x](http:__127.0.0.1:9_x) **b** <i>.jpg"
    page = export_page(image_folder(tmp_path / "photos", {name: None, "b.jpg": "tagged"}))
    exported(page, "csv")
    shown = [element.value for element in (*page.markdown, *page.caption)]
    assert not [value for value in shown if "![x]" in value or "**b**" in value]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Exports and imports begin once this is set."""
    opened = threading.Event()

    def held(work: Callable[..., Any]) -> Callable[..., Any]:
        def wait(*args: Any, **options: Any) -> Any:
            assert opened.wait(20)
            return work(*args, **options)

        return wait

    monkeypatch.setattr("app.export.exports.export", held(export))
    monkeypatch.setattr("app.export.imports.import_into", held(import_into))
    return opened


def test_an_export_that_is_cancelled_leaves_nothing(photos: Path, gate: threading.Event) -> None:
    page = export_page(photos)
    page.button(key="export.start").click().run()
    assert page.button(key="export.start").disabled
    (job,) = cache.job_runner().of("local")
    page.button(key=f"export.cancel.{job.id}").click().run()
    gate.set()
    assert "The export was stopped." in texts(settled(page))
    assert [path for path in settings().workspace("local").rglob("*") if path.is_file()] == []


def test_an_import_that_is_cancelled_adds_nothing(photos: Path, tmp_path: Path, gate: threading.Event) -> None:
    before = sorted(photos.rglob("*"))
    page = import_page(photos)
    page.segmented_control(key="import.from").set_value("This server").run()
    page.text_input(key="import.path").set_value(str(image_folder(tmp_path / "more", {"new.jpg": "new"}))).run()
    page.button(key="import.start").click().run()
    (job,) = cache.job_runner().of("local")
    page.button(key=f"import.cancel.{job.id}").click().run()
    gate.set()
    assert "The import was stopped." in texts(settled(page))
    assert sorted(photos.rglob("*")) == before


def test_how_a_program_is_started_is_told_as_a_line_to_copy(photos: Path) -> None:
    page = export_page(photos)
    done = exported(page, "kohya")
    line = next(block.value for block in page.code if block.value.startswith("accelerate launch"))
    assert f"--train_data_dir {photos} --in_json {done.path}" in line


def test_whole_paths_and_images_without_a_caption_are_choices_of_the_formats_that_have_them(photos: Path) -> None:
    page = export_page(photos)
    page.radio(key="export.format").set_value("open-clip").run()
    assert not [box for box in page.checkbox if box.key == "export.uncaptioned"]
    page.segmented_control(key="export.paths").set_value("absolute").run()
    assert str(photos / "a.jpg") in exported(page, "open-clip").path.read_text()
    page.radio(key="export.format").set_value("webdata-zip").run()
    page.checkbox(key="export.uncaptioned").check().run()
    assert "**5 samples** go out" in texts(page)


def test_the_formats_stand_in_groups_each_beside_its_like() -> None:
    groups = [format.group for format in EXPORTERS.values()]
    assert len(set(groups)) == 1 + sum(one != next for one, next in itertools.pairwise(groups))
