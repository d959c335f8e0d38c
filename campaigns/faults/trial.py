"""A tree, its store, and runs over them in processes that may die."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.model.finding import Report
from pytest_antipasta.report.records import write_verdicts
from pytest_antipasta.results.facts import describe_run
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.settings.values import Settings
from pytest_antipasta.store import local

_FILES = 16
# A run over the tree takes some hundredths of a second; the store waits for locks a part of one here.
_HANGING = 20
_PYTEST_HANGING = 180
_LOCK_TIMEOUT = 0.3
_TOLD = ("store disabled for this run", "a stored measurement is corrupt", "the store was damaged")


class Seen(NamedTuple):
    """What a run said.

    Attributes:
        report: its JSON report, without what may differ between runs.
        hits: files found in the store.
        told: lines about the store.
    """

    report: object
    hits: int
    told: tuple[str, ...]


class Trial:
    """One tree with one store.

    Attributes:
        root: of the tree.
        cache_dir: of the store; not there yet.
        seed: where chance begins.
        random: what chance decides by.
        journal: the setting ``cache_journal``.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        """Write the tree and measure it without a store."""
        self.root, self.cache_dir = folder / "tree", folder / "cache"
        self.seed, self.random = seed, random.Random(seed)
        self.journal = "auto"
        local.LOCK_TIMEOUT = _LOCK_TIMEOUT
        self.root.mkdir(parents=True)
        for number in range(_FILES):
            lines = [_write_function(self.random, index) for index in range(self.random.randrange(1, 12))]
            (self.root / f"f{number}.py").write_text("".join(lines))
        (self.root / "bad.py").write_text("def f(:\n")
        self._expected = self.run(None).report

    @property
    def folder(self) -> Path:
        """The store's folder."""
        return self.cache_dir / "v1"

    @property
    def files(self) -> int:
        """How many files can be measured, and so be found in a store."""
        return _FILES

    def change(self, number: int) -> None:
        """Change a file."""
        with (self.root / f"f{number}.py").open("a") as file:
            file.write("x = 1\n")
        self._expected = self.run(None).report

    def begin(self, cache_dir: Path | None) -> Ledger:
        """Return a run that has opened the store."""
        settings = Settings(root=self.root, source=None, cache_journal=self.journal)  # type: ignore[arg-type]
        return open_run(Rules(settings), cache_dir)

    def run(
        self, cache_dir: Path | None, during: Callable[[], object] = lambda: None, workers: int = 0
    ) -> Seen:
        """Run over the tree, here or in workers; ``during`` is called once the store is open."""
        ledger = self.begin(cache_dir)
        during()
        run = ledger.judge_all(workers=workers)
        verdicts = run.sorted_verdicts()
        report = {**json.loads(write_verdicts(Report((), describe_run(run), verdicts))), "run": {}}
        return Seen(report, sum(verdict.from_store for verdict in verdicts), find_warnings(run))

    def run_pytest(self, *args: str) -> Seen:
        """Run pytest over the tree."""
        path = self.root.parent / "report.json"
        report = f"--antipasta-report=json={path}"
        command = [sys.executable, "-m", "pytest", "--antipasta-only", report, *args]
        environment = os.environ | {"PYTEST_ANTIPASTA_CACHE_DIR": str(self.cache_dir)}
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider", "--rootdir=."],
            cwd=self.root, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        report = json.loads(path.read_bytes())
        hits = report.pop("run")["hits"]
        told = tuple(line for line in done.stdout.splitlines() if line.startswith(_TOLD))
        return Seen({**report, "run": {}}, hits, told)

    def is_right(self, seen: Seen) -> bool:
        """Whether a run said what one without a store says."""
        return seen.report == self._expected

    def flip(self, path: Path, places: int) -> None:
        """Overwrite some bytes of a file."""
        with path.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            for _ in range(places):
                file.seek(self.random.randrange(size))
                file.write(self.random.randbytes(self.random.choice([1, 1, 16, 512])))


def _write_function(chance: random.Random, index: int) -> str:
    branches = "".join(f"    if a > {number}:\n        b += a\n" for number in range(chance.randrange(8)))
    return f"def f{index}(a, b):\n{branches}    return a * b + {chance.randrange(10**6)}\n\n\n"


class Child:
    """A copy of this process that does one thing and answers."""

    def __init__(self, do: Callable[[], Any]) -> None:
        """Start it."""
        self._reading, writing = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _be_child(do, writing)
        os.close(writing)

    def kill(self, after: float) -> None:
        """End it as a power cut would, after some seconds, wherever it is."""
        time.sleep(after)
        os.kill(self.pid, signal.SIGKILL)

    def answer(self) -> Any:
        """Return what it answers, once it has ended; ``None`` if it was killed before."""
        with os.fdopen(self._reading, "rb") as pipe, alarm(self.pid):
            data = pipe.read()
            os.waitpid(self.pid, 0)
        if not data:
            return None
        kind, answer = pickle.loads(data)
        if kind == "failure":
            raise RuntimeError(answer)
        return answer


def _be_child(do: Callable[[], Any], writing: int) -> None:
    try:
        answer = ("answer", do())
    except BaseException:
        answer = ("failure", traceback.format_exc())
    with contextlib.suppress(OSError), os.fdopen(writing, "wb") as pipe:
        pipe.write(pickle.dumps(answer))
    os._exit(0)


@contextlib.contextmanager
def alarm(pid: int | None = None, *, is_slow: bool = False) -> Iterator[None]:
    """Fail if the block hangs, and end a child with it."""

    def ring(*_: object) -> None:
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        raise TimeoutError("hangs")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(_PYTEST_HANGING if is_slow else _HANGING)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
