"""A look at the disk of the server, in the background: models, folders, caches. Walking 100,000 files takes a while."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.session.jobs import SERVER, SOON, JobKey, start_anew
from app.session.state import AppState
from app.settings.state import SettingsState
from lib import cache
from lib.caches import ClearableCache, kept_things
from lib.errors import InvalidInput
from lib.jobs.runner import Job
from lib.models_here import ModelHere, models_here
from lib.settings import settings


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found. `folders`: what visitors may open, and whether it is there; `sizes`: bytes of caches by name."""

    models: list[ModelHere]
    folders: list[tuple[Path, bool]]
    sizes: dict[str, int]


def look_again(state: AppState) -> None:
    """Start a look. The page shows the one before until it has ended."""

    def work(job: Job) -> Survey:
        models = models_here(settings(), cache.local_captioners().ready(), cache.embedders().ready())
        sizes = {one.name: one.size for one in kept_things(settings())}
        return Survey(models, [(root, root.is_dir()) for root in settings().roots], sizes)

    key = JobKey("survey", SERVER, detail=state.session, unasked=True)
    state.of(SettingsState).survey = start_anew(key, "Looking at this server", work, wait=SOON)


def survey_of(state: AppState) -> Job:
    """The last look of this session; the first one is started by asking."""
    if state.of(SettingsState).survey is None:
        look_again(state)
    found = state.of(SettingsState).survey
    assert found is not None
    return found


def clear_kept(state: AppState, name: str) -> None:
    """Clear one of the caches in the background, then look again."""
    kept = next((one for one in kept_things(settings()) if one.name == name), None)
    if kept is None:
        raise InvalidInput("There is no such cache.", "Nothing was cleared.")
    room = state.of(SettingsState)
    room.asked = ""
    room.clearing = start_anew(_clearing(kept), f"Clearing {kept.label.lower()}", lambda job: kept.clear(), wait=SOON)


def _clearing(kept: ClearableCache) -> JobKey:
    return JobKey("clear", SERVER, detail=kept.name)
