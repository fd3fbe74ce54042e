"""What a server keeps open for its owners."""

from __future__ import annotations

from pathlib import Path

from lib import cache

_MOST = 3 * 16
"""A SQLite file has a log and an index beside it."""


def test_few_preference_files_stay_open_however_many_owners_come_and_all_keep_theirs(tmp_path: Path) -> None:
    cache.preferences.clear()
    for number in range(40):
        cache.preferences(tmp_path / str(number)).choose("model", number)
    opened = [path for path in Path("/proc/self/fd").iterdir() if str(tmp_path) in _target(path)]
    assert 0 < len(opened) <= _MOST
    assert [cache.preferences(tmp_path / str(number)).choice("model") for number in range(40)] == list(range(40))
    cache.preferences.clear()


def _target(link: Path) -> str:
    # The list itself was open when it was made.
    return str(link.readlink()) if link.is_symlink() else ""
