"""The images that an import brought: aside at its undo, back at its redo, and no image is ever removed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lib.dataset.files import FILES
from lib.dataset.journal_rows import Brought
from lib.dataset.paths import inside_root
from lib.dataset.rewriting import LeftAlone, hash_on_disk
from lib.errors import WriteFailed

ASIDE = ".replaced"
"""A hidden folder in the dataset for images that had to make way."""

_UNDONE = "-undone"


@dataclass(frozen=True, slots=True)
class Move:
    """One file's way to a name that is free by then; made for the sake of `image`."""

    image: str
    source: Path
    target: Path
    hash: str


def new_aside() -> str:
    """A folder (relative to the dataset) for the images that one import replaces."""
    return f"{ASIDE}/{datetime.now(UTC).strftime('%Y%m%dT%H%M%S%f')}"


def plan_moves(root: Path, aside: str, images: Sequence[Brought], left: LeftAlone, *, back: bool) -> list[Move]:
    """The moves that undo an import's images (`back`) or bring them again; what stands against one goes to `left`.

    What a crash left half-way is planned from there on.
    """
    moves: list[Move] = []
    for image in images:
        found: list[Move] = []
        try:
            for step in _steps(root, aside, image, back):
                if hash_on_disk(str(step.source)) == step.hash:
                    found.append(step)
                elif hash_on_disk(str(step.target)) != step.hash:
                    left.append((image.name, "It is not the image that was imported any more."))
                    break
            else:
                if found and not _is_free(found):
                    left.append((image.name, "Another image has its name now."))
                else:
                    moves += found
        except WriteFailed as exc:
            left.append((image.name, exc.message))
    return moves


def any_moved(root: Path, aside: str, images: Sequence[Brought], *, back: bool) -> bool:
    """Whether one of the moves was made already."""
    return any(
        hash_on_disk(str(step.source)) != step.hash == hash_on_disk(str(step.target))
        for image in images
        for step in _steps(root, aside, image, back)
    )


def _steps(root: Path, aside: str, image: Brought, back: bool) -> list[Move]:
    place = inside_root(root, image.name)
    former = Move(image.name, inside_root(root, f"{aside}/{image.name}"), place, image.former_hash)
    undone = inside_root(root, f"{aside}{_UNDONE}/{image.name}")
    if back:
        return [Move(image.name, place, undone, image.hash), *([former] if image.former_hash else [])]
    away = Move(image.name, place, former.source, image.former_hash)
    return [*([away] if image.former_hash else []), Move(image.name, undone, place, image.hash)]


def _is_free(steps: Sequence[Move]) -> bool:
    """Whether every target is free, or left by the step before, or reached already but for the old name."""
    left_by = {step.source for step in steps}
    return all(
        step.target in left_by or not os.path.lexists(step.target) or step.target.samefile(step.source)
        for step in steps
    )


def carry_out(moves: Sequence[Move]) -> None:
    """Makes the moves, durably; where one fails those before it are taken back. Raises OSError."""
    done: list[Move] = []
    try:
        for move in moves:
            _move(move.source, move.target)
            done.append(move)
    except OSError:
        take_back(done)
        raise
    for folder in {path.parent for move in moves for path in (move.source, move.target)}:
        with suppress(FileNotFoundError, NotADirectoryError):
            FILES.sync_folder(folder)


def take_back(moves: Sequence[Move]) -> None:
    """Makes the moves the other way round. Raises OSError."""
    for move in reversed(moves):
        _move(move.target, move.source)


def remove_empty_folders(moves: Sequence[Move]) -> None:
    """Removes the folders that came with the images and hold nothing any more."""
    for folder in {move.source.parent for move in moves}:
        with suppress(OSError):
            os.removedirs(folder)


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
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
