"""Under which account the program at the other end of a connection runs, where both ends are on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"
_ROOT = 0


def is_own_account(client_port: int, server_port: int) -> bool | None:
    """Whether this account, or root, opened a connection from one port of this machine to another.

    None where the system has no list of connections to look into (all but Linux). A proxy's worker runs under an
    account of its own, and a person at the machine under that person's. Root could read everything anyhow.
    """
    rows = list(_rows())
    # A sandbox may show an empty list: then it says nothing.
    if not any(server_port == local for local, _, _, _ in rows):
        return None
    ends = {uid for local, far, state, uid in rows if (local, far, state) == (client_port, server_port, _ESTABLISHED)}
    # A connection that the other side has closed is listed as root's, so only those count that stand.
    return bool(ends) and ends <= {_ROOT, os.geteuid()}


def _rows(tables: Iterable[Path] = _TABLES) -> Iterable[tuple[int, int, str, int]]:
    """(local port, far port, state, account) of every connection."""
    for table in tables:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            _, local, far, state, _, _, _, uid, *_ = line.split()
            yield int(local.rpartition(":")[2], 16), int(far.rpartition(":")[2], 16), state, int(uid)
