"""The hunt: random edits of real files, and whether what is said of them is what the pages promise."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from campaigns.hunt.steps import Difference, Plan, Step, make_plan
from campaigns.options import make_parser

_SLOW = 50
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "A. Author",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "A. Author",
    "GIT_COMMITTER_EMAIL": "author@example.org",
    "LC_ALL": "C",
}


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if something was said wrong."""
    parser = make_parser("hunt", main.__doc__, steps=200)
    parser.add_argument("--only", type=int, metavar="STEP", help="this step alone")
    parser.add_argument("--edits", metavar="N,N", help="of this step these edits alone")
    parser.add_argument("--first", type=int, default=0, metavar="STEP", help="the step to begin with")
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="antipasta-hunt-"))
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / "cache")}
    hunt = Hunt(args.seed, folder, args.edits)
    steps = range(args.first, args.first + args.steps) if args.only is None else [args.only]
    with suppress(KeyboardInterrupt):  # what was done until then is told
        for step in steps:
            hunt.go(step)
    os.chdir("/")
    print(hunt.describe())  # noqa: T201
    if not hunt.failed:
        shutil.rmtree(folder, ignore_errors=True)
    return int(bool(hunt.failed))


class Hunt:
    """Steps, and what came of them.

    Attributes:
        failed: the numbers of those in which something does not hold.
    """

    def __init__(self, seed: int, folder: Path, edits: str | None) -> None:
        """Begin with a seed, in a folder; with edits of some numbers alone, if any are given."""
        self._seed, self._folder = seed, folder
        self._edits = None if edits is None else {int(one) for one in edits.split(",") if one}
        self._begin = time.perf_counter()
        self._done, self._sure = 0, [0, 0]
        self.failed: list[int] = []

    def go(self, number: int) -> None:
        """Do a step."""
        plan = make_plan(self._seed, number)
        if self._edits is not None:
            plan = plan.keep(self._edits)
        is_slow = number % _SLOW == _SLOW - 1

        def run(plan: Plan) -> tuple[Step, Difference | None]:
            step = Step(plan, self._folder / "repository", is_slow=is_slow)
            return step, step.find_difference()

        step, difference = run(plan)
        self._done += 1
        self._sure = [sum(both) for both in zip(self._sure, step.sure, strict=True)]
        if difference is not None:
            self.failed.append(number)
            smaller = reduce(plan, difference, run)
            again, same = run(smaller)
            if same is None:
                lines = (*difference.lines, "(done again, it is not seen)")
                self._tell(number, plan, step, difference._replace(lines=lines))
            else:
                self._tell(number, smaller, again, same)

    def _tell(self, number: int, plan: Plan, step: Step, difference: Difference) -> None:
        """Print what does not hold, and keep the repository."""
        kept = self._folder / f"step-{number}"
        shutil.copytree(self._folder / "repository", kept)
        edits = ",".join(str(one) for part in plan.edits for one in part)
        lines = [
            f"seed {self._seed}, step {number} ({plan.kind}): {difference.invariant}",
            *(f"    {line}" for line in difference.lines[:20]),
            "  after",
            *(f"    {said}" for said in step.said),
            f"  in {kept}; again with",
            f"    {Path(sys.executable)} -m campaigns hunt --seed {self._seed} --only {number}"
            f" --edits {edits}",
        ]
        print("\n".join(lines), flush=True)  # noqa: T201

    def describe(self) -> str:
        """Return how much was done, and what came of it."""
        seconds = time.perf_counter() - self._begin
        version = ".".join(map(str, sys.version_info[:2]))
        share = self._sure[0] / max(1, self._sure[1])
        return (
            f"Python {version}, seed {self._seed}: {self._done} steps, {len(self.failed)} differences, "
            f"{self._done / seconds:.1f} steps a second, {share:.0%} of {self._sure[1]:,} numbers expected"
        )


def reduce(
    plan: Plan, difference: Difference, run: Callable[[Plan], tuple[object, Difference | None]]
) -> Plan:
    """Return a plan with as few edits as it takes for the same invariant not to hold."""
    for number in [one for part in plan.edits for one in part]:
        smaller = plan.without(number)
        found = run(smaller)[1]
        if found is not None and found.invariant == difference.invariant:
            plan = smaller
    return plan
