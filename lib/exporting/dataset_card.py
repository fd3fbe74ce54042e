"""The card of a dataset on the Hub: how much is in it, what its captions are like, and how they were made. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Any

from lib.text import words

UNKNOWN_LICENSE = "unknown"
BEGIN = "<!-- captions: written anew by each push -->"
END = "<!-- captions end -->"
_MOST_PROMPTS = 20
_LICENSE_LINE = re.compile(r"^license: .*$", re.MULTILINE)


def is_own_card(card: str) -> bool:
    """True for a card that a push has written, whatever was added to it since."""
    return BEGIN in card and END in card.partition(BEGIN)[2]


def new_card(repository: str, section: str, license: str) -> str:
    """A card for a repository that has none."""
    name = repository.partition("/")[2]
    head = f"---\nlicense: {license or UNKNOWN_LICENSE}\ntask_categories:\n- image-to-text\n---\n"
    return f"{head}\n# {name}\n\n{section}\n"


def renewed_card(card: str, section: str, license: str) -> str:
    """The card with the section in the place of its old one, at the end where there was none; all else stays."""
    if is_own_card(card):
        before, _, rest = card.partition(BEGIN)
        card = before + section + rest.partition(END)[2]
    else:
        card = f"{card.rstrip()}\n\n{section}\n"
    return _LICENSE_LINE.sub(f"license: {license}", card, count=1) if license else card


def card_section(
    repository: str, texts: Mapping[str, Sequence[str]], origins: Iterable[Mapping[str, Any]], left_out: int
) -> str:
    """What a push says of the dataset. `texts` are the captions by split, `origins` what the journal knows of each."""
    captions = [text for split in texts.values() for text in split]
    sizes = [len(words(text)) for text in captions]
    splits = ", ".join(f"{name} {len(split):,}" for name, split in texts.items())
    lines = [
        BEGIN,
        "## What is in it",
        "",
        f"- Images, each with a caption: {len(captions):,} ({splits})",
        f"- Images left out, by hand or for want of a caption or of a readable picture: {left_out:,}",
        f"- Words in a caption: {min(sizes):,} to {max(sizes):,}, mean {mean(sizes):.1f}, median {median(sizes):g}",
        f"- Distinct captions: {len(set(captions)):,}",
        "",
        "## How the captions were made",
        "",
        *_makers(list(origins)),
        "## How to load it",
        "",
        "```python",
        f'load_dataset("{repository}")',
        "```",
        END,
    ]
    return "\n".join(lines)


def _makers(origins: Sequence[Mapping[str, Any]]) -> list[str]:
    makers = Counter(_maker(origin) for origin in origins)
    lines = [*(f"- {count:,} {maker}" for maker, count in makers.most_common()), ""]
    prompts = Counter(
        (origin["model"], origin["prompt"])
        for origin in origins
        if origin.get("kind") == "generate" and origin["prompt"]
    )
    if prompts:
        lines += ["### Prompts", ""]
    for (model, prompt), count in prompts.most_common(_MOST_PROMPTS):
        # Indented text is shown letter by letter, whatever it holds.
        lines += [f"{count:,} by {_code(model)}:", "", *(f"    {line}" for line in prompt.splitlines()), ""]
    if len(prompts) > _MOST_PROMPTS:
        lines += [f"and {len(prompts) - _MOST_PROMPTS:,} more.", ""]
    return lines


def _maker(origin: Mapping[str, Any]) -> str:
    kind = origin.get("kind")
    if kind == "generate":
        return f"by {_code(origin['model'])}" + (", then changed by hand" if origin["edited"] else "")
    if kind == "edit":
        return "written or changed by hand"
    return "imported with the images" if kind == "import" else "of unknown origin"


def _code(name: str) -> str:
    return f"`{' '.join(name.replace('`', ' ').split())}`"
