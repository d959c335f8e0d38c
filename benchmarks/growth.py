"""How long the gate takes for commits of twice the size: ``python -m benchmarks.growth``.

Each kind of commit is judged at four sizes by ``hook`` without its time budget and by ``check --staged``; the
last column is the largest of the ratios between a size and the one before. Linear is 2.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

_SETTINGS = """\
[tool.pytest-antipasta]
time_budget = 600
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
"""
_COMMANDS = {"hook": ("hook",), "check --staged": ("check", "--staged", "--no-cache")}
_Files = Mapping[str, str]


def _function(name: str, number: int, result: str) -> str:
    branches = "".join(f"    if a == {number + branch}: a += 1\n" for branch in range(4))
    return f"def {name}(a):\n{branches}    return {result}\n"


def _renamed_folder(size: int) -> tuple[_Files, _Files]:
    """Files with one function that is recorded, in a folder that is renamed, a line edited in each."""
    before = {f"old/f{one}.py": _function("main", 10 * one, "a") for one in range(size // 10)}
    after = {f"new/f{one}.py": _function("main", 10 * one, "a + 1") for one in range(size // 10)}
    return before, after


def _one_file(name: Callable[[int], str], size: int) -> tuple[_Files, _Files]:
    before, after = (
        "".join(_function(name(one), one, result) for one in range(size)) for result in ("a", "a + 1")
    )
    return {"a.py": before}, {"a.py": after}


def _edited(size: int) -> tuple[_Files, _Files]:
    """One file, every function of which is edited."""
    return _one_file(lambda number: f"f{number}", size)


def _of_one_name(size: int) -> tuple[_Files, _Files]:
    """The same, and all functions have one name."""
    return _one_file(lambda _: "f", size)


def _many_files(size: int) -> tuple[_Files, _Files]:
    """Files of ten functions, all of which are edited."""
    sides = ({}, {})  # type: tuple[dict[str, str], dict[str, str]]
    for one in range(size // 10):
        for side, result in zip(sides, ("a", "a + 1"), strict=True):
            side[f"f{one}.py"] = "".join(_function(f"f{part}", one * part, result) for part in range(10))
    return sides


_COMMITS = {
    "a folder renamed": _renamed_folder,
    "functions edited": _edited,
    "functions of one name edited": _of_one_name,
    "files edited": _many_files,
}


def _git(folder: Path, *args: str) -> None:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgSign=false", *args]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _run(folder: Path, *args: str) -> float:
    """Return the seconds that our program takes; it may fail."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest_antipasta", *args]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{args} ended with {done.returncode}: {done.stderr}")
    return time.perf_counter() - start


def _stage(folder: Path, before: _Files, after: _Files) -> None:
    """Commit one side with a baseline, and stage the other."""
    _git(folder, "init", "--quiet")
    _write(folder, {"pyproject.toml": _SETTINGS, **before})
    _run(folder, "baseline", "write", "--quiet", "--no-cache")
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", "before")
    for path in before:
        (folder / path).unlink()
    _write(folder, after)
    _git(folder, "add", "--all")


def _write(folder: Path, files: _Files) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)


def _measure(kind: str, sizes: list[int], rounds: int) -> Iterator[str]:
    """Yield a row for each command."""
    seconds: dict[str, list[float]] = {command: [] for command in _COMMANDS}
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            _stage(Path(name), *_COMMITS[kind](size))
            for command, args in _COMMANDS.items():
                seconds[command].append(statistics.median(_run(Path(name), *args) for _ in range(rounds)))
    for command, of_sizes in seconds.items():
        growth = max(large / small for small, large in pairwise(of_sizes))
        times = " | ".join(f"{one:.2f}" for one in of_sizes)
        yield f"| {kind} | {command} | {times} | {growth:.2f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    parser.add_argument("--size", type=int, default=625, help="functions of the smallest commit")
    parser.add_argument("--rounds", type=int, default=3, help="runs of which the median is taken")
    args = parser.parse_args()
    sizes = [args.size * factor for factor in (1, 2, 4, 8)]
    print(f"| commit | command | {' | '.join(f'{size} (s)' for size in sizes)} | growth |")
    print("|---|---|" + "---:|" * (len(sizes) + 1))
    for kind in _COMMITS:
        for row in _measure(kind, sizes, args.rounds):
            print(row, flush=True)


if __name__ == "__main__":
    main()
