"""A source file as bytes, and where the pieces of its syntax tree lie in it."""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from dataclasses import dataclass

Span = tuple[int, int]

_TIGHT = (ast.Name, ast.Attribute, ast.Call, ast.Constant, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.JoinedStr)


@dataclass(frozen=True, slots=True)
class Edit:
    """Other text for a span of a file."""

    span: Span
    new: str
    operator: str


class Text:
    """Spans are counted in bytes, as the columns of `ast` are. `left_out` are the nodes that no edit may touch."""

    def __init__(self, source: bytes, left_out: Set[ast.AST] = frozenset()) -> None:
        self.source = source
        self.left_out = left_out
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def span(self, node: ast.AST) -> Span:
        first, last = node.lineno, node.end_lineno  # type: ignore[attr-defined]
        return (
            self._starts[first - 1] + node.col_offset,  # type: ignore[attr-defined]
            self._starts[last - 1] + node.end_col_offset,  # type: ignore[attr-defined]
        )

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def alone(self, node: ast.expr) -> str:
        """An expression as it can stand anywhere."""
        return self.of(node) if isinstance(node, _TIGHT) else f"({self.of(node)})"

    def between(self, left: ast.AST, right: ast.AST, pattern: str) -> Span | None:
        """Where `pattern` is found in what separates two pieces, such as an operator."""
        start, end = self.span(left)[1], self.span(right)[0]
        found = re.search(pattern.encode(), self.source[start:end])
        return None if found is None else (start + found.start(), start + found.end())

    def lines(self, span: Span) -> tuple[int, int]:
        """The first and the last line of a span, from 1."""
        first = self.source.count(b"\n", 0, span[0]) + 1
        return first, first + self.source.count(b"\n", *span)

    def applied(self, edit: Edit) -> bytes:
        return self.source[: edit.span[0]] + edit.new.encode() + self.source[edit.span[1] :]

    def shown(self, edit: Edit) -> tuple[str, str]:
        """The lines of an edit before and after it, each as one line without what is only layout."""
        start = self.source.rfind(b"\n", 0, edit.span[0]) + 1
        end = self.source.find(b"\n", edit.span[1])
        end = len(self.source) if end < 0 else end
        before = self.source[start:end].decode()
        after = (self.source[start : edit.span[0]] + edit.new.encode() + self.source[edit.span[1] : end]).decode()
        return " ".join(before.split()), " ".join(after.split())
