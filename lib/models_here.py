"""Which models lie on this machine: what they take on disk, what they take in memory, which of them are loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lib.caches import size_of
from lib.embedding.base import Embedder
from lib.embedding.registry import EMBEDDERS, make_embedder
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.local import LocalCaptioner, find_folder, memory_of
from lib.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelHere:
    """A model that runs on this machine. `disk`: bytes, None where its files are not here.

    `memory`: the bytes that loading it takes, about; 0 where only its files would tell.
    """

    label: str
    used_for: str
    disk: int | None
    memory: int
    is_loaded: bool


def models_here(
    settings: Settings, captioners: Mapping[str, Captioner], embedders: Mapping[str, Embedder]
) -> list[ModelHere]:
    """All models that may run here. `captioners` and `embedders` are those that were made already, by name."""
    return [*_captioners(settings, captioners), *_embedders(settings, embedders)]


def _captioners(settings: Settings, made: Mapping[str, Captioner]) -> list[ModelHere]:
    found = []
    for model in registry.load_models().values():
        if not registry.PROVIDERS[model.provider].runs_here:
            continue
        folder, ready = find_folder(model, settings), made.get(model.id)
        disk, memory = (size_of(folder), memory_of(folder)) if folder else (None, 0)
        is_loaded = isinstance(ready, LocalCaptioner) and ready.is_loaded
        found.append(ModelHere(model.label, "captions", disk, memory, is_loaded))
    return found


def _embedders(settings: Settings, made: Mapping[str, Embedder]) -> list[ModelHere]:
    found = []
    for name, kind in EMBEDDERS.items():
        if not kind.is_model:
            continue
        embedder = made.get(name) or make_embedder(name, settings)
        place = embedder.place()
        disk = size_of(place) if place else None
        used_for = "clusters by captions" if kind.by == "tags" else "clusters by pictures"
        found.append(ModelHere(kind.label, used_for, disk, embedder.needs_mb * 1_000_000, embedder.is_loaded))
    return found
