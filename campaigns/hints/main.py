"""The campaign: plans for functions of real code, checked on their whole files, and counted."""

from __future__ import annotations

import random
import statistics
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from campaigns.hints.checks import Figures, check_fixes, check_plan
from campaigns.options import make_parser
from pytest_antipasta.advice.aims import Aims
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.plan import Plan
from pytest_antipasta.advice.search import find_plan
from pytest_antipasta.metrics.source import decode_source
from tests import corpora


def main(argv: list[str] | None = None) -> int:
    """Look for plans; return 1 if one does not hold what it says, or is worse than complexipy's fixes."""
    parser = make_parser("hints", main.__doc__, steps=300, step="functions over their limits, 0 for all")
    parser.add_argument("--cognitive", type=float, default=15, metavar="N", help="the limit (default: 15)")
    parser.add_argument("--cyclomatic", type=float, default=10, metavar="N", help="the limit (default: 10)")
    parser.add_argument("--corpus", action="append", metavar="NAME", help=", ".join(corpora.WHEELS))
    parser.add_argument("--folder", action="append", type=Path, metavar="PATH", help="a folder with code")
    args = parser.parse_args(argv)
    folders = [*(args.folder or ()), *map(corpora.corpus, args.corpus or ())]
    limits = Aims(args.cognitive, args.cyclomatic)
    report = Report(limits)
    for path, name in _pick(folders or [Path(sysconfig.get_path("purelib"))], limits, args.seed):
        report.add(path, name)
        if args.steps and report.functions == args.steps:
            break
    print(*report.iter_lines(), sep="\n")  # noqa: T201
    return int(bool(report.failures))


def _pick(folders: Iterable[Path], limits: Aims, seed: int) -> Iterator[tuple[Path, str]]:
    """Yield functions over a limit, in random order of their files."""
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    random.Random(seed).shuffle(paths)
    for path in paths:
        figures = Figures.read(path)
        yield from ((path, name) for name, numbers in figures.items() if not limits.allow(numbers))


class Report:
    """What came of the plans.

    Attributes:
        functions: how many functions there were.
        failures: what was wrong, a line each.
    """

    def __init__(self, limits: Aims) -> None:
        """Begin with nothing."""
        self._limits = limits
        self._counts: Counter[str] = Counter()
        self._steps: Counter[str] = Counter()
        self._points: Counter[str] = Counter()
        self._seconds: list[float] = []
        self.functions = 0
        self.failures: list[str] = []

    def add(self, path: Path, name: str) -> None:
        """Find the plan of a function, and check it."""
        text = decode_source(path.read_bytes())
        module = Module.parse(text)
        start = time.process_time()
        plan = find_plan(module, name, self._limits)
        self._seconds.append(time.process_time() - start)
        self.functions += 1
        self._count(plan)
        checks = [*(check_plan(text, name, plan, self._limits) if plan else ())]
        checks += check_fixes(text, name, plan, self._limits)
        for wrong in checks:
            self.failures.append(f"{path}::{name}: {wrong}")
            print(self.failures[-1], file=sys.stderr)  # noqa: T201

    def _count(self, plan: Plan | None) -> None:
        self._counts[_describe_result(plan)] += 1
        for step in plan.steps if plan else ():
            self._steps[step.kind] += 1
            self._points[step.kind] += step.before.cognitive - step.after.cognitive

    def iter_lines(self) -> Iterator[str]:
        """Yield the figures."""
        number = max(self.functions, 1)
        yield f"{self.functions} functions over {self._limits.cognitive:g} or {self._limits.cyclomatic:g}"
        for result, count in sorted(self._counts.items()):
            yield f"  {result}: {count} ({100 * count / number:.1f} %)"
        for kind, count in self._steps.most_common():
            yield f"  {kind}: {count} steps, {self._points[kind]} cognitive points"
        if len(self._seconds) > 1:
            *_, most = statistics.quantiles(self._seconds, n=10)
            middle = statistics.median(self._seconds)
            yield f"  processor time of a plan: median {middle * 1000:.0f} ms, 90 % {most * 1000:.0f} ms"
        yield f"{len(self.failures)} wrong"


def _describe_result(plan: Plan | None) -> str:
    """Return what a plan reaches."""
    if plan is None:
        return "no plan"
    if not plan.within:
        return "a plan, not within the limits"
    small = len(plan.steps) - len(plan.helpers)
    return f"within the limits, small steps: {small}, new functions: {len(plan.helpers)}"
