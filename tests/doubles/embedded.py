"""Sinks of `captioner run embed` and `cluster`, made by the real stages with an embedder that needs no model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib.clustering.by_parts.fit import in_turn
from lib.domain import By
from lib.embedding.base import Embedder
from lib.part_jobs import toolkit_version
from lib.parts.job import JOB_FILE, Digest, JobSpec
from lib.parts.sources import Source, source_at
from lib.parts.stages.cluster import ClusterStage
from lib.parts.stages.embed import EmbedStage
from lib.parts.work import commit
from lib.places import place_at
from tests.doubles.embedder import ColourEmbedder, WordEmbedder


def embed_sink(source: Path, sink: Path, by: By = "tags") -> Path:
    """The sink of `run embed`: vectors tell a caption's words, or a picture's mean colour."""
    samples_at, place = source_at(str(source)), place_at(str(sink))
    stage = EmbedStage({"by": by, "method": "sbert" if by == "tags" else "mobilenet"})
    embedder: Embedder = WordEmbedder() if by == "tags" else ColourEmbedder()
    stage._embedder = embedder
    stage.load()
    digest = Digest()
    sink.mkdir(parents=True)
    for part in digest.watch(samples_at.parts(4)):
        scratch = sink.with_name(f"{sink.name}-{part.number}")
        with samples_at.samples(part) as samples:
            commit(place, part, stage(part, samples, scratch))
    options = {"by": by, "method": stage.options["method"]}
    place.put(JOB_FILE, _told("embed", embedder.id, options, samples_at, digest))
    return sink


def cluster_sink_of(source: Path, sink: Path, by: By = "tags", k: int = 2) -> Path:
    """The sink of `run cluster` of the samples at a source, whose vectors lie beside it."""
    vectors = source_at(str(embed_sink(source, sink.with_name(f"{sink.name}-vectors"), by)))
    place, digest = place_at(str(sink)), Digest()
    stage = ClusterStage({"k": k})
    stage.sink = str(sink)
    parts = list(digest.watch(vectors.parts(1)))
    stage.prepare(vectors.place, [part.names[0] for part in parts], place, in_turn)
    stage.load()
    for part in parts:
        commit(place, part, stage.of_table(part, Path(str(vectors)) / part.names[0]))
    place.put(JOB_FILE, _told("cluster", "", {"k": k}, vectors, digest))
    return sink


def _told(stage: str, id: str, options: Mapping[str, Any], source: Source, digest: Digest) -> bytes:
    counts = (digest.hex, 4, digest.parts, digest.samples, toolkit_version())
    return JobSpec(stage, id, options, str(source), *counts).to_json()
