"""`caption`: captions by a model, as a run that is one operation and can be taken up again."""

from __future__ import annotations

from typing import Annotated

import typer

from lib.caption_cost import estimate, seconds_for
from lib.caption_runs import CaptionPlan, to_caption
from lib.captioning import Brief
from lib.commands.captioning_run import Listening, captioner_for, told_of
from lib.commands.command import DryRun, Folder, command
from lib.commands.cut_short import join_cut_short, open_ledger
from lib.commands.folders import OWNER, open_folder
from lib.commands.foreground import begin, unfinished, work_on
from lib.commands.keys import KeyEnv, key_in
from lib.commands.models import model_of
from lib.commands.result import Result
from lib.commands.screen import Screen, duration
from lib.commands.selecting import Meant, Selector
from lib.commands.trying import try_some
from lib.dataset.base import Dataset
from lib.dataset.saving.store import Store
from lib.domain import Existing, Length, Style
from lib.errors import InvalidInput
from lib.jobs.ledger import Run
from lib.providers import registry
from lib.providers.parameters import parse_parameters, with_defaults
from lib.providers.prompts import check_placeholders, default_prompt
from lib.run_claims import KIND
from lib.text import counted
from lib.wishes import Wishes


def _model_names(incomplete: str) -> list[str]:
    """The models that begin so, for the shell."""
    return [name for name in registry.load_models() if name.startswith(incomplete)]


@command()
def caption(
    folder: Folder,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            help="A model's id or label, nim:owner/model; with --base-url, the id served.",
            autocompletion=_model_names,
            show_default=False,
        ),
    ],
    selector: Selector,
    screen: Screen,
    length: Annotated[Length, typer.Option(help="How much to say.")] = "short",
    style: Annotated[Style, typer.Option(help="A sentence, or comma-separated tags.")] = "sentence",
    prompt: Annotated[str, typer.Option(help="Your own prompt; {name}, {directory} and {tags} are filled in.")] = "",
    params: Annotated[str, typer.Option(help='For example "max_tokens=512, temperature=0.30".')] = "",
    existing: Annotated[Existing, typer.Option(help="What to do where a caption is there already.")] = "skip",
    must: Annotated[str, typer.Option(help="Words that each caption must hold: “dog, beach”.")] = "",
    must_not: Annotated[str, typer.Option(help="Words that none may hold.")] = "",
    starts_with: Annotated[str, typer.Option(help="What each caption must begin with.")] = "",
    workers: Annotated[int, typer.Option(min=1, max=64, help="Images at a time.")] = 4,
    rpm: Annotated[int, typer.Option(min=0, help="Requests a minute at most (0: the service's usual pace).")] = 0,
    base_url: Annotated[str, typer.Option("--base-url", help="An OpenAI-compatible server.")] = "",
    key_env: KeyEnv = "",
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Only the images that failed in the last run in this folder.")
    ] = False,
    tried: Annotated[
        int, typer.Option("--try", min=0, help="Ask for so many, save nothing, and tell what all of them would take.")
    ] = 0,
    dry_run: DryRun = False,
) -> Result:
    """Write captions for the images of a folder, into the tag file beside each.

    All of it is one operation. Where it is broken off (Ctrl+C, a crash, a reboot), the same command goes on with the
    rest. Two commands, or a command and the dashboard, never ask for the same image at a time.
    """
    spec = model_of(model, base_url)
    given = with_defaults(parse_parameters(params, spec), spec)
    wishes = Wishes.typed(must, must_not, starts_with)
    brief = Brief(prompt or default_prompt(length, style), style, given, existing, wishes)
    check_placeholders(brief.asked)
    key = key_in(key_env)
    # Before the folder is read: a key that is missing is missing whatever lies there.
    root = folder.resolve()
    plan = CaptionPlan(root, True, ".txt", spec.id, base_url, brief, workers, rpm, with_key=key is not None)
    captioner = captioner_for(plan, key, screen)
    dataset, store = open_folder(folder, screen)
    run = _Captioning(plan, captioner, dataset, store, selector.select(dataset, screen), screen)
    if retry_failed:
        run.keep_to_failed()
    if tried:
        return run.tried(tried)
    return run.shown() if dry_run else run.go()


class _Captioning:
    """One call of the command."""

    def __init__(
        self,
        plan: CaptionPlan,
        captioner: Listening,
        dataset: Dataset,
        store: Store,
        selected: Meant,
        screen: Screen,
    ) -> None:
        self._plan = plan
        self._captioner = captioner
        self._dataset = dataset
        self._store = store
        self._screen = screen
        self._ledger = open_ledger()
        self._missing = selected.missing
        self._wanted = to_caption(selected.records, plan.brief.existing)
        self._skipped = len(selected.records) - len(self._wanted)

    def keep_to_failed(self) -> None:
        """Leaves only what failed in the last run in this folder. Raises InvalidInput where there was no such run."""
        root = str(self._plan.root)
        runs = [run for run in self._ledger.of(OWNER) if run.kind == KIND and run.spec.get("root") == root]
        if not runs:
            raise InvalidInput("There was no run in this folder yet.", "Nothing was sent.")
        failed = {name for name, _ in self._ledger.failures(runs[-1].id)}
        self._wanted = [record for record in self._wanted if record.name in failed]
        self._skipped = 0

    def go(self) -> Result:
        """Captions what is wanted: as what is left of an earlier run of the same plan, or as a new one."""
        join_cut_short(self._store)
        names = [record.name for record in self._wanted]
        if not names:
            counts = {"done": 0, "skipped": self._skipped, "failed": 0, "not_tried": 0}
            sentence = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items())
            more = {"done": 0, "skipped": self._skipped, "not_tried": 0, "errors": []}
            return Result(sentence, counts, self._missing, more=more)
        run = self._left_over(names) or self._found(begin(self._ledger, self._plan, names))
        ended = work_on(
            self._ledger,
            run,
            self._plan,
            self._store,
            lambda: self._captioner,
            self._screen,
            again=bool(run.failed),
        )
        return told_of(
            ended,
            self._plan,
            self._captioner,
            self._ledger,
            self._screen,
            skipped=self._skipped,
            missing=self._missing,
        )

    def _left_over(self, names: list[str]) -> Run | None:
        """An earlier run of the same plan that has images left, all of which are wanted now."""
        run = unfinished(self._ledger, self._plan)
        if run is None:
            return None
        everything = {record.name for record in to_caption(self._dataset.snapshot(), self._plan.brief.existing)}
        if not everything.intersection(self._ledger.waiting(run.id)) <= set(names):
            return None
        self._ledger.add(run.id, names)
        done = run.total - run.waiting
        self._screen.note(
            f"Going on with the run of {run.at[:16].replace('T', ' ')} UTC: {done:,} of {run.total:,} were done."
            f" (To begin anew: captioner jobs cancel {run.id[:8]})"
        )
        return self._found(run.id)

    def _found(self, id: str) -> Run:
        found = self._ledger.find(id, OWNER)
        assert found is not None
        return found

    def shown(self) -> Result:
        """What would be sent: nothing is."""
        prompt = self._plan.brief.asked
        found = estimate(len(self._wanted), [], self._captioner.model)
        seconds = seconds_for(found.requests, 0.0, 1, self._plan.rpm)
        pace = f", in {duration(seconds)} at least" if seconds else ""
        counts = {"images": found.images, "requests": found.requests, "skipped": self._skipped}
        names = [record.name for record in self._wanted]
        more = {"dry_run": True, "images": names, "model": self._captioner.model.id, "prompt": prompt}
        self._screen.note(
            f"{counted(found.requests, 'request')} to {self._captioner.model.label} would be sent{pace},"
            f" {self._skipped:,} skipped; --try 3 tells time and cost. The prompt: {prompt}"
        )
        return Result("\n".join(names), counts, self._missing, more=more)

    def tried(self, number: int) -> Result:
        """What the model says of a few; nothing is saved."""
        return try_some(self._plan, self._wanted, number, self._captioner, self._screen, self._skipped)
