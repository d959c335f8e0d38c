"""The report of a run: findings, facts, and the parts that only some formats show."""

from __future__ import annotations

from collections.abc import Collection, Container, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path

from msgspec.structs import replace

from pytest_antipasta.engine.result import Result
from pytest_antipasta.git.head import find_commit
from pytest_antipasta.model.finding import Report
from pytest_antipasta.model.formats import Need
from pytest_antipasta.model.judged import Verdict
from pytest_antipasta.report.contents import read_judged
from pytest_antipasta.report.findings import make_report
from pytest_antipasta.report.plans import find_brief_plans
from pytest_antipasta.report.rows import locate_functions
from pytest_antipasta.results.facts import describe_run
from pytest_antipasta.results.stats import find_changes
from pytest_antipasta.settings.values import Settings


def report_run(
    run: Result,
    needs: Collection[Need],
    metrics: Sequence[str] | None = None,
    *,
    verdicts: Sequence[Verdict] | None = None,
) -> Report:
    """Return the report of a run.

    Args:
        run: a finished run.
        needs: the parts that are made only if a format shows them.
        metrics: the selected metrics; ``None`` for all.
        verdicts: the verdicts restricted to these metrics; ``None`` for those of the run.
    """
    verdicts = run.sorted_verdicts() if verdicts is None else verdicts
    report = make_report(
        verdicts,
        describe_run(run, metrics),
        find_changes(run, metrics),
        run.waivers,
        run.read_numbers(verdicts) if any(map(attrgetter("is_brief"), verdicts)) else verdicts,
        run.coverage,
        find_brief_plans(verdicts, run.reread) if "plans" in needs else {},
    )
    if run.kind == "content":  # `fix` writes to files
        needs = set(needs) - {"proposals"}
    return complete_report(report, needs, run.rules.settings, run.store.cache_dir, run.commit)


def complete_report(
    report: Report,
    needs: Container[Need],
    settings: Settings,
    cache_dir: Path | None,
    commit: str | None,
) -> Report:
    """Return a report with proven plans, recent edits and the commit, as far as they are needed.

    Args:
        report: the findings and the facts.
        needs: the parts that a format shows.
        settings: settings of the store.
        cache_dir: folder of the store, which has plans; ``None`` without a store.
        commit: the name of the commit that was judged, or checked out; ``None`` for none.
    """
    root = settings.root
    if "edits" in needs:
        from pytest_antipasta.git.edits import find_recent_edits
        from pytest_antipasta.report.first import MOST_CONSIDERED

        # The history is followed from the lines of the file on disk.
        on_disk = [row for row in report.rows[:MOST_CONSIDERED] if read_judged(root, row.verdict) is not None]
        report = replace(report, edits=find_recent_edits(root, locate_functions(on_disk)))
    if "proposals" in needs and not report.facts.has_other_limits:  # `fix` judges by the settings
        from pytest_antipasta.engine.planning import Planner  # few reports need these
        from pytest_antipasta.report.proposals import find_proposals

        # `fix` writes to the file on disk, so a plan for another content would mislead.
        planner = Planner(partial(read_judged, root), settings, cache_dir)
        report = replace(report, proposals=find_proposals(report, planner, settings.critical_functions))
    if "commit" in needs and commit is not None:
        report = replace(report, commit=find_commit(root, commit))
    return report
