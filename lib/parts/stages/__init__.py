"""What can be made of parts, by name; each imported when it is asked for."""

from __future__ import annotations

from lib.parts.base import Options, Stage
from lib.registry import Registry

STAGES = Registry[Stage](
    {
        "caption": "lib.parts.stages.caption:CaptionStage",
        "embed": "lib.parts.stages.embed:EmbedStage",
        "review": "lib.parts.stages.review:ReviewStage",
        "export": "lib.parts.stages.export:ExportStage",
        "import": "lib.parts.stages.import_table:ImportStage",
    },
    unknown="There is no stage “{name}”.",
)


def make_stage(name: str, options: Options) -> Stage:
    """A stage, nothing loaded yet. Raises InvalidInput."""
    return STAGES[name](options)
