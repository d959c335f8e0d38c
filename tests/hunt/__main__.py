"""``python -m tests.hunt --steps N --seed S``: edits, commits and merges, until one has a wrong verdict."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.hunt.episode import STEPS, WrongVerdictError, play


def main() -> None:
    """Play episodes; each wrong verdict is printed, and its repository kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.hunt", description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="commits in all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="the number of one episode")
    parser.add_argument("--folder", type=Path, help="where repositories are made; a temporary one by default")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp()) if args.folder is None else args.folder.resolve()
    numbers = range(-(-args.steps // STEPS)) if args.only is None else [args.only]
    start, wrong = time.monotonic(), 0
    for number in numbers:
        place = folder / str(number)
        try:
            play(place, args.seed, number)
            shutil.rmtree(place)
        except WrongVerdictError as error:
            wrong += 1
            again = f"python -m tests.hunt --seed {args.seed} --only {number}"
            sys.stdout.write(f"{error}\nagain: `{again}`; the repository is {place}\n\n")
            sys.stdout.flush()
    rate = len(numbers) * STEPS / (time.monotonic() - start)
    sys.stdout.write(f"{len(numbers) * STEPS} steps, {rate:.1f} a second: {wrong} wrong verdicts\n")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
