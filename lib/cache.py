"""What stays loaded on the server: the only file in lib that imports Streamlit.

Everything here belongs to the whole server, never to a session: a refresh opens a new session and must find
running jobs and opened folders again. No API key is kept here by name; the job of a run that can be resumed
holds its captioner, and so its key, in memory alone.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lib.clustering import Clusterer
from lib.dataset.scan.scanner import DatasetCache
from lib.dataset.workspace.hidden import clear_hidden
from lib.dataset.workspace.uploads import expire_uploads
from lib.dataset.workspace.visitors import expire_visitors
from lib.embedding.base import Embedder
from lib.embedding.registry import EMBEDDERS, make_embedder
from lib.exporting.space import expire_exports
from lib.former_owners import hide_cookies
from lib.jobs.ledger import Ledger
from lib.jobs.runner import Job, JobRunner
from lib.loading import Loader
from lib.preferences import Preferences
from lib.private import close_home
from lib.providers.base import Captioner
from lib.providers.http import guard_logging
from lib.settings import settings
from lib.tables.copying import expire_copies
from lib.tables.opening import TableCache
from lib.words import Vocabulary, stop_words

if TYPE_CHECKING:
    from lib.review.meanings import MeaningIndexes

RUN_DAYS = 90
"""How long a run that was neither finished nor dismissed can be taken up again."""


@st.cache_resource(show_spinner=False)
def job_runner() -> JobRunner:
    """The one runner of long work."""
    return JobRunner()


@st.cache_resource(show_spinner=False)
def background_runner() -> JobRunner:
    """The runner of work that nobody asked for, such as checks: it never holds up what somebody waits for."""
    return JobRunner(workers=2)


@st.cache_resource(show_spinner=False, on_release=Ledger.close)
def ledger() -> Ledger:
    """What long runs have still to do."""
    return Ledger(settings().home / "runs.sqlite")


@st.cache_resource(show_spinner=False)
def own_home() -> bool:
    """Once a server: the toolkit's folder is closed to other accounts, and no cookie of a visitor stands in it."""
    close_home(settings().home)
    hide_cookies(settings())
    return True


@st.cache_resource(show_spinner=False)
def guarded_logs() -> bool:
    """Once a server: whatever is logged from now on, by us or by Streamlit, is logged without keys."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    guard_logging(logging.getLogger(), logging.getLogger("streamlit"))
    return True


@st.cache_resource(show_spinner=False, ttl=timedelta(days=1))
def housekeeping() -> Job:
    """Once a day, in the background: what nobody came back for goes, and what crashes left."""
    book = ledger()

    def work(job: Job) -> None:
        expire_uploads(settings())
        expire_copies(settings())
        expire_exports(settings())
        expire_visitors(settings())
        clear_hidden(settings())
        book.expire(RUN_DAYS)

    return background_runner().submit("server", "housekeeping", "Removing what nobody came back for", work)


@st.cache_resource(show_spinner=False)
def ahead() -> ThreadPoolExecutor:
    """One thread that prepares what the next click will most likely show."""
    return ThreadPoolExecutor(1, thread_name_prefix="ahead")


@st.cache_resource(show_spinner=False)
def datasets() -> DatasetCache:
    """The folders opened lately, by root."""
    return DatasetCache()


@st.cache_resource(show_spinner=False)
def tables() -> TableCache:
    """The tables opened lately, by root."""
    return TableCache()


@st.cache_resource(show_spinner=False)
def local_captioners() -> Loader[Captioner]:
    """Models that run on this machine, by model id, each loaded once."""
    return Loader()


@st.cache_resource(show_spinner=False)
def embedders() -> Loader[Embedder]:
    """Embedders by name, each made once. Their models are loaded at the first use and let go when idle."""
    return Loader()


def embedder(method: str) -> Embedder:
    """The embedder of that name, the same one for the whole server."""
    return embedders().get(method, lambda: _made(method))


def _made(method: str) -> Embedder:
    if method in EMBEDDERS:
        return make_embedder(method, settings())
    # Not above: few servers have a model of pictures and words in one.
    from lib.review.joint_pictures import embedder_named

    return embedder_named(method, settings())


@st.cache_resource(show_spinner=False)
def clusterer() -> Clusterer:
    """Makes clusters with the server's embedders, and remembers the last few datasets."""
    return Clusterer(embedder, settings().vectors, stop_words())


@st.cache_resource(show_spinner=False)
def meanings() -> MeaningIndexes:
    """The vectors of the datasets that were searched by meaning last."""
    # Not above: a server that nobody searches so needs none of it.
    from lib.review.meanings import MeaningIndexes

    return MeaningIndexes()


@st.cache_resource(show_spinner=False, max_entries=16, on_release=Preferences.close)
def preferences(folder: Path) -> Preferences:
    """The preferences kept in one owner's folder. Of all owners, those whose pages ran last have their file open."""
    return Preferences(folder)


@st.cache_resource(show_spinner=False, max_entries=8)
def vocabulary(root: Path, recursive: bool, suffix: str) -> Vocabulary:
    """The tag counts of one folder as it was opened; counted by whoever needs them first."""
    return Vocabulary()
