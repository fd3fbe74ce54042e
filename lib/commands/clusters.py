"""`embed` and `cluster`: vectors of captions or images, and what is alike by them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from lib.clustering import Clusterer, ClusterResult, as_csv
from lib.clustering.clusterer import check_k
from lib.clustering.layouts import QUICK
from lib.clustering.samples import embed_records, foresee_records, samples_of
from lib.commands.command import DryRun, Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Failure, Result, entries
from lib.commands.screen import Screen
from lib.commands.selecting import Meant, Selector
from lib.commands.table_out import check_out
from lib.dataset.base import Dataset
from lib.domain import By, ClusterSpec, ImageRecord
from lib.embedding.base import Embedder
from lib.embedding.registry import check_method, make_embedder, methods
from lib.files import write_atomic, write_errors
from lib.records import captions_of
from lib.settings import settings
from lib.text import counted
from lib.words import stop_words

CompareBy = Annotated[By, typer.Option("--by", help="The captions, or what the images show.")]
Method = Annotated[str, typer.Option(help=f"{' or '.join(methods('tags'))}; {' or '.join(methods('images'))}.")]
ModelPath = Annotated[
    Path | None,
    typer.Option("--model-path", help="The model's folder or .h5 file, in place of the usual one.", show_default=False),
]


@command()
def embed(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    by: CompareBy = "tags",
    method: Method = "",
    model_path: ModelPath = None,
    dry_run: DryRun = False,
) -> Result:
    """Compute the vectors that clusters are made from, and keep them. Only what is new or changed costs time."""
    embedder = _embedder(by, method, model_path)
    dataset, _ = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    records = [record for record in selected.records if record.is_tagged] if by == "tags" else selected.records
    if dry_run:
        return _foreseen(dataset.root, records, embedder, selected, screen)
    with screen.progress("Embedding") as progress:
        found = embed_records(dataset.root, records, embedder, settings().vectors, progress=progress)
    failed = [(outcome.name, outcome.reason) for outcome in found.failed]
    counts = {"done": found.done, "reused": found.reused, "failed": len(failed)}
    more = {"done": found.done, "reused": found.reused, "dimensions": found.vectors.shape[1], "errors": entries(failed)}
    sentence = ", ".join(f"{count} {what}" for what, count in counts.items())
    return Result(sentence, counts, (*selected.missing, *failed), more=more)


@command()
def cluster(
    folder: Folder,
    k: Annotated[int, typer.Option("--k", min=1, help="The number of clusters.", show_default=False)],
    selector: Selector,
    screen: Screen,
    by: CompareBy = "tags",
    method: Method = "",
    model_path: ModelPath = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same clusters.")] = 0,
    out: Annotated[
        str,
        typer.Option(help="A CSV file to write (-: stdout): image, cluster, x, y, name, caption.", metavar="FILE"),
    ] = "",
    dry_run: DryRun = False,
) -> Result:
    """Group the images of a folder by what is alike: by tags the tagged ones, by images all."""
    check_out(out, screen)
    embedder = _embedder(by, method, model_path)
    dataset, _ = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    # Only the table tells where samples lie.
    spec = ClusterSpec(by, method or methods(by)[0], k, seed, *([] if out else [QUICK]))
    if dry_run:
        records = samples_of(dataset.root, selected.records, by).records
        check_k(k, len(records), by)
        return _foreseen(dataset.root, records, embedder, selected, screen, k, out)
    with screen.progress("Embedding") as progress:
        maker = Clusterer(lambda name: embedder, settings().vectors, stop_words())
        result = maker.run(dataset.root, selected.records, spec, progress=progress)
    table = _table(result, dataset) if out else ""
    if out not in ("", "-"):
        _write(Path(out), table)
    failed = [(outcome.name, outcome.reason) for outcome in result.failed]
    sentence = table.removesuffix("\r\n") if out == "-" else _sentences(result)
    counts = {"clusters": len(result.clusters), "samples": len(result.names), "failed": len(failed)}
    more = _more(result, failed, len(selected.left_out))
    return Result(sentence, counts | {"left_out": more["left_out"]}, (*selected.missing, *failed), more=more)


def _foreseen(
    root: Path, records: Sequence[ImageRecord], embedder: Embedder, selected: Meant, screen: Screen,
    k: int = 0, out: str = "",
) -> Result:  # fmt: skip
    """What would be made: nothing is. `k` and `out`: of clusters."""
    with screen.progress("Looking") as progress:
        found = foresee_records(root, records, embedder, settings().vectors, progress)
    if not found.is_here:
        screen.note(f"{embedder.label} is not on this machine, so it would be downloaded before.")
    table = f", and written to {'stdout' if out == '-' else out}" if out else ""
    parts = [f"{counted(found.new, 'vector')} would be made by {embedder.label}, {found.reused:,} are there already"]
    parts += [f"{counted(found.new + found.reused, 'sample')} would be grouped into {counted(k, 'cluster')}{table}"]
    counts = {"new": found.new, "reused": found.reused, "failed": len(found.failed)}
    more = {"dry_run": True, "is_here": found.is_here}
    return Result("\n".join(parts if k else parts[:1]), counts, (*selected.missing, *found.failed), more=more)


def _embedder(by: By, method: str, model_path: Path | None) -> Embedder:
    name = method or methods(by)[0]
    check_method(name, by)
    return make_embedder(name, settings(), model_path)


def _table(result: ClusterResult, dataset: Dataset) -> str:
    return as_csv(result, for_spreadsheets=False, captions=captions_of(dataset.snapshot(), result.names))


def _more(result: ClusterResult, failed: list[Failure], marked: int) -> dict[str, Any]:
    reasons = dict(result.left_out) | ({"marked as left out": marked} if marked else {})
    return {
        "k": len(result.clusters),
        "sizes": [cluster.size for cluster in result.clusters],
        "names": [cluster.name for cluster in result.clusters],
        "silhouette": round(result.silhouette, 4),
        "explained_variance": round(result.explained_variance, 4),
        "left_out": sum(reasons.values()),
        "left_out_reasons": reasons,
        "notes": list(result.notes),
        "errors": entries(failed),
    }


def _sentences(result: ClusterResult) -> str:
    lines = [f"{cluster.number:>4}  {cluster.size:>7,}  {cluster.name}" for cluster in result.clusters]
    lines += [f"Left out: {count:,} ({reason})" for reason, count in result.left_out.items()]
    lines += [f"Note: {note}" for note in result.notes]
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    with write_errors(f"“{path}” was not written", "The vectors are kept, so that another try takes seconds."):
        write_atomic(path, text.encode())
