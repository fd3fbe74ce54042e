"""Imports go strictly down: the plan of the house, held as data."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.doubles.repository import ROOT

PAGE_ROOMS = frozenset(f"app.{path.stem}" for path in ROOT.joinpath("pages").glob("*.py"))
"""A room for each page, named as the page is."""

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"lib.errors"}),
    frozenset(
        {
            "lib.accounts",
            "lib.bounds",
            "lib.column_texts",
            "lib.domain",
            "lib.text",
            "lib.loading",
            "lib.find",
            "lib.diff",
            "lib.files",
            "lib.private",
            "lib.progress",
            "lib.registry",
            "lib.settings_files",
            "lib.urls",
        }
    ),
    frozenset({"lib.record_blocks"}),
    frozenset({"lib.last_review", "lib.places", "lib.record_columns", "lib.sqlite", "lib.three_way"}),
    frozenset({"lib.records"}),
    frozenset({"lib.kept_measures", "lib.owners"}),
    frozenset({"lib.settings"}),
    frozenset({"lib.memory"}),
    frozenset({"lib.idle", "lib.unpacking"}),
    frozenset({"lib.archives", "lib.images", "lib.jobs", "lib.keywords", "lib.preferences", "lib.providers"}),
    frozenset({"lib.dataset.base", "lib.dataset.tag_files", "lib.embedding"}),
    frozenset({"lib.dataset.journal", "lib.dataset.scan"}),
    frozenset({"lib.dataset.sample", "lib.dataset.saving", "lib.dataset.workspace"}),
    frozenset({"lib.caches"}),
    frozenset({"lib.scope", "lib.hub", "lib.wishes", "lib.models_here"}),
    frozenset(
        {
            "lib.captioning",
            "lib.caption_cost",
            "lib.run_claims",
            "lib.words",
            "lib.bulk",
            "lib.clustering",
            "lib.exporting",
            "lib.importing",
        }
    ),
    frozenset({"lib.caption_runs", "lib.former_owners", "lib.map_points", "lib.review"}),
    frozenset({"lib.parts"}),
    frozenset({"lib.engine", "lib.tables"}),
    frozenset({"lib.part_jobs"}),
    frozenset({"lib.compacting", "lib.part_claims"}),
    frozenset({"lib.cache", "lib.commands"}),
    frozenset({"lib.__main__"}),
    frozenset({"app.doors"}),
    frozenset({"app.session"}),
    frozenset({"app.elements"}),
    frozenset({"app.samples"}),
    frozenset({"app.shell", *PAGE_ROOMS}),
    frozenset({"pages"}),
    frozenset({"app.main", "app.server"}),
)
"""From the lowest to the highest. Rooms on one floor do not import each other."""

HEAVY = frozenset(
    {"tensorflow", "keras", "torch", "transformers", "sentence_transformers", "sklearn", "wordcloud", "plotly", "ray"}
)

FORBIDDEN_IN_PAGES = frozenset({"requests", "huggingface_hub", *HEAVY})


def modules() -> dict[str, Path]:
    found = {}
    for folder in ("lib", "app", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room(module: str) -> str | None:
    """The most specific room of the plan that a module lies in."""
    parts = module.split(".")
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        if any(name in floor for floor in FLOORS):
            return name
    return None


def floor_of(name: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if name in floor)


def imported(path: Path, *, top_level_only: bool = False) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            # `from package import module` names the module, not what the package itself holds.
            yield from [name if name in MODULES else node.module for name in names]
            yield from names


MODULES = modules()


@pytest.mark.parametrize("module", [name for name in MODULES if name not in ("lib", "lib.dataset", "app", "pages")])
def test_every_module_has_a_room_and_imports_only_lower_ones(module: str) -> None:
    here = room(module)
    assert here is not None, f"{module} has no room in the plan"
    for target in imported(MODULES[module]):
        there = room(target)
        if there is None or there == here:
            continue
        assert floor_of(there) < floor_of(here), f"{module} ({here}) must not import {target} ({there})"


def test_no_files_import_one_another_in_a_circle() -> None:
    known = {
        name: {target for target in imported(path) if target in MODULES} - {name} for name, path in MODULES.items()
    }
    # A package that is imported for one of its modules is no part of a circle.
    while free := [name for name, targets in known.items() if not targets & known.keys()]:
        for name in free:
            del known[name]
    assert not known, f"these import one another: {sorted(known)}"


@pytest.mark.parametrize("module", list(MODULES))
def test_heavy_packages_are_imported_inside_the_function_that_needs_them(module: str) -> None:
    roots = {name.partition(".")[0] for name in imported(MODULES[module], top_level_only=True)}
    assert not roots & HEAVY


RAY = "lib.engine.ray_cluster"


def test_one_small_file_alone_knows_ray_and_nothing_imports_it() -> None:
    knowing = [name for name, path in MODULES.items() if {one.partition(".")[0] for one in imported(path)} & {"ray"}]
    assert knowing == [RAY]
    assert [name for name, path in MODULES.items() if RAY in imported(path)] == []
    assert len(MODULES[RAY].read_text(encoding="utf-8").splitlines()) < 200


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("lib") and name != "lib.cache"])
def test_lib_works_without_streamlit(module: str) -> None:
    assert "streamlit" not in {name.partition(".")[0] for name in imported(MODULES[module])}


KNOW_FOLDERS = ("lib.dataset.scan", "lib.dataset.saving", "lib.cache")


@pytest.mark.parametrize("module", [name for name in MODULES if not name.startswith(KNOW_FOLDERS)])
def test_whoever_only_uses_a_dataset_asks_for_no_folder(module: str) -> None:
    assert "lib.dataset.scan.folder_dataset" not in set(imported(MODULES[module]))


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("pages")])
def test_pages_know_no_concrete_provider_and_no_other_page(module: str) -> None:
    names = set(imported(MODULES[module]))
    assert not {name.partition(".")[0] for name in names} & FORBIDDEN_IN_PAGES
    assert not {name for name in names if name.startswith(("lib.providers.", "lib.embedding.", "pages"))}


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("pages.") or name == "app.main"])
def test_what_streamlit_runs_has_no_text_standing_loose(module: str) -> None:
    """Streamlit would draw it on the page, wherever its magic is not switched off."""
    loose = [node for node in ast.parse(MODULES[module].read_text(encoding="utf-8")).body if isinstance(node, ast.Expr)]
    assert [node.lineno for node in loose[1:] if not isinstance(node.value, ast.Call)] == []


FILES = sorted(
    path for room in ("app", "lib", "pages") for path in (ROOT / room).rglob("*") if path.suffix in (".py", ".js")
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_keep_to_their_size(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


NOT_OF_A_ROOM = frozenset({"architecture", "browser", "ci", "cli", "doubles", "mutation", "peers", "soak"})
"""Folders of tests that are about the whole house."""


@pytest.mark.parametrize("path", sorted(ROOT.joinpath("tests").rglob("test_*.py")), ids=lambda path: path.name)
def test_tests_lie_where_what_they_test_lies(path: Path) -> None:
    place = path.relative_to(ROOT / "tests").parent
    if place.parts[:1] in {(name,) for name in NOT_OF_A_ROOM}:
        return
    room = ROOT / place if place.parts[:1] == ("app",) else ROOT / "lib" / place
    assert (room / path.name.removeprefix("test_")).is_file() if place == Path() else room.is_dir()
