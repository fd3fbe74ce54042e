"""What a server may take is what its container or machine allows, less a reserve; what does not fit is not begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import memory
from lib.errors import MemoryShort
from lib.settings import settings

GB = 1_000_000_000


def _cgroup(tmp_path: Path, line: str, **limits: str) -> int:
    proc, root = tmp_path / "cgroup", tmp_path / "fs"
    proc.write_text(line + "\n")
    for place, limit in limits.items():
        path = root / place.replace("__", "/").replace("memory_max", "memory.max").replace("_in_", ".limit_in_")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(limit + "\n")
    return memory.cgroup_bytes(proc, root)


def test_the_tightest_limit_of_groups_within_groups_counts(tmp_path: Path) -> None:
    limits = {"host__pod__memory_max": "1000000000", "host__memory_max": "2000000000"}
    assert _cgroup(tmp_path, "0::/host/pod", **limits) == GB
    assert _cgroup(tmp_path, "0::/host/pod", **limits | {"host__memory_max": "500000000"}) == GB // 2


def test_a_container_sees_its_own_limit_at_the_top(tmp_path: Path) -> None:
    assert _cgroup(tmp_path, "0::/not/to/be/seen", memory_max="700000000") == 700_000_000


def test_the_first_version_of_groups_is_read_too(tmp_path: Path) -> None:
    line = "7:cpu:/a\n4:memory:/docker/abc"
    assert _cgroup(tmp_path, line, memory__docker__abc__memory_in_bytes="600000000") == 600_000_000


@pytest.mark.parametrize("limit", ["max", "9223372036854771712", ""])
def test_no_limit_is_plenty(tmp_path: Path, limit: str) -> None:
    assert _cgroup(tmp_path, "0::/", memory_max=limit) > 1_000 * GB


def test_without_a_setting_a_reserve_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_found", lambda: 1 * GB)
    assert memory.allowed() == 900_000_000
    monkeypatch.setattr(memory, "_found", lambda: 64 * GB)
    assert memory.allowed() == 63_500_000_000


def test_what_does_not_fit_says_how_much_and_what_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_MEMORY_MB", "1000")
    settings.cache_clear()
    monkeypatch.setattr(memory, "in_use", lambda: 300_000_000)
    with memory.room_for(700_000_000, "It", ""):
        pass
    with pytest.raises(MemoryShort) as caught, memory.room_for(701_000_000, "ResNet50V2", "Choose MobileNet."):
        pass
    for words in ("ResNet50V2 needs about 701 MB", "300 MB of the 1,000 MB", "Choose MobileNet.", "TOOLKIT_MEMORY_MB"):
        assert words in str(caught.value)


def test_what_is_about_to_come_counts_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_MEMORY_MB", "1000")
    settings.cache_clear()
    monkeypatch.setattr(memory, "in_use", lambda: 200_000_000)
    with memory.room_for(500_000_000, "ResNet50V2", ""):
        assert memory.left() == 300_000_000
        told = r"200 MB of the 1,000 MB .* in use, and 500 MB more are about to be"
        with pytest.raises(MemoryShort, match=told), memory.room_for(400_000_000, "Sentence-BERT", ""):
            pass
        with memory.room_for(300_000_000, "MobileNet", ""):
            assert memory.left() == 0
    with pytest.raises(KeyError), memory.room_for(800_000_000, "It", ""):
        raise KeyError
    assert memory.left() == 800_000_000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="read from Linux's /proc")
def test_what_is_held_is_counted() -> None:
    before = memory.in_use()
    held = bytearray(b"x" * 80_000_000)
    assert memory.in_use() > before + 70_000_000
    del held
    memory.give_back()
    assert memory.in_use() < before + 40_000_000
