"""How often functions are fixed, on which side of a limit and whether edited before: ``docs/study.md``.

``python -m benchmarks.fixes CLONE...`` prints the table for full clones of public repositories. A window are
two years of a repository; the last three that it has are looked at. The functions are those of its code
without tests at the beginning that are still there at the end. A fix is a commit along first parents whose
subject names a fix, a bug, a regression or a crash, or that closes an issue, and that changes lines of the
function. A function counts as edited if a commit of the year before the window changed it.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pytest_antipasta.git.edits import OPTIONS, PATCH, LineRange, go_back, iter_files
from pytest_antipasta.git.process import GitRunner
from pytest_antipasta.git.time_budget import TimeBudget
from pytest_antipasta.metrics.blocks import measure_tree
from pytest_antipasta.metrics.cognitive import measure_cognitive
from pytest_antipasta.metrics.source import SourceError, decode_source

_LIMIT = 15
_YEAR = 365 * 24 * 60 * 60
_WINDOWS = 3
# A smaller code base says nothing of a window.
_FEWEST = 30
_SAMPLES = 2000
_SUBJECT = re.compile(rb"\b(fix(es|ed|ing)?|bug(s|fix(es)?)?|regression|crash(es|ed)?)\b", re.IGNORECASE)
_BODY = re.compile(rb"\b(fix(es|ed)?|close[sd]?|resolve[sd]?)\b:? #\d+", re.IGNORECASE)
_LEFT_OUT = re.compile(
    r"(^|/)(tests?|testing|_?vendor|docs?|examples?)/|(^|/)test_|_test\.py$|(^|/)conftest\.py$"
)
_Key = tuple[str, str]


class _Function(NamedTuple):
    """A function at the beginning of a window.

    Attributes:
        lines: number of its lines.
        points: its cognitive complexity.
        is_edited: whether it was edited in the year before.
        fixes: number of fixes in the window.
    """

    lines: int
    points: int
    is_edited: bool
    fixes: int


class _History:
    """The history of one clone."""

    def __init__(self, folder: Path) -> None:
        self._runner = GitRunner(folder, TimeBudget())

    def find_functions(self) -> list[_Function]:
        """Return the functions of all windows."""
        found: list[_Function] = []
        end = int(self._runner.run("log", "-1", "--format=%ct"))
        for _ in range(_WINDOWS):
            begin = end - 2 * _YEAR
            last, first = self._find_commit(end), self._find_commit(begin)
            before = self._measure(first) if first else {}
            if len(before) < _FEWEST:
                break
            found += self._follow(last, first, begin, before)
            end = begin
        return found

    def _find_commit(self, time: int) -> str:
        found = self._runner.run("log", "-1", "--first-parent", f"--until=@{time} +0000", "--format=%H")
        return found.decode().strip()

    def _follow(
        self, last: str, first: str, begin: int, before: dict[_Key, tuple[LineRange, int]]
    ) -> list[_Function]:
        spans = _group({key: span for key, (span, _) in self._measure(last).items()})
        fixes = self._count(last, begin, spans, only_fixes=True)
        now = {
            (path, span.first): (path, name) for path, named in spans.items() for name, span in named.items()
        }
        own = _group({key: span for key, (span, _) in before.items()})
        edits = self._count(first, begin - _YEAR, own, only_fixes=False)
        return [
            _Function(span.last - span.first + 1, points, edits[key] > 0, fixes[now[key[0], span.first]])
            for key, (span, points) in before.items()
            if (key[0], span.first) in now
        ]

    def _count(
        self, commit: str, begin: int, spans: dict[str, dict[str, LineRange]], *, only_fixes: bool
    ) -> Counter[_Key]:
        """Count the commits that changed functions, and give these the lines that they had at first."""
        log = ("log", "--first-parent", "-m", f"--since=@{begin} +0000")
        form = ("--format=%x00%s%x01%b%x02", "--patch", *PATCH, "--no-renames")
        patches = self._runner.begin(*log, *form, commit, "--", "*.py", options=OPTIONS).read()
        counts: Counter[_Key] = Counter()
        for entry in patches.split(b"\0")[1:]:
            message, _, patch = entry.partition(b"\x02")
            subject, _, body = message.partition(b"\x01")
            is_counted = not only_fixes or _SUBJECT.search(subject) or _BODY.search(body)
            for file in iter_files(patch.split(b"\n")):
                edited = go_back(spans.get(file.path, {}), file.hunks)
                counts.update((file.path, name) for name in edited if is_counted)
        return counts

    def _measure(self, commit: str) -> dict[_Key, tuple[LineRange, int]]:
        """Return the lines and the points of the functions of a commit."""
        found: dict[_Key, tuple[LineRange, int]] = {}
        for path, data in self._iter_sources(commit):
            try:
                text = decode_source(data)
                blocks = measure_tree(text, measure_cognitive(text)).blocks
            except (SourceError, RecursionError):
                continue
            for block in blocks:
                if block.kind in ("function", "method") and block.cognitive_complexity is not None:
                    span = LineRange(block.line, block.end_line)
                    found[path, block.qualified_name] = (span, int(block.cognitive_complexity))
        return found

    def _iter_sources(self, commit: str) -> Iterator[tuple[str, bytes]]:
        listed = self._runner.run("ls-tree", "-r", "-z", "--name-only", commit).decode("utf-8", "replace")
        paths = [path for path in listed.split("\0") if path.endswith(".py") and not _LEFT_OUT.search(path)]
        asked = "".join(f"{commit}:{path}\n" for path in paths).encode()
        answer, place = self._runner.run("cat-file", "--batch", asked=asked), 0
        for path in paths:
            head, _, _ = answer[place : place + 200].partition(b"\n")
            begin = place + len(head) + 1
            place = begin + int(head.split()[2]) + 1
            yield path, answer[begin : place - 1]


def _group(spans: dict[_Key, LineRange]) -> dict[str, dict[str, LineRange]]:
    found: dict[str, dict[str, LineRange]] = {}
    for (path, name), span in spans.items():
        found.setdefault(path, {})[name] = span
    return found


def _is_over(function: _Function) -> bool:
    return function.points > _LIMIT


def _is_edited(function: _Function) -> bool:
    return _is_over(function) and function.is_edited


def _is_untouched(function: _Function) -> bool:
    return _is_over(function) and not function.is_edited


_Select = Callable[[_Function], bool]


def _sum(functions: Sequence[_Function], select: _Select) -> tuple[int, int]:
    """Return the fixes and the lines of some functions."""
    some = [function for function in functions if select(function)]
    return sum(each.fixes for each in some), sum(each.lines for each in some)


def _rate(functions: Sequence[_Function], select: _Select) -> float:
    """Return the fixes per 100 lines."""
    fixes, lines = _sum(functions, select)
    return 100 * fixes / max(1, lines)


class _Pair(NamedTuple):
    """Some functions of a repository beside others: fixes and lines of both."""

    fixes: int
    lines: int
    other_fixes: int
    other_lines: int


def _compare(pairs: Sequence[_Pair]) -> float:
    """Return how many times as many fixes functions have as others, at the rates of their repositories."""
    expected = sum(each.lines * each.other_fixes / max(1, each.other_lines) for each in pairs)
    return sum(each.fixes for each in pairs) / expected if expected else math.inf


def _describe(repositories: Sequence[Sequence[_Function]], select: _Select, others: _Select) -> str:
    """Return the ratio with its 90 % interval over repositories drawn at random."""
    pairs = [_Pair(*_sum(functions, select), *_sum(functions, others)) for functions in repositories]
    chance = random.Random(1)  # noqa: S311 - a sample, always the same
    ratios = sorted(_compare(chance.choices(pairs, k=len(pairs))) for _ in range(_SAMPLES))
    low, high = ratios[_SAMPLES // 20], ratios[-_SAMPLES // 20]
    return f"{_compare(pairs):.2f} ({low:.2f} to {high:.2f})"


def main(argv: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fixes", description=__doc__)
    parser.add_argument("clones", nargs="+", type=Path, metavar="CLONE")
    clones: list[Path] = parser.parse_args(argv).clones
    print("| repository | functions | over 15 | fixes | per 100 lines: over | below | edited | not |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    found: list[list[_Function]] = []
    for clone in clones:
        functions = _History(clone).find_functions()
        found.append(functions)
        over = sum(map(_is_over, functions))
        fixes = sum(function.fixes for function in functions)
        selects: tuple[_Select, ...] = (_is_over, lambda each: not _is_over(each), _is_edited, _is_untouched)
        rates = " | ".join(f"{_rate(functions, select):.2f}" for select in selects)
        print(f"| {clone.name} | {len(functions):,} | {over:,} | {fixes:,} | {rates} |", flush=True)
    print(f"\nover by below: {_describe(found, _is_over, lambda each: not _is_over(each))}")
    print(f"edited by not edited: {_describe(found, _is_edited, _is_untouched)}")
    every = [function for functions in found for function in functions]
    for name, select in (("edited", _is_edited), ("not edited", _is_untouched)):
        some = [function for function in every if select(function)]
        print(f"{name}: {sum(each.fixes > 0 for each in some) / len(some):.0%} of {len(some):,} fixed")


if __name__ == "__main__":
    main(sys.argv[1:])
