"""One fault is told once: what no trainer was chosen for is left to the check that tells it better. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from lib.review.findings import Finding

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
    return [one for one in findings if one.check != "trainer" or not _is_told(one, told)]


def _is_told(finding: Finding, told: dict[tuple[str, str], set[str]]) -> bool:
    if finding.kind in _HOW_IT_IS_GIVEN:
        return True
    by = TOLD_BY.get(finding.kind)
    return by is not None and by in told and told[by].issuperset(finding.images)
