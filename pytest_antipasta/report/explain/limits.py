"""Compare the values of a file or a block with their limits, for ``explain``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from pytest_antipasta.extension.metrics import is_of_blocks, rank_metric
from pytest_antipasta.model.judged import Threshold, Verdict, Violation
from pytest_antipasta.model.measured import (
    BLOCK_METRICS,
    FILE_METRICS,
    FUNCTION_METRICS,
    Block,
    FileMetrics,
    Number,
    find_number,
)
from pytest_antipasta.model.registry import COVERAGE_METRICS
from pytest_antipasta.policy.headroom import find_headroom
from pytest_antipasta.policy.limits import find_block_threshold, satisfies
from pytest_antipasta.report.wording import format_number
from pytest_antipasta.settings.origins import Traced
from pytest_antipasta.settings.unmeasured import is_of_languages

_OF_FILE_ALONE = "only the file has a limit; set one for functions and classes with `block_limit`"


class Limit(Struct, frozen=True):
    """The value of a metric of a file or a block, with its limit.

    Attributes:
        metric: name of the metric.
        value: the measured value; ``None`` without a value.
        threshold: the limit; ``None`` without a limit.
        origin: where the limit is set.
        state: ``kept``, ``over``, ``warning``, ``tolerated``, ``not judged``, or ``no limit``.
        why: why the value is tolerated, or has no limit although the file has one.
    """

    metric: str
    value: Number | None
    threshold: Threshold | None
    origin: str
    state: str
    why: str = ""

    @property
    def headroom(self) -> Number | None:
        """The distance of the value from its limit; negative over the limit."""
        return find_headroom(self.value, self.threshold)


def find_limits(
    verdict: Verdict, trace: Callable[[Block | None], Traced], blocks: Iterable[Block]
) -> dict[str | None, tuple[Limit, ...]]:
    """Return the limits of the file under ``None``, and those of some of its blocks by qualified name.

    ``trace`` returns the limits that apply to a block, or to the file for ``None``, with their origins.
    """
    states = _find_states(verdict)
    return {
        name: tuple(_iter_limits(verdict, trace(block), block, states.get(name, {})))
        for name, block in ((None, None), *((block.qualified_name, block) for block in blocks))
    }


def _iter_limits(
    verdict: Verdict,
    traced: Traced,
    block: Block | None,
    states: Mapping[str, tuple[str, str]],
) -> Iterator[Limit]:
    numbers: Block | FileMetrics = block or verdict.measurement.metrics
    for metric in sorted(_find_metrics(verdict, block, traced), key=rank_metric):
        threshold, origin = traced[metric]
        limit = find_block_threshold(threshold) if block and threshold else threshold
        value = find_number(numbers, metric)
        why = _OF_FILE_ALONE if threshold != limit and limit is None else ""
        state, why = states.get(metric) or (_find_state(value, limit), why)
        yield Limit(metric, value, limit, origin, state, why)


def _find_metrics(verdict: Verdict, block: Block | None, known: Iterable[str]) -> list[str]:
    """Return the metrics of a block, or of the file for ``None``; a language decides which it measures."""
    metrics = [metric for metric in known if _has_metric(block, metric)]
    if verdict.measurement.foreign is None:
        return [metric for metric in metrics if not is_of_languages(metric)]
    numbers = block or verdict.measurement.metrics
    return [metric for metric in metrics if find_number(numbers, metric) is not None]


def _has_metric(block: Block | None, metric: str) -> bool:
    """Return whether a block, or the file for ``None``, has a value that can be judged."""
    if metric in COVERAGE_METRICS:
        return False
    if block is None:
        return not is_of_blocks(metric)
    if block.kind == "class" or (block.kind == "cell" and metric in FUNCTION_METRICS):
        return False
    return metric in BLOCK_METRICS or is_of_blocks(metric)


def _find_states(verdict: Verdict) -> dict[str | None, dict[str, tuple[str, str]]]:
    """Return the verdict on each metric, by qualified name; under ``None`` for the file."""
    found: list[tuple[Violation, str, str]] = [(item, "tolerated", item.why) for item in verdict.tolerated]
    found += ((item, "over", "") for item in verdict.violations)
    found += ((item, "warning", "") for item in verdict.warnings)
    states: dict[str | None, dict[str, tuple[str, str]]] = {}
    for item, state, why in found:
        states.setdefault(item.qualified_name, {})[item.metric] = (state, why)
    return states


def _find_state(value: Number | None, threshold: Threshold | None) -> str:
    if threshold is None:
        return "no limit"
    # A value over its limit without a violation was not judged, such as that of a closure.
    is_kept = value is not None and satisfies(value, threshold.comparison, threshold.limit)
    return "kept" if is_kept else "not judged"


def format_limit(limit: Limit) -> str:
    """Return the metric, its value, its limit and the origin of the limit."""
    if limit.threshold is None:
        value = "no value" if limit.value is None else format_number(limit.value)
        return f"{limit.metric} {value}, no limit{limit.why and ': '}{limit.why} ({limit.origin})"
    bound = f"{limit.threshold.comparison} {format_number(limit.threshold.limit)}"
    value = "no value" if limit.value is None else format_number(limit.value, limit.threshold.limit)
    state = f"{_format_state(limit, limit.threshold)}{limit.why and ': '}{limit.why}"
    return f"{limit.metric} {value}, must be {bound} ({limit.origin}): {state}"


def _format_state(limit: Limit, threshold: Threshold) -> str:
    """Return the state of a value, and how far the value is from its limit."""
    side = "under" if threshold.comparison in (">", ">=") else "over"
    state = {"kept": "within the limit", "over": side, "not judged": "not checked"}.get(
        limit.state, limit.state
    )
    if limit.headroom is None:
        return state
    by = f"by {format_number(abs(limit.headroom), 0)}"
    if limit.state == "kept":
        return f"{state} {by}" if limit.headroom else "at the limit"
    if limit.headroom >= 0:
        return state
    return f"{state} {by}" if limit.state == "over" else f"{state}, {side} {by}"


def format_unlimited(numbers: Block | FileMetrics, limits: Iterable[Limit]) -> Iterator[str]:
    """Yield the values of a file or a function that have no limit, except those of Halstead."""
    limited = {limit.metric for limit in limits}
    metrics = FUNCTION_METRICS if isinstance(numbers, Block) else FILE_METRICS
    names = (name for name in metrics if name not in limited and not name.startswith("halstead_"))
    values = ((name, getattr(numbers, name)) for name in names)
    found = ", ".join(f"{name} {format_number(value)}" for name, value in values if value is not None)
    if found:
        yield f"without a limit: {found}"
