"""Run with Ray's own Python: all that a cluster's head knows, which is what the dashboard and `ray list` show of it."""

from __future__ import annotations

import os
import sys


def main() -> None:
    from ray._raylet import GcsClient, GcsClientOptions, GlobalStateAccessor

    address, out = os.environ["RAY_ADDRESS"], sys.stdout.buffer
    state = GlobalStateAccessor(GcsClientOptions.create(address, None, True, True))
    assert state.connect()
    tables = {
        "actors": state.get_actor_table(None, None),
        "jobs": state.get_job_table(),
        "workers": state.get_worker_table(),
        "tasks": state.get_task_events(),
    }
    for kind, found in tables.items():
        for one in found:
            out.write(f"{kind} ".encode() + one + b"\n")
    client = GcsClient(address=address)
    for namespace in (None, b"session", b"job", b"fun", b"cluster", b"dashboard", b"runtime_env", b"usage_stats"):
        for key in client.internal_kv_keys(b"", namespace):
            out.write(b"kv " + key + b" " + (client.internal_kv_get(key, namespace) or b"") + b"\n")


if __name__ == "__main__":
    main()
