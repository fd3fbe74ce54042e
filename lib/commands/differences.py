"""What a change would do, as a unified diff that `patch -p1` takes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lib.dataset.tag_files.sidecar import text_of

_NO_END = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class TextChange:
    """One tag file (relative path) before and after; None where there is no file."""

    path: str
    before: str | None
    after: str | None


def unified(changes: Iterable[TextChange]) -> str:
    """The changes one after another, "" where there is none."""
    return "\n".join(line for change in changes for line in _lines(change))


def shown_text(data: bytes | None) -> str | None:
    """A tag file's text; bytes that are not text are shown as such."""
    if data is None:
        return None
    known = text_of(data)
    return known if known is not None else data.decode("utf-8", "backslashreplace")


def _lines(change: TextChange) -> Iterator[str]:
    before, after = _split(change.before), _split(change.after)
    # Behind a tab no part of a name is taken for a date, as `patch` does behind a blank.
    end = "\t" if " " in change.path else ""
    old = f"a/{change.path}{end}" if change.before is not None else "/dev/null"
    new = f"b/{change.path}{end}" if change.after is not None else "/dev/null"
    for line in difflib.unified_diff(before, after, old, new):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield _NO_END


def _split(text: str | None) -> list[str]:
    # By "\n" alone: other line ends, of which str.splitlines knows many, belong to the text.
    *lines, rest = (text or "").split("\n")
    return [*(f"{line}\n" for line in lines), *([rest] if rest else [])]
