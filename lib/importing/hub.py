"""A dataset repository of the Hugging Face Hub, by its name, downloaded so that it can be looked at and imported."""

from __future__ import annotations

import glob
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lib.errors import Cancelled, InvalidInput
from lib.files import write_errors
from lib.hub import TIMEOUT_S, Hub, checked_repository
from lib.importing.base import ImportChoices, ImportTarget
from lib.importing.import_into import ImportOutcome, import_into
from lib.importing.sources import READ_SUFFIXES
from lib.progress import NOBODY, Progress

SCHEME = "hf://"
MAX_BYTES = 20_000_000_000
MAX_FILES = 200_000

_ADDRESS = re.compile(r"hf://(?:datasets/)?([^/@]+/[^/@]+)(?:@([^/]+))?(?:/(.*))?")
_KEPT = "Nothing was added."


@dataclass(frozen=True, slots=True)
class HubAddress:
    """A dataset on the Hub: `repository` is owner/name, `revision` a branch, tag or commit, `subfolder` "" for all."""

    repository: str
    revision: str
    subfolder: str


def parse_address(text: str) -> HubAddress:
    """`hf://owner/name[@revision][/subfolder]`, a slash in a revision being %2F. Raises InvalidInput."""
    found = _ADDRESS.fullmatch(text.strip())
    if not found:
        raise InvalidInput(f"“{text}” is no address of a dataset.", "Write hf://owner/name, @revision and /subfolder.")
    return address_of(found[1], unquote(found[2] or ""), found[3] or "")


def address_of(repository: str, revision: str = "", subfolder: str = "") -> HubAddress:
    """The address that its parts make; `main` and the whole of it where they are empty. Raises InvalidInput."""
    subfolder = subfolder.strip().strip("/")
    if _leads_out(subfolder):
        raise InvalidInput(f"“{subfolder}” is no folder of a dataset.", "Write it as the Hub does: data/train.")
    return HubAddress(checked_repository(repository), revision.strip() or "main", subfolder)


@dataclass(frozen=True, slots=True)
class Download:
    """What an import can read of a dataset repository: it was looked at, and fits."""

    address: HubAddress
    hub: Hub
    commit: str
    patterns: tuple[str, ...]

    def fetch(self, folder: Path, progress: Progress = NOBODY) -> Path:
        """Fetches it into a folder that is there; gives where it lies.

        `progress` hears of the files downloaded and their total. Raises ProviderErrors, WriteFailed, Cancelled.
        """
        name = self.address.repository
        # Named as on the Hub, for messages that name what was read.
        source = folder / name.rpartition("/")[2]
        with write_errors("The download stopped", _KEPT), self.hub.speaking(name, _KEPT):
            self.hub.client().snapshot_download(
                name,
                repo_type="dataset",
                # The commit that was looked at, whatever the branch has become since.
                revision=self.commit,
                local_dir=source,
                # Or else the library looks through the user's own cache.
                cache_dir=folder / "cache",
                allow_patterns=list(self.patterns),
                tqdm_class=_bar(progress),
            )
        return source / self.address.subfolder


def plan_download(address: HubAddress, hub: Hub, room: float | None = None) -> Download:
    """Looks at a dataset repository; `room`: the bytes that its files may take.

    Raises InvalidInput where there is no such dataset, it is larger than `MAX_BYTES` or the room, or its names lead out
    of the folder; KeyRejected and other ProviderErrors.
    """
    with hub.speaking(address.repository, _KEPT):
        info = hub.client().dataset_info(
            address.repository, revision=address.revision, files_metadata=True, timeout=TIMEOUT_S
        )
        patterns = _patterns(address, info, MAX_BYTES if room is None else int(min(room, MAX_BYTES)))
    return Download(address, hub, info.sha, tuple(patterns))


def import_from_hub(
    address: HubAddress,
    target: ImportTarget,
    hub: Hub,
    choices: ImportChoices = ImportChoices(),
    progress: Progress = NOBODY,
) -> ImportOutcome:
    """Downloads a dataset repository out of sight and takes it into a folder. Raises what those two raise.

    What is downloaded must fit into the target's room, too. `progress` hears of the files downloaded, then of the
    images read, whose total nobody knows. Where it ends early, no file in the folder is touched.
    """
    download = plan_download(address, hub, target.room)
    with write_errors(f"The download into “{target.folder}” stopped", _KEPT), target.staging() as hidden:
        return import_into(download.fetch(hidden, progress), target, choices, progress=progress)


def _patterns(address: HubAddress, info: Any, max_bytes: int) -> list[str]:
    """Patterns for the files to download: the subfolder, and the endings in it that an import reads, as spelled."""
    prefix = f"{address.subfolder}/" if address.subfolder else ""
    files = [(file.rfilename, file.size or 0) for file in info.siblings or ()]
    if bad := next((name for name, _ in files if _leads_out(name)), ""):
        raise InvalidInput(f"“{address.repository}” has a file named “{bad}”, which leads out of the folder.", _KEPT)
    wanted = [(name, size) for name, size in files if name.startswith(prefix) and name.lower().endswith(READ_SUFFIXES)]
    if not wanted:
        place = f"“{address.subfolder}” of “{address.repository}”" if prefix else f"“{address.repository}”"
        raise InvalidInput(f"{place} holds nothing that can be imported.", "Check the subfolder and the revision.")
    total = sum(size for _, size in wanted)
    if total > max_bytes or len(wanted) > MAX_FILES:
        raise InvalidInput(
            f"“{address.repository}” has {len(wanted):,} files of {total:,} bytes to download;"
            f" {MAX_FILES:,} files and {max_bytes:,} bytes are the limits.",
            "Nothing was downloaded. Name a subfolder of it.",
        )
    endings = {name.rpartition(".")[2] for name, _ in wanted}
    return [f"{glob.escape(prefix)}*.{glob.escape(ending)}" for ending in sorted(endings)]


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0]


def _bar(progress: Progress) -> Any:
    """The library's own way of telling how far it is, which is also the only place to stop it."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *args: Any, **options: Any) -> None:
            # Bars of bytes have a unit; the one that counts files has none.
            self._counts_files = "unit" not in options
            super().__init__(*args, **options | {"disable": True})

        def update(self, count: float | None = 1) -> None:
            if progress.is_cancelled():
                raise Cancelled("The import was stopped.", _KEPT)
            # A bar that is not shown does not count by itself.
            self.n += int(count or 0)
            if self._counts_files:
                progress.advance(self.n, self.total or 0)

    return Bar
