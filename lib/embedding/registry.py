"""The embedders by name: the one place that knows them all, and imports each only when it is asked for."""

from __future__ import annotations

from pathlib import Path

from lib.domain import By
from lib.embedding.base import Embedder
from lib.errors import InvalidInput
from lib.registry import Registry
from lib.settings import Settings

EMBEDDERS = Registry[Embedder](
    {
        "sbert": "lib.embedding.sbert:SentenceBert",
        "tfidf": "lib.embedding.tfidf:TfIdf",
        "resnet50v2": "lib.embedding.resnet50v2:ResNet50V2",
        "mobilenet": "lib.embedding.mobilenet:MobileNet",
    },
    unknown="There is no embedder “{name}”.",
    known="Choose one of: {names}.",
)
"""The first one of each kind is the default."""


def methods(by: By) -> list[str]:
    """The names of the embedders of tags or of images, the default first."""
    return [name for name, kind in EMBEDDERS.items() if kind.by == by]


def check_method(name: str, by: By) -> None:
    """Raises InvalidInput unless the embedder of that name embeds `by`."""
    if name not in EMBEDDERS or EMBEDDERS[name].by != by:
        raise InvalidInput(f"“{name}” is no way to compare {by}.", f"Choose one of: {', '.join(methods(by))}.")


def make_embedder(name: str, settings: Settings, path: Path | None = None) -> Embedder:
    """A new embedder, nothing loaded yet; keep it, so that its model is loaded once.

    `path` takes the place of what the settings say: an .h5 file, or a folder with a model. Raises InvalidInput.
    """
    kind = EMBEDDERS[name]
    if path is not None and not kind.is_model:
        raise InvalidInput(f"{kind.choice} has no model, so it takes no path.", "Leave the path out.")
    return kind.build(settings, path)
