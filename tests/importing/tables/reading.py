"""What the reader of tables makes of a file that a test wrote."""

from __future__ import annotations

from pathlib import Path

from lib.importing.base import ImageNames
from lib.importing.tables.results import NotUnderstood, Reading, TableFound
from lib.importing.tables.understand import understand

IMAGES = ("a.jpg", "b.jpg", "c.jpg")


def ask(
    path: Path, content: str | bytes, *, images: tuple[str, ...] = IMAGES, encoding: str = "utf-8", **reading: str
) -> TableFound | NotUnderstood | None:
    """Writes a file and asks what it is."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return understand(path, path.name, ImageNames(images), Reading(**reading))


def found(path: Path, content: str | bytes, **how: object) -> TableFound:
    """The table that a file is."""
    answer = ask(path, content, **how)  # type: ignore[arg-type]
    assert isinstance(answer, TableFound), answer
    return answer


def captions(table: TableFound, images: tuple[str, ...] = IMAGES) -> dict[str, list[str]]:
    """The captions of each image that a table names."""
    names = ImageNames(images)
    texts: dict[str, list[str]] = {}
    for row in table.rows():
        for name in names.find(row.key):
            texts.setdefault(name, []).extend(row.texts)
    return texts


def read(path: Path, content: str | bytes, **how: object) -> dict[str, list[str]]:
    """The captions that a file gives."""
    return captions(found(path, content, **how))


def reason(path: Path, content: str | bytes, **how: object) -> str:
    """Why a file was not understood."""
    answer = ask(path, content, **how)  # type: ignore[arg-type]
    assert isinstance(answer, NotUnderstood), answer
    return answer.reason
