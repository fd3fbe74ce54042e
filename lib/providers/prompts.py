"""What models are asked, and how their answers are tidied. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.domain import Length, Style
from lib.errors import InvalidInput
from lib.text import split_tags

_PROMPTS: dict[tuple[Style, Length], str] = {
    ("sentence", "short"): (
        "Describe the picture in one plain sentence of at most twenty words. "
        "Begin with the main subject, and write only the sentence."
    ),
    ("sentence", "long"): (
        "Describe the picture in one detailed paragraph. Begin with the main subject and the medium, such as "
        "photograph or drawing; then give colours, shapes, textures and where things are, and quote any text that can "
        "be read. Use definite words, do not guess, and do not open with “This image shows”. "
        "Write only the description."
    ),
    ("tags", "short"): (
        "Give five to eight tags for what the picture shows: subject, setting, colours, style. "
        "Lower case, separated by commas, the most important first. Write only the tags."
    ),
    ("tags", "long"): (
        "Give fifteen to twenty-five tags for what the picture shows: subjects, actions, setting, objects, colours, "
        "textures, light, mood, medium and style. Lower case, separated by commas, the most important first. "
        "Write only the tags."
    ),
}
PLACEHOLDERS = ("name", "directory", "tags")
_VARIABLE = re.compile(rf"\{{({'|'.join(PLACEHOLDERS)})\}}")
_LIKE_ONE = re.compile(r"\{([A-Za-z_]\w*)\}")

_THINKING = re.compile(r"<(think|thinking|thought)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_END_OF_THINKING = re.compile(r"\A.*</(?:think|thinking|thought)>", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"\A```[\w-]*[ \t]*\r?\n?(.*?)\r?\n?```\Z", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_NOUN = r"(?:image|picture|photo|photograph|illustration|scene)"
_LEAD_INS = (
    # "OK sign on a wall: red letters" is a caption, so politeness counts only with its exclamation mark or "here".
    re.compile(r"(?:sure|certainly|of course|okay)(?:!\s+|[.,]\s+(?=here\b))", re.IGNORECASE),
    re.compile(
        rf"here(?:'s|’s| is| are)\b[^\n:.]{{0,60}}\b(?:{_NOUN}|caption|description|tags)\b[^\n:.]{{0,20}}:\s*", re.I
    ),
    re.compile(r"(?:caption|description|tags|keywords|answer)\s*:\s*", re.IGNORECASE),
    re.compile(
        rf"(?:in (?:this|the) {_NOUN},?\s+(?:we (?:can )?see|you (?:can )?see|there (?:is|are))"
        rf"|(?:this|the) {_NOUN}\s+(?:shows|depicts|features|captures|displays|presents|portrays|contains|is of)"
        rf"|(?:this|the) {_NOUN} is an? (?:image|picture|photo|photograph) of"
        rf"|an? (?:image|picture) of)\s+",
        re.IGNORECASE,
    ),
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`"}
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,3}[.)])\s+")


def default_prompt(length: Length, style: Style) -> str:
    """What a model is asked unless the user writes a prompt. Lengths steer; `max_tokens` cuts."""
    return _PROMPTS[style, length]


def render(prompt: str, *, name: str = "", directory: str = "", tags: str = "") -> str:
    """The prompt with {name}, {directory} and {tags} filled in. All other braces stay as they are.

    One pass only: a caption that holds "{name}" is never filled in a second time.
    """
    values = {"name": name, "directory": directory, "tags": tags}
    return _VARIABLE.sub(lambda match: values[match[1]], prompt)


def check_placeholders(prompt: str) -> None:
    """Raises InvalidInput for a prompt with a placeholder that nothing fills in: it would be sent as it stands."""
    unknown = [name for name in _LIKE_ONE.findall(prompt) if name not in PLACEHOLDERS]
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise InvalidInput(f"The prompt holds {{{unknown[0]}}}, which nothing is filled in for.", f"Known: {known}.")


def clean(text: str, style: Style) -> str:
    """A model's answer without its thoughts, fences, quotes round the whole and "This image shows".

    May be empty: the caller decides what an answer of thoughts alone means. Lone surrogates and control characters,
    which no file can hold, are replaced or dropped.
    """
    text = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    text = _without_thoughts(text).strip()
    for _ in range(3):
        # A fence may hold quotes that hold a lead-in; nothing nests deeper than that.
        text = _unwrapped(text)
        text = without_lead_in(text)
    return _tags(text) if style == "tags" else text


def _without_thoughts(text: str) -> str:
    # Some servers strip the opening mark, because it belongs to the prompt of a thinking model.
    return _END_OF_THINKING.sub("", _THINKING.sub("", text))


def _unwrapped(text: str) -> str:
    fence = _FENCE.match(text)
    if fence:
        text = fence[1].strip()
    close = _QUOTES.get(text[:1])
    inner = text[1:-1]
    # Quotes that return inside (“a” and “b”) do not stand round the whole.
    if close and len(text) > 1 and text.endswith(close) and close not in inner and text[0] not in inner:
        text = inner.strip()
    return text


def without_lead_in(text: str, *, capital: bool = True) -> str:
    """A caption without "This image shows" and the like, unless nothing else is there.

    `capital`: what then stands first begins with a capital letter.
    """
    for pattern in _LEAD_INS:
        match = pattern.match(text)
        if match and (rest := text[match.end() :].strip()):
            text = rest[:1].upper() + rest[1:] if capital else rest
    return text


def _tags(text: str) -> str:
    lines = [_BULLET.sub("", line) for line in text.splitlines()]
    return ", ".join(unique_tags(split_tags("\n".join(lines))))


def unique_tags(tags: Sequence[str]) -> list[str]:
    """Tags trimmed, lower-case, without a full stop at the end or a hash before, each once, in order."""
    tidy = (tag.strip().strip("\"'“”#").rstrip(".").strip().lower() for tag in tags)
    return list(dict.fromkeys(tag for tag in tidy if tag))
