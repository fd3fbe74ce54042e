"""What a test needs and this machine lacks: skipped and counted, or a failure where the machine promised everything."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

# Read at import: a fixture takes all TOOLKIT_ variables away. `.ci/run` sets it, since it installs what is missing.
_NOTHING_IS_MISSING = bool(os.environ.get("TOOLKIT_NOTHING_MISSING"))


def missing(what: str) -> NoReturn:
    """End the test that cannot run without a program that the machine could have."""
    if _NOTHING_IS_MISSING:
        pytest.fail(f"{what} (TOOLKIT_NOTHING_MISSING is set)", pytrace=False)
    pytest.skip(what)
