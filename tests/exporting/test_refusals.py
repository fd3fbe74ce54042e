"""Whichever change the disk refuses during an export, the failure is told in words and nothing half is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.errors import WriteFailed
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from tests.doubles.image_folder import image_folder
from tests.doubles.unwilling_disk import refusing
from tests.exporting.conftest import Exported, names_in


@pytest.mark.parametrize("format", list(EXPORTERS))
def test_whichever_change_is_refused_nothing_of_the_export_is_left(
    tmp_path: Path, exported: Exported, format: str
) -> None:
    photos = image_folder(tmp_path / "photos", 3)
    exported(photos, format, tmp_path / "loaded")
    after = 0
    while True:
        out = tmp_path / f"out{after}"
        failure = None
        with refusing(out, after) as refusal:
            try:
                exported(photos, format, out)
            except WriteFailed as exc:
                failure = exc
        if not refusal.refused:
            break
        assert failure is not None, f"change {after} was refused, and nobody said so"
        assert "the disk is full" in failure.message
        assert "Nothing of it is left" in failure.hint
        assert not out.exists() or names_in(out) == []
        after += 1
    assert after > 4, "it was never asked for anything"
    assert verify(out).bad == ()
