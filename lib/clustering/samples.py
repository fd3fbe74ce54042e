"""Which samples take part, and their vectors: datasets on one side, embedders on the other."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lib.clustering.base import Matrix
from lib.column_texts import ColumnTexts
from lib.domain import By, ImageRecord, Outcome, SidecarState
from lib.embedding.base import Embedder, PictureEmbedder
from lib.embedding.foreseen import Foreseen, foresee_pictures, foresee_texts
from lib.embedding.hashes import text_keys
from lib.embedding.many import Embedded, Pictures, embed_pictures, embed_texts
from lib.errors import InvalidInput
from lib.images import Picture, load_square
from lib.progress import NOBODY, Progress
from lib.record_columns import ColumnRecords
from lib.records import names_of, texts_of

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Samples:
    """The images of a dataset that take part, and how many others there are, by reason."""

    root: Path
    records: Sequence[ImageRecord]
    left_out: Mapping[str, int]

    def stamp(self, *, with_files: bool) -> bytes:
        """Changes with any name or caption; `with_files` also with any image's size or times, as far as they tell."""
        digest = hashlib.sha256()
        for name, text in zip(names_of(self.records), texts_of(self.records), strict=True):
            digest.update(f"{name}\0{text}\0".encode("utf-8", "surrogatepass"))
            if with_files:
                digest.update(_file_stamp(self.root / name))
        return digest.digest()


def basis(records: Sequence[ImageRecord], by: By) -> bytes:
    """Changes with what clusters by tags or by images are made of; an image that was painted over does not tell."""
    digest = hashlib.sha256()
    for record in records:
        if by == "images" or record.is_tagged:
            text = record.text if by == "tags" else ""
            digest.update(f"{record.name}\0{text}\0".encode("utf-8", "surrogatepass"))
    return digest.digest()


def samples_of(root: Path, records: Sequence[ImageRecord], by: By) -> Samples:
    """By tags those of the records that have tags, by images all of them. Raises InvalidInput where there are none."""
    return _tagged(root, records) if by == "tags" else _pictures(root, records)


def _pictures(root: Path, records: Sequence[ImageRecord]) -> Samples:
    if not records:
        raise InvalidInput("There is no image here.", "Add some images first.")
    return Samples(root, records if isinstance(records, ColumnRecords) else tuple(records), {})


def _tagged(root: Path, records: Sequence[ImageRecord]) -> Samples:
    if isinstance(records, ColumnRecords):
        return _tagged_rows(root, records)
    tagged = tuple(record for record in records if record.is_tagged)
    unreadable = sum(record.state is SidecarState.UNDECODABLE for record in records)
    if not tagged:
        raise _none_of(len(records))
    return Samples(root, tagged, _reasons(len(records) - len(tagged) - unreadable, unreadable))


def _tagged_rows(root: Path, records: ColumnRecords) -> Samples:
    tagged = records.are_tagged()
    count = int(tagged.sum())
    if not count:
        raise _none_of(len(records))
    if count == len(records):
        return Samples(root, records, {})
    unreadable = int(records.are_standing(lambda one: one[1] is SidecarState.UNDECODABLE).sum())
    return Samples(root, records.at(tagged.nonzero()[0]), _reasons(len(records) - count - unreadable, unreadable))


def _reasons(untagged: int, unreadable: int) -> dict[str, int]:
    reasons = {"no tags": untagged, "tags that are not readable text": unreadable}
    return {reason: count for reason, count in reasons.items() if count}


def _none_of(count: int) -> InvalidInput:
    none = "The only image here has no tags." if count == 1 else f"None of {count:,} images has tags."
    return InvalidInput(none, "Cluster by pictures, or write or generate some captions first.")


@dataclass(frozen=True, slots=True, eq=False)
class SampleVectors:
    """The samples that have a vector, in their order. `keys`: what each was made from, uint8 of shape (n, 16)."""

    names: Sequence[str]
    keys: np.ndarray
    vectors: Matrix
    failed: tuple[Outcome, ...] = ()


def vectors_of(samples: Samples, embedder: Embedder, folder: Path, progress: Progress = NOBODY) -> SampleVectors:
    """The vectors of samples. Raises what `embed_records` does."""
    import numpy as np

    if not embedder.whole:
        found = embed_records(samples.root, samples.records, embedder, folder, progress=progress)
        keys = np.frombuffer(b"".join(found.keys), np.uint8).reshape(len(found.keys), -1)
        return SampleVectors(found.names, keys, found.vectors, found.failed)
    names, texts = names_of(samples.records), texts_of(samples.records)
    names = names if isinstance(names, ColumnTexts) else tuple(names)
    return SampleVectors(names, text_keys(texts), embedder.embed_all(texts, progress))


def texts_named(samples: Samples, names: Sequence[str]) -> Sequence[str]:
    """The captions of those samples that these are; some may have no vector."""
    texts = texts_of(samples.records)
    if len(names) == len(texts):
        return texts
    known = dict(zip(names_of(samples.records), texts, strict=True))
    return [known[name] for name in names]


def embed_records(
    root: Path,
    records: Sequence[ImageRecord],
    embedder: Embedder,
    folder: Path,
    *,
    progress: Progress = NOBODY,
) -> Embedded:
    """The vectors of the records' captions or images, kept in `folder`. Raises what `lib.embedding.many` does."""
    if isinstance(embedder, PictureEmbedder):
        pictures = Pictures(root, [record.name for record in records], functools.partial(_pixels, root))
        return embed_pictures(pictures, embedder, folder, progress=progress)
    texts = [(record.name, record.text) for record in records]
    return embed_texts(texts, embedder, folder, progress=progress)


def foresee_records(
    root: Path, records: Sequence[ImageRecord], embedder: Embedder, folder: Path, progress: Progress = NOBODY
) -> Foreseen:
    """What `embed_records` would do: nothing is written."""
    if isinstance(embedder, PictureEmbedder):
        return foresee_pictures(root, [record.name for record in records], embedder, folder, progress)
    return foresee_texts([record.text for record in records], embedder, folder)


def _pixels(root: Path, path: Path, side: int) -> np.ndarray:
    import numpy as np

    return np.asarray(load_square(Picture(root, path.relative_to(root).as_posix()), side))


def _file_stamp(path: Path) -> bytes:
    try:
        info = path.stat()
    except (OSError, ValueError):
        return b"gone"
    return b"%d %d %d" % (info.st_size, info.st_mtime_ns, info.st_ctime_ns)
