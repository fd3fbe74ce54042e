"""What a small host needs: the most memory that a real server holds at each kind of work, each in a server of its own.

Two figures: what it cannot give back (the kernel counts that against the limit of a container), and all that is in
memory, libraries that are mapped from files included. Weights are made on the spot: of the right size, and random.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from benchmarks.folders import caption_words, many_photos
from benchmarks.table import Row
from tests.browser.conftest import Dashboard, serve
from tests.doubles.visitor import Visitor

_SAMPLES = 8_091
_LIMIT_MB = 1_000
_WORK = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
from pathlib import Path
from lib.clustering import Clusterer
from lib.dataset.scan.scanner import open_dataset
from lib.domain import ClusterSpec
from lib.embedding.registry import make_embedder
from lib.settings import settings
from lib.memory import return_at_once
return_at_once()
import streamlit.web.bootstrap
dataset = open_dataset(Path(sys.argv[1]))
by, method = sys.argv[2].split(".")
path = Path(sys.argv[3]) if len(sys.argv) > 3 else None
embedder = make_embedder(method, settings(), path)
records = dataset.records if by == "tags" else dataset.records[:320]
Clusterer(lambda name: embedder, settings().vectors, ()).run(dataset.root, records, ClusterSpec(by, method, 8, 0))
"""


class Peak:
    """The most that a process holds from now on, in MB: what it cannot give back, and all."""

    def __init__(self, process: int) -> None:
        self._status = Path(f"/proc/{process}/status")
        self._over = threading.Event()
        self.held = self.all = 0.0
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            try:
                lines = dict(line.split(":", 1) for line in self._status.read_text().splitlines() if ":" in line)
                kept, everything = (int(lines[name].split()[0]) * 1_024 / 1e6 for name in ("RssAnon", "VmRSS"))
            except (OSError, KeyError):
                return
            self.held, self.all = max(self.held, kept), max(self.all, everything)

    def end(self) -> tuple[float, float]:
        self._over.set()
        self._watcher.join()
        return self.held, self.all


def _pages(work: Callable[[Dashboard], None]) -> Callable[[Path, Path], tuple[float, float]]:
    def measured(scratch: Path, photos: Path) -> tuple[float, float]:
        with serve(scratch / f"home-{os.urandom(4).hex()}", photos) as server:
            peak = Peak(server.process.pid or 0)
            work(server)
            return peak.end()

    return measured


def _look(server: Dashboard) -> None:
    with Visitor(int(server.url.rpartition(":")[2])) as visitor:
        visitor.look(folder=str(server.photos))
        # Counting tags and checking images go on in the background.
        threading.Event().wait(8)
        visitor.look(folder=str(server.photos), image="photo_004000.jpg")


def _start(server: Dashboard) -> None:
    with Visitor(int(server.url.rpartition(":")[2])) as visitor:
        visitor.look()


def _twenty(server: Dashboard) -> None:
    with ExitStack() as stack:
        visitors = [stack.enter_context(Visitor(int(server.url.rpartition(":")[2]))) for _ in range(20)]
        for number, visitor in enumerate(visitors):
            for step in range(3):
                visitor.look(folder=str(server.photos), image=f"photo_{number * 300 + step:06d}.jpg")


def _run(*arguments: str, home: Path) -> tuple[float, float]:
    environment = os.environ | {"TOOLKIT_HOME": str(home), "HF_HUB_OFFLINE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    peak = Peak(process.pid)
    _, said = process.communicate()
    assert process.returncode == 0, said.decode()[-2_000:]
    return peak.end()


def _minilm(folder: Path) -> Path:
    """Random weights in the layers of all-MiniLM-L6-v2."""
    code = f"""
from sentence_transformers import SentenceTransformer, models
from transformers import BertConfig, BertModel, BertTokenizer
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."] + {caption_words()!r}
words += [f"w{{number}}" for number in range(30_522 - len(words))]
BertModel(BertConfig(vocab_size=30_522, hidden_size=384, num_hidden_layers=6, intermediate_size=1_536)).save_pretrained(
    {str(folder / "bert")!r})
BertTokenizer(vocab={{word: number for number, word in enumerate(words)}}).save_pretrained({str(folder / "bert")!r})
layers = [models.Transformer({str(folder / "bert")!r}, max_seq_length=256), models.Pooling(384), models.Normalize()]
SentenceTransformer(modules=layers).save({str(folder / "minilm")!r})
"""
    _run("-c", code, home=folder)
    return folder / "minilm"


def _network(folder: Path, name: str) -> Path:
    path = folder / f"{name}.weights.h5"
    more = ", alpha=0.25" if name == "MobileNet" else ""
    shape = "weights=None, include_top=False, pooling='avg', input_shape=(224, 224, 3)"
    code = f"import keras; keras.applications.{name}({shape}{more}).save_weights({str(path)!r})"
    _run("-c", code, home=folder)
    return path


def measure(scratch: Path) -> list[Row]:
    photos = many_photos(scratch / "photos", _SAMPLES, width=640, height=480)
    home = scratch / "home"
    found = {
        "start": _pages(_start)(scratch, photos),
        f"Tagging, {_SAMPLES:,} photos": _pages(_look)(scratch, photos),
        "twenty visitors": _pages(_twenty)(scratch, photos),
        "TF-IDF": _run("-c", _WORK, str(photos), "tags.tfidf", home=home),
        "Sentence-BERT": _run("-c", _WORK, str(photos), "tags.sbert", str(_minilm(scratch)), home=home),
        "MobileNet": _run("-c", _WORK, str(photos), "images.mobilenet", str(_network(scratch, "MobileNet")), home=home),
        "ResNet50V2": _run(
            "-c", _WORK, str(photos), "images.resnet50v2", str(_network(scratch, "ResNet50V2")), home=home
        ),
        "an export (Parquet)": _run(
            "-m", "lib", "export", str(photos), str(scratch / "out"), "--format", "parquet", home=home
        ),
    }
    rows = []
    for what, (held, everything) in found.items():
        target = "" if what == "ResNet50V2" else "fits 1 GB"
        rows.append(Row(f"{what}: not to be given back", held, "MB", target, not target or held < 0.9 * _LIMIT_MB))
        rows.append(Row(f"{what}: with mapped files", everything, "MB", "", True))
    return rows
