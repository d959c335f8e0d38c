"""Steps of random edits in a repository: done in turn, and with fewer edits where something does not hold."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from campaigns.hunt.commands import TroubleError
from campaigns.hunt.edits import Edit, apply
from campaigns.hunt.repositories import Repository
from campaigns.hunt.trees import Tree
from campaigns.options import make_parser
from tests.environment import ENVIRONMENT

_MOST_EDITS = 4
_MOST_LINES = 40


class Plan(NamedTuple):
    """What a step does; all of it follows from the seed and the number.

    Attributes:
        seed: where chance begins, with the number of the step in it.
        kind: what is done with the edits.
        edits: for each part of history the numbers of its edits.
    """

    seed: str
    kind: str
    edits: tuple[tuple[int, ...], ...]

    def without(self, gone: int) -> Plan:
        """Return the same without an edit."""
        return self._replace(edits=tuple(tuple(one for one in part if one != gone) for part in self.edits))

    def keep(self, kept: Container[int]) -> Plan:
        """Return the same with some edits alone."""
        return self._replace(edits=tuple(tuple(one for one in part if one in kept) for part in self.edits))


class Difference(NamedTuple):
    """What does not hold.

    Attributes:
        invariant: its name.
        lines: what was said.
    """

    invariant: str
    lines: Sequence[str]


class Step(ABC):
    """A step at work; a campaign defines what happens in it.

    Attributes:
        said: what was edited.
        counts: what the campaign counts, by its name.
    """

    def __init__(self, plan: Plan, folder: Path, *, is_slow: bool) -> None:
        """Prepare a step.

        Args:
            plan: what it does.
            folder: of the repository, made anew.
            is_slow: whether pytest judges, too.
        """
        self._plan, self._is_slow = plan, is_slow
        self.said: list[str] = []
        self.counts = Counter[str]()
        shutil.rmtree(folder, ignore_errors=True)
        self._repository = Repository(folder)
        self._rng = Random(f"{plan.seed}:ways")

    @staticmethod
    @abstractmethod
    def choose(rng: Random) -> tuple[str, int]:
        """Return the kind of a step, and of how many parts its history is."""

    @abstractmethod
    def _run(self) -> Iterator[Difference]:
        """Yield what does not hold."""

    def find_difference(self) -> Difference | None:
        """Return the first invariant that does not hold."""
        try:
            return next(self._run(), None)
        except TroubleError as trouble:
            return Difference("no trouble", str(trouble).split("\n"))

    def _edit(self, tree: Tree, part: int, edits: Sequence[Edit]) -> dict[str, str]:
        edited = dict(tree)
        for number in self._plan.edits[part]:
            edited, said = apply(edited, f"{self._plan.seed}:{number}", edits)
            self.said.append(f"{number} (part {part}) {said}")
        return edited

    def _edit_in_turn(self, tree: Tree, edits: Sequence[Edit]) -> list[dict[str, str]]:
        """Return a tree as it is after each part of the history."""
        trees = []
        for part in range(len(self._plan.edits)):
            tree = self._edit(tree, part, edits)
            trees.append(tree)
        return trees


def do_steps(
    name: str, step_type: type[Step], text: str | None, argv: list[str] | None, *, steps: int, slow: int
) -> int:
    """Do as many steps as asked for.

    Args:
        name: of the campaign.
        step_type: what a step is.
        text: what the campaign does, and when it fails.
        argv: its options.
        steps: how many it takes unless it is told.
        slow: of how many steps one has pytest judge, too.

    Returns:
        1 if something does not hold.
    """
    parser = make_parser(name, text, steps=steps)
    parser.add_argument("--only", type=int, metavar="STEP", help="this step alone")
    parser.add_argument("--edits", metavar="N,N", help="of this step these edits alone")
    parser.add_argument("--first", type=int, default=0, metavar="STEP", help="the step to begin with")
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix=f"antipasta-{name}-"))
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / "cache")}
    begin, done = time.perf_counter(), 0
    failed, counts = Counter[str](), Counter[str]()
    with suppress(KeyboardInterrupt):  # what was done until then is told
        for number in range(args.first, args.first + args.steps) if args.only is None else [args.only]:
            plan = _make_plan(f"{args.seed}:{number}", step_type)
            if args.edits is not None:
                plan = plan.keep({int(edit) for edit in args.edits.split(",") if edit})
            run = partial(_run, step_type, folder / "repository", number % slow == slow - 1)
            step, difference = run(plan)
            done += 1
            counts += step.counts
            if difference is not None:
                failed[difference.invariant] += 1
                _tell(name, *_reduce(plan, step, difference, run), folder / f"step-{number}")
    os.chdir("/")
    seconds = time.perf_counter() - begin
    summary = [
        f"Python {sys.version_info[0]}.{sys.version_info[1]}, seed {args.seed}: {done} steps, "
        f"{failed.total()} differences, {done / seconds:.1f} steps a second",
        *(f"{count:,} {what}" for what, count in counts.items()),
    ]
    print(", ".join(summary))  # noqa: T201
    for invariant, count in failed.items():
        print(f"    {count}: not so: {invariant}")  # noqa: T201
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    return int(bool(failed))


def _run(step_type: type[Step], folder: Path, is_slow: bool, plan: Plan) -> tuple[Step, Difference | None]:
    step = step_type(plan, folder, is_slow=is_slow)
    return step, step.find_difference()


def _make_plan(seed: str, step_type: type[Step]) -> Plan:
    rng = Random(seed)
    kind, parts = step_type.choose(rng)
    edits, first = [], 0
    for part in range(parts):
        count = rng.randint(0 if part == 0 else 1, _MOST_EDITS)
        edits.append(tuple(range(first, first + count)))
        first += count
    return Plan(seed, kind, tuple(edits))


def _reduce(
    plan: Plan, step: Step, difference: Difference, run: Callable[[Plan], tuple[Step, Difference | None]]
) -> tuple[Plan, Step, Difference]:
    """Return what fails by the same invariant with as few edits as it takes."""
    smaller = plan
    for number in [one for part in plan.edits for one in part]:
        found = run(smaller.without(number))[1]
        if found is not None and found.invariant == difference.invariant:
            smaller = smaller.without(number)
    again, same = run(smaller)
    if same is None:
        lines = (*difference.lines, "(done again, it is not seen)")
        return plan, step, difference._replace(lines=lines)
    return smaller, again, same


def _tell(name: str, plan: Plan, step: Step, difference: Difference, kept: Path) -> None:
    """Print what does not hold, and keep the repository."""
    shutil.copytree(kept.with_name("repository"), kept)
    seed, number = plan.seed.split(":")
    edits = ",".join(str(one) for part in plan.edits for one in part)
    lines = [
        f"seed {seed}, step {number} ({plan.kind}): not so: {difference.invariant}",
        *(f"    {line}" for line in difference.lines[:_MOST_LINES]),
        "  after",
        *(f"    {said}" for said in step.said),
        f"  in {kept}; again with",
        f"    {Path(sys.executable)} -m campaigns {name} --seed {seed} --only {number} --edits {edits}",
    ]
    print("\n".join(lines), flush=True)  # noqa: T201
