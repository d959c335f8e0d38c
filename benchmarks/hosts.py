"""What other hosts save a cold run: ``python -m benchmarks.hosts``, as root.

Hosts are namespaces of this machine's kernel, each with a network, mounts, a clone of homeassistant and a
quota of processor time. xdist's workers come there by ssh, one to a host. The ratio is the median of those of
each round to the run with one host. With ``--kills``, one of two hosts is killed at a random moment, and what
was judged must be the same each time.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import Any, NamedTuple

from benchmarks.trees import commit, make_tree, run_git
from tests.conftest import without_other_plugins
from tests.plugin.hosts import Host, begin_hosts

_PERIOD = 100_000
_PATIENCE = 30.0
# Bytes on the wire by which a worker there has begun: a host that can't be reached ends a session.
_BEGUN = 60_000
_OPTIONS = ("--antipasta-only", "--antipasta-no-cache", "-q", "-d", "--antipasta-report=json=report.json")


class _Place(NamedTuple):
    """Where hosts begin: the tree that they have clones of, a folder for these, and what share each has."""

    tree: Path
    scratch: Path
    share: float


class _Run(NamedTuple):
    """What a run took.

    Attributes:
        seconds: by the clock.
        processor: seconds of processor time on this host.
        wire: bytes that went between the hosts.
        files: as the report has them.
    """

    seconds: float
    processor: float
    wire: int
    files: Any


def _limit(host: Host, share: float) -> Path:
    """Give all that runs on a host, and what will, a share of one processor; return its control group."""
    processes, quota = host.list_processes(), int(share * _PERIOD)
    controller, limits = Path("/sys/fs/cgroup"), {"cpu.max": f"{quota} {_PERIOD}"}
    if (controller / "cpu").is_dir():  # the first version of control groups
        controller /= "cpu"
        limits = {"cpu.cfs_period_us": str(_PERIOD), "cpu.cfs_quota_us": str(quota)}
    group = controller / f"antipasta-{processes[0]}"
    group.mkdir()
    for name, limit in limits.items():
        (group / name).write_text(limit)
    for pid in processes:
        (group / "cgroup.procs").write_text(str(pid))
    return group


def _remove(group: Path) -> None:
    """Remove a control group as soon as the last of its processes has ended."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return group.rmdir()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


@contextmanager
def _begin(number: int, place: _Place) -> Iterator[list[Host]]:
    clones = [place.scratch / f"clone{one}" for one in range(number)]
    for clone in clones:
        if not clone.exists():
            run_git(place.scratch, "clone", "--quiet", str(place.tree), str(clone))
    keys = Path(tempfile.mkdtemp(dir=place.scratch))
    groups: list[Path] = []
    try:
        with begin_hosts(place.tree, clones, keys) as hosts:
            groups += (_limit(host, place.share) for host in hosts)
            yield hosts
    finally:
        for group in groups:
            _remove(group)


def _check(tree: Path, hosts: Sequence[Host]) -> _Run:
    """Check with a worker on each host."""
    line = [sys.executable, "-m", "pytest", *_OPTIONS, *(f"--tx={host.ssh}" for host in hosts)]
    before, wire, began = os.times(), sum(host.count_bytes() for host in hosts), time.perf_counter()
    done = subprocess.run(line, cwd=tree, check=False, capture_output=True, text=True)
    seconds, after = time.perf_counter() - began, os.times()
    report = tree / "report.json"
    if done.returncode not in (0, 1) or not report.exists():
        raise SystemExit(f"exit code {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    files = json.loads(report.read_bytes())["files"]
    report.unlink()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return _Run(seconds, used, sum(host.count_bytes() for host in hosts) - wire, files)


def _time_hosts(place: _Place, numbers: Sequence[int], rounds: int) -> Iterator[str]:
    series: dict[int, list[_Run]] = {number: [] for number in numbers}
    for _ in range(rounds):
        for number in numbers:
            with _begin(number, place) as hosts:
                series[number].append(_check(place.tree, hosts))
    yield f"| hosts, {place.share:g} of a processor each | seconds | by one host | here | bytes a file |"
    yield "|---|---|---|---|---|"
    for number, runs in series.items():
        seconds, processor = (median(run[index] for run in runs) for index in (0, 1))
        ratio = median(run.seconds / one.seconds for run, one in zip(runs, series[numbers[0]], strict=True))
        wire = median(run.wire for run in runs) / len(runs[0].files)
        yield f"| {number} | {seconds:.1f} | {ratio:.2f} | {processor:.1f} s | {wire:.0f} |"


def _kill_hosts(place: _Place, rounds: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)  # noqa: S311 - of moments, not of secrets
    with _begin(2, place) as hosts:
        expected = _check(place.tree, hosts)
    wrong = 0
    killed: list[int] = []
    for number in range(rounds):
        size = int(chance.uniform(_BEGUN, expected.wire / 2))
        with _begin(2, place) as hosts:
            ended = Event()
            killing = Thread(target=_kill_after, args=(chance.choice(hosts), size, ended, killed))
            killing.start()
            try:
                run = _check(place.tree, hosts)
            finally:
                ended.set()
                killing.join()
        if run.files != expected.files:
            wrong += 1
            yield f"round {number}, killed after {size:,} bytes: other results"
    yield f"{rounds} rounds of {expected.seconds:.1f} s, {len(killed)} hosts killed: {wrong} other results"


def _kill_after(host: Host, size: int, ended: Event, killed: list[int]) -> None:
    """Kill all that runs on a host once so many bytes have gone there or come from there."""
    while host.count_bytes() < size:
        if ended.wait(0.005):
            return
    host.kill()
    killed.append(size)


def main() -> None:
    """Print a table, or what killing has done."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.hosts",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=3, help="of which medians are taken")
    parser.add_argument("--hosts", type=int, nargs="+", default=[1, 2], help="how many there are, in turn")
    parser.add_argument("--share", type=float, default=0.35, help="of a processor that each host has")
    parser.add_argument("--files", type=int, default=6725, help="of homeassistant's")
    parser.add_argument("--kills", type=int, metavar="N", help="kill a host N times, in place of timing")
    parser.add_argument("--seed", type=int, default=0, help="where chance begins")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="antipasta-hosts-") as name:
        place = _Place(make_tree(args.files, Path(name)), Path(name), args.share)
        (place.tree / "pytest.ini").write_text(f"[pytest]\naddopts = {without_other_plugins(())}\n")
        commit(place.tree)
        if args.kills:
            lines = _kill_hosts(place, args.kills, args.seed)
        else:
            lines = _time_hosts(place, args.hosts, args.rounds)
        for line in lines:
            print(line, flush=True)


if __name__ == "__main__":
    main()
