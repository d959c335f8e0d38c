"""Open a run over staged files as a whole, and find those in which the staged change has violations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.plan import RunPlan
from pytest_antipasta.files.selection import Selection
from pytest_antipasta.files.source import Source
from pytest_antipasta.gate.judged_tree import JudgedTree
from pytest_antipasta.gate.measuring import ContentMeasurer
from pytest_antipasta.gate.opening import AskedChange, open_change_run, require_root_in
from pytest_antipasta.gate.sides import Side
from pytest_antipasta.gate.snapshots import SideFiles
from pytest_antipasta.git.process import reporting_git_errors
from pytest_antipasta.logs.spans import Phases
from pytest_antipasta.settings.patterns import make_path_filter


def find_failing(side: Side, cache_dir: Path | None, jobs: int | None) -> list[str]:
    """Return the paths of the files in which a staged change has violations.

    Raises:
        UsageError: settings are invalid, or git fails.
    """
    result = open_change_run(side, None, AskedChange(lists="none"), cache_dir, jobs).judge_all()
    return [verdict.path for verdict in result.sorted_verdicts() if verdict.violations]


def open_staged_run(side: Side, names: Sequence[str], cache_dir: Path | None) -> tuple[Ledger, list[str]]:
    """Return a run over the staged versions of source files, and the names that are not staged.

    Args:
        side: the index.
        names: paths of files and folders in reports.
        cache_dir: the store's folder, or ``None`` for a run without a store.

    Raises:
        UsageError: settings are invalid, or git fails.
    """
    require_root_in(side.tree.repository, side.rules.settings)
    phases = Phases()
    with reporting_git_errors(), phases.time("find"):
        side = side.complete(side.tree.entries)
        measurer = open_measurer(side.rules.settings, cache_dir)
        tree = open_tree(side, measurer)
        missing = [name for name in names if not tree.has_any(name)]
        is_named = make_path_filter(tuple(names))
        found = tree.read({path: name for path, name in tree.find_sources().items() if is_named(path)})
    sources = [Source(path, "", size=len(data), data=data) for path, data in sorted(found.items())]
    selection = Selection([], None, tuple(names))
    plan = RunPlan(side.rules, selection, sources, "content")
    return Ledger(plan, FileJudge(side.rules, measurer), phases), missing


def open_tree(side: Side, measurer: Measurer) -> JudgedTree:
    """Return all files of a side, judged by the limits alone."""
    side = side._replace(rules=replace(side.rules, recorded=None))
    return JudgedTree(SideFiles(side, ContentMeasurer(side.rules, measurer)), side.tree)
