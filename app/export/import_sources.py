"""Where an import reads from: a path, or what is fetched once and kept from the look until it is imported or let go."""

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
from lib.hub import Hub
from lib.importing.hub import HubAddress, plan_download
from lib.progress import NOBODY, Progress
from lib.settings import Settings

_KEPT_S = 3_600.0
"""Seconds that an upload or a download is kept for somebody who looked at it and went away."""

_UNCHANGED = "Nothing was imported; what was there is unchanged."


@dataclass(frozen=True, slots=True)
class Upload:
    """Files that a browser sent, and whose they are."""

    files: list[BinaryIO]
    settings: Settings
    owner: str


@dataclass(frozen=True, slots=True)
class OnHub:
    """A dataset repository, with whom it is asked for, and for whom."""

    address: HubAddress
    hub: Hub
    settings: Settings
    owner: str


class ImportSource:
    """What is imported, by the name that a person knows it by. It may be read several times until it is let go.

    An upload or a download lies in a hidden folder of its owner, which goes with the session that looked at it.
    """

    def __init__(self, called: str, path: Path | None = None, brought: Upload | OnHub | None = None) -> None:
        """It lies at `path`, or is brought, and put on the disk when it is first read."""
        self.called = called
        self._path = path
        self._brought = brought
        self._lock = threading.Lock()
        self._stack = ExitStack()
        # Whatever becomes of the session, its upload does not stay.
        self._end = finalize(self, self._stack.close)

    def path(self, room: int | None = None, progress: Progress = NOBODY) -> Path:
        """Where it lies. Raises InvalidInput for what was let go, or two files of a name; WriteFailed, Cancelled.

        A dataset on the Hub is downloaded, which may take `room` bytes and of which `progress` hears; that raises
        ProviderErrors, too.
        """
        with self._lock:
            if self._path is None and self._end.alive:
                if isinstance(self._brought, Upload):
                    self._path = self._unpacked(self._brought)
                elif self._brought is not None:
                    self._path = self._downloaded(self._brought, room, progress)
            if self._path is None or not self._end.alive:
                raise InvalidInput("What was looked at was let go.", "Choose it again.")
            return self._path

    def let_go(self) -> None:
        """Removes an upload or a download. What lies on this server stays."""
        if isinstance(self._brought, Upload):
            self._brought.files.clear()
        self._end()

    def _folder(self, settings: Settings, owner: str) -> Path:
        """A hidden folder that is gone after an hour at the latest. Raises OSError."""
        folder = self._stack.enter_context(hidden_folder(settings.workspace(owner)))
        timer = threading.Timer(_KEPT_S, self._end)
        timer.daemon = True
        timer.start()
        self._stack.callback(timer.cancel)
        return folder

    def _downloaded(self, source: OnHub, room: int | None, progress: Progress) -> Path:
        left = server_space(source.settings).left
        download = plan_download(source.address, source.hub, left if room is None else min(left, room))
        with write_errors("The download could not be kept", _UNCHANGED):
            return download.fetch(self._folder(source.settings, source.owner), progress)

    def _unpacked(self, upload: Upload) -> Path:
        """The uploads as one file, or as one folder. Each is let go of in memory as soon as it is on the disk."""
        if sum(file.seek(0, os.SEEK_END) for file in upload.files) > server_space(upload.settings).left:
            raise QuotaExceeded("The space of this server is used up.", "Nothing was imported. Ask whoever runs it.")
        with write_errors("The upload could not be kept", _UNCHANGED):
            folder = self._folder(upload.settings, upload.owner)
            while upload.files:
                with upload.files.pop(0) as file:
                    file.seek(0)
                    target = folder / _place(file.name)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    if target.exists():
                        words = f"There are two uploads of the name “{target.name}”."
                        raise InvalidInput(words, "Import one at a time.")
                    with target.open("xb") as out:
                        shutil.copyfileobj(file, out, 1 << 20)
            found = list(folder.iterdir())
        return found[0] if len(found) == 1 else folder


def _place(name: str) -> Path:
    """Where an upload lies: in the folders that the browser told of, under names that any disk takes."""
    parts = [clean for part in name.replace("\\", "/").split("/") if (clean := clean_part(part))]
    return Path(*parts) if parts else Path("upload")
