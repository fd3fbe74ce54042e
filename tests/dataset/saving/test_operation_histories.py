"""Any history of edits, bulk operations, undo, redo, crashes and other people's changes ends as a dict says."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lib.dataset.journal.journal import Journal
from lib.dataset.saving.operations import Operations
from lib.dataset.saving.recovery import recover
from lib.dataset.saving.store import Store
from lib.dataset.saving.targets import Edit
from lib.dataset.tag_files.sidecar import hash_of
from lib.domain import ImageRecord
from lib.errors import InvalidInput
from lib.files import FILES, Files
from tests.conftest import SEED
from tests.dataset.saving.test_reliability import StoppingFiles
from tests.dataset.saving.test_store import leftovers
from tests.doubles.image_folder import draw_image, settings_at

_NAMES = ("a", "b", "c", "s/d")
_names = strategies.sampled_from(_NAMES)
_texts = strategies.sampled_from(["", "cat", "dog", "cat\ndog", "\xe9"])
_bulks = strategies.dictionaries(_names, _texts, min_size=1)

Texts = dict[str, bytes | None]
Changes = dict[str, tuple[bytes | None, bytes | None]]


class Crash(BaseException):
    """The process is gone: nothing after this runs."""


@seed(SEED)
class Histories(RuleBasedStateMachine):
    """`disk` is what the files must hold; `done` and `undone` are the operations as they must be, by number."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.root = self.folder / "data"
        self.settings = settings_at(self.folder / "home")
        self.disk: Texts = dict.fromkeys(_NAMES)
        self.done: dict[int, Changes] = {}
        self.undone: dict[int, Changes] = {}
        self.redoable: list[int] = []
        self.passed_over: set[int] = set()

    @initialize(texts=_bulks)
    def start(self, texts: dict[str, str]) -> None:
        for name in _NAMES:
            draw_image(self.root / f"{name}.jpg", size=(12, 12))
        for name, text in texts.items():
            self.outside(name, text)
        self.journal = Journal(self.folder / "journal.sqlite")
        self.store = self.store_with(FILES)

    def store_with(self, files: Files) -> Store:
        store = Store(self.root, self.journal, "local", self.settings)
        store.files = files
        return store

    def teardown(self) -> None:
        self.journal.close()
        shutil.rmtree(self.folder)

    def changes(self, texts: dict[str, str]) -> Changes:
        wanted = {name: text.encode() for name, text in texts.items()}
        return {name: (self.disk[name], data) for name, data in wanted.items() if data != (self.disk[name] or b"")}

    def edits(self, texts: dict[str, str]) -> list[Edit]:
        return [Edit(f"{name}.jpg", hash_of(self.disk[name]), text) for name, text in texts.items()]

    def note(self, operation: int, changes: Changes) -> None:
        self.done[operation] = changes
        self.redoable.clear()
        self.disk.update({name: after for name, (_, after) in changes.items()})

    @rule(name=_names, text=_texts)
    def edit(self, name: str, text: str) -> None:
        self.store.save(ImageRecord(f"{name}.jpg"), text, hash_of(self.disk[name]))
        if changes := self.changes({name: text}):
            self.note(self.journal.operations(1)[0].operation, changes)

    @rule(texts=_bulks)
    def bulk(self, texts: dict[str, str]) -> None:
        changes = self.changes(texts)
        applied = Operations(self.store).apply(self.edits(texts), "replace")
        assert (applied.changed, applied.left_alone) == (len(changes), ())
        if applied.operation is not None:
            self.note(applied.operation, changes)

    @rule(texts=_bulks, stale=_names)
    def bulk_with_a_stale_plan(self, texts: dict[str, str], stale: str) -> None:
        edits = [
            Edit(edit.image, "0" * 64 if edit.image == f"{stale}.jpg" else edit.expected_hash, edit.text)
            for edit in self.edits(texts)
        ]
        changes = self.changes({name: text for name, text in texts.items() if name != stale})
        applied = Operations(self.store).apply(edits, "replace")
        assert applied.changed == len(changes)
        assert len(applied.left_alone) == len(self.changes(texts)) - len(changes)
        if applied.operation is not None:
            self.note(applied.operation, changes)

    @rule(name=_names, text=_texts)
    def outside(self, name: str, text: str) -> None:
        (self.root / f"{name}.txt").write_bytes(text.encode())
        self.disk[name] = text.encode()

    @rule(name=_names)
    def delete(self, name: str) -> None:
        (self.root / f"{name}.txt").unlink(missing_ok=True)
        self.disk[name] = None

    def turned(self, changes: Changes, *, back: bool) -> Texts:
        """What an undo (or redo) makes of the files: only those with the recorded content are touched."""
        pairs = {name: (after, before) if back else (before, after) for name, (before, after) in changes.items()}
        return {name: new for name, (old, new) in pairs.items() if self.disk[name] == old}

    def check_turn(self, operation: int, *, back: bool, chosen: bool) -> None:
        changes = (self.done if back else self.undone)[operation]
        goal = self.turned(changes, back=back)
        turn = Operations(self.store).undo if back else Operations(self.store).redo
        restored = turn(operation if chosen else None)
        assert (restored.operation, restored.restored) == (operation, len(goal))
        assert {path for path, _ in restored.left_alone} == {f"{name}.txt" for name in changes.keys() - goal.keys()}
        # Where every file was changed since, nothing is taken back: the operation stands as it did, and is passed over
        # until somebody names it.
        if goal:
            self.note_turn(operation, goal, back=back)
        else:
            self.passed_over.add(operation)

    def note_turn(self, operation: int, goal: Texts, *, back: bool) -> None:
        self.disk.update(goal)
        self.passed_over.discard(operation)
        if back:
            self.undone[operation] = self.done.pop(operation)
            self.redoable.append(operation)
        else:
            self.done[operation] = self.undone.pop(operation)
            if operation in self.redoable:
                self.redoable.remove(operation)

    @rule()
    def undo(self) -> None:
        if standing := self.done.keys() - self.passed_over:
            self.check_turn(max(standing), back=True, chosen=False)
        else:
            self.refused(Operations(self.store).undo)

    @rule()
    def redo(self) -> None:
        if redoable := [operation for operation in self.redoable if operation not in self.passed_over]:
            self.check_turn(redoable[-1], back=False, chosen=False)
        else:
            self.refused(Operations(self.store).redo)

    def refused(self, turn: object) -> None:
        try:
            turn()  # type: ignore[operator]
        except InvalidInput:
            return
        raise AssertionError("there should have been nothing to do")

    @precondition(lambda self: self.done or self.undone)
    @rule(data=strategies.data())
    def undo_or_redo_any(self, data: strategies.DataObject) -> None:
        operation = data.draw(strategies.sampled_from(sorted({**self.done, **self.undone})))
        self.check_turn(operation, back=operation in self.done, chosen=True)

    @rule(texts=_bulks, calls=strategies.integers(0, 40))
    def crash_in_bulk(self, texts: dict[str, str], calls: int) -> None:
        changes, crashed = self.changes(texts), False
        try:
            applied = Operations(self.store_with(StoppingFiles(calls, Crash()))).apply(self.edits(texts), "replace")
        except Crash:
            crashed = True
        else:
            if applied.operation is not None:
                self.note(applied.operation, changes)
        newest = self.restart()
        if crashed and newest is not None and newest not in {**self.done, **self.undone}:
            self.note(newest, changes)

    @precondition(lambda self: self.done or self.undone)
    @rule(data=strategies.data(), calls=strategies.integers(0, 40))
    def crash_in_undo_or_redo(self, data: strategies.DataObject, calls: int) -> None:
        operation = data.draw(strategies.sampled_from(sorted({**self.done, **self.undone})))
        back = operation in self.done
        goal = self.turned((self.done if back else self.undone)[operation], back=back)
        operations = Operations(self.store_with(StoppingFiles(calls, Crash())))
        with contextlib.suppress(Crash):
            (operations.undo if back else operations.redo)(operation)
        if not goal:
            self.passed_over.add(operation)
        self.restart()
        if self.journal.state_of(operation) == ("undone" if back else "done"):
            self.note_turn(operation, goal, back=back)

    def restart(self) -> int | None:
        """A new process opens the dataset; gives the number of the newest operation that stands."""
        self.journal.close()
        self.journal = Journal(self.folder / "journal.sqlite")
        self.store = self.store_with(FILES)
        assert recover(self.journal, self.root, self.settings.locks) == []
        newest = self.journal.operations(1)
        return newest[0].operation if newest else None

    @invariant()
    def the_disk_is_as_the_dict_says(self) -> None:
        for name, data in self.disk.items():
            path = self.root / f"{name}.txt"
            assert (path.read_bytes() if path.exists() else None) == data, name
        assert not leftovers(self.root)


def many(examples: int) -> settings:
    return settings(
        max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.usefixtures("seed")
class TestHistories(Histories.TestCase):
    settings = many(120)


@pytest.mark.kills
@pytest.mark.usefixtures("seed")
class TestManyHistories(Histories.TestCase):
    settings = many(600 if os.environ.get("TOOLKIT_KILLS") else 240)
