"""What a model or a program left in a caption and is no part of it: thoughts, marks, refusals, politeness. Pure."""

from __future__ import annotations

import json
import re

from lib.providers.cleaning import clean
from lib.review.captions.lists import list_places, without_numbers
from lib.review.captions.openings import without_opening
from lib.text import words

_REFUSAL = re.compile(
    # What stands in quotes is what a sign says.
    r"(?<![\"“‘«])(?:\b(?:i['’]?m sorry|i am sorry|i apologi[sz]e|sorry),?\s+(?:but\s+)?(?:i|we)\b"
    r"|\b(?:i|we) (?:can(?:no|['’])t|am unable to|['’]m unable to|are unable to|am not able to|['’]m not able to)"
    r" (?:see|view|assist|help|identify|provide|describe|process|access|determine|comply|analy[sz]e|fulfil)"
    r"|\bas an ai\b|\bas a (?:large )?language model\b"
    r"|\bunable to (?:process|view|load|describe) (?:the|this|that) image"
    r"|\bno image (?:was|has been) (?:provided|attached|uploaded)\b"
    r"|\bplease (?:provide|upload|share) (?:the|an) image\b"
    r"|\b(?:content policy|safety guidelines)\b)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\A\W*(?:error|exception|traceback|http error|rate limit|timeout|timed out|internal server error|bad request"
    r"|connection (?:error|refused|reset)|too many requests|service unavailable)\b.{0,300}\Z",
    re.IGNORECASE | re.DOTALL,
)
_ERROR_SIGN = re.compile(r"\b(?:[45]\d\d|exceeded|failed|Traceback|Exception|refused)\b|Error:", re.IGNORECASE)
_PLACEHOLDER_WORDS = (
    "caption description describe todo tbd fixme n/a na none null nan undefined untitled unknown placeholder test xxx"
    " asdf no_caption nocaption no-caption lorem"
)
_PLACEHOLDERS = frozenset(_PLACEHOLDER_WORDS.split())
_PHRASES = frozenset(
    (
        "no caption", "no description", "insert caption here", "caption here", "your caption here", "add caption",
        "write caption here", "no description available", "no caption available", "to do", "not available",
    )
)  # fmt: skip
_CAMERA = re.compile(r"(?:img|dsc|dscn|dscf|pxl|mvimg|screenshot|photo|image|pic|frame|sample)[_ -]?\d{2,}[\w-]*", re.I)
_FILE = re.compile(r"[\w .()-]+\.(?:jpe?g|png|webp|gif|bmp|tiff?|heic|avif)", re.I)
_MARKUP = re.compile(r"</?(?:p|br|div|span|b|i|a|strong|em|ul|li|h[1-6])\b[^<>]{0,80}/?>", re.IGNORECASE)
_MARKDOWN = re.compile(r"\*\*[^*\n]++\*\*|^#{1,6} |^[^\S\n]*+[-*] \S.*\n\s*+[-*] |!\[[^\[\]\n]*+\]\(", re.MULTILINE)
_MARKDOWN_LINE = re.compile(r"^#{1,6} |^[^\S\n]*+[-*] \S.*\n\s*+[-*] ", re.MULTILINE)
_WEIGHTED = re.compile(r"\(([^():<>\n]{1,80}):\d+(?:\.\d+)?\)")
_PROMPT = re.compile(
    r"<(?:lora|lyco|hypernet|embedding):[^<>\n]{1,120}>"
    r"|(?<!\w)--(?:ar|v|style|niji|seed|q|s|stylize|chaos)\b(?: [\w:.]+)?"
)
"""What generators read, and a trainer takes for words: "(dog:1.3)", "<lora:name:1>", "--ar 16:9"."""
_CAPTION_KEYS = ("caption", "description", "text", "prompt", "tags")
"""What the caption is called in an answer that has more to say: its confidence, the file's name."""
_ADDRESS = re.compile(
    r"\bhttps?://\S+|\bwww\.\w[\w-]*\.\w\S*|(?<![\w.+-])[\w.+-]++@[\w-]++\.[a-z]{2,}\b", re.IGNORECASE
)


def refuses(text: str) -> tuple[int, int] | None:
    """Where a model says that it will not, or cannot, write a caption; an error message counts as well."""
    if found := _REFUSAL.search(text):
        return found.span()
    return (0, len(text)) if _ERROR.match(text) and _ERROR_SIGN.search(text) else None


def is_placeholder(text: str, stem: str) -> bool:
    """Whether a caption stands for one that nobody wrote: "todo", "untitled", the file's own name."""
    body = text.strip().strip(".…-_*<>[]() ").lower()
    if not body or body in _PLACEHOLDERS or body in _PHRASES or body.startswith("lorem ipsum"):
        return bool(text.strip())
    own = stem.rpartition("/")[2].lower()
    # "red fox.jpg" may well have been named by its caption.
    is_own_name = body == own and (any(map(str.isdigit, own)) or "_" in own)
    return is_own_name or bool(_CAMERA.fullmatch(body) or _FILE.fullmatch(body))


def without_leftovers(text: str) -> str | None:
    """The caption without what a model's answer has round it; None where nothing is, "" where nothing would be left.

    An opening alone ("This image shows") is no leftover: that is another finding.
    """
    body = text.strip()
    if inner := _out_of_json(body):
        return clean(inner, "sentence")
    plain = without_opening(body).strip()
    if clean(plain, "sentence").casefold() == plain.casefold():
        return None
    left = clean(body, "sentence")
    # Within a fence an answer is often JSON.
    return clean(_out_of_json(left) or left, "sentence")


def markup_places(text: str) -> list[tuple[int, int]]:
    """Where HTML, markdown and the marks of prompts for generators stand."""
    patterns = (_MARKUP, _MARKDOWN, _WEIGHTED, _PROMPT)
    return sorted([*(found.span() for pattern in patterns for found in pattern.finditer(text)), *list_places(text)])


def without_markup(text: str) -> str:
    """The text without tags of HTML, the stars of bold words, and what generators read."""
    text = re.sub(r"\*\*([^*\n]+)\*\*", r"\1", _MARKUP.sub(" ", text))
    text = re.sub(r"^(?:#{1,6} |[^\S\n]*[-*] )", "", text, flags=re.MULTILINE) if _MARKDOWN_LINE.search(text) else text
    text = without_numbers(text)
    text = _PROMPT.sub("", _WEIGHTED.sub(r"\1", text))
    text = re.sub(r",(?:\s*,)+", ",", re.sub(r"[^\S\n]{2,}", " ", text))
    return re.sub(r"(?<![\s,])[\s,]++\Z|\A[\s,]++", "", text)


def address_places(text: str) -> list[tuple[int, int]]:
    """Where addresses of pages and of people stand."""
    return [found.span() for found in _ADDRESS.finditer(text)]


def _out_of_json(text: str) -> str:
    """The caption in a JSON object or list, of tags with commas between them; "" where there is none, or several."""
    if text[:1] not in "{[" or not text.endswith(("}", "]")):
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(value, dict):
        return _text_of(value)
    found = {key.casefold(): inner for key, one in value.items() if (inner := _text_of(one))}
    named = [found[key] for key in _CAPTION_KEYS if key in found]
    texts = named or list(found.values())
    return texts[0] if len(texts) == 1 else ""


def _text_of(value: object) -> str:
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return ", ".join(tag for one in value if (tag := one.strip()))
    return value if isinstance(value, str) and words(value) else ""
