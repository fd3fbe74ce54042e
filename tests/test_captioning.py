"""Many images in, one outcome each."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib.captioning import Batch, Brief, caption_many, merge, write_caption
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ImageRecord, Outcome
from lib.errors import ImageRefused, KeyRejected, RateLimited
from lib.settings import Settings
from tests.doubles.captioner import FakeCaptioner


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for name in ("a", "b", "c", "d"):
        Image.new("RGB", (40, 30), "teal").save(tmp_path / f"{name}.jpg")
    return tmp_path


def run(folder: Path, captioner: FakeCaptioner, configured: Settings, brief: Brief, workers: int = 1) -> list[Outcome]:
    dataset = open_dataset(folder)
    store = Store(dataset.root, journal_for(dataset.root, configured), "local", configured, dataset)
    return sorted(caption_many(dataset.records, store, captioner, brief, Batch(workers)), key=lambda o: o.name)


def test_rate_limit_leaves_the_other_captions_intact(photos: Path, configured: Settings) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("a cat", RateLimited("slow down"), "a dog", "a bird")
    outcomes = run(photos, captioner, configured, Brief("Describe"))
    assert [o.ok for o in outcomes] == [True, False, True, True]
    assert "slow down" in outcomes[1].reason
    assert (photos / "a.txt").read_text() == "a cat"
    assert not (photos / "b.txt").exists()


def test_a_wrong_key_ends_the_run_at_once(photos: Path, configured: Settings) -> None:
    captioner = FakeCaptioner()
    captioner.enqueue("a cat", KeyRejected("wrong key", status=401))
    outcomes = run(photos, captioner, configured, Brief("Describe"))
    assert [(o.name, o.status) for o in outcomes] == [("a.jpg", "done"), ("b.jpg", "failed")]
    assert len(captioner.requests) == 2


@pytest.mark.parametrize(
    ("existing", "text", "status"),
    [
        ("skip", "old", "skipped"),
        ("overwrite", "new", "done"),
        ("prepend", "new old", "done"),
        ("append", "old new", "done"),
    ],
)
def test_what_happens_to_an_existing_caption(
    photos: Path, configured: Settings, existing: str, text: str, status: str
) -> None:
    (photos / "a.txt").write_text("old")
    captioner = FakeCaptioner()
    captioner.enqueue(*["new"] * 4)
    outcomes = run(photos, captioner, configured, Brief("Describe", existing=existing))  # type: ignore[arg-type]
    assert outcomes[0].status == status
    assert (photos / "a.txt").read_text() == text
    assert (photos / "b.txt").read_text() == "new"


def test_an_unreadable_image_is_an_outcome_and_not_a_dead_run(photos: Path, configured: Settings) -> None:
    (photos / "b.jpg").write_bytes(b"not a picture")
    outcomes = run(photos, FakeCaptioner(), configured, Brief("Describe"), workers=3)
    assert [o.ok for o in outcomes] == [True, False, True, True]
    assert "b.jpg" in outcomes[1].reason


def test_a_caption_changed_while_it_was_written_is_kept(photos: Path, configured: Settings) -> None:
    class Meddling(FakeCaptioner):
        def caption(self, request):  # type: ignore[no-untyped-def]
            (photos / "a.txt").write_text("typed meanwhile")
            return super().caption(request)

    outcomes = run(photos, Meddling(), configured, Brief("Describe"))
    assert not outcomes[0].ok
    assert (photos / "a.txt").read_text() == "typed meanwhile"


def test_a_cancelled_run_begins_no_further_image(photos: Path, configured: Settings) -> None:
    captioner = FakeCaptioner()
    dataset = open_dataset(photos)
    store = Store(dataset.root, journal_for(dataset.root, configured), "local", configured, dataset)
    run_ = caption_many(dataset.records, store, captioner, Brief("x"), Batch(1, is_stopping=lambda: True))
    assert list(run_) == []
    assert captioner.requests == []


def test_prompt_variables_are_filled_from_the_image(photos: Path) -> None:
    captioner = FakeCaptioner()
    record = ImageRecord("a.jpg", text="sofa, {name}")
    write_caption(photos, record, captioner, Brief("{name} in {directory}: {tags} {other}"))
    assert captioner.requests[0].prompt == f"a in {photos.name}: sofa, {{name}} {{other}}"
    assert captioner.requests[0].image.mime == "image/jpeg"


def test_a_broken_image_is_refused_before_anything_is_sent(photos: Path) -> None:
    (photos / "a.jpg").write_bytes(b"x")
    captioner = FakeCaptioner()
    with pytest.raises(ImageRefused):
        write_caption(photos, ImageRecord("a.jpg"), captioner, Brief("x"))
    assert captioner.requests == []


def test_tags_are_merged_with_a_comma() -> None:
    assert merge("cat, sofa ", "red", "append", "tags") == "cat, sofa, red"
    assert merge(" ", "red", "append", "tags") == "red"
    assert merge("cat, sofa,", ", red,", "append", "tags") == "cat, sofa, red"
    assert merge("cat, sofa, ", "red,", "prepend", "tags") == "red, cat, sofa"
    assert merge(", ,", "red", "append", "tags") == "red"


def test_sentences_are_merged_with_a_blank_as_they_are() -> None:
    assert merge("A cat, ", "a sofa,", "append", "sentence") == "A cat, a sofa,"
