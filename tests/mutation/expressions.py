"""Mistakes in expressions: comparisons, conditions, sums, constants, calls and slices."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import pairwise

from tests.mutation.text import Edit, Span, Text

_COMPARISONS: dict[type[ast.cmpop], tuple[str, tuple[str, ...]]] = {
    ast.Lt: ("<", ("<=", ">=")),
    ast.LtE: ("<=", ("<", ">")),
    ast.Gt: (">", (">=", "<=")),
    ast.GtE: (">=", (">", "<")),
    ast.Eq: ("==", ("!=",)),
    ast.NotEq: ("!=", ("==",)),
    ast.Is: ("is", ("is not",)),
    ast.IsNot: (r"is\s+not", ("is",)),
    ast.In: ("in", ("not in",)),
    ast.NotIn: (r"not\s+in", ("in",)),
}

_ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: (r"\+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: (r"\*", "//"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: (r"\|", "&"),
}

_OTHER_NAMES = {
    "any": "all", "all": "any", "min": "max", "max": "min", "startswith": "endswith", "endswith": "startswith",
    "lstrip": "rstrip", "rstrip": "lstrip", "lower": "upper", "upper": "lower", "casefold": "lower",
    "removeprefix": "removesuffix", "removesuffix": "removeprefix", "partition": "rpartition",
    "rpartition": "partition", "find": "rfind", "rfind": "find", "appendleft": "append", "popleft": "pop",
    "union": "intersection", "sorted": "list", "is_file": "exists", "is_dir": "exists",
}  # fmt: skip

_DROPPED_CALLS = {"strip", "splitlines", "casefold", "resolve", "copy", "sort", "reversed"}


def compare(node: ast.Compare, text: Text) -> Iterator[Edit]:
    for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
        pattern, others = _COMPARISONS[type(op)]
        span = text.between(left, right, rf"(?<![=!<>]){pattern}(?![=])" if pattern[0] in "<>" else pattern)
        for other in others if span else ():
            yield Edit(span, other, "comparison")


def bool_op(node: ast.BoolOp, text: Text) -> Iterator[Edit]:
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    for left, right in pairwise(node.values):
        if span := text.between(left, right, rf"\b{word}\b"):
            yield Edit(span, other, "and/or")
    for dropped in node.values:
        rest = [text.alone(value) for value in node.values if value is not dropped]
        yield Edit(text.span(node), f"({f' {word} '.join(rest)})" if rest[1:] else rest[0], "condition dropped")


def unary(node: ast.UnaryOp, text: Text) -> Iterator[Edit]:
    if isinstance(node.op, ast.Not | ast.USub):
        yield Edit(text.span(node), text.alone(node.operand), "not or minus")


def bin_op(node: ast.BinOp, text: Text) -> Iterator[Edit]:
    texts = (ast.JoinedStr, ast.List, ast.Tuple, ast.ListComp)
    for side, rest in ((node.left, node.right), (node.right, node.left)):
        if isinstance(side, texts) or (isinstance(side, ast.Constant) and isinstance(side.value, str | bytes)):
            yield Edit(text.span(node), text.alone(rest), "arithmetic")
            return
    if isinstance(node.op, ast.Div):
        # Mostly a path and its parts.
        yield Edit(text.span(node), text.alone(node.left), "arithmetic")
    elif type(node.op) in _ARITHMETIC:
        pattern, other = _ARITHMETIC[type(node.op)]
        if span := text.between(node.left, node.right, pattern):
            yield Edit(span, other, "arithmetic")


def constant(node: ast.Constant, text: Text) -> Iterator[Edit]:
    span = text.span(node)
    match node.value:
        case bool():
            yield Edit(span, str(not node.value), "constant")
        case int() | float():
            yield Edit(span, str(node.value + 1), "constant")
            if node.value > 1:
                yield Edit(span, str(node.value - 1), "constant")
        case str() | bytes():
            prefix = "b" if isinstance(node.value, bytes) else ""
            yield Edit(span, f'{prefix}""' if node.value else f'{prefix}"XX"', "constant")


def joined(node: ast.JoinedStr, text: Text) -> Iterator[Edit]:
    yield Edit(text.span(node), '""', "constant")


def call(node: ast.Call, text: Text) -> Iterator[Edit]:
    pieces: list[ast.expr | ast.keyword] = sorted([*node.args, *node.keywords], key=text.span)
    inside = (text.span(node.func)[1], text.span(node)[1])
    for keyword in node.keywords:
        if keyword.arg is not None and keyword not in text.left_out:
            rest = ", ".join(text.of(piece) for piece in pieces if piece is not keyword)
            yield Edit(inside, f"({rest})", "argument dropped")
    name, span = _called(node.func, text)
    if name in _OTHER_NAMES:
        yield Edit(span, _OTHER_NAMES[name], "other function")
    if name in _DROPPED_CALLS and isinstance(node.func, ast.Attribute):
        yield Edit(text.span(node), text.alone(node.func.value), "call dropped")


def _called(function: ast.expr, text: Text) -> tuple[str, Span]:
    start, end = text.span(function)
    match function:
        case ast.Name(id=name):
            return name, (start, end)
        case ast.Attribute(attr=name):
            return name, (end - len(name.encode()), end)
    return "", (start, end)


def slice(node: ast.Slice, text: Text) -> Iterator[Edit]:
    for bound in (node.lower, node.upper):
        if bound is not None and not isinstance(bound, ast.Constant):
            yield Edit(text.span(bound), "", "bound dropped")
