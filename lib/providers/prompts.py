"""What models are asked, and how their answers are tidied. Pure."""

from __future__ import annotations

import re

from lib.domain import Length, Style
from lib.errors import InvalidInput
from lib.providers.cleaning import clean, without_lead_in

__all__ = ["PLACEHOLDERS", "check_placeholders", "clean", "default_prompt", "render", "without_lead_in"]

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
