"""What the first page needs is imported while the server waits for its first visitor, and not while they all wait.

Python imports a module once, and whoever wants it meanwhile waits for its lock: twenty visitors who came to a server
that had just been started waited longer for pandas, which Streamlit wants for the first element, than for their folder.
"""

from __future__ import annotations

import importlib
import logging
import threading
from collections.abc import Sequence

_MODULES = (
    "pandas",
    "pyarrow.compute",
    "lib.cache",
    "lib.dataset.sample.folder",
    "lib.caption_runs",
    "lib.dataset.saving.undo_redo",
    "huggingface_hub.file_download",
    "huggingface_hub._snapshot_download",
)
"""Nothing of the rooms: their elements are made known to the server that runs when they are imported."""

_FOR_A_MAP = (
    "sklearn.feature_extraction.text",
    "sklearn.decomposition",
    "sklearn.cluster",
    "scipy.optimize",
    "sklearn.preprocessing",
    "lib.clustering.clusterer",
)
"""What Clusters wants for the first map by words, the most of its time on a server where nobody has been. It begins
once a folder is open: a server that waits holds none of it (60 MB), and the first page comes first."""

_a_folder_is_open = threading.Event()
_can_make_a_map = threading.Event()
_is_begun = False
_LONGEST_S = 60.0

_log = logging.getLogger(__name__)


def import_ahead() -> threading.Thread:
    """Begin with it, in a thread that nobody has to wait for; what a map needs waits for `folder_is_open`."""
    global _is_begun
    _is_begun = True
    thread = threading.Thread(target=_import_all, name="first imports", daemon=True)
    thread.start()
    return thread


def folder_is_open() -> None:
    """Say that somebody has a folder before them."""
    _a_folder_is_open.set()


def wait_for_map_imports() -> bool:
    """Wait until what a map needs is imported; False where nobody does that ahead."""
    return _is_begun and _can_make_a_map.wait(_LONGEST_S)


def _import_all() -> None:
    _import(_MODULES)
    _a_folder_is_open.wait()
    _import(_FOR_A_MAP)
    _can_make_a_map.set()


def _import(modules: Sequence[str]) -> None:
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            # Whoever needs it says what is missing.
            _log.info("%s was not imported ahead", module, exc_info=True)
