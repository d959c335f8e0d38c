"""Random projects, and commands about their baseline: what these record is what ``check`` then tolerates.

``python -m campaigns baselines --steps N --seed S``
"""

from __future__ import annotations

import json
import operator
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from campaigns.hunt.commands import Number, Said, call_safely, read_report
from campaigns.hunt.edits import SOURCE_EDITS
from campaigns.hunt.trees import BASELINE, SETTINGS, Tree, sources_of
from campaigns.steps import Difference, Step, do_steps
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project, read_table

_COMMANDS = 3
_REASON = "known | <b>, ünï"
_NO_ENTRIES = '{"entries": []}'
_CRITICAL = re.compile(r"because it is in `critical_functions`: (\S+)")


class _State(NamedTuple):
    """What is recorded, and what ``check`` says.

    Attributes:
        content: of the baseline; ``None`` if there is none.
        entries: of the baseline, by path, name and metric.
        failing: the numbers that fail.
        tolerated: those that pass because they are recorded, each with its value and the recorded one.
        measured: the paths of the files of which all is known.
    """

    content: bytes | None
    entries: dict[Number, dict[str, Any]]
    failing: frozenset[Number]
    tolerated: dict[Number, tuple[float, float]]
    measured: frozenset[str]

    @property
    def values(self) -> Counter[tuple[str, float]]:
        """How often each value of a metric is recorded."""
        return Counter((entry["metric"], entry["value"]) for entry in self.entries.values())


class _Command(NamedTuple):
    """A command that has run.

    Attributes:
        action: ``write`` or ``prune``.
        reason: of entries; empty for none.
        path: the file or folder that it was about; empty for all.
        critical: the functions in which nothing is tolerated, as it said.
    """

    action: str
    reason: str
    path: str
    critical: Collection[str]

    @property
    def words(self) -> list[str]:
        """The command line."""
        reason = ["--reason", self.reason] if self.reason else []
        return ["baseline", self.action, *reason, *filter(None, [self.path])]

    def is_about(self, path: str) -> bool:
        """Return whether a file is one of those that it was about."""
        return not self.path or path == self.path or path.startswith(f"{self.path}/")


class BaselinesStep(Step):
    """A commit, a change of it in the working tree, and commands about its baseline with edits between."""

    _place: Path

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that there are a commit, and a state before each command."""
        return "baselines", 1 + _COMMANDS

    def _run(self) -> Iterator[Difference]:
        first = make_project(Random(f"{self._plan.seed}:files"))
        edits = select_edits(first)
        commit = self._edit(first, 0, edits)
        tree = self._edit(commit, 1, edits)
        self._repository.put(self._repository.commit(commit), commit, tree)
        self._place = self._repository.path / _find_name(tree)
        for part in range(1, 1 + _COMMANDS):
            if part > 1:  # by then there are entries that the code outgrows, or no longer needs
                tree = self._edit(self._repository.read(), part, SOURCE_EDITS)
                self._repository.write(tree)
            state = self._look()
            if state is None:
                self.counts["refused"] += 1
                return
            sources = sorted(sources_of(tree))
            places = [*sources, *sorted({path.partition("/")[0] for path in sources})]
            path = self._rng.choice(places) if places and self._rng.random() < 0.4 else ""
            action = self._rng.choice(("write", "write", "prune"))
            reason = _REASON if action == "write" and self._rng.random() < 0.3 else ""
            before, command = state, _Command(action, reason, path, ())
            self.said.append(" ".join(command.words))
            dry = self._call(*command.words, "--dry-run")
            pruned = self._call("baseline", "prune", "--check", *filter(None, [path]))
            if self._read() != before.content:
                yield Difference("a command that only says writes nothing", [dry.out, pruned.out])
            said = self._call(*command.words)
            state = self._look()
            self.counts["commands"] += 1
            command = command._replace(critical=_CRITICAL.findall(said.err))
            for difference in self._compare(command, before, state, (dry, pruned, said)):
                yield difference._replace(lines=[*difference.lines, said.out, said.err])

    def _compare(
        self, command: _Command, before: _State, after: _State | None, said: tuple[Said, Said, Said]
    ) -> Iterator[Difference]:
        """Yield what does not hold after a command that was tried before."""
        dry, pruned, done = said
        if dry.code != done.code:
            yield Difference("a dry run has the exit code", [str(dry.code), str(done.code), dry.err])
        if after is None or done.code == 2:
            if self._read() != before.content:
                yield Difference("an error writes nothing", [])
            return
        yield from (_compare_written if command.action == "write" else _compare_pruned)(
            command, before, after
        )
        # Neither an entry that follows its function nor one that is there twice allows more than needed.
        has_twice = len(_list_entries(before.content or _NO_ENTRIES)) > len(before.entries)
        is_pruned = command.action == "prune" and not has_twice
        if is_pruned and (pruned.code == 1) != (before.values != after.values):
            yield Difference("prune --check says whether", [str(pruned.code), pruned.out])
        self._call(*command.words)
        if self._read() != after.content:
            yield Difference("done again, nothing changes", [])
        shown = self._call("baseline", "show", "--format", "json")
        if after.content is not None and _read_entries(shown.out) != after.entries:
            yield Difference("show shows the entries", [shown.out])

    def _look(self) -> _State | None:
        """Return the state; ``None`` if settings or baseline are invalid."""
        said = self._call("check", "--format", "json")
        if said.code == 2:
            return None
        content, files = self._read(), json.loads(said.out)["files"]
        tolerated = {
            (file["path"], one["qualified_name"], one["metric"]): (round(one["value"], 4), one["recorded"])
            for file in files
            for one in file["tolerated"]
            if one["why"] == "baseline"
        }
        measured = frozenset(
            file["path"] for file in files if file["status"] == "measured" and not file.get("missing")
        )
        entries = _read_entries(content or _NO_ENTRIES)
        return _State(content, entries, read_report(said.out), tolerated, measured)

    def _read(self) -> bytes | None:
        return self._place.read_bytes() if self._place.exists() else None

    def _call(self, *words: str) -> Said:
        return call_safely(self._repository.path, *words)


def _find_name(tree: Tree) -> str:
    """Return the path of the baseline by the settings."""
    has_table = "[tool.pytest-antipasta]" in tree[SETTINGS]
    return str(read_table(tree).get("baseline", BASELINE)) if has_table else BASELINE


def _read_entries(text: str | bytes) -> dict[Number, dict[str, Any]]:
    """Return the entries of a baseline, or of what is shown of one, without what they lack."""
    entries = ({key: value for key, value in one.items() if value is not None} for one in _list_entries(text))
    return {(one["path"], one.get("qualified_name"), one["metric"]): one for one in entries}


def _list_entries(text: str | bytes) -> list[Mapping[str, Any]]:
    return [entry for entry in json.loads(text)["entries"] if entry]


def _compare_written(command: _Command, before: _State, after: _State) -> Iterator[Difference]:
    """Yield what does not hold after current violations were recorded."""
    own = {number for number in after.failing if command.is_about(number[0])}
    if left := {number for number in own if f"{number[0]}::{number[1]}" not in command.critical}:
        yield Difference("what was recorded passes", [str(left)])
    others = {number for number in before.failing if not command.is_about(number[0])}
    if after.failing - own != others:
        yield Difference("other files are judged as before", [str(after.failing - own), str(others)])
    yield from _compare_values(command, after)
    yield from _compare_entries(command, before, after)


def _compare_values(command: _Command, after: _State) -> Iterator[Difference]:
    """Yield which entries have another value than the code."""
    wrong = {
        number: values
        for number, values in after.tolerated.items()
        if command.is_about(number[0]) and values[0] != values[1]
    }
    if wrong:
        yield Difference("the value is recorded", [str(wrong)])


def _compare_entries(command: _Command, before: _State, after: _State) -> Iterator[Difference]:
    """Yield which entries changed that should not, or lack the reason."""
    for number, entry in after.entries.items():
        old = before.entries.get(number)
        if not command.is_about(number[0]):
            if old != entry:
                yield Difference("entries of other files stay", [str(old), str(entry)])
        elif _allows_more(number, before, after):
            if command.reason and entry.get("reason") != command.reason:
                yield Difference("what is newly allowed has the reason", [str(old), str(entry)])
        elif _has_lost_reason(old, entry):
            yield Difference("an entry keeps its reason", [str(old), str(entry)])


def _allows_more(number: Number, before: _State, after: _State) -> bool:
    """Return whether an entry is new or allows more; not if it has followed its function."""
    entry, old = after.entries[number], before.entries.get(number)
    if old is not None and _rate(number[2], entry["value"]) <= _rate(number[2], old["value"]):
        return False
    return (entry["metric"], entry["value"]) not in before.values & after.values


def _has_lost_reason(old: Mapping[str, Any] | None, entry: Mapping[str, Any]) -> bool:
    return old is not None and old.get("reason") not in (None, entry.get("reason"))


def _is_milder(number: Number, value: float, recorded: float) -> bool:
    """Return whether an entry allows more than a value; a file may have grown over its own."""
    return _rate(number[2], recorded) > _rate(number[2], value)


def _list_allowances(state: _State, metric: str) -> list[float]:
    """Return what the entries of a metric allow, the most first."""
    values = (entry["value"] for entry in state.entries.values() if entry["metric"] == metric)
    return sorted((_rate(metric, value) for value in values), reverse=True)


def _rate(metric: str, value: float) -> float:
    """Return a number that is larger the worse a value is."""
    return -value if metric == "maintainability_index" else value


def _compare_pruned(command: _Command, before: _State, after: _State) -> Iterator[Difference]:
    """Yield what does not hold after entries were removed, lowered and renamed."""
    if before.failing != after.failing:
        yield Difference("pruning changes no verdict", [str(before.failing ^ after.failing)])
    yield from _compare_allowances(command, before, after)
    for number, entry in after.entries.items():
        is_known = number[0] in after.measured and f"{number[0]}::{number[1]}" not in command.critical
        # One that code has outgrown stays: it says what was recorded. One may follow its function elsewhere.
        is_in_use = command.path or number in after.tolerated or number in after.failing
        if is_known and not is_in_use:
            yield Difference("an entry that is left is needed", [str(entry)])
        if _has_lost_reason(before.entries.get(number), entry):
            yield Difference("an entry keeps its reason", [str(entry)])


def _compare_allowances(command: _Command, before: _State, after: _State) -> Iterator[Difference]:
    """Yield which entries allow more than before, or than the code needs."""
    for metric in {entry["metric"] for entry in after.entries.values()}:
        there, here = (_list_allowances(state, metric) for state in (before, after))
        if len(here) > len(there) or any(map(operator.gt, here, there)):
            yield Difference("pruning adds no entry, and none allows more", [f"{metric}: {there}, {here}"])
    own = {number: values for number, values in after.tolerated.items() if command.is_about(number[0])}
    if milder := {number: values for number, values in own.items() if _is_milder(number, *values)}:
        yield Difference("no entry allows more than needed", [str(milder)])


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if a command and ``check`` differ."""
    return do_steps("baselines", BaselinesStep, main.__doc__, argv, steps=200, slow=1)
