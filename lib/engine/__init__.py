"""Who does the parts of a job: the processes of this machine, or a cluster. Another engine is a file and a line."""

from __future__ import annotations

from lib.engine.base import DataPart, Engine, EngineOptions, EngineWork, PartDone, Worker
from lib.registry import Registry

__all__ = ["ENGINES", "DataPart", "Engine", "EngineOptions", "EngineWork", "PartDone", "Worker"]

ENGINES = Registry[Engine](
    {
        "local": "lib.engine.local:LocalEngine",
        "ray": "lib.engine.ray_cluster:RayEngine",
    },
    unknown="There is no engine “{name}”.",
)
"""The first is the default."""
