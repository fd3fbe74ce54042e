"""`sidecars.zip`: the tag files alone, byte by byte as they lie beside the images."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits, MemberDamaged, members
from lib.dataset.tag_files.sidecar import read_sidecar
from lib.errors import ArchiveRefused
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use, drain, zip_entry
from lib.exporting.start_lines import dataset_toml, quoted, shell, toml

NAME = "sidecars.zip"


class Sidecars(Exporter):
    label = "Tag files alone (zip)"
    group = "Captions for trainers"
    readers = "The .txt files, for trainers that have the images."
    has_images = False

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        with zipfile.ZipFile(target.place(NAME), "x") as archive:
            for record in source.tag_files(source.plan.records):
                # One that vanished since the scan goes out with the text that was read then.
                data = read_sidecar(source.plan.root / record.sidecar).data or record.text.encode()
                archive.writestr(zip_entry(record.sidecar, zipfile.ZIP_DEFLATED), data)
        target.add(NAME)
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        try:
            for member in members(path, limits):
                try:
                    drain(member)
                    yield member.name, ""
                except MemberDamaged as exc:
                    yield member.name, str(exc)
        except ArchiveRefused as exc:
            yield path.name, exc.message

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        """sd-scripts and diffusion-pipe look into no folder below one, OneTrainer when told to; the latter two know no
        ending but .txt.
        """
        images = quoted(plan.root)
        ending = plan.records[0].suffix if plan.records else ".txt"
        subsets = ", ".join(
            f'{{ image_dir = {toml(folder)}, caption_extension = "{ending}" }}' for folder in plan.folders
        )
        below = ', "include_subdirectories": true' if plan.folders != [plan.root] else ""
        concept = f'[{{"name": "images", "path": {images}{below}, "text": {{"prompt_source": "sample"}}}}]'
        uses = [
            Use("Beside the images", f"unzip {shell(path)} -d {shell(plan.root)}"),
            Use("sd-scripts, its dataset_config", f"datasets = [{{ resolution = 1024, subsets = [{subsets}] }}]"),
            Use("ai-toolkit", f'datasets: [{{folder_path: {images}, caption_ext: "{ending[1:]}"}}]'),
        ]
        if ending == ".txt":
            uses.insert(2, Use("OneTrainer, its concepts", concept))
            uses.append(Use("diffusion-pipe, its dataset.toml", dataset_toml(plan.folders)))
        return uses
