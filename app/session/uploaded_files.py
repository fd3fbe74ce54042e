"""Files that a browser sent, once they are on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO, Self

from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from app.session.state import RoomState


@dataclass
class HandedOver(RoomState):
    """Files that were dropped in one place and are read in another, and the name for the dataset that they make."""

    files: list[BinaryIO] = field(default_factory=list)
    name: str = ""

    def after_opening(self, *, is_other: bool) -> Self:
        """They are on their way, whatever is opened."""
        return self


def let_go(files: Iterable[BinaryIO]) -> None:
    """Lets files be freed as soon as whoever holds them still is done; Streamlit would keep them with the session."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        if isinstance(file, UploadedFile):
            context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)
