"""A toolkit folder as the version before keyed owner names wrote it, with a visitor's and a login's things in it.

former_home.json was written by that version itself: an upload, drafts, filters, presets, stop words, a sample, an
export, a run that was not finished and saves, of an owner named by the cookie and of one named by the e-mail. Its
SQLite files are kept as SQL. The names of places and people stand as @NAMES@, and are put in here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

from PIL import Image

COOKIE = "c0ffee" * 8
EMAIL = "ada@example.org"


def former_home(home: Path, photos: Path) -> None:
    """Write the folder, and the two photos that were worked on."""
    photos.mkdir(parents=True, exist_ok=True)
    for number, words in enumerate(("words 0", "saved by mail")):
        Image.new("RGB", (6, 4), (90 * number, 10, 10)).save(photos / f"photo_{number}.jpg")
        (photos / f"photo_{number}.txt").write_text(words)
    files = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    places = _places(home, photos)
    for name, kept in files.items():
        path = home / _put_in(name, places)
        path.parent.mkdir(parents=True, exist_ok=True)
        if "sql" in kept:
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_put_in("\n".join(kept["sql"]), places))
                connection.execute(f"PRAGMA user_version={kept['user_version']}")
        elif "base64" in kept:
            path.write_bytes(base64.b64decode(kept["base64"]))
        else:
            path.write_text(_put_in(kept["text"], places), encoding="utf-8")


def workspace_of(home: Path, former_owner: str) -> Path:
    """Where uploads, samples and exports of an owner of before lie, and go on lying."""
    return home / "workspace" / _hashed(former_owner)


def _places(home: Path, photos: Path) -> dict[str, str]:
    visitor, login = f"cookie:{COOKIE}", f"mail:{EMAIL}"
    datasets = {
        "photos": photos,
        "visitor_upload": workspace_of(home, visitor) / "uploads" / "holiday",
        "login_upload": workspace_of(home, login) / "uploads" / "holiday",
    }
    return {
        "@VISITOR_ID@": _hashed(visitor), "@LOGIN_ID@": _hashed(login), "@COOKIE@": COOKIE, "@EMAIL@": EMAIL,
        "@HOME@": str(home), "@PHOTOS@": str(photos),
        **{f"@JOURNAL {name}@": _hashed(str(folder.resolve())) for name, folder in datasets.items()},
    }  # fmt: skip


def _put_in(text: str, places: dict[str, str]) -> str:
    for name, place in places.items():
        text = text.replace(name, place)
    return text


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
