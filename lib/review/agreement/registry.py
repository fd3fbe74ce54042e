"""The scorers by name: a line each, the default first."""

from __future__ import annotations

from lib.registry import Registry
from lib.review.agreement.base import Scorer

SCORERS = Registry[Scorer](
    {
        "own": "lib.review.agreement.own:OwnCaptions",
        "clip": "lib.review.agreement.clip:JointSpace",
        "model": "lib.review.agreement.asked:AskedModel",
        "checklist": "lib.review.agreement.asked:AskedChecklist",
    },
    unknown="There is no scorer “{name}”.",
)
