"""What a dataset says of itself: captions that do not fit, twins, pictures and texts that a trainer would choke on.

`review` asks the checks that are wanted and gives a `Review`; `apply_fixes` carries out what they propose.
"""

from lib.review.base import Check
from lib.review.findings import CheckReport, Finding, Fix, Severity, Subject, TwinGroup, Unmeasured
from lib.review.fixing import apply_fixes, plan_fixes
from lib.review.result import Review, as_json, scores_csv
from lib.review.reviewing import judge_right, review
from lib.review.samples import ReviewOptions, ReviewSamples, samples_under_review

__all__ = [
    "Check",
    "CheckReport",
    "Finding",
    "Fix",
    "Review",
    "ReviewOptions",
    "ReviewSamples",
    "Severity",
    "Subject",
    "TwinGroup",
    "Unmeasured",
    "apply_fixes",
    "as_json",
    "judge_right",
    "plan_fixes",
    "review",
    "samples_under_review",
    "scores_csv",
]
