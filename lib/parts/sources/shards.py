"""WebDataset shards: a shard is a part."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lib.archives import TAR_ENDINGS
from lib.errors import InvalidInput
from lib.importing.base import ImportTarget
from lib.importing.reading import read_source
from lib.importing.tables.results import Reading
from lib.parts.base import DataPart, PartSamples
from lib.parts.sources.base import FileSource
from lib.parts.sources.staging import OrderedStage, local_file, record_of
from lib.settings import settings


class ShardSource(FileSource):
    kind = "WebDataset shards"
    endings = TAR_ENDINGS

    @contextmanager
    def samples(self, part: DataPart) -> Iterator[PartSamples]:
        (shard,) = part.names
        with tempfile.TemporaryDirectory(prefix="part-") as folder:
            root = Path(folder).resolve()
            stage = OrderedStage(root)
            with local_file(self.place, shard, root) as path:
                target = ImportTarget(root, settings(), "")
                try:
                    read_source(path, target, stage, Reading(), lambda: ())
                except InvalidInput as error:
                    stage.refuse(shard, error.message)
            # What is said of the shard itself has its name.
            keys = {id: shard if shard.endswith(id) else f"{shard}/{id}" for id in stage.order}
            records = {keys[id]: record_of(staged, root, staged.name) for id, staged in stage.images.items()}
            refused = {keys[id]: reason for id, reason in stage.refused.items()}
            yield PartSamples(root, tuple(keys.values()), records, refused)
