"""All checks of a dataset: a line each, in the order in which they are made and shown."""

from __future__ import annotations

from lib.registry import Registry
from lib.review.base import Check

CHECKS = Registry[Check](
    {
        "agreement": "lib.review.agreement.check:AgreementCheck",
        "duplicates": "lib.review.duplicates.check:DuplicatesCheck",
        "captions": "lib.review.captions.check:CaptionsCheck",
        "pictures": "lib.review.pictures.check:PicturesCheck",
        "trainer": "lib.review.trainers.check:TrainersCheck",
        "coverage": "lib.review.coverage.check:CoverageCheck",
    },
    unknown="There is no check “{name}”.",
)


def checks_named(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names, or all where none is given. Raises InvalidInput for one that is not there."""
    for name in names:
        CHECKS.check(name)
    return tuple(name for name in CHECKS if name in names) if names else tuple(CHECKS)
