"""Random changes: staged, in the working tree, in a range and in a push, the same is said of each.

``python -m campaigns ways --steps N --seed S``
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from campaigns.hunt.main import ENVIRONMENT, reduce
from campaigns.hunt.steps import Difference, Plan
from campaigns.options import make_parser
from campaigns.ways.steps import Step, make_plan

_SLOW = 25


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if two ways in differ."""
    parser = make_parser("ways", main.__doc__, steps=100)
    parser.add_argument("--only", type=int, metavar="STEP", help="this step alone")
    parser.add_argument("--edits", metavar="N,N", help="of this step these edits alone")
    parser.add_argument("--first", type=int, default=0, metavar="STEP", help="the step to begin with")
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="antipasta-ways-"))
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / "cache")}
    begin, failed, done = time.perf_counter(), Counter[str](), 0
    with suppress(KeyboardInterrupt):  # what was done until then is told
        for number in range(args.first, args.first + args.steps) if args.only is None else [args.only]:
            plan = make_plan(args.seed, number)
            if args.edits is not None:
                plan = plan.keep({int(edit) for edit in args.edits.split(",") if edit})
            done += 1
            if (difference := _go(plan, number, folder)) is not None:
                failed[difference.invariant] += 1
    os.chdir("/")
    seconds = time.perf_counter() - begin
    total = failed.total()
    print(f"seed {args.seed}: {done} steps, {total} differences, {done / seconds:.1f} steps a second")  # noqa: T201
    for invariant, count in failed.items():
        print(f"    {count}: not so: {invariant}")  # noqa: T201
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    return int(bool(failed))


def _go(plan: Plan, number: int, folder: Path) -> Difference | None:
    """Return the first difference in a step, if any, and print it with as few edits as it takes."""

    def run(plan: Plan) -> tuple[Step, Difference | None]:
        step = Step(plan, folder / "repository", is_slow=number % _SLOW == _SLOW - 1)
        return step, step.find_difference()

    _, difference = run(plan)
    if difference is None:
        return None
    plan = reduce(plan, difference, run)
    step, same = run(plan)
    lines = (same or difference).lines
    kept = folder / f"step-{number}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(folder / "repository", kept)
    edits = ",".join(str(edit) for part in plan.edits for edit in part)
    seed = plan.seed.partition(":")[0]
    again = f"{Path(sys.executable)} -m campaigns ways --seed {seed} --only {number} --edits {edits}"
    text = [
        f"seed {seed}, step {number}: not so: {difference.invariant}",
        *(f"    {line}" for line in lines[:40]),
    ]
    text += ["  after", *(f"    {said}" for said in step.said), f"  in {kept}; again with", f"    {again}"]
    print("\n".join(text), flush=True)  # noqa: T201
    return difference
