"""The metrics that can have a limit: built-in ones, and those of installed extensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from pytest_antipasta.extension.installed import load_extensions
from pytest_antipasta.extension.loaded import normalise_name
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.measured import FOREIGN, Number
from pytest_antipasta.model.registry import OUR_METRICS, JudgedMetric


@cache
def judged_metrics() -> Mapping[str, JudgedMetric]:
    """Return all metrics that can have a limit, by name: built-in ones first."""
    return {metric.name: metric for metric in (*OUR_METRICS, *_find_foreign())}


@cache
def _find_ranks() -> Mapping[str, int]:
    return {name: rank for rank, name in enumerate(judged_metrics())}


def rank_metric(name: str) -> int:
    """Return the position of a metric in reports; metrics that are not installed come last."""
    ranks = _find_ranks()
    return ranks.get(name, len(ranks))


def _find_foreign() -> list[JudgedMetric]:
    return [
        JudgedMetric(
            metric.name,
            metric.given.scope,
            ">=" if metric.given.more_is_better else "<=",
            metric.given.limit,
            unit=metric.given.unit,
            meaning=_describe(metric.name, metric.given.unit),
            advice="",
        )
        for metric in load_extensions().metrics
    ]


def _describe(name: str, unit: str = "") -> str:
    return f"A metric of an extension, {name}{unit and f', in {unit}'}."


def look_up_metric(name: str) -> JudgedMetric:
    """Return the facts about a metric, which may belong to an extension that is not installed."""
    return judged_metrics().get(name) or JudgedMetric(name, meaning=_describe(name), advice="")


def find_metric_versions() -> Sequence[str]:
    """Return a line for each metric of an extension, which changes whenever its values may."""
    return [str(metric) for metric in load_extensions().metrics if metric.given.measure is not None]


def find_language_versions() -> Sequence[str]:
    """Return a line for each language of an extension, which changes whenever its values may."""
    return [str(language) for language in load_extensions().languages]


def is_of_blocks(metric: str) -> bool:
    """Return whether the limit of a metric is for functions; false if it is not installed."""
    return look_up_metric(metric).scope == "block"


def default_threshold(metric: str, limit: Number) -> Threshold:
    """Return a limit of a metric with default values for its other parts."""
    found = look_up_metric(metric)
    return Threshold(metric, limit, found.comparison, level=found.level)


@cache
def default_thresholds() -> Mapping[str, Threshold]:
    """Return the default limits."""
    return {
        metric.name: default_threshold(metric.name, metric.limit)
        for metric in judged_metrics().values()
        if metric.limit is not None
    }


def is_missing(name: str) -> bool:
    """Return whether a metric or a language belongs to an extension that is missing or was not loaded.

    A name with another spelling of an installed one is wrong, and not missing.
    """
    distribution, separator, _ = name.partition(FOREIGN)
    return bool(separator) and normalise_name(distribution) not in load_extensions().owners
