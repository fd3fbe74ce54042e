"""Hidden folders of processes that were killed go, wherever the toolkit makes them; those in use stay."""

from __future__ import annotations

from pathlib import Path

from lib.dataset.workspace.hidden import clear_hidden, hidden_folder
from tests.doubles.image_folder import settings_at


def test_what_a_killed_push_import_or_export_left_is_removed_for_owners_who_do_not_return(tmp_path: Path) -> None:
    here = settings_at(tmp_path / "home")
    workspace = here.workspace("cookie:gone")
    places = [
        here.home / "pushes",
        workspace,
        workspace / "pushes",
        workspace / "exports" / "photos",
        workspace / "uploads" / "photos",
    ]
    for place in places:
        left = place / ".~dead.part" / "files"
        left.mkdir(parents=True)
        (left / "large.bin").write_bytes(bytes(1000))
        (place / "kept.jpg").write_bytes(b"kept")
    with hidden_folder(here.workspace("cookie:here") / "pushes") as used:
        (used / "part.bin").write_bytes(b"in use")
        clear_hidden(here)
        assert (used / "part.bin").read_bytes() == b"in use"
    assert not list(here.home.rglob("*.part"))
    assert all((place / "kept.jpg").exists() for place in places)
