"""The tests of a project, before and after ``fix`` has rewritten its functions.

Each function over the limit gets all steps of its plan, with made-up names for new functions. Files are
changed in place, to be looked at; ``git checkout .`` brings them back.
"""

from __future__ import annotations

import difflib
import itertools
import os
import random
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from campaigns.hints.checks import Figures
from campaigns.options import make_parser
from pytest_antipasta.advice.aims import Aims, choose_taste
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.plan import Plan, Step
from pytest_antipasta.advice.search import find_plan
from pytest_antipasta.messages import count
from pytest_antipasta.metrics.source import decode_source
from pytest_antipasta.settings.line_length import find_line_length

_SETTINGS = "antipasta-suites.toml"
_THRESHOLDS = """
[tool.pytest-antipasta.thresholds]
cognitive_complexity = {cognitive}
cyclomatic_complexity = false
"""
_TESTS = re.compile(r"(^|/)(tests?/|test_\w+\.py$|conftest\.py$)")
# What `python -m unittest --verbose` prints; a docstring takes a line of its own.
_UNITTEST = re.compile(r"^(\w+ \([\w.]+\))(?:\n.*?)?? \.\.\. (\w+)", re.MULTILINE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run tests before and after ``fix``; return 1 if one no longer passes, or if a plan is not written."""
    parser = make_parser("suites", main.__doc__, steps=0, step="files with such functions, 0 for all")
    parser.add_argument("project", type=Path, help="its folder, in which files are changed")
    parser.add_argument(
        "--code", action="append", metavar="PATH", help="folder in it; repeatable (default: all but tests)"
    )
    parser.add_argument(
        "--tests",
        action="append",
        required=True,
        metavar="COMMAND",
        help="runs pytest, or unittest with --verbose, in the folder of the project; repeatable",
    )
    parser.add_argument("--cognitive", type=int, default=8, metavar="N", help="the limit (default: 8)")
    args = parser.parse_args(argv)
    before = [run_tests(args.project, command) for command in args.tests]
    fixes = Fixes(args.project, args.cognitive)
    fixes.write(_pick(args.project, args.code or ["."], args.cognitive, args.seed, args.steps))
    print(*fixes.iter_lines(), sep="\n", flush=True)  # noqa: T201
    lost = 0
    for command, passed in zip(args.tests, before, strict=True):
        missing = _find_lost(args.project, command, passed)
        lost += len(missing)
        head = f"{command}: {count(len(passed), 'test')} passed before, {len(missing)} of them no longer"
        print(head, *missing, sep="\n  ")  # noqa: T201
    return int(bool(lost or fixes.failures))


def run_tests(project: Path, command: str) -> set[str]:
    """Return the tests that pass."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = f"{os.environ.get('PYTEST_ADDOPTS', '')} --junitxml={report}"
        done = subprocess.run(
            shlex.split(command),
            cwd=project,
            env={**os.environ, "PYTEST_ADDOPTS": options},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        found = _iter_junit(report) if report.exists() else _UNITTEST.findall(done.stdout)
        outcomes: dict[str, set[str]] = {}
        for name, outcome in found:
            outcomes.setdefault(name, set()).add(outcome)
    passed = {name for name, seen in outcomes.items() if seen == {"ok"}}
    if not passed:
        raise SystemExit(f"{command}: no test passes\n{done.stdout[-2000:]}")
    return passed


def _iter_junit(report: Path) -> Iterator[tuple[str, str]]:
    for case in ElementTree.parse(report).iter("testcase"):
        other = [part.tag for part in case if part.tag in {"failure", "error", "skipped"}]
        yield f"{case.get('classname')}::{case.get('name')}", other[0] if other else "ok"


def _find_lost(project: Path, command: str, passed: set[str]) -> list[str]:
    """Return the tests that have passed, and do so no longer in two runs."""
    lost = passed - run_tests(project, command)
    return sorted(lost - run_tests(project, command) if lost else lost)


def _pick(project: Path, code: Iterable[str], limit: int, seed: int, most: int) -> dict[Path, list[str]]:
    """Return functions over the limit, by file."""
    paths = {path for folder in code for path in (project / folder).rglob("*.py")}
    found: dict[Path, list[str]] = {}
    for path in sorted(paths):
        if not _TESTS.search(path.relative_to(project).as_posix()):
            figures = Figures.read(path).items()
            found[path] = [name for name, numbers in figures if numbers.cognitive > limit]
    over = [path for path, names in found.items() if names]
    chosen = random.Random(seed).sample(over, min(most, len(over))) if most else over
    return {path: found[path] for path in sorted(chosen)}


class Fixes:
    """What ``fix`` has written.

    Attributes:
        failures: what is not as the plans say, a line each.
    """

    def __init__(self, project: Path, limit: int) -> None:
        """Begin with nothing."""
        self._project = project.resolve()
        self._limits = Aims(limit)
        self._counts: Counter[str] = Counter()
        self._steps: Counter[str] = Counter()
        self._numbers = itertools.count(1)
        self.failures: list[str] = []

    def write(self, functions: Mapping[Path, Sequence[str]]) -> None:
        """Rewrite functions, given by file."""
        settings = self._project / _SETTINGS
        settings.write_text(_THRESHOLDS.format_map(self._limits._asdict()), encoding="utf-8")
        try:
            for path, names in functions.items():
                self._write_file(path.resolve(), names)
        finally:
            settings.unlink()

    def _write_file(self, path: Path, names: Sequence[str]) -> None:
        """Rewrite the functions of a file."""
        text = decode_source(path.read_bytes())
        module = Module.parse(text, find_line_length(path.parent, self._project))
        plans = self._find_plans(module, names)
        self._counts["functions"] += len(names)
        self._counts["plans"] += len(plans)
        steps = [step for plan in plans.values() for step in plan.steps]
        given = [f"--name={step.line}=_antipasta_{next(self._numbers)}" for step in steps if step.helper]
        target = str(path.relative_to(self._project))
        options = ["--config", _SETTINGS, "--no-ignore", "--no-cache", "--quiet", *given]
        command = [sys.executable, "-m", "pytest_antipasta", "fix", target, *options]
        done = subprocess.run(command, cwd=self._project, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            self._fail(f"{target}: {done.stdout}{done.stderr}")
            return
        new = decode_source(path.read_bytes())
        figures = Figures.measure(new.encode())
        for name, plan in plans.items():
            if figures.get(name) != plan.after:
                self._fail(f"{target}::{name}: measures {figures.get(name)}, not {plan.after}")
        self._count(steps, text, new)

    def _find_plans(self, module: Module, names: Sequence[str]) -> dict[str, Plan]:
        """Return the plans of functions, as ``fix`` follows them."""
        found = {name: find_plan(module, name, self._limits) for name in names}
        plans = {name: plan for name, plan in found.items() if plan}
        if any(plan.helpers for plan in plans.values()):
            return plans
        for name, plan in plans.items():  # without a name for a new function, it takes what hints show
            taste = choose_taste(plan.before.cognitive)
            plans[name] = find_plan(module, name, self._limits, taste) or plan
        return plans

    def _fail(self, failure: str) -> None:
        self.failures.append(failure)
        print(failure, file=sys.stderr)  # noqa: T201

    def _count(self, steps: Iterable[Step], before: str, after: str) -> None:
        self._steps.update(step.kind for step in steps)
        lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        signs = Counter(line[0] for line in itertools.islice(lines, 2, None))
        self._counts["removed"] += signs["-"]
        self._counts["added"] += signs["+"]

    def iter_lines(self) -> Iterator[str]:
        """Yield the figures."""
        counts = self._counts
        yield f"{count(counts['functions'], 'function')} over the limit, {counts['plans']} with a plan"
        yield f"  lines: {counts['added']} added, {counts['removed']} removed"
        for kind, number in self._steps.most_common():
            yield f"  {kind}: {count(number, 'step')}"
        yield f"{len(self.failures)} wrong"
