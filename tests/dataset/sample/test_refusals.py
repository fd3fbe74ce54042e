"""A disk that refuses while the sample is drawn: it is told, no caption is torn, and another try goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.dataset.sample.folder import make_sample
from lib.errors import WriteFailed
from tests.dataset.saving.test_store import leftovers
from tests.doubles.unwilling_disk import refusing, small_disk

_COUNT = 3


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_whichever_change_is_refused_another_try_goes_on(tmp_path: Path) -> None:
    whole = held(make_sample(tmp_path / "whole", count=_COUNT))
    after = 0
    while True:
        folder = tmp_path / str(after)
        failure = None
        with refusing(folder, after) as refusal:
            try:
                make_sample(folder, count=_COUNT)
            except WriteFailed as exc:
                failure = exc
        if not refusal.refused:
            break
        assert failure is not None
        assert "could not be drawn: the disk is full" in failure.message
        assert "What was drawn before is kept" in failure.hint
        if folder.exists():
            assert not leftovers(folder)
            assert held(folder).items() <= whole.items()
        assert held(make_sample(folder, count=_COUNT)) == whole
        after += 1
    assert after > 2 * _COUNT


@pytest.mark.parametrize("kilobytes", range(8, 64, 8))
def test_a_disk_that_is_really_full_tears_no_caption_and_no_picture(tmp_path: Path, kilobytes: int) -> None:
    whole = held(make_sample(tmp_path / "whole", count=30))
    with small_disk(tmp_path / "small", f"{kilobytes}k") as disk:
        with pytest.raises(WriteFailed, match="disk is full"):
            make_sample(disk / "sample", count=30)
        assert held(disk / "sample").items() <= whole.items()
