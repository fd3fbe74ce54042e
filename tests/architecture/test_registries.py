"""Providers, embedders, exporters and tables are one file and one line each: nothing else has to know them."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import pytest

from lib.embedding.base import Embedder
from lib.embedding.registry import EMBEDDERS
from lib.errors import InvalidInput
from lib.exporting.base import Exporter
from lib.exporting.registry import EXPORTERS
from lib.importing.registry import TABLES
from lib.importing.tables.base import Table
from lib.keywords.base import Field
from lib.keywords.registry import FIELDS
from lib.providers.base import CaptionService
from lib.providers.registry import PROVIDERS
from lib.registry import Registry
from lib.review.base import Check
from lib.review.registry import CHECKS
from tests.architecture.test_floors import MODULES, imported
from tests.doubles.repository import ROOT

REGISTRIES: dict[str, tuple[Registry[Any], type]] = {
    "lib.providers.registry": (PROVIDERS, CaptionService),
    "lib.embedding.registry": (EMBEDDERS, Embedder),
    "lib.exporting.registry": (EXPORTERS, Exporter),
    "lib.importing.registry": (TABLES, Table),
    "lib.keywords.registry": (FIELDS, Field),
    "lib.review.registry": (CHECKS, Check),
}

ENTRIES = [(home, name) for home, (registry, _) in REGISTRIES.items() for name in registry]

CONCRETE = [(home, module) for home, (registry, _) in REGISTRIES.items() for module in sorted(registry.modules)]


@pytest.mark.parametrize(("home", "module"), CONCRETE)
def test_a_concrete_one_knows_neither_the_others_nor_the_registry(home: str, module: str) -> None:
    others = {home, *REGISTRIES[home][0].modules} - {module}
    assert not others & set(imported(MODULES[module]))


@pytest.mark.parametrize(("home", "name"), ENTRIES)
def test_every_entry_loads_and_has_what_its_kind_wants(home: str, name: str) -> None:
    registry, kind = REGISTRIES[home]
    found = registry[name]
    assert issubclass(found, kind)
    assert not inspect.isabstract(found)
    wanted = [field for base in kind.__mro__ for field in getattr(base, "__annotations__", {})]
    assert not [field for field in wanted if not hasattr(found, field)]
    assert registry.name_of(found) == name


@pytest.mark.parametrize("home", REGISTRIES)
def test_an_unknown_name_is_told_the_legal_ones(home: str) -> None:
    registry, _ = REGISTRIES[home]
    with pytest.raises(InvalidInput) as caught:
        registry["nonsense"]
    assert "nonsense" in caught.value.message
    assert ", ".join(registry) in caught.value.hint


@pytest.mark.parametrize("home", REGISTRIES)
def test_a_registry_imports_nothing_before_it_is_asked(home: str) -> None:
    modules = sorted(REGISTRIES[home][0].modules)
    code = f"import sys, {home}; sys.exit(str([name for name in {modules!r} if name in sys.modules] or ''))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith(("lib.", "app."))])
def test_no_name_of_a_format_is_written_outside_of_its_own_file(module: str) -> None:
    # The importers have names of their own, some of them the same.
    if module in {"lib.exporting.registry", "lib.importing.registry", *EXPORTERS.modules}:
        return
    text = MODULES[module].read_text(encoding="utf-8")
    assert not [name for name in EXPORTERS if f'"{name}"' in text]
