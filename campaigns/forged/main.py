"""The campaign: what a store has is changed at random, and every command reads it."""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from campaigns.forged.commands import COMMANDS, FIRST, FORGED, Command, import_all
from campaigns.forged.mutation import Row, mutate, mutate_json, read_rows, write_rows
from campaigns.options import make_parser
from tests.environment import ENVIRONMENT
from tests.older.project import make_project

_SHARE = 0.7


def main(argv: list[str] | None = None) -> int:
    """Change records, and return 1 if a command hung, crashed or printed what it must not."""
    parser = make_parser("forged", main.__doc__, steps=200, step="records to change, at least")
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="run one in N commands in each round"
    )
    parser.add_argument("--only", type=int, metavar="ROUND", help="this round alone")
    args = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="antipasta-forged-"))
    os.environ |= {**ENVIRONMENT, "PYTEST_ANTIPASTA_CACHE_DIR": str(folder / "cache")}
    campaign = Campaign(folder, args.seed, args.every)
    number = args.only or 0
    while campaign.changed < args.steps:
        campaign.go(number)
        number += 1
        if args.only is not None:
            break
    print(campaign.describe())  # noqa: T201
    shutil.rmtree(folder, ignore_errors=True)
    return int(bool(campaign.failures))


class Campaign:
    """Rounds, and what came of them.

    Attributes:
        changed: how many records were changed.
        failures: how often each command did each thing that it should not.
    """

    def __init__(self, folder: Path, seed: int, every: int) -> None:
        """Make a project, and stores and reports that have all of it."""
        self._folder, self._seed, self._every = folder, seed, every
        self._root = folder / "project"
        self.changed = self._runs = 0
        self.failures: Counter[str] = Counter()
        make_project(self._root)
        import_all()
        for command in FIRST:
            if found := command.run(self._root, folder):
                raise RuntimeError(f"{command.name}: {found} before anything was changed")
        self._databases = sorted(path for path in (folder / "cache").rglob("cache.db"))
        self._rows = {path: read_rows(path) for path in self._databases}
        self._files = {name: (self._root / name).read_bytes() for name in FORGED}
        shutil.move(folder / "cache", folder / "good")

    def go(self, number: int) -> None:
        """Change some records, and have every command read them."""
        chance = random.Random(f"{self._seed} {number}")
        forged = self._folder / "forged"
        shutil.copytree(self._folder / "good", forged)
        for database, rows in self._rows.items():
            changed = [Row(row.key, mutate(row.value, chance)) for row in rows if chance.random() < _SHARE]
            write_rows(forged / database.relative_to(self._folder / "cache"), changed)
            self.changed += len(changed)
        for name, content in self._files.items():
            change = mutate_json if name.endswith(".json") else mutate
            (self._root / name).write_bytes(change(content, chance))
            self.changed += 1
        for command in COMMANDS[number % self._every :: self._every]:
            self._try(command, number)
        (self._root / "written.json").unlink(missing_ok=True)
        shutil.rmtree(forged)

    def _try(self, command: Command, number: int) -> None:
        """Run a command; what it finds wrong it may replace, so that each gets a store of its own."""
        cache = self._folder / "cache"
        shutil.copytree(self._folder / "forged", cache)
        try:
            found = command.run(self._root, self._folder)
        finally:
            shutil.rmtree(cache)
        self._runs += 1
        if found:
            self.failures[f"{command.name}: {found.splitlines()[0][:80]}"] += 1
            print(f"round {number}: {command.name}: {found}", file=sys.stderr)  # noqa: T201

    def describe(self) -> str:
        """Return the figures."""
        lines = [f"{self.changed} records changed, {self._runs} runs of {len(COMMANDS)} commands"]
        lines += [f"{times} times {name}" for name, times in self.failures.most_common()]
        return "\n".join(
            [*lines, "" if self.failures else "no hang, no crash, no control character"]
        ).rstrip()
