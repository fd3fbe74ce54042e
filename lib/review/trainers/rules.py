"""What breaks the rules of trainers: each function gives the images of a dataset that do."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from lib.domain import ImageRecord, SidecarState
from lib.review.file_heads import head_of
from lib.review.pictures.headers import Header
from lib.review.trainers.profiles import Profile

_MARKS = re.compile(r"\|\|\||;;;|\{[^{}|\n]*+\|[^{}\n]*+\}")
_MASKS = re.compile(r"-(?:masklabel|condlabel)$", re.IGNORECASE)
_REPEATS = re.compile(r"\d+_.+")
_SPLIT = re.compile(
    r"(?:^|[-._ 0-9/])(train|training|test|testing|val|valid|validation|dev|eval|evaluation)(?=$|[-._ 0-9/])"
)
"""The words of datasets' data_files.py, and what may stand round them; small letters alone."""
_TABLES = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".arrow", ".tar")
_ITS_OWN = ("metadata.jsonl", "metadata.csv", "metadata.parquet", "dataset_infos.json")
_MOST_BYTES, _MOST_OF_A_CARD = 1_000_000, 20_000


@dataclass(frozen=True)
class TrainingFolder:
    """What rules look at: the records, what their headers tell, and who cannot be opened, with the reason."""

    root: Path
    records: Sequence[ImageRecord]
    headers: Mapping[str, Header]
    refused: Mapping[str, str]
    known_utf8: Mapping[str, bool] = field(default_factory=dict)
    """Of images whose tag file need not be read again, whether it is UTF-8."""

    @cached_property
    def by_stem(self) -> Mapping[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for record in self.records:
            found[record.stem].append(record.name)
        return found

    @cached_property
    def is_described(self) -> bool:
        """Whether a README.md says which files are data."""
        first, *lines = head_of(self.root, "README.md", _MOST_OF_A_CARD).decode("utf-8", "replace").splitlines() or [""]
        return first.rstrip() == "---" and any(line.startswith("configs:") for line in lines)

    @cached_property
    def tables(self) -> Sequence[str]:
        """Tables in the folder itself and in those of the images, by their relative names."""
        found = []
        for folder in dict.fromkeys(("", *(record.folder for record in self.records))):
            try:
                names = sorted(path.name for path in (self.root / folder).iterdir())
            except OSError:
                continue
            found += [
                f"{folder}/{name}".lstrip("/")
                for name in names
                if name.lower().endswith(_TABLES) and name not in _ITS_OWN and not name.startswith(".")
            ]
        return found

    @cached_property
    def not_utf8(self) -> Sequence[str]:
        """The images whose tag file is there and not UTF-8."""
        known = self.known_utf8
        read = ((record, known.get(record.name)) for record in self.records)
        return [record.name for record, told in read if not (_is_utf8(self.root, record) if told is None else told)]


def _is_utf8(root: Path, record: ImageRecord) -> bool:
    if record.state is not SidecarState.TEXT:
        return record.state is SidecarState.MISSING
    try:
        head_of(root, record.sidecar, _MOST_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        # A letter that the limit cuts through is none of the file's faults.
        return error.start > _MOST_BYTES - 4
    return True


Breakers = Iterable[str]
Broken = Callable[[TrainingFolder, Profile], Breakers]
"""The images that break a rule, in the dataset's order."""


def _where(test: Callable[[ImageRecord], bool]) -> Broken:
    return lambda folder, _: (record.name for record in folder.records if test(record))


def _ending(folder: TrainingFolder, profile: Profile) -> Breakers:
    names = (record.name for record in folder.records)
    return (name for name in names if PurePosixPath(name).suffix.lower() not in profile.endings)


def _aspect(folder: TrainingFolder, profile: Profile) -> Breakers:
    low, high = profile.aspect
    # A ratio of sides that are whole pixels misses its limit by a pixel.
    return (name for name, one in folder.headers.items() if not 0.99 * low <= one.aspect <= 1.01 * high)


def _subfolder(folder: TrainingFolder, _: Profile) -> Breakers:
    folders = {record.folder for record in folder.records}
    if len(folders) == 1:
        # Whoever points the trainer at it finds them all.
        return ()
    if all(_REPEATS.fullmatch(name) for name in folders):
        return ()
    return (record.name for record in folder.records if record.folder)


def _same_name(folder: TrainingFolder, _: Profile) -> Breakers:
    return (name for names in folder.by_stem.values() if len(names) > 1 for name in names)


def _splits(folder: TrainingFolder) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for record in folder.records:
        # The folder counts, and of a file the words of its name.
        for word in _SPLIT.findall(PurePosixPath(record.name).with_suffix("").as_posix()):
            found["train" if word.startswith("train") else "other"].append(record.name)
            break
    return found


def _split_name(folder: TrainingFolder, _: Profile) -> Breakers:
    found = _splits(folder)
    if folder.is_described or not found or (found["other"] and not found["train"]):
        return ()
    # Folders named like splits, all of them: that is what somebody meant.
    meant = all(_SPLIT.search(record.folder) for record in folder.records)
    return () if meant else found["train"] + found["other"]


def _test_without_train(folder: TrainingFolder, _: Profile) -> Breakers:
    found = _splits(folder)
    return found["other"] if found["other"] and not found["train"] and not folder.is_described else ()


def _stray_table(folder: TrainingFolder, _: Profile) -> Breakers:
    return () if folder.is_described else folder.tables


BROKEN: Mapping[str, Broken] = {
    "unreadable": lambda folder, _: folder.refused,
    "empty_tag_file": _where(lambda record: record.state is SidecarState.TEXT and not record.is_tagged),
    "no_tag_file": _where(lambda record: record.state is SidecarState.MISSING),
    "no_caption": _where(lambda record: not record.is_tagged and record.state is not SidecarState.UNDECODABLE),
    "tag_ending": _where(lambda record: record.suffix != ".txt"),
    "several_lines": _where(lambda record: "\n" in record.text.strip()),
    "special_marks": _where(lambda record: bool(_MARKS.search(record.text))),
    "mask_name": _where(lambda record: bool(_MASKS.search(record.stem))),
    "webp": _where(lambda record: record.name.lower().endswith(".webp")),
    "placeholder": _where(lambda record: "[trigger]" in record.text),
    "dotted_name": _where(lambda record: "." in PurePosixPath(record.stem).name),
    "not_utf8": lambda folder, _: folder.not_utf8,
    "ending": _ending,
    "aspect": _aspect,
    "subfolder": _subfolder,
    "one_tag_file": _same_name,
    "same_key": _same_name,
    "split_name": _split_name,
    "test_without_train": _test_without_train,
    "stray_table": _stray_table,
    "turned": lambda folder, _: (name for name, one in folder.headers.items() if one.is_turned),
}
"""By the names that profiles use."""
