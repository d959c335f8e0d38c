"""Extensions: metrics and report formats of other installed distributions, beside ours.

For their authors there are :class:`Metric`, :class:`ReportFormat`, :class:`ParsedSource` and
:data:`hookimpl`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.extension.contract import *
    from pytest_antipasta.extension.explaining import *
    from pytest_antipasta.extension.installed import *
    from pytest_antipasta.extension.loading import *
    from pytest_antipasta.extension.metrics import *

__getattr__ = lazy_names(
    __name__,
    {
        "contract": "Metric ParsedSource ReportFormat hookimpl",
        "explaining": "explain_metrics",
        "installed": "find_distributions",
        "loading": "Extensions LoadedMetric Owner describe find_owner is_number load_extensions",
        "metrics": (
            "JudgedMetric default_comparison default_thresholds is_missing is_of_blocks judged_metrics "
            "our_metrics"
        ),
    },
)
