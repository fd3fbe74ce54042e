"""Kept vectors are whole or not there, whatever happens while they are written."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from lib.embedding.hashes import text_key
from lib.embedding.store import VectorStore
from lib.errors import WriteFailed
from lib.sqlite import Database
from tests.doubles.repository import ROOT

FIRST = [text_key(f"first {n}") for n in range(5)]
SECOND = [text_key(f"second {n}") for n in range(7)]


def vectors(count: int, dimensions: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32)


def whole(store: VectorStore, keys: list[bytes]) -> np.ndarray:
    return store.load(keys)[:]


def test_vectors_come_back_under_their_keys_in_the_order_asked_also_to_another_store(tmp_path: Path) -> None:
    kept = vectors(5)
    VectorStore(tmp_path).add(FIRST, kept)
    store = VectorStore(tmp_path)
    assert store.keys() == set(FIRST)
    found = store.load([FIRST[3], FIRST[0], FIRST[3]])
    assert found.shape == (3, 8)
    np.testing.assert_array_equal(found[:], kept[[3, 0, 3]])
    np.testing.assert_array_equal(found[1:2], kept[[0]])


def test_a_key_keeps_the_vector_it_has(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.add(FIRST, vectors(5))
    store.add([FIRST[2], *SECOND], vectors(8, seed=1))
    np.testing.assert_array_equal(whole(store, FIRST), vectors(5))
    np.testing.assert_array_equal(whole(store, SECOND), vectors(8, seed=1)[1:])


def test_asking_leaves_no_file_behind(tmp_path: Path) -> None:
    store = VectorStore(tmp_path / "none")
    assert store.keys() == set()
    assert store.load([]).shape[0] == 0
    assert not (tmp_path / "none").exists()


_KILLED = """
import os, signal, sys
from pathlib import Path
import tests.embedding.test_store as t
from lib.embedding.store import VectorStore
store = VectorStore(Path(sys.argv[1]))
store.add(t.FIRST, t.vectors(5))
setattr(os, sys.argv[2], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
if sys.argv[2] == "write":
    real = VectorStore._append
    def torn(self, offset, data):
        real(self, offset, data[:3])
        os.write()
    VectorStore._append = torn
store.add(t.SECOND, t.vectors(7, seed=1))
"""


@pytest.mark.parametrize("moment", ["fsync", "write"])
def test_a_kill_in_mid_write_costs_only_what_was_being_written(tmp_path: Path, moment: str) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path), moment], cwd=ROOT, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    store = VectorStore(tmp_path)
    assert store.keys() == set(FIRST)
    store.add(SECOND, vectors(7, seed=2))
    np.testing.assert_array_equal(whole(store, FIRST + SECOND), np.concatenate([vectors(5), vectors(7, seed=2)]))


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_keeps_what_was_there_and_says_so(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.add(FIRST, vectors(5, 384))
    many = [text_key(f"many {n}") for n in range(400)]
    with files_no_larger_than(200_000), pytest.raises(WriteFailed, match="cannot be kept") as caught:
        store.add(many, vectors(400, 384, seed=1))
    assert str(tmp_path) in caught.value.message
    assert store.keys() == set(FIRST)
    np.testing.assert_array_equal(whole(store, FIRST), vectors(5, 384))
    store.add(many, vectors(400, 384, seed=1))
    np.testing.assert_array_equal(whole(store, many), vectors(400, 384, seed=1))


def test_another_format_is_made_anew(tmp_path: Path) -> None:
    VectorStore(tmp_path).add(FIRST, vectors(5))
    with Database(tmp_path / "index.sqlite", ()).transaction() as connection:
        connection.execute("UPDATE file SET format = 99")
    store = VectorStore(tmp_path)
    assert store.keys() == set()
    store.add(FIRST, vectors(5, seed=3))
    np.testing.assert_array_equal(whole(store, FIRST), vectors(5, seed=3))
    assert len(list(tmp_path.glob("*.f32"))) == 1


def test_another_number_of_dimensions_is_made_anew_and_readers_keep_theirs(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.add(FIRST, vectors(5))
    reading = store.load(FIRST)
    store.add(SECOND, vectors(7, 12))
    assert VectorStore(tmp_path).keys() == set(SECOND)
    np.testing.assert_array_equal(reading[:], vectors(5))


def test_a_file_shorter_than_its_index_is_made_anew(tmp_path: Path) -> None:
    VectorStore(tmp_path).add(FIRST, vectors(5))
    (file,) = tmp_path.glob("*.f32")
    with file.open("r+b") as opened:
        opened.truncate(40)
    store = VectorStore(tmp_path)
    assert store.keys() == set()
    store.add(FIRST, vectors(5))
    np.testing.assert_array_equal(whole(store, FIRST), vectors(5))


def test_an_index_that_is_no_database_is_put_aside_and_begun_anew(tmp_path: Path) -> None:
    garbage = b"no database at all" * 100
    (tmp_path / "index.sqlite").write_bytes(garbage)
    store = VectorStore(tmp_path)
    assert store.keys() == set()
    store.add(FIRST, vectors(5))
    np.testing.assert_array_equal(whole(store, FIRST), vectors(5))
    (aside,) = tmp_path.glob("index.sqlite.damaged-*")
    assert aside.read_bytes() == garbage


_WRITER = """
import sys
from pathlib import Path
import numpy as np
from lib.embedding.hashes import text_key
from lib.embedding.store import VectorStore
store, who = VectorStore(Path(sys.argv[1])), int(sys.argv[2])
for turn in range(40):
    numbers = [turn, 1000 * who + turn]
    store.add([text_key(str(n)) for n in numbers], np.repeat(np.array(numbers, np.float32)[:, None], 4, axis=1))
"""


def test_several_processes_append_without_harming_each_other(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), str(who)], cwd=ROOT) for who in (1, 2, 3)
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    numbers = [*range(40), *(1000 * who + turn for who in (1, 2, 3) for turn in range(40))]
    store = VectorStore(tmp_path)
    assert store.keys() == {text_key(str(number)) for number in numbers}
    found = whole(store, [text_key(str(number)) for number in numbers])
    np.testing.assert_array_equal(found, np.repeat(np.array(numbers, np.float32)[:, None], 4, axis=1))


def test_a_file_that_is_cut_while_a_store_is_open_is_an_error_that_names_the_way_out(tmp_path: Path) -> None:
    store = VectorStore(tmp_path)
    store.add(FIRST, vectors(5))
    (file,) = tmp_path.glob("*.f32")
    with file.open("r+b") as opened:
        opened.truncate(40)
    with pytest.raises(WriteFailed, match="cut short"):
        store.load(FIRST)
    assert store.keys() == set()
