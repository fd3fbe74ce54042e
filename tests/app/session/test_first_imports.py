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
from app.session.first_imports import import_ahead
import_ahead().join()
print(json.dumps(sorted(sys.modules)))
"""

# What takes longest of the first page. Whoever is not ready for it makes all visitors wait in a row.
_SLOW = {"pandas", "lib.cache", "lib.clustering", "huggingface_hub.file_download"}
_FOR_LATER_PAGES = {"tensorflow", "keras", "torch", "transformers", "sentence_transformers", "sklearn", "wordcloud"}


def test_what_the_first_page_waits_for_longest_is_there_before_it_and_nothing_of_later_pages(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROBE],
        cwd=ROOT,
        env=os.environ | {"TOOLKIT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded >= _SLOW
    assert not loaded & _FOR_LATER_PAGES
    # An element is made known to the server that runs when its module is imported, so the rooms wait for a visitor.
    assert not [name for name in loaded if name.startswith("app.elements")]
