"""Parquet with images in it, or with paths of images that lie beside it: a file is a part."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.errors import ToolkitError
from lib.importing import parquet
from lib.importing.captions import Said
from lib.importing.stage import Staged
from lib.importing.tables.results import NotUnderstood, Row
from lib.parts.base import EDITS, DataPart, PartSamples
from lib.parts.sources.base import FileSource
from lib.parts.sources.staging import OrderedStage, local_file, record_of


class TableSource(FileSource):
    kind = "Parquet"
    endings = (parquet.ENDING,)
    passed_over = (f"{EDITS}/",)

    @contextmanager
    def samples(self, part: DataPart) -> Iterator[PartSamples]:
        (table,) = part.names
        with tempfile.TemporaryDirectory(prefix="part-") as folder:
            root = Path(folder).resolve()
            stage = OrderedStage(root)
            with local_file(self.place, table, root) as path:
                found = parquet.read(path, table, stage, edited=dict(part.edits))
            if isinstance(found.found, NotUnderstood) and not stage.order:
                stage.refuse(table, found.found.reason)
            beside = table.rpartition("/")[0]
            for row in found.rows:
                self._fetch(row, f"{beside}/{row.key}" if beside else row.key, stage)
            yield _together(stage, root)

    def _fetch(self, row: Row, name: str, stage: OrderedStage) -> None:
        """An image that the table names, from where it lies beside it."""
        try:
            with self.place.open(name) as file:
                stage.image(row.key, file)
        except FileNotFoundError:
            stage.refuse(row.key, "it is not there")
        except ToolkitError as error:
            stage.refuse(row.key, error.message)
        if (staged := stage.images.get(row.key)) is not None:
            staged.texts += [Said(text) for text in row.texts]


def _together(stage: OrderedStage, root: Path) -> PartSamples:
    keys: dict[str, str] = {}
    taken: set[str] = set()
    for id in stage.order:
        name = _own_name(id, stage.images.get(id))
        # Two rows of one name are told apart by their places in the table.
        keys[id] = id if name in taken else name
        taken.add(keys[id])
    records = {keys[id]: record_of(staged, root, staged.name) for id, staged in stage.images.items()}
    refused = {keys[id]: reason for id, reason in stage.refused.items()}
    return PartSamples(root, tuple(keys.values()), records, refused)


def _own_name(id: str, staged: Staged | None) -> str:
    if staged is None:
        return id
    stem, _, ending = staged.name.rpartition(".")
    return f"{id}.{ending}" if stem == id.rpartition("/")[2] else staged.name
