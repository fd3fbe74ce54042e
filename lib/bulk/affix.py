"""Words before or after every caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lib.bulk.base import Change, changes
from lib.domain import ImageRecord
from lib.text import join_tags


def plan_affix(
    records: Sequence[ImageRecord],
    prefix: str = "",
    suffix: str = "",
    separator: str = ", ",
    only_where_missing: bool = True,
    also_blank: bool = False,
) -> list[Change]:
    """Puts `prefix` before and `suffix` after each caption, with `separator` between.

    - A blank caption stays blank, so that its image still counts as one without a caption. With `also_blank` it becomes
      the prefix and the suffix alone, joined by the separator.
    - White space round a caption (a line end at its end, say) stays outside of what is added.
    - Tags are joined by `join_tags`: where a comma is between, also one that the prefix ends or the suffix begins with.
    - `only_where_missing` leaves out a side that the caption has already as words of its own: "cat" stands before
      "cat, sofa" and "cat sofa", not before "category". A second run then changes nothing.
    - A blank prefix or suffix adds nothing, nor does its separator.
    """
    join_before = _joining(separator, prefix.rstrip().endswith(","))
    join_after = _joining(separator, suffix.lstrip().startswith(","))
    # White space at the very edge of a caption is of no use, and would hide that the words are there.
    before, after, blank = prefix.lstrip(), suffix.rstrip(), ""
    if join_before or join_after:
        before, after, blank = join_tags(prefix), join_tags(suffix), ","

    def rewrite(text: str) -> tuple[str, int]:
        body = text.strip()
        if not body and not also_blank:
            return text, 0
        if not body.strip(f" {blank}"):
            parts = [part for part in (before, after) if part]
            joined = (join_before or join_after or separator.join)(parts)
            return (joined.strip(), len(parts)) if parts else (text, 0)
        new, hits = body, 0
        # Twice, since without a separator one side may glue itself to words that stood alone at the other.
        for _ in range(2 if only_where_missing else 1):
            if after and not (only_where_missing and _ends_with(new.rstrip(f" {blank}"), after, separator)):
                new, hits = (join_after or separator.join)([new, after]), hits + 1
            if before and not (only_where_missing and _begins_with(new.lstrip(f" {blank}"), before, separator)):
                new, hits = (join_before or separator.join)([before, new]), hits + 1
        if not hits:
            return text, 0
        start = text.index(body)
        return text[:start] + new + text[start + len(body) :], hits

    return changes(records, rewrite)


def _joining(separator: str, has_comma: bool) -> Callable[[Sequence[str]], str] | None:
    """How a side is joined to the caption as a tag, None where it is joined as it is."""
    if separator.strip() == ",":
        return lambda parts: join_tags(*parts, separator=separator)
    return (lambda parts: join_tags(*parts)) if has_comma and not separator.strip(" ") else None


def _begins_with(body: str, prefix: str, separator: str) -> bool:
    words = prefix.strip()
    return body.startswith(prefix + separator) or (
        body.startswith(words) and not (_is_word(words[-1]) and _is_word(body[len(words) : len(words) + 1]))
    )


def _ends_with(body: str, suffix: str, separator: str) -> bool:
    words = suffix.strip()
    gap = len(body) - len(words)
    return body.endswith(separator + suffix) or (
        body.endswith(words) and not (_is_word(words[0]) and _is_word(body[max(gap - 1, 0) : gap]))
    )


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"
