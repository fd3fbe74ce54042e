"""kohya's metadata JSON: `{key: {"caption"}}`, the key being an image's path with its ending."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from lib.archives import Limits
from lib.exporting.base import Exporter, ExportFolder, ExportPlan, FileVerdict, SampleSource, Use
from lib.exporting.start_lines import quoted, shell

NAME = "meta_cap.json"
# Without a resolution it makes no dataset, and without the others no start.
_TRAIN = (
    "accelerate launch sdxl_train_network.py --pretrained_model_name_or_path MODEL --network_module networks.lora"
    " --output_dir OUT --resolution 1024,1024"
)


class KohyaMetadata(Exporter):
    label = "kohya metadata JSON"
    group = "Captions for trainers"
    readers = "Read by kohya sd-scripts, with whole paths by ai-toolkit."
    has_images = False
    is_one_object = True
    options = frozenset({"paths"})

    def write(self, source: SampleSource, target: ExportFolder) -> str:
        """sd-scripts joins the image folder and a key, and adds no ending (since January 2026)."""
        with target.create(NAME) as file:
            file.write(b"{")
            for number, record in enumerate(source.captions(source.plan.records)):
                file.write(b",\n" if number else b"\n")
                entry = json.dumps({"caption": record.text}, ensure_ascii=False)
                file.write(f"{json.dumps(source.plan.key(record.name), ensure_ascii=False)}: {entry}".encode())
            file.write(b"\n}\n")
        return NAME

    def read_back(self, path: Path, limits: Limits | None = None) -> Iterator[FileVerdict]:
        try:
            for key, entry in json.loads(path.read_bytes()).items():
                yield key, "" if isinstance(entry["caption"], str) else "it has no caption"
        except (ValueError, TypeError, KeyError, AttributeError):
            yield path.name, "it is damaged"

    def rows(self, path: Path) -> Iterator[tuple[str, str]]:
        return ((key, entry["caption"]) for key, entry in json.loads(path.read_bytes()).items())

    @classmethod
    def uses(cls, path: Path, plan: ExportPlan) -> list[Use]:
        table, images = shell(path), shell(plan.root)
        train = f"{_TRAIN} --train_data_dir {images} --in_json {table}"
        toolkit = [Use("ai-toolkit", f"datasets: [{{dataset_path: {quoted(path)}}}]")] if plan.options.absolute else []
        return [Use("sd-scripts", train), *toolkit, Use("load_dataset", _loaded(path))]


def _loaded(path: Path) -> str:
    rows = f"json.load(open({quoted(path)})).items()"
    return f'import json, datasets; datasets.Dataset.from_list([{{"file_name": k, **v}} for k, v in {rows}])'
