"""What is reviewed: samples, with the vectors and hashes that several checks need, each made at its first use."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from lib.clustering.samples import embed_records
from lib.domain import By, ImageRecord
from lib.embedding.base import Embedder, PictureEmbedder
from lib.embedding.hashes import FileHash, KnownHashes, hash_file, text_key
from lib.embedding.many import Embedded, Pictures, embed_pictures, embed_texts
from lib.embedding.registry import check_method, methods
from lib.errors import Cancelled, ImageRefused
from lib.kept_measures import KeptMeasures
from lib.progress import Progress
from lib.providers.base import Captioner
from lib.record_columns import RowRecord
from lib.review.findings import Finding
from lib.review.joint_pictures import check_pictures, embedder_named
from lib.review.pictures.shared_decoding import SharedDecoding
from lib.settings import Settings

_STEP = 32


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """What a review is asked for beside its checks.

    `targets`: names of trainer profiles, all where none is given. `scorer`: what judges whether caption and picture
    agree; `captioner` and `ask_worst` (how many) are for the one that asks a model. Empty methods mean the first
    embedder that is on this machine. `trigger`: the word that every caption is to begin with, "" for none.
    """

    targets: tuple[str, ...] = ()
    scorer: str = "own"
    images_method: str = ""
    captions_method: str = ""
    captioner: Captioner | None = None
    ask_worst: int = 100
    trigger: str = ""


@dataclass(slots=True)
class ReviewSamples:
    """Samples under review. For one thread; `samples_under_review` makes them."""

    root: Path
    records: tuple[ImageRecord, ...]
    settings: Settings
    options: ReviewOptions
    embedder_for: Callable[[str], Embedder]
    kept: KeptMeasures
    orphans: Sequence[str] = ()
    """Tag files that have no image, by their relative names."""
    measures_too: bool = False
    """Whether pictures that are decoded for their vectors are measured as well."""
    _by_name: dict[str, ImageRecord] = field(default_factory=dict)
    _embedded: dict[By, Embedded] = field(default_factory=dict)
    _keys: dict[str, bytes] = field(default_factory=dict)
    _refused: dict[str, str] = field(default_factory=dict)
    _is_hashed: bool = False

    def record(self, name: str) -> ImageRecord:
        return self._named[name]

    def has(self, name: str) -> bool:
        """Whether an image is among them."""
        return name in self._named

    @property
    def _named(self) -> dict[str, ImageRecord]:
        if not self._by_name:
            self._by_name.update((record.name, record) for record in self.records)
        return self._by_name

    def with_records(self, records: Sequence[ImageRecord]) -> ReviewSamples:
        """Samples with other captions: pictures and what is known of them stay."""
        return replace(self, records=tuple(records), _by_name={}, _embedded={})

    @property
    def captioned(self) -> list[ImageRecord]:
        """Those that have a caption."""
        return [record for record in self.records if record.is_tagged]

    def embedder(self, by: By) -> Embedder:
        """The one that was chosen, or the first of those that are on this machine. Raises InvalidInput."""
        options = self.options
        name = options.captions_method if by == "tags" else options.images_method
        if name:
            if by == "images":
                check_pictures(name)
            else:
                check_method(name, by)
            return self.embedder_for(name)
        names = methods(by)
        here = (one for name in names if (one := self.embedder_for(name)).is_here())
        return next(here, None) or self.embedder_for(names[0])

    def pictures(self, progress: Progress) -> Embedded:
        """Vectors of all pictures that can be opened, kept by their content. Raises what embedding raises."""
        return self._vectors("images", self.records, progress)

    def captions(self, progress: Progress) -> Embedded:
        """Vectors of all captions that are not blank. Raises what embedding raises."""
        return self._vectors("tags", self.captioned, progress)

    def texts(self, named: Sequence[tuple[str, str]], progress: Progress) -> Embedded:
        """Vectors of texts, each with the image that it is about, in that order. Raises what embedding raises."""
        return embed_texts(named, self.embedder("tags"), self.settings.vectors, progress=progress)

    def _vectors(self, by: By, records: Sequence[ImageRecord], progress: Progress) -> Embedded:
        if by not in self._embedded:
            folder, embedder = self.settings.vectors, self.embedder(by)
            if isinstance(embedder, PictureEmbedder) and self.measures_too:
                found = self._measuring(embedder, progress)
            else:
                found = embed_records(self.root, records, embedder, folder, progress=progress)
            self._embedded[by] = found
            if by == "images":
                self._keys |= dict(zip(found.names, found.keys, strict=True))
        return self._embedded[by]

    def _measuring(self, embedder: PictureEmbedder, progress: Progress) -> Embedded:
        """The vectors of all pictures, each measured as well where it is decoded for that."""
        shared = SharedDecoding(self.root)
        pictures = Pictures(self.root, [record.name for record in self.records], shared.open)
        found = embed_pictures(pictures, embedder, self.settings.vectors, progress=progress)
        shared.keep(self.kept, dict(zip(found.names, found.keys, strict=True)))
        return found

    def picture_keys(self, progress: Progress) -> dict[str, bytes]:
        """The hash of each image file's content by name; what cannot be read has none. Raises Cancelled.

        Files that have not changed since they were hashed are not read again.
        """
        if not self._is_hashed:
            # What a row is called is anybody's word, and no path.
            files = [record.name for record in self.records if not isinstance(record, RowRecord)]
            missing = [name for name in files if name not in self._keys]
            with closing(KnownHashes(self.settings.vectors / "files.sqlite", self.root)) as hashes:
                known = hashes.load()
                new: list[tuple[str, FileHash]] = []
                for number, name in enumerate(missing):
                    if number % _STEP == 0:
                        raise_if_cancelled(progress)
                        progress.advance(number, len(missing))
                    self._hash(name, known.get(name), new)
                hashes.add(new)
            self._is_hashed = True
        return self._keys

    def _hash(self, name: str, kept: FileHash | None, new: list[tuple[str, FileHash]]) -> None:
        try:
            if kept is None or not kept.is_of(self.root / name):
                kept = hash_file(self.root / name)
                new.append((name, kept))
            self._keys[name] = kept.key
        except ImageRefused as error:
            self._refused[name] = error.message

    def content_of(self, finding: Finding, progress: Progress) -> bytes:
        """Stands for what a finding is about: it changes with the picture or the caption of one of its images."""
        keys = self.picture_keys(progress) if finding.subject != "caption" else {}
        parts = []
        for name in sorted(finding.images):
            words = text_key(self.record(name).text) if finding.subject != "picture" else b""
            parts.append(keys.get(name, b"").hex() + ":" + words.hex())
        return text_key("\n".join([finding.check, finding.kind, *sorted(parts)]))


def samples_under_review(
    root: Path,
    records: Sequence[ImageRecord],
    settings: Settings,
    options: ReviewOptions = ReviewOptions(),
    embedder_for: Callable[[str], Embedder] | None = None,
    orphans: Sequence[str] = (),
) -> ReviewSamples:
    """Samples of a dataset, ready to be reviewed; nothing is read yet.

    `embedder_for` gives the embedder of a name, the same one each time; without it they are made here. `orphans` are
    its tag files without an image.
    """
    made: dict[str, Embedder] = {}
    lock = threading.Lock()

    def own(name: str) -> Embedder:
        with lock:
            return made.setdefault(name, embedder_named(name, settings))

    kept = KeptMeasures(settings.home / "review")
    return ReviewSamples(root.resolve(), tuple(records), settings, options, embedder_for or own, kept, orphans)


def raise_if_cancelled(progress: Progress) -> None:
    """Raises Cancelled where that was asked for."""
    if progress.is_cancelled():
        raise Cancelled("The review was stopped.", "What was measured before is kept, and not measured again.")
