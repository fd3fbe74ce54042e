"""A folder as every command opens it, and the toolkit's own folder, which every command needs."""

from __future__ import annotations

import os
from pathlib import Path

from lib.commands.screen import Screen
from lib.dataset.base import Dataset
from lib.dataset.saving.open_journal import journal_for
from lib.dataset.saving.store import Store
from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.dataset.workspace.hidden import clear_killed, pictures_left
from lib.errors import InvalidInput, WriteFailed
from lib.files import cause_of
from lib.owners import LOCAL
from lib.private import close_home, private_folder
from lib.settings import settings
from lib.tables.cluster_sink import cluster_sink
from lib.tables.exported_map import real_path
from lib.tables.opening import is_table, open_table
from lib.tables.operations import table_store

OWNER = LOCAL
"""Whoever runs the command line is the owner of this machine's toolkit data."""

_ELSEWHERE = "Let TOOLKIT_HOME name a folder that may be written to. No caption and no image was touched."


def open_folder(folder: Path, screen: Screen) -> tuple[Dataset, Store]:
    """A folder's images and the way to their captions, or those of a table: a sink of “captioner run”, or Parquet.

    Raises InvalidInput for what is neither, WriteFailed.
    """
    if is_table(folder):
        if (sink := cluster_sink(str(folder), real_path)) is not None:
            raise InvalidInput(
                f"“{folder}” holds clusters of the samples in {sink.samples}, and no captions.",
                f"Give {sink.samples}. “captioner export … --clusters {folder}” takes the clusters along.",
            )
        open_home()
        store = table_store(open_table(folder.resolve(), settings()), OWNER, settings())
        return store.table, store
    if not folder.is_dir():
        raise InvalidInput(f"{folder} is not a folder.", "Give the path of a folder of images.")
    open_home()
    journal = journal_for(folder.resolve(), settings())
    if (left := pictures_left(clear_killed(folder))) is not None:
        screen.note(str(left))
    dataset = open_dataset(folder, OpeningOptions(shared_allowed=journal.shared_allowed()))
    return dataset, Store(dataset.root, journal, OWNER, settings(), dataset)


def open_home() -> None:
    """Makes sure that the toolkit's own folder is there and can be written to. Raises WriteFailed."""
    home = settings().home
    try:
        private_folder(home)
        if not os.access(home, os.W_OK | os.X_OK):
            # Tried, since access(2) tells no reason.
            probe = home / ".writable"
            probe.touch()
            probe.unlink()
    except OSError as exc:
        cause = "it is no folder" if isinstance(exc, FileExistsError | NotADirectoryError) else cause_of(exc)[0]
        raise WriteFailed(f"The toolkit's own folder “{home}” cannot be used: {cause}.", _ELSEWHERE) from exc
    close_home(home)
