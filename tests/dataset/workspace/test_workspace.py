"""People open their own folders and nobody else's; uploads are clean, checked, and within the quota."""

from __future__ import annotations

import io
import os
import time
import unicodedata
from pathlib import Path

import pytest
from PIL import Image

from lib.dataset.workspace import roots
from lib.dataset.workspace.roots import browse_folder, resolve_folder, resolve_source
from lib.dataset.workspace.server_space import server_space
from lib.dataset.workspace.uploads import UploadSpace, expire_uploads
from lib.errors import FolderRefused, QuotaExceeded
from lib.exporting.space import ExportSpace
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder, settings_at


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "data", {"set/a.jpg": "x", "set/deep/b.jpg": "y"})


def test_a_source_may_be_a_file_and_lies_inside_the_roots_too(data: Path, settings: Settings, tmp_path: Path) -> None:
    assert resolve_source(str(data / "set" / "a.jpg"), settings, "local") == data / "set" / "a.jpg"
    (data / "link.zip").symlink_to("/etc/hostname")
    for outside in (data / "link.zip", settings.home / "owners", "/etc/hostname", "/etc/nothing"):
        with pytest.raises(FolderRefused, match="cannot be opened here"):
            resolve_source(str(outside), settings, "local")


def test_a_new_upload_never_takes_the_place_of_another(tmp_path: Path) -> None:
    space = UploadSpace(settings_at(tmp_path / "home", upload_quota_mb=1), "me")
    folder = space.save("set", [("a.jpg", picture())]).folder
    assert space.room() == 1_000_000 - space.used_bytes() > 0
    assert space.new_folder("../other").parent == space.root
    for name in (folder.name, "  set ", "", " .. "):
        with pytest.raises(FolderRefused):
            space.new_folder(name)


def test_folders_inside_the_roots_open(data: Path, settings: Settings) -> None:
    assert resolve_folder(str(data / "set"), settings, "local") == data / "set"
    assert resolve_folder(f' "{data}/set/deep/.." ', settings, "local") == data / "set"


def test_everything_else_is_refused_in_the_same_words(data: Path, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "data-evil").mkdir()
    (tmp_path / "secret").mkdir()
    (data / "link").symlink_to(tmp_path / "secret")
    (data / "loop").symlink_to(data / "loop")
    bad = [
        f"{data}/../secret", f"{data}-evil", f"{data}/link", f"{tmp_path}/secret", f"{tmp_path}/no such", "/", "/etc",
        "data", "~no_such_user", f"{data}/\0", f"{data}/loop", "/" + "x" * 5_000, f"{data}/\ud800",
    ]  # fmt: skip
    messages = set()
    for text in bad:
        with pytest.raises(FolderRefused) as caught:
            resolve_folder(text, settings, "local")
        messages.add(str(caught.value))
    assert len(messages) == 1, messages
    for text in ("", f"{data}/set/a.jpg", f"{data}/missing"):
        with pytest.raises(FolderRefused):
            resolve_folder(text, settings, "local")


def test_a_table_that_is_no_dataset_by_itself_is_told_to_come_in_by_import(data: Path, settings: Settings) -> None:
    (data / "t.csv").write_text("image,caption\n")
    with pytest.raises(FolderRefused) as caught:
        resolve_folder(str(data / "t.csv"), settings, "local")
    assert "Import" in caught.value.hint
    with pytest.raises(FolderRefused) as caught:
        resolve_folder(str(data / "set" / "a.jpg"), settings, "local")
    assert "Import" not in caught.value.hint


def test_the_toolkits_own_folder_is_private_even_inside_a_root(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", roots=[str(tmp_path)])
    mine, theirs = settings.workspace("me@example.org"), settings.workspace("you@example.org")
    for folder in (mine, theirs, settings.journals):
        folder.mkdir(parents=True)
    assert resolve_folder(str(mine), settings, "me@example.org") == mine
    for folder in (theirs, settings.journals, settings.home, mine.parent):
        with pytest.raises(FolderRefused):
            resolve_folder(str(folder), settings, "me@example.org")
    assert "home" not in [folder.name for folder in browse_folder(tmp_path, settings, "me@example.org").folders]


def test_without_shared_folders_the_home_folder_is_for_who_sits_at_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "me"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    settings = settings_at(tmp_path / "toolkit", roots=[])
    assert resolve_folder(str(home), settings, "local") == home
    mine = settings.workspace("cookie:a visitor")
    mine.mkdir(parents=True)
    assert resolve_folder(str(mine), settings, "cookie:a visitor") == mine
    with pytest.raises(FolderRefused):
        resolve_folder(str(home), settings, "cookie:a visitor")


def test_a_listing_shows_subfolders_and_counts_images(data: Path, settings: Settings, tmp_path: Path) -> None:
    (data / ".hidden").mkdir()
    (data / "empty").mkdir()
    (tmp_path / "secret").mkdir()
    (data / "out").symlink_to(tmp_path / "secret")
    draw_image(data / "c.jpg")
    shown = browse_folder(data, settings, "local")
    assert [(f.name, f.has_images) for f in shown.folders] == [("empty", False), ("set", True)]
    assert (shown.images, shown.parent, shown.truncated) == (1, None, False)
    assert browse_folder(data / "set", settings, "local").parent == data


def test_a_listing_is_capped(data: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "MAX_ENTRIES", 3)
    for number in range(5):
        (data / f"f{number}").mkdir()
    shown = browse_folder(data, settings, "local")
    assert (len(shown.folders), shown.truncated) == (3, True)


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "red").save(out, "JPEG")
    return io.BytesIO(out.getvalue())


def test_uploads_take_images_and_captions_and_refuse_the_rest_with_reasons(settings: Settings) -> None:
    space = UploadSpace(settings, "me")
    report = space.save(
        "my set",
        [
            ("a.jpg", picture()),
            ("a.txt", io.BytesIO(b"caption")),
            ("sub/b.PNG", picture()),
            ("../evil.jpg", picture()),
            ("x\\..\\evil.jpg", picture()),
            (".hidden.jpg", picture()),
            ("__MACOSX/._a.jpg", picture()),
            ("run.exe", io.BytesIO(b"MZ")),
            ("fake.jpg", io.BytesIO(b"<html>")),
            ("b.gif/c.jpg", picture()),
            ("/etc/d.jpg", picture()),
        ],
    )
    assert report.added == ["a.jpg", "a.txt", "sub/b.PNG", "b.gif/c.jpg", "etc/d.jpg"]
    assert [name for name, _ in report.refused] == [
        "../evil.jpg", "x\\..\\evil.jpg", ".hidden.jpg", "__MACOSX/._a.jpg", "run.exe", "fake.jpg",
    ]  # fmt: skip
    assert all(reason for _, reason in report.refused)
    assert "fake.jpg" in report.refused[-1][1]
    assert space.folders() == [report.folder]
    inside = [path for path in settings.home.rglob("*.jpg") if not path.is_relative_to(report.folder)]
    assert inside == []
    assert not list(report.folder.rglob(".~*"))


def test_names_stay_unique_and_captions_stay_with_their_picture(settings: Settings) -> None:
    space = UploadSpace(settings, "me")
    long = "x" * 245
    given = ["a.jpg", "A.jpg", "A.txt", "e\u0301.jpg", "\u00e9.jpg", "con.jpg", f"{long}.jpg", f"{long}.txt", "q?.jpg"]
    files = [(name, io.BytesIO(b"of A") if name.endswith(".txt") else picture()) for name in given]
    report = space.save("set", files)
    assert report.refused == []
    assert len({unicodedata.normalize("NFC", name).casefold() for name in report.added}) == len(given)
    assert report.added[:5] == ["a.jpg", "A (2).jpg", "A (2).txt", "\u00e9.jpg", "\u00e9 (2).jpg"]
    assert report.added[5] == "_con.jpg"
    assert Path(report.added[6]).stem == Path(report.added[7]).stem
    assert len(report.added[6].encode()) < 250
    later = space.save("set", [("a.txt", io.BytesIO(b"late")), ("a.jpg", picture())])
    assert later.added == ["a.txt"]
    assert "already" in later.refused[0][1]


def test_the_quota_counts_real_bytes_and_keeps_what_fitted(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", upload_quota_mb=1)
    space = UploadSpace(settings, "me")
    first = space.save(
        "set", [("a.jpg", picture()), ("b.txt", io.BytesIO(b"x" * 999_999)), ("c.txt", io.BytesIO(b"c"))]
    )
    assert first.added == ["a.jpg", "c.txt"]
    assert "used up" in first.refused[0][1]
    assert space.used_bytes() < 1_000_000


def test_at_the_servers_cap_new_uploads_are_refused_and_nothing_is_deleted(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", total_mb=1)
    first = UploadSpace(settings, "one").save("set", [("a.txt", io.BytesIO(b"x" * 600_000))])
    sample = settings.workspace("two") / "sample"
    sample.mkdir(parents=True)
    (sample / "drawn.jpg").write_bytes(b"y" * 350_000)
    assert server_space(settings).is_near
    other = UploadSpace(settings, "two")
    report = other.save("set", [("b.txt", io.BytesIO(b"x" * 100_000)), ("c.txt", io.BytesIO(b"c"))])
    assert report.added == ["c.txt"]
    assert "TOOLKIT_TOTAL_MB" in report.refused[0][1]
    assert (first.folder / "a.txt").stat().st_size == 600_000
    with pytest.raises(QuotaExceeded, match="all who use this server"):
        ExportSpace(settings, "three").make_room(100_000)
    assert UploadSpace(settings_at(tmp_path / "home", total_mb=0), "two").room() > 1_000_000_000


def test_uploads_nobody_opened_expire_and_others_stay(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", upload_days=2)
    space = UploadSpace(settings, "me")
    old, opened = (space.save(name, [("a.jpg", picture())]).folder for name in ("old", "opened"))
    longago = time.time() - 3 * 86_400
    for folder in (old, opened):
        for path in (*folder.rglob("*"), folder):
            os.utime(path, (longago, longago))
    space.touch(opened)
    assert space.expire() == ["old"]
    assert space.folders() == [opened]
    with pytest.raises(FolderRefused):
        space.delete("..")
    with pytest.raises(FolderRefused):
        space.delete(tmp_path)
    space.delete("opened")
    assert list(space.root.iterdir()) == []


def test_uploads_expire_for_owners_who_never_come_back(tmp_path: Path) -> None:
    settings = settings_at(tmp_path / "home", upload_days=2)
    kept = {owner: UploadSpace(settings, owner).save("set", [("a.jpg", picture())]).folder for owner in ("ann", "bob")}
    UploadSpace(settings, "bob").touch(kept["bob"])
    in_three_days = time.time() + 3 * 86_400
    (kept["bob"] / ".opened").touch()
    os.utime(kept["bob"] / ".opened", (in_three_days, in_three_days))
    assert expire_uploads(settings, in_three_days) == [kept["ann"]]
    assert kept["bob"].is_dir()
    assert not kept["ann"].exists()
