"""A folder with whatever a folder may have, and a server that captions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.image_folder import image_folder
from tests.doubles.minilm import minilm
from tests.doubles.provider_server import ProviderServer

CAPTIONS: dict[str, str | bytes | None] = {
    "a dog.jpg": "a dog, grass",
    "b.jpg": "a cat, sofa",
    "sub/c.jpg": "a cat, a dog",
    "größe 大.jpg": "a boat at sea",
    "none.jpg": None,
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # Of all commands this one loads a model each time.
        if "[find]" in item.name and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return image_folder(tmp_path / "my photos ü", CAPTIONS)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with ProviderServer("a red square") as made:
        yield made


@pytest.fixture(autouse=True)
def a_model_for_captions(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """`find` needs one; without it here, its tests are skipped."""
    if "[find]" in request.node.name:
        monkeypatch.setenv("TOOLKIT_SBERT", str(minilm()))
        monkeypatch.setenv("TOOLKIT_RESNET50V2", "/nowhere/weights.h5")
