"""What a card says of how captions were made, and no heading over nothing."""

from __future__ import annotations

from lib.exporting.dataset_card import card_section

HEADING = "\n### Prompts\n"


def test_prompts_stand_under_a_heading_where_a_model_had_one() -> None:
    made = {"kind": "generate", "model": "m", "prompt": "Describe it.", "edited": False}
    card = card_section("ada/birds", {"train": ["a robin"]}, [made], 0)
    assert f"- 1 by `m`\n{HEADING}\n1 by `m`:\n\n    Describe it.\n" in card


def test_there_is_no_heading_for_prompts_where_there_was_none() -> None:
    by_hand, unasked = {"kind": "edit"}, {"kind": "generate", "model": "m", "prompt": "", "edited": False}
    card = card_section("ada/birds", {"train": ["a robin", "a wren"]}, [by_hand, unasked], 0)
    assert "- 1 written or changed by hand" in card
    assert HEADING not in card
