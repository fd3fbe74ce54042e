"""A model that would not fit is not even imported, and the lighter way is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from lib.errors import MemoryShort
from lib.memory import in_use
from lib.settings import settings
from tests.doubles.embedder import WordEmbedder
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


class _Heavy(WordEmbedder):
    """Says that it needs 100 MB, and comes into memory when it is let."""

    model_mb = 100

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.may_end = threading.Event(), threading.Event()

    def _load(self) -> Any:
        self.begun.set()
        assert self.may_end.wait(30)
        return super()._load()


def test_of_two_models_that_fit_only_one_at_a_time_the_second_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_MEMORY_MB", str(in_use() // 1_000_000 + 150))
    settings.cache_clear()
    first, second = _Heavy(), _Heavy()
    second.may_end.set()
    thread = threading.Thread(target=first.load)
    thread.start()
    try:
        assert first.begun.wait(30)
        with pytest.raises(MemoryShort, match="100 MB more are about to be"):
            second.load()
        assert second.loads == 0
    finally:
        first.may_end.set()
        thread.join()
    # It took nothing, so that both fit after all.
    second.load()
    assert (first.loads, second.loads) == (1, 1)
