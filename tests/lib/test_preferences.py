"""What an owner keeps between visits."""

from __future__ import annotations

from pathlib import Path

from lib.domain import Origin
from lib.preferences import RECENT_FOLDERS, Draft, Preferences, RecentFolder

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
    folders = [RecentFolder(tmp_path / f"f{number}", True, ".txt") for number in range(RECENT_FOLDERS + 3)]
    for folder in folders:
        folder.root.mkdir()
        kept.remember_folder(folder)
    again = RecentFolder(folders[0].root, False, ".caption")
    kept.remember_folder(again)
    folders[-1].root.rmdir()
    recent = kept.recent_folders()
    assert recent[0] == again
    assert folders[-1] not in recent
    assert len(recent) == RECENT_FOLDERS


def test_a_draft_follows_its_image_to_another_name(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    draft = Draft("x", "abc", Origin())
    kept.keep_draft(ROOT, "a.jpg", draft)
    kept.rename_draft(ROOT, "a.jpg", "b.jpg")
    assert kept.draft(ROOT, "b.jpg") == draft
    assert kept.draft(ROOT, "a.jpg") is None


def test_looking_leaves_no_file_behind(tmp_path: Path) -> None:
    kept = Preferences(tmp_path / "owner")
    assert kept.choice("model", "usual") == "usual"
    assert kept.recent_folders() == []
    assert not (tmp_path / "owner").exists()


def test_a_closed_file_opens_again_at_the_next_use(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    kept.choose("model", "blip")
    kept.close()
    assert kept.choice("model") == "blip"


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
