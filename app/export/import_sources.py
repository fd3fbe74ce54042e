"""Where an import reads from: a path, or an upload that is kept from the look at it until it is imported or let go."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from weakref import finalize

from lib.dataset.workspace.hidden import hidden_folder
from lib.dataset.workspace.server_space import server_space
from lib.dataset.workspace.upload_names import clean_part
from lib.errors import InvalidInput, QuotaExceeded
from lib.files import write_errors
from lib.settings import Settings

_KEPT_S = 3_600.0
"""Seconds that an upload is kept for somebody who looked at it and went away."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that a browser sent, and whose they are."""

    files: list[BinaryIO]
    settings: Settings
    owner: str


class ImportSource:
    """What is imported, by the name that a person knows it by. It may be read several times until it is let go.

    An upload lies in a hidden folder of its owner, which goes with the session that looked at it.
    """

    def __init__(self, called: str, path: Path | None = None, upload: Upload | None = None) -> None:
        """It lies at `path`, or comes with an upload, which is put on the disk when it is first read."""
        self.called = called
        self._path = path
        self._upload = upload
        self._lock = threading.Lock()
        self._stack = ExitStack()
        # Whatever becomes of the session, its upload does not stay.
        self._end = finalize(self, self._stack.close)

    def path(self) -> Path:
        """Where it lies. Raises InvalidInput for an upload that was let go, or of two files of a name; WriteFailed."""
        with self._lock:
            if self._path is None and self._upload is not None and self._end.alive:
                self._path = self._unpacked(self._upload)
            if self._path is None or not self._end.alive:
                raise InvalidInput("The upload was let go.", "Drop the files into the box again.")
            return self._path

    def let_go(self) -> None:
        """Removes an upload. What lies on this server stays."""
        if self._upload is not None:
            self._upload.files.clear()
        self._end()

    def _unpacked(self, upload: Upload) -> Path:
        """The uploads as one file, or as one folder. Each is let go of in memory as soon as it is on the disk."""
        if sum(file.seek(0, os.SEEK_END) for file in upload.files) > server_space(upload.settings).left:
            raise QuotaExceeded("The space of this server is used up.", "Nothing was imported. Ask whoever runs it.")
        with write_errors("The upload could not be kept", "Nothing was imported; what was there is unchanged."):
            folder = self._stack.enter_context(hidden_folder(upload.settings.workspace(upload.owner)))
            timer = threading.Timer(_KEPT_S, self._end)
            timer.daemon = True
            timer.start()
            self._stack.callback(timer.cancel)
            while upload.files:
                with upload.files.pop(0) as file:
                    file.seek(0)
                    target = folder / (clean_part(Path(file.name).name) or "upload")
                    if target.exists():
                        words = f"There are two uploads of the name “{target.name}”."
                        raise InvalidInput(words, "Import one at a time.")
                    with target.open("xb") as out:
                        shutil.copyfileobj(file, out, 1 << 20)
            found = list(folder.iterdir())
        return found[0] if len(found) == 1 else folder
