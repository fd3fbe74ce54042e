"""What can be made of parts, by name; each imported when it is asked for."""

from __future__ import annotations

from lib.parts.base import Options, PartStage
from lib.registry import Registry

STAGES = Registry[PartStage](
    {
        "caption": "lib.parts.stages.caption:CaptionStage",
        "embed": "lib.parts.stages.embed:EmbedStage",
        "cluster": "lib.parts.stages.cluster:ClusterStage",
        "review": "lib.parts.stages.review:ReviewStage",
        "export": "lib.parts.stages.export:ExportStage",
        "import": "lib.parts.stages.import_table:ImportStage",
    },
    unknown="There is no stage “{name}”.",
)


def make_stage(name: str, options: Options, sink: str) -> PartStage:
    """A stage, nothing loaded yet; `sink` is where its tables go. Raises InvalidInput."""
    stage = STAGES[name](options)
    stage.sink = sink
    return stage
