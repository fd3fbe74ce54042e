"""A source, read: all its images known, and every caption with the image that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from lib.archives import Limits, is_archive
from lib.dataset.workspace.roots import private_folders
from lib.errors import InvalidInput
from lib.images import IMAGE_SUFFIXES
from lib.importing.base import ImageNames, ImportTarget
from lib.importing.settle import HandedOut, Settling
from lib.importing.sources import SOURCES
from lib.importing.stage import Stage
from lib.importing.tables.results import Reading
from lib.importing.tree import Tree, files_in


def read_source(
    source: Path,
    target: ImportTarget,
    stage: Stage,
    reading: Reading,
    there: Callable[[], Iterable[str]],
    limits: Limits | None = None,
) -> HandedOut:
    """Reads a file or folder of any known kind into a stage.

    `there`: the images that are in the target, asked for once the source was walked through, which may take long.
    Raises InvalidInput where there is nothing to import, OSError, QuotaExceeded, Cancelled.
    """
    if not source.exists():
        raise InvalidInput(f"There is nothing at “{source}”.", "Check the path.")
    source = source.resolve()
    # A folder that holds the toolkit's own would bring other people's uploads along.
    passed_over = {target.folder.resolve(), *(path.resolve() for path in private_folders(target.settings))}
    tree = Tree(stage, passed_over, limits, reading)
    walked = tree.walk(source)
    settling = Settling(stage, there(), reading, limits)
    if source.is_file() and not is_archive(source) and (walked.tables or walked.parquets):
        beside = files_in(source.parent, passed_over, IMAGE_SUFFIXES)
        names = ImageNames(path.relative_to(source.parent).as_posix() for path in beside)
        tree.take_beside(source, settling.keys(walked, names))
    settled = settling.settle(walked)
    account = stage.account
    account.note_missing()
    if not (stage.images or settled.there or account.refused or account.not_understood or account.tables):
        raise InvalidInput(f"“{source.name}” holds nothing that can be imported.", f"Known: {'; '.join(SOURCES)}.")
    return settled
