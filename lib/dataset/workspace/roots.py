"""Which folders a person may open, and what is in them."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from lib.dataset.scan.file_names import is_text
from lib.errors import FolderRefused
from lib.images import IMAGE_SUFFIXES
from lib.settings import Settings

MAX_ENTRIES = 2_000
"""Subfolders listed at most; a picker with more is of no use."""

_PEEK_ENTRIES = 50
_PEEK_SECONDS = 0.3
_COUNT_ENTRIES = 200_000


@dataclass(frozen=True, slots=True)
class Subfolder:
    """`has_images`: some image lies near its beginning; None where there was no time to look, or no permission."""

    name: str
    path: Path
    has_images: bool | None


@dataclass(frozen=True, slots=True)
class BrowsedFolder:
    """What a folder picker shows. `parent` is None where going up is not allowed."""

    path: Path
    parent: Path | None
    folders: tuple[Subfolder, ...]
    images: int
    truncated: bool


def allowed_roots(settings: Settings, owner: str) -> list[Path]:
    """The folders under which an owner may open datasets: the shared ones, and their own."""
    found: list[Path] = []
    for root in (*shared_roots(settings, owner), settings.workspace(owner)):
        try:
            real = root.expanduser().resolve()
        except (OSError, RuntimeError, ValueError):
            continue
        if real not in found:
            found.append(real)
    return found


def shared_roots(settings: Settings, owner: str) -> list[Path]:
    """The administrator's folders; where none are named, the home folder for who sits at the machine, else none.

    A server on loopback was meant for one person, whoever finds a way to it.
    """
    return settings.roots or ([Path.home()] if owner == "local" else [])


def private_folders(settings: Settings) -> tuple[Path, ...]:
    """Folders that a scan must pass over when it comes upon them: the toolkit's own, with other people's uploads."""
    return (settings.home,)


def resolve_folder(text: str, settings: Settings, owner: str) -> Path:
    """The real path of a folder that this owner may open.

    Raises FolderRefused, with the same words for a folder that is not allowed and for one that does not exist
    outside the allowed ones, so that nothing is learnt about the rest of the disk.
    """
    real = resolve_source(text, settings, owner)
    if real.is_dir():
        return real
    lies_in = "Choose the folder that it lies in."
    if not real.name.lower().endswith(IMAGE_SUFFIXES):
        lies_in += " Captions in a table (CSV, JSON, …) or an archive come in by Import, on the Export page."
    raise FolderRefused(f"“{text.strip()}” is a file, not a folder.", lies_in)


def resolve_target(text: str, settings: Settings, owner: str) -> Path:
    """The real path of a folder that this owner may write into, which need not be there yet. Raises FolderRefused.

    The toolkit's own folder is none, the owner's part of it included: what lies there is counted, and removed in time.
    Nor is a hidden one below an allowed root, where programs keep what they start with.
    """
    real = _resolve(text, settings, owner)
    if real.is_relative_to(settings.home.resolve()):
        raise _refusal(settings, owner)
    inside = [real.relative_to(root).parts for root in allowed_roots(settings, owner) if real.is_relative_to(root)]
    if all(any(part.startswith(".") for part in parts) for parts in inside):
        raise FolderRefused(f"“{text.strip()}” is hidden.", "Choose a folder whose path has no name with a dot first.")
    if real.exists() and not real.is_dir():
        raise FolderRefused(f"“{text.strip()}” is a file, not a folder.", "Choose the folder that it lies in.")
    return real


def resolve_source(text: str, settings: Settings, owner: str) -> Path:
    """The real path of a file or folder that this owner may read. Raises FolderRefused as for a folder."""
    real = _resolve(text, settings, owner)
    if real.exists():
        return real
    raise FolderRefused(
        f"There is no folder “{text.strip()}”.", "Check the spelling, or whether it was moved or deleted."
    )


def _resolve(text: str, settings: Settings, owner: str) -> Path:
    """The real path of what is or may come to be in an allowed folder."""
    text = text.strip().strip('"')
    if not text:
        raise FolderRefused("No folder is given.", "Type the path of a folder with images.")
    try:
        path = Path(text).expanduser()
        # Resolved once, links and ".." included; what is checked is what is opened.
        real = path.resolve() if path.is_absolute() else None
        allowed = real is not None and is_text(str(real)) and _is_allowed(real, settings, owner)
        if real is None or not allowed:
            raise _refusal(settings, owner)
        # A name that the system cannot even look up is refused here.
        real.exists()
    except (OSError, ValueError, RuntimeError) as exc:
        raise _refusal(settings, owner) from exc
    return real


def _is_allowed(real: Path, settings: Settings, owner: str) -> bool:
    home = settings.home.resolve()
    if real.is_relative_to(home):
        # The toolkit's own folder may lie in an allowed one; all but the owner's workspace in it is private.
        return real.is_relative_to(settings.workspace(owner).resolve())
    return any(real.is_relative_to(root) for root in allowed_roots(settings, owner))


def _refusal(settings: Settings, owner: str) -> FolderRefused:
    workspace = settings.workspace(owner).resolve()
    roots = [str(root) for root in allowed_roots(settings, owner) if root != workspace]
    return FolderRefused(
        "This path cannot be opened here.",
        f"Give the whole path of a folder in {' or '.join(roots)}." if roots else "Upload your images instead.",
    )


def browse_folder(path: Path, settings: Settings, owner: str) -> BrowsedFolder:
    """The subfolders of a folder and the number of images directly in it. Raises FolderRefused."""
    real = resolve_folder(str(path), settings, owner)
    names: list[str] = []
    images = 0
    truncated = False
    try:
        with os.scandir(real) as entries:
            for entry in islice(entries, _COUNT_ENTRIES):
                if entry.name.startswith(".") or not is_text(entry.name):
                    continue
                if entry.name.lower().endswith(IMAGE_SUFFIXES):
                    images += 1
                elif entry.is_dir() and _is_allowed(Path(os.path.realpath(entry.path)), settings, owner):
                    names.append(entry.name)
                    if len(names) > MAX_ENTRIES:
                        truncated = True
                        break
    except OSError as exc:
        raise FolderRefused(f"“{real}” cannot be listed ({exc.strerror}).", "Choose another folder.") from exc
    parent = real.parent if real.parent != real and _is_allowed(real.parent, settings, owner) else None
    names = sorted(names[:MAX_ENTRIES], key=str.casefold)
    return BrowsedFolder(real, parent, _with_flags(real, names), images, truncated)


def _with_flags(folder: Path, names: list[str]) -> tuple[Subfolder, ...]:
    # Looking into each of 2,000 folders on a network drive could take a minute, hence the limit.
    until = time.monotonic() + _PEEK_SECONDS
    return tuple(
        Subfolder(name, folder / name, _peek(folder / name) if time.monotonic() < until else None) for name in names
    )


def _peek(folder: Path) -> bool | None:
    try:
        with os.scandir(folder) as entries:
            return any(e.name.lower().endswith(IMAGE_SUFFIXES) for e in islice(entries, _PEEK_ENTRIES))
    except OSError:
        return None
