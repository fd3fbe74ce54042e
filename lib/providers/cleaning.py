"""How the answers of models are tidied: thoughts, marks and politeness off, the caption itself untouched. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lib.domain import Style
from lib.providers.families import (
    AT_THE_END,
    AT_THE_START,
    BARE_CHANNELS,
    CHANNEL,
    FAMILIES,
    FINAL,
    MESSAGE,
)
from lib.providers.tag_lists import tags_in

_MOST_LAYERS = 60
"""Marks within marks within marks: more than any answer has, few enough to take no time."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_UNQUOTED, _CLOSING = r"(?<![\"'“‘«`])", frozenset("\"'”’»`")


def _mark(text: str) -> re.Pattern[str]:
    # What stands in quotes is what a sign or a screen says.
    return re.compile(_UNQUOTED + re.escape(text), re.IGNORECASE)


def _any(marks: Iterable[str]) -> str:
    return "|".join(re.escape(mark) for mark in sorted(marks, key=len, reverse=True))


_THOUGHTS = tuple((_mark(begin), _mark(end)) for family in FAMILIES for begin, end in family.thoughts)
_WRAPS = tuple((begin.lower(), end.lower()) for family in FAMILIES for begin, end in family.wraps)
_GOES_ON = re.compile(r"\s+[a-z]")
_ENDS = re.compile(rf"{_UNQUOTED}(?:{_any(mark for family in FAMILIES for mark in family.ends)})", re.IGNORECASE)
_STRAY = r"<[|｜][\w▁ ]{1,40}[|｜]>"
"""A mark of a family that nobody has told us of; at an edge of an answer it is no caption's word."""
_EDGES = [*AT_THE_START, *(mark for family in FAMILIES for mark in family.starts + family.ends)]
_LONGEST_MARK = 60
_LEADING = re.compile(rf"\s*(?:{_any(_EDGES)}|{_STRAY})")
_TRAILING = re.compile(rf"(?<![\"'“‘«`])(?:{_any(AT_THE_END)}|{_STRAY})\s*\Z", re.IGNORECASE)
_ANYWHERE = re.compile(_any(mark for family in FAMILIES for mark in family.anywhere), re.IGNORECASE)
_FINAL = re.compile(rf"{re.escape(CHANNEL)}\s*{FINAL}\b.{{0,80}}?{re.escape(MESSAGE)}", re.IGNORECASE | re.DOTALL)
_BARE = re.compile(rf"\A{BARE_CHANNELS[0]}(?=[A-Z]).*?{BARE_CHANNELS[1]}", re.DOTALL)

_FENCE = re.compile(r"\A(```|~~~)[\w-]*+[ \t]*+\r?\n?(.*?)\r?\n?\1\Z", re.DOTALL)
_BOLD = re.compile(r"\A(\*\*|__|\*)(?=[^\s*_])([^*_]*[^\s*_])\1\Z")
_ITEM = re.compile(r"\A[-*•]\s+(?=[^\n]+\Z)")
_NOUN = r"(?:image|picture|photo|photograph|illustration|scene)"
_WHAT = r"(?:caption|description|tags|keywords|answer|alt[ -]text)"
_NAMED = rf"(?:(?:short|long|brief|detailed|final|suggested|image|picture|photo)\s+){{0,2}}{_WHAT}"
_LEAD_INS = (
    # "OK sign on a wall: red letters" is a caption, so politeness counts only with its exclamation mark or "here".
    re.compile(r"(?:sure|certainly|of course|absolutely|okay)(?:!\s+|[.,]\s+(?=here\b))", re.IGNORECASE),
    re.compile(
        rf"(?:here(?:'s|’s| is| are)|below (?:is|are))\b[^\n:.]{{0,60}}\b(?:{_NOUN}|caption|description|tags)\b"
        r"[^\n:.]{0,30}:\s*",
        re.IGNORECASE,
    ),
    re.compile(rf"{_NAMED}\s*:\s*", re.IGNORECASE),
    # The same in bold or as a heading, where the colon may be missing: **Caption:** **Caption**: ### Caption
    re.compile(rf"(?:\*\*|__){_NAMED}\s*(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:|(?:\*\*|__)[ \t]*(?=\n))\s*", re.IGNORECASE),
    re.compile(rf"#{{1,6}}[ \t]*{_NAMED}[ \t]*(?::\s*|(?=\n))\s*", re.IGNORECASE),
    re.compile(
        rf"(?:in (?:this|the) {_NOUN},?\s+(?:we (?:can )?see|you (?:can )?see|there (?:is|are))"
        rf"|(?:this|the) {_NOUN}\s+(?:shows|depicts|features|captures|displays|presents|portrays|contains|is of)"
        rf"|(?:this|the) {_NOUN} is an? (?:image|picture|photo|photograph) of"
        rf"|an? (?:image|picture) of)\s+(?:that\s+(?=(?:the|an?|there)\b))?",
        re.IGNORECASE,
    ),
)
_REMARK = re.compile(
    r"(?:(?<=[.!?…。！？])[ \t]+|\n\s*)(?:[*_(]*)"
    r"(?:(?:please\s+)?let me know\b|(?:i\s+)?hope (?:this|that|it|these) helps?\b|(?:please\s+)?feel free to\b"
    r"|would you like (?:me|any|another|more|a different)\b|(?:is|was) there anything else\b"
    r"|if you(?:'d|’d| would)? (?:need|want|like|have)\b[^\n.!?]{0,80}\b(?:let me know|feel free|just ask|tell me)\b"
    r"|(?:\(|\[)?word count\s*:\s*\d+)"
    r"[^\n\"”»]{0,160}\Z",
    re.IGNORECASE,
)
_WORD_COUNT = re.compile(r"(?<!\s)\s++\(\d{1,3} words\)\Z", re.IGNORECASE)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "„": "“", "`": "`", "「": "」"}


def clean(text: str, style: Style) -> str:
    """A model's answer without its thoughts, marks, fences, quotes round the whole and "This image shows".

    May be empty: the caller decides what an answer of thoughts alone means. Lone surrogates and control characters,
    which no file can hold, are replaced or dropped. Cleaning what is clean changes nothing.
    """
    text = _CONTROL.sub("", text.encode("utf-8", "replace").decode("utf-8")).strip()
    for _ in range(_MOST_LAYERS):
        tidied = _one_layer_off(text)
        if tidied == text and style == "tags":
            # A tag without its quotes or hash may be a mark, as the text without a fence may.
            tidied = ", ".join(tags_in(text))
        if tidied == text:
            break
        text = tidied
    return text


def _one_layer_off(text: str) -> str:
    text = _without_marks(_answer_of(_without_thoughts(_final_channel(text)))).strip()
    text = _WORD_COUNT.sub("", _without_remark(text))
    return without_lead_in(_unwrapped(text)).strip()


def _final_channel(text: str) -> str:
    if CHANNEL in text.lower() and (opened := _mark(CHANNEL).search(text)):
        finals = list(_FINAL.finditer(text))
        # Without its last channel the answer broke off while the model thought.
        return text[finals[-1].end() :] if finals else text[: opened.start()]
    return _BARE.sub("", text)


def _without_thoughts(text: str) -> str:
    for begin, end in _THOUGHTS:
        text = _without_pair(text, begin, end)
    return text


def _without_pair(text: str, begin: re.Pattern[str], end: re.Pattern[str]) -> str:
    kept: list[str] = []
    place = 0
    while opened := begin.search(text, place):
        closed = end.search(text, opened.end())
        if closed is None:
            line = text[text.rfind("\n", 0, opened.start()) + 1 : opened.start()]
            if not line.strip():
                # Unfinished. In the middle of a line it is what a sign says.
                return "".join(kept) + text[place : opened.start()]
            break
        kept.append(text[place : opened.start()])
        place = closed.end()
    return _without_end_alone("".join(kept) + text[place:], end)


def _without_end_alone(text: str, end: re.Pattern[str]) -> str:
    # Some servers strip the opening mark, because it belongs to the prompt of a thinking model.
    ends = list(end.finditer(text))
    if not ends or _is_quoted(text, ends[-1].end()):
        return text
    rest = text[ends[-1].end() :].strip()
    # "A shirt says </think>." goes on with nothing but its full stop.
    return rest if not rest or any(letter.isalnum() for letter in rest) else text


def _answer_of(text: str) -> str:
    """The inside of the last wrap, where one stands round the answer or round its end."""
    lower = text.lower()
    for begin, end in _WRAPS:
        place = lower.rfind(begin)
        if place < 0 or not _may_open(text[:place]):
            continue
        inside = text[place + len(begin) :]
        length = lower[place + len(begin) :].find(end)
        if length < 0 and place == 0 and not _GOES_ON.match(inside):
            # Cut off by max_tokens, or by a server that takes the end away.
            return inside
        if length >= 0 and (place == 0 or not inside[length + len(end) :].strip()):
            return inside[:length]
    return text


def _may_open(before: str) -> bool:
    # "A sign says <answer>" goes on in its sentence; an answer begins a line, or follows the end of a sentence.
    line = before.rpartition("\n")[2].rstrip()
    return not line or line[-1] in ".!?>。！？"


def _without_marks(text: str) -> str:
    text = _ANYWHERE.sub("", text)
    place = 0
    while leading := _LEADING.match(text, place):
        place = leading.end()
    text = text[place:]
    for ending in _ENDS.finditer(text):
        if not _is_quoted(text, ending.end()):
            text = text[: ending.start()]
            break
    return _without_marks_at_the_end(text)


def _without_marks_at_the_end(text: str) -> str:
    end = len(text)
    while True:
        while end and text[end - 1].isspace():
            end -= 1
        # The whole text would be gone through for each mark.
        trailing = _TRAILING.search(text, max(0, end - _LONGEST_MARK), end)
        if trailing is None:
            return text[:end]
        end = trailing.start()


def _is_quoted(text: str, end: int) -> bool:
    return text[end : end + 1] in _CLOSING


def _without_remark(text: str) -> str:
    found = _REMARK.search(text[-400:])
    return text[: len(text) - len(text[-400:]) + found.start()].rstrip() if found else text


def _unwrapped(text: str) -> str:
    fence = _FENCE.match(text)
    if fence:
        text = fence[2].strip()
    if bold := _BOLD.match(text):
        text = bold[2]
    text = _ITEM.sub("", text)
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
