"""`caption`: what a model says of each image, as a row; no tag file is touched."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from lib.captioning import IN_A_ROW, Brief, hopeless, sent, write_caption
from lib.errors import InvalidInput, KeyMissing, ProviderError, ToolkitError
from lib.parts.base import DataPart, MadePart, Options, PartSamples, PartStage, rows_table
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.settings import settings
from lib.wishes import Wishes

if TYPE_CHECKING:
    import pyarrow


class CaptionStage(PartStage):
    """Options: `model`, `prompt`, `style`, `params`, `wishes`; `base_url`, `threads`, `rpm`, `key_env`.

    `key_env` names the variable of the worker's environment that holds the key; "" for the service's usual one.
    """

    about = "Captions by a model"
    pace = frozenset({"base_url", "threads", "rpm", "key_env"})

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self._model = registry.find_model(str(options["model"]))
        self._brief = Brief(
            str(options["prompt"]),
            options.get("style", "sentence"),
            dict(options.get("params", {})),
            wishes=Wishes.from_json(options.get("wishes", {})),
        )
        self._threads = int(options.get("threads", 4))
        if self._threads < 1:
            raise InvalidInput("Captions need a thread at least.", "Give 1 or more.")
        self._captioner: Captioner | None = None
        self._lock = threading.Lock()
        self._in_a_row = 0

    @property
    def id(self) -> str:
        return self._model.id

    def load(self) -> None:
        options = self.options
        http = Http.of(settings(), at_this_machine=True)
        key = _key_in(str(options.get("key_env", "")))
        url, rpm = str(options.get("base_url", "")), int(options.get("rpm", 0))
        self._captioner = registry.captioner(self._model, key=key, base_url=url, http=http, rpm=rpm)

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        with ThreadPoolExecutor(self._threads, thread_name_prefix="caption") as pool:
            futures = [pool.submit(self._row, key, samples) for key in samples.keys]
            try:
                rows = [future.result() for future in futures]
            except BaseException:
                # What every image would meet: those that wait are not asked for.
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        return MadePart(rows_table(rows, self.schema()))

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        text = pyarrow.string()
        return pyarrow.schema(
            [
                ("key", text),
                ("caption", text),
                ("truncated", pyarrow.bool_()),
                ("model", text),
                ("prompt", text),
                ("parameters", text),
                ("time", text),
                ("error", text),
            ]
        )

    def _row(self, key: str, samples: PartSamples) -> Mapping[str, Any]:
        if (record := samples.records.get(key)) is None:
            return {"key": key, "error": samples.refused[key]}
        assert self._captioner is not None, "load() comes first"
        try:
            caption = write_caption(samples.root, record, self._captioner, self._brief)
        except ToolkitError as error:
            self._note_failure(error)
            return {"key": key, "error": str(error)}
        with self._lock:
            self._in_a_row = 0
        return {
            "key": key,
            "caption": caption.text,
            "truncated": caption.truncated,
            "model": self._model.id,
            "prompt": self._brief.asked,
            "parameters": json.dumps(sent(caption, self._brief), sort_keys=True),
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
        }

    def _note_failure(self, error: ToolkitError) -> None:
        """Raises where every image would fail the same way."""
        if error.stops_run:
            raise error
        if not isinstance(error, ProviderError):
            return
        with self._lock:
            self._in_a_row += 1
            is_hopeless = self._in_a_row >= IN_A_ROW
        if is_hopeless:
            ending = hopeless(error)
            ending.stops_run = True
            raise ending from error


def _key_in(name: str) -> SecretStr | None:
    """The key in a variable of this process's environment, None where none is named. Raises KeyMissing."""
    if not name:
        return None
    key = os.environ.get(name, "").strip()
    if not key:
        raise KeyMissing(
            "The variable that --key-env names is not set where the work is done.",
            "Set it in the environment of every worker.",
        )
    return SecretStr(key)
