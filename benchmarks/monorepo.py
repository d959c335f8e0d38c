"""What checking a monorepo takes: ``python -m benchmarks.monorepo``.

Homeassistant stands in a tree several times. ``check`` goes over it without a store, with its store where all
is within the limits, and with its store where three files in ten are not and are told; in turn with a walk
over the same tree in one process that asks each file's status. Ratios are the medians of those of each round.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks.environments import describe_versions, make_own_environment
from benchmarks.timing import Command, Series, time_in_turn, time_once
from benchmarks.trees import run_git
from tests.corpora import corpus, python_files

_NAME = "homeassistant"
_TIMES = (1, 15)
_COLD, _PASSING, _FAILING, _FLOOR = "cold", "warm, all pass", "warm, 3 in 10 fail", "walk and status"
_DEFAULTS = "[tool.pytest-antipasta]\n"
_HIGH = """\
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 10000
cognitive_complexity = 10000
maintainability_index = 0
"""


def _make_tree(times: int, folder: Path) -> int:
    """Write the code base as many times into a repository, and return the number of files."""
    files = python_files(_NAME)
    for source in files:
        path = source.relative_to(corpus(_NAME))
        for number in range(times):
            target = folder / f"project{number:02}" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
    (folder / "defaults.toml").write_text(_DEFAULTS)
    (folder / "high.toml").write_text(_HIGH)
    run_git(folder, "init", "--quiet")
    return times * len(files)


def _make_commands(programs: Path, folder: Path, scratch: Path) -> tuple[Command, list[Command]]:
    """Return a cold run, and what is timed in turn once it has filled the store."""
    store = scratch / "store"
    environment = {"PYTEST_ANTIPASTA_CACHE_DIR": str(store)}
    check = [str(programs / "pytest-antipasta"), "check", "--quiet", "--config"]
    failing = [*check, "defaults.toml"]
    walk = [str(programs / "python"), str(Path(__file__).with_name("walk_files.py")), str(folder)]
    cold = Command(_COLD, failing, folder, environment, lambda: shutil.rmtree(store, ignore_errors=True))
    return cold, [
        Command(_FLOOR, walk, folder),
        Command(_PASSING, [*check, "high.toml"], folder, environment),
        Command(_FAILING, failing, folder, environment),
    ]


def _measure(programs: Path, times: int, rounds: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        scratch, folder = Path(name), Path(name) / "tree"
        files = _make_tree(times, folder)
        cold, others = _make_commands(programs, folder, scratch)
        first = Series(_COLD, [time_once(cold)])
        series = time_in_turn(others, rounds)
        floor = series[_FLOOR]
        for one in (floor, first, *(series[command.name] for command in others[1:])):
            yield f"| {files:,} | {one.name} | {_describe(one)} | {_compare(one, floor)} |"


def _describe(one: Series) -> str:
    return f"{one.seconds:.2f} | {one.processor:.2f} | {one.peak / 1e6:.0f}"


def _compare(one: Series, floor: Series) -> str:
    pairs = zip(one.samples, floor.samples, strict=False)
    return f"{median(own.seconds / its.seconds for own, its in pairs):.1f}"


def main() -> None:
    """Print a row for each size and command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.monorepo", description=main.__doc__)
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="that count; 5 by default")
    text = "how often the code base stands there"
    parser.add_argument("--times", type=int, nargs="+", default=_TIMES, metavar="N", help=text)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        programs = make_own_environment(Path(name))
        print(f"load before: {os.getloadavg()[0]:.1f}; {' '.join(describe_versions(programs))}\n")
        print(
            "| files | run | seconds | of processors | MB | by walking |\n|---|---|---|---|---|---|",
            flush=True,
        )
        for times in args.times:
            for row in _measure(programs, times, args.rounds):
                print(row, flush=True)
    print(f"\nload after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
