"""A layout of captions, what it says of three images, and the ways to write them down."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import Any

ONE = {"a.jpg": ["a red cat, on a “mat”"], "b.jpg": ["ein großer Hund läuft"], "c.jpg": ["=SUM of trees, -- two"]}
TWO = {name: [*texts, f"once more: {texts[0]}"] for name, texts in ONE.items()}
FIRST = {name: texts[0] for name, texts in ONE.items()}


@dataclass(frozen=True)
class Layout:
    """A file of a kind: its name, its text, the kind that it is, and the captions in it."""

    name: str
    text: str
    kind: str
    says: dict[str, list[str]]


def as_csv(rows: list[list[str]], delimiter: str = ",", **choices: Any) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, **choices).writerows(rows)
    return out.getvalue()


def as_lines(entries: list[Any]) -> str:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


def as_json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def as_list(image: str, caption: str, **more: Any) -> list[dict[str, Any]]:
    return [{image: name, caption: text, **more} for name, text in FIRST.items()]


def as_rows(image: str, caption: str) -> list[list[str]]:
    return [[image, caption], *([name, text] for name, text in FIRST.items())]


PLAIN = [[name, text] for name, text in FIRST.items()]
