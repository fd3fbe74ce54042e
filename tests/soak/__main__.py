"""`make soak`: fifty visitors for ten minutes. Ends with 1 where a demand was missed."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from pathlib import Path

from tests.soak.pictures import COUNT
from tests.soak.report import missed, report
from tests.soak.run import soak


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--visitors", type=int, default=50)
    options.add_argument("--pictures", type=int, default=COUNT)
    options.add_argument("--rounds", type=int, default=1, help="how often clusters, a bulk edit and an export are made")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    chosen = options.parse_args()
    sys.stderr.write(f"seed {chosen.seed}\n")
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        done = soak(
            Path(folder),
            seconds=chosen.seconds,
            visitors=chosen.visitors,
            count=chosen.pictures,
            seed=chosen.seed,
            rounds=chosen.rounds,
        )
    sys.stdout.write(report(done) + "\n")
    return 1 if missed(done) else 0


if __name__ == "__main__":
    sys.exit(main())
