"""What is never changed, since no test could or should notice: log texts, annotations, docstrings and the like."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_LOGS = {"log", "_log", "logger", "logging"}
_FOR_TYPES = {"cast", "TypeVar", "NewType", "Literal", "Callable"}
_GENERICS = {"dict", "list", "tuple", "set", "frozenset", "Literal", "Callable", "Iterator", "Mapping", "Sequence"}
_NAMES_FOR_OTHERS = {"__all__", "__slots__"}


def left_out(tree: ast.Module) -> set[ast.AST]:
    """The pieces that are passed over, with all that is in them."""
    return {part for node in ast.walk(tree) for rule in (_of_statement, _of_expression) for part in rule(node)}


def _of_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Constant(value=str())) | ast.Assert():
            yield node
        case ast.AnnAssign():
            yield node.annotation
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from _of_definition(node)
        case ast.If(test=test) if _is_for_tools(test):
            yield node
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _NAMES_FOR_OTHERS or _is_type(value):
            yield node
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))) if name in _LOGS:
            yield node
        case ast.Raise(exc=ast.Name(id="NotImplementedError") | ast.Call(func=ast.Name(id="NotImplementedError"))):
            yield node


def _of_expression(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name))) if name in _LOGS:
            yield node
        case ast.Call(func=ast.Name(id=name)) if name in _FOR_TYPES:
            yield from node.args[:1]
        case ast.Subscript(slice=ast.Constant(value=str()) as key):
            # Another key is a KeyError wherever the line runs.
            yield key
        case ast.keyword(arg="strict" | "repr" | "thread_name_prefix"):
            # Guards that only a defect elsewhere would meet, and names that only a debugger shows.
            yield node
        case ast.keyword(arg="encoding", value=ast.Constant(value="utf-8")):
            # The machines of the tests have it as their own.
            yield node


def _of_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.AST]:
    if not isinstance(node, ast.ClassDef) and node.returns is not None:
        yield node.returns
    for decorator in node.decorator_list:
        name = decorator.func if isinstance(decorator, ast.Call) else decorator
        # What a dataclass is asked to be is held by the type checker. Without it nothing works at all.
        if isinstance(name, ast.Name) and name.id in {"dataclass", "overload", "property", "abstractmethod"}:
            yield decorator


def _is_for_tools(test: ast.expr) -> bool:
    match test:
        case ast.Name(id="TYPE_CHECKING") | ast.Compare(left=ast.Name(id="__name__")):
            return True
    return False


def _is_type(value: ast.expr) -> bool:
    match value:
        case ast.Subscript(value=ast.Name(id=name)):
            return name in _GENERICS
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return all(
                _is_type(side) or (isinstance(side, ast.Name) and side.id[0].isupper()) for side in (left, right)
            )
    return False
