"""Embeds whole datasets: only what has no vector yet, decoding ahead of the model, kept as it goes."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.domain import Outcome
from lib.embedding.base import Embedder, PictureEmbedder
from lib.embedding.hashes import FileHash, KnownHashes, hash_file, text_key
from lib.embedding.store import Vectors, VectorStore
from lib.errors import Cancelled, ImageRefused, WriteFailed
from lib.progress import NOBODY, Progress

if TYPE_CHECKING:
    import numpy as np

    OpenPicture = Callable[[Path, int], np.ndarray]
    """A file and a side in pixels to uint8 of shape (side, side, 3). Raises ImageRefused."""

_FLUSH_S = 5.0
"""What a kill can lose, in seconds of work."""
_READERS = 2
_READ_AHEAD = 64
"""Pictures that wait for the model at most: 10 MB."""
_ROUNDS = 3
"""How often vectors are made where somebody clears them meanwhile."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The samples that have a vector, in the order they were given, and what became of the others.

    `done` counts the samples that were embedded now, `reused` those whose vector was there, or belongs to an equal
    sample.
    """

    names: tuple[str, ...]
    keys: tuple[bytes, ...]
    vectors: Vectors
    done: int
    reused: int
    failed: tuple[Outcome, ...] = ()


def embed_texts(
    samples: Sequence[tuple[str, str]],
    embedder: Embedder,
    folder: Path,
    *,
    progress: Progress = NOBODY,
) -> Embedded:
    """A vector for each (name, caption). Equal captions are embedded once, and those with a vector not at all.

    `folder` is where vectors are kept, `progress` hears of the samples done. Raises Cancelled (what was
    embedded before is kept), WriteFailed, and what the embedder raises.
    """
    names = tuple(name for name, _ in samples)
    keys = tuple(text_key(text) for _, text in samples)
    if embedder.whole:
        return _embed_whole(names, keys, [text.strip() for _, text in samples], embedder)
    texts = {key: text.strip() for key, (_, text) in zip(keys, samples, strict=True)}
    model = _Pinned(embedder, embedder.id)
    with closing(VectorStore(folder / model.id)) as store:
        for _ in range(_ROUNDS):
            done, reused = _embed_missing(texts, keys, model, store, progress)
            if (vectors := store.load(keys)) is not None:
                return Embedded(names, keys, vectors, done, reused)
    raise _cleared()


def _embed_missing(
    texts: dict[bytes, str],
    keys: tuple[bytes, ...],
    model: _Pinned,
    store: VectorStore,
    progress: Progress,
) -> tuple[int, int]:
    """Fills the store; gives how many vectors are new, and how many of the samples needed none."""
    keeper = _Keeper(store)
    # The longest first: texts of a length fill a batch without padding, and too little memory shows at once.
    missing = sorted(texts.keys() - store.keys(), key=lambda key: -len(texts[key]))
    reused = len(keys) - len(missing)
    progress.advance(reused, len(keys))
    for start in range(0, len(missing), model.embedder.batch):
        if progress.is_cancelled():
            keeper.flush()
            raise _stopped()
        batch = missing[start : start + model.embedder.batch]
        keeper.take(batch, model.embed([texts[key] for key in batch]))
        progress.advance(reused + keeper.embedded, len(keys))
    keeper.flush()
    return len(missing), reused


def _embed_whole(names: tuple[str, ...], keys: tuple[bytes, ...], texts: list[str], embedder: Embedder) -> Embedded:
    import numpy as np

    found = embedder.embed(texts) if texts else np.zeros((0, 1), np.float32)
    return Embedded(names, keys, Vectors(found, np.arange(len(texts))), len(texts), 0)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The images to be embedded, named relative to `root`, and how one of them is opened."""

    root: Path
    names: Sequence[str]
    open: OpenPicture


def embed_pictures(
    pictures: Pictures, embedder: PictureEmbedder, folder: Path, *, progress: Progress = NOBODY
) -> Embedded:
    """A vector for each image, by the file's content, so a copy or a new name costs none.

    Images that cannot be opened are failed outcomes. Else as `embed_texts`.
    """
    model = _Pinned(embedder, embedder.id)
    with (
        closing(VectorStore(folder / model.id)) as store,
        closing(KnownHashes(folder / "files.sqlite", pictures.root)) as hashes,
    ):
        for _ in range(_ROUNDS):
            run = _PictureRun(pictures, embedder.side, model, store, hashes)
            run.settle(progress)
            if (found := run.embedded()) is not None:
                return found
    raise _cleared()


@dataclass(frozen=True, slots=True)
class _Pinned:
    """An embedder at work under one id: should its files be exchanged meanwhile, it fails and mixes no vectors."""

    embedder: Embedder
    id: str

    def embed(self, batch: Any) -> np.ndarray:
        return self.embedder.embed(batch, self.id)


@dataclass(slots=True)
class _Keeper:
    """Gathers vectors and writes them down every few seconds."""

    store: VectorStore
    embedded: int = 0
    _keys: list[bytes] = field(default_factory=list)
    _vectors: list[np.ndarray] = field(default_factory=list)
    _flushed: float = field(default_factory=time.monotonic)

    def take(self, keys: Sequence[bytes], vectors: np.ndarray) -> None:
        self._keys += keys
        self._vectors.append(vectors)
        self.embedded += len(keys)
        if time.monotonic() - self._flushed > _FLUSH_S:
            self.flush()

    def flush(self) -> None:
        import numpy as np

        if self._keys:
            self.store.add(self._keys, np.concatenate(self._vectors))
            self._keys, self._vectors = [], []
        self._flushed = time.monotonic()


def _cleared() -> WriteFailed:
    return WriteFailed("The vectors were cleared while they were made.", "No caption was touched. Start once more.")


def _stopped() -> Cancelled:
    return Cancelled("Embedding was stopped.", "What was embedded before is kept.")


class _PictureRun:
    """One pass over a dataset's images: hash, decode what has no vector, and feed the model with full batches."""

    def __init__(self, pictures: Pictures, side: int, model: _Pinned, store: VectorStore, hashes: KnownHashes) -> None:
        self._pictures = pictures
        self._side = side
        self._model = model
        self._hashes = hashes
        self._known = hashes.load()
        self._lock = threading.Lock()
        self._refused: dict[bytes, str] = {}
        self._batch: list[tuple[bytes, np.ndarray]] = []
        self._store = store
        self._keeper = _Keeper(store)
        self._claimed = store.keys()
        self._keys: dict[str, bytes] = {}
        self._reasons: dict[str, str] = {}

    def settle(self, progress: Progress) -> None:
        """Finds a key and a vector, or a reason, for every name. Raises Cancelled, keeping what it has."""
        names = self._pictures.names
        unsettled = [name for name in names if not self._is_settled(name)]
        before = len(names) - len(unsettled)
        progress.advance(before, len(names))
        pool = ThreadPoolExecutor(_READERS, thread_name_prefix="read-ahead")
        new: list[tuple[str, FileHash]] = []
        try:
            for done, (name, found) in enumerate(self._ahead(pool, unsettled), before + 1):
                if progress.is_cancelled():
                    raise _stopped()
                self._take(name, found, new)
                progress.advance(done, len(names))
            self._embed_batch()
        finally:
            pool.shutdown(cancel_futures=True)
            self._keeper.flush()
            self._hashes.add(new)
        self._reasons |= {name: self._refused[key] for name, key in self._keys.items() if key in self._refused}

    def embedded(self) -> Embedded | None:
        """What came of it, once settled; None where the vectors were cleared meanwhile."""
        names = self._pictures.names
        there = tuple(name for name in names if name not in self._reasons)
        keys = tuple(self._keys[name] for name in there)
        failed = tuple(Outcome(name, "failed", reason=self._reasons[name]) for name in names if name in self._reasons)
        done = self._keeper.embedded
        vectors = self._store.load(keys)
        return None if vectors is None else Embedded(there, keys, vectors, done, len(keys) - done, failed)

    def _is_settled(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None or known.key not in self._claimed or not known.is_of(self._pictures.root / name):
            return False
        self._keys[name] = known.key
        return True

    def _ahead(self, pool: ThreadPoolExecutor, names: Sequence[str]) -> Iterator[tuple[str, _Read | ImageRefused]]:
        """What was read of each image, in order, while the next ones are being read."""
        waiting = iter(names)
        reading = deque((name, pool.submit(self._read, name)) for name in islice(waiting, _READ_AHEAD))
        while reading:
            name, future = reading.popleft()
            yield name, future.result()
            reading.extend((name, pool.submit(self._read, name)) for name in islice(waiting, 1))

    def _read(self, name: str) -> _Read | ImageRefused:
        """In a reader's thread: an image's hash, and its pixels unless its vector is there or on its way."""
        path = self._pictures.root / name
        try:
            found = hash_file(path)
            with self._lock:
                mine = found.key not in self._claimed
                self._claimed.add(found.key)
        except ImageRefused as error:
            return error
        if not mine:
            return _Read(found)
        try:
            pixels = self._pictures.open(path, self._side)
        except ImageRefused as error:
            return _Read(found, reason=error.message)
        if not found.is_of(path):
            return _Read(found, reason=f"“{path.name}” changed while it was read. Start once more.")
        return _Read(found, pixels)

    def _take(self, name: str, found: _Read | ImageRefused, new: list[tuple[str, FileHash]]) -> None:
        if isinstance(found, ImageRefused):
            self._reasons[name] = found.message
            return
        self._keys[name] = found.hash.key
        new.append((name, found.hash))
        if found.reason:
            self._refused[found.hash.key] = found.reason
        if found.pixels is not None:
            self._batch.append((found.hash.key, found.pixels))
        if len(self._batch) == self._model.embedder.batch:
            self._embed_batch()

    def _embed_batch(self) -> None:
        import numpy as np

        if self._batch:
            keys, pixels = zip(*self._batch, strict=True)
            self._batch = []
            self._keeper.take(keys, self._model.embed(np.stack(pixels)))


@dataclass(frozen=True, slots=True)
class _Read:
    """What a reader found: a file's hash, and its pixels or the reason why there are none."""

    hash: FileHash
    pixels: np.ndarray | None = None
    reason: str = ""
