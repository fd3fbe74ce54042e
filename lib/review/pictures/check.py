"""Pictures by themselves, whatever their captions say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from lib.progress import Progress
from lib.review.base import Check
from lib.review.findings import CheckReport, Finding, Fix, Unmeasured
from lib.review.pictures import burned_text
from lib.review.pictures.faults import Fault, FaultLimits, is_grey, of_header, of_pixels
from lib.review.pictures.headers import Header, headers
from lib.review.pictures.measures import Measures
from lib.review.pictures.measuring import kept_by_content, measures
from lib.review.samples import ReviewSamples
from lib.review.trainers.profiles import profiles

_FEW_GREY = 0.2
"""Where more are grey than that, the dataset is one of grey pictures."""
_MANY_SMALL = 3
_TEXT_SHARE = 0.002


class PicturesCheck(Check):
    """Opens each picture once; what was measured before is not opened."""

    label = "Pictures"
    about = (
        "Pictures that are broken, too small, dark, blurred, enlarged, framed, or stored in a way that trips trainers."
    )
    kinds: ClassVar[Mapping[str, str]] = {
        "unreadable": "that cannot be opened",
        "blank": "that show nothing",
        "small": "too small for the trainer",
        "odd_shape": "in an odd shape",
        "dark": "too dark",
        "light": "overexposed",
        "blurred": "blurred",
        "upscaled": "enlarged or soft",
        "border": "with bars at the edges",
        "compressed": "compressed to blocks",
        "half": "whose lower part is missing",
        "grey": "without colour among coloured ones",
        "text": "with text burned in",
        "animated": "that move",
        "alpha": "with transparent parts",
        "turned": "turned by EXIF",
        "colour_mode": "in unusual colours",
        "wrong_ending": "with a wrong ending",
    }
    steps = 8

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        limits = limits_for(samples)
        told, refused = headers(samples, progress)
        found, broken = measures(samples, progress)
        refused = {**broken, **refused}
        faults = _faults(samples, told, found, limits)
        findings = _small_together([_finding(name, fault) for name, fault in faults], told, limits)
        findings += [_unreadable(name, reason) for name, reason in refused.items()]
        notes = []
        if burned_text.is_here():
            words, _ = kept_by_content(samples, burned_text.WHAT, burned_text.text_in, progress, step=8)
            findings += _burned_in(words)
        else:
            notes.append(burned_text.NOT_HERE)
        unmeasured = [Unmeasured(name, "pictures", reason) for name, reason in refused.items()]
        return CheckReport(findings, scores_of(samples, told, found), not_measured=unmeasured, notes=notes)


def limits_for(samples: ReviewSamples) -> FaultLimits:
    """The limits of the trainers that are asked for: the largest side of them; without any, the smallest of all."""
    chosen = [one for one in profiles(samples.options.targets) if one.side]
    if not chosen:
        return FaultLimits()
    pick = max if samples.options.targets else min
    one = pick(chosen, key=lambda profile: profile.side)
    return FaultLimits(side=one.side, whose=one.label)


def scores_of(
    samples: ReviewSamples, told: Mapping[str, Header], found: Mapping[str, Measures]
) -> dict[str, dict[str, float]]:
    """Numbers for sorting and queries: width, height, aspect and bytes; blur, detail and brightness in per cent."""
    sizes = {}
    for name in told:
        try:
            sizes[name] = float((samples.root / name).stat().st_size)
        except OSError:
            continue
    return {
        "width": {name: float(one.width) for name, one in told.items()},
        "height": {name: float(one.height) for name, one in told.items()},
        "aspect": {name: round(one.aspect, 3) for name, one in told.items()},
        "bytes": sizes,
        "blur": {name: round(100 * one.blur, 1) for name, one in found.items()},
        "detail": {name: round(100 * one.detail, 1) for name, one in found.items()},
        "bright": {name: round(100 * one.dark, 1) for name, one in found.items()},
    }


def _faults(
    samples: ReviewSamples, told: Mapping[str, Header], found: Mapping[str, Measures], limits: FaultLimits
) -> Iterator[tuple[str, Fault]]:
    grey = {name for name, one in found.items() if is_grey(one, limits)}
    few = 0 < len(grey) <= _FEW_GREY * len(found)
    for record in samples.records:
        name = record.name
        if name in told:
            yield from ((name, fault) for fault in of_header(name, told[name], limits))
        if name in found:
            yield from ((name, fault) for fault in of_pixels(found[name], limits))
        if few and name in grey:
            yield name, Fault("grey", "hint", f"It has no colour, as {len(grey):,} of {len(found):,} pictures.")


def _small_together(findings: list[Finding], told: Mapping[str, Header], limits: FaultLimits) -> list[Finding]:
    """Where most pictures are too small the set is, and that is one finding."""
    small = sorted((one for one in findings if one.kind == "small"), key=lambda one: one.rank)
    if len(small) < _MANY_SMALL or len(small) <= len(told) / 2:
        return findings
    count = f"All {len(told):,}" if len(small) == len(told) else f"{len(small):,} of {len(told):,}"
    least, most = small[0].rank, small[-1].rank
    have = f"{least:,.0f}" if least == most else f"{least:,.0f} to {most:,.0f}"
    text = (
        f"{count} pictures are too small: {limits.whose} wants {limits.side:,} pixels on the shorter side, these have"
        f" {have}. Train at a smaller size, or get larger ones."
    )
    images = tuple(name for one in small for name in one.images)
    whole = Finding("pictures", "small", images, "warning", text, rank=small[0].rank, subject="picture")
    return [*(one for one in findings if one.kind != "small"), whole]


def _finding(name: str, fault: Fault) -> Finding:
    fix = Fix("Set aside", aside=(name,)) if fault.kind in ("blank", "half") else None
    return Finding("pictures", fault.kind, (name,), fault.severity, fault.text, fix, rank=fault.rank, subject="picture")


def _unreadable(name: str, reason: str) -> Finding:
    fix = Fix("Set aside", aside=(name,))
    return Finding("pictures", "unreadable", (name,), "error", reason, fix, rank=-1.0, subject="picture")


def _burned_in(words: Mapping[str, Any]) -> Iterable[Finding]:
    for name, one in words.items():
        if one["words"] and one["share"] >= _TEXT_SHARE:
            text = f"There is text in it: “{one['words'][:60]}”."
            yield Finding("pictures", "text", (name,), "hint", text, rank=-one["share"], subject="picture")
