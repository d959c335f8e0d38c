"""What a SARIF log says of the tool: its rules, which are metrics, and its notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_antipasta.extension import find_metric
from pytest_antipasta.report.formats.problems import RULES
from pytest_antipasta.report.wording import format_number
from pytest_antipasta.runtime import VERSION

_HOME = "https://pypi.org/project/pytest-antipasta/"
_EXPLAIN = "`pytest-antipasta explain FILE::BLOCK` shows where a number comes from."
_LIST = "`pytest-antipasta check` shows it with what to do."


def make_driver(rules: Sequence[str], limits: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tool with its rules."""
    return {
        "name": "pytest-antipasta",
        "version": VERSION,
        "semanticVersion": VERSION,
        "informationUri": _HOME,
        "rules": [_make_rule(name, limits.get(name)) for name in rules],
        "notifications": [_describe(rule, text, text, _LIST) for rule, text in RULES.items()],
    }


def _make_rule(name: str, limit: Mapping[str, Any] | None) -> dict[str, Any]:
    metric, allowed = find_metric(name), "Its limit depends on the path."
    if limit is not None:
        allowed = f"It must be {limit['comparison']} {format_number(limit['limit'])}."
    meaning = f"{metric.meaning} {allowed}"
    return {
        **_describe(name, metric.meaning, meaning, f"{meaning} {metric.advice} {_EXPLAIN}"),
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["maintainability", "complexity"], **(limit or {})},
    }


def _describe(name: str, short: str, full: str, helping: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": full},
        "help": {"text": helping, "markdown": f"**{name}**: {helping}"},
    }
