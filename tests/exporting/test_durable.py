"""An export that stands after a power cut is whole, and of two that end at once neither takes the other's name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.tag_files.locks import locked
from lib.errors import WriteFailed
from lib.exporting.base import ExportOptions
from lib.exporting.registry import EXPORTERS
from lib.exporting.verify import verify
from lib.settings import Settings
from tests.doubles.durable import Disk
from tests.doubles.image_folder import image_folder
from tests.exporting.conftest import Exported, names_in


@pytest.mark.parametrize("options", [ExportOptions(), ExportOptions(zipped=True)], ids=["plain", "zipped"])
@pytest.mark.parametrize("format", EXPORTERS)
def test_an_export_is_on_the_disk_before_it_has_a_name(
    tmp_path: Path, exported: Exported, monkeypatch: pytest.MonkeyPatch, format: str, options: ExportOptions
) -> None:
    root = image_folder(tmp_path / "photos", 4)
    disk = Disk(monkeypatch)
    done = exported(root, format, options=options)
    assert disk.early == []
    assert disk.lost(done.path, done.manifest, tmp_path / "out") == []


def test_many_files_are_on_the_disk_too_before_the_export_has_a_name(
    tmp_path: Path, exported: Exported, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = image_folder(tmp_path / "photos", 40)
    disk = Disk(monkeypatch)
    done = exported(root, "imagefolder")
    assert disk.early == []
    assert disk.lost(done.path, done.manifest, tmp_path / "out") == []


def test_while_an_export_gets_its_name_nobody_else_can_choose_one_there(
    tmp_path: Path, exported: Exported, monkeypatch: pytest.MonkeyPatch, configured: Settings
) -> None:
    out, told = tmp_path / "out", []

    def watched(call: str) -> None:
        real: Any = getattr(os.path if call == "lexists" else os, call)

        def asking(*paths: Any, **options: Any) -> Any:
            if Path(paths[-1]).parent == out and not Path(paths[-1]).name.startswith("."):
                told.append(call)
                with pytest.raises(WriteFailed), locked(configured.locks, out, wait=0):
                    pass
            return real(*paths, **options)

        monkeypatch.setattr(os.path if call == "lexists" else os, call, asking)

    # Asked whether a name is free, then given it.
    watched("lexists")
    watched("rename")
    exported(image_folder(tmp_path / "photos", 2), "csv", out)
    assert {"lexists", "rename"} <= set(told)
    assert len(names_in(out)) == 2


def test_samples_that_are_missing_are_told_though_every_file_is_whole(tmp_path: Path, exported: Exported) -> None:
    done = exported(image_folder(tmp_path / "photos", 3), "csv")
    content = json.loads(done.manifest.read_bytes())
    done.manifest.write_text(json.dumps(content | {"samples": 5}))
    assert verify(done.path).bad == ((done.path.name, "2 samples are missing"),)
