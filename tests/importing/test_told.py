"""Who wrote a caption goes out with our exports and comes in again, marked as told by the file, and never as ours."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Author, Origin
from lib.exporting.planning import plan_export
from lib.exporting.writing import export
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import import_into
from lib.importing.told import told_origin
from lib.settings import Settings
from tests.doubles.image_folder import draw_image, image_folder

AT = "2025-05-01T12:00:00.000+00:00"


def author(root: Path, name: str, settings: Settings) -> Author | None:
    record = open_dataset(root).get(name)
    assert record is not None
    return journal_for(root, settings).author(record)


def taken(source: Path, root: Path, settings: Settings, **choices: Any) -> None:
    import_into(source, ImportTarget(root, settings, "local"), ImportChoices(**choices))


@pytest.fixture
def shards(tmp_path: Path, configured: Settings) -> Path:
    """An export of two captions by a model, one by hand and one by nobody that is known."""
    root = image_folder(tmp_path / "from", {"a.jpg": None, "b.jpg": None, "c.jpg": None, "d.jpg": "by others"})
    dataset = open_dataset(root)
    journal = journal_for(root, configured)
    store = Store(root, journal, "local", configured, dataset)
    gemma = Origin("generate", "gemma-4-31b", "Describe it.", {"temperature": 0.3})
    store.save(dataset.records[0], "a cat", "", gemma)
    store.save(dataset.records[1], "a dog", "", Origin("generate", "gemma-4-31b", edited=True))
    store.save(dataset.records[2], "typed", "")
    plan = plan_export(root, dataset.snapshot(), journal=journal)
    return export("webdataset", plan, tmp_path / "out").path


def test_the_author_comes_in_with_the_caption_as_told(shards: Path, tmp_path: Path, configured: Settings) -> None:
    root = tmp_path / "to"
    taken(shards, root, configured)
    found = author(root, "a.jpg", configured)
    assert found is not None
    assert (found.by, found.model, found.prompt, found.params) == (
        "import", "gemma-4-31b", "Describe it.", {"temperature": 0.3},
    )  # fmt: skip
    before = author(tmp_path / "from", "a.jpg", configured)
    assert before is not None
    assert found.told_at == before.at
    assert not found.edited_at
    edited, typed = (author(root, name, configured) for name in ("b.jpg", "c.jpg"))
    assert edited is not None
    assert edited.edited_at
    assert typed is not None
    assert (typed.by, typed.model, bool(typed.told_at)) == ("import", "", True)
    unknown = author(root, "d.jpg", configured)
    assert unknown is not None
    assert (unknown.by, unknown.model, unknown.told_at) == ("import", "", "")


def test_a_caption_that_was_made_of_two_is_not_the_models(shards: Path, tmp_path: Path, configured: Settings) -> None:
    root = tmp_path / "to"
    taken(shards, root, configured)
    (root / "a.txt").write_text("mine")
    taken(shards, root, configured, existing="both")
    assert (root / "a.txt").read_text() == "mine\na cat"
    found = author(root, "a.jpg", configured)
    assert found is not None
    assert (found.by, found.model) == ("import", "")


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ({"model": "m", "time": AT}, Origin("import", "m", told_at=AT)),
        ({"model": "m", "time": "2025-05-01T14:00:00+02:00"}, Origin("import", "m", told_at=AT)),
        ({"model": "m", "time": "yesterday"}, Origin("import", "m")),
        (
            {"model": "m", "params": {"a": 1, "b": "x", "c": float("nan")}},
            Origin("import", "m", "", {"a": 1}),
        ),
        ({"model": "m", "edited": "yes", "run": "r", "kind": "generate"}, Origin("import", "m")),
        ({"kind": "edit", "time": AT}, Origin("import", told_at=AT)),
        ({}, None),
        (None, None),
        ("gemma", None),
        ({"model": 4}, None),
        ({"model": "m" * 201}, None),
        ({"model": "m", "prompt": "p" * 20_001}, None),
        ({"model": "m", "prompt": ["p"]}, None),
    ],
)
def test_only_what_our_exports_write_is_believed(told: object, origin: Origin | None) -> None:
    assert told_origin(told) == origin


def test_words_that_two_are_told_to_have_written_are_nobodys(tmp_path: Path, configured: Settings) -> None:
    with tarfile.open(tmp_path / "00000.tar", "w") as shard:
        for number, model in enumerate(["one", "other", "third"]):
            text = "a cat" if number < 2 else "a dog"
            image = draw_image(tmp_path / f"{number}.jpg", number=number).read_bytes()
            meta = {"file_name": f"{number}.jpg", "caption": text, "origin": {"model": model}}
            parts = {"jpg": image, "txt": text.encode(), "json": json.dumps(meta).encode()}
            for ending, data in parts.items():
                info = tarfile.TarInfo(f"{number:09d}.{ending}")
                info.size = len(data)
                shard.addfile(info, io.BytesIO(data))
    root = tmp_path / "to"
    taken(tmp_path / "00000.tar", root, configured)
    models = {name: found.model for name in ("0.jpg", "1.jpg", "2.jpg") if (found := author(root, name, configured))}
    assert models == {"0.jpg": "", "1.jpg": "", "2.jpg": "third"}
