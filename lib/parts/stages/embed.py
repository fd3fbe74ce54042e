"""`embed`: a vector for each picture or caption, under the hash of its content."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.clustering.samples import embed_records
from lib.domain import By
from lib.embedding.base import Embedder
from lib.embedding.registry import check_method, make_embedder, methods
from lib.errors import InvalidInput
from lib.parts.base import DataPart, MadePart, Options, PartSamples, PartStage, rows_table
from lib.settings import settings

if TYPE_CHECKING:
    import pyarrow

_UNTAGGED = "it has no caption"


class EmbedStage(PartStage):
    """Options: `by` ("images" or "tags"), `method`, `model_path` ("" for the usual weights)."""

    about = "Vectors of pictures or captions"
    pace = frozenset({"model_path"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._by: By = options.get("by", "images")
        self.options["method"] = name = str(options.get("method") or methods(self._by)[0])
        check_method(name, self._by)
        path = str(options.get("model_path", ""))
        self._embedder: Embedder = make_embedder(name, settings(), Path(path) if path else None)
        if self._embedder.whole:
            raise InvalidInput(
                f"{self._embedder.label} makes each vector from all captions, so it cannot be made by parts.",
                f"Choose another: {', '.join(one for one in methods(self._by) if one != name)}.",
            )

    @property
    def id(self) -> str:
        return self._embedder.id

    def load(self) -> None:
        self._embedder.load()

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        records = [one for one in samples.usable if one.is_tagged or self._by == "images"]
        rows: dict[str, dict[str, Any]] = {key: {"key": key, "error": why} for key, why in samples.refused.items()}
        keys = samples.key_of()
        if records:
            found = embed_records(samples.root, records, self._embedder, scratch / "vectors")
            vectors = found.vectors[0 : len(found.names)]
            for name, hash, vector in zip(found.names, found.keys, vectors, strict=True):
                rows[keys[name]] = {"key": keys[name], "hash": hash, "vector": vector}
            rows |= {keys[one.name]: {"key": keys[one.name], "error": one.reason} for one in found.failed}
        untagged = {"error": _UNTAGGED}
        return MadePart(rows_table([rows.get(key, {"key": key, **untagged}) for key in samples.keys], self.schema()))

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        vector = pyarrow.list_(pyarrow.float32(), self._embedder.dimensions)
        fields = [
            ("key", pyarrow.string()),
            ("hash", pyarrow.binary()),
            ("vector", vector),
            ("error", pyarrow.string()),
        ]
        return pyarrow.schema(fields)
