"""Who is at work on a run, in words."""

from __future__ import annotations

from datetime import datetime, tzinfo

from lib.jobs.ledger import Run


def held_by(run: Run, zone: tzinfo | None = None) -> str:
    """Who is at work on a run, and since when on the clock of a time zone: this machine's where none is given."""
    if not run.holder:
        return "another process"
    if not run.since:
        return run.holder
    since = datetime.fromisoformat(run.since).astimezone(zone)
    return f"{run.holder}, since {since:%Y-%m-%d %H:%M %Z}"
