"""The check of captions as a whole: fixes are carried out as one operation, and undone byte for byte."""

from __future__ import annotations

from lib.dataset.saving.operations import Operations
from lib.review import apply_fixes, plan_fixes, review
from tests.doubles.image_folder import image_folder
from tests.review.opened import bytes_below, opened

BROKEN = {
    "a.jpg": "<think>hm</think>A dog runs.\n",
    "b.jpg": "This image shows a cat.",
    "c.jpg": "A cafÃ© by the sea.",
    "d.jpg": "A dog &amp; a cat.",
    "e.jpg": "A dog runs in the park. A dog runs in the park.",
    "f.jpg": "A bird flies.",
}


def test_what_has_one_safe_mending_is_mended_and_comes_back_byte_for_byte(tmp_path):
    root = image_folder(tmp_path / "set", BROKEN)
    before = bytes_below(root)
    one = opened(root)
    found = review(one.samples, ["captions"])
    assert {finding.images[0] for finding in found.findings if finding.fix} == set(BROKEN) - {"f.jpg"}
    done = apply_fixes(one.store, plan_fixes(found.findings))
    assert [path.read_text() for path in sorted(root.glob("*.txt"))] == [
        "A dog runs.",
        "A cat.",
        "A café by the sea.",
        "A dog & a cat.",
        "A dog runs in the park.",
        "A bird flies.",
    ]
    assert [finding.kind for finding in review(opened(root).samples, ["captions"]).findings] == []
    assert done.operation is not None
    Operations(one.store).undo(done.operation)
    assert {name: data for name, data in bytes_below(root).items() if name in before} == before


def test_a_caption_that_two_images_share_gets_no_fix(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "This image shows a cat.", "a.png": None})
    found = review(opened(root).samples, ["captions"])
    assert {finding.kind for finding in found.findings} == {"opening"}
    assert all(finding.fix is None for finding in found.findings)


def test_the_trigger_that_is_asked_for_is_put_first(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "ohwx, hat, sea", "b.jpg": "hat, sea", "c.jpg": "sea, ohwx"})
    one = opened(root, trigger="ohwx")
    apply_fixes(one.store, plan_fixes(review(one.samples, ["captions"]).findings))
    assert [path.read_text() for path in sorted(root.glob("*.txt"))] == [
        "ohwx, hat, sea",
        "ohwx, hat, sea",
        "ohwx, sea",
    ]


def test_the_chosen_trainer_says_what_is_too_long(tmp_path):
    long = "A dog runs along the beach with a ball and a stick while a boy watches it. " * 5
    root = image_folder(tmp_path / "set", {"a.jpg": long.strip()})

    def told(target):
        found = review(opened(root, targets=(target,)).samples, ["captions"]).findings
        return [(one.severity, one.text) for one in found if one.kind == "too_long"]

    ((severity, text),) = told("sd-scripts")
    assert severity == "warning"
    assert "only the first 75 are read by kohya sd-scripts" in text
    assert told("ai-toolkit") == []


def test_tag_files_without_an_image_are_told(tmp_path):
    root = image_folder(tmp_path / "set", {"a.jpg": "A cat sits."})
    assert not any("no image" in note for note in review(opened(root).samples, ["captions"]).notes)
    (root / "b.txt").write_text("A dog runs.")
    assert "1 tag file has no image: b.txt." in review(opened(root).samples, ["captions"]).notes
    for number in range(4):
        (root / f"c{number}.txt").write_text("A dog runs.")
    assert (
        "5 tag files have no image: b.txt, c0.txt, c1.txt and 2 others."
        in review(opened(root).samples, ["captions"]).notes
    )


def test_a_byte_order_mark_is_found_and_taken_off_and_comes_back(tmp_path):
    captions = {"a.jpg": b"\xef\xbb\xbfA dog runs.\r\n", "b.jpg": "A cat sits."}
    root = image_folder(tmp_path / "set", captions)
    one = opened(root)
    (found,) = review(one.samples, ["captions"]).findings
    assert (found.kind, found.images) == ("byte_order_mark", ("a.jpg",))
    done = apply_fixes(one.store, plan_fixes([found]))
    assert (done.changed, (root / "a.txt").read_bytes()) == (1, b"A dog runs.\r\n")
    assert review(opened(root).samples, ["captions"]).findings == ()
    assert done.operation is not None
    Operations(one.store).undo(done.operation)
    assert (root / "a.txt").read_bytes() == captions["a.jpg"]
