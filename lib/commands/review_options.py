"""The options that `review` and `fix` share, and a review made by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import typer

from lib.commands.keys import key_in, key_named
from lib.commands.models import model_of
from lib.commands.screen import Screen
from lib.dataset.base import Dataset
from lib.domain import ImageRecord
from lib.embedding.registry import check_method, methods
from lib.errors import InvalidInput
from lib.providers import registry
from lib.providers.base import Captioner
from lib.providers.http import Http
from lib.review import Review, ReviewOptions, review, samples_under_review
from lib.review.agreement.registry import SCORERS
from lib.review.registry import CHECKS
from lib.review.trainers.profiles import profiles, trainers
from lib.settings import settings

TargetsOption = Annotated[
    str, typer.Option("--target", help=f"Trainers, with commas between: {', '.join(trainers())}; all without it.")
]
TriggerOption = Annotated[str, typer.Option("--trigger", help="The word that every caption is to begin with.")]
ScorerOption = Annotated[str, typer.Option("--scorer", help=f"What judges agreement: {', '.join(SCORERS)}.")]
ImagesMethodOption = Annotated[
    str, typer.Option("--method-images", help=f"The vectors of pictures: {', '.join(methods('images'))}.")
]
CaptionsMethodOption = Annotated[
    str, typer.Option("--method-captions", help=f"The vectors of captions: {', '.join(methods('tags'))}.")
]

AskedModelOption = Annotated[
    str,
    typer.Option(
        "--model", help="The model that --scorer model or checklist asks, named as in `caption`.", show_default=False
    ),
]
AskWorstOption = Annotated[int, typer.Option("--ask-worst", min=1, help="About how many of the worst it is asked.")]


@dataclass(frozen=True, slots=True)
class ReviewWish:
    """What a review is asked for, read from the options. Raises InvalidInput for a name that is not known."""

    checks: tuple[str, ...]
    options: ReviewOptions

    def asking(self, captioner: Captioner | None, worst: int) -> ReviewWish:
        """The same with a model that is asked about the worst."""
        return replace(self, options=replace(self.options, captioner=captioner, ask_worst=worst))


def asked_for(
    checks: Sequence[str], target: str, trigger: str, scorer: str, images_method: str, captions_method: str
) -> ReviewWish:
    """Reads them all before anything is begun."""
    for check in checks:
        CHECKS.check(check)
    SCORERS.check(scorer)
    targets = split_names(target)
    profiles(targets)
    if images_method:
        check_method(images_method, "images")
    if captions_method:
        check_method(captions_method, "tags")
    options = ReviewOptions(targets, scorer, images_method, captions_method, trigger=trigger.strip())
    return ReviewWish(tuple(checks), options)


def asked_model(scorer: str, model: str, base_url: str, key_env: str) -> Captioner | None:
    """The model that a scorer asks, ready; None where it asks none. Raises InvalidInput, and KeyMissing."""
    if not SCORERS[scorer].asks:
        if model or base_url:
            raise InvalidInput(
                "--model and --base-url are for --scorer model or checklist.", "Add one, or leave them out."
            )
        return None
    if not model:
        raise InvalidInput(f"--scorer {scorer} needs a model to ask.", "Name it with --model.")
    spec = model_of(model, base_url)
    if not spec.prompts:
        raise InvalidInput(f"{spec.label} takes no question.", "Name a model that takes a prompt.")
    with key_named(registry.PROVIDERS[spec.provider].key_name):
        http = Http.of(settings(), at_this_machine=True)
        return registry.captioner(spec, key=key_in(key_env), base_url=base_url, http=http)


def made_review(dataset: Dataset, records: Sequence[ImageRecord], asked: ReviewWish, screen: Screen) -> Review:
    """The review of these images. Raises Cancelled, and InvalidInput where there is none."""
    if not records:
        raise InvalidInput("No image is meant by these options.", "Nothing was reviewed.")
    samples = samples_under_review(dataset.root, records, settings(), asked.options, orphans=dataset.orphans)
    with screen.progress("Reviewing", in_shares=True) as progress:
        return review(samples, asked.checks, progress)


def split_names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def printable(text: str) -> str:
    """Foreign text on one line of a terminal, without what a terminal obeys."""
    return "".join(letter if letter.isprintable() else " " for letter in " ".join(text.split()))
