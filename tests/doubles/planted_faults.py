"""Faults of 92 kinds, each planted in images of a drawn dataset; what finds them, and under which name."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageFilter

from tests.doubles.drawn_dataset import photo, sentence

Plant = Callable[[Path, random.Random], Path | None]
"""Spoils an image (its path is given) or its caption; gives the image's path where it has another one then."""


@dataclass(frozen=True)
class Fault:
    """A kind of fault. `check` finds it as one of `kinds`; `of_tags` tells in which of the two datasets."""

    name: str
    check: str
    kinds: tuple[str, ...]
    plant: Plant
    of_tags: bool = False
    targets: tuple[str, ...] = ()


def _text(path: Path) -> Path:
    return path.with_suffix(".txt")


def _said(change: Callable[[str, random.Random], str | bytes]) -> Plant:
    def plant(path: Path, rng: random.Random) -> None:
        new = change(_text(path).read_text(encoding="utf-8"), rng)
        _text(path).write_bytes(new if isinstance(new, bytes) else new.encode())

    return plant


def _shown(change: Callable[[Image.Image], Image.Image], **saved: object) -> Plant:
    def plant(path: Path, rng: random.Random) -> None:
        with Image.open(path) as image:
            image.load()
        change(image).save(path, **{"quality": 88, **saved})

    return plant


def _kept_as(ending: str, make: Callable[[Image.Image], Image.Image], **saved: object) -> Plant:
    def plant(path: Path, rng: random.Random) -> Path:
        with Image.open(path) as image:
            image.load()
        path.unlink()
        make(image).save(path.with_suffix(ending), **saved)
        return path.with_suffix(ending)

    return plant


def _renamed(name: str) -> Plant:
    def plant(path: Path, rng: random.Random) -> Path:
        new = path.parent / name.format(path.stem)
        new.parent.mkdir(exist_ok=True)
        path.rename(new)
        _text(path).rename(new.with_suffix(".txt"))
        return new

    return plant


def _no_text(path: Path, rng: random.Random) -> None:
    _text(path).unlink()


def _half(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _no_image(path: Path, rng: random.Random) -> None:
    path.write_bytes(b"<html>404 not found</html>")


def _twin_name(path: Path, rng: random.Random) -> None:
    photo(rng).save(path.with_suffix(".png"))


def _table(path: Path, rng: random.Random) -> None:
    (path.parent / "labels.json").write_text('{"a": 1}')


def _bars(image: Image.Image) -> Image.Image:
    new = Image.new("RGB", image.size)
    new.paste(image.crop((0, 60, image.width, image.height - 60)), (0, 60))
    return new


def _frame(image: Image.Image) -> Image.Image:
    new = Image.new("RGB", image.size, "white")
    new.paste(image.crop((20, 20, image.width - 20, image.height - 20)), (20, 20))
    return new


def _enlarged(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS).resize(image.size)


def _pixelated(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 4, image.height // 4)).resize(image.size, Image.Resampling.NEAREST)


def _half_grey(image: Image.Image) -> Image.Image:
    image.paste((128, 128, 128), (0, image.height // 2, image.width, image.height))
    return image


def _clear(image: Image.Image) -> Image.Image:
    new = image.convert("RGBA")
    new.putalpha(Image.linear_gradient("L").resize(image.size))
    return new


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


def _cut_behind(text: str, rng: random.Random) -> str:
    words = text.split()
    return " ".join(words[: max(place for place, word in enumerate(words) if word in ("a", "the", "an")) + 1])


def _last_tag(tag: str) -> Callable[[str, random.Random], str]:
    return lambda text, rng: f"{text.rpartition(',')[0]}, {tag}"


_STAMMER = re.compile(r" (a|an|the|at) ")


def _mashed(rng: random.Random) -> str:
    return " ".join("".join(rng.sample("bcdfghjklmnpqrstvwxz", 5)) for _ in range(4)).capitalize() + "."


_GERMAN = ("Ein Mann sitzt auf einer Bank und liest die Zeitung.", "Zwei Hunde rennen über die Wiese vor dem Haus.",
           "Eine Frau steht neben dem alten Auto.")  # fmt: skip
_SPANISH = ("Un perro corre por la playa con una pelota.", "Una mujer está sentada en el banco de la plaza.",
            "Los niños juegan en el parque junto al río.")  # fmt: skip
_POLISH_TAGS = "ohwx person, kobieta, plaża, czerwona sukienka"
_GERMAN_TAGS = "ohwx person, Mann, Hund, grüne Wiese, blauer Himmel"
_RUSSIAN = ("Собака бежит по пляжу с мячом.", "Мужчина сидит на скамейке.", "Девочка смотрит на море.")
_RAW = b"\xff\xd8\x00\x81\x8d\x9d\xfe\x00\x01"
_FRAMES = [Image.new("RGB", (640, 540), colour) for colour in ("red", "blue")]

CAPTIONS = (
    Fault("an empty tag file", "captions", ("empty",), _said(lambda text, rng: "")),
    Fault("no tag file", "captions", ("empty",), _no_text),
    Fault("blanks alone", "captions", ("empty",), _said(lambda text, rng: " \n")),
    Fault("a full stop alone", "captions", ("empty",), _said(lambda text, rng: ".")),
    Fault("bytes that are no text", "captions", ("undecodable", "empty"), _said(lambda text, rng: _RAW)),
    Fault("the name of a camera's file", "captions", ("placeholder",), _said(lambda text, rng: "IMG_2034.JPG")),
    Fault("todo", "captions", ("placeholder",), _said(lambda text, rng: rng.choice(("TODO", "caption", "Untitled.")))),
    Fault("a refusal", "captions", ("refusal",), _said(lambda text, rng: "I'm sorry, but I can't see it.")),
    Fault("an error", "captions", ("refusal",), _said(lambda text, rng: "Error: 429 Too Many Requests")),
    Fault("thoughts", "captions", ("leftovers",), _said(lambda text, rng: f"<think>Let me see.</think>\n{text}")),
    Fault("a chat mark", "captions", ("leftovers",), _said(lambda text, rng: f"{text}<|im_end|>")),
    Fault("politeness", "captions", ("leftovers", "opening"),
          _said(lambda text, rng: f"Sure! Here is a caption: {text}")),
    Fault("a remark", "captions", ("leftovers",), _said(lambda text, rng: f"{text} Let me know if you need more.")),
    Fault("an opening", "captions", ("opening",), _said(lambda text, rng: f"This image shows {text}")),
    Fault("quotes", "captions", ("leftovers",), _said(lambda text, rng: f'"{text}"')),
    Fault("json", "captions", ("leftovers",), _said(lambda text, rng: json.dumps({"caption": text}))),
    Fault("a fence", "captions", ("leftovers",), _said(lambda text, rng: f"```\n{text}\n```")),
    Fault("html", "captions", ("markup",), _said(lambda text, rng: f"<b>{text}</b>")),
    Fault("markdown", "captions", ("markup", "leftovers"), _said(lambda text, rng: text.replace("A ", "**A** ", 1))),
    Fault("weights", "captions", ("markup",), _said(lambda text, rng: text.replace("A ", "A (very:1.3) ", 1))),
    Fault("no words", "captions", ("unlike", "language"), _said(lambda text, rng: _mashed(rng))),
    Fault("a LoRA's name", "captions", ("markup",), _said(lambda text, rng: f"{text} <lora:detail:0.8>")),
    Fault("a word twice", "captions", ("repeated",), _said(lambda text, rng: _STAMMER.sub(r" \1 \1 ", text, count=1))),
    Fault("capitals", "captions", ("other_form",), _said(lambda text, rng: text.upper())),
    Fault("numbers alone", "captions", ("empty",), _said(lambda text, rng: "000412")),
    Fault("a tab", "captions", ("spacing",), _said(lambda text, rng: text.replace(" ", "\t", 1))),
    Fault("an address", "captions", ("address",), _said(lambda text, rng: f"{text} https://photos.example/42")),
    Fault("mojibake", "captions", ("encoding",), _said(lambda text, rng: text.replace(".", " by a cafÃ©."))),
    Fault("typographers' mojibake", "captions", ("encoding",), _said(lambda text, rng: text.replace(".", "â€™s dog."))),
    Fault("lost letters", "captions", ("encoding",), _said(lambda text, rng: text.replace(".", " by a caf\ufffd."))),
    Fault("entities", "captions", ("escaped",), _said(lambda text, rng: f"{text[:-1]} &amp; a dog.")),
    Fault("escapes", "captions", ("escaped",), _said(lambda text, rng: text.replace(".", " by a caf\\u00e9."))),
    Fault("unseen letters", "captions", ("unseen",), _said(lambda text, rng: text.replace(" ", " \u200b", 1))),
    Fault("stray blanks", "captions", ("spacing",), _said(lambda text, rng: text.replace(" ", "   ", 1))),
    Fault("cut behind an article", "captions", ("cut_off",), _said(_cut_behind)),
    Fault("cut in a word", "captions", ("cut_off",), _said(lambda text, rng: text.rpartition(" ")[0] + " morn")),
    Fault("cut behind a comma", "captions", ("cut_off",), _said(lambda text, rng: text.rstrip(".") + ",")),
    Fault("a loop", "captions", ("repeated",), _said(lambda text, rng: text[:-1] + " and the tree" * 6)),
    Fault("a sentence twice", "captions", ("repeated",), _said(lambda text, rng: f"{text} {text}")),
    Fault("too long", "captions", ("too_long",), _said(lambda text, rng: " ".join(sentence(rng) for _ in range(12)))),
    Fault("one word", "captions", ("too_short",), _said(lambda text, rng: "Dog.")),
    Fault("German", "captions", ("language",), _said(lambda text, rng: rng.choice(_GERMAN))),
    Fault("Spanish", "captions", ("language",), _said(lambda text, rng: rng.choice(_SPANISH))),
    Fault("Russian", "captions", ("language",), _said(lambda text, rng: rng.choice(_RUSSIAN))),
    Fault("tags among sentences", "captions", ("other_form",), _said(lambda text, rng: "dog, beach, ball, sky, sea")),
    Fault("a tag twice", "captions", ("tag_twice",), _said(lambda text, rng: f"{text}, hat, hat"), True),
    Fault("a tag in capitals", "captions", ("tag_case",), _said(lambda text, rng: f"{text}, Blue Sky"), True),
    Fault("underscores", "captions", ("tag_underscore",), _said(lambda text, rng: f"{text}, looking_at_viewer"), True),
    Fault("a plural", "captions", ("tag_plural",), _said(lambda text, rng: f"{text}, flowers"), True),
    Fault("no trigger", "captions", ("trigger_missing",), _said(lambda text, rng: text.partition(", ")[2]), True),
    Fault("trigger last", "captions", ("trigger_not_first",),
          _said(lambda text, rng: text.partition(", ")[2] + ", ohwx person"), True),
    Fault("a tag cut in a word", "captions", ("cut_off",), _said(_last_tag("looking at vie")), True),
    Fault("a slip in a tag", "captions", ("tag_misspelt",), _said(_last_tag("whiet shirt")), True),
    Fault("Polish tags", "captions", ("language",), _said(lambda text, rng: _POLISH_TAGS), True),
    Fault("German tags", "captions", ("language",), _said(lambda text, rng: _GERMAN_TAGS), True),
    Fault("a sentence among tags", "captions", ("other_form",), _said(lambda text, rng: sentence(rng)), True),
)  # fmt: skip

PICTURES = (
    Fault("cut short", "pictures", ("unreadable",), _half),
    Fault("no image at all", "pictures", ("unreadable",), _no_image),
    Fault("small", "pictures", ("small",), _shown(lambda image: image.resize((160, 135)))),
    Fault("an odd shape", "pictures", ("odd_shape",), _shown(lambda image: image.crop((0, 0, 640, 230)))),
    Fault("dark", "pictures", ("dark",), _shown(lambda image: image.point(lambda value: value // 6))),
    Fault("light", "pictures", ("light",), _shown(lambda image: image.point(lambda value: 255 - (255 - value) // 8))),
    Fault("blurred", "pictures", ("blurred",), _shown(lambda image: image.filter(ImageFilter.GaussianBlur(4)))),
    Fault("enlarged", "pictures", ("upscaled",), _shown(_enlarged)),
    Fault("enlarged without a filter", "pictures", ("upscaled",), _shown(_pixelated)),
    Fault("compressed to blocks", "pictures", ("compressed",), _shown(lambda image: image, quality=10)),
    Fault("saved from half a file", "pictures", ("half",), _shown(_half_grey)),
    Fault("blank", "pictures", ("blank",), _shown(lambda image: Image.new("RGB", image.size, "teal"))),
    Fault("bars", "pictures", ("border",), _shown(_bars)),
    Fault("a frame", "pictures", ("border",), _shown(_frame)),
    Fault("grey", "pictures", ("grey",), _shown(lambda image: image.convert("L"))),
    Fault("transparent", "pictures", ("alpha",), _kept_as(".png", _clear)),
    Fault("moving", "pictures", ("animated",),
          _kept_as(".gif", lambda image: image, save_all=True, append_images=_FRAMES)),
    Fault("turned by EXIF", "pictures", ("turned",), _shown(lambda image: image, exif=_turned())),
    Fault("colours of print", "pictures", ("colour_mode",), _shown(lambda image: image.convert("CMYK"))),
    Fault("a wrong ending", "pictures", ("wrong_ending",), _shown(lambda image: image, format="PNG")),
)  # fmt: skip

TRAINERS = (
    Fault("empty for sd-scripts", "trainer", ("empty_tag_file",), _said(lambda text, rng: ""), False, ("sd-scripts",)),
    Fault("no text for sd-scripts", "trainer", ("no_tag_file",), _no_text, False, ("sd-scripts",)),
    Fault("no text for open_clip", "trainer", ("no_caption",), _no_text, False, ("open-clip",)),
    Fault("UTF-16", "trainer", ("not_utf8",), _said(lambda text, rng: text.encode("utf-16")), False, ("onetrainer",)),
    Fault("two lines", "trainer", ("several_lines",), _said(lambda text, rng: f"{text}\n{sentence(rng)}"), False,
          ("sd-scripts",)),
    Fault("a trainer's marks", "trainer", ("special_marks",), _said(lambda text, rng: f"{{a|b}} {text}"), False,
          ("sd-scripts",)),
    Fault("a placeholder", "trainer", ("placeholder",), _said(lambda text, rng: f"[trigger] {text}"), False,
          ("diffusion-pipe",)),
    Fault("named like a mask", "trainer", ("mask_name",), _renamed("{}-masklabel.jpg"), False, ("onetrainer",)),
    Fault("a dot in the name", "trainer", ("dotted_name",), _renamed("{}.v2.jpg"), False, ("open-clip",)),
    Fault("one name for two", "trainer", ("same_key",), _twin_name, False, ("open-clip",)),
    Fault("an ending", "trainer", ("ending",), _kept_as(".tif", lambda image: image), False, ("sd-scripts",)),
    Fault("a shape", "trainer", ("aspect",), _shown(lambda image: image.crop((0, 0, 640, 250))), False,
          ("diffusion-pipe",)),
    Fault("a subfolder", "trainer", ("subfolder",), _renamed("more/{}.jpg"), False, ("sd-scripts",)),
    Fault("a split's name", "trainer", ("split_name", "test_without_train"), _renamed("test/{}.jpg"), False,
          ("huggingface",)),
    Fault("a table beside", "trainer", ("stray_table",), _table, False, ("huggingface",)),
    Fault("turned for webdataset", "trainer", ("turned",), _shown(lambda image: image, exif=_turned()), False,
          ("open-clip",)),
)  # fmt: skip

FAULTS = CAPTIONS + PICTURES + TRAINERS
