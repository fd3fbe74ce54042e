"""Names that may be written with stars."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable


def fitting(text: str) -> Callable[[str], bool]:
    """What tells whether a whole name fits, * standing for any letters. Both folded."""
    # fnmatch writes patterns that never go back; its ? and [ ] are letters here.
    only_stars = text.replace("[", "[[]").replace("?", "[?]")
    match = re.compile(fnmatch.translate(only_stars)).match
    return lambda name: match(name) is not None
