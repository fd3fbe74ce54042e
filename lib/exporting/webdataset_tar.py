"""WebDataset shards: tars of image, txt and json members, with an index and counts of each in a hidden folder.

Beside the tars, a Parquet file would be taken for the data by `datasets`, in their place and without pictures.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from lib.archives import TAR_ENDINGS, Limits, MemberDamaged, members
from lib.errors import ArchiveRefused
from lib.exporting.base import ENDINGS, Exporter, ExportFolder, ExportPlan, FileVerdict, Sample, SampleSource, Use
from lib.exporting.loading import README, readme
from lib.exporting.start_lines import load_dataset, quoted, shell
from lib.images import IMAGE_SUFFIXES, RARE_JPEG_SUFFIXES
from lib.record_columns import ColumnRecords

NAME = "webdataset"
INDEX = ".index"


class WebDataset(Exporter):
    label = "WebDataset shards"
    group = "Images and captions"
    readers = "Read by webdataset, open_clip and other trainers that stream."
    is_folder = True
    options = frozenset({"splits", "shards", "images", "uncaptioned"})
    takes_rows = True
    first = 0
    """The key of the first sample: shards that are written apart must not share keys."""

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """Keys are nine digits: readers cut a key at its first dot, which would make `a.v2.jpg` and `a.v3.jpg` one.

        The image's own path is in the json member, with size, SHA-256, and where the caption came from.
        """
        splits = source.plan.splits
        number = self.first
        for split, records in splits.items():
            folder = NAME if len(splits) == 1 else f"{NAME}/{split}"
            with _Shards(target, folder, source.plan) as shards:
                for sample in source.samples(records):
                    shards.write(f"{number:09d}", sample, source.origin(sample.record))
                    number += 1
        tars = "*.tar" if len(splits) == 1 else "{split}/*.tar"
        target.put(f"{NAME}/{README}", readme({split: [tars.format(split=split)] for split in splits}))
        return target.zip(NAME) if source.plan.options.zipped else NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        """Every sample of a shard, or of all shards in a folder."""
        if path.suffix == ".zip":
            yield from _zip_counts(path, limits)
            return
        for shard in [path] if path.is_file() else sorted(path.rglob("*.tar")):
            yield from read_shard(shard, limits)

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        if path.suffix == ".zip":
            return [load_dataset(path)]
        found = [shard.relative_to(path).as_posix() for shard in sorted(path.rglob("*.tar"))]
        train = [name for name in found if not name.startswith("validation/")]
        folder, _, last = train[-1].rpartition("/")
        shards = path / folder / (f"{{00000..{last[:5]}}}.tar" if len(train) > 1 else last)
        member = _member(plan)
        line = f'webdataset.WebDataset({quoted(shards)}, shardshuffle=False).decode("pil").to_tuple("{member}", "txt")'
        train_on = f"--train-data {shell(shards)} --train-num-samples {len(plan.train)}"
        clip = Use("open_clip", f"python -m open_clip_train.main --dataset-type webdataset {train_on}")
        return [Use("webdataset", line), clip, load_dataset(path)]

    @classmethod
    def recognises(cls, path: Path) -> bool:
        """A shard, or a folder of shards."""
        if path.is_dir():
            return any(path.rglob("*.tar"))
        return path.is_file() and path.name.lower().endswith(TAR_ENDINGS)


def _member(plan: ExportPlan) -> str:
    """What the image members of all shards are called: by their ending where they are alike, else `jpg`.

    `datasets` refuses tars whose samples do not all have the same members, and decoders go by content.
    """
    options = plan.options
    if options.encoding != "keep":
        return ENDINGS[options.encoding]
    jpeg = ("jpeg", *(suffix[1:] for suffix in RARE_JPEG_SUFFIXES))
    # A row may be called anything; what is no ending of images would be one that nobody reads.
    endings = {record.name.rpartition(".")[2].lower() for record in plan.records}
    if isinstance(plan.records, ColumnRecords) and plan.records.is_table:
        endings = {ending if f".{ending}" in IMAGE_SUFFIXES else "jpg" for ending in endings}
    endings = {"jpg" if ending in jpeg else ending for ending in endings}
    return endings.pop() if len(endings) == 1 and options.max_side is None else "jpg"


class _Shards:
    """One split's shards, the next one begun when one is full, so that there is no gap and no empty one."""

    def __init__(self, target: ExportFolder, folder: str, plan: ExportPlan) -> None:
        self._target = target
        self._folder = folder
        self._options = plan.options
        self._member = _member(plan)
        self._stack = ExitStack()
        self._shard = -1
        self._bytes = 0
        # By column: a dict for each sample would take several times as much.
        self._columns: dict[str, list[Any]] = {}
        self._count = 0
        self._writer: Any = None

    def __enter__(self) -> _Shards:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None and self._writer is not None:
            self._finish()
        elif self._writer is not None:
            # On a full disk closing fails too; what counts is the error that led here.
            with suppress(OSError, ValueError):
                self._writer.close()
            with suppress(OSError, ValueError):
                self._stack.close()

    def write(self, key: str, sample: Sample, origin: dict[str, Any]) -> None:
        full = self._count >= self._options.shard_samples or self._bytes >= self._options.shard_bytes
        if self._writer is None or full:
            self._next()
        row = {
            "key": key,
            "file_name": sample.name,
            "caption": sample.record.text,
            "width": sample.width,
            "height": sample.height,
            "sha256": sample.sha256,
        }
        meta = json.dumps(row | {"origin": origin}, ensure_ascii=False)
        texts = {"txt": sample.record.text.encode(), "json": meta.encode()}
        self._bytes += self._writer.write({"__key__": key, self._member: sample.data, **texts})
        # The tar module keeps a note of every member, for a reader that is not here.
        self._writer.tarstream.members = []
        self._count += 1
        for name, value in (row | {"model": str(origin.get("model", ""))}).items():
            self._columns.setdefault(name, []).append(value)

    def _next(self) -> None:
        from webdataset.writer import TarWriter

        if self._writer is not None:
            self._finish()
        self._shard += 1
        file = self._stack.enter_context(self._target.create(f"{self._folder}/{self._shard:05d}.tar"))
        self._writer = TarWriter(file, encoder=False, mtime=0)
        # Nine digits and an ending need no extended headers, which it would work out for each member.
        self._writer.tarstream.format = tarfile.USTAR_FORMAT

    def _finish(self) -> None:
        self._writer.close()
        self._stack.close()
        self._describe()
        self._writer, self._bytes, self._count, self._columns = None, 0, 0, {}

    def _describe(self) -> None:
        """The index and the counts of a shard, as img2dataset names them."""
        import pyarrow
        import pyarrow.parquet

        stem = f"{self._folder}/{INDEX}/{self._shard:05d}"
        with self._target.create(f"{stem}.parquet") as file:
            pyarrow.parquet.write_table(pyarrow.table(self._columns), file)
        stats = {"shard": f"{self._shard:05d}.tar", "count": self._count, "bytes": self._bytes}
        self._target.put(f"{stem}_stats.json", json.dumps(stats).encode())


def read_shard(shard: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
    """The samples of one shard; what our own export has not written is taken as it is where it is whole."""
    key = ""
    parts: dict[str, bytes] = {}
    try:
        for member in members(shard, limits):
            stem, _, ending = member.name.partition(".")
            if stem != key and parts:
                yield key, _fault(parts)
                parts = {}
            key = stem
            parts[ending] = member.read()
        if parts:
            yield key, _fault(parts)
    except (ArchiveRefused, MemberDamaged) as exc:
        yield shard.name, str(exc)


def _fault(parts: dict[str, bytes]) -> str:
    images = [data for ending, data in parts.items() if ending not in ("txt", "json")]
    if len(images) != 1:
        return "it does not hold exactly one image"
    try:
        meta = json.loads(parts.get("json", b"{}"))
        text = parts["txt"].decode() if "txt" in parts else None
    except ValueError:
        return "its text or json is damaged"
    if not isinstance(meta, dict):
        return "its json is damaged"
    # Only our own export says where from; another program's hash may be of what it downloaded, before it shrank it.
    if not isinstance(meta.get("origin"), dict):
        return ""
    if meta.get("sha256", digest := hashlib.sha256(images[0]).hexdigest()) != digest:
        return "its image is not the one that was exported"
    if text is not None and meta.get("caption", text) != text:
        return "its caption is not the one that was exported"
    return ""


def _zip_counts(path: Path, limits: Limits | None) -> Iterator[FileVerdict]:
    """The samples of shards in a zip, by their counts; each byte of the shards is under the zip's checksums."""
    try:
        for member in members(path, limits):
            if member.name.endswith("_stats.json"):
                count = int(json.loads(member.read())["count"])
                yield from ((f"{member.name}/{number}", "") for number in range(count))
            else:
                while member.read(1 << 20):
                    pass
    except (ArchiveRefused, MemberDamaged, ValueError, KeyError, TypeError) as exc:
        yield path.name, str(exc)
