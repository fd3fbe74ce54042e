"""TF-IDF with truncated SVD (latent semantic analysis): vectors from the words alone, without any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lib.embedding.base import Embedder, RowVectors
from lib.embedding.tfidf_parts import SAMPLE, vectors_by_parts
from lib.errors import Cancelled
from lib.progress import NOBODY, Progress
from lib.text import words

if TYPE_CHECKING:
    import numpy as np

_DIMENSIONS = 100
MANY = 300_000
"""Captions up to which all of them are decomposed in one go; of more that takes gigabytes."""


class TfIdf(Embedder):
    """Words are weighed by how rare they are among the captions at hand, so a vector depends on all of them."""

    by = "tags"
    label = "TF-IDF"
    choice = "TF-IDF (words; no download)"
    about = "Captions with the same rare words come together. Needs no model and no download."
    is_model = False
    whole = True

    @property
    def id(self) -> str:
        return "tfidf-1"

    @property
    def dimensions(self) -> int:
        """At most: fewer where the captions have fewer words."""
        return _DIMENSIONS

    def is_here(self) -> bool:
        return True

    def note(self, count: int) -> str:
        if count <= MANY:
            return ""
        return f"TF-IDF weighs the words of all {count:,} captions, and found its axes on a sample of {SAMPLE:,}"

    def _load(self) -> Any:
        # Imported here so that `load` warms what `embed` needs.
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        return TfidfVectorizer, TruncatedSVD

    def embed_all(self, texts: Sequence[str], progress: Progress = NOBODY) -> RowVectors:
        if len(texts) <= MANY:
            return super().embed_all(texts, progress)
        self.load()
        done = 0

        def read(count: int) -> None:
            nonlocal done
            done += count
            # Counted once, and the vectors are read for their axes and upon them.
            progress.advance(min(len(texts), done // 3), len(texts))
            if progress.is_cancelled():
                raise Cancelled("Clustering was stopped.", "Words are counted anew the next time.")

        return vectors_by_parts(texts, _DIMENSIONS, self._load()[1], read)

    def _embed(self, model: Any, batch: list[str]) -> np.ndarray:
        import numpy as np
        from sklearn.preprocessing import normalize
        from threadpoolctl import threadpool_limits

        vectorizer, decomposition = model
        if len(batch) > MANY:
            return vectors_by_parts(batch, _DIMENSIONS, decomposition)[:]
        cut = [words(text.lower()) for text in batch]
        if not any(cut):
            return np.zeros((len(batch), 1), np.float32)
        weights = vectorizer(analyzer=list, sublinear_tf=True, dtype=np.float32).fit_transform(cut)
        if min(weights.shape) <= _DIMENSIONS:
            return np.asarray(weights.toarray(), np.float32)
        # In one thread: the steps are so short that two spend most of their time meeting.
        with threadpool_limits(1):
            reduced = decomposition(_DIMENSIONS, random_state=0).fit_transform(weights)
        return np.asarray(normalize(reduced), np.float32)
