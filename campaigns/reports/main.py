"""The campaign: each format says of random files what the JSON report says, and shards say it together."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random

from campaigns.hunt.commands import Said, call_safely
from campaigns.reports.edits import HOSTILE_EDITS
from campaigns.reports.formats import APP, Pair, iter_pairs
from campaigns.steps import Difference, Step, do_steps
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project
from pytest_antipasta.model.formats import OUR_NAMES
from tests.report.conftest import OF_RUNS

_ASKED: tuple[tuple[str, ...], ...] = (
    *((), (), (), ("--no-baseline",), ("--no-ignore",), ("--limit", "cyclomatic_complexity=1")),
    *(("--diff", "HEAD"), ("--diff", "HEAD"), ("--staged",)),
)
_CHANGES = ("--diff", "--staged")
_SHARDS = 3
# What a run cost, and what it was asked for.
_OF_ITS_OWN = (
    *("seconds", "ended", "phases", "processor", "hits", "misses", "coalesced", "missed", "slowest"),
    *("processes", "store", "handles", "strategy", "workers"),
)


class _ReportsStep(Step):
    """A commit, a change of it, and its reports."""

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that there are two states."""
        return "reports", 2

    def _run(self) -> Iterator[Difference]:
        first = make_project(Random(f"{self._plan.seed}:files"))
        commit, tree = self._edit_in_turn(first, (*select_edits(first), *HOSTILE_EDITS))
        asked = self._rng.choice(_ASKED)
        self.said.append(" ".join(("check", *asked)))
        old, new = _put_in_folder(commit), _put_in_folder(tree)
        self._repository.put(self._repository.commit(old), new if "--staged" in asked else old, new)
        said, reports = self._report("check", *asked)
        if said.code == 2:
            self.counts["refused"] += 1
            return
        yield from _compare(said, iter_pairs(reports, said.out))
        self.counts["reports of files that fail"] += b'"True"' in reports["csv"]
        if not set(asked).intersection(_CHANGES):
            said, merged = self._merge(asked)
            whole = (
                Pair(f"{name} of shards", _strip(merged[name]), _strip(reports[name])) for name in merged
            )
            yield from _compare(said, whole)

    def _report(self, *words: str) -> tuple[Said, dict[str, bytes]]:
        """Run a command that writes all formats, and return them."""
        folder = self._make_folder("reports")
        names = [name for name in OUR_NAMES if name != "shard"]
        said = self._call(*words, *(f"--report={name}={folder / name}" for name in names))
        return said, {path.name: path.read_bytes() for path in folder.iterdir()}

    def _merge(self, asked: Sequence[str]) -> tuple[Said, dict[str, bytes]]:
        """Return the reports that shards make together, but for those of what a run cost."""
        folder = self._make_folder("shards")
        shards = [folder / f"{number}.shard" for number in range(1, _SHARDS + 1)]
        for number, path in enumerate(shards, 1):
            self._call("check", *asked, f"--shard={number}/{_SHARDS}", f"--report=shard={path}")
        said, reports = self._report("report", "merge", *map(str, shards))
        return said, {name: content for name, content in reports.items() if name not in OF_RUNS}

    def _make_folder(self, name: str) -> Path:
        folder = self._repository.path.with_name(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _call(self, *words: str) -> Said:
        return call_safely(self._repository.path / APP, *words)


def _put_in_folder(tree: Mapping[str, str]) -> dict[str, str]:
    return {f"{APP}/{path}": text for path, text in tree.items()}


def _strip(content: bytes) -> list[str]:
    """Return the lines of a report without what a run cost."""
    text = content.decode()
    if text.startswith("{") and "run" in (told := json.loads(text)):
        told["run"] = {name: value for name, value in told["run"].items() if name not in _OF_ITS_OWN}
        text = json.dumps(told, indent=1)
    return re.sub(r' time="[0-9.]+"', "", text).splitlines()


def _compare(said: Said, pairs: Iterator[Pair]) -> Iterator[Difference]:
    """Yield what differs in pairs, after what was printed."""
    for what, found, expected in pairs:
        if found != expected:
            lines = [f"found    {found}", f"expected {expected}"]
            if isinstance(found, Counter) and isinstance(expected, Counter):
                lines = [f"found    {found - expected}", f"expected {expected - found}"]
            elif isinstance(found, list) and isinstance(expected, list):
                lines = [f"found    {[line for line in found if line not in expected][:5]}"]
                lines += [f"expected {[line for line in expected if line not in found][:5]}"]
            yield Difference(f"{what}: as in JSON", [*lines, *said.out.splitlines(), *said.err.splitlines()])


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if two formats say different things."""
    return do_steps("reports", _ReportsStep, main.__doc__, argv, steps=200, slow=1)
