"""The results of a run so far: verdicts for the report, records for the store."""

from __future__ import annotations

from pytest_antipasta.engine.measurer import merge_warnings
from pytest_antipasta.engine.memory import Memory
from pytest_antipasta.engine.phases import Phases
from pytest_antipasta.engine.results import Result
from pytest_antipasta.logs import WARNING, note
from pytest_antipasta.model import Verdict


class Tally:
    """Results as they come in, from this process or others: the verdicts kept, the rest remembered.

    Attributes:
        verdicts: what is known so far, by path.
        tracebacks: of mistakes of ours over some of them.
    """

    def __init__(self, memory: Memory, phases: Phases) -> None:
        """Count for a run that remembers here."""
        self._memory = memory
        self._phases = phases
        self._warnings: list[str] = []
        self.verdicts: dict[str, Verdict] = {}
        self.tracebacks: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """Warnings about the store, a line each."""
        for warning in self._memory.measurer.pop_warnings():
            note(WARNING, "warning", warning)
            self._warnings.append(warning)
        return merge_warnings(self._warnings)

    def note(self, result: Result, seconds: float = 0.0) -> None:
        """Note the result of one source, and the seconds that it took in another process."""
        self._phases.add("judge", seconds)
        self.verdicts[result.verdict.path] = result.verdict
        self._warnings += result.warnings
        if result.traceback:
            self.tracebacks.append(result.traceback)
        self._memory.note(result)

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts in the order of their paths."""
        return [self.verdicts[path] for path in sorted(self.verdicts)]

    def count_hits(self) -> int:
        """Return how many of them needed no measuring."""
        return sum(verdict.from_store for verdict in self.verdicts.values())
