"""What the ImageNet networks of keras.applications have in common: finding, downloading, loading, running them."""

from __future__ import annotations

import hashlib
import os
import secrets
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from lib.embedding.base import WAYS_OUT, Embedder, PictureEmbedder, is_offline, weights_digest
from lib.errors import MissingDependency, ModelUnavailable, WriteFailed
from lib.files import FULL, cause_of
from lib.private import private_file, private_folder
from lib.settings import Settings

if TYPE_CHECKING:
    import numpy as np

_TIMEOUT_S = (10, 60)
"""For connecting, and for each piece of an answer."""


class KerasPictures(PictureEmbedder):
    """A network without its top, average-pooled. Its weights come from an .h5 file."""

    runtime = ("tensorflow", 290)

    setting: ClassVar[str]
    """The field of Settings that holds the administrator's path."""
    file: ClassVar[str]
    url: ClassVar[str]
    checksum: ClassVar[str]
    """"md5:…" or "sha256:…" of the file that the URL gives."""

    def __init__(self, settings: Settings, path: Path | None = None) -> None:
        super().__init__()
        self._settings = settings
        self._path = path or getattr(settings, self.setting)

    @classmethod
    def build(cls, settings: Settings, path: Path | None = None) -> Embedder:
        return cls(settings, path)

    @abstractmethod
    def _build(self, weights: Path) -> Any:
        """The Keras model with these weights."""

    @property
    def id(self) -> str:
        return f"{self.setting}-{weights_digest([self._weights()])}"

    def is_here(self) -> bool:
        return self.place() is not None

    def place(self) -> Path | None:
        if self._path is not None:
            return _in_folder(self._path, self.file)
        cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
        for folder in (self._settings.models_folder, self._settings.weights, cache):
            if folder is not None and (folder / self.file).is_file():
                return folder / self.file
        return None

    def _weights(self) -> Path:
        if (found := self.place()) is not None:
            return found
        variable = f"TOOLKIT_{self.setting.upper()}"
        hint = f"Connect this machine to the internet once, or set {variable} to the file {self.file}. {WAYS_OUT}"
        if self._path is not None:
            raise ModelUnavailable(f"There are no weights of {self.label} at {self._path}.", hint)
        if is_offline():
            raise ModelUnavailable(f"{self.label} is not on this machine, and HF_HUB_OFFLINE forbids downloads.", hint)
        target = self._settings.weights / self.file
        try:
            _download(self.url, target, self.checksum)
        except OSError as error:
            if error.errno in FULL:
                cause, remedy = cause_of(error)
                message = f"The weights of {self.label} could not be kept: {cause}."
                raise WriteFailed(message, f"Nothing changed. {remedy}") from error
            raise ModelUnavailable(f"{self.label} is not on this machine, and its download failed.", hint) from error
        return target

    def _load(self) -> Any:
        weights = self._weights()
        # Both must be set before the first import: which backend, and no chatter on stderr.
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        try:
            import keras

            # Streamlit calls it after each run of any page. It would take the state from under the threads that load
            # and run models here, and collect garbage for as long as a page takes that watches them.
            keras.backend.clear_session = lambda free_memory=True: None
            return self._build(weights)
        except ModuleNotFoundError as error:
            raise MissingDependency("Image clusters need TensorFlow.", "pip install -r requirements.txt") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(
                f"The file {weights} does not hold the weights of {self.label} without its top.",
                f"Take the file {self.file}. {WAYS_OUT}",
            ) from error

    def _embed(self, model: Any, batch: np.ndarray) -> np.ndarray:
        import numpy as np

        pictures = np.zeros((self.batch, *batch.shape[1:]), np.float32)
        # Always the same shape, filled up where there are fewer: another shape would compile the model once more.
        np.multiply(batch, 1 / 127.5, out=pictures[: len(batch)])
        pictures -= 1.0
        return np.asarray(model.predict_on_batch(pictures), np.float32)[: len(batch)]


def _in_folder(path: Path, name: str) -> Path | None:
    """The file itself, or the one of that name in a folder, or the only .h5 file there."""
    if path.is_file():
        return path
    if (path / name).is_file():
        return path / name
    files = list(path.glob("*.h5"))
    return files[0] if len(files) == 1 else None


def _download(url: str, target: Path, checksum: str) -> None:
    """Fetches a file, checks it, and only then gives it its name. Raises OSError."""
    import requests

    kind, _, expected = checksum.partition(":")
    digest = hashlib.new(kind)
    private_folder(target.parent)
    temp = target.parent / f".~{secrets.token_hex(6)}"
    private_file(temp)
    try:
        # requests' own errors are OSErrors.
        with requests.get(url, timeout=_TIMEOUT_S, stream=True) as answer, temp.open("wb") as file:
            answer.raise_for_status()
            for piece in answer.iter_content(1 << 20):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != expected:
            raise OSError(f"{url} is not the file that was expected")
        temp.replace(target)
    finally:
        temp.unlink(missing_ok=True)
