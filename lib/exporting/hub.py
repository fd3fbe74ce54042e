"""Pushes a dataset to the Hugging Face Hub: an imagefolder, read back here first, and a card that says what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lib.dataset.hidden import hidden_folder
from lib.dataset.journal import Journal
from lib.dataset.store import cause_of
from lib.errors import Cancelled, InvalidInput, WriteFailed
from lib.exporting.base import LeftOut, Options, Plan, Source
from lib.exporting.dataset_card import card_section, is_own_card, new_card, renewed_card
from lib.exporting.writing import export
from lib.hub import TIMEOUT_S, Hub, checked_repository

Step = Literal["asking", "writing", "uploading"]

_CARD = "README.md"
_GIVEN = {_CARD, ".gitattributes"}
"""What a repository holds that was just made on the Hub's page."""
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_KEPT = "Nothing changed here. What has arrived there stays; push again to go on."


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a push became. `url` is the dataset's page."""

    url: str
    private: bool
    samples: int
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """A repository that is there already, and its card, "" where it has none."""

    private: bool
    card: str


def push(
    plan: Plan,
    root: Path,
    repository: str,
    hub: Hub,
    workshop: Path,
    options: Options | None = None,
    *,
    public: bool = False,
    license: str = "",
    journal: Journal | None = None,
    step: Callable[[Step], None] = lambda name: None,
    advance: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Pushed:
    """Makes the dataset repository (private unless `public`) and uploads the planned records as an imagefolder.

    The files are written below `workshop` first, and removed at the end. A repository that an earlier push has made
    becomes what this push holds: what is the same is not sent again, what is gone is removed, words that people added
    to the card stay, and so does who may see it. `advance` counts the writing alone, as `export` does: the upload tells
    nobody how far it is, and cannot be stopped.
    Raises InvalidInput, KeyMissing, KeyRejected, other ProviderErrors, WriteFailed, Cancelled.
    """
    repository = checked_repository(repository)
    if license and not _LICENSE.fullmatch(license):
        raise InvalidInput(f"“{license}” is no license's short name.", "Write it as the Hub does, as in “cc-by-4.0”.")
    client = hub.client(needs_token=True)
    try:
        with hidden_folder(workshop) as folder:
            step("asking")
            found = _find(client, repository, hub, folder, public=public)
            step("writing")
            written = export(
                "imagefolder", plan, root, folder, options, journal=journal, advance=advance, cancelled=cancelled
            )
            section = _section(repository, plan, root, journal, written.left_out)
            old = found.card if found else ""
            card = renewed_card(old, section, license) if old else new_card(repository, section, license)
            if cancelled():
                raise Cancelled("The push was stopped.", "Nothing was uploaded.")
            step("uploading")
            with hub.speaking(repository, _KEPT):
                if found is None:
                    client.create_repo(repository, repo_type="dataset", private=not public)
                _upload(client, repository, card, written.path)
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
    return _Found(info.private, card)


def _section(repository: str, plan: Plan, root: Path, journal: Journal | None, left_out: tuple[LeftOut, ...]) -> str:
    gone = {name for name, _ in left_out}
    splits = {split: [one for one in records if one.name not in gone] for split, records in plan.splits.items()}
    source = Source(root, plan, Options(), journal)
    texts = {split: [one.text for one in records] for split, records in splits.items() if records}
    origins = (source.origin(one) for records in splits.values() for one in records)
    return card_section(repository, texts, origins, len(left_out))


def _upload(client: Any, repository: str, card: str, folder: Path) -> None:
    # The card first, in a commit of its own: should the rest break off, the next push knows the repository by it.
    message = "Describe the captions"
    client.upload_file(
        path_or_fileobj=card.encode(),
        path_in_repo=_CARD,
        repo_id=repository,
        repo_type="dataset",
        commit_message=message,
    )
    client.upload_folder(
        folder_path=folder,
        repo_id=repository,
        repo_type="dataset",
        commit_message="Add images and captions",
        # The splits of an earlier push, so that no image stays there without its line in the metadata.
        delete_patterns=["train/*", "validation/*"],
    )
