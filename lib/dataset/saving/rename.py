"""Gives an image, and the caption that goes with it, another name, never one that is taken."""

from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import replace
from pathlib import Path

from lib.dataset.journal.rows import FileChange, NewOperation
from lib.dataset.saving.store import Store, as_found, saving_errors
from lib.dataset.scan.file_names import is_text
from lib.dataset.tag_files.locks import locked
from lib.dataset.tag_files.paths import inside_root
from lib.dataset.tag_files.presence import Presence
from lib.domain import ImageRecord, Origin
from lib.errors import InvalidInput
from lib.files import Files, new_token, write_atomic
from lib.images import IMAGE_SUFFIXES

LONGEST_NAME = 240
"""Bytes; file systems stop at 255, and exports put something behind."""


def checked_stem(stem: str) -> str:
    """A stem that can be a file name. Raises InvalidInput, saying what is wrong."""
    stem = stem.strip()
    wrong = ""
    if not stem:
        wrong = "A name is needed."
    elif not is_text(stem) or any(char in '/\\\0<>:"|?*' or ord(char) < 32 for char in stem):
        wrong = "The name holds a character that file names cannot have."
    elif stem.startswith(".") or stem.endswith("."):
        wrong = "The name must not start or end with a dot."
    elif len(stem.encode()) > LONGEST_NAME:
        wrong = "The name is too long."
    if wrong:
        raise InvalidInput(wrong, "Nothing was renamed. Choose another name.")
    return stem


def rename_image(store: Store, record: ImageRecord, new_stem: str, *, copy_caption: bool = True) -> ImageRecord:
    """Gives an image a name of its own, with a copy of the caption it shared; gives its new record.

    Never overwrites a file. Raises InvalidInput for a name that is bad or taken, WriteFailed.
    """
    caption = store.read(record)
    data = caption.data if copy_caption and caption.exists and caption.data else None
    with saving_errors(record.name):
        new = _rename_files(store, record, checked_stem(new_stem), data)
    done = replace(record, name=new, shared=False)
    done = as_found(done, store.read(done))
    if store.dataset is not None:
        store.dataset.rename(record.name, done)
    return done


def _rename_files(store: Store, record: ImageRecord, stem: str, caption: bytes | None) -> str:
    """Renames the image and writes `caption` (if any) beside it; gives the image's new relative name.

    The order (caption, second name, removal of the first) loses nothing wherever it is cut short. Raises OSError.
    """
    old = inside_root(store.root, record.name)
    folder = record.folder + "/" if record.folder else ""
    new_name, side_name = f"{folder}{stem}{old.suffix}", f"{folder}{stem}{record.suffix}"
    new, side = inside_root(store.root, new_name), inside_root(store.root, side_name)
    with locked(store.locks, new, side):
        _refuse_taken(old.parent, stem, record.suffix)
        changes = [] if caption is None else [FileChange(side_name, None, caption)]
        detail = {"from": record.name, "to": new_name}
        token, presence = new_token(), Presence([new])
        operation = store.journal.begin(NewOperation("rename", changes, store.owner, Origin("rename"), detail, token))
        try:
            if caption is not None:
                write_atomic(side, caption, token, store.files)
            _link_or_rename(old, new, store.files)
        except BaseException:
            # In a folder that went away nobody can tell: it stays pending, and the next opening asks again.
            if not os.path.lexists(new) and presence.is_kept():
                with contextlib.suppress(OSError):
                    side.unlink()
                store.journal.abandon(operation)
            raise
        store.files.sync_folder(new.parent)
        store.journal.finish(operation)
    return new_name


def _refuse_taken(folder: Path, stem: str, suffix: str) -> None:
    """Refuses a stem that any image or tag file of the folder has, whatever the case of its letters."""
    endings = {*IMAGE_SUFFIXES, suffix.lower()}
    for other in (path.name for path in folder.iterdir()):
        base, dot, ending = other.rpartition(".")
        if base.casefold() == stem.casefold() and (dot + ending).lower() in endings:
            raise InvalidInput(f"“{other}” is there already.", "Nothing was renamed. Choose another name.")


def _link_or_rename(old: Path, new: Path, files: Files) -> None:
    try:
        files.link(old, new)
    except OSError as exc:
        if exc.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL):
            raise
        # No second names on this file system (FAT, some network shares). The lock keeps our own writers away.
        files.replace(old, new)
    else:
        files.remove(old)
