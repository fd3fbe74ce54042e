"""One row a figure: what was measured, beside which floor, and what was aimed at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is figure / floor where there is a floor. `target` is said in words."""

    what: str
    figure: float
    unit: str
    target: str
    met: bool
    floor: float | None = None

    def cells(self) -> tuple[str, ...]:
        floor = "" if self.floor is None else f"{self.floor:,.3g}"
        ratio = "" if not self.floor else f"{self.figure / self.floor:.2f}"
        return self.what, f"{self.figure:,.3g} {self.unit}", floor, ratio, self.target, "yes" if self.met else "NO"


_HEAD = ("what", "figure", "floor", "ratio", "target", "met")


def show(rows: list[Row]) -> None:
    """Print rows as a table."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
