"""Complexity checking for Python: a pytest plugin, a pre-commit hook and a command line.

The interface for programs: :func:`measure`, :func:`check` and the frozen values that they return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_antipasta.api import check, measure
    from pytest_antipasta.model.changes import (
        BlockChange,
        Changes,
        HelperFacts,
        MetricChange,
        ModuleCode,
        NotCompared,
        Points,
        Split,
    )
    from pytest_antipasta.model.coverage import CoverageFacts, Covered, FileCoverage
    from pytest_antipasta.model.errors import UsageError
    from pytest_antipasta.model.finding import (
        BriefPlan,
        CommitFacts,
        Finding,
        Proposal,
        RecentEdits,
        Report,
        Row,
    )
    from pytest_antipasta.model.judged import SuppressedMetric, Suppression, Tolerated, Verdict, Violation
    from pytest_antipasta.model.measured import (
        Block,
        Comment,
        FileError,
        FileMetrics,
        LanguageSource,
        MeasuredFile,
        Measurement,
    )
    from pytest_antipasta.model.run import RunFacts
    from pytest_antipasta.model.waivers import Waiver, Waivers

    __version__: str

__all__ = [
    "Block",
    "BlockChange",
    "BriefPlan",
    "Changes",
    "Comment",
    "CommitFacts",
    "CoverageFacts",
    "Covered",
    "FileCoverage",
    "FileError",
    "FileMetrics",
    "Finding",
    "HelperFacts",
    "LanguageSource",
    "MeasuredFile",
    "Measurement",
    "MetricChange",
    "ModuleCode",
    "NotCompared",
    "Points",
    "Proposal",
    "RecentEdits",
    "Report",
    "Row",
    "RunFacts",
    "Split",
    "SuppressedMetric",
    "Suppression",
    "Tolerated",
    "UsageError",
    "Verdict",
    "Violation",
    "Waiver",
    "Waivers",
    "check",
    "measure",
]
_HOMES = {
    "api": "check measure",
    "model.changes": "BlockChange Changes HelperFacts MetricChange ModuleCode NotCompared Points Split",
    "model.coverage": "CoverageFacts Covered FileCoverage",
    "model.errors": "UsageError",
    "model.finding": "BriefPlan CommitFacts Finding Proposal RecentEdits Report Row",
    "model.judged": "SuppressedMetric Suppression Tolerated Verdict Violation",
    "model.measured": "Block Comment FileError FileMetrics LanguageSource MeasuredFile Measurement",
    "model.run": "RunFacts",
    "model.waivers": "Waiver Waivers",
}


def __dir__() -> list[str]:
    """List all public names, imported or not."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that pytest can load the plugin quickly."""
    if name == "__version__":
        from pytest_antipasta.runtime.environment import VERSION

        return VERSION
    from pytest_antipasta.runtime.imports import import_name

    return import_name(__name__, _HOMES, name)
