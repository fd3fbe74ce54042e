"""A folder with whatever a folder may have, and a server that captions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.provider_server import ProviderServer

CAPTIONS: dict[str, str | bytes | None] = {
    "a dog.jpg": "a dog, grass",
    "b.jpg": "a cat, sofa",
    "sub/c.jpg": "a cat, a dog",
    "größe 大.jpg": "a boat at sea",
    "none.jpg": None,
}


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "my photos ü", CAPTIONS)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer("a red square") as made:
        yield made
