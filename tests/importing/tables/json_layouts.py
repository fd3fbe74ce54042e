"""Layouts in JSON: lines, lists and objects."""

from __future__ import annotations

from tests.importing.tables.layout import FIRST, ONE, PLAIN, TWO, Layout, as_json, as_lines, as_list

KEYS = (
    "text",
    "caption",
    "captions",
    "tags",
    "comment",
    "prompt",
    "description",
    "title",
    "en",
    "output",
    "label_text",
    "blip_caption",
    "words_that_nobody_has_for_it",
)

LINES = {
    **{
        f"jsonl with {key}": Layout("metadata.jsonl", as_lines(as_list("file_name", key, score=0.5)), "jsonl", ONE)
        for key in KEYS
    },
    "jsonl with lists": Layout(
        "metadata.jsonl",
        as_lines([{"file_name": name, "captions": texts} for name, texts in TWO.items()]),
        "jsonl",
        TWO,
    ),
    "jsonl with a line for each caption": Layout(
        "train.jsonl",
        as_lines([{"image": name, "caption": text} for name, texts in TWO.items() for text in texts]),
        "jsonl",
        TWO,
    ),
    "kohya .jsonl": Layout("dataset.jsonl", as_lines(as_list("image_path", "caption")), "jsonl", ONE),
    "absolute paths": Layout(
        "x.jsonl",
        as_lines([{"image_path": f"/home/me/photos/{name}", "caption": text} for name, text in PLAIN]),
        "jsonl",
        ONE,
    ),
    "json lines in a .json": Layout("train.json", as_lines(as_list("image", "text")), "jsonl", ONE),
    "LLaVA, a line each": Layout(
        "llava.jsonl",
        as_lines(
            [
                {"image": n, "conversations": [{"from": "human", "value": "<image>\nSay"}, {"from": "gpt", "value": t}]}
                for n, t in PLAIN
            ]
        ),
        "jsonl",
        ONE,
    ),
}

TURNS = [{"from": "human", "value": "Say\n<image>"}]
IMAGE_IDS = {name: number for number, name in enumerate(ONE, 1)}

OBJECTS = {
    **{f"json list with {key}": Layout("data.json", as_json(as_list("image", key, id=7)), "list", ONE) for key in KEYS},
    "webdata.zip's label.json": Layout("label.json", as_json(as_list("file_name", "text")), "list", ONE),
    "image_path and caption": Layout("x.json", as_json(as_list("image_path", "caption")), "list", ONE),
    "json list with lists": Layout(
        "x.json", as_json([{"image": name, "caption": texts} for name, texts in TWO.items()]), "list", TWO
    ),
    "a list below a key": Layout("x.json", as_json({"version": 1, "data": as_list("image", "caption")}), "list", ONE),
    "{name: caption}": Layout("captions.json", as_json(FIRST), "map", ONE),
    "{name without ending: caption}": Layout(
        "captions.json", as_json({name.removesuffix(".jpg"): text for name, text in PLAIN}), "map", ONE
    ),
    "{name: [captions]}, diffusion-pipe": Layout("captions.json", as_json(TWO), "map", TWO),
    "{name: caption} below a key": Layout("x.json", as_json({"info": {"by": "me"}, "captions": FIRST}), "map", ONE),
    "kohya, keys with endings": Layout(
        "meta_cap.json", as_json({name: {"caption": text} for name, text in PLAIN}), "kohya", ONE
    ),
    "kohya, keys without endings": Layout(
        "meta_cap.json", as_json({name[:-4]: {"caption": text} for name, text in PLAIN}), "kohya", ONE
    ),
    "kohya, absolute keys, and tags": Layout(
        "meta_lat.json",
        as_json({f"/data/photos/{name}": {"caption": text, "tags": "1girl, sky"} for name, text in PLAIN}),
        "kohya",
        {name: [f"{text}, 1girl, sky"] for name, text in PLAIN},
    ),
    "COCO captions": Layout(
        "captions_val2017.json",
        as_json(
            {
                "info": {"year": 2017},
                "licenses": [],
                "images": [{"id": IMAGE_IDS[name], "file_name": name, "width": 5, "height": 5} for name in TWO],
                "annotations": [
                    {"id": n, "image_id": IMAGE_IDS[name], "caption": text}
                    for n, (name, text) in enumerate((name, text) for name, texts in TWO.items() for text in texts)
                ],
            }
        ),
        "coco",
        TWO,
    ),
    "COCO, annotations first, ids as words": Layout(
        "coco.json",
        as_json(
            {
                "annotations": [{"image_id": str(IMAGE_IDS[name]), "caption": text} for name, text in PLAIN],
                "images": [{"id": IMAGE_IDS[name], "file_name": name} for name in ONE],
            }
        ),
        "coco",
        ONE,
    ),
    "Karpathy": Layout(
        "dataset_flickr8k.json",
        as_json(
            {
                "images": [
                    {"imgid": n, "filename": name, "sentences": [{"raw": t, "tokens": t.split()} for t in ts]}
                    for n, (name, ts) in enumerate(TWO.items())
                ],
                "dataset": "flickr8k",
            }
        ),
        "karpathy",
        TWO,
    ),
    "Karpathy, of COCO": Layout(
        "dataset_coco.json",
        as_json({"images": [{"filepath": "val2014", "filename": n, "sentences": [{"raw": t}]} for n, t in PLAIN]}),
        "karpathy",
        ONE,
    ),
    "LLaVA": Layout(
        "llava.json",
        as_json([{"id": n, "image": n, "conversations": [*TURNS, {"from": "gpt", "value": t}]} for n, t in PLAIN]),
        "list",
        ONE,
    ),
    "ShareGPT messages": Layout(
        "x.json",
        as_json(
            [
                {
                    "images": [n],
                    "messages": [{"role": "user", "content": "<image>?"}, {"role": "assistant", "content": t}],
                }
                for n, t in PLAIN
            ]
        ),
        "list",
        ONE,
    ),
    "VIA project": Layout(
        "via_project.json",
        as_json(
            {
                "_via_settings": {"ui": {}},
                "_via_img_metadata": {
                    f"{n}99": {"filename": n, "size": 99, "regions": [], "file_attributes": {"caption": t}}
                    for n, t in PLAIN
                },
                "_via_attributes": {"file": {"caption": {"type": "text"}}},
            }
        ),
        "via",
        ONE,
    ),
    "VIA annotations": Layout(
        "via_json.json",
        as_json({f"{n}99": {"filename": n, "regions": [], "file_attributes": {"caption": t}} for n, t in PLAIN}),
        "via",
        ONE,
    ),
    "Label Studio": Layout(
        "project-1.json",
        as_json(
            [
                {
                    "id": number,
                    "data": {"image": f"/data/upload/1/ab12cd3{number}-{name}"},
                    "annotations": [
                        {"result": [{"from_name": "what", "type": "textarea", "value": {"text": texts}}]},
                        {"was_cancelled": True, "result": [{"from_name": "what", "value": {"text": ["no"]}}]},
                    ],
                }
                for number, (name, texts) in enumerate(TWO.items())
            ]
        ),
        "label-studio",
        TWO,
    ),
    "Label Studio JSON-MIN": Layout(
        "project-1.json",
        as_json(
            [
                {"id": n, "image": f"/data/local-files/?d={name}", "caption": text, "annotator": 1}
                for n, (name, text) in enumerate(PLAIN)
            ]
        ),
        "list",
        ONE,
    ),
    "FiftyOne": Layout(
        "samples.json",
        as_json(
            {
                "samples": [
                    {
                        "_id": {"$oid": "0"},
                        "filepath": f"/home/me/fiftyone/data/{name}",
                        "tags": ["train"],
                        "caption": {"label": text},
                    }
                    for name, text in PLAIN
                ]
            }
        ),
        "list",
        ONE,
    ),
}
