"""Layouts of cells: with a delimiter, with and without a header."""

from __future__ import annotations

import json

from tests.importing.tables.layout import ONE, PLAIN, TWO, Layout, as_csv, as_rows

NUMBERED = [[name, str(n), text] for name, texts in TWO.items() for n, text in enumerate(texts)]
SCORES = [f"a_column_with_a_score_number_{n}" for n in range(20)]

CELLS = {
    "comma": Layout("metadata.csv", as_csv(as_rows("file_name", "text")), "csv", ONE),
    "semicolon, as Excel in Europe": Layout("metadata.csv", as_csv(as_rows("file_name", "text"), ";"), "csv", ONE),
    "pipe": Layout("metadata.csv", as_csv(as_rows("file_name", "text"), "|"), "csv", ONE),
    "tab": Layout("captions.tsv", as_csv(as_rows("file_name", "text"), "\t"), "csv", ONE),
    "tab in a .csv, open_clip": Layout("train.csv", as_csv(as_rows("filepath", "title"), "\t"), "csv", ONE),
    "no header, comma": Layout("captions.csv", as_csv(PLAIN), "csv", ONE),
    "no header, tab": Layout("captions.tsv", as_csv(PLAIN, "\t"), "csv", ONE),
    "no header, tab, .txt": Layout("captions.txt", as_csv(PLAIN, "\t"), "csv", ONE),
    "header of over 200 bytes": Layout(
        "metadata.csv",
        as_csv([["file_name", *SCORES, "text"], *([name, *["0.5"] * 20, text] for name, text in PLAIN)]),
        "csv",
        ONE,
    ),
    "caption first": Layout("x.csv", as_csv([["text", "image"], *([text, name] for name, text in PLAIN)]), "csv", ONE),
    "an index before": Layout(
        "x.csv", as_csv([["", "image", "caption"], *([str(n), *row] for n, row in enumerate(PLAIN))]), "csv", ONE
    ),
    "columns that nobody knows": Layout("x.csv", as_csv(as_rows("foto", "beschreibung")), "csv", ONE),
    "Flickr8k captions.txt": Layout(
        "captions.txt", as_csv([["image", "caption"], *([name, t] for name, ts in TWO.items() for t in ts)]), "csv", TWO
    ),
    "Flickr8k.token.txt": Layout(
        "Flickr8k.token.txt", "".join(f"{name}#{n}\t{text}\n" for name, n, text in NUMBERED), "csv", TWO
    ),
    "Flickr30k .token": Layout(
        "results_20130124.token", "".join(f"{name}#{n}\t{text}\n" for name, n, text in NUMBERED), "csv", TWO
    ),
    "Flickr30k results.csv": Layout(
        "results.csv",
        "image_name| comment_number| comment\n" + "".join(f"{name}| {n}| {text}\n" for name, n, text in NUMBERED),
        "csv",
        TWO,
    ),
    "caption_1 and caption_2": Layout(
        "x.csv", as_csv([["file", "caption_1", "caption_2"], *([name, *ts] for name, ts in TWO.items())]), "csv", TWO
    ),
    "a list in a cell": Layout(
        "x.csv",
        as_csv([["image", "raw"], *([n, json.dumps(ts, ensure_ascii=False)] for n, ts in TWO.items())]),
        "csv",
        TWO,
    ),
    "Label Studio CSV": Layout(
        "project-1.csv",
        as_csv(
            [
                ["annotation_id", "annotator", "caption", "created_at", "id", "image", "lead_time"],
                *(
                    [str(n), "1", text, "2026-01-02T10:20:30Z", str(n), f"/data/upload/1/ab12cd3{n}-{name}", "3.5"]
                    for n, (name, text) in enumerate(PLAIN)
                ),
            ]
        ),
        "csv",
        ONE,
    ),
    "VIA CSV": Layout(
        "via_export.csv",
        as_csv(
            [
                ["filename", "file_size", "file_attributes", "region_count", "region_id", "region_shape_attributes"],
                *(
                    [name, "99", json.dumps({"caption": text}, ensure_ascii=False), "2", str(n), '{"name": "rect"}']
                    for name, text in PLAIN
                    for n in (0, 1)
                ),
            ]
        ),
        "via",
        ONE,
    ),
}
