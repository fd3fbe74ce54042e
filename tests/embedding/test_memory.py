"""A model that would not fit is not even imported, and the lighter way is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doubles.repository import ROOT

_LOAD = """
import sys
from pathlib import Path
from lib.embedding.registry import make_embedder
from lib.errors import MemoryShort
from lib.settings import settings
try:
    make_embedder(sys.argv[1], settings(), Path(sys.argv[2])).load()
except MemoryShort as error:
    print(error)
assert not {"tensorflow", "keras", "torch", "sentence_transformers"} & sys.modules.keys()
"""


def _load(method: str, path: Path, memory_mb: int) -> str:
    environment = os.environ | {"TOOLKIT_MEMORY_MB": str(memory_mb), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _LOAD, method, str(path)]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.parametrize(
    ("method", "lighter"), [("resnet50v2", "MobileNet"), ("mobilenet", "TF-IDF"), ("sbert", "TF-IDF")]
)
def test_a_model_that_would_not_fit_names_the_lighter_way(tmp_path: Path, method: str, lighter: str) -> None:
    (tmp_path / "w.h5").write_bytes(b"weights")
    (tmp_path / "config.json").write_text(json.dumps({}))
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    said = _load(method, tmp_path, 300)
    assert "needs about" in said
    assert "of the 300 MB" in said
    assert lighter in said
    assert "Nothing was started" in said
