"""Openings that say nothing of a picture: "This image shows that", "A photo of", "Image:". Pure."""

from __future__ import annotations

import re

from lib.bulk.tags import StripLeadIns

_PRAISE = (
    r"(?:captivating|stunning|beautiful|striking|vivid|detailed|lovely|nice|high[- ](?:quality|resolution)|amazing"
    r"|gorgeous|breathtaking|vibrant|evocative|charming|delightful|impressive|mesmeri[sz]ing|dramatic|intriguing"
    r"|professional|realistic|serene|remarkable|engaging|dynamic|heartwarming|given|provided)"
)
_NOUN = r"(?:image|picture|photo|photograph|snapshot|illustration|scene)"
_PHOTO = rf"(?:{_PRAISE},? ){{0,2}}{_NOUN}"
_SHOWS = (
    r"(?:\w+ly )?(?:show(?:s|cases)|depicts|features|captures|displays|presents|portrays|illustrates|contains|is of"
    r"|is (?:showing|depicting))"
)
_SHOWING = rf"(?:of|showing|depicting|featuring|portraying|,? ?(?:that|which) {_SHOWS})"
_SEEN = r"(?:(?:we|you|one) (?:can )?see|there (?:is|are))"
_COLON = r"[ \t]*(?::|[–—]|(?<=[ \t])-(?=[ \t]))"
_THEN = rf"(?:{_COLON}|,)?[ \t]+(?=\S)"
_PHOTO_OF = re.compile(rf"(?:this is )?an? {_PHOTO},? ?{_SHOWING}{_THEN}", re.IGNORECASE)
"""What kind of photo it is ("a blurry photo of") may be worth a word; that it is a good one never is."""
_OPENINGS = (
    re.compile(rf"(?:this|the) {_PHOTO}(?:, (?:that|which)|,)? {_SHOWS}{_THEN}", re.IGNORECASE),
    re.compile(rf"in (?:this|the) {_PHOTO}(?:,? {_SEEN}{_THEN}|(?:{_COLON}|,)[ \t]*(?=\S))", re.IGNORECASE),
    _PHOTO_OF,
    re.compile(rf"(?:image|picture|photo|photograph) (?:of|showing|depicting){_THEN}", re.IGNORECASE),
    # "photo, dog" are tags: behind the bare noun a colon or a dash must stand.
    re.compile(rf"(?:(?:an?|the|this) )?{_PHOTO}{_COLON}[ \t]*(?=\S)", re.IGNORECASE),
)
_THAT = re.compile(
    r"(?:that|how)[ \t]+(?=(?:the|an?|there|this|these|his|her|their|he|she|it|they|someone|people|men|women|children"
    r"|some|several|many|both|all|one|two|three|four|five)\b)",
    re.IGNORECASE,
)


def without_opening(text: str) -> str:
    """The text without "This image shows that", "a photo of" and the like at the beginning of its lines."""
    before = text.split("\n")
    return "\n".join(_opened(line, before) for line in StripLeadIns().rewriter([])(text)[0].split("\n"))


def _opened(line: str, before: list[str]) -> str:
    off = _without(line)
    # Behind an opening that is off "that" begins a clause; a caption may begin with it by itself.
    return off if off in before else _without_that(off)


def opens_as_photo(text: str) -> bool:
    """Whether a caption begins with "a photo of" or the like, which may be how a whole dataset is written."""
    return bool(_PHOTO_OF.match(text.lstrip()))


def _without(line: str) -> str:
    body = line.lstrip()
    found = next((found for pattern in _OPENINGS if (found := pattern.match(body))), None)
    return line if found is None else _begun_as(body, body[found.end() :])


def _without_that(line: str) -> str:
    """What stood behind "shows", which may have been a clause."""
    found = _THAT.match(line)
    return line if found is None else _begun_as(line, line[found.end() :])


def _begun_as(before: str, after: str) -> str:
    return after[:1].upper() + after[1:] if before[:1].isupper() else after
