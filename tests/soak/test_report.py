"""That a soak can fail: each demand is missed by what it is about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.soak.figures import Held
from tests.soak.pictures import Captions, draw, is_picture_of, name_of
from tests.soak.report import missed, report
from tests.soak.run import Soak, incidents
from tests.soak.tab import Fault
from tests.soak.tally import AT_ONCE, TURN, Tally

_HELD = Held(memory_mb=200, threads=12, files=170, databases=150, preference_files=48, temporary=0, locks=0)
_IDLE = replace(_HELD, memory_mb=120, files=12, databases=0, preference_files=0)


def _good() -> Soak:
    tally = Tally()
    tally.seconds[TURN] = [0.1] * 99 + [3.0]
    tally.seconds[AT_ONCE] = [2.0] * 20
    return Soak(90, 50, tally, _IDLE, _HELD, _HELD, [(float(at), _HELD) for at in range(90)])


def _errors(done: Soak) -> None:
    done.tally.failed("edit", "no answer came")


def _slow_turns(done: Soak) -> None:
    done.tally.seconds[TURN] += [2.0] * 10


def _nobody(done: Soak) -> None:
    done.tally.seconds[TURN] = []


def _slow_opening(done: Soak) -> None:
    done.tally.seconds[AT_ONCE][7] = 7.5


def _growth(done: Soak) -> None:
    done.watched = [(at, replace(held, memory_mb=200 + 2 * at)) for at, held in done.watched]


def _growth_once_steady(done: Soak) -> None:
    done.seconds = 600
    done.watched = [(at, replace(_HELD, memory_mb=200 if at < 400 else 215)) for at in range(600)]


def _files(done: Soak) -> None:
    done.end = replace(_HELD, files=200)


def _databases(done: Soak) -> None:
    done.end = replace(_HELD, files=300, databases=280)


def _temporary(done: Soak) -> None:
    done.end = replace(_HELD, temporary=1)


def _locks(done: Soak) -> None:
    done.end = replace(_HELD, locks=1)


def _threads(done: Soak) -> None:
    done.end = replace(_HELD, threads=40)


def test_a_good_run_misses_nothing() -> None:
    assert missed(_good()) == []
    assert "MISSED" not in report(_good())


@pytest.mark.parametrize(
    "spoil",
    [
        _errors,
        _slow_turns,
        _nobody,
        _slow_opening,
        _growth,
        _growth_once_steady,
        _files,
        _databases,
        _temporary,
        _locks,
        _threads,
    ],
)
def test_each_demand_can_be_missed(spoil: Callable[[Soak], None]) -> None:
    done = _good()
    spoil(done)
    assert len(missed(done)) == 1
    assert "MISSED" in report(done)


def test_words_that_nobody_saved_and_words_that_are_gone_are_found(tmp_path: Path) -> None:
    folder, captions = tmp_path / "photos", Captions(6)
    draw(folder, 6)
    captions.replaced("harbour", "harbor")
    captions.saved(2, "mine")
    captions.torn(4, "perhaps")
    (folder / "00004.txt").write_text("perhaps")
    assert [line.partition(" ")[0] for line in captions.wrong(folder)] == [name_of(place) for place in (1, 2, 3, 5)]


def test_a_picture_is_told_from_its_neighbour(tmp_path: Path) -> None:
    from app.elements.gallery import data_url

    draw(tmp_path / "photos", 3)
    shown = data_url((tmp_path / "photos" / name_of(2)).read_bytes())
    assert is_picture_of(2, shown)
    assert not is_picture_of(1, shown)


def test_an_action_that_fails_is_counted_as_an_error_and_not_as_done() -> None:
    tally = Tally()
    with pytest.raises(Fault), tally.counted("edit"):
        raise Fault("an error on the page")
    assert (tally.kinds(), tally.seconds.get("edit")) == (["edit"], None)


def test_a_traceback_in_the_log_is_one_incident_with_its_cause() -> None:
    traceback = "Traceback (most recent call last):\n  File x\n    y\nKeyError: 'z'\n"
    log = f"started\nWARNING it broke\n{traceback}12 ERROR alone\n13 ERROR told\n{traceback}"
    causes = ["WARNING it broke … KeyError: 'z'", "12 ERROR alone", "13 ERROR told … KeyError: 'z'"]
    assert incidents(log) == causes
