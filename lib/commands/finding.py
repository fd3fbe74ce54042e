"""`find`: images by meaning, from words or from one that is like them."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.commands.command import Folder, command
from lib.commands.folders import open_folder
from lib.commands.result import Result
from lib.commands.review_options import CaptionsMethodOption
from lib.commands.screen import Screen
from lib.commands.selecting import Selector, name_of
from lib.dataset.base import Dataset
from lib.domain import By
from lib.embedding.registry import check_method, methods
from lib.errors import InvalidInput, MemoryShort, ModelUnavailable
from lib.review import ReviewOptions, samples_under_review
from lib.review.find import Among, meaning_index
from lib.review.joint_pictures import check_pictures, picture_methods
from lib.review.ways_out import with_way_out
from lib.settings import settings

_INSTEAD = "Or find by keywords with “captioner filter”, which needs no model."


@command()
def find(
    folder: Folder,
    selector: Selector,
    screen: Screen,
    words: Annotated[str, typer.Argument(help="What is to be seen, as in a caption.", show_default=False)] = "",
    like: Annotated[str, typer.Option(help="Find what is like this image instead.", metavar="IMAGE")] = "",
    by: Annotated[By, typer.Option(help="With --like: what the images show, or their captions.")] = "images",
    among: Annotated[Among, typer.Option(help="What words are held against.")] = "both",
    top: Annotated[int, typer.Option(min=1, help="How many to list.")] = 50,
    method_images: Annotated[
        str, typer.Option(help=f"The vectors of pictures: {', '.join(picture_methods())} (which reads words, too).")
    ] = "",
    method_captions: CaptionsMethodOption = "",
) -> Result:
    """List the images that mean nearest to some words, or to another image, the best first, each with its score.

    Images without a caption are found too, by what the captions of pictures like them say. The score is how many
    standard deviations an image lies above the mean of all.
    """
    if bool(words.strip()) == bool(like):
        raise InvalidInput("Either words or --like tells what is to be found.", "Give one of them.")
    options = _options(method_images, method_captions)
    dataset, _ = open_folder(folder, screen)
    selected = selector.select(dataset, screen)
    image = _image(like, dataset) if like else ""
    # What words mean here is learnt from the whole folder, whatever part of it is asked for.
    samples = samples_under_review(dataset.root, dataset.snapshot(), settings(), options)
    try:
        with screen.progress("Embedding") as progress:
            if image and by == "images":
                # Without a model for pictures this fails with the reason; words would do without one.
                samples.pictures(progress)
            index = meaning_index(samples, progress)
    except (ModelUnavailable, MemoryShort) as error:
        raise with_way_out(error, _INSTEAD) from error
    found = index.like(image, by, len(dataset)) if image else index.by_words(words, len(dataset), among)
    kept = {record.name for record in selected.records}
    listed = [one for one in found if one.image in kept][:top]
    if not screen.as_json:
        screen.note(index.about)
    more = {"found": [{"image": one.image, "score": one.score} for one in listed], "about": index.about}
    lines = [f"{one.score:7.3f}  {one.image}" for one in listed]
    return Result("\n".join(lines), {"found": len(listed), "of": len(kept)}, selected.missing, more=more)


def _options(images_method: str, captions_method: str) -> ReviewOptions:
    """The methods, checked. Raises InvalidInput."""
    if images_method:
        check_pictures(images_method)
    # The default is a model that is brought here at need: words without one would find letters.
    captions_method = captions_method or methods("tags")[0]
    check_method(captions_method, "tags")
    return ReviewOptions(images_method=images_method, captions_method=captions_method)


def _image(like: str, dataset: Dataset) -> str:
    name = name_of(like, dataset)
    if name is None:
        raise InvalidInput(f"There is no image “{like}” in {dataset.root}.", "Give its name as `filter` writes it.")
    return name
