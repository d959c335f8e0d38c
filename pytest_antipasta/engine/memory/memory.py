"""What is remembered between runs: records by content, and each file's content by its stat."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pytest_antipasta.engine.decisions import note_result
from pytest_antipasta.engine.measuring.measurer import Measurer, open_measurer
from pytest_antipasta.engine.memory.known_files import KnownFiles
from pytest_antipasta.engine.memory.stat_index import Index, decode_index, index_key, part_key
from pytest_antipasta.engine.results import Measured, Result
from pytest_antipasta.engine.sources import Source, Task, find_language
from pytest_antipasta.files import FoundFile
from pytest_antipasta.logs import DEBUG, SLOW, is_noted, note_counts, note_slow_file
from pytest_antipasta.model import Measurement, Signature, Verdict
from pytest_antipasta.processes import defer_signals
from pytest_antipasta.runtime import is_ci
from pytest_antipasta.settings import Settings
from pytest_antipasta.store import (
    DAY,
    Bounds,
    EntryError,
    PastRun,
    RunKind,
    find_history_dir,
    has_room,
    note_run,
)

if TYPE_CHECKING:
    from pytest_antipasta.store import LocalStore

# Records written at a time: what a killed run has measured until then is not lost.
_BATCH = 500
_Answer = TypeVar("_Answer")


class Memory:
    """Reads and writes what one root needs.

    Attributes:
        measurer: measures what is not remembered.
        lookup: the measurer's, with the store.
        cache_dir: the store's folder, or ``None`` for a run without one.
        kind: what the journal says of the run outside of CI; ``None`` for one that it does not mention.
        measured: the keys of what was measured and is to be kept.
    """

    def __init__(
        self, root: Path, measurer: Measurer, bounds: Bounds | None = None, cache_dir: Path | None = None
    ) -> None:
        """Remember for a root, in the measurer's store, so much as its bounds allow."""
        self.measurer = measurer
        self.lookup = measurer.lookup
        self.cache_dir = cache_dir
        self._bounds = bounds or Bounds()
        self._index_key = index_key(str(root))
        self._records: dict[bytes, bytes] = {}
        self._files = KnownFiles(self._read_index)
        self._used: set[bytes] = set()
        self._began = time.perf_counter()
        self._hits = self._coalesced = self._results = 0
        self._has_news = False
        self.kind: RunKind | None = "other"
        self.measured: list[bytes] = []

    def preload_index(self) -> None:
        """Read what is known of the root's files now, while something else is waited for anyway."""
        self._files.read()

    def make_tasks(self, files: Sequence[FoundFile]) -> list[Task]:
        """Return a task for each file, with its digest where the index can be trusted."""
        digests = self._files.find_digests(files, self.measurer.max_size)
        if languages := self.measurer.languages:  # of whose versions an index does not know
            found = zip(files, digests, strict=True)
            digests = [None if find_language(languages, file.path) else digest for file, digest in found]
        return [
            Task(path, location, digest, signature[0] if signature else 0, None, place)
            for (path, location, signature, place), digest in zip(files, digests, strict=True)
        ]

    def measure(self, source: Source, deadline: float = float("inf")) -> Measured:
        """Return the measurement of a source, and keep what is new; see :meth:`Measurer.measure`."""
        began = time.perf_counter()
        measured = self.measurer.measure(source, deadline)
        if (seconds := time.perf_counter() - began) > SLOW:  # those of a change have no results
            error = measured.measurement.error
            kind = error.kind if error else ""
            note_slow_file(source.path, seconds, {"process.pid": os.getpid()}, error=kind)
        if measured.digest is not None:
            self.keep(measured.digest, measured.record)
        return measured

    def note(self, result: Result) -> None:
        """Note what to remember of a result."""
        note_result(result)
        self._results += 1
        self._hits += result.verdict.from_store
        self._coalesced += result.verdict.is_coalesced
        if result.digest is None:
            return
        if result.is_unreadable:
            self.lookup.unreadable.add(result.digest)
        if result.is_aging:
            self.note_use(result.digest)
        self.keep(result.digest, result.record)
        self.learn(result.verdict.path, result.signature, result.digest, result.verdict.numbers)

    def note_use(self, digest: bytes) -> None:
        """Note that what the store has of a content is in use."""
        self._used.add(self.lookup.key(digest))

    def learn(
        self, path: str, signature: Signature | None, digest: bytes, numbers: Measurement | None = None
    ) -> None:
        """Note what a file has, see :meth:`KnownFiles.learn`."""
        # An index does not know of the versions of a language.
        if find_language(self.measurer.languages, path) is None:
            self._files.learn(path, signature, digest, numbers)

    def list_worst(self, tasks: Sequence[Task]) -> list[bytes | None]:
        """Return the worst numbers of files, where they are known, see :meth:`KnownFiles.list_worst`."""
        return self._files.list_worst(tasks)

    def load(self, tasks: Iterable[Task], *, is_all: bool) -> None:
        """Read what the store has for many files at once; ``is_all`` where the root has no others."""
        self.lookup.load(task.digest for task in tasks if task.digest)
        if is_all:
            self._files.note_all()

    def note_passing(self, verdicts: Collection[Verdict]) -> None:
        """Note verdicts whose contents are known, and of which nothing was asked for."""
        self._results += len(verdicts)
        self._hits += len(verdicts)
        if is_noted(DEBUG):
            for verdict in verdicts:
                note_result(Result(verdict))

    def note_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Note what was found for verdicts, of which there is nothing else to remember."""
        for verdict in verdicts:
            self.note(Result(verdict))

    def keep(self, digest: bytes, record: bytes | None) -> None:
        """Keep the record of a content, if there is a new one."""
        if record is None:
            return
        key = self.lookup.key(digest)
        self._records[key] = record
        self.measured.append(key)
        if len(self._records) >= _BATCH:
            items = self._take_records()
            try:
                self._put(items)
            except KeyboardInterrupt:
                self._records |= items  # for the end of the run
                raise

    def adopt(self, records: Mapping[bytes, bytes]) -> None:
        """Take what another store has, by key; workers find it, too, where this one has room."""
        self.lookup.loaded |= records
        self._records |= records
        self._put(self._take_records())

    def close(self) -> None:
        """Let go of the store."""
        self.measurer.close()

    def finish(self) -> None:
        """Write what was noted, see :meth:`write`, and let go of the store."""
        with defer_signals():
            self.write()
            self.close()

    def write(self, still_there: Iterable[str] | None = None) -> None:
        """Write what was noted in one go, and keep the store within its bounds.

        Args:
            still_there: the paths of all files of the root, where all are known; others are forgotten.
        """
        used = self._used | self.lookup.store.aging if self.lookup.store else self._used
        items = self._take_records()
        for part, value in self._files.encode(still_there).items():
            items[part_key(self._index_key, part)] = value
        self._put(items, used)
        if self._has_news or used:
            self._ask(self._tidy)
        note_counts({"antipasta.files": self._results, "antipasta.hits": self._hits})
        if self._results and self.kind is not None:
            past = self._describe_run("ci" if is_ci() else self.kind)
            self._ask(lambda store: note_run(store.directory, past))

    def _describe_run(self, kind: RunKind) -> PastRun:
        return PastRun(
            time.time(),
            kind,
            self._hits,
            self._results - self._hits - self._coalesced,
            self._coalesced,
            round(time.perf_counter() - self._began, 3),
        )

    def find_known(self) -> set[bytes]:
        """Return the digests of contents that files of the root had before the run, as far as it looked."""
        return self._files.list_digests()

    def _take_records(self) -> dict[bytes, bytes]:
        """Return the records that were noted, if the store has room for them."""
        records, self._records = self._records, {}
        if not records:
            return {}
        self._has_news = True
        return records if self._ask(lambda store: has_room(store, self._bounds)) else {}

    def _put(self, items: Mapping[bytes, bytes], used: Iterable[bytes] = ()) -> None:
        if items or used:
            self._ask(lambda store: store.put_many(items, used))

    def _tidy(self, store: LocalStore) -> None:
        from pytest_antipasta.store import keep_up  # here, because it brings SQLite with it

        if told := keep_up(store, self._bounds):
            self.lookup.warn(told)

    def _ask(self, question: Callable[[LocalStore], _Answer]) -> _Answer | None:
        """Return what the store answers, and let no signal come between."""
        with defer_signals():
            return self.lookup.ask(question)

    def _read_index(self) -> Index:
        index = self._read_part(0)
        for part in range(1, index.parts):
            index.entries |= self._read_part(part).entries
        return index

    def _read_part(self, part: int) -> Index:
        key = part_key(self._index_key, part)
        try:
            value = self._ask(lambda store: store.get(key))
        except EntryError:
            value = None
        return decode_index(value, self.lookup.key(b""))


def open_memory(settings: Settings, cache_dir: Path | None) -> Memory:
    """Return what remembers for the root of some settings, with the store in a folder or without one."""
    measurer = open_measurer(settings, cache_dir)
    return Memory(settings.root, measurer, choose_bounds(settings), cache_dir)


def open_history(settings: Settings, cache_dir: Path | None) -> Memory:
    """Return what remembers contents of old commits, in a store of their own: they push out no others."""
    folder = None if cache_dir is None else find_history_dir(cache_dir)
    measurer = open_measurer(settings, folder)
    return Memory(settings.root, measurer, choose_history_bounds(settings), folder)


def choose_bounds(settings: Settings) -> Bounds:
    """Return how much the store may have by the settings."""
    return Bounds(
        max_bytes=settings.cache_max_size_mb * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        max_entries=settings.cache_max_entries,
        eviction=settings.cache_eviction,
    )


def choose_history_bounds(settings: Settings) -> Bounds:
    """Return how much it may have of contents of old commits, beside that."""
    return Bounds(
        max_bytes=settings.history_max_size_mb * 1e6,
        max_age=settings.cache_max_age_days * DAY,
        eviction=settings.cache_eviction,
        size_setting="history_max_size_mb",
    )
