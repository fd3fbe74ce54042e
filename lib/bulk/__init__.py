"""Changes to many captions, planned first and made afterwards.

Every `plan_` function is pure: it takes records and gives the list of captions that would differ, each with its text
before and after. Captions that cannot be edited (undecodable, or shared with another image and not settled) are left
out. `apply_changes` carries a plan out.
"""

from lib.bulk.affix import plan_affix
from lib.bulk.applying import apply_changes
from lib.bulk.base import Change
from lib.bulk.finding import Matches, find_matches
from lib.bulk.replacing import plan_replace, replace_one
from lib.bulk.tags import (
    Deduplicate,
    LowerCase,
    MoveToFront,
    RemoveTag,
    RenameTag,
    SortByFrequency,
    SortTags,
    StripLeadIns,
    TagOperation,
    TidySpaces,
    plan_tags,
)
from lib.find import Find

__all__ = [
    "Change",
    "Deduplicate",
    "Find",
    "LowerCase",
    "Matches",
    "MoveToFront",
    "RemoveTag",
    "RenameTag",
    "SortByFrequency",
    "SortTags",
    "StripLeadIns",
    "TagOperation",
    "TidySpaces",
    "apply_changes",
    "find_matches",
    "plan_affix",
    "plan_replace",
    "plan_tags",
    "replace_one",
]
