"""Sentence-BERT: a caption's meaning in 384 values (Reimers and Gurevych 2019), by all-MiniLM-L6-v2 or another."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.embedding.base import WAYS_OUT, Embedder, is_offline, weights_digest
from lib.errors import MissingDependency, ModelUnavailable
from lib.settings import Settings

if TYPE_CHECKING:
    import numpy as np

_FILES = ["*.json", "*.txt", "*.model", "*.safetensors", "*/config.json", "*/*.safetensors"]
_LEFT_OUT = ["onnx/*", "openvino/*"]
_HUB_TIMEOUT_S = 15.0


class SentenceBert(Embedder):
    by = "tags"
    label = "Sentence-BERT"
    choice = "Sentence-BERT (meaning)"
    about = "Captions of the same meaning come together, whatever words they use."
    runtime, model_mb = ("sentence_transformers", 365), 100
    batch = 1_024
    """Sorted by length and cut into what the model takes at once by sentence_transformers itself."""

    def __init__(self, settings: Settings, path: Path | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._path = path or settings.sbert

    @classmethod
    def build(cls, settings: Settings, path: Path | None = None) -> Embedder:
        return cls(settings, path)

    @property
    def id(self) -> str:
        folder = self._folder()
        found = {path for pattern in _FILES for path in folder.glob(pattern)}
        return f"sbert-{weights_digest(found)}"

    @property
    def dimensions(self) -> int:
        self.load()
        return int(self._model.get_embedding_dimension())

    def is_here(self) -> bool:
        return self.place() is not None

    def place(self) -> Path | None:
        if self._path is not None:
            return self._path if _is_model(self._path) else None
        folder = self._settings.models_folder
        own = folder / self._settings.sbert_repository.rpartition("/")[2] if folder else None
        if own is not None and _is_model(own):
            return own
        try:
            return self._snapshot(local_files_only=True)
        except OSError:
            return None

    def _folder(self) -> Path:
        if (found := self.place()) is not None:
            return found
        hint = (
            "Connect this machine to the internet once, or set TOOLKIT_SBERT to a folder that holds the model with"
            f" its .safetensors file. {WAYS_OUT}"
        )
        name = self._settings.sbert_repository
        if self._path is not None:
            raise ModelUnavailable(f"There is no Sentence-BERT model in {self._path}.", hint)
        if is_offline():
            raise ModelUnavailable(f"{name} is not on this machine, and HF_HUB_OFFLINE forbids downloads.", hint)
        try:
            folder = self._snapshot(local_files_only=False)
        except OSError as error:
            raise ModelUnavailable(f"{name} is not on this machine, and its download failed.", hint) from error
        if folder is None:
            raise ModelUnavailable(f"{name} has no safetensors weights at the pinned revision.", hint)
        return folder

    def _snapshot(self, *, local_files_only: bool) -> Path | None:
        """The Hub's copy at the pinned commit, None where it is not whole. Raises OSError."""
        import httpx2
        from huggingface_hub import HfApi, snapshot_download

        name, revision = self._settings.sbert_repository, self._settings.sbert_revision
        # Never the token that happens to be stored on this machine.
        token: Any = self._settings.hf_token.get_secret_value() or False
        try:
            if not local_files_only:
                # Fails at once without a network, where snapshot_download asks for half a minute.
                HfApi().model_info(name, revision=revision, timeout=_HUB_TIMEOUT_S, token=token)
            found = snapshot_download(
                name,
                revision=revision,
                allow_patterns=_FILES,
                ignore_patterns=_LEFT_OUT,
                local_files_only=local_files_only,
                token=token,
            )
        except (ValueError, RuntimeError, httpx2.HTTPError) as error:
            raise OSError(str(error)) from error
        return Path(found) if _is_model(Path(found)) else None

    def _load(self) -> Any:
        folder = self._folder()
        # The tokenizer's own threads would be forked into, and warn about it.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging
        except ModuleNotFoundError as error:
            raise MissingDependency(
                "Clusters by meaning need PyTorch and sentence-transformers.",
                "pip install -r requirements.txt, or choose TF-IDF.",
            ) from error
        logging.disable_progress_bar()
        try:
            model = SentenceTransformer(
                str(folder),
                device="cuda" if torch.cuda.is_available() else "cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
        except (OSError, ValueError, RuntimeError, KeyError, ImportError, AttributeError) as error:
            raise ModelUnavailable(
                f"The files of the Sentence-BERT model in {folder} cannot be loaded.",
                f"They may be incomplete: copy or download them again. {WAYS_OUT}",
            ) from error
        # More than twice as fast where the processor has it; mean cosine to the plain vectors 0.99995.
        return model.bfloat16() if _has_bfloat16(torch) else model

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        import numpy as np

        found = np.asarray(model.encode(batch, batch_size=64, show_progress_bar=False), np.float32)
        # To length 1 here: in bfloat16 a length is right to three digits only.
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return found


def _is_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))


def _has_bfloat16(torch: Any) -> bool:
    """Whether the processor multiplies bfloat16 numbers itself; emulated they are slower than plain ones."""
    abilities = torch.cpu.get_capabilities()
    return not torch.cuda.is_available() and bool(abilities.get("avx512_bf16") or abilities.get("amx_bf16"))
