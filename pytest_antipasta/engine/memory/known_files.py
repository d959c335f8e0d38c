"""What is known of the files of a root by their status alone, and what a run adds to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from pytest_antipasta.engine.memory.stat_index import Entries, Entry, Index, encode_changes, update_entries
from pytest_antipasta.engine.sources import Task
from pytest_antipasta.files import FoundFile
from pytest_antipasta.model import Measurement, Signature
from pytest_antipasta.policy import find_worst
from pytest_antipasta.store import DAY

_UNKNOWN = (None, None, None)


class KnownFiles:
    """The stat index of a root, read when it is first asked, and what was learned since."""

    def __init__(self, read: Callable[[], Index]) -> None:
        """Begin with what reads the index."""
        self._read_index = read
        self._index: Index | None = None
        self._learned: Entries = {}
        self._now = time.time()
        self._has_noted_all = False

    def read(self) -> Index:
        """Return the index, read when it is first asked for."""
        if self._index is None:
            self._index = self._read_index()
        return self._index

    def find_digests(self, files: Iterable[FoundFile], max_size: float) -> list[bytes | None]:
        """Return the digest of what each file has, if its status is the one that it was read with.

        A file of more bytes than may be read now has none: reading it says that it is too large.
        """
        known = self.read().entries.get
        return [
            entry[1]
            if (entry := known(path, _UNKNOWN))[0] == signature and signature and signature[0] <= max_size
            else None
            for path, _, signature, _ in files
        ]

    def list_worst(self, tasks: Sequence[Task]) -> list[bytes | None]:
        """Return the worst numbers of files with the contents that they were found with, see ``policy``.

        There are none where the records of contents are to be asked for in any case, once a day: their use
        is noted then, which keeps them.
        """
        if not self._is_recent:
            return [None] * len(tasks)
        entries = self.read().entries
        return [None if task.digest is None else entries[task.path][2] for task in tasks]

    def note_all(self) -> None:
        """Note that the records of all contents are asked for in this run."""
        self._has_noted_all = not self._is_recent

    def learn(
        self, path: str, signature: Signature | None, digest: bytes, numbers: Measurement | None = None
    ) -> None:
        """Note which content a file has while its status is the same, and what its worst numbers are.

        Without a status it may be what the file was known to have.
        """
        if signature is None:
            signature, known, worst = self._find_entry(path)
            if signature is None or known != digest or worst is not None:
                return
        self._learned[path] = (signature, digest, None if numbers is None else find_worst(numbers))

    def list_digests(self) -> set[bytes]:
        """Return the digests of contents that files had before the run, as far as it looked."""
        index = self._index or Index()  # the store may be closed
        return {digest for _, digest, _ in index.entries.values()}

    def encode(self, still_there: Iterable[str] | None) -> dict[int, bytes]:
        """Return the parts of the index that are to be written, by their numbers.

        Args:
            still_there: the paths of all files of the root, where all are known; others are forgotten.
        """
        if not self._learned and still_there is None:
            return {}
        index = self.read()
        entries = update_entries(index.entries, self._learned, still_there)
        noted = self._now if self._has_noted_all else index.noted
        if entries == index.entries and (noted == index.noted or not entries):
            return {}
        return encode_changes(index, noted, entries)

    @cached_property
    def _is_recent(self) -> bool:
        return 0 <= self._now - self.read().noted < DAY

    def _find_entry(self, path: str) -> Entry | tuple[None, None, None]:
        learned = self._learned.get(path)
        return self.read().entries.get(path, _UNKNOWN) if learned is None else learned
