"""Commits of a repository, judged by the gate and by the naive judge."""

from __future__ import annotations

import itertools
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from campaigns.hunt import naive
from campaigns.hunt.contents import measure_fully
from campaigns.hunt.naive import Row, rows_of
from campaigns.options import make_parser
from pytest_antipasta.engine.measuring.measurer import open_measurer
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.gate.change_sets import committed_changes
from pytest_antipasta.gate.gate import Gate
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.sides import open_side
from pytest_antipasta.gate.trees import CommitTree
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.model.run import GateVerdict
from pytest_antipasta.settings.values import Settings


def git(folder: Path, *args: str, text: str = "") -> str:
    """Run git in a folder."""
    done = subprocess.run(["git", *args], cwd=folder, input=text.encode(), capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def make_settings(folder: Path) -> Settings:
    """Return the defaults by which files fail, too, with time for all."""
    limits = {metric: replace(limit, level="error") for metric, limit in default_thresholds().items()}
    top, named = Repository(folder).top, tuple(limits)
    return Settings(root=top, source=None, time_budget=1e9, thresholds=limits, named=named)


def judge_by_gate(folder: Path, old: str, new: str, settings: Settings) -> GateVerdict:
    """Return the gate's verdict on the way from one commit to another."""
    side = open_side(CommitTree(Repository(folder), new), folder, lambda _: Rules(settings))
    measure_all = ContentMeasurer(side.rules, open_measurer(settings, None))
    return Gate(measure_all, committed_changes(side, old)).judge()


def judge_by_rule(folder: Path, old: str, new: str, settings: Settings) -> set[Row]:
    """Return the naive judge's verdict, from git's own commands."""
    limits = tuple(settings.thresholds.values())
    rules = naive.Rules(lambda *_: limits, settings.critical_functions, settings.strict_files)
    judged = naive.Change(*_read_change(folder, old, new), rules).judge()
    return {(*number, grade) for number, (grade,) in judged.items() if grade != "passes"}


def _read_change(folder: Path, old: str, new: str) -> tuple[naive.State, naive.State, dict[str, str]]:
    """Return the files that differ, before and after, and for each of them that was there its path then."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    origins: dict[str, str] = {}
    fields = iter(git(folder, "diff", "--name-status", "-z", "-M", old, new).split("\0"))
    for status in filter(None, fields):
        path = next(fields)
        origin, path = (path, next(fields)) if status[0] == "R" else (path, path)
        if status[0] != "A" and origin.endswith(".py"):
            before[origin] = _read(folder, old, origin)
        if status[0] != "D" and path.endswith(".py"):
            after[path] = _read(folder, new, path)
            if status[0] != "A":
                origins[path] = origin
    return _measure(before), _measure(after), origins


def _measure(contents: Mapping[str, bytes]) -> naive.State:
    return naive.State({path: measure_fully(data) for path, data in contents.items()})


def compare(folder: Path, old: str, new: str, settings: Settings) -> set[Row]:
    """Return what one judge says and the other does not."""
    verdict = judge_by_gate(folder, old, new, settings)
    assert not verdict.left_out
    assert not verdict.unreadable
    return rows_of(verdict.verdicts) ^ judge_by_rule(folder, old, new, settings)


def iter_steps(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each commit with each of its parents, the newest first: the parent comes first."""
    for line in git(folder, "rev-list", "--parents", "HEAD").splitlines():
        commit, *parents = line.split()
        yield from ((parent, commit) for parent in parents)


def _read(folder: Path, commit: str, path: str) -> bytes:
    done = subprocess.run(
        ["git", "cat-file", "blob", f"{commit}:{path}"], cwd=folder, capture_output=True, check=True
    )
    return done.stdout


def main(argv: Sequence[str] | None = None) -> int:
    """Judge the newest commits of a repository; print each difference and return 1 if there is one."""
    parser = make_parser("replay", main.__doc__, steps=100, step="how many commits")
    parser.add_argument("repository", type=Path, help="its folder")
    args = parser.parse_args(argv)
    settings = make_settings(args.repository)
    steps = [*itertools.islice(iter_steps(args.repository), args.steps)]
    different = blocked = 0
    for old, new in steps:
        differences = compare(args.repository, old, new, settings)
        different += bool(differences)
        blocked += any(one.failed for one in judge_by_gate(args.repository, old, new, settings).verdicts)
        for row in differences:
            print(new, *row)  # noqa: T201
    print(f"{len(steps)} commits, {blocked} blocked, {different} judged differently")  # noqa: T201
    return int(different > 0)
