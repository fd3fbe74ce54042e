"""diffusion-pipe's `captions.json`: `{name: [caption]}` for the images of one folder, so there is one for each."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from lib.archives import Limits, MemberDamaged, members
from lib.domain import ImageRecord
from lib.errors import ArchiveRefused
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.start_lines import dataset_toml, shell

NAME = "diffusion-pipe"
TABLE = "captions.json"


class DiffusionPipe(Exporter):
    label = "diffusion-pipe captions.json"
    group = "Captions for trainers"
    readers = "One beside the images of each folder."
    has_images = False
    is_folder = True
    is_one_object = True

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """A folder's own images alone are read, by their names with ending; one image may have several captions."""
        folders: defaultdict[str, list[ImageRecord]] = defaultdict(list)
        for record in source.plan.records:
            folders[record.folder].append(record)
        for folder, records in folders.items():
            with target.create(f"{PurePosixPath(NAME, folder, TABLE)}") as file:
                file.write(b"{")
                for number, record in enumerate(source.captions(records)):
                    key = json.dumps(PurePosixPath(record.name).name, ensure_ascii=False)
                    entry = f"{key}: {json.dumps([record.text], ensure_ascii=False)}"
                    file.write((",\n" if number else "\n").encode() + entry.encode())
                file.write(b"\n}\n")
        return target.zip(NAME) if source.plan.options.zipped else NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        try:
            for name, text in _captions(path, limits):
                yield name, "" if isinstance(text, str) else "it has no caption"
        except (ValueError, TypeError, LookupError, AttributeError, MemberDamaged, ArchiveRefused, OSError):
            yield path.name, "it is damaged"

    def rows(self, path: Path) -> Iterator[tuple[str, str]]:
        return _captions(path)

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        beside = f"cp -r {shell(path)}/. {shell(plan.root)}"
        if path.suffix == ".zip":
            beside = f"unzip {shell(path)} -d {shell(plan.root)}"
        return [Use("diffusion-pipe, beside the images", beside), Use("its dataset.toml", dataset_toml(plan.folders))]


def _captions(path: Path, limits: Limits | None = None) -> Iterator[tuple[str, str]]:
    if path.is_file():
        tables = ((member.name, member.read()) for member in members(path, limits))
    else:
        tables = ((table.relative_to(path).as_posix(), table.read_bytes()) for table in sorted(path.rglob(TABLE)))
    for name, data in tables:
        for key, texts in json.loads(data).items():
            yield PurePosixPath(name).with_name(key).as_posix(), texts[0]
