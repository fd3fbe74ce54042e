"""open_clip's table: tab-separated, with the columns `filepath` and `title` that its training looks for."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.delimited import read_table
from lib.exporting.start_lines import load_dataset, quoted, shell

NAME = "open_clip.tsv"
HEAD = ("filepath", "title")


class OpenClipTable(Exporter):
    label = "open_clip table"
    group = "Captions for trainers"
    readers = "Read by open_clip_train, beside the images."
    has_images = False
    options = frozenset({"paths"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        with target.create(NAME) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
            rows = csv.writer(text, delimiter="\t", lineterminator="\n")
            rows.writerow(HEAD)
            for record in source.captions(source.plan.records):
                rows.writerow((source.plan.key(record.name), record.text))
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        return read_table(path, HEAD, "\t")

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        # Paths are opened as they stand there.
        there = "" if plan.options.absolute else f"cd {shell(plan.root)} && "
        train = f"python -m open_clip_train.main --dataset-type csv --train-data {shell(path)}"
        return [Use("open_clip", there + train), load_dataset(Path("csv"), f"data_files={quoted(path)}", 'sep="\\t"')]
