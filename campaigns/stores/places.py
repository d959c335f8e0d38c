"""Clones of a project, the stores that they use, and the runs over them."""

from __future__ import annotations

import difflib
import io
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TypeVar

import pytest

from campaigns.hunt.baselines import write_files
from campaigns.hunt.commands import Said, TroubleError, call_safely
from campaigns.hunt.repositories import Repository
from campaigns.hunt.trees import SETTINGS, Tree, sources_of
from campaigns.stores.stock import digest
from campaigns.ways.projects import find_settings, read_table, write_table
from pytest_antipasta.files.reading import UnreadableError

_First = TypeVar("_First")
_Other = TypeVar("_Other")
_VARIABLE = "PYTEST_ANTIPASTA_CACHE_DIR"
_BASE = "ANTIPASTA_STORES"
_PYTEST = ("-q", "-p", "antipasta", "-p", "no:cacheprovider", "--antipasta-only", "--rootdir=.")
# What a run without a store can't say, and hints, for which a hook has little time.
_OF_STORE = re.compile(
    r"^(warning: )?(store: |store disabled for this run|\d+ files? read without the store|"
    r"checked \d+ files?, |the store is too small).*\n|^ +\N{RIGHTWARDS ARROW} .* proven .*\n",
    re.MULTILINE,
)
_SECONDS = re.compile(r"\b\d+(\.\d+)? m?s\b")
_WITH_CLOCK = (
    "import sys, time; later, now = float(sys.argv.pop(1)), time.time; time.time = lambda: now() + later; "
    "from pytest_antipasta.cli import main; sys.exit(main(sys.argv[1:]))"
)
_now = time.time


class Clock:
    """What time it is: days pass in no time."""

    later = 0.0

    @classmethod
    def set(cls, later: float) -> None:
        """Have it be so many seconds later than it is."""
        cls.later = later
        time.time = cls.now

    @classmethod
    def now(cls) -> float:
        """Return the time."""
        return _now() + cls.later


class Naming(NamedTuple):
    """How a run is told which store it uses.

    Attributes:
        option: the value of ``--cache-dir``.
        variable: of the environment.
    """

    option: str = ""
    variable: str = ""


@contextmanager
def _naming(store: Store | None) -> Iterator[list[str]]:
    """Name a store in the environment, and return the options that do."""
    os.environ.pop(_VARIABLE, None)
    if store is not None and store.naming.variable:
        os.environ[_VARIABLE] = store.naming.variable
    if store is None:
        yield ["--no-cache"]
    else:
        yield ["--cache-dir", store.naming.option] if store.naming.option else []


class Store(NamedTuple):
    """A store, as a clone uses it.

    Attributes:
        folder: where it is.
        naming: how that is said.
    """

    folder: Path
    naming: Naming


class Answer(NamedTuple):
    """What a run says of files, apart from how it came to know.

    Attributes:
        code: its exit code.
        out: its output.
        err: what it said beside that.
        run: of a JSON report, how it came to know.
    """

    code: int
    out: str
    err: str
    run: Mapping[str, Any]

    def read(self) -> dict[str, Any]:
        """Return a JSON report."""
        report: dict[str, Any] = json.loads(self.out)
        return report

    def compare(self, other: Answer) -> list[str]:
        """Return what differs in another answer."""
        here, there = (
            [f"exit code {one.code}", *f"{one.out}\n{one.err}".splitlines()] for one in (self, other)
        )
        return [*difflib.unified_diff(here, there, "without", "with", lineterm="", n=0)]


class Clone:
    """A clone of a project.

    Attributes:
        repository: what git has of it.
        tree: the files of its working tree.
        path: its folder.
    """

    _ticks = 0

    def __init__(self, repository: Repository, tree: Tree) -> None:
        """Check a commit out."""
        self.repository, self.path = repository, repository.path
        self.tree: Tree = {}
        self.index: Tree = tree
        head = repository.commit(tree)
        repository.put(head, tree, {})
        self.head = tree
        self.write(tree)

    def write(self, tree: Tree) -> None:
        """Write what differs; each file that is written has a time of its own."""
        for path in self.tree.keys() - tree.keys():
            (self.path / path).unlink(missing_ok=True)
        written = {path: text for path, text in tree.items() if self.tree.get(path) != text}
        write_files(self.path, written)
        for path in written:
            Clone._ticks += 1
            status = os.stat(self.path / path)
            later = status.st_mtime_ns + Clone._ticks * 1_000
            os.utime(self.path / path, ns=(later, later))
        self.tree = tree

    def stage(self) -> None:
        """Stage all."""
        self.index = self.tree
        self.repository.stage(self.tree)

    def list_folders(self) -> list[Path]:
        """Return the folders in which its settings count: its own, and those of sources without settings."""
        own = {path.rpartition("/")[0] for path in find_settings(self.tree)}
        folders = {path.rpartition("/")[0] for path in sources_of(self.tree)}
        inner = (name for name in sorted(folders) if not any(f"{name}/".startswith(f"{one}/") for one in own))
        return [self.path, *(self.path / name for name in inner)]

    def find_contents(self) -> set[bytes]:
        """Return the digests of all contents that a command may measure: of commit, index and files."""
        found = set()
        for tree in (self.head, self.index, self.tree):
            for path, text in tree.items():
                with suppress(UnreadableError):
                    found.add(digest(path, text.encode()))
        return found

    def find_digests(self, paths: Collection[str]) -> list[bytes]:
        """Return the digest of each of these files."""
        return [digest(path, (self.path / path).read_bytes()) for path in paths]


def make_store(rng: Random, here: Path, base: Path) -> Store:
    """Return a store: beside the clones or inside, named by option, environment or settings in a folder."""
    os.environ[_BASE] = str(base)
    outside = base / rng.choice(("one", "one", "one", "two"))
    inside = here / ".cache" / "antipasta"
    ways: list[tuple[Path, Naming]] = [
        (outside, Naming(str(outside))),
        (outside, Naming(variable=str(outside))),
        (outside, Naming(variable=f"${_BASE}/{outside.name}")),
        (outside, Naming(os.path.relpath(outside, here), "/nowhere")),
        (inside, rng.choice((Naming(variable=".cache/antipasta"), Naming(".cache/antipasta")))),
        (base / "one", Naming()),  # by the settings
    ]
    return Store(*rng.choice(ways))


def ask(folder: Path, store: Store | None, words: Sequence[str]) -> Answer:
    """Return what a command says with a store, or without one."""
    with _naming(store) as options:
        return _make_answer(call_safely(folder, *words, *options))


def ask_python(program: str, folder: Path, words: Sequence[str], store: Store | None) -> Answer:
    """Return what a command of another Python says, at the time that it is here."""
    with _naming(store) as options:
        done = subprocess.run(
            [program, "-c", _WITH_CLOCK, str(Clock.later), *words, *options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
    said = Said(done.returncode, done.stdout, done.stderr)
    if "Traceback" in said.err or said.code not in (0, 1, 2, 3):
        raise TroubleError(said)
    return _make_answer(said)


def ask_pytest(folder: Path, store: Store | None, report: Path, words: Sequence[str]) -> Answer:
    """Return what pytest reports, in this process."""
    report.unlink(missing_ok=True)
    os.chdir(folder)
    said = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with _naming(store) as options, redirect_stdout(said), redirect_stderr(said):
        options = [re.sub("^--", "--antipasta-", word) for word in options]
        code = int(pytest.main([*_PYTEST, f"--antipasta-report=json={report}", *words, *options]))
    if not report.exists():
        raise TroubleError(Said(code, said.buffer.getvalue().decode(), ""))
    return _make_answer(Said(code, report.read_text("utf-8"), ""))


def ask_cache(folder: Path, store: Store, words: Sequence[str]) -> tuple[Said, dict[str, Any]]:
    """Return what ``cache`` says, and its facts."""
    with _naming(store) as options:
        said = call_safely(folder, "cache", *words, "--format", "json", *options)
    return said, json.loads(said.out) if said.out else {}


def _make_answer(said: Said) -> Answer:
    run: dict[str, Any] = {}
    out = said.out
    if out.startswith("{"):
        report = json.loads(out)
        run = report.pop("run", None) or {}
        out = json.dumps(report, indent=1)
    return Answer(said.code, _normalise(out), _normalise(said.err), run)


def _normalise(text: str) -> str:
    return _SECONDS.sub("", _OF_STORE.sub("", text))


def set_store(tree: dict[str, str], rng: Random) -> str:
    """Set what decides about the store."""
    values: Sequence[tuple[str, Sequence[Any]]] = (
        ("cache_max_entries", (5, 8, 12, None)),
        ("cache_max_size_mb", (0.06, 1, None)),
        ("cache_max_age_days", (10, 60, None)),
        ("cache_eviction", ("none", "least-frequently-used", "least-recently-stored", None)),
        ("cache_compression", (False, None)),
        ("cache_journal", ("delete", "wal", None)),
        ("cache", (False, None, None)),
    )
    key, choices = rng.choice(values)
    table, value = read_table(tree), rng.choice(choices)
    table[key] = value
    tree[SETTINGS] = write_table({name: one for name, one in table.items() if one is not None})
    return f"{key} = {value}"


def beside(do: Callable[[], _First], other: Callable[[], _Other]) -> tuple[_First, _Other]:
    """Do two things at the same time, the other one in a process of its own; return what both return."""
    context = get_context("fork")
    here, there = context.Pipe(duplex=False)

    def answer() -> None:
        try:
            there.send(other())
        except TroubleError as trouble:
            there.send(trouble.args[0])

    process = context.Process(target=answer)
    process.start()
    there.close()
    first, second = do(), here.recv()
    process.join()
    if isinstance(second, str):
        raise TroubleError(Said(-1, second, ""))
    return first, second
