"""One name, one thing: no public class and no alias of a type is called what another one is called already."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from tests.architecture.test_floors import MODULES


def _defined(body: Iterable[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.If):
            yield from _defined(node.body)
        elif isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            # Constants are in capitals, variables in small letters; an alias is written as a class is.
            names = [target.id for target in targets if isinstance(target, ast.Name)]
            yield from [name for name in names if name[:1].isupper() and not name.isupper()]


def test_no_public_class_or_alias_is_defined_twice() -> None:
    homes: dict[str, list[str]] = {}
    for module, path in MODULES.items():
        for name in _defined(ast.parse(path.read_text(encoding="utf-8")).body):
            if not name.startswith("_"):
                homes.setdefault(name, []).append(module)
    twice = {name: modules for name, modules in homes.items() if len(modules) > 1}
    assert twice == {}
