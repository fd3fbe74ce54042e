"""What may be cut into parts: a folder with tag files, an imagefolder, WebDataset shards, Parquet."""

from __future__ import annotations

from itertools import islice

from lib.errors import InvalidInput
from lib.parts.sources.base import Source
from lib.places import place_at
from lib.registry import Registry
from lib.urls import Url, parse_url

__all__ = ["SOURCES", "Source", "source_at"]

SOURCES = Registry[Source](
    {
        "shards": "lib.parts.sources.shards:ShardSource",
        "image-folder": "lib.parts.sources.imagefolder:ImageFolderSource",
        "tables": "lib.parts.sources.tables:TableSource",
        "folder": "lib.parts.sources.folder:FolderSource",
    },
    unknown="There is no kind of source “{name}”.",
)
"""In the order in which they are tried."""

_LOOKED_AT = 1_000
"""Names that tell of what kind a source is; all of a million are seen when it is cut."""


def source_at(url: str | Url) -> Source:
    """The source at a path or address, or the one shard or table that it names; of its kind by what lies there.

    Raises InvalidInput where nothing does, and what listing raises.
    """
    found = parse_url(url) if isinstance(url, str) else url
    only = ""
    if found.path.lower().endswith((".tar", ".parquet")):
        above, _, only = found.path.replace("\\", "/").rpartition("/")
        found = Url(found.scheme, above or "/")
    place = place_at(found)
    names = [only] if only else [entry.name for entry in islice(place.files(), _LOOKED_AT)]
    if not names:
        raise InvalidInput(f"There is nothing at “{place}”.", "Check the path or the address.")
    for kind in SOURCES.values():
        if kind.recognises(names, place):
            return kind(place, only)
    raise InvalidInput(f"“{place}” holds no image, shard or table.", "Check the path or the address.")
