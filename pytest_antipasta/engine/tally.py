"""The results of a run so far: verdicts for the report, records for the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_antipasta.engine.measuring.lookup import OFF, UNREADABLE
from pytest_antipasta.engine.memory.memory import Memory
from pytest_antipasta.engine.recall import Recall
from pytest_antipasta.engine.results import Result
from pytest_antipasta.logs import WARNING, note
from pytest_antipasta.model import Verdict


class Tally:
    """Results as they come in, from this process or others: the verdicts kept, the rest remembered.

    Attributes:
        verdicts: what is known so far, by path.
        tracebacks: of mistakes of ours over some of them.
        spent: by path, the process that judged and the seconds that it took, see :class:`Result`; none for
            files that :meth:`note_passing` notes.
        reads: the seconds that each question to the store took.
    """

    def __init__(self, memory: Memory) -> None:
        """Count for a run that remembers here."""
        self._memory = memory
        self._warnings: list[str] = []
        self.verdicts: dict[str, Verdict] = {}
        self.tracebacks: list[str] = []
        self.spent: dict[str, tuple[int, float]] = {}
        self.reads: list[float] = []

    @property
    def warnings(self) -> list[str]:
        """Warnings about the store, a line each."""
        told = self._memory.lookup.pop_warnings()
        for warning in told:
            note(WARNING, "warning", warning)
        self._warnings[:0] = told  # workers have seen the store after this process
        return merge_warnings(self._warnings)

    def note(self, result: Result, recall: Recall | None = None) -> None:
        """Note the result of one source, without its numbers where they can be had again."""
        verdict, path = result.verdict, result.verdict.path
        self.verdicts[path] = verdict if recall is None else verdict.leave_numbers(recall)
        self.spent[path] = (result.process, result.seconds)
        self.reads += result.reads
        self._warnings += result.warnings
        if result.traceback:
            self.tracebacks.append(result.traceback)
        self._memory.note(result)

    def note_passing(self, passing: Mapping[str, Verdict]) -> None:
        """Note verdicts, by path, on files that were not looked up: nothing else of them is remembered."""
        self.verdicts |= passing
        self._memory.note_passing(passing.values())

    def sorted_verdicts(self) -> list[Verdict]:
        """Return all verdicts in the order of their paths."""
        return [self.verdicts[path] for path in sorted(self.verdicts)]

    def sum_seconds(self) -> dict[int, float]:
        """Return what the sources took in each process."""
        seconds: dict[int, float] = {}
        for process, spent in self.spent.values():
            seconds[process] = seconds.get(process, 0.0) + spent
        return seconds


def merge_warnings(warnings: Iterable[str]) -> list[str]:
    """Return the warnings, each once, and of a broken store only the first of the worst."""
    lines = list(dict.fromkeys(warnings))
    off = [line for line in lines if line.startswith(OFF)]
    unreadable = [line for line in lines if line.startswith(UNREADABLE)]
    superfluous = {*off[1:], *(unreadable if off else unreadable[1:])}
    return [line for line in lines if line not in superfluous]
