"""Several captions of one image: where each stood, and which of them is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

ByWord = Literal["first", "longest", "caption-file", "txt"]
CaptionChoice = int | ByWord | None
"""One of several captions: by its number from 1, by its length, or by the tag file that it stands in; None for all."""

_FILES = {"caption-file": (".caption", ".cap"), "txt": (".txt",)}


@dataclass(frozen=True, slots=True)
class Said:
    """A caption, and how the tag file ends that it stood in ("" for a table, or a json beside the image)."""

    text: str
    ending: str = ""


def as_caption(said: Sequence[Said], which: CaptionChoice = None) -> str:
    """Several captions of one image as one, a line each, none twice; line ends as captions have them.

    With a number that one alone, the last where there are fewer. With the kind of a tag file those that stood in such
    a one, all where there is none.
    """
    return "\n".join(dict.fromkeys(text.replace("\r\n", "\n").replace("\r", "\n") for text in _chosen(said, which)))


def _chosen(said: Sequence[Said], which: CaptionChoice) -> Sequence[str]:
    texts = [each.text for each in said]
    if which is None or not texts:
        return texts
    if which == "longest":
        return [max(texts, key=len)]
    if which == "first":
        return texts[:1]
    if isinstance(which, int):
        return texts[:which][-1:]
    return [each.text for each in said if each.ending in _FILES[which]] or texts


def choice_of(text: str) -> CaptionChoice:
    """A choice by its word: "all", a number, or one of those by word."""
    if text == "all":
        return None
    return int(text) if text.isdecimal() else cast(ByWord, text)
