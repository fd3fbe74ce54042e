"""CLIP and SigLIP: one space for pictures and texts, learnt by others from hundreds of millions of pairs.

The weights come from the administrator's folder of models or from the Hub at a pinned commit, in safetensors alone.
"""

from __future__ import annotations

import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.domain import ModelSpec
from lib.embedding.base import Embedder, PictureEmbedder, is_offline, weights_digest
from lib.errors import MissingDependency, ModelUnavailable
from lib.memory import room_for
from lib.providers.local import find_folder, memory_of, present_folder
from lib.settings import Settings

if TYPE_CHECKING:
    import numpy as np

MODEL = ModelSpec(
    "siglip",
    "SigLIP",
    "local",
    "google/siglip-base-patch16-224",
    form="caption",
    revision="7fd15f0689c79d79e38b1c2e2e2370a7bf2761ed",
    download_mb=813,
)
"""A folder of this name in TOOLKIT_MODELS_FOLDER may hold a CLIP as well: it is loaded as what it says it is."""

_WITHOUT = "Or let the dataset's own captions be the measure, which needs no download."


class _Parts:
    """A processor and a network, let go when neither side holds them any more."""

    def __init__(self, processor: Any, network: Any) -> None:
        self.processor, self.network = processor, network


class JointModel:
    """Both sides of one model, which is loaded once for them. Safe to share between threads."""

    def __init__(self, settings: Settings, model: ModelSpec = MODEL) -> None:
        self._settings, self._model = settings, model
        self._lock = threading.Lock()
        self._parts: weakref.ref[_Parts] | None = None
        self.pictures = JointPictures(self)
        self.texts = JointTexts(self)

    @property
    def label(self) -> str:
        return self._model.label

    def place(self) -> Path | None:
        return find_folder(self._model, self._settings)

    def folder(self) -> Path:
        """Raises ModelUnavailable where it is neither here nor to be had."""
        if self.place() is None and is_offline():
            raise ModelUnavailable(
                f"{self.label} is not on this machine, and HF_HUB_OFFLINE forbids downloads.",
                f"Copy its files into a folder of TOOLKIT_MODELS_FOLDER. {_WITHOUT}",
            )
        return present_folder(self._model, self._settings)

    def load(self) -> _Parts:
        with self._lock:
            known = self._parts() if self._parts is not None else None
            if known is None:
                folder = self.folder()
                with room_for(memory_of(folder), self.label, _WITHOUT):
                    known = _loaded(folder, self.label)
                self._parts = weakref.ref(known)
            return known


def _loaded(folder: Path, label: str) -> _Parts:
    try:
        import torch
        from transformers import AutoModel, AutoProcessor
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"{label} needs PyTorch and transformers.", f"pip install -r requirements.txt. {_WITHOUT}"
        ) from error
    safe = {"local_files_only": True, "trust_remote_code": False}
    try:
        processor = AutoProcessor.from_pretrained(str(folder), **safe)
        network = AutoModel.from_pretrained(str(folder), use_safetensors=True, dtype=torch.float32, **safe).eval()
    except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
        raise ModelUnavailable(
            f"The files of {label} in {folder} cannot be loaded.",
            f"They may be incomplete: remove the folder and download or copy them again. {_WITHOUT}",
        ) from error
    if not hasattr(network, "get_image_features") or not hasattr(network, "get_text_features"):
        raise ModelUnavailable(f"The model in {folder} has no space for both pictures and texts.", _WITHOUT)
    return _Parts(processor, network.to("cuda" if torch.cuda.is_available() else "cpu"))


class _Side(Embedder):
    """What both sides have in common."""

    _kind = ""

    def __init__(self, model: JointModel) -> None:
        super().__init__()
        self._joint = model

    @property
    def id(self) -> str:
        return f"joint-{self._kind}-{weights_digest(self._joint.folder().glob('*.safetensors'))}"

    @property
    def dimensions(self) -> int:
        self.load()
        config = self._model.network.config
        return int(getattr(config, "projection_dim", 0) or config.text_config.hidden_size)

    def is_here(self) -> bool:
        return self._joint.place() is not None

    def place(self) -> Path | None:
        return self._joint.place()

    def _load(self) -> Any:
        return self._joint.load()


class JointPictures(_Side, PictureEmbedder):
    """Pictures, each as a vector of length 1."""

    label = "SigLIP"
    choice = "SigLIP (pictures and words)"
    about = "Pictures come together that one would describe alike."
    _kind = "pictures"

    @property
    def texts(self) -> JointTexts:
        """The side that reads words."""
        return self._joint.texts

    def _embed(self, model: _Parts, batch: np.ndarray) -> np.ndarray:
        inputs = model.processor.image_processor(images=list(batch), return_tensors="pt")
        return _features(model, "get_image_features", inputs)


class JointTexts(_Side):
    """Texts, each as a vector of length 1. What is longer than the model reads is cut in two, and both count."""

    by = "tags"
    label = "SigLIP"
    choice = "SigLIP (pictures and words)"
    about = "Captions come together that would fit the same pictures."
    _kind = "texts"

    def _embed(self, model: _Parts, batch: list[str]) -> np.ndarray:
        import numpy as np

        limit = int(model.network.config.text_config.max_position_embeddings)
        parts = [_cut(model.processor.tokenizer, text, limit) for text in batch]
        # SigLIP was taught with texts of one length; CLIP does not mind.
        inputs = model.processor.tokenizer(
            [part for one in parts for part in one],
            padding="max_length",
            max_length=limit,
            truncation=True,
            return_tensors="pt",
        )
        rows = iter(_features(model, "get_text_features", inputs))
        means = np.stack([np.mean([next(rows) for _ in one], axis=0) for one in parts])
        return np.asarray(means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12), np.float32)


def _cut(tokenizer: Any, text: str, limit: int) -> list[str]:
    words = text.split()
    if len(words) < 2 or len(tokenizer(text)["input_ids"]) <= limit:
        return [text]
    middle = len(words) // 2
    return [*_cut(tokenizer, " ".join(words[:middle]), limit), *_cut(tokenizer, " ".join(words[middle:]), limit)]


def _features(model: _Parts, name: str, inputs: Any) -> np.ndarray:
    import numpy as np
    import torch

    with torch.inference_mode():
        found = getattr(model.network, name)(**inputs.to(model.network.device))
    # From transformers 5 on it is wrapped.
    rows = np.asarray(getattr(found, "pooler_output", found).float().cpu(), np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12), np.float32)
