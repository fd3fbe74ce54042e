"""Results kept on disk with the spec they were made by, told apart from what has changed since, and written as CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.clustering.base import Cluster, ClusterResult
from lib.clustering.layouts import QUICK
from lib.column_texts import ColumnTexts, match_places, texts_at
from lib.domain import By, ClusterSpec, ImageRecord, Outcome
from lib.embedding.hashes import KnownHashes, text_key, text_keys
from lib.files import write_atomic, write_errors
from lib.private import FILE, private_folder
from lib.record_columns import ColumnRecords
from lib.text import spreadsheet_cell

if TYPE_CHECKING:
    import numpy as np

_PIECE = 65_536
_FORMAT = 2
_OF_ROWS = 3
"""Of a table: the names are a column."""
_FORMER = 1
"""Before there were layouts: its map is by principal axes."""


def result_path(folder: Path, root: Path, by: By, *, recursive: bool = True, suffix: str = ".txt") -> Path:
    """Where the latest result for a dataset, as it was opened, is kept in an owner's folder."""
    opened = os.fsencode(root) + f"\0{recursive}\0{suffix}".encode()
    name = hashlib.sha256(opened).hexdigest()[:32]
    return folder / "clusters" / f"{name}-{by}.npz"


def save_result(path: Path, result: ClusterResult) -> None:
    """Keeps a result in the place of an earlier one, whole or not at all. Raises WriteFailed."""
    import numpy as np

    rows = result.names if isinstance(result.names, ColumnTexts) else None
    meta = {
        "format": _FORMAT if rows is None else _OF_ROWS,
        "spec": asdict(result.spec),
        "clusters": [asdict(cluster) for cluster in result.clusters],
        "failed": [(outcome.name, outcome.reason) for outcome in result.failed],
        "left_out": dict(result.left_out),
        **({"notes": result.notes} if result.notes else {}),
        **{name: getattr(result, name) for name in _PLAIN},
        **({"names": result.names} if rows is None else {}),
    }
    out = io.BytesIO()
    text = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    arrays = {name: getattr(result, name) for name in _ARRAYS}
    if rows is not None:
        arrays |= dict(zip(_NAMES, rows.packed(), strict=True))
    np.savez(out, meta=text, **arrays)
    with write_errors("The clusters cannot be kept", "They are on the screen until the page is closed."):
        private_folder(path.parent)
        write_atomic(path, out.getbuffer(), mode=FILE)


_PLAIN = ("model", "silhouette", "inertia", "dimensions", "explained_variance", "layout", "layout_id")
_ARRAYS = ("labels", "points", "keys")
_NAMES = ("name_ends", "name_bytes")
"""Names of rows: as text in JSON a million of them would take five times as much, and stay in memory."""


def load_result(path: Path) -> ClusterResult | None:
    """The result that was kept, None where there is none or it was written in another format."""
    import numpy as np

    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            meta = json.loads(kept["meta"].tobytes())
            if meta["format"] == _FORMER:
                meta |= {"layout": QUICK, "layout_id": ""}
            elif meta["format"] == _OF_ROWS:
                meta["names"] = ColumnTexts.unpacked(*(kept[name] for name in _NAMES))
            elif meta["format"] != _FORMAT:
                return None
            return _result(meta, {name: kept[name] for name in _ARRAYS})
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _result(meta: dict[str, Any], arrays: dict[str, Any]) -> ClusterResult:
    clusters = [
        Cluster(**one | {name: tuple(one[name]) for name in ("words", "typical", "unusual")})
        for one in meta["clusters"]
    ]
    names = meta["names"] if isinstance(meta["names"], ColumnTexts) else tuple(meta["names"])
    plain = {name: meta[name] for name in _PLAIN} | {"names": names}
    return ClusterResult(
        spec=ClusterSpec(**meta["spec"]),
        clusters=tuple(clusters),
        left_out=meta["left_out"],
        notes=tuple(meta.get("notes", ())),
        failed=tuple(Outcome(name, "failed", reason=reason) for name, reason in meta["failed"]),
        **plain,
        **arrays,
    )


def rename_in_kept(path: Path, new_names: Mapping[str, str]) -> None:
    """Lets the result that is kept, if any, follow images that have new names. Raises WriteFailed."""
    kept = load_result(path)
    if kept is not None and not new_names.keys().isdisjoint(kept.names):
        save_result(path, kept.renamed(new_names))


@dataclass(frozen=True, slots=True)
class Changes:
    """How many samples changed, came, or went since a result was made; `renamed`: new names by the old ones."""

    changed: int
    added: int
    gone: int
    renamed: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.changed or self.added or self.gone)


def changes_since(result: ClusterResult, root: Path, records: Sequence[ImageRecord], vectors: Path) -> Changes:
    """Compares a result with the samples of today; about 0.3 s for 100,000 captions, 1 s for as many images.

    By tags the captions count; by images all files, tagged or not, of which one counts as changed when its size or
    time did, for a result that was brought also unless it was hashed here. What is gone and there again under another
    name was renamed: equal captions, or equal files, have equal vectors.
    """
    if isinstance(records, ColumnRecords) and result.spec.by == "tags":
        tagged = records.are_tagged()
        # Not even all of them anew: their captions would be copied.
        return _changed_rows(result, records if tagged.all() else records.at(tagged.nonzero()[0]))
    kept = dict(zip(result.names, map(bytes, result.keys), strict=True))
    failed = {outcome.name for outcome in result.failed}
    if result.spec.by == "tags":
        keys = {record.name: text_key(record.text) for record in records if record.is_tagged}
    else:
        with closing(KnownHashes(vectors / "files.sqlite", root)) as hashes:
            keys = hashes.present([record.name for record in records if record.name not in failed])
    there = keys.keys() & kept.keys()
    changed = sum(keys[name] != kept[name] for name in there if keys[name] or not result.is_brought)
    gone, added = sorted(kept.keys() - there), sorted(keys.keys() - there)
    renamed = _renamed([(name, kept[name]) for name in gone], [(name, keys[name]) for name in added])
    return Changes(changed, len(added) - len(renamed), len(gone) - len(renamed), renamed)


def _changed_rows(result: ClusterResult, tagged: ColumnRecords) -> Changes:
    """The same without a Python object for each row."""
    import numpy as np

    places, texts, changed = match_places(tagged.names, result.names), tagged.texts, 0
    # Piece by piece: the hashes of a million captions and the comparison of them would take 80 MB.
    for start in range(0, len(places), _PIECE):
        at = places[start : start + _PIECE]
        there = at >= 0
        keys = text_keys(texts[start : start + _PIECE])[there]
        changed += int((keys != result.keys[at[there]]).any(axis=1).sum())
    lost = np.ones(len(result.names), bool)
    lost[places[places >= 0]] = False
    gone, added = lost.nonzero()[0], np.flatnonzero(places < 0)
    new = tagged.at(added)
    renamed = _renamed(
        _keyed(result.names, result.keys, gone), sorted(zip(new.names, map(text_key, new.texts), strict=True))
    )
    return Changes(changed, len(added) - len(renamed), len(gone) - len(renamed), renamed)


def _keyed(names: Sequence[str], keys: np.ndarray, rows: np.ndarray) -> list[tuple[str, bytes]]:
    return sorted(zip(texts_at(names, rows), map(bytes, keys[rows]), strict=True))


def _renamed(gone: Sequence[tuple[str, bytes]], added: Sequence[tuple[str, bytes]]) -> dict[str, str]:
    """New names by old ones: each that is gone with one of the same key that was added."""
    new: dict[bytes, list[str]] = {}
    for name, key in reversed(added):
        new.setdefault(key, []).append(name)
    return {name: new[key].pop() for name, key in gone if new.get(key)}


def as_csv(result: ClusterResult, *, for_spreadsheets: bool = True, captions: Sequence[str] | None = None) -> str:
    """One row a sample: image (relative to the dataset's folder), cluster, x, y, the cluster's name, the caption.

    `captions`: one a sample. `for_spreadsheets`: what a spreadsheet would take for a formula gets an apostrophe in
    front.
    """
    cell = spreadsheet_cell if for_spreadsheets else str
    named = {cluster.number: cluster.name for cluster in result.clusters}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(("image", "cluster", "x", "y", "name", "caption"))
    every = captions or itertools.repeat("", len(result.names))
    for image, label, (x, y), caption in zip(result.names, result.labels, result.points, every, strict=True):
        row = (cell(image), label, f"{x:.6g}", f"{y:.6g}", cell(named.get(label, "")), cell(caption))
        writer.writerow(row)
    return out.getvalue()
