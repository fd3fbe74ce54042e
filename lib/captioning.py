"""Images in, captions out: one, or many with one outcome each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lib.dataset.images import jpeg_within
from lib.dataset.sidecar import Sidecar
from lib.dataset.store import Store
from lib.domain import Caption, CaptionRequest, Existing, ImageRecord, Origin, Outcome, ParamValue, Style
from lib.errors import ToolkitError
from lib.providers.base import Captioner
from lib.providers.prompts import render


@dataclass(frozen=True, slots=True)
class Brief:
    """What a captioner is asked for. `prompt` may hold {name}, {directory} and {tags}."""

    prompt: str
    style: Style = "sentence"
    params: Mapping[str, ParamValue] = field(default_factory=dict)
    existing: Existing = "skip"


def write_caption(root: Path, record: ImageRecord, captioner: Captioner, brief: Brief) -> Caption:
    """Ask for the caption of one image; nothing is saved.

    Raises ImageRefused, or what the captioner raises.
    """
    path = root / record.name
    limit = captioner.model.limit
    image = jpeg_within(path, limit.max_side, limit.max_base64)
    prompt = render(brief.prompt, name=path.stem, directory=path.parent.name, tags=record.text)
    return captioner.caption(CaptionRequest(image, captioner.model, prompt, brief.params, brief.style))


def merge(present: str, new: str, existing: Existing, style: Style) -> str:
    """The text to save when a caption is there already: tags are joined by ", ", sentences by a space."""
    if not present.strip() or existing in ("skip", "overwrite"):
        return new
    separator = ", " if style == "tags" else " "
    first, second = (new, present) if existing == "prepend" else (present, new)
    return first.strip() + separator + second.strip()


def caption_many(
    records: Sequence[ImageRecord],
    store: Store,
    captioner: Captioner,
    brief: Brief,
    *,
    workers: int = 4,
    cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[Outcome]:
    """Caption and save many images, `workers` at a time; outcomes come as they are ready.

    One bad image becomes a failed Outcome. An error that every image would meet (a wrong key, a retired model)
    ends the run: the images not begun by then have no outcome.
    """
    run = _Run(store, captioner, brief, cancelled)
    waiting = iter(records)
    with ThreadPoolExecutor(workers, thread_name_prefix="caption") as pool:
        # Never more than two images a worker in flight: a run of 100,000 must not queue 100,000 futures.
        flying: set[Future[Outcome | None]] = {pool.submit(run.one, record) for record in islice(waiting, 2 * workers)}
        try:
            while flying:
                landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                flying |= {pool.submit(run.one, record) for record in islice(waiting, len(landed))}
                yield from (outcome for future in landed if (outcome := future.result()) is not None)
        finally:
            run.stop.set()


class _Run:
    def __init__(self, store: Store, captioner: Captioner, brief: Brief, cancelled: Callable[[], bool]) -> None:
        self.store = store
        self.captioner = captioner
        self.brief = brief
        self.cancelled = cancelled
        self.stop = threading.Event()

    def one(self, record: ImageRecord) -> Outcome | None:
        if self.stop.is_set() or self.cancelled():
            return None
        try:
            sidecar = self.store.read_editable(record)
            if self.brief.existing == "skip" and sidecar.text.strip():
                return Outcome(record.name, "skipped")
            caption = write_caption(self.store.root, record, self.captioner, self.brief)
            self._save(record, sidecar, caption)
        except ToolkitError as error:
            if error.stops_run:
                if self.stop.is_set():
                    return None
                self.stop.set()
            return Outcome(record.name, "failed", reason=str(error))
        return Outcome(record.name, "done", caption)

    def _save(self, record: ImageRecord, sidecar: Sidecar, caption: Caption) -> None:
        brief = self.brief
        text = merge(sidecar.text, caption.text, brief.existing, brief.style)
        origin = Origin("generate", self.captioner.model.id, brief.prompt, dict(brief.params))
        self.store.save(record, text, sidecar.hash, origin)
