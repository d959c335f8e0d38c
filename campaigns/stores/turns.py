"""Runs with a store, one at a time; what must hold of each, and of what it stores."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from campaigns.hunt.commands import Said
from campaigns.steps import Difference
from campaigns.stores.places import (
    Answer,
    Clock,
    Clone,
    Store,
    ask,
    ask_cache,
    ask_pytest,
    ask_python,
    beside,
)
from campaigns.stores.stock import DAY, Stock, read_export
from campaigns.ways.projects import read_table
from pytest_antipasta.engine.storage.storage import current_fingerprint
from tests.store.shared.servers import Server

JSON = ("--format", "json")
_MEASURED = "measured"
_SAME, _OWN = "a run with a store says what one without says", "a run stores its contents alone"
_KEY = "PYTEST_ANTIPASTA_SHARED_STORE_KEY"
# Runs that look up all files, and store all that can be measured.
_ALL = ("check", *JSON, "--all")
_WHOLE = (_ALL, _ALL, (*_ALL, "--jobs", "2"), ("pytest",), ("warm",))
_WORKERS = ("pytest", "-p", "xdist", "-n", "2")  # which take seconds to begin
# Runs that need no measurements of files within all limits, but use them.
_LAZY = (("check",), ("check", "--quiet"), ("check", *JSON))
# Runs that look up what they need.
_PART: tuple[tuple[str, ...], ...] = (
    *_LAZY, *_LAZY, ("hook",), ("hook", "--whole"), ("check", "--staged", *JSON),
    ("check", "--diff", "HEAD", *JSON), ("trend", *JSON), ("check", "--top", "3"), ("measure", *JSON),
)  # fmt: skip
# What fails because of what it is given.
_MAY_FAIL = ((3, "warm"), (2, "import"))


class Means:
    """What all turns of a campaign have.

    Attributes:
        server: a Redis; ``None`` if none is installed.
        pythons: other Pythons that have this package.
    """

    server: Server | None = None
    pythons: Sequence[str] = ()

    def __init__(self) -> None:
        """Know of no other Python yet."""
        self._fingerprints: dict[str, bytes] = {}

    def find_fingerprint(self, python: str) -> bytes:
        """Return the fingerprint of another Python."""
        if python not in self._fingerprints:
            code = f"from {current_fingerprint.__module__} import *; print(current_fingerprint().hex())"
            done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
            self._fingerprints[python] = bytes.fromhex(done.stdout)
        return self._fingerprints[python]


class _Wanted(NamedTuple):
    """What a run over all files should find and leave behind.

    Attributes:
        hits: how many files are known.
        new: the digests of contents that are not.
        copies: files with the content of another one that is new.
        errors: files without values.
        all: the digests of all files with values.
    """

    hits: int
    new: frozenset[bytes]
    copies: int
    errors: int
    all: frozenset[bytes]

    def compare(self, run: Mapping[str, Any], *, is_bounded: bool) -> list[str]:
        """Return what a run says that it should not.

        The index of a store knows files within all limits whose measurements went to make room.
        """
        said = {name: run[name] for name in ("hits", "misses", "coalesced")}
        more = max(said["hits"] - self.hits, 0) if is_bounded else 0
        wanted = {
            "hits": self.hits + more, "misses": len(self.new) + self.errors - more, "coalesced": self.copies,
        }  # fmt: skip
        return [] if said == wanted else [f"{said}, not {wanted}"]

    def compare_warm(self, said: Said, facts: Mapping[str, Any]) -> list[str]:
        """Return the same of ``cache warm``."""
        wanted = {
            "known": self.hits, "measured": len(self.new), "copies": self.copies, "errors": self.errors,
        }  # fmt: skip
        got = {name: facts.get(name) for name in wanted}
        is_right = (said.code, got) == (3 if self.errors else 0, wanted)
        return [] if is_right else [f"{said.code}, {got}, not {wanted}", said.err]


class _Rules(NamedTuple):
    """What settings say about the store.

    Attributes:
        is_used: whether there is one.
        max_age: seconds after which an entry goes that is not used.
        max_entries: how many it may have; ``None`` for any number.
        max_size: how many megabytes.
    """

    is_used: bool
    max_age: float
    max_entries: int | None
    max_size: float

    @property
    def is_bounded(self) -> bool:
        """Whether it is so small that entries may go which are in use."""
        return self.max_entries is not None or self.max_size < 1

    def compare(self, stock: Stock) -> list[str]:
        """Return how much larger a store is than it may be."""
        is_over = self.max_entries is not None and len(stock.rows) > self.max_entries
        # What a store has besides measurements is never removed to make room.
        if (is_over and stock.records) or stock.size > self.max_size * 1e6:
            return [f"{len(stock.rows)} entries, {stock.size} bytes; {self}"]
        return []


class Turn:
    """One thing that is done in a clone with a store."""

    def __init__(
        self, means: Means, clone: Clone, here: Path, store: Store, rng: Random, said: list[str]
    ) -> None:
        """Prepare it, in one of the clone's folders; what is done is added to ``said``."""
        self._means, self._clone, self._here, self._store = means, clone, here, store
        self._rng, self._said = rng, said
        self._file = clone.path.with_name("measurements.bin")
        self._report = clone.path.with_name("report.json")
        table = read_table(clone.tree)
        self._rules = _Rules(
            table.get("cache", True),
            table.get("cache_max_age_days", 30) * DAY,
            table.get("cache_max_entries"),
            table.get("cache_max_size_mb", 100),
        )

    @cached_property
    def cold(self) -> Answer:
        """What a check says without a store."""
        return ask(self._here, None, ("check", *JSON))

    def run_whole(self) -> Iterator[Difference]:
        """Have a run look up all files."""
        words = _WORKERS if self._rng.random() < 0.05 else self._rng.choice(_WHOLE)
        self._said.append(" ".join(words))
        before = self._look()
        wanted = self._want(before.find_digests(current_fingerprint()))
        if words == ("warm",):
            said, facts = self._cache("warm")
            if self._rules.is_used and (lines := wanted.compare_warm(said, facts)):
                yield Difference("warm finds what is stored, and nothing else", lines)
        else:
            answer, cold = (self._ask(words, store) for store in (self._store, None))
            yield from self._compare(cold, answer)
            wanted_of_run = wanted if self._rules.is_used else self._want(())
            if lines := wanted_of_run.compare(answer.run, is_bounded=self._rules.is_bounded):
                yield Difference("a run finds what is stored, and nothing else", lines)
        yield from self._compare_stored(before, wanted.all, has_workers="2" in words)

    def run_part(self) -> Iterator[Difference]:
        """Have a run look up some contents."""
        words = self._rng.choice(_PART)
        self._said.append(" ".join(words))
        before = self._look()
        answer, cold = (self._ask(words, store) for store in (self._store, None))
        yield from self._compare(cold, answer)
        after = self._look()
        keys = {one + current_fingerprint() for one in self._clone.find_contents()}
        if extra := after.records - before.records - keys:
            yield Difference(_OWN, [str(extra)])
        if not self._rules.is_bounded and (missing := self._find_missing(before, (), after)):
            yield Difference("a run keeps what is stored", [str(missing)])
        if words in _LAZY and self._rules.is_used:
            own = {one + current_fingerprint() for one in self._want(()).all}
            yield from self._compare_used(after, own, 2 * DAY)

    def run_other(self) -> Iterator[Difference]:
        """Have another Python look up all files."""
        if not self._means.pythons:
            return
        python = self._rng.choice(self._means.pythons)
        self._said.append(python)
        fingerprint = self._means.find_fingerprint(python)
        run = partial(ask_python, python, self._here, _ALL)
        before, answer, cold = self._look(), run(self._store), run(None)
        yield from self._compare(cold, answer)
        wanted = self._want(before.find_digests(fingerprint) if self._rules.is_used else (), cold)
        if lines := wanted.compare(answer.run, is_bounded=self._rules.is_bounded):
            yield Difference("a run finds what is stored, and nothing else", lines)
        yield from self._compare_stored(before, wanted.all, fingerprint)

    def run_beside(self) -> Iterator[Difference]:
        """Have a run beside a command about its store, at the same time."""
        words, imported = self._rng.choice(_WHOLE[:3]), ("import", str(self._file))
        other = self._rng.choice((("warm",), ("prune",), ("clear",), ("verify",), imported))
        self._said.append(f"{' '.join(words)} beside {' '.join(other)}")
        before, taken = self._look(), dict[bytes, bytes]()
        if other == imported:
            with suppress(FileNotFoundError):
                taken = read_export(self._file)
        answer, (said, _) = beside(partial(self._ask, words, self._store), partial(self._cache, *other))
        yield from self._compare(self._ask(words, None), answer)
        if said.code and self._rules.is_used and (said.code, other[0]) not in _MAY_FAIL:
            yield Difference("a command beside a run succeeds", [str(said.code), said.out, said.err])
        digests = self._want(()).all
        keys = {one + current_fingerprint() for one in digests} | taken.keys()
        if extra := self._look().records - before.records - keys:
            yield Difference(_OWN, [str(extra)])
        if other[0] in ("warm", "verify", "prune"):
            yield from self._compare_stored(before, digests, has_workers="2" in words)

    def lock(self) -> Iterator[Difference]:
        """Have a run and a command use a store that they can't write."""
        before = self._look()
        if not self._rules.is_used or not before.rows:
            return
        words, file = self._rng.choice(_WHOLE[:4]), str(self._file)
        commands = (("status",), ("verify",), ("prune",), ("clear",), ("export", file), ("import", file))
        command = self._rng.choice(commands)
        self._said += [" ".join(words), " ".join(command)]
        with _locked(self._store.folder):
            answer = self._ask(words, self._store)
            said, _ = self._cache(*command)
        yield from self._compare(self._ask(words, None), answer)
        if lines := before.list_changes(self._look()):
            yield Difference("what is locked is left alone", lines)
        if said.code not in (0, 2) or (said.code == 2) != said.err.startswith("error: "):
            yield Difference("an error is reported in a line", [str(said.code), said.err])

    def share(self) -> Iterator[Difference]:
        """Have measurements go to a Redis, and come from there to an empty store."""
        server = self._means.server
        if server is None or not self._rules.is_used or self._rules.is_bounded:
            return
        key = self._rng.choice(("", "", "key"))
        for said in (f"warm by Redis, with the key {key!r},", "and from there"):
            self._said.append(said)
            yield from self._share(server, key)
            shutil.rmtree(self._store.folder)

    def _share(self, server: Server, key: str) -> Iterator[Difference]:
        before, there = self._look(), _read_digests(server, has_key=bool(key))
        wanted = self._want(before.find_digests(current_fingerprint()) | there)
        if key:
            os.environ[_KEY] = key
        said, facts = self._cache("warm", "--shared-store", server.url)
        os.environ.pop(_KEY, None)
        if lines := wanted.compare_warm(said, facts):
            yield Difference("warm finds what is shared", lines)
        if _read_digests(server, has_key=bool(key)) != there | wanted.new:
            yield Difference("what was measured is shared, and nothing else", [str(there), str(wanted)])
        yield from self._compare_stored(before, wanted.all)

    # Parts of these.

    def _look(self) -> Stock:
        return Stock.read(self._store.folder)

    def _cache(self, *words: str) -> tuple[Said, dict[str, Any]]:
        return ask_cache(self._here, self._store, words)

    def _ask(self, words: Sequence[str], store: Store | None) -> Answer:
        if words[0] == "pytest":
            return ask_pytest(self._here, store, self._report, words[1:])
        return ask(self._here, store, words)

    def _want(self, known: Collection[bytes], cold: Answer | None = None) -> _Wanted:
        """Return what a run should find, given the contents that are known."""
        files = (cold or self.cold).read()["files"]
        paths = [file["path"] for file in files if file["status"] == _MEASURED]
        digests = self._clone.find_digests(paths)
        hits = [one for one in digests if one in known]
        new = frozenset(digests) - frozenset(hits)
        copies = len(digests) - len(hits) - len(new)
        return _Wanted(len(hits), new, copies, len(files) - len(paths), frozenset(digests))

    def _compare(self, cold: Answer, answer: Answer) -> Iterator[Difference]:
        """Yield what a run says with a store and does not say without one, or the other way round."""
        if lines := cold.compare(answer):
            yield Difference(_SAME, lines)

    def _find_missing(self, before: Stock, new: Collection[bytes], after: Stock) -> frozenset[bytes]:
        """Return the keys of measurements that should be stored; those that were not used for long may go."""
        old = before.find_unused(Clock.now() - self._rules.max_age).difference(new)
        return before.records.union(new) - after.records - old

    def _compare_stored(
        self,
        before: Stock,
        digests: Collection[bytes],
        fingerprint: bytes | None = None,
        *,
        has_workers: bool = False,
    ) -> Iterator[Difference]:
        """Yield what a run over contents has stored that it should not, and the other way round."""
        after = self._look()
        if not self._rules.is_used:
            if lines := before.list_changes(after):
                yield Difference("without a store nothing is stored", lines)
            return
        keys = {one + (fingerprint or current_fingerprint()) for one in digests}
        if extra := after.records - before.records - keys:
            yield Difference(_OWN, [str(extra)])
        if self._rules.is_bounded:
            # A run that stores no measurement leaves a store as large as it is.
            if keys - before.records and (lines := self._rules.compare(after)):
                yield Difference("a store keeps to its bounds", lines)
            return
        if missing := self._find_missing(before, keys, after):
            yield Difference("a run stores its contents, and keeps others", [str(missing)])
        if not (has_workers and Clock.later):  # their clock is that of the machine
            yield from self._compare_used(after, keys, DAY)

    def _compare_used(self, stock: Stock, keys: Collection[bytes], seconds: float) -> Iterator[Difference]:
        """Yield which keys a run has used and were not noted as used within so many seconds."""
        if unused := stock.find_unused(Clock.now() - seconds).intersection(keys):
            yield Difference("what a run finds counts as used", [str(unused)])


def _read_digests(server: Server, *, has_key: bool) -> set[bytes]:
    """Return the digests of the contents in a Redis that this version can use, with a key or without."""
    names = [bytes(name).split(b":") for name in server.client.scan_iter()]
    fingerprint, parts = current_fingerprint().hex().encode(), 4 if has_key else 3
    return {
        bytes.fromhex(name[-1].decode()) for name in names if name[-2] == fingerprint and len(name) == parts
    }


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Have nobody write a folder in the block, and what is in it."""
    for path in [*folder.rglob("*"), folder]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    try:
        yield
    finally:
        unlock(folder)


def unlock(folder: Path) -> None:
    """Have its owner write a folder, and what is in it."""
    for path in (folder, *folder.rglob("*")):
        if path.exists():
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o200)
