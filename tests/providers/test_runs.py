"""Runs over many images against real servers: what lasts ends them once, what was really sent is what is noted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from lib import errors
from lib.captioning import Batch, Brief, caption_many
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import open_dataset
from lib.domain import Outcome
from lib.providers.base import Captioner
from lib.settings import Settings
from tests.doubles.provider_server import CAPTION, ProviderServer, Reply

OPEN = "openai-compatible"


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    for number in range(30):
        Image.new("RGB", (40, 30), "teal").save(tmp_path / f"{number:02}.jpg")
    return tmp_path


def store_of(folder: Path, configured: Settings) -> Store:
    dataset = open_dataset(folder)
    return Store(dataset.root, journal_for(dataset.root, configured), "local", configured, dataset)


def run(store: Store, captioner: Captioner, brief: Brief = Brief("Describe it."), workers: int = 1) -> list[Outcome]:
    assert store.dataset is not None
    return list(caption_many(store.dataset.records, store, captioner, brief, Batch(workers)))


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, {"message": "Invalid model name passed in model=tiny-vision.", "code": "400"}, errors.ModelNotFound),
        (404, {"message": "model 'tiny-vision' not found, try pulling it first"}, errors.ModelNotFound),
        (200, {"message": "Model tiny-vision not found"}, errors.ModelNotFound),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, errors.CreditsExhausted),
        (400, {"message": "Budget has been exceeded!", "type": "budget_exceeded"}, errors.CreditsExhausted),
        (500, {"message": "image input is not supported"}, errors.ModelBlind),
    ],
)
@pytest.mark.parametrize("workers", [1, 4])
def test_what_every_image_would_meet_is_told_once_and_ends_the_run(
    server: ProviderServer, make, photos: Path, configured: Settings, status, error, kind, workers
):
    server.enqueue(*[Reply.json({"error": error}, status)] * 100)
    outcomes = run(store_of(photos, configured), make(OPEN), workers=workers)
    (ending,) = (outcome.ends_run for outcome in outcomes)
    assert type(ending) is kind
    # Those that were under way when the first answer came, and no more: no second try, no further image.
    assert len(server.requests) <= workers


def test_the_journal_notes_the_parameters_that_were_really_sent(
    server: ProviderServer, make, photos: Path, configured: Settings
):
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    refused = {"message": said, "param": "max_tokens", "code": "unsupported_parameter"}
    server.enqueue(Reply.json({"error": refused}, 400))
    store = store_of(photos, configured)
    outcomes = run(store, make(OPEN), Brief("Describe it.", params={"max_tokens": 77, "temperature": 0.5}))
    assert {outcome.status for outcome in outcomes} == {"done"}
    assert len(server.requests) == len(outcomes) + 1
    for name in ("00.txt", "29.txt"):
        origin = store.journal.latest_origin(name)
        assert origin is not None
        assert dict(origin.params) == {"max_completion_tokens": 77, "temperature": 0.5}
    assert (photos / "00.txt").read_text() == CAPTION
