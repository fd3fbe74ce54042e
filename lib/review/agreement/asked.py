"""A model asked: whoever writes captions is shown the worst ones and says yes or no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

from lib.domain import CaptionRequest
from lib.embedding.hashes import text_key
from lib.errors import ImageRefused, InvalidInput, MissingDependency, ModelUnavailable, ProviderError
from lib.images import Picture, jpeg_within
from lib.progress import NOBODY, Progress
from lib.providers.base import Captioner
from lib.review.agreement.base import NAME, AgreementScores, CaptionFit, Scorer
from lib.review.agreement.own import OwnCaptions
from lib.review.findings import Unmeasured
from lib.review.samples import ReviewSamples, raise_if_cancelled
from lib.text import words

QUESTION = (
    "Does this caption describe the picture correctly? Answer with one word, yes or no."
    " Answer no if it names something that is not to be seen.\n\nCaption: {caption}"
)
_AT_ONCE = 4
_QUOTED = 80


class AskedModel(Scorer):
    """The captions that fit worst by the dataset's own are shown to a model; its word counts for those."""

    label = "A model, asked yes or no"
    about = "Any model that writes captions is shown the worst ones, as many as you choose. Costs a request for each."

    def score(self, samples: ReviewSamples, progress: Progress) -> AgreementScores:
        captioner = samples.options.captioner
        if captioner is None or not captioner.model.prompts:
            raise InvalidInput(
                "No model was chosen that can be asked.", "Choose one that takes a prompt, or another scorer."
            )
        first = _by_own(samples, progress)
        chosen = sorted(first.fits, key=lambda fit: fit.score)[: max(samples.options.ask_worst, 0)]
        answers: dict[str, str] = {}
        missing = list(first.not_measured)
        for image, answer, reason in _answers(samples, captioner, [fit.image for fit in chosen], progress):
            if reason:
                missing.append(Unmeasured(image, NAME, reason))
            else:
                answers[image] = answer
        unsure = [
            Unmeasured(image, NAME, f"{captioner.model.label} answered “{answer[:_QUOTED]}”.")
            for image, answer in answers.items()
            if _said(answer) is None
        ]
        return replace(
            first,
            fits=tuple(_settled(first.fits, answers, captioner.model.label)),
            not_measured=tuple(missing),
            unsure=tuple(unsure),
            notes=(*first.notes, f"{captioner.model.label} was asked about the worst {len(chosen):,}."),
            is_weak=False,
        )


def _by_own(samples: ReviewSamples, progress: Progress) -> AgreementScores:
    """What the dataset itself says; where it says nothing, all captions may be wrong alike."""
    with suppress(ModelUnavailable, MissingDependency):
        found = OwnCaptions().score(samples, progress)
        if found.fits:
            return found
    # None of them is told to be wrong before it was asked about.
    fits = [CaptionFit(record.name, 0.0, 1.0, (0, len(record.text))) for record in samples.captioned]
    blank = [Unmeasured(one.name, NAME, "There is no caption.") for one in samples.records if not one.is_tagged]
    return AgreementScores(tuple(fits), tuple(blank))


def _answers(
    samples: ReviewSamples, captioner: Captioner, names: Sequence[str], progress: Progress
) -> Iterator[tuple[str, str, str]]:
    """(image, answer, why there is none). Answers are kept by picture, caption and model. Raises what stops a run."""
    keys = samples.picture_keys(NOBODY)
    key = {name: text_key(f"{keys.get(name, b'').hex()} {samples.record(name).text}") for name in names}
    what = f"asked-1:{captioner.model.id}"
    known = samples.kept.load(what, key.values())
    waiting = [name for name in names if key[name] not in known]
    yield from ((name, str(known[key[name]]), "") for name in names if key[name] in known)
    for start in range(0, len(waiting), _AT_ONCE):
        raise_if_cancelled(progress)
        some = waiting[start : start + _AT_ONCE]
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking") as pool:
            found = list(pool.map(lambda name: _ask(samples, captioner, name), some))
        samples.kept.add(
            what, {key[name]: answer for name, (answer, reason) in zip(some, found, strict=True) if not reason}
        )
        progress.advance(start + len(some), len(waiting))
        yield from ((name, *one) for name, one in zip(some, found, strict=True))


def _ask(samples: ReviewSamples, captioner: Captioner, name: str) -> tuple[str, str]:
    """The answer, or "" and the reason why there is none."""
    limit = captioner.model.limit
    try:
        image = jpeg_within(Picture(samples.root, name), limit.max_side, limit.max_base64)
        question = QUESTION.format(caption=samples.record(name).text.strip())
        return captioner.caption(CaptionRequest(image, captioner.model, question)).text, ""
    except ImageRefused as error:
        return "", error.message
    except ProviderError as error:
        if error.stops_run:
            raise
        return "", error.message


def _said(answer: str) -> bool | None:
    """True for yes, False for no, None for neither or both."""
    told = {word for word in words(answer.lower())[:4] if word in ("yes", "no")}
    return None if len(told) != 1 else "yes" in told


def _settled(fits: Sequence[CaptionFit], answers: dict[str, str], label: str) -> Iterator[CaptionFit]:
    """A no goes below all others, a yes is no finding any more; what was not asked about stays as it is."""
    low = min((fit.score for fit in fits), default=0.0)
    high = max((fit.score for fit in fits), default=0.0)
    for fit in fits:
        said = _said(answers[fit.image]) if fit.image in answers else None
        if said is False:
            reason = f"{label} says that the caption does not describe the picture."
            yield replace(fit, score=fit.score - (high - low) - 1, better_than_random=0.0, reason=reason)
        else:
            yield replace(fit, better_than_random=1.0) if said else fit
