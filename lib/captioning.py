"""Images in, captions out: one, or many with one outcome each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from lib.dataset.saving.store import Store
from lib.dataset.tag_files.sidecar import Sidecar
from lib.domain import Caption, CaptionRequest, Existing, ImageRecord, Origin, Outcome, ParamValue, Style
from lib.errors import ProviderError, ToolkitError, WriteFailed
from lib.images import Picture, jpeg_within
from lib.providers.base import Captioner
from lib.providers.prompts import render
from lib.text import join_tags
from lib.wishes import Wishes, reminded

IN_A_ROW = 8
"""So many failures one after another, whatever the image, mean a dead service or a full disk rather than bad luck."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What a captioner is asked for. `prompt` may hold {name}, {directory} and {tags}."""

    prompt: str
    style: Style = "sentence"
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    existing: Existing = "skip"
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def asked(self) -> str:
        """The prompt as it is sent, before its variables are filled in."""
        return self.wishes.asked(self.prompt) if self.prompt else ""


def write_caption(root: Path, record: ImageRecord, captioner: Captioner, brief: Brief) -> Caption:
    """Ask for the caption of one image, once more where it misses a wish; nothing is saved.

    Raises ImageRefused, or what the captioner raises.
    """
    path = root / record.name
    limit = captioner.model.limit
    image = jpeg_within(Picture(root, record.name), limit.max_side, limit.max_base64)
    filled = partial(render, name=path.stem, directory=path.parent.name, tags=record.text)
    request = CaptionRequest(image, captioner.model, filled(brief.asked), brief.params, brief.style)
    return _as_wished(captioner, request, brief.wishes.filled(filled))


def _as_wished(captioner: Captioner, request: CaptionRequest, wishes: Wishes) -> Caption:
    first = captioner.caption(request)
    missed = wishes.unmet(first.text)
    # A model that takes no prompt would only say the same again.
    if not missed or not captioner.model.prompts:
        return replace(first, unmet=missed)
    try:
        second = captioner.caption(replace(request, prompt=reminded(request.prompt, first.text, missed)))
    except ProviderError as error:
        if error.stops_run:
            raise
        # A caption that misses a wish is still a caption.
        return replace(first, unmet=missed, requests=first.requests + 1)
    still = wishes.unmet(second.text)
    best, unmet = (second, still) if len(still) < len(missed) else (first, missed)
    return replace(
        best,
        unmet=unmet,
        requests=first.requests + second.requests,
        seconds=first.seconds + second.seconds,
        usage=first.usage + second.usage,
    )


def sent(caption: Caption, brief: Brief) -> dict[str, ParamValue]:
    """The parameters that a caption was really asked for with: a service may take others than it was given."""
    return dict(brief.params if caption.params is None else caption.params)


def left_out(caption: Caption, brief: Brief) -> str:
    """A sentence on the parameters that the service would not take as they were asked for, "" where it took all."""
    really = sent(caption, brief)
    gone = [name for name in brief.params if name not in really]
    new = [name for name in really if name not in brief.params]
    if not gone:
        return ""
    instead = f" It was sent {', '.join(new)} instead." if new else ""
    return f"The service does not take {', '.join(gone)}.{instead}"


def merge(present: str, new: str, existing: Existing, style: Style) -> str:
    """The text to save when a caption is there already: tags are joined by a comma, sentences by a space."""
    if not present.strip() or existing in ("skip", "overwrite"):
        return new
    first, second = (new, present) if existing == "prepend" else (present, new)
    return join_tags(first, second) if style == "tags" else f"{first.strip()} {second.strip()}"


def try_captions(
    root: Path, records: Sequence[ImageRecord], captioner: Captioner, brief: Brief
) -> list[tuple[ImageRecord, Caption | ToolkitError]]:
    """What the model says to some images, all asked at once; nothing is saved. Raises what every image would meet."""

    def one(record: ImageRecord) -> tuple[ImageRecord, Caption | ToolkitError]:
        try:
            return record, write_caption(root, record, captioner, brief)
        except ToolkitError as error:
            if error.stops_run:
                raise
            return record, error

    with ThreadPoolExecutor(max(1, len(records)), thread_name_prefix="try") as pool:
        return list(pool.map(one, records))


def some_of(records: Sequence[ImageRecord], number: int) -> list[ImageRecord]:
    """So many images at most, from the beginning to the end: what a try asks about."""
    number = min(number, len(records))
    return [records[place * (len(records) - 1) // max(1, number - 1)] for place in range(number)]


@dataclass(frozen=True, slots=True)
class Batch:
    """How many images are captioned: `workers` at a time, until `is_stopping`.

    `run` is noted in the journal with every caption.
    """

    workers: int = 4
    run: str = ""
    is_stopping: Callable[[], bool] = lambda: False


def caption_many(
    records: Sequence[ImageRecord], store: Store, captioner: Captioner, brief: Brief, batch: Batch = Batch()
) -> Generator[Outcome]:
    """Caption and save many images; outcomes come as they are ready.

    One bad image becomes a failed Outcome. An error that every image would meet (a wrong key, a retired model, or
    `IN_A_ROW` images that failed for reasons other than the image) ends the run: the images not begun by then have no
    outcome, and one outcome says so in `ends_run`.
    """
    work = _ManyCaptions(store, captioner, brief, batch)
    waiting = iter(records)
    with ThreadPoolExecutor(batch.workers, thread_name_prefix="caption") as pool:
        # Never more than two images a worker in flight: a run of 100,000 must not queue 100,000 futures.
        flying: set[Future[Outcome | None]] = {
            pool.submit(work.one, record) for record in islice(waiting, 2 * batch.workers)
        }
        try:
            while flying:
                landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                yield from (outcome for future in landed if (outcome := future.result()) is not None)
                with suppress(RuntimeError):
                    # Raised where the server is going down: what has not begun by now is for the next one.
                    flying |= {pool.submit(work.one, record) for record in islice(waiting, len(landed))}
        finally:
            work.stop.set()


class _ManyCaptions:
    def __init__(self, store: Store, captioner: Captioner, brief: Brief, batch: Batch) -> None:
        self.store = store
        self.captioner = captioner
        self.brief = brief
        self.batch = batch
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._in_a_row = 0

    def one(self, record: ImageRecord) -> Outcome | None:
        if self.stop.is_set() or self.batch.is_stopping():
            return None
        try:
            sidecar = self.store.read_editable(record)
            if self.brief.existing == "skip" and sidecar.text.strip():
                return Outcome(record.name, "skipped")
            caption = write_caption(self.store.root, replace(record, text=sidecar.text), self.captioner, self.brief)
            self._save(record, sidecar, caption)
        except ToolkitError as error:
            with self._lock:
                return self._failed(record, error)
        self._in_a_row = 0
        return Outcome(record.name, "done", caption)

    def _failed(self, record: ImageRecord, error: ToolkitError) -> Outcome | None:
        if isinstance(error, (ProviderError, WriteFailed)):
            self._in_a_row += 1
        ends_run = error if error.stops_run else hopeless(error) if self._in_a_row >= IN_A_ROW else None
        if ends_run is not None:
            if self.stop.is_set():
                # The others that were under way met the same; one is enough to tell of it.
                return None
            self.stop.set()
        return Outcome(record.name, "failed", reason=str(error), ends_run=ends_run)

    def _save(self, record: ImageRecord, sidecar: Sidecar, caption: Caption) -> None:
        brief = self.brief
        text = merge(sidecar.text, caption.text, brief.existing, brief.style)
        origin = Origin("generate", self.captioner.model.id, brief.asked, sent(caption, brief), run=self.batch.run)
        self.store.save(record, text, sidecar.hash, origin)


def hopeless(latest: ToolkitError) -> ToolkitError:
    """What is said where `IN_A_ROW` images failed, whatever they showed."""
    return ToolkitError(
        f"The last {IN_A_ROW} images failed one after another. The latest: {latest.message}",
        f"The captions that were written are kept. {latest.hint}",
    )
