"""The data of the page about one block: its values by commit, and what each commit changed."""

from __future__ import annotations

from typing import Any

from pytest_antipasta.model import Life
from pytest_antipasta.report.trend import format_date, make_life
from pytest_antipasta.runtime import VERSION


def make_life_data(life: Life) -> dict[str, Any]:
    """Return the object that the page reads: the JSON data, with lines extended to the last commit."""
    commits = [(step.commit, step.time, step.subject) for step in life.steps]
    numbers = [step.after for step in life.steps]
    if life.last[0] != commits[-1][0]:
        commits.append(life.last)
        numbers.append(numbers[-1])
    facts = make_life(life)
    return {
        "antipasta": VERSION,
        **facts,
        "namesakes": life.namesakes,
        "commits": [[name, time, format_date(time), subject] for name, time, subject in commits],
        "series": [
            {"group": "numbers", "name": metric, "values": values, "threshold": facts["thresholds"][metric]}
            for metric, values in zip(life.metrics, zip(*numbers, strict=True), strict=True)
        ],
        "files": [],
    }
