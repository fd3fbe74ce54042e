"""The short form of `make soak`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak.pictures import COUNT
from tests.soak.report import report, wrong
from tests.soak.run import soak


@pytest.mark.soak
def test_fifty_visitors_work_for_a_minute_and_leave_nothing_behind(
    tmp_path: Path, seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    done = soak(tmp_path, seconds=60, visitors=50, count=COUNT, seed=seed)
    with capsys.disabled():
        # Figures that nobody sees would be no figures.
        print(f"\n{report(done)}")  # noqa: T201
    # How long it took is for `make soak` on a quiet machine to judge.
    assert wrong(done) == []
