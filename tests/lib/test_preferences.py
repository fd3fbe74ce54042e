"""What an owner keeps between visits."""

from __future__ import annotations

from pathlib import Path

from lib.domain import Origin
from lib.preferences import RECENT_FOLDERS, Draft, Preferences

ROOT = Path("/photos")


def test_a_draft_survives_a_restart_with_its_origin(tmp_path: Path) -> None:
    draft = Draft("line one\nline two  ", "abc", Origin("generate", "blip", "Describe", {"max_tokens": 9}, edited=True))
    Preferences(tmp_path).keep_draft(ROOT, "a/b.jpg", draft)
    again = Preferences(tmp_path)
    assert again.draft(ROOT, "a/b.jpg") == draft
    assert again.drafts(ROOT) == ["a/b.jpg"]
    assert again.draft(Path("/other"), "a/b.jpg") is None


def test_a_dropped_draft_is_gone(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    kept.keep_draft(ROOT, "a.jpg", Draft("x", "", Origin()))
    kept.drop_draft(ROOT, "a.jpg")
    kept.drop_draft(ROOT, "a.jpg")
    assert kept.draft(ROOT, "a.jpg") is None


def test_recent_folders_are_newest_first_capped_and_still_there(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "owner")
    folders = [tmp_path / f"f{number}" for number in range(RECENT_FOLDERS + 3)]
    for folder in folders:
        folder.mkdir()
        kept.remember_folder(folder)
    kept.remember_folder(folders[0])
    folders[-1].rmdir()
    recent = kept.recent_folders()
    assert recent[0] == folders[0]
    assert folders[-1] not in recent
    assert len(recent) == RECENT_FOLDERS


def test_presets_and_choices_last(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    kept.save_preset("Colours", "Name the colours.")
    kept.save_preset("Colours", "Name three colours.")
    kept.choose("model", "blip")
    again = Preferences(tmp_path)
    assert dict(again.presets()) == {"Colours": "Name three colours."}
    assert again.choice("model") == "blip"
    assert again.choice("unknown", 3) == 3
    again.delete_preset("Colours")
    assert dict(again.presets()) == {}
