"""What can be imported, for those who tell people so and for those who choose files: words, and endings."""

from __future__ import annotations

from lib import archives
from lib.dataset.tag_files.sidecar import SUFFIXES as SIDECAR_SUFFIXES
from lib.images import IMAGE_SUFFIXES
from lib.importing import parquet
from lib.importing.registry import TABLES

_ARCHIVES = ("webdata.zip", "WebDataset tars", "a zip or tar of images")
_FOLDER = "a folder"

SOURCES = (*_ARCHIVES, _FOLDER, parquet.LABEL, *(table.label for table in TABLES.values()))
"""What a person may be told that can be imported."""

TABLE_SUFFIXES = tuple(
    sorted({ending for table in TABLES.values() for ending in table.endings}.difference(SIDECAR_SUFFIXES))
)
"""How files end that are a table or the json beside an image. A table in a .txt is told from a tag file by its head."""

READ_SUFFIXES = (*archives.ENDINGS, parquet.ENDING, *TABLE_SUFFIXES, *SIDECAR_SUFFIXES, *IMAGE_SUFFIXES)
"""What an import reads. All else stays where it is, scripts above all."""
