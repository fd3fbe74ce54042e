"""The small mistakes that are made on purpose: each operator gives the edits for one kind of syntax."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from tests.mutation import expressions
from tests.mutation.text import Edit, Text


def _branch(node: ast.If | ast.IfExp, text: Text) -> Iterator[Edit]:
    for always in ("True", "False"):
        yield Edit(text.span(node.test), always, "branch")


def _while(node: ast.While, text: Text) -> Iterator[Edit]:
    if not isinstance(node.test, ast.Constant):
        yield Edit(text.span(node.test), "False", "branch")


def _comprehension(node: ast.comprehension, text: Text) -> Iterator[Edit]:
    for test in node.ifs:
        yield Edit(text.span(test), "True", "branch")


def _aug_assign(node: ast.AugAssign, text: Text) -> Iterator[Edit]:
    if span := text.between(node.target, node.value, r"[^\s(]+="):
        yield Edit(span, "=", "arithmetic")
        if isinstance(node.op, ast.Add | ast.Sub):
            yield Edit(span, "-=" if isinstance(node.op, ast.Add) else "+=", "arithmetic")
    yield Edit(text.span(node), "pass", "statement dropped")


def _return(node: ast.Return | ast.Yield, text: Text) -> Iterator[Edit]:
    empty = isinstance(node.value, ast.Constant) and not node.value.value
    if node.value is not None and not empty:
        yield Edit(text.span(node.value), "None", "value given back")
    elif isinstance(node, ast.Return) and node.value is None:
        yield Edit(text.span(node), "pass", "statement dropped")


def _dropped(node: ast.stmt, text: Text) -> Iterator[Edit]:
    yield Edit(text.span(node), "pass", "statement dropped")


def _expression(node: ast.Expr, text: Text) -> Iterator[Edit]:
    if isinstance(node.value, ast.Call):
        yield from _dropped(node, text)


def _assign(node: ast.Assign, text: Text) -> Iterator[Edit]:
    if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
        yield from _dropped(node, text)


def _loop_word(node: ast.Break | ast.Continue, text: Text) -> Iterator[Edit]:
    yield Edit(text.span(node), "continue" if isinstance(node, ast.Break) else "break", "break/continue")


def _with(node: ast.With | ast.AsyncWith, text: Text) -> Iterator[Edit]:
    for item in node.items:
        if item.optional_vars is None:
            yield Edit(text.span(item.context_expr), '__import__("contextlib").nullcontext()', "lock dropped")


def _handler(node: ast.ExceptHandler, text: Text) -> Iterator[Edit]:
    match node.type:
        case ast.Tuple(elts=kinds):
            for dropped in kinds:
                rest = "".join(f"{text.of(kind)}, " for kind in kinds if kind is not dropped)
                yield Edit(text.span(node.type), f"({rest.strip()})", "exception dropped")
        case ast.expr():
            yield Edit(text.span(node.type), "()", "exception dropped")


def _definition(node: ast.FunctionDef | ast.ClassDef, text: Text) -> Iterator[Edit]:
    for decorator in node.decorator_list:
        if decorator not in text.left_out:
            yield Edit(text.span(decorator), "(lambda it: it)", "decorator dropped")


OPERATORS: dict[type[ast.AST], Callable[..., Iterator[Edit]]] = {
    ast.Compare: expressions.compare, ast.BoolOp: expressions.bool_op, ast.UnaryOp: expressions.unary,
    ast.BinOp: expressions.bin_op, ast.Constant: expressions.constant, ast.JoinedStr: expressions.joined,
    ast.Call: expressions.call, ast.Slice: expressions.slice, ast.If: _branch, ast.IfExp: _branch, ast.While: _while,
    ast.comprehension: _comprehension, ast.AugAssign: _aug_assign, ast.Return: _return, ast.Yield: _return,
    ast.Raise: _dropped, ast.Delete: _dropped, ast.Expr: _expression, ast.Assign: _assign, ast.Break: _loop_word,
    ast.Continue: _loop_word, ast.With: _with, ast.AsyncWith: _with, ast.ExceptHandler: _handler,
    ast.FunctionDef: _definition, ast.ClassDef: _definition,
}  # fmt: skip
