"""Folder to every format to a new folder: images byte by byte, captions letter by letter, names where they can stay."""

from __future__ import annotations

import json
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import pytest

from lib.archives import members
from lib.dataset.sample.folder import make_sample
from lib.errors import InvalidInput
from lib.exporting.base import ExportOptions
from lib.exporting.registry import EXPORTERS
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import ImportOutcome, import_into
from lib.settings import Settings
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import HURTFUL, Exported, captions_of, exported, hurtful

__all__ = ["exported", "hurtful"]

WITH_IMAGES = [name for name, entry in EXPORTERS.items() if entry.has_images]
_UNREAD = pytest.mark.xfail(reason="no import knows it yet", strict=True)
FORMATS = [pytest.param(name, marks=_UNREAD if name in ("diffusion-pipe", "open-clip") else ()) for name in EXPORTERS]
WITHOUT = [name for name, entry in EXPORTERS.items() if not entry.has_images]


def images_of(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in captions_of(root)}


def taken(source: Path, folder: Path, settings: Settings, **choices: str) -> ImportOutcome:
    return import_into(source, ImportTarget(folder, settings, "local"), ImportChoices(**choices))  # type: ignore[arg-type]


def bare_copy(source: Path, target: Path) -> Path:
    """The images without their captions."""
    for name, data in images_of(source).items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return target


@pytest.mark.parametrize("format", FORMATS)
def test_the_sample_comes_back_as_it_went(
    tmp_path: Path, exported: Exported, configured: Settings, format: str
) -> None:
    root = make_sample(tmp_path / "sample", 30)
    done = exported(root, format)
    target = tmp_path / "new" if format in WITH_IMAGES else bare_copy(root, tmp_path / "new")
    report = taken(done.path.parent, target, configured)
    assert (report.added, report.skipped, report.conflicts, report.refused) == (28, 0, 0, [])
    assert captions_of(target) == captions_of(root)
    assert images_of(target) == images_of(root)


@pytest.mark.parametrize("format", FORMATS)
def test_hurtful_names_and_captions_survive(
    tmp_path: Path, hurtful: Path, exported: Exported, configured: Settings, format: str
) -> None:
    done = exported(hurtful, format, options=ExportOptions(shard_samples=5))
    target = tmp_path / "new" if format in WITH_IMAGES else bare_copy(hurtful, tmp_path / "new")
    report = taken(done.path, target, configured)
    assert report.refused == []
    # Some systems forbid a few of these signs and endings; all else is kept.
    kept = {name.replace("|", "_").replace("dots...", "dots."): text for name, text in HURTFUL.items()}
    assert captions_of(target) == (kept if format in WITH_IMAGES else HURTFUL)
    assert sorted(images_of(target).values()) == sorted(images_of(hurtful).values())


@pytest.mark.parametrize("photos", ["flickr8k_224", "coco_native"])
def test_real_photos_come_back_byte_by_byte(
    tmp_path: Path, exported: Exported, configured: Settings, test_data: Path, photos: str
) -> None:
    table = next((test_data / "photos" / photos).glob("captions.*"))
    root = tmp_path / "photos"
    report = taken(table, root, configured)
    assert report.refused == []
    assert report.added == len(list((test_data / "photos" / photos).rglob("*.jpg")))
    for format in WITH_IMAGES:
        target = tmp_path / format
        assert taken(exported(root, format).path, target, configured).added == report.added
        assert images_of(target) == images_of(root)
        assert captions_of(target) == captions_of(root)


def test_five_captions_become_five_lines(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "flickr", {"Images/a.jpg": None, "Images/b.jpg": None})
    rows = [
        "image,caption",
        'a.jpg,"one, with a comma"',
        "a.jpg,two",
        'a.jpg,"three ""quoted"""',
        "a.jpg,four,",
        "b.jpg,x",
    ]
    (root / "captions.txt").write_text("\n".join(rows).replace("four,", "four"))
    for source, target in ((root, tmp_path / "x"), (root / "captions.txt", tmp_path / "y")):
        assert taken(source, target, configured).refused == []
        assert captions_of(target) == {"a.jpg": 'one, with a comma\ntwo\nthree "quoted"\nfour', "b.jpg": "x"}


@pytest.mark.parametrize(("which", "expected"), [(1, "one"), (3, "three"), (5, "one")])
def test_one_of_several_captions_is_taken(tmp_path: Path, configured: Settings, which: int, expected: str) -> None:
    """The fifth is the first again: what is chosen is chosen before what is said twice is left out."""
    root = image_folder(tmp_path / "flickr", {"Images/a.jpg": None, "Images/b.jpg": None})
    texts = ("one", "two", "three", "four", "one")
    rows = ["image,caption", *(f"a.jpg,{text}" for text in texts), "b.jpg,x"]
    (root / "captions.txt").write_text("\n".join(rows))
    choices = ImportChoices(caption=which)
    import_into(root, ImportTarget(tmp_path / "x", configured, "local"), choices)
    # An image that has fewer gets its last.
    assert captions_of(tmp_path / "x") == {"a.jpg": expected, "b.jpg": "x"}
    beside = bare_copy(tmp_path / "x", tmp_path / "y")
    import_into(write_alone(root / "captions.txt", tmp_path), ImportTarget(beside, configured, "local"), choices)
    assert captions_of(beside) == {"a.jpg": expected, "b.jpg": "x"}


def write_alone(table: Path, folder: Path) -> Path:
    """The table without the images that lie beside it."""
    copy = folder / "alone" / table.name
    copy.parent.mkdir()
    copy.write_bytes(table.read_bytes())
    return copy


def test_captions_are_counted_from_one(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos")
    with pytest.raises(InvalidInput, match="from 1"):
        import_into(root, ImportTarget(tmp_path / "x", configured, "local"), ImportChoices(caption=0))


def test_tars_of_other_programs_are_read(tmp_path: Path, configured: Settings) -> None:
    from webdataset.writer import TarWriter

    image = (image_folder(tmp_path / "one", 1) / "photo0.jpg").read_bytes()
    tars = tmp_path / "tars"
    tars.mkdir()
    for number, extra in enumerate(({"txt": b"by txt"}, {"json": b'{"caption": "by json", "url": "http://a.test"}'})):
        with (tars / f"{number:05d}.tar").open("wb") as file:
            writer = TarWriter(file, encoder=False)
            writer.write({"__key__": f"{number:09d}", "jpg": image, **extra})
            writer.close()
    assert taken(tars, tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"000000000.jpg": "by txt", "000000001.jpg": "by json"}


def test_a_zip_of_images_is_read_whether_they_have_tag_files_or_not(tmp_path: Path, configured: Settings) -> None:
    root = image_folder(tmp_path / "photos", {"a.jpg": "a cat", "sub/b.png": None})
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(root))
    assert taken(tmp_path / "a.zip", tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"a.jpg": "a cat"}
    assert (tmp_path / "new" / "sub" / "b.png").read_bytes() == (root / "sub" / "b.png").read_bytes()


def test_a_plain_tar_of_a_folder_is_read(tmp_path: Path, hurtful: Path, configured: Settings) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.add(hurtful, ".")
    assert taken(tmp_path / "a.tar", tmp_path / "new", configured).refused == []
    assert sorted(captions_of(tmp_path / "new").values()) == sorted(HURTFUL.values())


def test_images_of_one_stem_get_tag_files_of_their_own(
    tmp_path: Path, exported: Exported, configured: Settings
) -> None:
    first = exported(image_folder(tmp_path / "a", {"x.jpg": "a jpg"}), "webdata-zip").path
    second = exported(image_folder(tmp_path / "b", {"x.png": "a png"}), "webdata-zip").path
    taken(first, tmp_path / "new", configured)
    assert taken(second, tmp_path / "new", configured).refused == []
    assert captions_of(tmp_path / "new") == {"x.jpg": "a jpg", "x (2).png": "a png"}


def test_two_spellings_of_one_name_are_two_files(tmp_path: Path, exported: Exported, configured: Settings) -> None:
    composed = "\u00e9.jpg"
    root = image_folder(tmp_path / "a", {composed: "one", unicodedata.normalize("NFD", composed): "two"})
    taken(exported(root, "webdata-zip").path, tmp_path / "new", configured)
    assert sorted(captions_of(tmp_path / "new").values()) == ["one", "two"]


def test_a_cut_or_flipped_shard_is_told_and_only_whole_samples_are_taken(
    tmp_path: Path, hurtful: Path, exported: Exported, configured: Settings
) -> None:
    shard = exported(hurtful, "webdataset").path / "00000.tar"
    whole = shard.read_bytes()
    for turn, damaged in enumerate((whole[: len(whole) // 4], whole[:-11_000], flipped_in_an_image(whole, shard))):
        shard.write_bytes(damaged)
        report = taken(shard, tmp_path / f"new{turn}", configured)
        assert report.refused
        assert report.added < len(HURTFUL)
        found = captions_of(tmp_path / f"new{turn}")
        assert len(found) == report.added
        assert set(found.values()) <= set(HURTFUL.values())


def flipped_in_an_image(data: bytes, shard: Path) -> bytes:
    image = next(member.read() for member in members(shard_of(data, shard)) if member.name.endswith(".jpg"))
    place = data.index(image) + len(image) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def shard_of(data: bytes, shard: Path) -> Path:
    shard.write_bytes(data)
    return shard


def test_the_hash_of_what_another_program_fetched_refuses_no_image(tmp_path: Path, configured: Settings) -> None:
    """img2dataset writes the hash of what it downloaded beside the image that it then encoded anew."""
    source = image_folder(tmp_path / "fetched", {"000000000.jpg": None})
    note = {"caption": "a cat", "url": "http://example.org/cat.jpg", "key": "000000000", "sha256": "0" * 64}
    (source / "000000000.json").write_text(json.dumps(note))
    report = taken(source, tmp_path / "new", configured)
    assert (report.added, report.refused) == (1, [])
    assert captions_of(tmp_path / "new") == {"000000000.jpg": "a cat"}
