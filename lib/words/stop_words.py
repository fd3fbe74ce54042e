"""Words too common to tell anything, with what a user adds to them and takes from them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_NONE: frozenset[str] = frozenset()


def stop_words(added: frozenset[str] = _NONE, removed: frozenset[str] = _NONE) -> frozenset[str]:
    """The stop words of the wordcloud package and those `added`, without those `removed`, all in small letters."""
    return (_packaged() | _plain(added)) - _plain(removed)


def _plain(words: frozenset[str]) -> set[str]:
    # As captions are counted: NFC.
    return {unicodedata.normalize("NFC", word.lower()) for word in words}


@lru_cache(maxsize=1)
def _packaged() -> frozenset[str]:
    # Read without importing the package, which draws in matplotlib.
    spec = find_spec("wordcloud")
    if spec is None or not spec.submodule_search_locations:
        return frozenset()
    return frozenset(Path(spec.submodule_search_locations[0], "stopwords").read_text(encoding="utf-8").split())
