"""A job: a source, a stage and a sink, written down once, and the parts that it is cut into."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from lib.errors import InvalidInput
from lib.parts.base import DataPart, Options, part_file
from lib.places import DataPlace

JOB_FILE = "_job.json"
_FORMAT = 1
_COMPARED = {
    "stage": "stage",
    "id": "model",
    "options": "options",
    "source": "source",
    "part_size": "part size",
    "listing": "listing of the source",
}


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What is written down in `_job.json`. It holds no key.

    `id` stands for the stage's model, `options` are those that say what comes out, `listing` stands for all names,
    sizes and times of the source. `toolkit` is the version that cut it.
    """

    stage: str
    id: str
    options: Options
    source: str
    listing: str
    part_size: int
    parts: int
    samples: int
    toolkit: str
    format: int = _FORMAT

    def to_json(self) -> bytes:
        return json.dumps(asdict(self) | {"options": dict(self.options)}, indent=1, sort_keys=True).encode()

    @classmethod
    def from_json(cls, data: bytes, sink: DataPlace) -> JobSpec:
        """Raises InvalidInput for what this version did not write."""
        try:
            found = json.loads(data)
            if found["format"] != _FORMAT:
                raise ValueError
            return cls(**found)
        except (ValueError, TypeError, KeyError):
            raise InvalidInput(
                f"“{JOB_FILE}” in {sink} was not written by this version.", "Nothing was done. Give another sink."
            ) from None


@dataclass(slots=True)
class Digest:
    """Parts as they pass by: how many, of how many samples, and one digest of them all."""

    parts: int = 0
    samples: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def watch(self, parts: Iterable[tuple[DataPart, str]]) -> Iterator[DataPart]:
        """The parts, each with what its files' sizes and times stand for."""
        for part, stamp in parts:
            self.parts += 1
            self.samples += len(part.names)
            self._hash.update(f"{part.number}\0{stamp}\n".encode("utf-8", "surrogatepass"))
            yield part

    @property
    def hex(self) -> str:
        return str(self._hash.hexdigest())[:32]


def read_job(sink: DataPlace) -> JobSpec | None:
    """What is written down in a sink, None where nothing is. Raises InvalidInput, PlaceFailed."""
    data = sink.read(JOB_FILE)
    return None if data is None else JobSpec.from_json(data, sink)


def settle_job(sink: DataPlace, wanted: JobSpec) -> bool:
    """Writes a job down, or finds that it is the one that is: True where it goes on.

    Raises InvalidInput, with what differs, where another job has this sink, and where something else lies in it.
    """
    goes_on = check_job(sink, wanted)
    if not goes_on:
        sink.put(JOB_FILE, wanted.to_json())
    return goes_on


def check_job(sink: DataPlace, wanted: JobSpec) -> bool:
    """Whether this very job is written down in a sink; nothing is written. Raises as `settle_job`."""
    found = read_job(sink)
    if found is None:
        if any(name_number(entry.name) is not None for entry in sink.files(recursive=False)):
            raise InvalidInput(
                f"{sink} holds parts, and nothing that says of what.", "Nothing was done. Give an empty sink."
            )
        return False
    if differs := differences(found, wanted):
        raise InvalidInput(
            f"{sink} belongs to another job: {'; '.join(differs)}.",
            "Nothing was done, and what it holds is as it was. Give another sink, or what it was begun with.",
        )
    return True


def differences(found: JobSpec, wanted: JobSpec) -> list[str]:
    """What two jobs do not share, in words."""
    differs = []
    for name, words in _COMPARED.items():
        before, now = getattr(found, name), getattr(wanted, name)
        if before == now:
            continue
        if name == "options":
            for option in sorted(before.keys() | now.keys()):
                if before.get(option) != now.get(option):
                    differs.append(f"its {option} was {_shown(before.get(option))}, not {_shown(now.get(option))}")
        elif name == "listing":
            change = (
                f" ({found.samples:,} samples then, {wanted.samples:,} now)" if found.samples != wanted.samples else ""
            )
            differs.append(f"the {words} has changed since{change}")
        else:
            differs.append(f"its {words} was {_shown(before)}, not {_shown(now)}")
    return differs


def _shown(value: object) -> str:
    text = str(value)
    return f"“{text if len(text) <= 120 else text[:119] + '…'}”"


def name_number(name: str) -> int | None:
    """The number of a part by its file's name, None for any other file."""
    digits = name.removeprefix("part-").removesuffix(".parquet")
    number = int(digits) if digits.isascii() and digits.isdecimal() else None
    return number if number is not None and part_file(number) == name else None


def done_numbers(sink: DataPlace) -> dict[int, int]:
    """The parts that are committed, each with its size in bytes: their files are all that is known of progress."""
    found = ((name_number(entry.name), entry.size) for entry in sink.files(recursive=False))
    return {number: size for number, size in found if number is not None and size}
