"""What an owner keeps between visits."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import preferences
from lib.domain import Origin
from lib.errors import WriteFailed
from lib.preferences import RECENT_FOLDERS, Draft, Preferences, RecentFolder
from lib.sqlite import Database

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


def test_saved_filters_are_kept_by_name(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    assert kept.filters() == {}
    kept.save_filter("dogs", {"q": "dog, -cat", "tagged": "tagged"})
    kept.save_filter("Cats", {"q": "cat"})
    kept.save_filter("dogs", {"q": "dog"}, over={"q": "dog, -cat", "tagged": "tagged"})
    assert list(Preferences(tmp_path).filters().items()) == [("Cats", {"q": "cat"}), ("dogs", {"q": "dog"})]
    kept.delete_filter("Cats")
    assert list(kept.filters()) == ["dogs"]


def test_changes_of_stop_words_are_kept_until_reset(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    assert kept.stop_words() == (frozenset(), frozenset())
    kept.change_stop_words(["Photo ", "image", ""], is_one=True)
    kept.change_stop_words(["the", "image"], is_one=False)
    assert Preferences(tmp_path).stop_words() == (frozenset({"photo"}), frozenset({"the", "image"}))
    kept.reset_stop_words()
    assert kept.stop_words() == (frozenset(), frozenset())


def test_preferences_of_an_earlier_version_are_taken_over(tmp_path: Path) -> None:
    earlier = Database(tmp_path / "preferences.sqlite", preferences._MIGRATIONS[:1])
    with earlier.transaction() as connection:
        connection.execute("INSERT INTO prompt_presets VALUES ('short', 'Say it briefly')")
    earlier.close()
    kept = Preferences(tmp_path)
    assert kept.presets() == {"short": "Say it briefly"}
    assert kept.filters() == {}


def test_a_filter_takes_no_other_ones_place_unless_that_one_was_named(tmp_path: Path) -> None:
    kept = Preferences(tmp_path)
    assert kept.save_filter("pets", {"q": "dog"})
    assert kept.save_filter("pets", {"q": "dog"})
    assert not kept.save_filter("pets", {"q": "cat"})
    assert not kept.save_filter("pets", {"q": "cat"}, over={"q": "bird"})
    assert kept.filters() == {"pets": {"q": "dog"}}
    assert kept.save_filter("pets", {"q": "cat"}, over={"q": "dog"})
    assert kept.filters() == {"pets": {"q": "cat"}}


def test_one_owner_keeps_only_so_much_that_is_not_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lib.preferences.MOST_UNSAVED", 10)
    kept = Preferences(tmp_path)
    kept.keep_draft(tmp_path, "a.jpg", Draft("123456", "", Origin()))
    with pytest.raises(WriteFailed, match="no more can be kept"):
        kept.keep_draft(tmp_path, "b.jpg", Draft("12345", "", Origin()))
    assert kept.drafts(tmp_path) == ["a.jpg"]


def test_one_owner_keeps_only_so_many_prompts_filters_and_stop_words(tmp_path: Path) -> None:
    kept, much = Preferences(tmp_path), "x" * (preferences.MOST_KEPT // 2)
    kept.save_preset("fits", much)
    kept.save_filter("too", {"q": "cat"})
    for keep in (
        lambda: kept.save_preset("other", much),
        lambda: kept.save_preset(much, "words"),
        lambda: kept.save_filter("other", {"q": much}),
        lambda: kept.change_stop_words([much], is_one=True),
    ):
        with pytest.raises(WriteFailed, match="together"):
            keep()
    assert (list(kept.presets()), list(kept.filters()), kept.stop_words()[0]) == (["fits"], ["too"], frozenset())
    kept.save_preset("fits", "less")
    kept.save_preset("other", much)
