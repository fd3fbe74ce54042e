"""The mutants of a room: every small mistake that could be made in it, and a sample of them that stays the same."""

from __future__ import annotations

import ast
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.left_out import left_out
from tests.mutation.operators import OPERATORS
from tests.mutation.rooms import Room
from tests.mutation.text import Edit, Text

EQUIVALENT = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit of one file. `key` names it by what it changes, not by where: it outlives other changes of the file."""

    key: str
    room: str
    path: str
    edit: Edit
    before: str
    after: str
    lines: tuple[int, int]
    """The first and the last line that Python may name when it runs what is changed."""
    on_import: bool
    """Whether it runs when the module is imported, and not when something is called."""

    @property
    def line(self) -> int:
        return self.lines[0]

    def applied(self, root: Path) -> bytes:
        """The file with the mistake in it."""
        return Text((root / self.path).read_bytes()).applied(self.edit)


def mutants_of(room: Room, root: Path) -> Iterator[Mutant]:
    """Every mutant of a room, by file and then by place."""
    for path in room.files(root):
        source = (root / path).read_bytes()
        tree = ast.parse(source)
        text, seen = Text(source, left_out(tree)), Counter[tuple[str, str]]()
        for edit, header, on_import in _edits(tree, text):
            before, after = text.shown(edit)
            seen[before, after] += 1
            key = _key(path, before, after, seen[before, after])
            yield Mutant(key, room.name, path, edit, before, after, header, on_import)


def drawn(mutants: list[Mutant], count: int, seed: int, root: Path) -> list[Mutant]:
    """As many as asked, by the hash of seed and key: another test or a change elsewhere leaves the sample as it is."""
    ranked = sorted(mutants, key=lambda mutant: hashlib.sha256(f"{seed} {mutant.key}".encode()).digest())
    chosen: list[Mutant] = []
    for mutant in ranked:
        if len(chosen) == count:
            break
        if _is_other_code(mutant, root):
            chosen.append(mutant)
    return chosen


def equivalent_reasons() -> dict[str, str]:
    """Why each mutant that nothing can tell from the code is one, by key."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {_key(one["path"], one["before"], one["after"], one.get("nth", 1)): one["reason"] for one in entries}


def _key(path: str, before: str, after: str, nth: int) -> str:
    """`nth` counts the edits of a file that look the same, from 1."""
    return hashlib.sha256("\0".join((path, before, after, str(nth))).encode()).hexdigest()[:12]


def _edits(tree: ast.Module, text: Text) -> Iterator[tuple[Edit, tuple[int, int], bool]]:
    done: set[Edit] = set()
    waiting: list[tuple[ast.AST, tuple[int, int], bool]] = [(tree, (1, 1), True)]
    while waiting:
        node, header, on_import = waiting.pop()
        if node in text.left_out:
            continue
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            header = _header(node)
        for edit in OPERATORS.get(type(node), _none)(node, text):
            if edit not in done:
                done.add(edit)
                yield edit, header, on_import
        if isinstance(node, ast.JoinedStr):
            # Python 3.11 does not say reliably where the parts of an f-string lie.
            continue
        body = node.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
        children = [(child, header, on_import and child not in body) for child in ast.iter_child_nodes(node)]
        waiting += reversed(children)


def _header(node: ast.stmt | ast.ExceptHandler) -> tuple[int, int]:
    """The lines of a statement without those of the statements in it."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])
    body = getattr(node, "body", None)
    last = body[0].lineno - 1 if body else node.end_lineno or first
    return first, max(first, last)


def _none(node: ast.AST, text: Text) -> Iterator[Edit]:
    return iter(())


def _is_other_code(mutant: Mutant, root: Path) -> bool:
    try:
        changed = ast.parse(mutant.applied(root))
    except SyntaxError:
        return False
    return ast.dump(changed) != ast.dump(ast.parse((root / mutant.path).read_bytes()))
