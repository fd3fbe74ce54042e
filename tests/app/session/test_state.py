"""What a room keeps begins anew with another folder, as far as the room says, and follows a rename."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from app.session.state import AppState, RoomState


@dataclass
class _Counted(RoomState):
    count: int = 0

    def after_opening(self, *, is_other: bool) -> _Counted:
        return _Counted() if is_other else self

    def image_renamed(self, state: AppState, old: str, new: str) -> None:
        self.count += 1


RoomState.kinds.remove(_Counted)


@pytest.fixture(autouse=True)
def known_here_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that open the dashboard ask every room that there is."""
    monkeypatch.setattr(RoomState, "kinds", [_Counted])


def test_a_room_gets_its_own_state_and_the_same_each_time() -> None:
    state = AppState("ann")
    state.of(_Counted).count = 3
    assert state.of(_Counted).count == 3
    assert AppState("bob").of(_Counted).count == 0
    state.forget(_Counted)
    assert state.of(_Counted).count == 0


def test_a_room_that_was_never_used_is_told_all_the_same() -> None:
    state = AppState("ann")
    for room in state.all_rooms():
        if isinstance(room, _Counted):
            room.image_renamed(state, "a.jpg", "b.jpg")
    assert state.of(_Counted).count == 1


def test_a_room_says_what_is_left_of_it_in_another_folder() -> None:
    kept = _Counted(3)
    assert kept.after_opening(is_other=False).count == 3
    assert kept.after_opening(is_other=True).count == 0


def test_a_room_that_says_nothing_begins_anew() -> None:
    @dataclass
    class Silent(RoomState):
        count: int = 0

    assert Silent(3).after_opening(is_other=False).count == 0
