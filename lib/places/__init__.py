"""One face for folders and buckets: list, open, write whole or not at all."""

from __future__ import annotations

from lib.places.base import DataPlace, Entry
from lib.places.bucket import BucketPlace
from lib.places.folder import FolderPlace
from lib.urls import Url, parse_url

__all__ = ["DataPlace", "Entry", "FolderPlace", "place_at"]


def place_at(url: str | Url) -> DataPlace:
    """The place at a path or address; nothing is read yet.

    Raises InvalidInput for an address that is not read, MissingDependency where a package for it is not installed.
    """
    found = parse_url(url) if isinstance(url, str) else url
    return FolderPlace(found) if found.is_local else BucketPlace(found)
