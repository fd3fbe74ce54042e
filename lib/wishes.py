"""What a caption is to hold, not to hold, and to begin with: asked for, looked for, told where it is missed. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lib.text import split_tags

_NO_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no blanks between words: there a word is found wherever its letters stand."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """Words or phrases that a text must hold and must not hold, in either case, and what it begins with."""

    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    starts: str = ""

    @classmethod
    def typed(cls, must: str = "", must_not: str = "", starts: str = "") -> Wishes:
        """As people type them: words or phrases with commas between."""
        return cls(tuple(split_tags(must)), tuple(split_tags(must_not)), starts.strip())

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Wishes:
        return cls(tuple(value.get("must", ())), tuple(value.get("must_not", ())), value.get("starts", ""))

    def filled(self, fill: Callable[[str], str]) -> Wishes:
        """The wishes of one image, its {name} and the like filled in."""
        return Wishes(tuple(map(fill, self.must)), tuple(map(fill, self.must_not)), fill(self.starts))

    def __bool__(self) -> bool:
        return bool(self.must or self.must_not or self.starts)

    def unmet(self, text: str) -> tuple[str, ...]:
        """What a text misses, a phrase for each wish: “lacks “dog””."""
        missed = [f"lacks “{word}”" for word in self.must if not _holds(text, word)]
        missed += [f"holds “{word}”" for word in self.must_not if _holds(text, word)]
        if self.starts and not text.lstrip().casefold().startswith(self.starts.casefold()):
            missed.append(f"does not begin with “{self.starts}”")
        return tuple(missed)

    def asked(self, prompt: str) -> str:
        """The prompt with the wishes behind it."""
        parts = [f"It must hold: {_quoted(self.must)}."] if self.must else []
        parts += [f"It must not hold: {_quoted(self.must_not)}."] if self.must_not else []
        parts += [f"It must begin with “{self.starts}”."] if self.starts else []
        return "\n".join([prompt, *parts]) if parts else prompt


def reminded(prompt: str, text: str, unmet: Iterable[str]) -> str:
    """The prompt for the one more try: what was answered, and what was wrong with it."""
    return f"{prompt}\n\nAn earlier answer was: {text}\nIt {' and '.join(unmet)}. Write it anew so that this is right."


def _quoted(words: Iterable[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)


def _holds(text: str, word: str) -> bool:
    wanted, whole = re.escape(word.casefold()), text.casefold()
    if _NO_SPACES.search(word):
        return word.casefold() in whole
    return re.search(rf"(?<!\w){wanted}(?!\w)", whole) is not None
