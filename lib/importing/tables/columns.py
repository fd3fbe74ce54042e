"""Which column of a table is the image and which the caption: by what is in them, by their names, or by a person.

Nothing is guessed where two fit: then the table is not understood, and a person is told the columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.images import IMAGE_SUFFIXES
from lib.importing.tables.image_keys import is_address
from lib.importing.tables.results import NotUnderstood
from lib.importing.tables.table_file import TableFile
from lib.importing.tables.values import is_number, texts_of

Record = Mapping[str, Any]

IMAGES = (
    "file_name", "image", "filename", "file", "image_name", "path", "filepath", "file_path", "image_path", "img_path",
    "image_file", "image_filename", "img", "img_name", "picture", "photo", "fname", "name", "key", "__key__",
    "image_id", "img_id", "id",
)  # fmt: skip
"""What the image's column is called, the likeliest first."""

_WEAK = ("name", "key", "__key__", "image_id", "img_id", "id")

CAPTIONS = ("text", "caption", "captions")
ALMOST = (
    "label_text", "blip_caption", "description", "descriptions", "prompt", "prompts", "comment", "comments", "title",
    "sentence", "sentences", "en", "output", "tags", "tag_list", "tag_string", "tag", "keywords", "alt", "alt_text",
    "raw", "long_caption", "short_caption", "caption_text", "image_caption", "generated_caption", "response", "answer",
    "positive_prompt", "txt", "annotation",
)  # fmt: skip
"""What a caption's column may be called, where none is called as captions are."""

MAX_COLUMNS = 2_000

_SEVERAL = re.compile(r"(text|caption|captions|sentence|comment|description|prompt)[ _-]?\d+")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """The image's column, and those of its captions: one, or `caption_1` to `caption_5` together."""

    image: str
    captions: tuple[str, ...]

    @property
    def caption(self) -> str:
        return ", ".join(self.captions)


def columns_of(sample: Sequence[Record]) -> tuple[str, ...]:
    """All columns of the records, as they come."""
    return tuple(dict.fromkeys(str(column) for record in sample for column in record))


def choose(file: TableFile, sample: Sequence[Record], columns: tuple[str, ...]) -> Chosen | NotUnderstood | None:
    """The columns of a table, by some of its records; None where it has neither images nor texts."""
    if len(columns) > MAX_COLUMNS:
        return NotUnderstood(f"it has more than {MAX_COLUMNS:,} columns")
    for option, wanted in (("image", file.reading.image_column), ("caption", file.reading.caption_column)):
        if wanted is not None and not _named(wanted, columns):
            return NotUnderstood(f"it has no column “{wanted}” for the {option}; {_listed(columns)}", columns)
    image = image_column(file, sample, columns)
    if isinstance(image, NotUnderstood):
        return image
    captions = _captions(file, sample, [column for column in columns if column != image])
    if image is None:
        # Texts with no image to them may be captions that are kept by another rule.
        return _why_no_image(sample, columns) if captions else None
    if isinstance(captions, NotUnderstood):
        return captions
    return Chosen(image, captions) if captions else _why_no_caption(sample, image, columns)


def _why_no_image(sample: Sequence[Record], columns: tuple[str, ...]) -> NotUnderstood:
    if any(_is_of_addresses(sample, column) for column in columns):
        return NotUnderstood(
            "it names addresses on the web, and no image that is here. img2dataset downloads them:"
            " img2dataset --url_list FILE --output_format webdataset; then import the folder that it writes",
            columns,
        )
    return NotUnderstood(
        f"no column of it names an image that is here; {_listed(columns)}. Choose one with --image-column", columns
    )


def _why_no_caption(sample: Sequence[Record], image: str, columns: tuple[str, ...]) -> NotUnderstood | None:
    if not any(_texts(sample, column) for column in columns if column != image):
        return None
    return NotUnderstood(
        f"no column with captions is known in it; {_listed(columns)}. Choose one with --caption-column", columns
    )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(column[:60] for column in columns[:_SHOWN])
    return f"its columns: {shown}" + (f" and {len(columns) - _SHOWN:,} more" if len(columns) > _SHOWN else "")


def _named(wanted: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The column that a person means, or several between commas: by name, in any case, or by number from 1."""
    if wanted in columns:
        return (wanted,)
    for column in columns:
        if column.strip().casefold() == wanted.strip().casefold():
            return (column,)
    if "," in wanted:
        found = [_named(part.strip(), columns) for part in wanted.split(",")]
        return tuple(column for one in found for column in one) if all(found) else ()
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 6 else 0
    return (columns[number - 1],) if 0 < number <= len(columns) else ()


def image_column(file: TableFile, sample: Sequence[Record], columns: tuple[str, ...]) -> str | NotUnderstood | None:
    """The column whose values name images here, or else the one that is called so; None where there is none."""
    if file.reading.image_column is not None:
        return _named(file.reading.image_column, columns)[0]
    known = [column for name in IMAGES for column in columns if column.strip().lower() == name]
    scores = {column: score for column in columns if (score := _score(file, sample, column))}
    if not scores:
        return next((column for column in known if _is_of_paths(sample, column)), None)
    best = max(scores.values())
    good = [column for column in scores if scores[column] * 2 > best]
    unlike = [column for column in good if _found(file, sample, column) != _found(file, sample, good[0])]
    named = [column for column in known if column in good]
    if unlike and best >= 1 and len(named) != 1:
        return _two("images", "image", [good[0], *unlike], columns)
    return named[0] if named else max(good, key=scores.__getitem__)


def _found(file: TableFile, sample: Sequence[Record], column: str) -> list[list[str]]:
    return [file.find(text) for record in sample for text in names_in(record.get(column))]


def _score(file: TableFile, sample: Sequence[Record], column: str) -> float:
    """How many values of a column name images here; one that has the ending is worth more than a bare word."""
    score = 0.0
    for record in sample:
        for text in names_in(record.get(column)):
            if found := file.find(text):
                # The caption "cat" finds cat.jpg, too, and the number 1 finds 1.jpg.
                score += 1.0 if text.strip().lower().endswith(found[0].rpartition(".")[2].lower()) else 0.25
    return score


def names_in(value: Any) -> list[str]:
    """What may name an image in a value: a text, a number, or what is in a list of one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("path", "file_name", "filename") if value.get(key)), None)
    if isinstance(value, int) and not isinstance(value, bool):
        return [str(value)]
    return [value] if isinstance(value, str) and 0 < len(value) < 2_000 else []


def _is_of_paths(sample: Sequence[Record], column: str) -> bool:
    texts = [text for record in sample for text in names_in(record.get(column))]
    if not texts or any(map(is_address, texts)):
        return False
    # Many a table numbers its rows, and numbers name no image where none is called so.
    return column.strip().lower() not in _WEAK or all(text.lower().endswith(IMAGE_SUFFIXES) for text in texts)


def _is_of_addresses(sample: Sequence[Record], column: str) -> bool:
    texts = [text for record in sample for text in names_in(record.get(column))]
    return bool(texts) and all(text.lower().startswith(("http://", "https://")) for text in texts)


def _captions(file: TableFile, sample: Sequence[Record], columns: list[str]) -> tuple[str, ...] | NotUnderstood:
    """The caption's column or columns, () where there is none."""
    if file.reading.caption_column is not None:
        return _named(file.reading.caption_column, columns)
    texts = {column: values for column in columns if (values := _texts(sample, column))}
    if several := [column for column in texts if _SEVERAL.fullmatch(column.strip().lower())]:
        stems = {_SEVERAL.fullmatch(column.strip().lower())[1] for column in several}  # type: ignore[index]
        if len(stems) == 1 and not any(column.strip().lower() in CAPTIONS for column in texts):
            return tuple(several)
    for known in (CAPTIONS, ALMOST):
        fitting = [column for column in texts if column.strip().lower() in known]
        if len(fitting) > 1:
            fitting = [column for column in fitting if len(set(texts[column])) > 1] or fitting
        if len({tuple(texts[column]) for column in fitting}) > 1:
            return _two("captions", "caption", fitting, columns)
        if fitting:
            return (fitting[0],)
    return _longest(texts, columns)


def _longest(texts: dict[str, list[str]], columns: list[str]) -> tuple[str, ...] | NotUnderstood:
    """The column of the longest texts that differ from row to row, where no other is near it."""
    sizes = {
        column: sum(map(len, values)) / len(values)
        for column, values in texts.items()
        if (len(set(values)) > 1 or len(values) == 1) and not any(map(is_address, values))
    }
    ranked: list[str] = sorted(sizes, key=lambda column: -sizes[column])
    if len(ranked) > 1 and sizes[ranked[0]] < 2 * sizes[ranked[1]]:
        near = [column for column in ranked if 2 * sizes[column] > sizes[ranked[0]]]
        return _two("captions", "caption", near, columns)
    return tuple(ranked[:1])


def _two(what: str, option: str, fitting: list[str], columns: Sequence[str]) -> NotUnderstood:
    shown = " or ".join(f"“{column[:60]}”" for column in fitting[:4])
    return NotUnderstood(
        f"its {what} could be {shown}; choose with --{option}-column, such as --{option}-column “{fitting[0][:60]}”",
        tuple(columns),
    )


def _texts(sample: Sequence[Record], column: str) -> list[str]:
    """The texts of a column, [] where they are none: numbers, or what is no text at all in most rows."""
    found: list[str] = []
    strange = 0
    for record in sample:
        texts = texts_of(record.get(column), column)
        strange += texts is None
        found += ["\n".join(texts)] if texts else []
    is_text = found and strange <= len(found) and not all(map(is_number, found))
    return found if is_text else []


def cells_of(chosen: Chosen, record: Record) -> Iterator[tuple[str, Any]]:
    """(column, value) of the captions of a record."""
    for column in chosen.captions:
        yield column, record.get(column)
