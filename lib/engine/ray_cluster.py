"""`ray`: actors over parts, by Ray core. Nothing else imports it."""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

from lib.engine import machines
from lib.engine.apart import LOST, Talk, driven
from lib.engine.base import DataPart, Engine, EngineOptions, EngineWork, PartDone, limit_threads
from lib.engine.in_flight import InFlight
from lib.engine.limits import AskedLimiter, LimitQuestion, answer
from lib.errors import InvalidInput, MissingDependency, ToolkitError
from lib.providers.http import share_limiters

_HEAR_S, _QUIET_S, _CHECK_S, _LEAVE_S = 0.2, 5.0, 120.0, 20.0
_NO_START = 3


class RayEngine(Engine):
    about = "Actors of a Ray cluster"

    def __init__(self, options: EngineOptions) -> None:
        super().__init__(options)
        try:
            import ray  # noqa: F401
        except ImportError as error:
            raise MissingDependency(
                "The engine “ray” needs the package ray, which is not installed.",
                "pip install -r requirements-ray.txt (the same on every machine)",
            ) from error

    def run(self, work: EngineWork, parts: Iterable[DataPart], *, cancelled: Callable[[], bool]) -> Generator[PartDone]:
        yield from driven(_drive, work, self.options, parts, cancelled)


def _drive(talk: Talk, work: EngineWork, options: EngineOptions, scratch: Path) -> None:
    machines.show_token()
    import ray

    try:
        _join(options, scratch)
        _Actors(talk, work, options, _check(options)).run()
    except ray.exceptions.RayError as error:
        raise ToolkitError(f"{LOST} ({type(error).__name__})") from None
    finally:
        ray.shutdown()


def _join(options: EngineOptions, scratch: Path) -> None:
    """Joins the cluster of RAY_ADDRESS, or starts a small one here. Raises InvalidInput."""
    import ray

    given: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "address": options.address}
    if not options.address:
        given |= machines.own_cluster(options, scratch)
    machines.joined(lambda: ray.init(**given), ray.shutdown, options)


def _check(options: EngineOptions) -> int:
    """How many actors there are to be. Raises InvalidInput where they do not fit, or the machines are not equal."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

    asked = ray.remote(machines.machine_facts)
    nodes = [node for node in ray.nodes() if node["Alive"]]
    places = [On(node["NodeID"], soft=False) for node in nodes]
    try:
        found = ray.get([asked.options(num_cpus=0, scheduling_strategy=on).remote() for on in places], timeout=_CHECK_S)
    except Exception as error:  # noqa: BLE001 - whatever it is, the machines cannot do our work
        reason = str(error).strip().rpartition("\n")[2][:200]
        raise InvalidInput(f"The machines of the cluster cannot run the toolkit: {reason}.", machines.EQUAL) from None
    machines.check_equal(found)
    return machines.workers_that_fit([node["Resources"] for node in nodes], options)


class _Limits:
    """The actor that holds the limiters of a job. Restarted, it takes the minute to be used up."""

    def __init__(self) -> None:
        import ray

        self._is_restarted = ray.get_runtime_context().was_current_actor_reconstructed

    def ask(self, question: LimitQuestion) -> float | None:
        return answer(question, is_restarted=self._is_restarted)


class _Maker:
    """Makes parts. Why it cannot begin is told with its first one."""

    def __init__(self, work: EngineWork, cpus: float, limits: str) -> None:
        import ray

        limit_threads(cpus)
        self._scratch = machines.own_scratch(ray.get_runtime_context().get_actor_id())
        asked = ray.get_actor(limits)
        share_limiters(lambda name, rpm: AskedLimiter(lambda *what: ray.get(asked.ask.remote((name, rpm, *what)))))
        try:
            self._worker, self._reason = work.begin(), ""
        except ToolkitError as error:
            self._reason = str(error)

    def ready(self) -> None:
        """Answers once it has begun."""

    def make(self, part: DataPart, reason: str) -> PartDone:
        if self._reason:
            return PartDone(part.number, ends_job=self._reason)
        return self._worker.give_up(part, reason) if reason else self._worker(part)

    def clear(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)


class _Actors:
    """One run. An actor gets parts once it has answered, and again once it has answered after its end."""

    def __init__(self, talk: Talk, work: EngineWork, options: EngineOptions, number: int) -> None:
        import ray

        self._talk = talk
        self._node = ray.get_runtime_context().get_node_id()
        # By name: what is no plain value goes to the object store, and is lost with it (ray#53727).
        name = f"limits-{secrets.token_hex(8)}"
        again: dict[str, Any] = {"max_restarts": -1, "max_task_retries": -1}
        self._limits = ray.remote(_Limits).options(num_cpus=0, name=name, **again).remote()
        needs = {"num_cpus": options.cpus_per_worker, "num_gpus": options.gpus_per_worker}
        maker = ray.remote(_Maker).options(**needs, max_restarts=-1, max_task_retries=0)
        self._make: Callable[[], Any] = lambda: maker.remote(work, options.cpus_per_worker, name)
        self._actors = {worker: self._make() for worker in range(number)}
        self._waking: dict[Any, int] = {}
        self._not_started = 0

    def run(self) -> None:
        import ray

        flight = InFlight(self._talk.next_part)
        for worker in self._actors:
            self._wake(worker)
        heard = time.monotonic()
        while True:
            ready = [worker for worker in self._actors if worker not in self._waking.values()]
            flight.hand_out(ready, lambda worker, task: self._actors[worker].make.remote(*task))
            if flight.is_over:
                break
            landed, _ = ray.wait([*flight.refs, *self._waking], timeout=_HEAR_S)
            if landed:
                heard = time.monotonic()
            elif time.monotonic() - heard > _QUIET_S:
                self._check_node()
                heard = time.monotonic()
            for ref in landed:
                for done in self._heard(ref, flight):
                    self._talk.tell(done)
            self._talk.check()
        cleared = [actor.clear.remote() for actor in self._actors.values()]
        ray.wait(cleared, num_returns=len(cleared), timeout=_LEAVE_S)

    def _check_node(self) -> None:
        """Raises ToolkitError where this machine is no part of the cluster any more: nothing would ever be heard."""
        import ray

        if not any(node["Alive"] and node["NodeID"] == self._node for node in ray.nodes()):
            raise ToolkitError(LOST)

    def _wake(self, worker: int) -> None:
        # Asked again as often as it takes: calls to an actor that is being restarted fail otherwise.
        self._waking[self._actors[worker].ready.options(max_task_retries=-1).remote()] = worker

    def _heard(self, ref: Any, flight: InFlight) -> Iterator[PartDone]:
        import ray

        worker = self._waking.pop(ref, None)
        try:
            found = ray.get(ref)
        except ray.exceptions.RayError as error:
            if worker is not None:
                self._not_started += 1
                if self._not_started >= _NO_START:
                    raise ToolkitError(
                        f"The actors end before they begin ({type(error).__name__}).", machines.EQUAL
                    ) from None
                self._actors[worker] = self._make()
            elif (worker := flight.worker_of(ref)) is not None:
                yield from flight.died(worker)
            if worker is not None:
                self._wake(worker)
            return
        if worker is None:
            yield from flight.landed(ref, found)
        else:
            self._not_started = 0
