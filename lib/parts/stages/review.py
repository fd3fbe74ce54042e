"""`review`: what the checks say of each sample by itself. Those that compare all samples cannot be made by parts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.errors import InvalidInput
from lib.parts.base import DataPart, MadePart, Options, PartSamples, PartStage, rows_table
from lib.review import review, samples_under_review
from lib.review.registry import checks_named
from lib.settings import settings

if TYPE_CHECKING:
    import pyarrow

BY_PARTS = ("captions", "pictures")
"""Of these the first compares captions too, within a part."""


class ReviewStage(PartStage):
    """Option: `checks`, names; all that can be made by parts where none is given."""

    about = "What the checks find"

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        names = tuple(options.get("checks") or BY_PARTS)
        self._checks = checks_named(names)
        if others := [name for name in self._checks if name not in BY_PARTS]:
            raise InvalidInput(
                f"The check “{others[0]}” compares all samples with one another, which parts cannot.",
                f"By parts there are {' and '.join(BY_PARTS)}.",
            )
        self.options["checks"] = list(self._checks)

    def load(self) -> None:
        pass

    def __call__(self, part: DataPart, samples: PartSamples, scratch: Path) -> MadePart:
        keys = samples.key_of()
        rows: dict[str, dict[str, Any]] = {key: {"key": key, "findings": [], "scores": []} for key in samples.keys}
        for key, why in samples.refused.items():
            rows[key]["error"] = why
        # What was found right is remembered by folder, and a part is none.
        own = settings().model_copy(update={"home": scratch / "home"})
        found = review(samples_under_review(samples.root, samples.usable, own), self._checks)
        for finding in found.findings:
            told = {"check": finding.check, "kind": finding.kind, "severity": finding.severity, "text": finding.text}
            for image in finding.images:
                rows[keys[image]]["findings"].append(told)
        for name, values in sorted(found.scores.items()):
            for image, value in values.items():
                rows[keys[image]]["scores"].append((name, float(value)))
        for one in found.not_measured:
            row = rows[keys[one.image]]
            row.setdefault("error", one.reason)
        return MadePart(rows_table(list(rows.values()), self.schema()))

    def schema(self) -> pyarrow.Schema:
        import pyarrow

        text = pyarrow.string()
        finding = pyarrow.struct([(name, text) for name in ("check", "kind", "severity", "text")])
        return pyarrow.schema(
            [
                ("key", text),
                ("findings", pyarrow.list_(finding)),
                ("scores", pyarrow.map_(text, pyarrow.float64())),
                ("error", text),
            ]
        )
