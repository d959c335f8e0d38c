"""The history of one block for programs: JSON, and CSV with a row for each commit that changed it."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.messages import show_name
from pytest_antipasta.model import Life, LifeStep
from pytest_antipasta.report.csv_cells import format_rows
from pytest_antipasta.report.records import encode, make_head
from pytest_antipasta.report.trend.data import format_date

_WORDS = ("commit", "date", "subject", "change", "path", "qualified_name", "previous_path", "previous_name")


def make_life_json(life: Life) -> bytes:
    """Return the JSON text of a block's history."""
    return encode(make_life(life))


def make_life(life: Life) -> dict[str, Any]:
    """Return the JSON object of a block's history, before encoding."""
    return {
        **make_head(()),
        "path": life.path,
        "qualified_name": life.qualified_name,
        "thresholds": {
            metric: threshold and {"limit": threshold.limit, "comparison": threshold.comparison}
            for metric, threshold in zip(life.metrics, life.thresholds, strict=True)
        },
        "looked_at": life.commits,
        "edits": life.edits,
        "unmeasured": life.unmeasured,
        "is_cut_off": life.is_cut_off,
        "steps": [_make_step(life, step) for step in life.steps],
    }


def make_life_csv(life: Life) -> bytes:
    """Return a row for each commit below the column names."""
    groups = ("before", "after")
    head = (*_WORDS, *(f"{group}_{metric}" for group in groups for metric in life.metrics))
    none = [None] * len(life.metrics)
    rows = [(*_show(step), *(step.before or none), *step.after) for step in life.steps]
    return format_rows([head, *rows])


def _show(step: LifeStep) -> list[str]:
    return [show_name(word or "") for word in _list_words(step)]


def _make_step(life: Life, step: LifeStep) -> dict[str, Any]:
    before = step.before or (None,) * len(step.after)
    numbers = {
        metric: {"before": old, "after": new}
        for metric, old, new in zip(life.metrics, before, step.after, strict=True)
    }
    return {**dict(zip(_WORDS, _list_words(step), strict=True)), "metrics": numbers}


def _list_words(step: LifeStep) -> tuple[str | None, ...]:
    places = (step.path, step.qualified_name, step.previous_path, step.previous_name)
    return (step.commit, format_date(step.time), step.subject, step.change, *places)
