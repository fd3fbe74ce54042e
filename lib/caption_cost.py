"""What a run over many images will take, reckoned from a few that were tried: requests, tokens, time, money. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib.domain import Caption, ModelSpec


@dataclass(frozen=True, slots=True)
class Estimate:
    """For the whole run, but for the tokens, which are those of one picture. 0 (None for money) where nobody knows."""

    images: int
    requests: int
    read: int = 0
    written: int = 0
    seconds: float = 0.0
    dollars: float | None = None


def estimate(images: int, tried: Sequence[Caption], model: ModelSpec, workers: int = 1, rpm: int = 0) -> Estimate:
    """What captioning so many images will take if they are like those that were tried. Without any: the requests."""
    if not tried:
        return Estimate(images, images)
    number = len(tried)
    requests = round(images * sum(caption.requests for caption in tried) / number)
    told = [caption.usage for caption in tried if caption.usage.read or caption.usage.written]
    read = round(sum(usage.read for usage in told) / len(told)) if told else 0
    written = round(sum(usage.written for usage in told) / len(told)) if told else 0
    each = sum(caption.seconds for caption in tried) / number
    dollars = None
    if told and (model.price_in or model.price_out):
        dollars = images * (read * model.price_in + written * model.price_out) / 1_000_000
    seconds = max(seconds_for(images, each, workers, 0), seconds_for(requests, 0.0, workers, rpm))
    return Estimate(images, requests, read, written, seconds, dollars)


def seconds_for(requests: int, seconds_each: float, workers: int, rpm: int) -> float:
    """About how long so many requests take: `seconds_each` for one, `workers` at a time, at most `rpm` a minute."""
    by_work = requests * seconds_each / max(1, workers)
    return max(by_work, (requests - 1) * 60 / rpm if rpm and requests else 0.0)


def money(dollars: float) -> str:
    """Dollars in words: "$0.35", "less than a cent"."""
    if dollars < 0.01:
        return "less than a cent"
    return f"${dollars:,.2f}" if dollars < 100 else f"${dollars:,.0f}"
