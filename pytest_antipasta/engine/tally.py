"""Count the verdicts of a run by their origin, for the log, the trace and the store's journal."""

from __future__ import annotations

import time
from collections.abc import Collection
from operator import attrgetter

from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.run_log import log_outcome
from pytest_antipasta.engine.storage.storage import Storage
from pytest_antipasta.logs.notes import DEBUG, is_logged
from pytest_antipasta.logs.spans import record_counts
from pytest_antipasta.model.judged import LEFT_TO_STORE, Verdict
from pytest_antipasta.runtime.environment import is_ci
from pytest_antipasta.store.journal import PastRun, RunKind, record_run


class Tally:
    """Counts verdicts, and logs each."""

    def __init__(self, journal: RunKind | None) -> None:
        """Count for a kind of run in the journal, outside CI; ``None`` for a run without an entry."""
        self._journal = journal
        self._judged = self._hits = self._copies = 0

    def add(self, outcome: Outcome) -> None:
        """Count the verdict of an outcome."""
        log_outcome(outcome)
        self._judged += 1
        self._hits += outcome.verdict.from_store
        self._copies += outcome.verdict.is_coalesced

    def add_known(self, verdicts: Collection[Verdict], unlisted: int = 0) -> None:
        """Count verdicts that were known before the run, and further files that pass by the store."""
        self._judged += len(verdicts) + unlisted
        self._hits += sum(map(attrgetter("from_store"), verdicts)) + unlisted
        self._copies += sum(map(attrgetter("is_coalesced"), verdicts))
        logs_all = is_logged(DEBUG)
        for verdict in verdicts:
            # Most files of a large tree pass by the stat index, and have one measurement in common.
            if logs_all or (verdict.measurement is not LEFT_TO_STORE and verdict.errors):
                log_outcome(Outcome(verdict))

    def write(self, storage: Storage, seconds: float) -> None:
        """Write the counts into the trace, and into the journal with the duration of the run."""
        record_counts({"antipasta.files": self._judged, "antipasta.hits": self._hits})
        if self._judged and self._journal is not None:
            kind, misses = "ci" if is_ci() else self._journal, self._judged - self._hits - self._copies
            past = PastRun(time.time(), kind, self._hits, misses, self._copies, round(seconds, 3))
            storage.ask(lambda store: record_run(store.directory, past))
