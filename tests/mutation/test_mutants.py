"""The tool that breaks the code: what it changes, what it leaves alone, and that a sample stays the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.judging import Verdict
from tests.mutation.mutants import drawn, equivalent_reasons, mutants_of
from tests.mutation.results import Results, report
from tests.mutation.rooms import ROOMS, ROOT, Room

ROOM = Room("room", ("tests/room",))

CODE = '''"""What it is for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Literal

log = logging.getLogger(__name__)
Kind = Literal["one", "two"]


@dataclass(frozen=True, slots=True)
class Box:
    """A box."""

    kind: Kind


def fits(size: int, most: int = 5) -> bool:
    """Whether it fits."""
    if size < 0 and most:
        log.warning("a size below nothing: %d", size)
    with open("x", encoding="utf-8"):
        return size <= most
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "box.py").write_text(CODE, encoding="utf-8")
    return tmp_path


def test_each_mistake_is_one_that_somebody_could_make(root: Path) -> None:
    after = {mutant.after for mutant in mutants_of(ROOM, root)}
    assert {
        "if size <= 0 and most:", "if size < 0 or most:", "if most:", "if size < 1 and most:", "if True:",
        "return size < most", "return None", "def fits(size: int, most: int = 6) -> bool:",
    } <= after  # fmt: skip


def test_no_log_text_no_type_and_no_docstring_is_changed(root: Path) -> None:
    lines = {mutant.before for mutant in mutants_of(ROOM, root)}
    assert lines == {
        "def fits(size: int, most: int = 5) -> bool:", "if size < 0 and most:",
        'with open("x", encoding="utf-8"):', "return size <= most",
    }  # fmt: skip
    assert 'with open("x"):' not in {mutant.after for mutant in mutants_of(ROOM, root)}


def test_every_mutant_of_the_rooms_here_that_is_drawn_is_other_code() -> None:
    mutants = [mutant for room in ROOMS for mutant in mutants_of(room, ROOT)]
    sample = drawn(mutants, 200, 3, ROOT)
    assert len({mutant.key for mutant in sample}) == 200
    for mutant in sample:
        compile(mutant.applied(ROOT), mutant.path, "exec")


def test_a_change_elsewhere_in_the_file_leaves_the_sample_as_it_was(root: Path) -> None:
    before = {mutant.key for mutant in drawn(list(mutants_of(ROOM, root)), 8, 1, root)}
    (root / "room" / "box.py").write_text(CODE.replace("import logging", "import logging\n\n"), encoding="utf-8")
    assert {mutant.key for mutant in drawn(list(mutants_of(ROOM, root)), 8, 1, root)} == before


def test_a_mutant_is_known_to_run_on_import_or_when_called(root: Path) -> None:
    on_import = {mutant.after: mutant.on_import for mutant in mutants_of(ROOM, root)}
    assert on_import["def fits(size: int, most: int = 6) -> bool:"]
    assert not on_import["return size < most"]


def test_every_equivalent_mutant_that_is_named_is_one_of_a_room() -> None:
    assert set(equivalent_reasons()) <= {mutant.key for room in ROOMS for mutant in mutants_of(room, ROOT)}


def test_the_score_counts_no_equivalent_one_and_a_line_that_no_test_reaches_as_alive(root: Path) -> None:
    mutants = list(mutants_of(ROOM, root))[:5]
    outcomes = ["killed", "timeout", "survived", "not reached", "equivalent"]
    results = Results(root / "mutants" / "results.jsonl")
    for mutant, outcome in zip(mutants, outcomes, strict=True):
        results.add(mutant, "code", Verdict(outcome))
    known = {key: result.outcome for key, result in Results(root / "mutants" / "results.jsonl").by_key.items()}
    words = "".join(report(mutants, known, {}))
    assert "50.0%" in words
    assert words.count("survived, ") == words.count("not reached, ") == 1
