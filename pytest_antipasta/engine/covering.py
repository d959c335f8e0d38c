"""Add coverage data to the verdicts of a run, for ``--coverage``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pytest_antipasta.engine.result import Result
from pytest_antipasta.metrics.source import has_digest
from pytest_antipasta.model.changes import BlockChange
from pytest_antipasta.model.coverage import FileCoverage
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.runtime.environment import installed_version

if TYPE_CHECKING:
    from pytest_antipasta.coverage.reading import Coverage

_OLDEST = (7, 4)


def require_coverage(option: str) -> None:
    """Check that coverage.py is installed and recent enough."""
    how = "install `pytest-antipasta[coverage]`"
    try:
        version = installed_version("coverage")
    except ImportError:
        raise UsageError(f"{option} needs coverage.py: {how}") from None
    if tuple(map(int, version.split(".")[:2])) < _OLDEST:
        raise UsageError(f"{option} needs coverage.py 7.4 or newer, and {version} is installed: {how}")


def cover_run(run: Result, path: Path, name: str) -> Result:
    """Return a result whose verdicts have all of their values, and coverage data.

    ``name`` is that of the coverage data, as the user gave it.

    Raises:
        UsageError: the data can't be read.
    """
    from pytest_antipasta.coverage.joining import make_facts, sum_unreached
    from pytest_antipasta.coverage.reading import open_coverage

    with open_coverage(path, run.rules.settings) as coverage:
        changes = _divide(run) if run.kind == "change" else None
        judged = {**run.verdicts, **_judge(run, coverage, changes)}
        verdicts = [judged[path] for path in sorted(judged)]
        touched = None if changes is None else [change for some in changes.values() for change in some]
        facts = make_facts(
            name,
            coverage,
            verdicts,
            lambda path: _find_modified(run.by_path[path].location),
            sum_unreached(verdicts, touched),
        )
    return replace(run, verdicts=judged, coverage=facts)


def _judge(
    run: Result, coverage: Coverage, changes: Mapping[str, Sequence[BlockChange]] | None
) -> Mapping[str, Verdict]:
    """Return the verdicts on files of Python with all of their values and coverage, by path."""
    from pytest_antipasta.coverage.joining import CoverageJudge

    rules, judged = run.rules, dict[str, Verdict]()
    judge = CoverageJudge(rules.settings, rules.honours_suppressions, rules.warnings_fail)
    for verdict in filter(_is_python, run.read_numbers(run.sorted_verdicts())):
        of_file = None if changes is None else changes.get(verdict.path, [])
        judged[verdict.path] = judge.judge(verdict, _find_coverage(coverage, verdict, run), of_file)
    return judged


def _is_python(verdict: Verdict) -> bool:
    """Return whether coverage.py knows the lines of a file; lines of a notebook count within its cells."""
    measurement = verdict.measurement
    return measurement.error is None and measurement.foreign is None and not measurement.has_cells


def _find_coverage(coverage: Coverage, verdict: Verdict, run: Result) -> FileCoverage:
    """Return what ran of a file; unknown if the judged content differs from the working tree."""
    source = run.by_path[verdict.path]
    content = source._replace(data=None).reread()  # coverage.py has seen the file on disk
    if content is None:
        return FileCoverage("absent")
    if verdict.digest is not None and not has_digest(content, verdict.digest):
        return FileCoverage("stale")
    return coverage.analyse(verdict, content, source.location)


def _find_modified(location: str) -> float:
    with suppress(OSError):
        return os.stat(location).st_mtime
    return 0.0


def _divide(run: Result) -> Mapping[str, Sequence[BlockChange]]:
    """Return the changes of functions that are there, grouped by path."""
    found: dict[str, list[BlockChange]] = {}
    for change in run.changes.changes if run.changes else ():
        if change.change != "deleted":
            found.setdefault(change.path, []).append(change)
    return found
