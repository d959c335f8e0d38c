"""Extensions: metrics, languages and report formats of other installed distributions.

The interface for authors consists of :class:`Metric`, :class:`ParsedSource`, :class:`Language`,
:class:`ParsedFile`, :class:`ParsedBlock`, :class:`ParseError`, :class:`ReportFormat` and :data:`hookimpl`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_antipasta.runtime import lazy_names

if TYPE_CHECKING:
    from pytest_antipasta.extension.checks import *
    from pytest_antipasta.extension.containment import *
    from pytest_antipasta.extension.contract import *
    from pytest_antipasta.extension.explaining import *
    from pytest_antipasta.extension.hooks import *
    from pytest_antipasta.extension.installed import *
    from pytest_antipasta.extension.languages import *
    from pytest_antipasta.extension.lizard_adapter import *
    from pytest_antipasta.extension.loading import *
    from pytest_antipasta.extension.metrics import *

__getattr__ = lazy_names(
    __name__,
    {
        "checks": "require_number",
        "containment": "contained",
        "contract": "Language Metric ParseError ParsedBlock ParsedFile ParsedSource ReportFormat",
        "explaining": "explain_metrics",
        "hooks": "hookimpl",
        "installed": "LIZARD LIZARD_PREFIX LIZARD_WANTED find_distributions",
        "languages": "find_languages",
        "lizard_adapter": "LIZARD_LANGUAGES",
        "loading": (
            "Extensions LoadedLanguage LoadedMetric Owner describe describe_message find_owner "
            "load_extensions"
        ),
        "metrics": (
            "default_comparison default_threshold default_thresholds find_language_versions find_metric "
            "find_metric_versions is_missing is_of_blocks judged_metrics rank_metric"
        ),
    },
)
