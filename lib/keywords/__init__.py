"""The query language over captions: read, written out, and matched. Knows records as strings only."""

from lib.keywords.base import quoted
from lib.keywords.column_haystack import haystack_of
from lib.keywords.haystack import Haystack
from lib.keywords.query import Query, parse

__all__ = ["Haystack", "Query", "haystack_of", "parse", "quoted"]
