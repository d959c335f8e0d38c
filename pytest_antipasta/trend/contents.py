"""Measurements of old contents: looked up by git's names, or read and measured."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from pytest_antipasta.engine.diagnostics import Diagnostics, merge_warnings
from pytest_antipasta.engine.digests import digest_content
from pytest_antipasta.engine.executor.judging import judge_many
from pytest_antipasta.engine.executor.worker_count import count_processors, plan_workers
from pytest_antipasta.engine.judge import FileJudge
from pytest_antipasta.engine.measuring.measurer import Measurer
from pytest_antipasta.engine.outcome import Outcome
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.engine.storage.storage import Storage, open_storage
from pytest_antipasta.files.reading import describe_too_large
from pytest_antipasta.files.source import Source
from pytest_antipasta.git.objects import name_blob, split_by_size
from pytest_antipasta.git.repository import Repository
from pytest_antipasta.model.measured import LASTING_ERRORS, NOTEBOOK, FileError, Measurement
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store.records import encode_record

# Number of records in memory at a time.
_CHUNK = 1000
# Bytes of contents requested from git at a time, which are in memory while workers measure them.
_READ, _HELD = 8e6, 32e6
_NOT_HERE = FileError("missing", "content is missing in this clone, or damaged")
MISSING = Measurement.of(_NOT_HERE)
"""Measurement of a content that git does not have."""


class OldFile(NamedTuple):
    """A content that a file had.

    Attributes:
        blob: object name in git.
        path: path of the file in reports.
    """

    blob: str
    path: str


class Contents:
    """Returns measurements, each content measured once.

    Attributes:
        warnings: warnings about the stores, one line each, once they are closed.
    """

    def __init__(
        self, settings: Settings, repository: Repository, cache_dir: Path | None, jobs: int | None
    ) -> None:
        """Use the stores of a folder, or none.

        Args:
            settings: settings of the root.
            repository: repository with the contents.
            cache_dir: folder of the stores.
            jobs: number of processes; ``None`` for automatic.
        """
        self.warnings: list[str] = []
        self._rules = Rules(settings).without_limits()
        self._objects = repository.objects
        self._jobs = jobs
        # Contents of the working tree may equal old ones; contents of old commits only are stored separately.
        self._diagnostics = Diagnostics()
        storage = open_storage(settings, cache_dir, diagnostics=self._diagnostics)
        self._measurer = Measurer(storage, settings)
        self._history: Storage = open_storage(
            settings, cache_dir, is_history=True, diagnostics=self._diagnostics
        )
        self._passing: set[bytes] = set()

    def digest(self, file: OldFile) -> bytes:
        """Return the digest of a content in the store: git's name, combined with its language.

        The size limit is part of it, as a content measured with another limit may be too large now.
        """
        name = f"git notebook {file.blob}" if file.path.endswith(NOTEBOOK) else f"git {file.blob}"
        name = f"{name} {self._rules.settings.max_file_size_mb}"
        return digest_content(name.encode(), self._rules.settings.languages, file.path)

    def find(self, files: Mapping[bytes, OldFile]) -> Iterator[tuple[bytes, Measurement]]:
        """Yield the measurements of all contents, by digest."""
        history = self._history
        missing: dict[bytes, OldFile] = {}
        remaining = iter(files.items())
        while some := dict(islice(remaining, _CHUNK)):
            history.load(some)
            if errors := [_name_error(digest) for digest in some if history.lacks(digest)]:
                history.load_more(errors)
            for digest, file in some.items():
                known = history.find(digest) or history.find(_name_error(digest))
                if known is None:
                    missing[digest] = file
                else:
                    yield digest, known.measurement
        if missing:
            yield from self._measure(missing)

    def read(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """Return contents by git's names, without missing ones."""
        return self._objects.read_blobs(blobs)

    def find_missing(self, blobs: Iterable[str]) -> set[str]:
        """Return the contents that git does not have."""
        asked = set(blobs)
        return asked - self._objects.list_sizes(asked).keys() if asked else set()

    def close(self) -> None:
        """Store new measurements, and close the stores."""
        self._history.finish()
        self._measurer.close()
        self.warnings = merge_warnings(self._diagnostics.take())

    def _measure(self, files: Mapping[bytes, OldFile]) -> Iterator[tuple[bytes, Measurement]]:
        sizes = self._objects.list_sizes(file.blob for file in files.values())
        most = self._rules.settings.max_file_bytes
        here: list[tuple[tuple[bytes, OldFile], int]] = []
        for digest, file in files.items():
            size = sizes.get(file.blob)
            if size is None:
                yield digest, MISSING
            elif size > most:
                yield digest, Measurement.of(describe_too_large(size, most))
            else:
                here.append(((digest, file), size))
        for some in split_by_size(here, _HELD):
            sources = self._read(some, sizes)
            yield from ((digest, MISSING) for digest, _ in some if digest not in sources)
            yield from self._judge(sources)

    def _read(self, files: Sequence[tuple[bytes, OldFile]], sizes: Mapping[str, int]) -> dict[bytes, Source]:
        """Read contents for measuring in any process; return those that exist."""
        sources = {}
        for some in split_by_size(((pair, sizes[pair[1].blob]) for pair in files), _READ):
            contents = self._objects.read_blobs(file.blob for _, file in some)
            for digest, (blob, path) in some:
                data = contents.get(blob)
                # A damaged content must not be stored under git's name.
                if data is not None and name_blob(data, len(blob)) == blob:
                    # The path determines the language. A file has many contents, each with a path of its own.
                    sources[digest] = Source(f"{digest.hex()}/{path}", size=len(data), data=data)
        return sources

    def _judge(self, sources: Mapping[bytes, Source]) -> Iterator[tuple[bytes, Measurement]]:
        contents = list(sources.values())
        workers = self._jobs or plan_workers(contents, count_processors(), self._measurer.is_stored).number
        digests = {source.path: digest for digest, source in sources.items()}
        with closing(judge_many(contents, FileJudge(self._rules, self._measurer), workers)) as outcomes:
            for outcome in outcomes:
                digest = digests[outcome.verdict.path]
                self._keep(digest, outcome)
                yield digest, outcome.verdict.measurement

    def keep(self, digest: bytes, measurement: Measurement) -> None:
        """Store the measurement of a content, unless it is stored."""
        record = self._encode(digest, measurement)
        if digest not in self._passing:
            self._history.keep(digest, record)

    def is_kept(self, digest: bytes) -> bool:
        """Return whether the store has, or will have, the measurement of a content."""
        return self._history.store is not None and digest not in self._passing

    def find_records(self, names: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
        """Return stored records with separate digests, each given with the digest of its content.

        Using one also marks the content's record as used, as other limits would need it.
        """
        history = self._history
        history.load(names)
        found = ((name, history.loaded.get(history.key(name))) for name in names)
        records = {name: record for name, record in found if record}
        aging = history.store.aging if history.store is not None else ()
        for name in records:
            if history.key(name) in aging:
                history.mark_used(names[name])
        return records

    def keep_record(self, digest: bytes, record: bytes) -> None:
        """Store another record than a measurement under a separate digest."""
        self._history.keep(digest, record)

    def _encode(self, digest: bytes, measurement: Measurement) -> bytes:
        """Return the record of a content, and hold it until the store has it, or without a store."""
        # Comments are not used for old contents.
        brief = replace(measurement, comments=())
        record = encode_record(brief, compress=self._rules.settings.cache_compression)
        self._history.hold(digest, record)
        return record

    def _keep(self, digest: bytes, outcome: Outcome) -> None:
        measurement = outcome.verdict.measurement
        for warning in outcome.warnings:
            self._diagnostics.warn(*warning)
        record = self._encode(digest, measurement)
        if measurement.error is None:
            is_lasting = outcome.verdict.from_store or outcome.record is not None
        else:
            is_lasting = measurement.error.kind in LASTING_ERRORS and not measurement.missing
            digest = _name_error(digest)
        if is_lasting:
            self._history.keep(digest, record)
        else:
            self._passing.add(digest)


def _name_error(digest: bytes) -> bytes:
    """Return the digest for an error: parsing may change even within a minor version of Python."""
    return hashlib.sha256(digest + sys.version.encode()).digest()
