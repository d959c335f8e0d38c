"""Random commands about stores between random runs: no verdict changes, and what is stored is found.

``python -m campaigns stores --steps N --seed S [--other PYTHON]``

What a store has is read by SQL. What it should have follows from the contents of files, and what was done.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

from campaigns.hunt.edits import Edit
from campaigns.hunt.repositories import Repository
from campaigns.hunt.trees import SETTINGS
from campaigns.steps import Difference, Plan, Step, do_steps
from campaigns.stores.keeping import Keeper
from campaigns.stores.places import Clock, Clone, make_store, set_store
from campaigns.stores.turns import Means, unlock
from campaigns.ways.edits import select_edits
from campaigns.ways.projects import make_project, read_table, write_table
from pytest_antipasta.engine import sharing
from pytest_antipasta.files import reading
from pytest_antipasta.store import shared
from tests.limits import WITHOUT_RIGHTS, reads_locked_folders
from tests.store.shared.servers import serve

_ROUNDS, _ACTIONS = 3, 4
_RUNS: tuple[tuple[int, Callable[[Keeper], Iterator[Difference]]], ...] = (
    (6, Keeper.run_whole), (6, Keeper.run_part), (2, Keeper.run_beside), (1, Keeper.run_other),
    (2, Keeper.lock), (2, Keeper.share), (2, Keeper.let_days_pass),
)  # fmt: skip
_COMMANDS: tuple[tuple[int, Callable[[Keeper], Iterator[Difference]]], ...] = (
    (3, Keeper.export), (4, Keeper.take_in), (5, Keeper.prune), (1, Keeper.clear), (2, Keeper.verify),
    (2, Keeper.look), (1, Keeper.restore), (1, Keeper.remove),
)  # fmt: skip
_means = Means()


class StoresStep(Step):
    """Two clones of a project that are edited in turn, some stores, and random actions about them."""

    def __init__(self, plan: Plan, folder: Path, *, is_slow: bool) -> None:
        """Prepare a step, with new stores."""
        super().__init__(plan, folder, is_slow=is_slow)
        self._base = folder.with_name("stores")
        for place in (self._base, folder.with_name("clone")):
            unlock(place)
            shutil.rmtree(place, ignore_errors=True)
        folder.with_name("measurements.bin").unlink(missing_ok=True)
        Clock.set(0)
        if _means.server is not None:
            _means.server.client.flushall()

    @staticmethod
    def choose(rng: Random) -> tuple[str, int]:  # noqa: ARG004
        """Return that there are a commit, and a state of a clone before each round."""
        return "stores", 1 + _ROUNDS

    def _run(self) -> Iterator[Difference]:
        first = make_project(Random(f"{self._plan.seed}:files"))
        first[SETTINGS] = write_table({**read_table(first), "cache_dir": "../stores/one"})
        if self._rng.random() < 0.4:
            self.said.append(set_store(first, self._rng))
        edits: tuple[Edit, ...] = (*select_edits(first), *[set_store] * 8)
        commit = self._edit(first, 0, edits)
        second = Repository(self._repository.path.with_name("clone"))
        clones = [Clone(repository, commit) for repository in (self._repository, second)]
        for part in range(1, 1 + _ROUNDS):
            clone = self._rng.choice(clones)
            clone.write(self._edit(clone.tree, part, edits))
            if self._rng.random() < 0.5:
                clone.stage()
            for _ in range(_ACTIONS):
                yield from self._act(self._rng.choice(clones))

    def _act(self, clone: Clone) -> Iterator[Difference]:
        """Do something with a store in a clone; nothing if its settings are invalid."""
        here = self._rng.choice(clone.list_folders()) if self._rng.random() < 0.3 else clone.path
        store = make_store(self._rng, here, self._base)
        said = [f"in {here}, {store.folder.name} by {store.naming}"]
        turn = Keeper(_means, clone, here, store, Random(self._rng.random()), said)
        if turn.cold.code == 2:
            self.counts["refused"] += 1
            return
        (command,), (run,) = (
            self._rng.choices([act for _, act in acts], [weight for weight, _ in acts])
            for acts in (_COMMANDS, _RUNS)
        )
        for act in (command, run) if self._rng.random() < 0.6 else (run,):
            self.counts[act.__name__] += 1
            said.append(f"{act.__name__}:")
            for difference in act(turn):
                self.said.append(" ".join(said))
                yield difference
        self.said.append(" ".join(said))


def main(argv: list[str] | None = None) -> int:
    """Do as many steps as asked for; return 1 if a store has what it should not, or changes a verdict.

    ``--other PYTHON``, once or more, has other Pythons use the stores, too.
    """
    argv = list(argv or ())
    if reads_locked_folders() and shutil.which(WITHOUT_RIGHTS[0]):
        os.execvp(WITHOUT_RIGHTS[0], [*WITHOUT_RIGHTS, sys.executable, "-m", "campaigns", "stores", *argv])
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--other", action="append", default=[])
    known, rest = parser.parse_known_args(argv)
    reading._RACY_NANOSECONDS = -(10**9)  # files count as settled at once, and get times of their own
    shared.CONNECT_SECONDS = sharing._PATIENCE = 20.0
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with ExitStack() as stack:
        if shutil.which("redis-server"):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            _means.server = stack.enter_context(serve(folder))
        _means.pythons = known.other
        return do_steps("stores", StoresStep, main.__doc__, rest, steps=100, slow=1)
