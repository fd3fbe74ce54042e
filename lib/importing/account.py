"""What became of everything that an import found: an account in which nothing is passed over without a word."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lib.images import missing_package
from lib.text import counted

_PAPERS = ("readme", "license", "licence", "copying", "notice", "changelog", "citation", "requirements", "authors")
"""How the names of texts begin that speak of a dataset, and hold no captions for images."""

_DESCRIBED = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "_stats.json")
"""How files end that other programs write about a dataset: `datasets`, img2dataset."""


@dataclass(frozen=True, slots=True)
class TableRead:
    """A table, by its path in the source: how many captions of it went to images, and what is to be said of it."""

    name: str
    captions: int
    reason: str = ""


@dataclass(slots=True)
class ImportAccount:
    """What was found. `ignored` counts, by ending, the files that nothing is read of; `beside` captions beside images.

    `not_understood` are files that may hold captions, `refused` what was left out, `notes` what was decided by a
    guess: (name, words) each.
    """

    tables: list[TableRead] = field(default_factory=list)
    not_understood: list[tuple[str, str]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    beside: int = 0

    def ignored_words(self) -> str:
        """The endings of what nothing is read of, with their numbers, the commonest first."""
        return ", ".join(f"{count:,} {ending or 'without an ending'}" for ending, count in self.ignored.most_common())

    def ignore(self, name: str) -> None:
        """Counts a file that nothing is read of."""
        self.ignored[PurePosixPath(name).suffix.lower()] += 1

    def note_missing(self) -> None:
        """Tells which packages would read images that were passed over."""
        for ending, count in self.ignored.items():
            if package := missing_package(ending):
                words = f"{counted(count, 'image')} of this kind can be read where the package {package} is installed"
                self.notes.append((ending, words))


def is_paper(name: str) -> bool:
    """True for what speaks of a dataset, such as a readme or a licence."""
    last = name.rpartition("/")[2].lower()
    return (last.startswith(_PAPERS) and last.endswith(".txt")) or last.endswith(_DESCRIBED)
