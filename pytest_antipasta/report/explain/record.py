"""The JSON object of ``explain``, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import asdict

from pytest_antipasta.metrics.explanation import ExplainedBlock, IndexParts, LinePoints
from pytest_antipasta.report.cells import add_cells
from pytest_antipasta.report.error_kinds import make_status
from pytest_antipasta.report.explain.explanation import Explained
from pytest_antipasta.report.explain.limits import Limit
from pytest_antipasta.report.hints import make_plan
from pytest_antipasta.report.records import make_head, make_numbers


def make_explanation(explained: Explained) -> dict[str, Any]:
    """Return the object: values as in ``measure``, and for each block the points that they come from."""
    measurement, parts = explained.verdict.measurement, explained.parts
    record = {
        **make_head([measurement]),
        "path": explained.verdict.path,
        **make_status(explained.verdict.path, measurement, "error"),
    }
    module = parts.functions.get(None)
    explanation = {
        "metrics": make_numbers(measurement.metrics),
        "limits": [_make_limit(limit) for limit in explained.limits.get(None, ())],
        "halstead": parts.halstead,
        "index": _make_index(parts.index),
        "extensions": explained.of_extensions.get(None, {}),
        "outside": _make_points(parts.outside, LinePoints(module.by_line) if module else None),
        "functions": [
            {"name": item.name, "line": item.line, "cognitive_complexity": item.total}
            for line, item in parts.functions.items()
            if line is not None
        ],
        "blocks": [_make_block(explained, item) for item in explained.chosen],
    }
    return record | add_cells(explanation, measurement)


def _make_block(explained: Explained, block: ExplainedBlock) -> dict[str, Any]:
    name = block.block.qualified_name
    advice = explained.advice.get(name)
    return {
        **make_numbers(block.block),
        "methods": block.methods,
        "points": _make_points(block.cyclomatic, block.cognitive),
        "rest": {
            "cyclomatic_complexity": block.cyclomatic.rest,
            "cognitive_complexity": block.cognitive.rest if block.cognitive else None,
        },
        "halstead": block.halstead,
        "limits": [_make_limit(limit) for limit in explained.limits[name]],
        "extensions": explained.of_extensions.get(name, {}),
        "plans": [plan._asdict() for plan in explained.plans.get(name, ())],
        "plan": advice and make_plan(advice.plan),
    }


def _make_points(cyclomatic: LinePoints, cognitive: LinePoints | None) -> list[dict[str, int | None]]:
    """Return the lines with points, in order; ``None`` for blocks that complexipy does not count."""
    others: Mapping[int, int] = cognitive.by_line if cognitive else {}
    return [
        {
            "line": line,
            "cyclomatic_complexity": cyclomatic.by_line.get(line, 0),
            "cognitive_complexity": others.get(line, 0) if cognitive else None,
        }
        for line in sorted({*cyclomatic.by_line, *others})
    ]


def _make_index(parts: IndexParts | None) -> dict[str, Any] | None:
    if parts is None:
        return None
    terms = parts.terms
    return {**asdict(parts), "terms": {**terms._asdict(), "total": terms.total} if terms else None}


def _make_limit(limit: Limit) -> dict[str, Any]:
    threshold = limit.threshold
    return {
        "metric": limit.metric,
        "value": limit.value,
        "threshold": threshold.limit if threshold else None,
        "comparison": threshold.comparison if threshold else None,
        "headroom": limit.headroom,
        "origin": limit.origin,
        "state": limit.state,
        "why": limit.why or None,
    }
