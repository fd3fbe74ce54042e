"""Says what an export will hold before anything is written. Pure, `estimate_bytes` excepted, which asks for sizes."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lib.dataset.journal.journal import Journal
from lib.domain import ImageRecord, SidecarState
from lib.errors import InvalidInput
from lib.exporting.base import ExportOptions, ExportPlan, LeftOut
from lib.record_blocks import is_problem
from lib.record_columns import ColumnRecords
from lib.records import at_places

ASKED = 500
UNTAGGED = "It has no caption."
MARKED = "It is marked as left out."
SHARED = "It shares its tag file with another image. Rename one of them, or let them share it."
UNDECODABLE = "Its tag file is not readable text. Convert it to UTF-8 first."


def plan_export(
    root: Path,
    records: Iterable[ImageRecord],
    unreadable: Mapping[str, str] | None = None,
    options: ExportOptions | None = None,
    journal: Journal | None = None,
    marked: Iterable[str] = (),
) -> ExportPlan:
    """The records that go out, shuffled and split as the options say, and the others with the reason for each.

    `root` is the folder that they are in, `journal` knows where their captions came from. `unreadable` are images
    that a check could not open (`Dataset.unreadable`), `marked` those that would be among the records if they were not
    marked as left out. Raises InvalidInput for options that mean nothing.
    """
    options = options or ExportOptions()
    _check(options)
    left: list[LeftOut] = [(name, MARKED) for name in marked]
    taken, refused = _sorted_out(records, unreadable or {}, uncaptioned=options.uncaptioned)
    left += refused
    if options.seed is not None:
        order = list(range(len(taken)))
        random.Random(options.seed).shuffle(order)
        taken = at_places(taken, order)
    if not options.validation:
        return ExportPlan(root, _fixed(taken), (), tuple(left), options, journal)
    # Drawn apart from the order, so that both splits keep the order that was asked for.
    count = round(options.validation * len(taken))
    held = set(random.Random(options.seed or 0).sample(range(len(taken)), count))
    train = at_places(taken, [place for place in range(len(taken)) if place not in held])
    validation = at_places(taken, sorted(held))
    return ExportPlan(root, _fixed(train), _fixed(validation), tuple(left), options, journal)


def _fixed(records: Sequence[ImageRecord]) -> Sequence[ImageRecord]:
    return records if isinstance(records, ColumnRecords) else tuple(records)


def _sorted_out(
    records: Iterable[ImageRecord], unreadable: Mapping[str, str], *, uncaptioned: bool
) -> tuple[Sequence[ImageRecord], list[LeftOut]]:
    """Those that go out, and the others with their reasons."""
    if isinstance(records, ColumnRecords):
        # Made one by one, a million records would take more than the columns they are of.
        out = records.are_standing(is_problem) | records.are_named(unreadable)
        if not uncaptioned:
            out |= ~records.are_tagged()
        odd = records.at(out.nonzero()[0])
        left = [(record.name, _reason(record, unreadable, uncaptioned=uncaptioned)) for record in odd]
        return (records.at((~out).nonzero()[0]) if left else records), left
    taken: list[ImageRecord] = []
    left = []
    for record in records:
        if reason := _reason(record, unreadable, uncaptioned=uncaptioned):
            left.append((record.name, reason))
        else:
            taken.append(record)
    return taken, left


def _check(options: ExportOptions) -> None:
    if options.shard_samples < 1 or options.shard_bytes < 1:
        raise InvalidInput("A shard must hold at least one sample.", "Give a number of 1 or more.")
    if not 0 <= options.validation < 1:
        raise InvalidInput("The validation part must be from 0 to below 1.", "0.1 holds back one sample in ten.")
    if options.max_side is not None and options.max_side < 1:
        raise InvalidInput("The longest side must be at least one pixel.", "Leave it out to keep images as they are.")


def _reason(record: ImageRecord, unreadable: Mapping[str, str], *, uncaptioned: bool) -> str:
    if record.name in unreadable:
        return unreadable[record.name]
    if record.state is SidecarState.UNDECODABLE:
        return UNDECODABLE
    if not (record.is_tagged or uncaptioned):
        return UNTAGGED
    return SHARED if record.shared else ""


def estimate_bytes(plan: ExportPlan, *, images: bool) -> int:
    """About how large the export will be, with the images as they are on the disk or with captions alone.

    The sizes of `ASKED` images stand for all, so that a large folder on a slow drive is estimated at once.
    """
    records = plan.records
    if isinstance(records, ColumnRecords):
        total = records.size + 40 * len(records)
        if records.is_table:
            return total + (_rows_bytes(plan.root, records) if images else 0)
    else:
        total = sum(len(record.text.encode()) + len(record.name) + 40 for record in records)
    if not images or not records:
        return total
    step = -(-len(records) // ASKED)
    asked, sizes = records[::step], 0
    for record in asked:
        with suppress(OSError):
            sizes += (plan.root / record.name).stat().st_size
    return total + sizes * len(records) // len(asked)


def _rows_bytes(root: Path, records: ColumnRecords) -> int:
    """About what the pictures in rows take: the same part of the table's files as the rows are of all."""
    files = [root] if root.is_file() else root.glob("*.parquet")
    total = 0
    for file in files:
        with suppress(OSError):
            total += file.stat().st_size
    return total * len(records) // max(1, len(records.columns))
