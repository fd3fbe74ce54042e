"""A zip with as many strange names, as long, as it may have: what they are encoded in is found out soon."""

from __future__ import annotations

import time

import pytest

from lib.importing.zip_names import guessed

TABLE = " ".join(f"слово{number}.jpg" for number in range(120_000)).encode()


@pytest.mark.parametrize(("encoding", "tables"), [("cp866", [TABLE]), ("cp1251", [TABLE]), ("cp866", [])])
def test_many_long_names_do_not_keep_the_server_busy(encoding: str, tables: list[bytes]) -> None:
    names = [f"папка/{'абвгд' * 600}/слово{number}.jpg".encode(encoding) for number in range(4_000)]
    start = time.process_time()
    assert guessed(names, tables) == encoding
    assert time.process_time() - start < 10
