"""What embedding a dataset would take, told beforehand: no model is loaded, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from lib.embedding.base import Embedder
from lib.embedding.hashes import KnownHashes, hash_file, text_key
from lib.embedding.store import VectorStore
from lib.errors import Cancelled, ImageRefused
from lib.progress import NOBODY, Progress


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How many vectors would be made, and how many samples need none. `failed`: (name, reason) of what is unreadable.

    Whether a picture can be decoded shows only when it is. `is_here`: whether the model needs no download.
    """

    new: int
    reused: int
    failed: tuple[tuple[str, str], ...] = ()
    is_here: bool = True


def foresee_texts(texts: Sequence[str], embedder: Embedder, folder: Path) -> Foreseen:
    """What `embed_texts` would do. Raises ModelUnavailable for weights that cannot be read."""
    if embedder.whole:
        return Foreseen(len(texts), 0)
    return _foreseen([text_key(text) for text in texts], embedder, folder)


def foresee_pictures(
    root: Path, names: Sequence[str], embedder: Embedder, folder: Path, progress: Progress = NOBODY
) -> Foreseen:
    """What `embed_pictures` would do; files that were never hashed are read. Raises Cancelled, ModelUnavailable."""
    with closing(KnownHashes(folder / "files.sqlite", root)) as hashes:
        known = hashes.load()
    keys: list[bytes] = []
    failed: list[tuple[str, str]] = []
    for number, name in enumerate(names):
        if progress.is_cancelled():
            raise Cancelled("Looking was broken off.", "Nothing was changed.")
        try:
            kept = known.get(name)
            keys.append(kept.key if kept and kept.is_of(root / name) else hash_file(root / name).key)
        except ImageRefused as error:
            failed.append((name, error.message))
        progress.advance(number + 1, len(names))
    return _foreseen(keys, embedder, folder, tuple(failed))


def _foreseen(
    keys: Iterable[bytes], embedder: Embedder, folder: Path, failed: tuple[tuple[str, str], ...] = ()
) -> Foreseen:
    keys = list(keys)
    # Where the model is not here, asking for its id would fetch it; and no vector can be of it.
    is_here = embedder.is_here()
    missing = set(keys)
    if is_here:
        with closing(VectorStore(folder / embedder.id)) as store:
            missing -= store.readable()
    return Foreseen(len(missing), len(keys) - len(missing), failed, is_here)
