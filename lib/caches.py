"""What the toolkit keeps only to be quicker: how much it is, and how it is cleared while others use it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from lib.embedding.store import VectorStore
from lib.images.thumbnails import clear_thumbnails
from lib.kept_measures import KeptMeasures
from lib.settings import Settings


@dataclass(frozen=True, slots=True)
class ClearableCache:
    """One of them. `cost`: what its clearing costs those who work here."""

    name: str
    label: str
    cost: str
    folder: Path
    """Or the one file that it is."""
    clear: Callable[[], object]
    """Drops it. Safe while pages and jobs use it: what is missing is made anew. Raises WriteFailed."""

    @property
    def size(self) -> int:
        """Its bytes on disk."""
        # A database keeps what came last in a file beside it.
        return size_of(self.folder) + size_of(self.folder.with_name(f"{self.folder.name}-wal"))


def kept_things(settings: Settings) -> list[ClearableCache]:
    """All that can be cleared. Captions, histories, uploads and exports are not among it."""
    thumbnails, vectors, lists = settings.thumbnails, settings.vectors, settings.home / "cache" / "model-lists"
    return [
        ClearableCache(
            "thumbnails",
            "Thumbnails",
            "Every gallery makes its small pictures anew when it is looked at: a page of them takes a second or two.",
            thumbnails,
            lambda: clear_thumbnails(thumbnails),
        ),
        ClearableCache(
            "vectors",
            "Vectors for clusters",
            "The next clusters of every folder embed all their samples anew: a minute for thousands of captions, longer"
            " for pictures. Clusters that are on the screen stay.",
            vectors,
            lambda: _clear_vectors(vectors),
        ),
        ClearableCache(
            "review",
            "What reviews measured of pictures",
            "The next review of every folder measures all its pictures anew, and a model that was asked about captions"
            " is asked once more. What somebody found right stays, and what the last review found, too.",
            settings.home / "review" / "measures.sqlite",
            lambda: _clear_measures(settings.home / "review"),
        ),
        ClearableCache(
            "model-lists",
            "Lists of models that services sent",
            "Each service is asked once more what it serves.",
            lists,
            lambda: _clear_files(lists),
        ),
    ]


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder, links followed to their files; 0 where there is nothing."""
    return sum(_sizes(path))


def _sizes(path: Path) -> Iterator[int]:
    if path.is_file():
        yield path.stat().st_size
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                yield (Path(folder) / name).stat().st_size


def _clear_vectors(folder: Path) -> None:
    for index in folder.glob("*/index.sqlite"):
        with closing(VectorStore(index.parent)) as store:
            store.clear()


def _clear_measures(folder: Path) -> None:
    with closing(KeptMeasures(folder)) as kept:
        kept.clear_measures()


def _clear_files(folder: Path) -> None:
    for path in folder.glob("*.json"):
        with suppress(OSError):
            path.unlink()
