"""Whether a trainer could read the dataset as it is, and what it would do to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import ClassVar

from lib.bulk.base import Change
from lib.domain import SidecarState
from lib.progress import Progress
from lib.review.base import Check
from lib.review.findings import CheckReport, Finding, Fix, Severity, Subject, Unmeasured
from lib.review.pictures.headers import headers
from lib.review.result import worst_first
from lib.review.samples import ReviewSamples
from lib.review.trainers.profiles import Profile, profiles
from lib.review.trainers.rules import BROKEN, TrainingFolder
from lib.text import counted

_NOT_OF_IMAGES = ("stray_table",)
"""Rules that files break which are no images of the dataset."""


class TrainersCheck(Check):
    """Holds the folder against the profiles that are asked for, or all."""

    label = "For a trainer"
    about = "What a training program would refuse, pass over or misread."
    kinds: ClassVar[Mapping[str, str]] = {
        "unreadable": "that cannot be opened",
        "empty_tag_file": "with an empty tag file",
        "no_tag_file": "without a tag file",
        "no_caption": "without a caption",
        "tag_ending": "with another ending of tag files",
        "not_utf8": "with a tag file that is not UTF-8",
        "ending": "with an ending that is not read",
        "webp": "as WebP",
        "aspect": "in a shape that is cropped",
        "subfolder": "in a folder that is not read",
        "several_lines": "with several lines",
        "special_marks": "with a trainer's own marks",
        "mask_name": "named like masks",
        "placeholder": "with “[trigger]”",
        "dotted_name": "with a dot in the name",
        "one_tag_file": "with one tag file for two",
        "same_key": "with one name for two",
        "split_name": "named like a split",
        "test_without_train": "that make a test split alone",
        "stray_table": "tables beside the pictures",
        "turned": "turned by EXIF",
    }

    def run(self, samples: ReviewSamples, progress: Progress) -> CheckReport:
        found, refused = headers(samples, progress)
        folder = TrainingFolder(samples.root, samples.records, found, refused)
        findings, ready = rules_broken(folder, samples.options.targets)
        unmeasured = [Unmeasured(name, "trainer", reason) for name, reason in refused.items()]
        notes = [f"{profile.label}: as of {profile.version}." for profile in profiles(samples.options.targets)]
        return CheckReport(findings, not_measured=unmeasured, ready=ready, notes=notes)


def rules_broken(folder: TrainingFolder, targets: tuple[str, ...]) -> tuple[list[Finding], dict[str, bool]]:
    """The findings of these trainers, or of all of them together; and which of them could read the folder."""
    findings: list[Finding] = []
    ready: dict[str, bool] = {}
    for profile in profiles(targets):
        mine = list(broken_rules(folder, profile))
        ready[profile.name] = bool(folder.records) and all(one.severity != "error" for one in mine)
        findings += mine
    return (findings if targets else list(_of_any(findings))), ready


def _of_any(findings: list[Finding]) -> Iterator[Finding]:
    """One finding of a rule that several trainers have, the strictest one's, where none was chosen.

    What one of six refuses need be no error for whoever trains with another.
    """
    alike: dict[tuple[str, tuple[str, ...]], list[Finding]] = {}
    for one in worst_first(findings):
        alike.setdefault((one.kind, one.images), []).append(one)
    for first, *others in alike.values():
        count = counted(len(others), "other trainer")
        text = f"{first.text} {count} of those known {'has' if len(others) == 1 else 'have'} such a rule."
        severity: Severity = "warning" if first.severity == "error" else "hint"
        yield replace(first, severity=severity, text=text if others else first.text)


def broken_rules(folder: TrainingFolder, profile: Profile) -> Iterator[Finding]:
    """The rules of a trainer that a folder breaks, a finding each."""
    for rule in profile.rules:
        names = tuple(dict.fromkeys(BROKEN[rule.rule](folder, profile)))
        if not names:
            continue
        if rule.rule in _NOT_OF_IMAGES:
            told = f"{names[0]}" if len(names) == 1 else f"{names[0]} and {counted(len(names) - 1, 'other')}"
            names = tuple(record.name for record in folder.records)
        else:
            told = counted(len(names), "image")
        text = f"{profile.label} {rule.does}: {told}."
        subject: Subject = "picture" if rule.rule in ("aspect", "turned", "unreadable") else "sample"
        fix = _as_utf8(folder, names) if rule.rule == "not_utf8" else None
        yield Finding("trainer", rule.rule, names, rule.severity, text, fix, subject=subject, rank=-len(names))


def _as_utf8(folder: TrainingFolder, names: tuple[str, ...]) -> Fix | None:
    """The same texts in UTF-8, of those that can be read; a file that two images share is left alone."""
    wanted = set(names)
    read = (record for record in folder.records if record.state is SidecarState.TEXT and not record.shared)
    changes = tuple(
        Change(record.name, record.text, record.text, as_plain=True) for record in read if record.name in wanted
    )
    return Fix("Write them as UTF-8" if len(changes) > 1 else "Write it as UTF-8", changes) if changes else None
