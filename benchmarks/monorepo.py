"""What checking a monorepo takes: ``python -m benchmarks.monorepo``.

Homeassistant stands in a repository several times, and is committed. ``check`` goes over it without a store,
and with its store: where all is within the limits, where three files in ten are not, where ten files were
edited, and where a checkout has changed 500. In turn with that run a walk that asks each file's status,
``git status``, and ``check`` in an empty repository. Ratios are the medians of those of each round, less what
the empty repository takes.
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
_COLD, _PASSING, _FAILING = "cold", "warm, all pass", "warm, 3 in 10 fail"
_EDITED, _SWITCHED = "warm, 10 files edited", "warm, a checkout changed 500"
_WALK, _STATUS, _EMPTY = "walk and status", "git status", "check of nothing"
_MANY = 500
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
    run_git(folder, "init", "--quiet", "--initial-branch", "one")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message", "one")
    run_git(folder, "checkout", "--quiet", "-b", "two")
    for path in sorted(folder.rglob("*.py"))[:: max(1, times * len(files) // _MANY)][:_MANY]:
        path.write_bytes(path.read_bytes() + b"\nANOTHER = 1\n")
    run_git(folder, "commit", "--quiet", "--all", "--message", "two")
    return times * len(files)


def _make_commands(programs: Path, folder: Path, scratch: Path) -> tuple[Command, list[Command]]:
    """Return a cold run, and what is timed in turn once it has filled the store."""
    store = scratch / "store"
    environment = {"PYTEST_ANTIPASTA_CACHE_DIR": str(store)}
    check = [str(programs / "pytest-antipasta"), "check", "--quiet", "--config"]
    failing = [*check, "defaults.toml", "--warnings-fail"]
    walk = [str(programs / "python"), str(Path(__file__).with_name("walk_files.py")), str(folder)]
    empty = scratch / "empty"
    empty.mkdir()
    run_git(empty, "init", "--quiet")
    edited = sorted(folder.rglob("*.py"))[:: len(list(folder.rglob("*.py"))) // 10][:10]

    def edit() -> None:
        for path in edited:
            path.write_bytes(path.read_bytes() + b"# edited\n")

    def restore() -> None:
        run_git(folder, "checkout", "--quiet", "--force", "one")

    def switch() -> None:
        run_git(folder, "checkout", "--quiet", "--force", "one")
        run_git(folder, "checkout", "--quiet", "two")

    cold = Command(_COLD, failing, folder, environment, lambda: shutil.rmtree(store, ignore_errors=True))
    return cold, [
        Command(_WALK, walk, folder, prepare=restore),
        Command(_STATUS, ["git", "status", "--porcelain"], folder),
        Command(_EMPTY, check[:-1], empty, environment),
        Command(_PASSING, [*check, "high.toml"], folder, environment),
        Command(_FAILING, failing, folder, environment),
        Command(_EDITED, [*check, "high.toml"], folder, environment, edit),
        Command(_SWITCHED, [*check, "high.toml"], folder, environment, switch),
    ]


def _measure(programs: Path, times: int, rounds: int) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        scratch, folder = Path(name), Path(name) / "tree"
        files = _make_tree(times, folder)
        cold, others = _make_commands(programs, folder, scratch)
        first = Series(_COLD, [time_once(cold)])
        # Apart, as files that a checkout has just written are read by whoever comes next.
        series = time_in_turn(others[:-1], rounds)
        series |= time_in_turn(others[-1:], rounds)
        for one in (first, *(series[command.name] for command in others)):
            ratio = _compare(one, series[_EMPTY], series[_STATUS])
            yield f"| {files:,} | {one.name} | {_describe(one)} | {ratio} |"


def _describe(one: Series) -> str:
    return f"{one.seconds:.2f} | {one.processor:.2f} | {one.peak / 1e6:.0f}"


def _compare(one: Series, empty: Series, status: Series) -> str:
    """Return how often what git takes is what a run takes, less the start of Python."""
    if one is empty or one is status:
        return ""
    start = 0.0 if one.name == _WALK else empty.seconds
    pairs = zip(one.samples, status.samples, strict=False)
    return f"{median((own.seconds - start) / its.seconds for own, its in pairs):.1f}"


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
            "| files | run | seconds | of processors | MB | by git status |\n|---|---|---|---|---|---|",
            flush=True,
        )
        for times in args.times:
            for row in _measure(programs, times, args.rounds):
                print(row, flush=True)
    print(f"\nload after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
