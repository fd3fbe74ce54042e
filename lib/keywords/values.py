"""Values that several fields of a query take."""

from __future__ import annotations

from lib.keywords.folding import fold


def yes_or_no(name: str, value: str) -> bool:
    """True for yes. Raises ValueError for what is neither yes nor no."""
    said = fold(value.strip())
    if said not in ("yes", "no"):
        raise ValueError(f"{name}: is yes or no")
    return said == "yes"
