"""Every check and every kind of finding can be reached on the page and on the command line, under one name."""

from __future__ import annotations

from collections import Counter

from app.review.kinds import GROUPS
from app.review.state import QUICK
from lib.commands.fixing import checks_of
from lib.review.folding import TOLD_BY
from lib.review.registry import CHECKS


def test_every_check_has_its_place_on_the_page():
    assert Counter(check for group in GROUPS.values() for check in group) == Counter(CHECKS)
    assert set(QUICK) <= set(CHECKS)


def test_every_check_and_kind_is_known_on_the_command_line():
    for check, kind in CHECKS.items():
        assert checks_of((check,)) == (check,)
        assert all(check in checks_of((name,)) for name in kind.kinds)


def test_a_kind_has_one_check_but_for_what_a_trainer_says_of_the_same():
    owners: dict[str, set[str]] = {}
    for check, kind in CHECKS.items():
        for name in kind.kinds:
            owners.setdefault(name, set()).add(check)
    assert not set(CHECKS) & set(owners)
    assert {name for name, checks in owners.items() if len(checks) > 1} == {"unreadable", "turned", "placeholder"}
    assert all(kind in CHECKS["trainer"].kinds for kind in TOLD_BY)
    assert all(kind in CHECKS[check].kinds for check, kind in TOLD_BY.values())
