"""Pushes a dataset to the Hugging Face Hub: an imagefolder, read back here first, and a card that says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from lib.dataset.workspace.hidden import hidden_folder
from lib.errors import Cancelled, InvalidInput, WouldRemove
from lib.exporting.base import ExportPlan, LeftOut, origins_of
from lib.exporting.dataset_card import card_section, is_own_card, new_card, renewed_card
from lib.exporting.imagefolder import ImageFolder
from lib.exporting.loading import METADATA, configs_of, with_configs
from lib.exporting.loading import README as CARD
from lib.exporting.registry import EXPORTERS
from lib.exporting.writing import ExportSummary, export
from lib.files import write_errors
from lib.hub import TIMEOUT_S, Hub, checked_repository
from lib.progress import NOBODY, Progress

HUB_FORMAT = EXPORTERS.name_of(ImageFolder)
"""What a repository holds: the Hub shows its images, each with its caption."""

Step = Literal["asking", "writing", "uploading"]

_GIVEN = {CARD, ".gitattributes"}
"""What a repository holds that was just made on the Hub's page."""
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_KEPT = "Nothing changed here. What has arrived there stays; push again to go on."
_BATCH, _BATCHES = 250, 50
"""Files a commit at least, and commits a push at most: the Hub counts commits, and a push stops between two of them."""


@dataclass(frozen=True, slots=True)
class PushTarget:
    """Where a push goes: a dataset repository, owner/name, and what it is to be there.

    One that is made is private unless `public`. One that an earlier push has made becomes what this push holds: what is
    the same is not sent again, words that people added to the card stay, and so does who may see it. Where it holds
    files that the push does not, `may_remove` is asked before anything is sent: they are removed, or nothing is done at
    all, since images without a line in a table would make the dataset unreadable.
    """

    hub: Hub
    repository: str
    public: bool = False
    license: str = ""
    may_remove: Callable[[frozenset[str]], bool] = lambda names: False

    def checked(self) -> PushTarget:
        """The same with the repository's name as the Hub has it. Raises InvalidInput."""
        repository = checked_repository(self.repository)
        if self.license and not _LICENSE.fullmatch(self.license):
            raise InvalidInput(
                f"“{self.license}” is no license's short name.", "Write it as the Hub does, as in “cc-by-4.0”."
            )
        return replace(self, repository=repository)


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
    target: PushTarget,
    workshop: Path,
    *,
    step: Callable[[Step], None] = lambda name: None,
    progress: Progress = NOBODY,
) -> Pushed:
    """Makes the dataset repository and uploads what is planned as an imagefolder.

    The files are written below `workshop`, and removed at the end. `progress` hears of the writing as `export` tells
    it, then, from 0 again, of the files uploaded; between two of several commits a push can be stopped.
    Raises InvalidInput, WouldRemove, KeyMissing, KeyRejected, other ProviderErrors, WriteFailed, Cancelled.
    """
    target = target.checked()
    # The Hub shows images, and no zip of them.
    plan = replace(plan, options=replace(plan.options, zipped=False))
    client = target.hub.client(needs_token=True)
    with write_errors("The push could not be prepared", "Nothing was uploaded."), hidden_folder(workshop) as folder:
        step("asking")
        found = _find(client, target, folder)
        step("writing")
        written = export(HUB_FORMAT, plan, folder, progress)
        names = _names_in(written.path)
        gone = _to_remove(found, names, target)
        card = _card(found, target, plan, written)
        if progress.is_cancelled():
            raise Cancelled("The push was stopped.", "Nothing was uploaded.")
        step("uploading")
        with target.hub.speaking(target.repository, _KEPT):
            if found is None:
                client.create_repo(target.repository, repo_type="dataset", private=not target.public)
            _Upload(client, target.repository, progress).run(card, written.path, names, gone)
    private = found.private if found else not target.public
    return Pushed(f"{client.endpoint}/datasets/{target.repository}", private, written.samples, written.left_out)


def _card(found: _Found | None, target: PushTarget, plan: ExportPlan, written: ExportSummary) -> str:
    """`written`: the imagefolder, whose README.md says what of it is data. Folders may be called like splits."""
    left_out, line = written.left_out, configs_of((written.path / CARD).read_text(encoding="utf-8"))
    section = _section(target.repository, plan, left_out)
    if found and found.card:
        card = renewed_card(found.card, section, target.license)
    else:
        card = new_card(target.repository, section, target.license)
    return with_configs(card, line)


def _find(client: Any, target: PushTarget, folder: Path) -> _Found | None:
    """What is there under this name. Raises InvalidInput where it is somebody's work, or seen by more than asked."""
    from huggingface_hub.errors import RepositoryNotFoundError

    card, repository = "", target.repository
    with target.hub.speaking(repository, "Nothing was uploaded."):
        try:
            info = client.dataset_info(repository, timeout=TIMEOUT_S)
        except RepositoryNotFoundError:
            return None
        names = {file.rfilename for file in info.siblings or ()}
        if CARD in names:
            path = client.hf_hub_download(
                repository, CARD, repo_type="dataset", revision=info.sha, local_dir=folder / "found"
            )
            card = Path(path).read_bytes().decode("utf-8", "replace")
    if names - _GIVEN and not is_own_card(card):
        raise InvalidInput(
            f"“{repository}” holds a dataset that was not pushed from here.",
            "Nothing was uploaded, so that nothing of it is lost. Give another name.",
        )
    if not (info.private or target.public):
        raise InvalidInput(
            f"“{repository}” is public.", "Nothing was uploaded. Say that it may be, or give another name."
        )
    return _Found(info.private, card, frozenset(names))


def _section(repository: str, plan: ExportPlan, left_out: tuple[LeftOut, ...]) -> str:
    gone = {name for name, _ in left_out}
    splits = {split: [one for one in records if one.name not in gone] for split, records in plan.splits.items()}
    texts = {split: [one.text for one in records] for split, records in splits.items() if records}
    origins = origins_of([one for records in splits.values() for one in records], plan.journal).values()
    return card_section(repository, texts, origins, len(left_out))


def _names_in(folder: Path) -> list[str]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    # Its card goes first, in the words of the repository.
    names.remove(CARD)
    # The tables come last, with what goes: until then those of an earlier push fit its images.
    return sorted(names, key=lambda name: name.endswith(METADATA))


def _to_remove(found: _Found | None, names: Sequence[str], target: PushTarget) -> frozenset[str]:
    """What an earlier push has put there and this one does not hold, be it in another split. Raises WouldRemove."""
    there = found.names if found else frozenset[str]()
    gone = frozenset(name for name in there.difference(names) if name.startswith(("train/", "validation/")))
    if gone and not target.may_remove(gone):
        raise WouldRemove(target.repository, gone)
    return gone


class _Upload:
    """The commits of one push."""

    def __init__(self, client: Any, repository: str, progress: Progress) -> None:
        self._client = client
        self._repository = repository
        self._progress = progress

    def run(self, card: str, folder: Path, names: Sequence[str], gone: frozenset[str]) -> None:
        self._card(card)
        self._folder(folder, names, gone)

    def _card(self, text: str) -> None:
        # First, in a commit of its own: should the rest break off, the next push knows the repository by it.
        from huggingface_hub import CommitOperationAdd

        self._commit([CommitOperationAdd(CARD, text.encode())], "Describe the captions")

    def _folder(self, folder: Path, names: Sequence[str], gone: frozenset[str]) -> None:
        """Uploads the named files of the folder, as far as they differ from what is there, and takes out the others."""
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        size = max(_BATCH, -(-len(names) // _BATCHES))
        for first in range(0, len(names), size):
            if self._progress.is_cancelled():
                raise Cancelled("The push was stopped.", _KEPT)
            self._progress.advance(first, len(names))
            operations: list[Any] = [CommitOperationAdd(name, folder / name) for name in names[first : first + size]]
            if first + size >= len(names):
                operations += [CommitOperationDelete(name) for name in sorted(gone)]
            self._commit(operations, "Add images and captions")
        self._progress.advance(len(names), len(names))

    def _commit(self, operations: list[Any], message: str) -> None:
        """What is there already as it is, is not sent; where that is all, there is no commit."""
        self._client.create_commit(self._repository, operations, commit_message=message, repo_type="dataset")
