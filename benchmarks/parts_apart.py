"""One measurement of parts in a process of its own: `python -m benchmarks.parts_apart WHAT ...` prints JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Iterator
from itertools import count, pairwise
from pathlib import Path

from benchmarks.part_work import Decoding, Sleeping
from lib.engine import ENGINES, DataPart, EngineOptions

NAMES_A_PART = 400


def decode(engine: str, folder: str, images: str, workers: str) -> dict[str, float]:
    """The images again and again until it is so many, by an engine or in one go."""
    there = sorted(path.name for path in Path(folder).glob("*.jpg"))
    wanted = [there[place % len(there)] for place in range(int(images))]
    parts = [
        DataPart(number, tuple(wanted[start : start + 100])) for number, start in enumerate(range(0, len(wanted), 100))
    ]
    work = Decoding(Path(folder))
    if engine == "none":
        done = [work(part) for part in parts]
    else:
        done = list(ENGINES[engine](EngineOptions(int(workers))).run(work, parts, cancelled=lambda: False))
    assert sum(one.rows for one in done) == len(wanted), [one.ends_job for one in done]
    return {"images": len(wanted)}


def sleep(engine: str, workers: str, parts: str, items: str, seconds: str) -> dict[str, float]:
    """Items a second while all workers were at work, and what passes between two parts of one, in milliseconds.

    `parts`: how many each is to make from when the last one has begun: on a busy machine they begin one after another.
    """
    number, names = int(workers), ("",) * int(items)
    options = EngineOptions(number, cpus_per_worker=0.05 if engine == "ray" else 1.0)
    spans: dict[int, list[tuple[float, float]]] = {}

    def drawn() -> Iterator[DataPart]:
        for part in count():
            if len(spans) == number and all(
                sum(start >= _all_began(spans) for start, _ in own) >= int(parts) for own in spans.values()
            ):
                return
            yield DataPart(part, names)

    for done in ENGINES[engine](options).run(Sleeping(float(seconds)), drawn(), cancelled=lambda: False):
        assert done.answer, done
        pid, *span = json.loads(done.answer)
        spans.setdefault(pid, []).append(tuple(span))
    start, end = _all_began(spans), min(max(ends for _, ends in own) for own in spans.values())
    inside = [(max(b, start), min(e, end), e - b) for own in spans.values() for b, e in own if e > start and b < end]
    between = [b - e for own in spans.values() for (_, e), (b, _) in pairwise(sorted(own)) if e >= start]
    return {
        "items_per_s": sum(len(names) * (e - b) / whole for b, e, whole in inside) / (end - start),
        "between_ms": 1000 * sum(between) / len(between),
    }


def _all_began(spans: dict[int, list[tuple[float, float]]]) -> float:
    return max(min(start for start, _ in own) for own in spans.values())


def drive(engine: str, parts: str) -> dict[str, float]:
    """The most memory that whoever hands out parts of 400 names held."""

    def drawn() -> Iterator[DataPart]:
        for number in range(int(parts)):
            yield DataPart(
                number, tuple(f"folder/photo{number * NAMES_A_PART + n:09d}.jpg" for n in range(NAMES_A_PART))
            )

    made = ENGINES[engine](EngineOptions(2, cpus_per_worker=0.05)).run(Sleeping(0.0), drawn(), cancelled=lambda: False)
    assert sum(1 for _ in made) == int(parts)
    own, drivers = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {"mb": max(own, drivers) * 1024 / 1e6}


def turns(number: str) -> dict[str, float]:
    """Serial calls a second of the actor that holds the limiters."""
    import ray

    from lib.engine.ray_cluster import _Limits

    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
    limits = ray.remote(_Limits).options(num_cpus=0).remote()
    ray.get(limits.ask.remote(("bench", 0, "reserve", None)))
    start = time.perf_counter()
    for _ in range(int(number)):
        ray.get(limits.ask.remote(("bench", 0, "reserve", None)))
    took = time.perf_counter() - start
    ray.shutdown()
    return {"per_s": int(number) / took}


def listing(folder: str) -> dict[str, float]:
    """What one pass over all names of a folder holds at most, and takes."""
    from lib.parts.job import Digest
    from lib.parts.sources import source_at

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    digest = Digest()
    for _ in digest.watch(source_at(folder).parts(NAMES_A_PART)):
        pass
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "mb": (usage.ru_maxrss - before) * 1024 / 1e6,
        "s": usage.ru_utime + usage.ru_stime,
        "names": digest.samples,
    }


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    measures = {"decode": decode, "sleep": sleep, "drive": drive, "turns": turns, "listing": listing}
    print(json.dumps(measures[what](*arguments)))
