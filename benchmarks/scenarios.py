"""What is timed: our ways in and their peers, over trees of several sizes and in several states."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.commits import Commits
from benchmarks.timing import Command
from benchmarks.trees import ADDED, commit, run_git

# pytest-ruff starts a program for each file.
_MOST_ITEMS = 1000
_OPTIONS = ("--antipasta-only", "-q", "--tb=no", "-rN")
_LARGE_FILES = 30
_MOST_BYTES = 100_000


class Programs:
    """Command lines for one tree.

    Attributes:
        tree: the repository that they go over.
    """

    def __init__(self, own: Path, peers: Path, tree: Path, scratch: Path, wily: Path | None = None) -> None:
        """Take where programs are, what they go over, and where their caches may be; wily can be left out."""
        self.tree = tree
        self._files = sum(1 for _ in tree.rglob("*.py"))
        self._own = own
        self._peers = peers
        self._wily = wily
        self._store = scratch / f"store-{tree.name}"
        self._peer_cache = scratch / f"peer-cache-{tree.name}"
        self._empty = scratch / "empty"
        self._empty.mkdir(exist_ok=True)

    def floors(self) -> Iterator[Command]:
        """Yield pytest with nothing to do and with an empty item for each file, and the parser alone."""
        plugin = {"EMPTY_ITEMS": str(self._files), "PYTHONPATH": str(Path(__file__).parent)}
        yield Command("pytest, empty folder", (self._program("pytest"), "-q"), self._empty)
        line = (self._program("pytest"), "-q", "--tb=no", "-rN", "-p", "empty_items")
        yield Command("pytest, empty items", line, self._empty, plugin)
        parse = (
            self._program("python"),
            "-I",
            str(Path(__file__).with_name("parse_files.py")),
            str(self.tree),
        )
        yield Command("ast.parse", (*parse, "1"), self._empty)
        yield Command("ast.parse, two processes", (*parse, "2"), self._empty)

    def cold(self, *workers: str) -> Iterator[Command]:
        """Yield our ways in with nothing stored."""
        for number in workers:
            yield self._pytest(f"pytest --antipasta-only -n {number}, cold", self._forget, "-n", number)
        yield self._check("check, cold", self._forget)
        yield self._check("check --jobs 1, cold", self._forget, "--jobs", "1")

    def warm(self, *workers: str) -> Iterator[Command]:
        """Yield our ways in with everything stored."""
        yield self._pytest("pytest --antipasta-only, warm", None)
        for number in workers:
            yield self._pytest(f"pytest --antipasta-only -n {number}, warm", None, "-n", number)
        yield self._check("check, warm", None)

    def changes(self) -> Iterator[Command]:
        """Yield warm runs after a change."""
        yield self._pytest("one file changed", self._change_one_file)
        yield self._pytest("threshold changed", self._change_threshold)
        yield self._pytest("branch switched and back", self._switch_branches)

    def added(self) -> Iterator[Command]:
        """Yield our ways in over the files that the last commit adds, with nothing stored."""
        for number in ("1", "2"):
            options = ("--diff", "HEAD~1", "--jobs", number)
            yield self._check(f"check --diff --jobs {number}, {ADDED} new files", self._forget, *options)
        for number in ("0", "2"):
            options = ("--antipasta-diff", "HEAD~1", "-n", number)
            yield self._pytest(
                f"pytest --antipasta-diff -n {number}, {ADDED} new files", self._forget, *options
            )

    def large(self) -> Iterator[Command]:
        """Yield checks of files above the limit of size and of as many small ones, with nothing stored."""
        for name, size in (("small", 0), ("above max_file_size_mb", _MOST_BYTES)):
            folder = self._empty.parent / f"{name.split()[0]}-{self.tree.name}"
            folder.mkdir()
            settings = f"[tool.pytest-antipasta]\nmax_file_size_mb = {_MOST_BYTES / 1e6}\n"
            (folder / "pyproject.toml").write_text(settings)
            for number in range(_LARGE_FILES):
                (folder / f"file_{number}.py").write_text(f"number = {number}\n".ljust(size, "#") + "\n")
            line = (self._program("pytest-antipasta"), "check", "--quiet", "--no-cache")
            yield Command(f"check of {_LARGE_FILES} files, {name}", line, folder)

    def quick_peers(self) -> Iterator[Command]:
        """Yield the peers that are written in Rust."""
        complexipy = ("--cache-dir", str(self._peer_cache), ".")
        yield self._peer("complexipy", self._forget_peers, "complexipy", *complexipy)
        rules = ("--isolated", "--select", "C901,PLR09", "--preview", ".")
        yield self._peer("ruff C901,PLR09", None, "ruff", "check", "-q", "--no-cache", *rules)

    def slow_peers(self) -> Iterator[Command]:
        """Yield the peers that are written in Python, and a checker of the same kind as ours."""
        settings = self.tree.parent / "empty.antipasta.yaml"
        settings.touch()
        antipasta = ("metrics", "-q", "-d", ".", "-c", str(settings))
        yield self._peer("antipasta 1.2.0, cold", self._forget_peers, "antipasta", *antipasta)
        yield self._peer("antipasta 1.2.0, warm", None, "antipasta", *antipasta)
        for command in ("cc", "mi", "hal", "raw"):
            yield self._peer(f"radon {command}", None, "radon", command, ".")
        yield self._peer("xenon", None, "xenon", "-b", "F", ".")
        yield self._peer("lizard", None, "lizard", "-l", "python", ".")
        if self._wily is not None:
            line = (str(self._wily / "wily"), "build", "--max-revisions", "1", ".")
            home = {"HOME": str(self._peer_cache)}
            yield Command("wily build, one commit", line, self.tree, home, self._prepare_wily)
        if self._files <= _MOST_ITEMS:
            plugin = ("-q", "--tb=no", "-rN", "--ruff", "-p", "no:cacheprovider", "-o", "python_files=none")
            yield self._peer("pytest --ruff", None, "pytest", *plugin)

    def commits(self) -> Commits:
        """Return what judges commits in the tree, with the store that the other runs have filled."""
        return Commits(self._own, self._peers, self.tree, self._store)

    def _pytest(self, name: str, prepare: Callable[[], object] | None, *options: str) -> Command:
        line = (self._program("pytest"), *_OPTIONS, f"--antipasta-cache-dir={self._store}", *options)
        return Command(name, line, self.tree, prepare=prepare)

    def _check(self, name: str, prepare: Callable[[], object] | None, *options: str) -> Command:
        line = (self._program("pytest-antipasta"), "check", "--quiet", "--cache-dir", str(self._store))
        return Command(name, (*line, *options), self.tree, prepare=prepare)

    def _peer(self, name: str, prepare: Callable[[], object] | None, *line: str) -> Command:
        environment = {"XDG_CACHE_HOME": str(self._peer_cache)}
        return Command(name, (str(self._peers / line[0]), *line[1:]), self.tree, environment, prepare)

    def _program(self, name: str) -> str:
        return str(self._own / name)

    def _forget(self) -> None:
        shutil.rmtree(self._store, ignore_errors=True)

    def _forget_peers(self) -> None:
        shutil.rmtree(self._peer_cache, ignore_errors=True)

    def _prepare_wily(self) -> None:
        """Forget what wily has stored, and commit what changed: it refuses a tree with changes."""
        self._forget_peers()
        commit(self.tree)

    def _change_one_file(self) -> None:
        path = sorted(self.tree.rglob("*.py"))[-1]
        with path.open("a") as file:
            file.write(f"# {time.time_ns()}\n")

    def _change_threshold(self) -> None:
        settings = self.tree / "pyproject.toml"
        limit = 11 if settings.exists() and "= 12" in settings.read_text() else 12
        settings.write_text(f"[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = {limit}\n")

    def _switch_branches(self) -> None:
        """Leave the tree as it is, but with new times on a tenth of its files."""
        run_git(self.tree, "stash", "--quiet", "--include-untracked")
        run_git(self.tree, "checkout", "--quiet", "-B", "other")
        for path in sorted(self.tree.rglob("*.py"))[::10]:
            path.write_text("pass\n")
        commit(self.tree)
        run_git(self.tree, "checkout", "--quiet", "-")
        run_git(self.tree, "stash", "pop", "--quiet")
