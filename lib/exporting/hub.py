"""Pushes a dataset to the Hugging Face Hub: an imagefolder, read back here first, and a card that says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.store import cause_of
from lib.dataset.workspace.hidden import hidden_folder
from lib.errors import Cancelled, InvalidInput, WouldRemove, WriteFailed
from lib.exporting.base import ExportOptions, ExportPlan, LeftOut, SampleSource
from lib.exporting.dataset_card import card_section, is_own_card, new_card, renewed_card
from lib.exporting.imagefolder import METADATA, ImageFolder
from lib.exporting.registry import EXPORTERS
from lib.exporting.writing import export
from lib.hub import TIMEOUT_S, Hub, checked_repository

HUB_FORMAT = EXPORTERS.name_of(ImageFolder)
"""What a repository holds: the Hub shows its images, each with its caption."""

Step = Literal["asking", "writing", "uploading"]

_CARD = "README.md"
_GIVEN = {_CARD, ".gitattributes"}
"""What a repository holds that was just made on the Hub's page."""
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_KEPT = "Nothing changed here. What has arrived there stays; push again to go on."
_BATCH, _BATCHES = 250, 50
"""Files a commit at least, and commits a push at most: the Hub counts commits, and a push stops between two of them."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push became. `url` is the dataset's page."""

    url: str
    private: bool
    samples: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A repository that is there already: what is in it, and its card, "" where it has none."""

    private: bool
    card: str
    names: frozenset[str]


def push(
    plan: ExportPlan,
    root: Path,
    repository: str,
    hub: Hub,
    workshop: Path,
    options: ExportOptions | None = None,
    *,
    public: bool = False,
    license: str = "",
    may_remove: Callable[[frozenset[str]], bool] = lambda names: False,
    journal: Journal | None = None,
    step: Callable[[Step], None] = lambda name: None,
    advance: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Pushed:
    """Makes the dataset repository (private unless `public`) and uploads the planned records as an imagefolder.

    The files are written below `workshop` first, and removed at the end. A repository that an earlier push has made
    becomes what this push holds: what is the same is not sent again, words that people added to the card stay, and so
    does who may see it. Where it holds files that this push does not, `may_remove` is asked before anything is sent:
    they are removed, or nothing is done at all, since images without a line in a table would make the dataset
    unreadable. `advance` counts the writing as `export` does, and then, from 0 again,
    the files that were uploaded, which go in several commits: a push can be stopped between two of them.
    Raises InvalidInput, WouldRemove, KeyMissing, KeyRejected, other ProviderErrors, WriteFailed, Cancelled.
    """
    repository = checked_repository(repository)
    # The Hub shows images, and no zip of them.
    options = replace(options or ExportOptions(), zipped=False)
    if license and not _LICENSE.fullmatch(license):
        raise InvalidInput(f"“{license}” is no license's short name.", "Write it as the Hub does, as in “cc-by-4.0”.")
    client = hub.client(needs_token=True)
    try:
        with hidden_folder(workshop) as folder:
            step("asking")
            found = _find(client, repository, hub, folder, public=public)
            step("writing")
            written = export(
                HUB_FORMAT, plan, root, folder, options, journal=journal, advance=advance, cancelled=cancelled
            )
            section = _section(repository, plan, root, journal, written.left_out)
            old = found.card if found else ""
            card = renewed_card(old, section, license) if old else new_card(repository, section, license)
            names = _names_in(written.path)
            gone = _gone(found.names, names) if found else frozenset()
            if gone and not may_remove(gone):
                raise WouldRemove(repository, gone)
            if cancelled():
                raise Cancelled("The push was stopped.", "Nothing was uploaded.")
            step("uploading")
            with hub.speaking(repository, _KEPT):
                if found is None:
                    client.create_repo(repository, repo_type="dataset", private=not public)
                upload = _Upload(client, repository, advance, cancelled)
                upload.card(card)
                upload.folder(written.path, names, gone)
    except OSError as exc:
        cause, hint = cause_of(exc)
        raise WriteFailed(f"The push could not be prepared: {cause}.", f"Nothing was uploaded. {hint}") from exc
    private = found.private if found else not public
    return Pushed(f"{client.endpoint}/datasets/{repository}", private, written.samples, written.left_out)


def _find(client: Any, repository: str, hub: Hub, folder: Path, *, public: bool) -> _Found | None:
    """What is there under this name. Raises InvalidInput where it is somebody's work, or seen by more than asked."""
    from huggingface_hub.errors import RepositoryNotFoundError

    card = ""
    with hub.speaking(repository, "Nothing was uploaded."):
        try:
            info = client.dataset_info(repository, timeout=TIMEOUT_S)
        except RepositoryNotFoundError:
            return None
        names = {file.rfilename for file in info.siblings or ()}
        if _CARD in names:
            path = client.hf_hub_download(
                repository, _CARD, repo_type="dataset", revision=info.sha, local_dir=folder / "found"
            )
            card = Path(path).read_bytes().decode("utf-8", "replace")
    if names - _GIVEN and not is_own_card(card):
        raise InvalidInput(
            f"“{repository}” holds a dataset that was not pushed from here.",
            "Nothing was uploaded, so that nothing of it is lost. Give another name.",
        )
    if not (info.private or public):
        raise InvalidInput(
            f"“{repository}” is public.", "Nothing was uploaded. Say that it may be, or give another name."
        )
    return _Found(info.private, card, frozenset(names))


def _section(
    repository: str, plan: ExportPlan, root: Path, journal: Journal | None, left_out: tuple[LeftOut, ...]
) -> str:
    gone = {name for name, _ in left_out}
    splits = {split: [one for one in records if one.name not in gone] for split, records in plan.splits.items()}
    source = SampleSource(root, plan, ExportOptions(), journal)
    texts = {split: [one.text for one in records] for split, records in splits.items() if records}
    origins = (source.origin(one) for records in splits.values() for one in records)
    return card_section(repository, texts, origins, len(left_out))


def _names_in(folder: Path) -> list[str]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    # The tables come last, with what goes: until then those of an earlier push fit its images.
    return sorted(names, key=lambda name: name.endswith(METADATA))


def _gone(there: frozenset[str], names: Sequence[str]) -> frozenset[str]:
    """What an earlier push has put there and this one does not hold, be it in another split."""
    return frozenset(name for name in there.difference(names) if name.startswith(("train/", "validation/")))


class _Upload:
    """The commits of one push."""

    def __init__(
        self, client: Any, repository: str, advance: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> None:
        self._client = client
        self._repository = repository
        self._advance = advance
        self._cancelled = cancelled

    def card(self, text: str) -> None:
        # First, in a commit of its own: should the rest break off, the next push knows the repository by it.
        from huggingface_hub import CommitOperationAdd

        self._commit([CommitOperationAdd(_CARD, text.encode())], "Describe the captions")

    def folder(self, folder: Path, names: Sequence[str], gone: frozenset[str]) -> None:
        """Uploads the named files of the folder, as far as they differ from what is there, and takes out the others."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        size = max(_BATCH, -(-len(names) // _BATCHES))
        for first in range(0, len(names), size):
            if self._cancelled():
                raise Cancelled("The push was stopped.", _KEPT)
            self._advance(first, len(names))
            operations: list[Any] = [CommitOperationAdd(name, folder / name) for name in names[first : first + size]]
            if first + size >= len(names):
                operations += [CommitOperationDelete(name) for name in sorted(gone)]
            self._commit(operations, "Add images and captions")
        self._advance(len(names), len(names))

    def _commit(self, operations: list[Any], message: str) -> None:
        """What is there already as it is, is not sent; where that is all, there is no commit."""
        self._client.create_commit(self._repository, operations, commit_message=message, repo_type="dataset")
