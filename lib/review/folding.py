"""One fault is told once: what no trainer was chosen for is left to the check that tells it better. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from lib.review.findings import Finding
from lib.text import counted

TOLD_BY = {
    "empty_tag_file": ("captions", "empty"),
    "no_tag_file": ("captions", "empty"),
    "no_caption": ("captions", "empty"),
    "not_utf8": ("captions", "undecodable"),
    "unreadable": ("pictures", "unreadable"),
    "turned": ("pictures", "turned"),
    "aspect": ("pictures", "odd_shape"),
    "same_key": ("trainer", "one_tag_file"),
}
"""What a trainer's rule says again of the images that another check has told the same of."""
_MENDED_BY = {"several_lines": ("leftovers", "markup", "opening")}
"""Kinds of faults of captions whose mending mends what a rule says of the same image as well."""
_HOW_IT_IS_GIVEN = ("subfolder",)
"""Rules on how a folder is handed to one trainer: nothing is wrong with the dataset."""


def folded(findings: Sequence[Finding], checks: Collection[str]) -> list[Finding]:
    """The findings of a review for no chosen trainer, without those that say the same of the same images again.

    `checks` are those that were made: asked for alone, the trainers' rules are told in full.
    """
    if len(checks) < 2:
        return list(findings)
    told: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for one in findings:
        told[one.check, one.kind].update(one.images)
    others = [one for one in findings if one.check != "trainer" or not _is_told(one, told)]
    mended = {kind: _mended_by(findings, kinds) for kind, kinds in _MENDED_BY.items()}
    return [left for one in others if (left := _without(one, mended.get(one.kind, set()))) is not None]


def _mended_by(findings: Sequence[Finding], kinds: Collection[str]) -> set[str]:
    """The images whose caption a fix of these kinds leaves in one line."""
    fixes = [one.fix for one in findings if one.check == "captions" and one.kind in kinds and one.fix is not None]
    return {change.name for fix in fixes for change in fix.changes if "\n" not in change.after.strip()}


def _without(finding: Finding, images: Collection[str]) -> Finding | None:
    """A finding without images of which another one tells the same; None where none is left."""
    left = tuple(name for name in finding.images if name not in images)
    if len(left) == len(finding.images) or finding.check != "trainer":
        return finding
    # "stops at …: 3 images."
    text = finding.text.replace(f": {counted(len(finding.images), 'image')}.", f": {counted(len(left), 'image')}.")
    return replace(finding, images=left, text=text, rank=-float(len(left))) if left else None


def _is_told(finding: Finding, told: dict[tuple[str, str], set[str]]) -> bool:
    if finding.kind in _HOW_IT_IS_GIVEN:
        return True
    by = TOLD_BY.get(finding.kind)
    return by is not None and by in told and told[by].issuperset(finding.images)
