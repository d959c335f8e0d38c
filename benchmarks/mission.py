"""What was asked for, what is measured, and the command that does it: ``python -m benchmarks.mission``.

Writes ``docs/mission.md``. Limits are in seconds and megabytes of the machine that runs it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from msgspec import Struct

from benchmarks.commits import Commits
from benchmarks.environments import describe_versions, make_environment
from benchmarks.figures import describe_machine
from benchmarks.scenarios import Programs
from benchmarks.timing import Command, Sample, time_once
from benchmarks.trees import SIZES, commit, make_tree, run_git
from tests.corpora import WHEELS, compare, corpus, python_files

_PROJECT = Path(__file__).parent.parent
_PAGE = _PROJECT / "docs" / "mission.md"
_COLD_SECONDS = {10: 0.5, 50: 2.0, 200: 5.0}
_COMMIT_FILES = 5
_LEAST_FOR_COMMITS = 50
_HOOKS = """\
repos:
  - repo: local
    hooks:
      - id: antipasta
        name: antipasta
        entry: {entry}
        language: system
        types_or: [python, pyi, jupyter]
        require_serial: true
"""


class Goal(Struct, frozen=True):
    """Something that was asked for, and what came of it.

    Attributes:
        text: what was asked for.
        limit: the most that it may be, or for what has to be large the least.
        measured: the median of the rounds.
        unit: of both.
        command: that was measured.
        is_least: whether the limit is a lower one.
    """

    text: str
    limit: float
    measured: float
    unit: str
    command: str
    is_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is kept; `under` and `over` leave the limit itself out, as long as that is not 0."""
        if self.is_least:
            return self.measured > self.limit
        return self.measured < self.limit or self.measured == self.limit == 0


def measure_goals(programs: Path, sizes: Sequence[int], rounds: int, scratch: Path) -> Iterator[Goal]:
    """Yield what came of each goal.

    Args:
        programs: the folder of an environment that has us, pytest-xdist and pre-commit.
        sizes: of the trees, in files.
        rounds: of each command.
        scratch: an empty folder.
    """
    peaks: list[float] = []
    for size in sizes:
        scenarios = Programs(programs, programs, make_tree(size, scratch), scratch)
        (cold,) = (one for one in scenarios.cold("auto") if one.name.startswith("pytest"))
        (warm, *_) = scenarios.warm()
        samples = _repeat(cold, rounds)
        peaks += (sample.peak / 1e6 for sample in samples)
        limit = _COLD_SECONDS.get(size)
        if limit is not None:
            text = f"{size} files that nobody has measured"
            yield Goal(text, limit, _seconds(samples), "s", "pytest --antipasta-only -n auto")
        samples = _repeat(warm, rounds)
        peaks += (sample.peak / 1e6 for sample in samples)
        yield Goal(
            f"{size:,} files, all in the store", 0.5, _seconds(samples), "s", "pytest --antipasta-only"
        )
    yield Goal("memory of the largest process of these runs", 500, max(peaks), "MB", "the same")
    size = max((size for size in sizes if size <= 885), default=sizes[0])
    tree, store = scratch / f"tree-{size}", scratch / f"store-tree-{size}"
    yield from _look_at_store(programs, tree, store, size)
    if size >= _LEAST_FOR_COMMITS:
        yield from _time_commits(programs, tree, store, rounds)


def _look_at_store(programs: Path, tree: Path, store: Path, size: int) -> Iterator[Goal]:
    """Yield what reports say of the store: its hits after every twentieth file has changed, and its times."""
    check = (str(programs / "pytest-antipasta"), "check", "--quiet", "--cache-dir", str(store))
    report = store.parent / "report.json"

    def run() -> Any:
        time_once(Command("check", (*check, "--report", f"json={report}"), tree))
        return json.loads(report.read_bytes())["run"]

    run_git(tree, "reset", "--quiet", "--hard")
    run()
    for path in sorted(tree.rglob("*.py"))[::20]:
        with path.open("a", encoding="utf-8") as file:
            file.write("\n\ndef added(value):\n    return value\n")
    changed = run()
    share = 100 * changed["hits"] / (changed["hits"] + changed["misses"])
    shown = "pytest-antipasta check --report json=…"
    text = f"files of {size} found in the store after a twentieth has changed"
    yield Goal(text, 80, share, "%", shown, is_least=True)
    for kind in ("reads", "writes"):
        milliseconds = 1000 * changed["store"][kind]["median"]
        yield Goal(f"one of the store's {kind}", 10, milliseconds, "ms", shown)
    run_git(tree, "reset", "--quiet", "--hard")


def _time_commits(programs: Path, tree: Path, store: Path, rounds: int) -> Iterator[Goal]:
    """Yield how long a commit of a few files waits: for us alone, and with pre-commit around it."""
    commits = Commits(programs, programs, tree, store)
    hook = next(one for one in commits.judge() if one.name == f"hook, {_COMMIT_FILES} files")
    text = f"a commit of {_COMMIT_FILES} files"
    yield Goal(text, 1, _seconds(_repeat(hook, rounds)), "s", "pytest-antipasta hook")
    entry = f"{programs / 'pytest-antipasta'} hook --cache-dir {store}"
    (tree / ".pre-commit-config.yaml").write_text(_HOOKS.format(entry=entry), encoding="utf-8")
    commit(tree)
    line = (str(programs / "pre-commit"), "run")
    by_pre_commit = Command("pre-commit", line, tree, prepare=hook.prepare)
    yield Goal(f"{text}, by pre-commit", 2, _seconds(_repeat(by_pre_commit, rounds)), "s", "pre-commit run")


def compare_numbers(names: Sequence[str]) -> Goal:
    """Return in how many numbers of some code bases we differ from radon and complexipy."""
    found = [compare(python_files(name), corpus(name)) for name in names]
    files, blocks = (sum(getattr(one, kind) for one in found) for kind in ("files", "blocks"))
    text = f"numbers of {files:,} files with {blocks:,} blocks that differ from radon's and complexipy's"
    return Goal(text, 0, sum(len(one.differences) for one in found), "", "python -m tests.corpora --all")


def _repeat(command: Command, rounds: int) -> list[Sample]:
    time_once(command)  # which fills the file cache and writes byte code
    return [time_once(command) for _ in range(rounds)]


def _seconds(samples: Sequence[Sample]) -> float:
    return median(sample.seconds for sample in samples)


def format_page(goals: Sequence[Goal], versions: Sequence[str], rounds: int) -> str:
    """Return the page as Markdown."""
    rows = "".join(f"{_format_row(goal)}\n" for goal in goals)
    return (
        "# What was asked for\n\n"
        f"Written by `python -m benchmarks.mission` on {describe_machine()}. Times are medians of {rounds} "
        "runs by the clock, with Python's start; [benchmarks](benchmarks.md) has ratios, which mean more on "
        "other machines.\n\n"
        "| | asked | measured | | command |\n|---|---:|---:|---|---|\n"
        f"{rows}\n## Versions\n\n{', '.join(versions)}\n"
    )


def _format_row(goal: Goal) -> str:
    asked = f"{'over' if goal.is_least else 'under'} {goal.limit:g} {goal.unit}" if goal.limit else "0"
    mark = "holds" if goal.holds else "**missed**"
    measured = f"{goal.measured:.3g} {goal.unit}".rstrip()
    return f"| {goal.text} | {asked} | {measured} | {mark} | `{goal.command}` |"


def main(argv: Sequence[str] | None = None, make: Callable[..., Path] = make_environment) -> int:
    """Measure, and write the page; exit code 1 where a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mission", description=__doc__)
    parser.add_argument("--files", type=int, nargs="+", default=SIZES, help="only trees of these sizes")
    parser.add_argument("--rounds", type=int, default=5, help="runs of which the median is taken")
    parser.add_argument("--corpora", nargs="+", default=list(WHEELS), help="code bases to compare numbers of")
    parser.add_argument("--output", type=Path, default=_PAGE, help="the page")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mission-") as name:
        scratch = Path(name)
        programs = make(scratch / "own", "pre-commit", "pytest-xdist", str(_PROJECT))
        goals = [*measure_goals(programs, args.files, args.rounds, scratch), compare_numbers(args.corpora)]
        versions = describe_versions(programs)
    page = format_page(goals, versions, args.rounds)
    args.output.write_text(page, encoding="utf-8")
    print(page)
    return 0 if all(goal.holds for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
