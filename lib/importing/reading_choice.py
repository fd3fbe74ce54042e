"""How a person wants tables to be read, in the words of a form or of a command line."""

from __future__ import annotations

import codecs

from lib.errors import InvalidInput
from lib.importing.tables.results import Reading

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "blank": " "}


def reading_of(image_column: str = "", caption_column: str = "", delimiter: str = "", encoding: str = "") -> Reading:
    """A choice of what is not empty; the rest is found by content. Raises InvalidInput for an unknown encoding."""
    sign = DELIMITERS.get(delimiter.lower(), delimiter).replace("\\t", "\t")
    if len(sign) > 1:
        raise InvalidInput(f"“{delimiter}” is not one sign.", f"Known by name: {', '.join(DELIMITERS)}.")
    if encoding:
        try:
            encoding = codecs.lookup(encoding).name
            b"a".decode(encoding, "replace")
        except LookupError as exc:
            raise InvalidInput(f"There is no encoding “{encoding}”.", "Known are utf-8, utf-16, cp1252 …") from exc
    return Reading(image_column or None, caption_column or None, sign or None, encoding or None)
