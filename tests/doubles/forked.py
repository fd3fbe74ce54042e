"""Real processes that start in a tenth of the time: forked from one that has imported what takes long.

Each has memory, environment, files and signals of its own, as if it had been started anew. What is imported beforehand
reads no setting. Nothing of `app` is: its elements are made known to the server that runs when they are imported.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from tests.doubles.repository import ROOT

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        __name__, "lib.__main__", "lib.commands.everything", "lib.cache", "streamlit.web.bootstrap", "altair",
        "pyarrow.parquet",
        "sklearn.feature_extraction.text", "tests.doubles.installed", "uvicorn.lifespan.on", "webdataset", "wordcloud",
    ]
)  # fmt: skip


def start(
    main: Callable[[], object], arguments: Sequence[str], environment: dict[str, str], output: Path, errors: Path
) -> BaseProcess:
    """Run `main` as a program of these arguments and this environment, its two streams written to files."""
    process = _FORKS.Process(target=_run, args=(main, list(arguments), environment, output, errors), daemon=True)
    # A new process runs the main module's file again, and after an AppTest that is app/main.py.
    module, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = module
    return process


def _run(
    main: Callable[[], object], arguments: list[str], environment: dict[str, str], output: Path, errors: Path
) -> None:
    for stream, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, stream)
        os.close(file)
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv[:] = arguments
    main()


def dashboard() -> None:
    """`streamlit run`, as its command line has it."""
    from streamlit.web.cli import main

    main()


def command() -> None:
    """`python -m lib`."""
    from lib.__main__ import main

    main()
