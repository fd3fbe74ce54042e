"""Changes to many captions, planned and not yet made. Pure: a plan reads no file and writes none.

Every `plan_` function takes records and gives the list of captions that would differ, each with its text before and
after. Captions that cannot be edited (undecodable, or shared with another image and not settled) are left out.
"""

from lib.bulk.affix import plan_affix
from lib.bulk.base import Change
from lib.bulk.find import Find
from lib.bulk.query import simple_query
from lib.bulk.replacing import plan_replace
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

__all__ = [
    "Change",
    "Deduplicate",
    "Find",
    "LowerCase",
    "MoveToFront",
    "RemoveTag",
    "RenameTag",
    "SortByFrequency",
    "SortTags",
    "StripLeadIns",
    "TagOperation",
    "TidySpaces",
    "plan_affix",
    "plan_replace",
    "plan_tags",
    "simple_query",
]
