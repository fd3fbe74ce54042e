"""The one way to open a SQLite file: WAL, FULL, migrations, failures in words, and a damaged file put aside."""

from lib.sqlite.damaged import Salvage
from lib.sqlite.database import Database, Told
from lib.sqlite.renaming import rename_in

__all__ = ["Database", "Salvage", "Told", "rename_in"]
