"""What a command came to: the same for people, for scripts, and for the shell's exit status."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FAILED, WRONG_USAGE, BROKEN_OFF = 1, 2, 130
"""The exit statuses beside 0. 130 is what shells give a program that Ctrl+C has ended."""

Failure = tuple[str, str]
"""An image (or a file, where there is no image), and why it failed, was left alone, or is at fault."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was done. `sentence` is what people read on stdout; everything else is for scripts.

    `failed` makes the exit status 1, and so does `error`: why a command ended before its work was done. What was left
    out on purpose, an image without a caption for example, is no failure and stands in the `counts`. `operation` is
    the number that `undo` takes. `more` is what this command alone tells.
    """

    sentence: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    failed: Sequence[Failure] = ()
    operation: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    is_broken_off: bool = False
    told: bool = False
    """True where stderr has said of each failure already, as it came."""

    @property
    def status(self) -> int:
        if self.is_broken_off:
            return BROKEN_OFF
        return FAILED if self.failed or self.error else 0

    def to_json(self, seconds: float) -> str:
        """One line: the form that docs/cli.md promises."""
        common: dict[str, Any] = {
            "ok": self.status == 0,
            "operation": self.operation,
            "counts": dict(self.counts),
            "failed": entries(self.failed),
            "seconds": round(seconds, 3),
        }
        if self.error:
            common["error"] = self.error
        return json.dumps(common | {name: value for name, value in self.more.items() if name not in common})


def entries(failed: Sequence[Failure], name: str = "image") -> list[dict[str, str]]:
    """Failures as JSON has them."""
    return [{name: image, "reason": reason} for image, reason in failed]
