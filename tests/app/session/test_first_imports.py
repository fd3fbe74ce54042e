"""What is imported before the first visitor comes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.doubles.repository import ROOT

_PROBE = """
import json, sys
sys.path.insert(0, "")
from app.session.first_imports import folder_is_open, import_ahead
thread = import_ahead()
while "huggingface_hub._snapshot_download" not in sys.modules:
    thread.join(0.01)
print(json.dumps(sorted(sys.modules)))
folder_is_open()
thread.join()
print(json.dumps(sorted(sys.modules)))
"""

# What takes longest of the first page. Whoever is not ready for it makes all visitors wait in a row.
_SLOW = {"pandas", "lib.cache", "lib.clustering", "huggingface_hub.file_download"}
_FOR_LATER_PAGES = {"tensorflow", "keras", "torch", "transformers", "sentence_transformers", "sklearn", "wordcloud"}


def test_what_the_first_page_and_then_the_first_map_wait_for_is_imported_before(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=ROOT,
        env=os.environ | {"TOOLKIT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    loaded, once_a_folder_is_open = (set(json.loads(line)) for line in done.stdout.splitlines()[-2:])
    assert loaded >= _SLOW
    assert not loaded & _FOR_LATER_PAGES
    # The first map of a server has not to wait for it.
    assert once_a_folder_is_open & _FOR_LATER_PAGES == {"sklearn"}
    # An element is made known to the server that runs when its module is imported, so the rooms wait for a visitor.
    assert not [name for name in loaded if name.startswith("app.elements")]
