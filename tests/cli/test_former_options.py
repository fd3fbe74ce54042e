"""What scripts wrote before all commands had one surface: it is still taken."""

from __future__ import annotations

import pytest

from lib.commands.everything import all_commands

FORMER = {
    "affix": "--prefix --suffix --separator --json",
    "replace": "--regex --ignore-case --whole-word --only --dry-run --json",
    "undo": "--operation --json",
    "redo": "--operation --json",
    "history": "--json",
    "scan": "--json",
    "caption": "--model --length --style --prompt --params --existing --workers --rpm --base-url --json",
    "embed": "--by --method --model-path --json",
    "cluster": "--k --by --method --model-path --seed --out --json",
    "filter": "--all --regex --json",
    "words": "--only --top --ngrams --json",
    "export": "--format --only --shard-samples --shard-mb --max-side --encoding --seed --validation --zip --json",
    "push": "--public --only --license --remove --json",
    "verify": "--json",
    "import": "--existing --caption --json",
}


@pytest.mark.parametrize("command", FORMER)
def test_every_former_option_is_still_known(command: str) -> None:
    known = {option for parameter in all_commands()[command].params for option in parameter.opts}
    assert set(FORMER[command].split()) <= known
