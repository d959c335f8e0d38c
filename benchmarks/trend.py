"""How long the history of a repository takes, as a table.

"trend, cold" goes over the last commits of a clone without a store, in turn
with the engine over the distinct contents of these commits in one process;
"trend, again" with its store, in turn with git log --raw. wily goes over a few
of the commits, and over five times as many: what the others take is what each
further commit takes. The first one that it goes over takes it minutes where a
repository has files as large as black's.

The rows of docs/trend.md are black's repository with
--also src/black/nodes.py::whitespace, and click's with --also=--hotspots.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.environments import WILY, describe_versions, make_own_environment, make_wily_environment
from benchmarks.timing import Command, Series, time_in_turn, time_once
from pytest_antipasta.files.source_paths import SourcePaths
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.settings.load import load_settings

# How many times as many commits it goes over, too.
_MORE = 5
_READ = 500
_COLD, _WARM, _ENGINE, _LOG = "trend, cold", "trend, again", "engine, one process", "git log --raw"


def _find_blobs(folder: Path, number: int) -> set[str]:
    """Return git's names of the contents that source files had in the last commits."""
    repository = Repository(folder)
    paths = SourcePaths(load_settings(folder)[0], repository.top)
    names = [commit.name for commit in repository.history.list_first_parents("HEAD")[-number:]]
    changes = [repository.diffs.of_whole(names[0]), *repository.diffs.along(names)]
    return {diff.blob for change in changes for diff in paths.find_new(change).values()}


def _write_blobs(folder: Path, blobs: set[str], target: Path) -> int:
    """Write contents as files, and return how many bytes they have."""
    target.mkdir()
    names, size = sorted(blobs), 0
    for start in range(0, len(names), _READ):
        for blob, data in Repository(folder).objects.read_blobs(names[start : start + _READ]).items():
            (target / blob).write_bytes(data)
            size += len(data)
    return size


def _make_commands(programs: Path, clone: Path, scratch: Path, *options: str) -> tuple[Command, Command]:
    """Return trend with some options, without a store and with what that has left."""
    store = scratch / "store"
    environment = {"PYTEST_ANTIPASTA_CACHE_DIR": str(store)}
    line = [str(programs / "pytest-antipasta"), "trend", *options, "--format", "json"]
    cold = Command(_COLD, line, clone, environment, lambda: shutil.rmtree(store, ignore_errors=True))
    return cold, Command(_WARM, line, clone, environment)


def _time_own(programs: Path, clone: Path, scratch: Path, number: int, rounds: int) -> dict[str, Series]:
    cold, warm = _make_commands(programs, clone, scratch, "--commits", str(number))
    measure = str(Path(__file__).with_name("measure_files.py"))
    engine = Command(_ENGINE, [str(programs / "python"), measure, str(scratch / "blobs")], scratch)
    options = (
        "--first-parent",
        "--diff-merges=first-parent",
        "--no-abbrev",
        "--no-renames",
        "-n",
        str(number),
    )
    log = Command(_LOG, ["git", "--no-pager", "log", "--raw", *options], clone)
    return time_in_turn((cold, engine), rounds, warm_up=False) | time_in_turn((warm, log), rounds)


def _time_also(programs: Path, clone: Path, scratch: Path, option: str, rounds: int) -> Iterator[str]:
    """Yield what trend takes over the whole history with one more option, or for a block."""
    for command in _make_commands(programs, clone, scratch, option):
        (series,) = time_in_turn([command], rounds, warm_up=False).values()
        yield _format(f"{command.name}, {option}, all commits", series)


def _format(name: str, series: Series) -> str:
    taken = f"{series.seconds:.2f} s, {series.processor:.2f} s of processors, {series.peak / 1e6:.0f} MB"
    return f"| {name} | {taken} |"


def _compare_own(series: dict[str, Series], processes: int) -> Iterator[str]:
    cold, engine, warm, log = (series[name].samples for name in (_COLD, _ENGINE, _WARM, _LOG))
    yield from (_format(name, one) for name, one in series.items())
    ratios = [own.seconds * processes / its.seconds for own, its in zip(cold, engine, strict=True)]
    yield f"| cold by the engine's time through {processes} processes | {_describe(ratios)}, at most 1.5 |"
    # Without what else the machine does meanwhile.
    used = [own.processor / its.processor for own, its in zip(cold, engine, strict=True)]
    yield f"| the same in seconds of processors | {_describe(used)} |"
    more = [own.seconds - its.seconds for own, its in zip(warm, log, strict=True)]
    yield f"| again, besides `git log --raw` | {_describe(more)} s, at most 1 |"


def _describe(numbers: list[float]) -> str:
    return f"{statistics.median(numbers):.2f} ({min(numbers):.2f} to {max(numbers):.2f})"


def _compare_wily(clone: Path, scratch: Path, some: int, number: int, seconds: float) -> Iterator[str]:
    """Yield what wily takes for a few commits, and what that makes of all of them."""
    programs = make_wily_environment(scratch)
    few, more = (_time_wily(programs, clone, scratch / f"home-{one}", one) for one in (some, _MORE * some))
    yield f"| {WILY}, {some} commits | {few:.1f} s |"
    yield f"| wily, {_MORE * some} commits | {more:.1f} s |"
    whole = few + (more - few) / (_MORE * some - some) * (number - some)
    yield f"| wily, {number} commits at that rate | {whole:.0f} s |"
    yield f"| wily by trend, cold | {whole / seconds:.0f}, at least 50 |"


def _time_wily(programs: Path, clone: Path, home: Path, revisions: int) -> float:
    home.mkdir()
    line = [str(programs / "wily"), "build", "--max-revisions", str(revisions), "."]
    taken = time_once(Command("wily", line, clone, {"HOME": str(home)})).seconds
    written = {path.stem for path in home.glob(".wily/*/git/*.json")} - {"index"}
    if len(written) < revisions:
        raise SystemExit(f"wily has {len(written)} of {revisions} commits")
    return taken


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.trend",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("repository", help="a folder or an address; it is cloned")
    numbers = (
        ("--commits", 2000, "the last commits, which all but --also and wily go over"),
        ("--wily", 20, "commits for wily, which then goes over five times as many; 0 leaves it out"),
        ("--rounds", 3, "runs of each but wily, of which the median is taken"),
    )
    for name, default, text in numbers:
        parser.add_argument(
            name, type=int, default=default, metavar="N", help=f"{text}; {default} by default"
        )
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="OPTION",
        help="time trend with this over all commits, too: --also=--hotspots, or FILE::BLOCK",
    )
    args = parser.parse_args()
    processes = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        scratch, clone = Path(name), Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", args.repository, str(clone)], check=True)
        own = make_own_environment(scratch)
        blobs = _find_blobs(clone, args.commits)
        size = _write_blobs(clone, blobs, scratch / "blobs")
        print(f"load before: {os.getloadavg()[0]:.1f}; {' '.join(describe_versions(own))}\n")
        print(
            f"| {args.commits} commits | {len(blobs)} contents, {size / 1e6:.0f} MB |\n|---|---|", flush=True
        )
        series = _time_own(own, clone, scratch, args.commits, args.rounds)
        print(*_compare_own(series, processes), sep="\n", flush=True)
        for option in args.also:
            print(*_time_also(own, clone, scratch, option, args.rounds), sep="\n", flush=True)
        if args.wily:
            for row in _compare_wily(clone, scratch, args.wily, args.commits, series[_COLD].seconds):
                print(row, flush=True)
        print(f"\nload after: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
