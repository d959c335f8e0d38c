"""Settings for a repository that has none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from pytest_antipasta.files import select_files
from pytest_antipasta.messages import format_json
from pytest_antipasta.model import Verdict
from pytest_antipasta.settings import Settings, format_short
from pytest_antipasta.setup.exclusions import Exclusion, exclude_exactly, find_exclusions
from pytest_antipasta.setup.levels import Level, propose_levels

# Trouble that lies in the file and not in how it was read.
_UNMEASURABLE = ("syntax", "encoding", "too_deep", "too_large", "timeout", "memory")


class Proposal(Struct, frozen=True):
    """What could be written.

    The one path is always the root: whatever is added to a repository later is judged as well.

    Attributes:
        found: how many source files there are.
        exclusions: what is left out of them.
        levels: the limits to choose from.
        files: how many files would be judged.
    """

    found: int
    exclusions: Sequence[Exclusion]
    levels: Sequence[Level]
    files: int

    def find_level(self, name: str) -> Level:
        """Return a level by its name."""
        return next(level for level in self.levels if level.name == name)


def make_proposal(root: Path, judge_all: Callable[[Settings], Sequence[Verdict]]) -> Proposal:
    """Look at a repository and measure its source.

    Args:
        root: its top.
        judge_all: measures all files of some settings.
    """
    files = [file.path for file in select_files(Settings(root, None)).files]
    exclusions = find_exclusions(root, files)
    patterns = tuple(exclusion.pattern for exclusion in exclusions)
    verdicts = judge_all(Settings(root, None, exclude=patterns))
    exclusions += _iter_unmeasurable(verdicts)
    measurements = [verdict.measurement for verdict in verdicts if verdict.measurement.error is None]
    return Proposal(len(files), exclusions, propose_levels(measurements), len(measurements))


def iter_table(proposal: Proposal, level: Level) -> Iterator[str]:
    """Yield the lines of the table that says it."""
    yield "[tool.pytest-antipasta]"
    yield 'paths = ["."]'
    if proposal.exclusions:
        yield "exclude = ["
        for exclusion in proposal.exclusions:
            yield f"    {format_json(exclusion.pattern)},  # {exclusion.why}"
        yield "]"
    yield ""
    yield "[tool.pytest-antipasta.thresholds]"
    for metric, threshold in level.thresholds.items():
        yield f"{metric} = {format_short(threshold)}"


def _iter_unmeasurable(verdicts: Sequence[Verdict]) -> Iterator[Exclusion]:
    for verdict in verdicts:
        error = verdict.measurement.error
        if error is not None and error.kind in _UNMEASURABLE:
            yield exclude_exactly(verdict.path, f"can't be measured: {error.kind}")
