"""Kinds of one thing by name: a line each, its class imported at its first use."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar, cast

from lib.errors import InvalidInput

T = TypeVar("T")


class Registry(Generic[T]):
    """Maps names to classes of one kind, in the order in which they are shown, or tried.

    `entries` holds "module:Class" by name. `unknown` and `known` are what is said of a name that is not there: {name}
    stands for it, {names} for the legal ones.
    """

    def __init__(self, entries: Mapping[str, str], *, unknown: str, known: str = "Choose one of {names}.") -> None:
        self._entries = dict(entries)
        self._unknown = unknown
        self._known = known

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __getitem__(self, name: str) -> type[T]:
        """The class of that name. Raises what `check` does."""
        self.check(name)
        module, _, qualname = self._entries[name].partition(":")
        return cast("type[T]", getattr(importlib.import_module(module), qualname))

    def check(self, name: str) -> None:
        """Raises InvalidInput for a name that is not there, naming those that are. Imports nothing."""
        if name not in self._entries:
            raise InvalidInput(self._unknown.format(name=name), self._known.format(names=", ".join(self)))

    def values(self) -> Iterator[type[T]]:
        return (self[name] for name in self)

    def items(self) -> Iterator[tuple[str, type[T]]]:
        return ((name, self[name]) for name in self)

    def name_of(self, kind: type[Any]) -> str:
        """The name under which a class is known here."""
        path = f"{kind.__module__}:{kind.__qualname__}"
        return next(name for name, entry in self._entries.items() if entry == path)

    @property
    def modules(self) -> frozenset[str]:
        """Where the classes are. Imports none of them."""
        return frozenset(path.partition(":")[0] for path in self._entries.values())
