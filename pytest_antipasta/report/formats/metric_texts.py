"""What each metric counts, for readers of reports who have never heard of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from pytest_antipasta.extension import judged_metrics
from pytest_antipasta.model import Verdict


class MetricText(NamedTuple):
    """A metric in words.

    Attributes:
        meaning: what it counts, a sentence.
        advice: what to do about a number over its limit, likewise.
    """

    meaning: str
    advice: str


_SPLIT = "Move what belongs together into a function of its own."
_SPLIT_FILE = "Move what belongs together into a module of its own."
_METRICS: Mapping[str, MetricText] = {
    "cyclomatic_complexity": MetricText(
        "A function's branches, plus one, in Python as radon counts them.", _SPLIT
    ),
    "cognitive_complexity": MetricText(
        "How hard a function's flow is to follow, as complexipy counts it: what is nested counts more.",
        "Return early, and move what is nested into functions.",
    ),
    "maintainability_index": MetricText(
        "0 to 100, the more the better: falls with a file's volume, branches and lines, as radon has it.",
        _SPLIT_FILE,
    ),
    "halstead_volume": MetricText("Halstead's volume: operators and operands, in bits.", _SPLIT_FILE),
    "halstead_difficulty": MetricText(
        "Halstead's difficulty: how many operators there are, and how often operands are repeated.", _SPLIT
    ),
    "halstead_effort": MetricText("Halstead's effort: volume times difficulty.", _SPLIT),
    "halstead_time": MetricText("Halstead's time to write a file: effort by 18, in seconds.", _SPLIT_FILE),
    "halstead_bugs": MetricText("Halstead's estimate of errors: volume by 3000.", _SPLIT_FILE),
    "lines_of_code": MetricText("All lines of a file.", _SPLIT_FILE),
    "logical_lines_of_code": MetricText("The statements of a file.", _SPLIT_FILE),
    "source_lines_of_code": MetricText("The lines of a file that hold code.", _SPLIT_FILE),
    "comment_lines": MetricText("The comments of a file.", "Say it in names, or in the documentation."),
    "single_comment_lines": MetricText(
        "The lines of a file with nothing but a comment or a docstring of one line.", "Say it in names."
    ),
    "multi_line_string_lines": MetricText(
        "The lines of strings that stand alone and span lines.", "Move long texts into files of their own."
    ),
    "blank_lines": MetricText("The empty lines of a file.", "Leave out those that separate nothing."),
}


def find_text(metric: str) -> MetricText:
    """Return a metric in words; of one of an extension, what is known."""
    known = judged_metrics().get(metric)
    unit = f", in {known.unit}" if known is not None and known.unit else ""
    return _METRICS.get(metric) or MetricText(f"A number of an extension, {metric}{unit}.", _SPLIT)


def find_limited(verdicts: Sequence[Verdict], limits: Iterable[str]) -> list[str]:
    """Return the metrics that have a limit, and those that have one for some path alone."""
    over = {one.metric for verdict in verdicts for one in (*verdict.violations, *verdict.tolerated)}
    names = over | set(limits)
    known = [name for name in judged_metrics() if name in names]
    return [*known, *sorted(names.difference(known))]
