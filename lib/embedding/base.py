"""What an embedder is: captions or pictures in, vectors out, its model loaded at the first use and let go when idle."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from lib import idle
from lib.domain import By
from lib.errors import ModelUnavailable
from lib.idle import IdleWatch
from lib.memory import room_for
from lib.progress import NOBODY, Progress
from lib.settings import Settings

if TYPE_CHECKING:
    import numpy as np

WAYS_OUT = "Or cluster by tags with TF-IDF, which needs no model."


class RowVectors(Protocol):
    """Rows that can be read a slice at a time: an array, or what is made when it is read. float32 of shape (n, d)."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, part: slice, /) -> np.ndarray: ...


class Embedder(ABC):
    """One way to make vectors. Safe to share between threads: one batch at a time goes through the model."""

    by: ClassVar[By]
    label: ClassVar[str]
    """What sentences call it."""
    choice: ClassVar[str]
    """What people choose it by: the label, and what sets it apart."""
    about: ClassVar[str]
    """What comes together by it, in a line or two."""
    is_model: ClassVar[bool] = True
    """False where it needs no weights, and so no path."""
    batch: ClassVar[int] = 32
    """Items that `embed` likes to get at once; the last batch may be smaller."""
    runtime: ClassVar[tuple[str, int]] = ("", 0)
    """The package that runs the model, and the MB that importing it takes."""
    model_mb: ClassVar[int] = 0
    """What loading and running the model takes beside, as measured."""
    lighter: ClassVar[str] = WAYS_OUT
    """What to do where that does not fit."""
    whole: ClassVar[bool] = False
    """True where a vector depends on all the others: everything is then embedded at once, and nothing is kept."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._model: Any = None
        self._loaded_id = ""
        self._idle = IdleWatch(lambda: self.release(idle.IDLE_S))

    @classmethod
    def build(cls, settings: Settings, path: Path | None = None) -> Embedder:
        """A new one, nothing loaded yet. `path` takes the place of what the settings say of its weights."""
        return cls()

    @property
    @abstractmethod
    def id(self) -> str:
        """A name for the vectors: equal ids mean equal vectors for equal input. It fits a folder's name.

        Reads the weights' file but does not load the model. Raises ModelUnavailable.
        """

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Values in a vector. Loads the model where only that can tell."""

    @abstractmethod
    def is_here(self) -> bool:
        """Whether it works without a download. Reads the disk only."""

    def note(self, count: int) -> str:
        """What is to be said of the vectors of so many samples, "" where nothing is."""
        return ""

    def place(self) -> Path | None:
        """The file or folder that its weights come from; None where none is here or it has none. Reads the disk."""
        return None

    @property
    def needs_mb(self) -> int:
        """The MB that loading it takes in this process."""
        package, size = self.runtime
        return self.model_mb + (0 if package in sys.modules else size)

    @abstractmethod
    def _load(self) -> Any:
        """The model, read from disk."""

    @abstractmethod
    def _embed(self, model: Any, batch: Any) -> np.ndarray:
        """The vectors of a batch."""

    def load(self) -> None:
        """Bring the model into memory, unless it is there. Raises ModelUnavailable, MissingDependency, MemoryShort.

        One whose files were exchanged since is read again, also where that happens while it is read.
        """
        with self._lock:
            while self._model is None or self._loaded_id != self.id:
                self._model, self._loaded_id = None, self.id
                with self._room():
                    self._model = self._load()
            self._idle.mark_used()

    @property
    def is_loaded(self) -> bool:
        return self._model is not None

    def embed(self, batch: Any, wanted_id: str = "") -> np.ndarray:
        """Vectors, float32 of shape (n, dimensions), of n captions (a list of str) or n pictures.

        Pictures are uint8 of shape (n, side, side, 3). Raises what `load` raises, and ModelUnavailable where the
        vectors would have another id than `wanted_id`, under which they are to be kept.
        """
        with self._lock:
            self.load()
            if wanted_id and self._loaded_id != wanted_id:
                raise ModelUnavailable(
                    f"The files of {self.label} were exchanged while it was at work.",
                    "Start once more to use the new ones.",
                )
            return self._embed(self._model, batch)

    def embed_all(self, texts: Sequence[str], progress: Progress = NOBODY) -> RowVectors:
        """The vectors of all captions of a dataset, where one depends on all others; of many they are made when read.

        Raises what `load` raises, and Cancelled, also where they are read.
        """
        return self.embed([text.strip() for text in texts])

    def _room(self) -> AbstractContextManager[None]:
        size = self.needs_mb
        return room_for(size * 1_000_000, self.label, self.lighter) if size else nullcontext()

    def release(self, idle_s: float = 0.0) -> bool:
        """Let the model go if it was not used for `idle_s` seconds; it is loaded again at the next use.

        True where none is held any more.
        """
        with self._lock:
            if self._idle.is_idle(idle_s):
                self._model = None
            return self._model is None


class PictureEmbedder(Embedder):
    """An embedder of pictures, which it takes as squares of `side` pixels."""

    by = "images"
    side: ClassVar[int] = 224


def is_offline() -> bool:
    """Whether the administrator has said that nothing may be downloaded (HF_HUB_OFFLINE)."""
    return os.environ.get("HF_HUB_OFFLINE", "").strip().upper() in {"1", "ON", "YES", "TRUE"}


def weights_digest(files: Iterable[Path]) -> str:
    """Twelve hex digits that stand for the content of some files. Raises ModelUnavailable where one is unreadable."""
    try:
        stamps = tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(files))
        return _digest(stamps)
    except OSError as error:
        raise ModelUnavailable(
            f"The model's file {error.filename} cannot be read ({error.strerror}).", WAYS_OUT
        ) from error


@lru_cache(maxsize=16)
def _digest(stamps: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, size, _ in stamps:
        digest.update(f"{path.name} {size}\n".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]
