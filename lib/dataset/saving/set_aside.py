"""Images that leave a dataset without being deleted: with their tag files they go to a hidden folder in it."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lib.dataset.journal.rows import ImportedImage
from lib.dataset.saving.imported_images import FileHashes, StagedImages, new_aside
from lib.dataset.saving.store import Store
from lib.dataset.tag_files.paths import inside_root
from lib.dataset.tag_files.rewriting import LeftAlone
from lib.domain import ImageRecord
from lib.errors import WriteFailed

_NO_FILE = "It is gone, or a link, which cannot be set aside."


def images_set_aside(store: Store, names: Sequence[str], left: LeftAlone) -> StagedImages | None:
    """What `Operations.apply` takes to set images aside with their tag files; None where none can be.

    A tag file that an image shares with another one that stays, stays. `left` gets what cannot go, with the reason.
    The store must have its dataset.
    """
    hashes, going = FileHashes(), set(names)
    gone: list[ImportedImage] = []
    for name in dict.fromkeys(names):
        record = store.dataset.get(name) if store.dataset is not None else None
        if record is None:
            left.append((name, "It is no longer in the dataset."))
            continue
        try:
            gone += _with_tag_file(store, record, hashes, going)
        except WriteFailed as exc:
            left.append((name, exc.message))
    # Two images that go together take the tag file that they share once.
    unique = {image.name: image for image in gone}
    return StagedImages(list(unique.values()), {}, new_aside()) if unique else None


def _with_tag_file(store: Store, record: ImageRecord, hashes: FileHashes, going: set[str]) -> list[ImportedImage]:
    """Raises WriteFailed for what cannot be moved."""
    found = hashes.of(inside_root(store.root, record.name))
    if found is None:
        raise WriteFailed(_NO_FILE)
    image = ImportedImage(record.name, "", found, record.sidecar)
    siblings: tuple[str, ...] = ()
    if store.dataset is not None:
        siblings = tuple(store.dataset.shared_stems.get(record.stem, ()))
    tag_file = inside_root(store.root, record.sidecar)
    if set(siblings) - going or not os.path.lexists(tag_file):
        return [image]
    words = hashes.of(tag_file)
    if words is None:
        raise WriteFailed(f"Its tag file is no file of this folder. {_NO_FILE}")
    return [image, ImportedImage(record.sidecar, "", words, record.sidecar)]
