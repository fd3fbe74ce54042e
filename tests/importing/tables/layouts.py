"""The layouts in which programs and people keep captions, each made anew."""

from __future__ import annotations

from tests.importing.tables.cell_layouts import CELLS
from tests.importing.tables.json_layouts import LINES, OBJECTS
from tests.importing.tables.layout import FIRST, ONE, PLAIN, TWO, Layout, as_json

NOTES = {
    "gallery-dl": Layout(
        "a.json",
        as_json({"category": "flickr", "filename": "a", "extension": "jpg", "description": FIRST["a.jpg"]}),
        "note",
        {"a.jpg": ONE["a.jpg"]},
    ),
    "gallery-dl, name.jpg.json": Layout(
        "a.jpg.json",
        as_json({"category": "booru", "tags": ["1girl", "red hat"]}),
        "note",
        {"a.jpg": ["1girl, red hat"]},
    ),
    "several captions beside an image": Layout(
        "a.json", as_json({"captions": TWO["a.jpg"]}), "note", {"a.jpg": TWO["a.jpg"]}
    ),
}

XML = {
    "CVAT images": Layout(
        "annotations.xml",
        '<?xml version="1.0"?>\n<annotations><version>1.1</version><meta><task><name>x</name></task></meta>'
        + "".join(
            f'<image id="{n}" name="{name}" width="5" height="5"><box label="cat"><attribute name="caption">no'
            f'</attribute></box><tag label="about"><attribute name="caption">{text}</attribute></tag></image>'
            for n, (name, text) in enumerate(PLAIN)
        )
        + "</annotations>",
        "cvat",
        ONE,
    ),
}

TEXTS: dict[str, Layout] = {**CELLS, **LINES, **OBJECTS, **NOTES, **XML}
"""All that are text, by what they are."""
