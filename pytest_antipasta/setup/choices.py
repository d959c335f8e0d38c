"""What each of several limits would mean for a repository: how many functions and lines are over it.

No limit is derived from them, as functions over a limit are fixed as often per line as others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.git.edits import find_recent_edits
from pytest_antipasta.model.finding import FunctionKey, RecentEdits
from pytest_antipasta.model.measured import Block, Measurement, find_number
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from pytest_antipasta.settings.values import Settings

_LIMITS = (("cognitive_complexity", (10, 15, 20, 25)), ("cyclomatic_complexity", (10, 15, 20)))


class Choice(Struct, frozen=True):
    """A limit, and the functions over it.

    Attributes:
        metric: name of the metric.
        limit: the limit.
        functions: the first and the last line of each function over it; tests without a limit of the metric
            are left out.
    """

    metric: str
    limit: int
    functions: Mapping[FunctionKey, tuple[int, int]]

    @property
    def lines(self) -> int:
        """The number of lines of all functions over the limit."""
        return sum(last - first + 1 for first, last in self.functions.values())


def make_choices(root: Path, files: Mapping[str, Measurement]) -> tuple[Sequence[Choice], RecentEdits | None]:
    """Return limits to choose from, by metric, and how often functions over one were edited, if known.

    ``files`` are the measurements by path below the root.
    """
    limited = {metric: _find_limited(metric, files) for metric, _ in _LIMITS}
    found = [_make_choice(metric, limit, limited[metric]) for metric, limits in _LIMITS for limit in limits]
    lines = {key: span for choice in found for key, span in choice.functions.items()}
    of_files = {key: span for key, span in lines.items() if not files[key[0]].has_cells}
    return found, find_recent_edits(root, of_files)


def _make_choice(metric: str, limit: int, blocks: Mapping[FunctionKey, Block]) -> Choice:
    over = (item for item in blocks.items() if (find_number(item[1], metric) or 0) > limit)
    return Choice(metric, limit, {key: (block.line, block.end_line) for key, block in over})


def _find_limited(metric: str, files: Mapping[str, Measurement]) -> dict[FunctionKey, Block]:
    """Return the functions that a limit of a metric applies to, unless settings say otherwise."""
    finder = ThresholdFinder(Settings(Path("/"), None))
    return {
        (path, block.qualified_name): block
        for path, measurement in files.items()
        for block in measurement.blocks
        if block.kind != "class" and finder.find(path).for_content(measurement).find(metric, block)
    }
