"""One fault is one finding where nobody has chosen a trainer; with one chosen all that it would stop at is told."""

from __future__ import annotations

from collections import Counter

import pytest

from lib.review import review
from tests.doubles.image_folder import image_folder
from tests.review.opened import opened

CHECKS = ("captions", "pictures", "trainer")
TAGS = [f"ohwx, {one}, plain" for one in ("hat", "car", "sea", "tree", "dog", "cat", "sun", "sky", "bus", "map")]


@pytest.fixture
def root(tmp_path):
    captions = {f"train/{place}.jpg": text for place, text in enumerate(TAGS)}
    root = image_folder(
        tmp_path / "set",
        captions
        | {
            "val/blank.jpg": "",
            "val/none.jpg": None,
            "val/wide.jpg": "ohwx, a fox, plain".encode("utf-16"),
            "val/opened.jpg": "Here are the tags for the image: ohwx, cow, plain",
            "val/broken.jpg": "ohwx, a hen, plain",
        },
    )
    (root / "val/broken.jpg").write_bytes(b"no picture")
    return root


def test_one_fault_is_told_once_where_no_trainer_was_chosen(root):
    found = review(opened(root).samples, CHECKS).findings
    faults = {f"val/{name}.jpg" for name in ("blank", "none", "wide", "opened", "broken")}
    times = Counter(
        name for one in found if one.kind not in ("small", "blank") for name in one.images if name in faults
    )
    assert times == dict.fromkeys(faults, 1), [(one.kind, one.images) for one in found]
    assert "subfolder" not in {one.kind for one in found}


def test_a_rule_of_several_trainers_is_one_finding_that_says_how_many_they_are(root):
    (finding,) = review(opened(root).samples, CHECKS).of("not_utf8")
    assert "3 other trainers of those known have such a rule" in finding.text
    assert finding.severity == "warning"


def test_several_lines_are_told_where_no_fix_of_the_caption_leaves_one(tmp_path):
    captions = {f"{place}.jpg": text for place, text in enumerate(TAGS)}
    root = image_folder(
        tmp_path / "set",
        captions
        | {
            "fenced.jpg": "```\nohwx, a fox, plain\n```",
            "listed.jpg": "Tags:\n1. ohwx\n2. a fox\n3. plain",
            "lines.jpg": "ohwx, a fox\nplain, red",
            "more.jpg": "ohwx, a hen\nplain, blue",
        },
    )
    found = review(opened(root).samples, CHECKS)
    (finding,) = found.of("several_lines")
    assert set(finding.images) == {"lines.jpg", "more.jpg"}
    assert ": 2 images." in finding.text
    told = Counter(name for one in found.findings if one.kind != "small" for name in one.images)
    assert {told[name] for name in ("fenced.jpg", "listed.jpg", "lines.jpg")} == {1}, found.findings
    chosen = review(opened(root, targets=("sd-scripts",)).samples, CHECKS)
    assert len(chosen.of("several_lines")[0].images) == 4


def test_a_trainer_that_was_chosen_tells_all_that_it_would_stop_at(root):
    kinds = {one.kind for one in review(opened(root, targets=("sd-scripts",)).samples, CHECKS).findings}
    assert {"empty", "empty_tag_file", "no_tag_file", "subfolder", "not_utf8"} <= kinds


def test_asked_for_alone_the_trainers_rules_are_told_in_full(root):
    found = review(opened(root).samples, ["trainer"])
    assert {"no_tag_file", "subfolder", "unreadable"} <= {one.kind for one in found.findings}
    assert found.ready["sd-scripts"] is False
