"""The embedders by name: the one place that knows them all, and imports each only when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from lib.domain import By
from lib.embedding.base import Embedder
from lib.errors import InvalidInput
from lib.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an embedder's class is, what it embeds, and what it is called on the screen."""

    path: str
    by: By
    label: str
    is_model: bool = True
    """False where it needs no weights, and so no path."""


EMBEDDERS: dict[str, Entry] = {
    "sbert": Entry("lib.embedding.sbert:SentenceBert", "tags", "Sentence-BERT (meaning)"),
    "tfidf": Entry("lib.embedding.tfidf:TfIdf", "tags", "TF-IDF (words; no download)", is_model=False),
    "resnet50v2": Entry("lib.embedding.resnet50v2:ResNet50V2", "images", "ResNet50V2"),
    "mobilenet": Entry("lib.embedding.mobilenet:MobileNet", "images", "MobileNet (small)"),
}
"""The first one of each kind is the default."""


def methods(by: By) -> list[str]:
    """The names of the embedders of tags or of images, the default first."""
    return [name for name, entry in EMBEDDERS.items() if entry.by == by]


def check_method(name: str, by: By) -> Entry:
    """The entry of an embedder. Raises InvalidInput unless it embeds `by`."""
    entry = EMBEDDERS.get(name)
    if entry is None or entry.by != by:
        raise InvalidInput(f"“{name}” is no way to compare {by}.", f"Choose one of: {', '.join(methods(by))}.")
    return entry


def make_embedder(name: str, settings: Settings, path: Path | None = None) -> Embedder:
    """A new embedder, nothing loaded yet; keep it, so that its model is loaded once.

    `path` takes the place of what the settings say: an .h5 file, or a folder with a model. Raises InvalidInput.
    """
    entry = EMBEDDERS.get(name)
    if entry is None:
        raise InvalidInput(f"There is no embedder “{name}”.", f"Choose one of: {', '.join(EMBEDDERS)}.")
    if path is not None and not entry.is_model:
        raise InvalidInput(f"{entry.label} has no model, so it takes no path.", "Leave the path out.")
    module, _, name = entry.path.partition(":")
    make = getattr(import_module(module), name)
    made: Embedder = make(settings, path) if entry.is_model else make()
    return made
