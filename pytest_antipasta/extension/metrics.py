"""The metrics that can have a limit: ours, and those of installed extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct

from pytest_antipasta.extension.installed import find_distributions
from pytest_antipasta.model import FOREIGN, Comparison, Number, Threshold

Scope: TypeAlias = Literal["block", "file"]


class JudgedMetric(Struct, frozen=True):
    """What there is to know of a metric before anything is measured.

    Attributes:
        name: in settings, reports and everywhere; ``distribution:metric`` for one of an extension.
        scope: what its limit is about: each function, or the file.
        more_is_better: whether its limit is the least that it may be.
        limit: that holds where settings say nothing; ``None`` for none.
        has_block_limit: whether functions can have a limit besides the file's.
        unit: what is counted; empty where the name says it.
    """

    name: str
    scope: Scope = "file"
    more_is_better: bool = False
    limit: Number | None = None
    has_block_limit: bool = False
    unit: str = ""

    @property
    def comparison(self) -> Comparison:
        """The relation that holds where none is written."""
        return ">=" if self.more_is_better else "<="


_OURS = (
    JudgedMetric("cyclomatic_complexity", "block", limit=10),
    JudgedMetric("cognitive_complexity", "block", limit=15),
    JudgedMetric("maintainability_index", more_is_better=True, limit=50),
    JudgedMetric("halstead_volume", limit=1000, has_block_limit=True, unit="bits"),
    JudgedMetric("halstead_difficulty", limit=10, has_block_limit=True),
    JudgedMetric("halstead_effort", limit=10000, has_block_limit=True),
    JudgedMetric("halstead_time", unit="seconds"),
    JudgedMetric("halstead_bugs"),
    JudgedMetric("lines_of_code"),
    JudgedMetric("logical_lines_of_code"),
    JudgedMetric("source_lines_of_code"),
    JudgedMetric("comment_lines"),
    JudgedMetric("single_comment_lines"),
    JudgedMetric("multi_line_string_lines"),
    JudgedMetric("blank_lines"),
)


@cache
def judged_metrics() -> Mapping[str, JudgedMetric]:
    """Return all metrics that can have a limit, by name: ours, then those of extensions."""
    return {metric.name: metric for metric in (*_OURS, *_find_foreign())}


def our_metrics() -> Mapping[str, JudgedMetric]:
    """Return those of them that are ours."""
    return {metric.name: metric for metric in _OURS}


def _find_foreign() -> list[JudgedMetric]:
    if not find_distributions():
        return []
    # Here, because hardly anybody has an extension.
    from pytest_antipasta.extension.loading import load_extensions

    return [
        JudgedMetric(
            one.name, one.metric.scope, one.metric.more_is_better, one.metric.limit, unit=one.metric.unit
        )
        for one in load_extensions().metrics
    ]


def find_metric_versions() -> Sequence[str]:
    """Return a line for each metric that an extension measures, which changes whenever its numbers may."""
    if not find_distributions():
        return ()
    from pytest_antipasta.extension.loading import load_extensions  # likewise

    return [str(one) for one in load_extensions().metrics if one.metric.measure is not None]


def find_language_versions() -> Sequence[str]:
    """Return a line for each language of an extension, likewise."""
    if not find_distributions():
        return ()
    from pytest_antipasta.extension.loading import load_extensions  # likewise

    return [str(one) for one in load_extensions().languages]


def is_of_blocks(metric: str) -> bool:
    """Whether the limit of a metric is about each function; one that is not installed is about the file."""
    known = judged_metrics().get(metric)
    return known is not None and known.scope == "block"


def default_comparison(metric: str) -> Comparison:
    """Return the relation that holds for a metric where none is written."""
    known = judged_metrics().get(metric)
    return known.comparison if known else "<="


@cache
def default_thresholds() -> Mapping[str, Threshold]:
    """Return the limits that hold where settings say nothing."""
    return {
        metric.name: Threshold(metric.name, metric.limit, metric.comparison)
        for metric in judged_metrics().values()
        if metric.limit is not None
    }


def is_missing(name: str) -> bool:
    """Whether a metric or a language is one of an extension that is not installed, or could not be loaded."""
    distribution, separator, _ = name.partition(FOREIGN)
    if not separator or not find_distributions():
        return bool(separator)
    from pytest_antipasta.extension.loading import load_extensions  # likewise

    return distribution not in load_extensions().owners
