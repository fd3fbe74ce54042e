"""The ways out where a model is missing: those that are told of clusters lead nowhere in a review or a search."""

from __future__ import annotations

import copy
from typing import TypeVar

from lib.embedding.base import WAYS_OUT
from lib.errors import ToolkitError

E = TypeVar("E", bound=ToolkitError)

_IN_A_LIST = ", or cluster by tags with TF-IDF."


def with_way_out(error: E, way: str) -> E:
    """The same error, with another way out where it tells to cluster by tags, which is not what was asked for."""
    hint = error.hint.replace(WAYS_OUT, way).replace(_IN_A_LIST, f". {way}")
    if hint == error.hint:
        return error
    found = copy.copy(error)
    found.hint = hint
    return found.with_traceback(None)
