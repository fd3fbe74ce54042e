"""The lines by which trainers are started on an export say all that the trainers would otherwise not find."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from lib.dataset.scan.scanner import OpeningOptions, open_dataset
from lib.exporting.planning import plan_export
from lib.exporting.registry import EXPORTERS
from tests.doubles.image_folder import image_folder

FLAT = {"a.jpg": "a cat", "b.png": "a dog"}
DEEP = {"a.jpg": "a cat", "one/b.jpg": "a dog", "one/in/c.jpg": "a bird", "two/d.jpg": "a fish"}
FOLDERS = ["", "one", "one/in", "two"]


def lines(root: Path, format: str, suffix: str = ".txt") -> dict[str, str]:
    dataset = open_dataset(root, OpeningOptions(suffix=suffix))
    return dict(EXPORTERS[format].uses(Path("/out/x.zip"), plan_export(dataset.root, dataset.records)))


def read_by(line: str) -> dict[str, Any]:
    """What stands in it; never with an apostrophe, at which the package `toml` loses a whole list without a word."""
    assert "'" not in line
    return tomllib.loads(line)


@pytest.mark.parametrize("name", ["plain", "the dog's photos", 'a "b" {c}, [d] # e'])
def test_sd_scripts_is_told_each_folder_since_it_looks_below_none(tmp_path: Path, name: str) -> None:
    root = image_folder(tmp_path / name, DEEP)
    (dataset,) = read_by(lines(root, "sidecars")["sd-scripts, its dataset_config"])["datasets"]
    assert [subset["image_dir"] for subset in dataset["subsets"]] == [str(root / folder) for folder in FOLDERS]
    assert dataset["resolution"], "without one it makes no dataset"


@pytest.mark.parametrize("name", ["plain", "the dog's photos"])
@pytest.mark.parametrize(
    ("format", "program"),
    [("sidecars", "diffusion-pipe, its dataset.toml"), ("diffusion-pipe", "its dataset.toml")],
)
def test_diffusion_pipe_is_told_each_folder(tmp_path: Path, name: str, format: str, program: str) -> None:
    root = image_folder(tmp_path / name, DEEP)
    told = read_by(lines(root, format)[program])
    assert [entry["path"] for entry in told["directory"]] == [str(root / folder) for folder in FOLDERS]
    assert told["resolutions"], "without any it does not start"


@pytest.mark.parametrize(("files", "below"), [(FLAT, False), (DEEP, True)])
def test_onetrainer_is_told_to_look_into_the_folders_below_where_there_are_some(
    tmp_path: Path, files: dict[str, str], below: bool
) -> None:
    root = image_folder(tmp_path / "photos", files)
    (concept,) = json.loads(lines(root, "sidecars")["OneTrainer, its concepts"])
    assert concept.get("include_subdirectories", False) is below


def test_trainers_that_know_txt_alone_are_not_named_for_another_ending(tmp_path: Path) -> None:
    root = image_folder(tmp_path / "photos", FLAT)
    for path in root.glob("*.txt"):
        path.rename(path.with_suffix(".caption"))
    told = lines(root, "sidecars", ".caption")
    assert 'caption_extension = ".caption"' in told["sd-scripts, its dataset_config"]
    assert not [program for program in told if "OneTrainer" in program or "diffusion-pipe" in program]


def test_sd_scripts_is_given_what_it_does_not_start_without(tmp_path: Path) -> None:
    line = lines(image_folder(tmp_path / "photos", FLAT), "kohya")["sd-scripts"]
    for choice in ("--resolution", "--pretrained_model_name_or_path", "--network_module", "--output_dir"):
        assert choice in line
