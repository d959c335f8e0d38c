"""Commands about stores, and what else happens to these; what must hold after each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple

from campaigns.hunt.trees import sources_of
from campaigns.steps import Difference
from campaigns.stores.places import Clock, ask
from campaigns.stores.stock import DAY, DIGEST_SIZE, KEY_SIZE, Stock, digest, read_export
from campaigns.stores.turns import JSON, Turn
from pytest_antipasta.engine.storage.storage import current_fingerprint
from pytest_antipasta.files.reading import UnreadableError

_AGES = (0.2, 1.5, 4, 20, 45)
# The note of the last upkeep does not age; a store may be without it.
_UPKEEP = {b"upkeep"}


class _Pruning(NamedTuple):
    """What is to be removed.

    Attributes:
        paths: the files and folders whose contents; all entries if there are none.
        days: since when they were not used.
        is_of_others: whether those of other versions go, too.
    """

    paths: Sequence[str]
    days: int | None
    is_of_others: bool

    @property
    def words(self) -> list[str]:
        """The command line."""
        days = [] if self.days is None else ["--days", str(self.days)]
        return [*self.paths, *days, *["--other-versions"] * self.is_of_others]

    def find_gone(self, stock: Stock, max_age: float, digests: set[bytes]) -> set[bytes]:
        """Return the keys that go, given the seconds that entries are kept, and the contents of the files."""
        measured = {key for key in stock.rows if len(key) in (KEY_SIZE, KEY_SIZE + 1)}
        if self.paths:
            unused = stock.find_unused(Clock.now() - (self.days or 0) * DAY)
            return {key for key in measured & unused if key[:DIGEST_SIZE] in digests}
        unused = stock.find_unused(Clock.now() - (max_age if self.days is None else self.days * DAY))
        others = {key for key in measured if key[DIGEST_SIZE:KEY_SIZE] != current_fingerprint()}
        return unused | others if self.is_of_others else unused


class Keeper(Turn):
    """A turn that may also be a command about a store, or what befalls one."""

    def export(self) -> Iterator[Difference]:
        """Write measurements to a file."""
        before, days = self._look(), self._rng.choice((None, None, 0, 3, 30))
        since = 0.0 if days is None else Clock.now() - days * DAY
        words = ["export", str(self._file)]
        words += [] if days is None else ["--since", datetime.fromtimestamp(since, UTC).isoformat()]
        self._said.append(" ".join(words))
        old = self._file.read_bytes() if self._file.exists() else None
        said, facts = self._cache(*words)
        if lines := before.list_changes(self._look()):
            yield Difference("an export changes no store", lines)
        if not before.is_there or not self._rules.is_used:
            if said.code != 2 or (self._file.read_bytes() if self._file.exists() else None) != old:
                yield Difference("without a store nothing is exported", [str(said)])
            return
        wanted = {key for key in before.records if before.rows[key].used >= since - DAY}
        found = read_export(self._file)
        if found.keys() != wanted or facts["exported"] != len(wanted):
            yield Difference("all measurements are exported", [str(found.keys() ^ wanted), said.out])
        if facts["size"] != self._file.stat().st_size:
            yield Difference("the size of an export is right", [said.out])

    def take_in(self) -> Iterator[Difference]:
        """Import measurements from a file."""
        if not self._file.exists() or not self._rules.is_used:
            return
        before, records = self._look(), read_export(self._file)
        said, facts = self._cache("import", str(self._file))
        after = self._look()
        if said.code or facts["imported"] != len(records):
            yield Difference("all measurements are imported", [said.out, said.err])
        if extra := after.records - before.records - records.keys():
            yield Difference("nothing else is imported", [str(extra)])
        if self._rules.is_bounded:
            if lines := self._rules.compare(after):
                yield Difference("a store keeps to its bounds", lines)
            return
        if missing := self._find_missing(before, records.keys(), after):
            yield Difference("all measurements are imported", [str(missing)])
        elif changed := [key for key, value in records.items() if after.rows[key].record != value]:
            yield Difference("an imported measurement is the exported one", [str(changed)])
        self._cache("import", str(self._file))
        if self._look().records != after.records:
            yield Difference("done again, nothing changes", [])

    def prune(self) -> Iterator[Difference]:
        """Remove some entries."""
        days = self._rng.choice((None, None, 0, 3, 30))
        # The status of the other clone's files stays known, and they would count as found.
        is_own = self._store.folder.is_relative_to(self._clone.path)
        paths = self._choose_paths() if is_own and self._rng.random() < 0.5 else []
        pruning = _Pruning(paths, days, not paths and self._rng.random() < 0.3)
        before = self._look()
        after = yield from self._remove("prune", pruning.words, before)
        if not before.rows or not self._rules.is_used:
            return
        gone = pruning.find_gone(before, self._rules.max_age, self._find_contents(paths))
        left, kept = before.rows.keys() - gone - _UPKEEP, after.rows.keys() - _UPKEEP
        if self._rules.is_bounded and not paths:
            if lines := [*self._rules.compare(after), *map(str, kept - left)]:
                yield Difference("a store keeps to its bounds", lines)
        elif kept != left:
            yield Difference("prune removes what it should", [str(kept ^ left)])

    def clear(self) -> Iterator[Difference]:
        """Remove all entries."""
        before = self._look()
        after = yield from self._remove("clear", [], before)
        if self._rules.is_used and after.entries:
            yield Difference("clear removes all", before.list_changes(after))

    def _remove(self, action: str, words: Sequence[str], before: Stock) -> Generator[Difference, None, Stock]:
        """Yield what does not hold of a command that removes, tried before; return what is left."""
        self._said.append(f"{action} {' '.join(words)}")
        dry, would = self._cache(action, *words, "--dry-run")
        if lines := before.list_changes(self._look()):
            yield Difference("a dry run changes nothing", lines)
        said, facts = self._cache(action, *words)
        after = self._look()
        if would.pop("dry_run", None) is None and facts.get("exists", True) and facts:
            yield Difference("a dry run says that it is one", [dry.out])
        if (dry.code, dry.err, would) != (said.code, said.err, facts):
            yield Difference("a dry run says the same", [str(dry), str(said)])
        if "entries" in facts:
            removed = len(before.rows.keys() - after.rows) + len(before.history.keys() - after.history)
            if (facts["entries"], facts["removed"]) != (after.entries, removed):
                yield Difference("it is said how many are removed and left", [said.out, str(removed)])
        again, more = self._cache(action, *words)
        if more.get("removed") or after.rows.keys() != self._look().rows.keys():
            yield Difference("done again, nothing changes", [said.out, again.out])
        return after

    def verify(self) -> Iterator[Difference]:
        """Read all entries, and measure files again."""
        before = self._look()
        known = self._want(before.find_digests(current_fingerprint())).hits
        for words in ((), ("--repair",)):
            said, facts = self._cache("verify", *words)
            if not before.is_there or not self._rules.is_used:
                continue
            told = {name: facts[name] for name in ("bad", "notes", "entries", "measured_again")}
            if said.code or told != {
                "bad": [],
                "notes": [],
                "entries": before.entries,
                "measured_again": known,
            }:
                yield Difference("nothing is wrong with what we wrote", [str(known), said.out, said.err])
        if lines := before.list_changes(self._look()):
            yield Difference("verify changes nothing", lines)

    def look(self) -> Iterator[Difference]:
        """Show what is stored."""
        before = self._look()
        own = before.find_digests(current_fingerprint())
        said, facts = self._cache("status")
        if self._rules.is_used and before.is_there:
            got = [facts[name] for name in ("entries", "measurements", "usable_measurements")]
            if got != [len(before.rows), len(before.records), len(own)]:
                yield Difference("status counts entries", [said.out])
            for path in self._choose_paths():
                if (self._here / path).is_file():
                    yield from self._inspect(path, own)
        if lines := before.list_changes(self._look()):
            yield Difference("what only shows writes nothing", lines)

    def _inspect(self, path: str, own: Collection[bytes]) -> Iterator[Difference]:
        """Show what is stored of a file, given the contents that are."""
        said, facts = self._cache("inspect", path)
        is_stored = digest(path, (self._here / path).read_bytes()) in own
        if not said.code and facts["stored"] != is_stored:
            yield Difference("inspect says whether a content is stored", [path, said.out])

    def let_days_pass(self) -> Iterator[Difference]:
        """Let time go by between two runs."""
        yield from self.run_whole()
        days = self._rng.choice(_AGES)
        self._said.append(f"{days} days later")
        Clock.set(Clock.later + days * DAY)
        yield from self.run_whole()

    def restore(self) -> Iterator[Difference]:
        """Have a copy of another store in the place of one, as CI services do."""
        other = self._clone.path.with_name("stores") / self._rng.choice(("one", "two"))
        if other.is_dir() and other != self._store.folder:
            self._said.append(other.name)
            shutil.rmtree(self._store.folder, ignore_errors=True)
            shutil.copytree(other, self._store.folder)
        yield from ()

    def remove(self) -> Iterator[Difference]:
        """Delete a store."""
        shutil.rmtree(self._store.folder, ignore_errors=True)
        yield from ()

    def _choose_paths(self) -> list[str]:
        """Return some files and folders with sources."""
        sources = sorted(sources_of(self._clone.tree))
        folders = sorted({path.rpartition("/")[0] for path in sources} - {""})
        some = self._rng.sample([*sources, *folders], min(2, len(sources)))
        return [os.path.relpath(self._clone.path / path, self._here) for path in some]

    def _find_contents(self, paths: Sequence[str]) -> set[bytes]:
        """Return the contents of all files that these paths name, those without values among them."""
        answer = ask(self._here, None, ("check", *JSON, *paths))
        found = set()
        for file in answer.read()["files"] if paths else ():
            with suppress(UnreadableError):
                found |= {*self._clone.find_digests([file["path"]])}
        return found
