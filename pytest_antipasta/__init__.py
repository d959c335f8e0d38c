"""Complexity checking for Python: a pytest plugin, a pre-commit hook and a command line.

The interface for programs: :func:`measure`, :func:`check` and the frozen values that they return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_antipasta.api import check, measure
    from pytest_antipasta.model import (
        Block,
        BlockChange,
        BriefPlan,
        Changes,
        Comment,
        CoverageFacts,
        Covered,
        FileCoverage,
        FileError,
        FileMetrics,
        Finding,
        LanguageSource,
        MeasuredFile,
        Measurement,
        MetricChange,
        NotCompared,
        Points,
        Report,
        RunFacts,
        Split,
        SuppressedMetric,
        Suppression,
        Tolerated,
        UsageError,
        Verdict,
        Violation,
        Waiver,
        Waivers,
    )

    __version__: str

__all__ = [
    "Block",
    "BlockChange",
    "BriefPlan",
    "Changes",
    "Comment",
    "CoverageFacts",
    "Covered",
    "FileCoverage",
    "FileError",
    "FileMetrics",
    "Finding",
    "LanguageSource",
    "MeasuredFile",
    "Measurement",
    "MetricChange",
    "NotCompared",
    "Points",
    "Report",
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
_HOMES = {"check": "api", "measure": "api", "__version__": "runtime.environment"}


def __dir__() -> list[str]:
    """List all public names, imported or not."""
    return sorted({*globals(), *__all__})


def __getattr__(name: str) -> object:
    """Import a public name on first use, so that pytest can load the plugin quickly."""
    if name not in (*__all__, "__version__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from pytest_antipasta.runtime import trusted_first

    with trusted_first():
        home = import_module(f"{__name__}.{_HOMES.get(name, 'model')}")
    return getattr(home, "VERSION" if name == "__version__" else name)
