"""A model asked: whoever writes captions is shown the worst ones, and says yes or no, or what is wrong by a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import ClassVar

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
CHECKLIST = (
    ("Is the main subject named rightly?", "the main subject is another"),
    ("Is the number of people and of things right?", "a number is not right"),
    ("Are the colours right?", "a colour is not right"),
    ("Is it told rightly what happens, and where?", "what happens, or where, is told wrongly"),
    ("Is everything that the caption names to be seen?", "it names something that is not to be seen"),
)
"""What is asked, so that yes is good, and what a no says of the caption."""

_LINE = re.compile(r"(?<![\w.])([1-9])\**\s*[.:)=-](?:(?![1-9]\**\s*[.:)=-])[^\n])*?\b(yes|no)\b", re.IGNORECASE)
"""A number and the first yes or no behind it, before the next number: in lines, or all in one."""
_NOT_AT_ALL = "the caption does not describe the picture"
_AT_ONCE = 4
_QUOTED = 80


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a model has said of a caption. `fits` is None where it cannot be told; `wrong` says what does not fit."""

    fits: bool | None
    wrong: tuple[str, ...] = ()


class AskedModel(Scorer):
    """The captions that fit worst by the dataset's own are shown to a model; its word counts for those."""

    label = "A model, asked yes or no"
    about = "Any model that writes captions is shown the worst ones, as many as you choose. Costs a request for each."
    asks = True
    kept_as: ClassVar[str] = "asked-1"
    """The name of this way to ask, and its version: another one, and all are asked anew."""
    question: ClassVar[str] = QUESTION

    @staticmethod
    def read(answer: str) -> Verdict:
        """What an answer says."""
        told = {word for word in words(answer.lower())[:4] if word in ("yes", "no")}
        return Verdict(None if len(told) != 1 else "yes" in told)

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
        for image, answer, reason in self._answers(samples, captioner, [fit.image for fit in chosen], progress):
            if reason:
                missing.append(Unmeasured(image, NAME, reason))
            else:
                answers[image] = answer
        verdicts = {image: self.read(answer) for image, answer in answers.items()}
        unsure = [
            Unmeasured(image, NAME, f"{captioner.model.label} answered “{' '.join(answers[image].split())[:_QUOTED]}”.")
            for image, verdict in verdicts.items()
            if verdict.fits is None
        ]
        return replace(
            first,
            fits=tuple(_settled(first.fits, verdicts, captioner.model.label)),
            not_measured=tuple(missing),
            unsure=tuple(unsure),
            notes=(*first.notes, f"{captioner.model.label} was asked about the worst {len(chosen):,}."),
            is_weak=False,
        )

    def _answers(
        self, samples: ReviewSamples, captioner: Captioner, names: Sequence[str], progress: Progress
    ) -> Iterator[tuple[str, str, str]]:
        """(image, answer, why there is none). Kept by picture, caption and model. Raises what stops a run."""
        keys = samples.picture_keys(NOBODY)
        key = {name: text_key(f"{keys.get(name, b'').hex()} {samples.record(name).text}") for name in names}
        what = f"{self.kept_as}:{captioner.model.id}"
        known = samples.kept.load(what, key.values())
        waiting = [name for name in names if key[name] not in known]
        yield from ((name, str(known[key[name]]), "") for name in names if key[name] in known)
        for start in range(0, len(waiting), _AT_ONCE):
            raise_if_cancelled(progress)
            some = waiting[start : start + _AT_ONCE]
            with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="asking") as pool:
                found = list(pool.map(lambda name: self._ask(samples, captioner, name), some))
            samples.kept.add(
                what, {key[name]: answer for name, (answer, reason) in zip(some, found, strict=True) if not reason}
            )
            progress.advance(start + len(some), len(waiting))
            yield from ((name, *one) for name, one in zip(some, found, strict=True))

    def _ask(self, samples: ReviewSamples, captioner: Captioner, name: str) -> tuple[str, str]:
        """The answer, or "" and the reason why there is none."""
        limit = captioner.model.limit
        try:
            image = jpeg_within(Picture(samples.root, name), limit.max_side, limit.max_base64)
            question = self.question.format(caption=samples.record(name).text.strip())
            return captioner.caption(CaptionRequest(image, captioner.model, question)).text, ""
        except ImageRefused as error:
            return "", error.message
        except ProviderError as error:
            if error.stops_run:
                raise
            return "", error.message


class AskedChecklist(AskedModel):
    """The same with a short list of questions, whose answers say what is wrong."""

    label = "A model, asked a checklist"
    about = "As above, with five questions at once: what is wrong is told with the finding. Costs a request for each."
    kept_as = "checklist-1"
    question = (
        "Look at the picture and at this caption.\n\nCaption: {caption}\n\nAnswer each question with yes or no, one a"
        " line, as in “1: yes”. If the caption says nothing of it, answer yes.\n"
    ) + "\n".join(f"{number}. {asked}" for number, (asked, _) in enumerate(CHECKLIST, 1))

    @staticmethod
    def read(answer: str) -> Verdict:
        said = {int(number): word.lower() == "yes" for number, word in _LINE.findall(answer)}
        wrong = tuple(fault for number, (_, fault) in enumerate(CHECKLIST, 1) if said.get(number) is False)
        if wrong:
            return Verdict(False, wrong)
        # A question that was passed over may have been the one that it cannot answer.
        return Verdict(True if len(said.keys() & set(range(1, len(CHECKLIST) + 1))) == len(CHECKLIST) else None)


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


def _settled(fits: Sequence[CaptionFit], verdicts: Mapping[str, Verdict], label: str) -> Iterator[CaptionFit]:
    """What does not fit goes below all others, the worse the more of it; what fits is no finding any more.

    What was not asked about stays as it is.
    """
    low = min((fit.score for fit in fits), default=0.0)
    high = max((fit.score for fit in fits), default=0.0)
    for fit in fits:
        said = verdicts.get(fit.image, Verdict(None))
        if said.fits is False:
            reason = f"{label} says that {_joined(said.wrong or (_NOT_AT_ALL,))}."
            far = (high - low + 1) * max(len(said.wrong), 1)
            yield replace(fit, score=fit.score - far, better_than_random=0.0, reason=reason)
        else:
            yield replace(fit, better_than_random=1.0) if said.fits else fit


def _joined(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
