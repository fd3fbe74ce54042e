"""`embed` and `cluster`: vectors of captions or images, and what is alike by them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.clustering import Clusterer, ClusterResult, as_csv
from lib.clustering.layouts import QUICK
from lib.clustering.samples import embed_records
from lib.commands.common import Folder, Json, OnBar, app, open_folder, progress, report
from lib.domain import By, ClusterSpec, Outcome
from lib.embedding.base import Embedder
from lib.embedding.registry import check_method, make_embedder, methods
from lib.errors import InvalidInput
from lib.files import write_atomic, write_errors
from lib.settings import settings
from lib.words import stop_words

CompareBy = Annotated[By, typer.Option("--by", help="The captions, or what the images show.")]
Method = Annotated[str, typer.Option(help=f"{' or '.join(methods('tags'))}; {' or '.join(methods('images'))}.")]
ModelPath = Annotated[
    Path | None, typer.Option("--model-path", help="The model's folder or .h5 file, in place of the usual one.")
]


@app.command()
def embed(
    folder: Folder, by: CompareBy = "tags", method: Method = "", model_path: ModelPath = None, as_json: Json = False
) -> None:
    """Compute the vectors that clusters are made from, and keep them. Only what is new or changed costs time."""
    embedder = _embedder(by, method, model_path)
    dataset, _ = open_folder(folder)
    records = [record for record in dataset.records if record.is_tagged] if by == "tags" else dataset.records
    with progress("Embedding", hidden=as_json) as bar:
        watch = OnBar(bar, "Embedding")
        found = embed_records(dataset.root, records, embedder, settings().vectors, progress=watch)
    counts = {"done": found.done, "reused": found.reused, "failed": len(found.failed)}
    values = counts | {"dimensions": found.vectors.shape[1], "errors": _errors(found.failed)}
    report(values, as_json, ", ".join(f"{count} {what}" for what, count in counts.items()))
    _exit(found.failed)


@app.command()
def cluster(
    folder: Folder,
    k: Annotated[int, typer.Option("--k", min=1, help="The number of clusters.")],
    by: CompareBy = "tags",
    method: Method = "",
    model_path: ModelPath = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clusters.")] = 0,
    out: Annotated[Path | None, typer.Option(help="A CSV file to write: image, cluster, x, y.")] = None,
    as_json: Json = False,
) -> None:
    """Group the images of a folder by what is alike: by tags the tagged ones, by images all."""
    start = time.perf_counter()
    embedder = _embedder(by, method, model_path)
    dataset, _ = open_folder(folder)
    # Only the file tells where samples lie.
    spec = ClusterSpec(by, method or methods(by)[0], k, seed, *([QUICK] if out is None else []))
    with progress("Embedding", hidden=as_json) as bar:
        maker = Clusterer(lambda name: embedder, settings().vectors, stop_words())
        result = maker.run(dataset.root, dataset.records, spec, progress=OnBar(bar, "Embedding"))
    if out is not None:
        _write(out, as_csv(result, for_spreadsheets=False))
    report(_values(result, time.perf_counter() - start), as_json, _sentences(result))
    _exit(result.failed)


def _embedder(by: By, method: str, model_path: Path | None) -> Embedder:
    name = method or methods(by)[0]
    check_method(name, by)
    return make_embedder(name, settings(), model_path)


def _values(result: ClusterResult, seconds: float) -> dict[str, Any]:
    return {
        "k": len(result.clusters),
        "sizes": [cluster.size for cluster in result.clusters],
        "names": [cluster.name for cluster in result.clusters],
        "silhouette": round(result.silhouette, 4),
        "explained_variance": round(result.explained_variance, 4),
        "left_out": sum(result.left_out.values()),
        "left_out_reasons": dict(result.left_out),
        "errors": _errors(result.failed),
        "seconds": round(seconds, 3),
    }


def _sentences(result: ClusterResult) -> str:
    lines = [f"{cluster.number:>4}  {cluster.size:>7,}  {cluster.name}" for cluster in result.clusters]
    lines += [f"Left out: {count:,} ({reason})" for reason, count in result.left_out.items()]
    return "\n".join(lines)


def _errors(failed: Iterable[Outcome]) -> list[dict[str, str]]:
    return [{"image": outcome.name, "reason": outcome.reason} for outcome in failed]


def _exit(failed: Iterable[Outcome]) -> None:
    lines = [f"{outcome.name}: {outcome.reason}" for outcome in failed]
    for line in lines:
        typer.echo(line, err=True)
    if lines:
        raise typer.Exit(1)


def _write(path: Path, text: str) -> None:
    if not path.parent.is_dir():
        raise InvalidInput(f"{path.parent} is not a folder.", "Give the path of a CSV file in a folder that is there.")
    with write_errors(f"“{path}” was not written", "The vectors are kept, so that another try takes seconds."):
        write_atomic(path, text.encode())
