"""The images that came with an import: put in sight with it, aside at its undo, and no image is ever removed.

An image that only goes aside is such a one, too: it makes way, and none comes in its place.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lib.dataset.journal.rows import Direction, ImportedImage
from lib.dataset.tag_files.paths import Inside
from lib.dataset.tag_files.presence import Presence
from lib.dataset.tag_files.rewriting import RewriteRefused, stop_if_cancelled
from lib.errors import Cancelled
from lib.files import FILES, file_hash
from lib.progress import NOBODY, Progress

ASIDE = ".replaced"
"""A hidden folder in the dataset for images that had to make way."""

_UNDONE = "-undone"
_STEP = 64
"""So many files are moved between two looks at whether to go on."""

_OTHER = "It is not the image that was imported any more."
_TAKEN = "Another image has its name now."


def new_aside() -> str:
    """A folder (relative to the dataset) for the images that one import replaces."""
    return f"{ASIDE}/{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%f')}"


@dataclass(frozen=True, slots=True)
class Move:
    """One file's way to a name that is free by then, made for the sake of `image`."""

    image: str
    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class StagedImages:
    """The images of an import that wait in a hidden folder (`files`, by name), and where others make way for them.

    One without a hash has no file: whatever has its name goes aside, and nothing comes.

    `aside` and `folders`, those that the import makes, are relative to the dataset.
    """

    images: Sequence[ImportedImage]
    files: Mapping[str, Path]
    aside: str
    folders: Sequence[str] = ()


class FileHashes:
    """SHA-256 of files in hex, each read once as long as it stays as it is."""

    def __init__(self) -> None:
        self._known: dict[Path, tuple[tuple[int, int, int], str]] = {}

    def of(self, path: Path) -> str | None:
        """None where there is no regular file, or it cannot be read; a link is none, since moving may break it."""
        try:
            info = os.lstat(path)
            if not stat.S_ISREG(info.st_mode):
                return None
            state = (info.st_mtime_ns, info.st_size, info.st_ino)
            if path not in self._known or self._known[path][0] != state:
                self._known[path] = state, file_hash(path)
            return self._known[path][1]
        except OSError:
            return None


class ImageLocations:
    """Where the images of one import may lie: in sight, or aside once it is undone; and where those that made way lie.

    The methods raise WriteFailed.
    """

    def __init__(self, root: Path, aside: str) -> None:
        self._root, self._aside = root, aside
        self._inside = Inside(root)
        self.hashes = FileHashes()

    def in_sight(self, image: ImportedImage) -> Path:
        return self._inside.path(image.name)

    def former(self, image: ImportedImage) -> Path:
        return self._inside.path(f"{self._aside}/{image.name}")

    def undone(self, image: ImportedImage) -> Path:
        return self._inside.path(f"{self._aside}{_UNDONE}/{image.name}")

    def are_in_sight(self, images: Sequence[ImportedImage]) -> bool:
        return all((self.hashes.of(self.in_sight(image)) or "") == image.hash for image in images)

    def first_moves(self, image: ImportedImage, staged: Path | None) -> list[Move] | str:
        """The moves that put a new image in sight, or one aside, or what stands against them."""
        seen = self.in_sight(image)
        if not image.former_hash and staged is not None:
            return _TAKEN if os.path.lexists(seen) else [Move(image.name, staged, seen)]
        former = self.former(image)
        if self.hashes.of(seen) != image.former_hash:
            return "It was changed by someone else in this moment."
        return [Move(image.name, seen, former), *([Move(image.name, staged, seen)] if staged is not None else [])]

    def undo_redo_moves(self, image: ImportedImage, direction: Direction) -> list[Move] | str:
        """The moves that take an image away or bring it again, as far as a crash left some to be made."""
        moves: list[Move] = []
        if (folder := self.in_sight(image).parent).is_dir() and not os.access(folder, os.W_OK | os.X_OK):
            return "Its folder may not be written to."
        for source, target, hash in self._steps(image, direction):
            if self.hashes.of(source) == hash:
                moves.append(Move(image.name, source, target))
            elif self.hashes.of(target) != hash:
                return _OTHER
        return moves if _are_free(moves) else _TAKEN

    def roll_back(self, images: Sequence[ImportedImage]) -> tuple[list[Move], bool]:
        """The moves that take an import back that a crash cut short, and whether that leaves nothing unclear."""
        moves: list[Move] = []
        is_clear = True
        for image in images:
            seen, former = self.in_sight(image), self.former(image)
            came = bool(image.hash) and self.hashes.of(seen) == image.hash
            if came:
                moves.append(Move(image.name, seen, self.undone(image)))
            if image.former_hash and self.hashes.of(former) == image.former_hash:
                moves.append(Move(image.name, former, seen))
                # It may have both names, where it was cut short between giving the new one and taking the old one.
                is_clear &= came or not os.path.lexists(seen) or seen.samefile(former)
            elif image.former_hash:
                is_clear &= not came and self.hashes.of(seen) == image.former_hash
        return (moves, True) if is_clear else ([], False)

    def any_moved(self, images: Sequence[ImportedImage], direction: Direction) -> bool:
        """Whether one of the moves of an undo or redo was made already, be it but for taking the old name."""
        return any(
            self.hashes.of(target) == hash and (self.hashes.of(source) != hash or target.samefile(source))
            for image in images
            for source, target, hash in self._steps(image, direction)
        )

    def _steps(self, image: ImportedImage, direction: Direction) -> list[tuple[Path, Path, str]]:
        """From where to where, and the hash of what goes."""
        seen, former, undone = self.in_sight(image), self.former(image), self.undone(image)
        back = direction == "undo"
        made_way = [(former, seen) if back else (seen, former)] if image.former_hash else []
        came = [(seen, undone) if back else (undone, seen)] if image.hash else []
        steps = [(*way, image.hash) for way in came]
        gone = [(*way, image.former_hash) for way in made_way]
        return steps + gone if back else gone + steps

    def tidy(self, folders: Sequence[str] = (), *, with_undone: bool = False) -> None:
        """Removes empty folders: those that the import made, and what lay aside. `with_undone`: what is there, too."""
        bases = (self._root / f"{self._aside}{_UNDONE}", self._root / self._aside)
        if with_undone:
            shutil.rmtree(bases[0], ignore_errors=True)
        empty = [Path(place) for base in bases for place, _, _ in os.walk(base, topdown=False)]
        for folder in [*(self._root / name for name in folders), *empty, self._root / ASIDE]:
            with suppress(OSError):
                folder.rmdir()


def _are_free(moves: Sequence[Move]) -> bool:
    """Whether every target is free, or left by the step before, or reached already but for the old name."""
    left_by = {move.source for move in moves}
    return all(
        move.target in left_by or not os.path.lexists(move.target) or move.target.samefile(move.source)
        for move in moves
    )


def carry_out(moves: Sequence[Move], progress: Progress = NOBODY) -> None:
    """Makes the moves, durably. Raises RewriteRefused; then those that were made are taken back."""
    done: list[Move] = []
    presence = Presence(move.source for move in moves)
    touched = {path.parent for move in moves for path in (move.source, move.target)}
    at = ""
    try:
        for number, move in enumerate(moves):
            if number % _STEP == 0:
                stop_if_cancelled(progress)
                progress.advance(number, len(moves))
            at = move.image
            touched.update(folder.parent for folder in _missing(move.target.parent))
            _move(move.source, move.target)
            done.append(move)
        for folder in touched:
            with suppress(FileNotFoundError, NotADirectoryError):
                FILES.sync_folder(folder)
        presence.check()
    except (OSError, Cancelled) as exc:
        put_back = True
        try:
            take_back(done)
            presence.check()
        except OSError:
            put_back = False
        raise RewriteRefused(at, exc, put_back=put_back) from exc


def _missing(folder: Path) -> Iterator[Path]:
    """The folders that have to be made for it; their names are to be durable too."""
    while not folder.exists():
        yield folder
        folder = folder.parent


def take_back(moves: Sequence[Move]) -> None:
    """Makes the moves the other way round. Raises OSError."""
    for move in reversed(moves):
        _move(move.target, move.source)


def _make_folder(folder: Path, source: Path) -> None:
    """Makes a folder for what comes from `source`, below a folder that both share: that one is never made anew."""
    if folder.is_dir():
        return
    shared = Path(os.path.commonpath((source.parent, folder)))
    for part in reversed([folder, *folder.parents]):
        if part != shared and part.is_relative_to(shared):
            part.mkdir(exist_ok=True)


def _move(source: Path, target: Path) -> None:
    _make_folder(target.parent, source)
    if not (os.path.lexists(target) and target.samefile(source)):
        give_name(source, target)
    try:
        FILES.remove(source)
    except FileNotFoundError:
        # It was renamed, not linked.
        return
    except OSError:
        FILES.remove(target)
        raise


def give_name(path: Path, target: Path) -> None:
    """Gives a file a name in the same file system, never over one that is there. Raises OSError.

    The old name may stay beside the new one.
    """
    try:
        FILES.link(path, target)
    except FileExistsError:
        raise
    except OSError:
        # Some file systems have no second names.
        if os.path.lexists(target):
            raise FileExistsError(target) from None
        path.rename(target)
