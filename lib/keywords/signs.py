"""How two numbers are compared in a query."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Literal

Sign = Literal["<", "<=", "=", ">=", ">"]

SIGNS: dict[str, tuple[Sign, Callable[[float, float], bool]]] = {
    "": ("=", operator.eq),
    "<": ("<", operator.lt),
    "<=": ("<=", operator.le),
    "=": ("=", operator.eq),
    ">=": (">=", operator.ge),
    ">": (">", operator.gt),
}
"""As it is written: how it is written back, and what it means."""
