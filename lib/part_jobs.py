"""A whole job: the source cut, the job written down or found again, its missing parts handed out, and how it stands."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from lib.clustering.by_parts.fit import in_turn
from lib.engine import ENGINES, DataPart, EngineOptions, PartDone
from lib.engine.mapping import over_engine
from lib.errors import Cancelled, InvalidInput, PlaceFailed, ToolkitError
from lib.parts.base import PartStage, TableStage, part_file
from lib.parts.job import Digest, JobSpec, check_job, done_numbers, read_job, settle_job
from lib.parts.sources import Source, source_at
from lib.parts.sources.base import FileSource
from lib.parts.sources.tables import TableSource
from lib.parts.stages import STAGES, make_stage
from lib.parts.work import PartCounts, PartWork, readable_counts
from lib.places import DataPlace, place_at
from lib.places.claims import WhileClaimed, claimed_place
from lib.progress import NOBODY, Progress
from lib.tables.edited_parts import TableEdits, edits_of
from lib.urls import Url

PART_SIZE = 400
_HERE_BYTES = 2_000_000_000
_RESUMES = "What is committed is kept; the same command goes on with the rest."


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is asked for. `options` are those of the stage, without a key.

    `retry_failed`: parts that hold a sample with an error are made once more, but for those that were edited since.
    `without_edits`: a table's own captions, not what was edited in it since.
    """

    stage: str
    options: Mapping[str, Any]
    source: str
    sink: str
    engine: str = "local"
    engine_options: EngineOptions = field(default_factory=EngineOptions)
    part_size: int = PART_SIZE
    retry_failed: bool = False
    without_edits: bool = False


@dataclass(slots=True)
class JobEnd:
    """What came of it. `done` and `failed` count samples that were made now, `reused` those that were there.

    `made` counts parts, `parts` are all of the job, `given_up` those that became rows with a reason, `edited` those
    with failed samples that were not tried again, since a person's words are in them. `error` says why it ended early.
    """

    parts: int = 0
    made: int = 0
    done: int = 0
    reused: int = 0
    failed: int = 0
    given_up: list[int] = field(default_factory=list)
    edited: int = 0
    seconds: float = 0.0
    error: str = ""
    is_cancelled: bool = False

    @property
    def items_per_s(self) -> float:
        return (self.done + self.failed) / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How a sink stands: parts and samples by what their files say. `unreadable`: files that are no whole part."""

    spec: JobSpec
    parts_done: int
    rows: int
    failed: int
    bytes: int
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobPlan:
    """What a job would make: `missing` of its `parts`, which hold `items`: shards or tables where `by_files`."""

    kind: str
    parts: int
    missing: int
    items: int
    by_files: bool


def run_job(request: JobRequest, progress: Progress = NOBODY) -> JobEnd:
    """Makes what is missing of a job. `progress` hears of samples (or of shards), and may stop it.

    What ends it early stands in the answer, with all that was done before. Raises ToolkitError where it could not
    begin: InvalidInput where the sink holds another job or the listing has changed since, Busy where another process,
    on whichever machine, is at work on it.
    """
    stage, source, sink, edits = _opened(request)
    spec = _cut(request, stage.id, stage.options, source, edits, progress)
    check_job(sink, spec)
    with claimed_place(sink) as claim:
        return _run_settled(request, stage, source, sink, edits, spec, WhileClaimed(progress, claim))


def _run_settled(
    request: JobRequest,
    stage: PartStage,
    source: Source,
    sink: DataPlace,
    edits: TableEdits,
    spec: JobSpec,
    progress: Progress,
) -> JobEnd:
    goes_on = settle_job(sink, spec)
    counts = readable_counts(sink, done_numbers(sink) if goes_on else {})
    kept = _kept(request, counts)
    pace = {name: value for name, value in request.options.items() if name in stage.pace}
    work = PartWork(request.stage, {**spec.options, **pace}, str(source), str(sink))
    end = JobEnd(parts=spec.parts, reused=sum(counts[number].rows - counts[number].failed for number in kept))
    if request.retry_failed:
        end.edited = sum(1 for one in counts.values() if one.edited and one.failed)
    start = time.perf_counter()
    try:
        if isinstance(stage, TableStage):
            _prepare(stage, request, source, sink, progress)
        _hand_out(request, work, source, edits, spec, kept, end, progress)
    except Cancelled as error:
        end.error, end.is_cancelled = str(error), True
    except ToolkitError as error:
        end.error = f"{error} {_RESUMES}"
    end.seconds = time.perf_counter() - start
    return end


def foresee_job(request: JobRequest, progress: Progress = NOBODY) -> JobPlan:
    """What `run_job` would make. Nothing is written, and no model is loaded. Raises as `run_job` does."""
    stage, source, sink, edits = _opened(request)
    sizes: list[int] = []
    # Where nothing was begun the id is compared with none, and asking for it may fetch the model.
    id = stage.id if read_job(sink) is not None else ""
    spec = _cut(request, id, stage.options, source, edits, progress, sizes)
    counts = readable_counts(sink, done_numbers(sink) if check_job(sink, spec) else {})
    kept = _kept(request, counts)
    missing = sum(size for number, size in enumerate(sizes) if number not in kept)
    return JobPlan(source.kind, spec.parts, len(sizes) - len(kept), missing, isinstance(source, FileSource))


def _opened(request: JobRequest) -> tuple[PartStage, Source, DataPlace, TableEdits]:
    stage = make_stage(request.stage, request.options, request.sink)
    source, sink = source_at(request.source), place_at(request.sink)
    _check_apart(source, sink)
    if request.part_size < 1:
        raise InvalidInput("A part holds a sample at least.", "Give --part-size 1 or more.")
    return stage, source, sink, TableEdits() if request.without_edits else edits_of(source)


def _kept(request: JobRequest, counts: Mapping[int, PartCounts]) -> set[int]:
    """The parts that are not made again, of those that were made."""
    return {number for number, one in counts.items() if one.edited or not (request.retry_failed and one.failed)}


def job_status(url: str) -> JobStatus:
    """How far the job of a sink is. Raises InvalidInput where there is none."""
    sink = place_at(url)
    spec = read_job(sink)
    if spec is None:
        raise InvalidInput(f"There is no job in {sink}.", "“captioner run STAGE SOURCE SINK” begins one.")
    there = done_numbers(sink)
    counts = readable_counts(sink, there)
    return JobStatus(
        spec,
        len(counts),
        sum(one.rows for one in counts.values()),
        sum(one.failed for one in counts.values()),
        sum(there.values()),
        tuple(part_file(number) for number in sorted(there.keys() - counts.keys())),
    )


def _cut(
    request: JobRequest,
    id: str,
    options: Mapping[str, Any],
    source: Source,
    edits: TableEdits,
    progress: Progress,
    sizes: list[int] | None = None,
) -> JobSpec:
    """Goes through the whole listing once: nothing is handed out before it is known to be the one that it was.

    `sizes` takes up how much each part holds.
    """
    digest = Digest()
    for part in digest.watch(source.parts(request.part_size)):
        if sizes is not None:
            sizes.append(len(part.names))
        if progress.is_cancelled():
            raise Cancelled("The listing was broken off.", "Nothing was begun.")
    if not digest.parts:
        raise InvalidInput(f"There is no sample at “{source}”.", "Check the path or the address.")
    lasting = {name: value for name, value in options.items() if name not in STAGES[request.stage].pace}
    return JobSpec(
        request.stage,
        id,
        lasting,
        str(source),
        edits.with_listing(digest.hex),
        request.part_size,
        digest.parts,
        digest.samples,
        toolkit_version(),
    )


def _prepare(stage: TableStage, request: JobRequest, source: Source, sink: DataPlace, progress: Progress) -> None:
    if not isinstance(source, TableSource):
        raise InvalidInput(f"“{source}” is {source.kind}, and {request.stage} works on tables.", "Embed it first.")
    entries = [entry for entry in source.place.files() if entry.name.lower().endswith(source.endings)]
    engine = ENGINES[request.engine](request.engine_options)
    is_small = sum(entry.size for entry in entries) <= _HERE_BYTES
    # Where all of it is read in seconds, a pass costs less than the workers that would make it.
    elsewhere = in_turn if is_small else over_engine(engine, progress.is_cancelled)
    stage.prepare(source.place, [entry.name for entry in entries], sink, elsewhere)


def _hand_out(
    request: JobRequest,
    work: PartWork,
    source: Source,
    edits: TableEdits,
    spec: JobSpec,
    kept: Collection[int],
    end: JobEnd,
    progress: Progress,
) -> None:
    engine = ENGINES[request.engine](request.engine_options)
    digest = Digest()
    sizes: dict[int, int] = {}
    passed = 0

    def missing() -> Iterator[DataPart]:
        nonlocal passed
        for part in digest.watch(edits.laid_over(source.parts(spec.part_size))):
            if part.number in kept:
                passed += len(part.names)
            else:
                sizes[part.number] = len(part.names)
                yield part
        if edits.with_listing(digest.hex) != spec.listing:
            raise PlaceFailed(f"{source} has changed while the job ran.", "Its sink is not whole. Begin another one.")

    with closing(engine.run(work, missing(), cancelled=progress.is_cancelled)) as parts:
        for done in _told(parts, end):
            passed += sizes.pop(done.number, 0)
            progress.advance(passed, spec.samples)
    if progress.is_cancelled():
        raise Cancelled("The job was broken off.", _RESUMES)


def _told(parts: Iterable[PartDone], end: JobEnd) -> Iterator[PartDone]:
    for done in parts:
        if done.ends_job:
            end.error = end.error or f"{done.ends_job} {_RESUMES}"
            continue
        end.made += 1
        end.done += done.rows - done.failed
        end.failed += done.failed
        end.given_up += [done.number] if done.given_up else []
        yield done


def _check_apart(source: Source, sink: DataPlace) -> None:
    """Raises InvalidInput where one holds the other: the listing would change as the job goes on."""

    def holds(outer: Url, inner: Url) -> bool:
        return outer.scheme == inner.scheme and f"{inner.path}/".startswith(f"{outer.path.rstrip('/')}/")

    if holds(source.place.url, sink.url) or holds(sink.url, source.place.url):
        raise InvalidInput(f"The sink {sink} and the source {source} hold one another.", "Give a sink elsewhere.")


def toolkit_version() -> str:
    try:
        return version("captioning-toolkit")
    except PackageNotFoundError:
        return "unknown"
