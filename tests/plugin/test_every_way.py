"""One report, byte for byte apart from ``run``, however a run is spread."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from tests.conftest import without_other_plugins
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import Project
from tests.plugin.hosts import Host, begin_hosts
from tests.store.shared.conftest import patient as patient
from tests.store.shared.servers import serve

pytestmark = pytest.mark.programs
SETTINGS = """\
[tool.pytest-antipasta]
notebooks = true

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 3
cognitive_complexity = 2
"""
FILES: dict[str, str | bytes] = {
    "broken.py": "def f(:\n",
    "empty.py": "",
    "latin.py": b"# coding: latin-1\nx = '\xe9'\n",
    "study.ipynb": make_notebook("def f(a):\n    return [b for b in a if b if a if 1 if 2]\n"),
    "suppressed.py": "def f(a):  # antipasta: ignore\n    return a and a and a and a and a\n",
    # So much that a shared store is asked.
    **{f"large{number}.py": f"x = {number}\n# {'x' * 800_000}\n" for number in range(4)},
    "ünder/näme.py": "def f(a):\n    return a and a and a and a and a\n",
}
REPORTS = ("json", "csv", "sarif", "gitlab")


class Ways:
    """A code base, and the ways to check it, each of which has a store of its own."""

    def __init__(self, project: Project, stores: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._project = project
        self._stores = stores
        self._environment = monkeypatch

    def check(self, way: str, *args: str) -> list[bytes]:
        """Return the reports of the command line."""
        self._begin(way)
        self._run("check", "--quiet", *self._ask_for("--report", way), *args)
        return self._read(way)

    def check_shards(self, way: str, of: int) -> list[bytes]:
        """Return the reports that are made of those of shards."""
        self._begin(way)
        shards = [f"{self._stores}/{number}of{of}.shard" for number in range(1, of + 1)]
        for number, path in enumerate(shards, 1):
            self._run("check", "--quiet", f"--shard={number}/{of}", f"--report=shard={path}")
        self._run("report", "merge", *reversed(shards), *self._ask_for("--report", way))
        return self._read(way)

    def run_pytest(self, way: str, *args: str) -> list[bytes]:
        """Return the reports of pytest."""
        self._begin(way)
        result = self._project.run("--antipasta-only", *self._ask_for("--antipasta-report", way), *args)
        assert result.ret == 1
        return self._read(way)

    def _begin(self, way: str) -> None:
        self._environment.setenv("PYTEST_ANTIPASTA_CACHE_DIR", str(self._stores / f"{way} store"))

    def _run(self, *args: str) -> None:
        self._environment.chdir(self._project.path)
        assert main(args) == 1

    def _ask_for(self, option: str, way: str) -> list[str]:
        return [f"{option}={name}={self._stores / way}.{name}" for name in REPORTS]

    def _read(self, way: str) -> list[bytes]:
        contents = {name: Path(f"{self._stores / way}.{name}").read_bytes() for name in REPORTS}
        return [_leave_out_run(contents.pop("json")), *contents.values()]


def _leave_out_run(report: bytes) -> bytes:
    start = report.index(b"{", report.index(b'"run":'))
    _, end = json.JSONDecoder().raw_decode(report.decode("latin-1"), start)
    return report[:start] + report[end:]


@pytest.fixture
def tree(project: Project) -> Project:
    """The package's own modules, and a file of each odd kind, committed."""
    shutil.copytree(
        Path(pytest_antipasta.__file__).parent, project.path / "package", ignore=_leave_out_caches
    )
    project.write({**FILES, "pyproject.toml": SETTINGS, ".gitignore": "basetemp\n"})
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run(["git", *command], cwd=project.path, check=True)
    return project


def _leave_out_caches(_: str, names: list[str]) -> set[str]:
    return {"__pycache__"} & set(names)


@pytest.fixture
def hosts(tree: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Host]]:
    """Two hosts with a clone each."""
    clones = [tmp_path_factory.mktemp("clones") / f"clone{number}" for number in range(2)]
    for clone in clones:
        subprocess.run(["git", "clone", "-q", tree.path, clone], check=True)
        (clone / "pytest.ini").write_text(f"[pytest]\naddopts = {without_other_plugins(())}\n")
    with begin_hosts(tree.path, clones, tmp_path_factory.mktemp("hosts")) as hosts:
        yield hosts


@pytest.mark.usefixtures("patient")
def test_all_ways_have_one_report(
    tree: Project,
    hosts: list[Host],
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stores = tmp_path_factory.mktemp("stores")
    ways = Ways(tree, stores, monkeypatch)
    expected = ways.check("one process", "--jobs=1")
    seen = {
        "two processes": ways.check("two processes", "--jobs=2"),
        "again": ways.check("two processes", "--jobs=2"),
        "pytest": ways.run_pytest("pytest"),
        "two workers": ways.run_pytest("two workers", "-n", "2"),
        "two hosts": ways.run_pytest(
            "two hosts", "--dist=load", f"--tx={hosts[0].ssh}", f"--tx={hosts[1].socket}"
        ),
        "five shards": ways.check_shards("five shards", 5),
    }
    with serve(stores) as server:
        monkeypatch.setenv("PYTEST_ANTIPASTA_SHARED_STORE", server.url)
        seen["the machine that fills a shared store"] = ways.check("first machine")
        seen["a fresh machine beside it"] = ways.check("a fresh machine")
        monkeypatch.delenv("PYTEST_ANTIPASTA_SHARED_STORE")
    run = json.loads((stores / "a fresh machine.json").read_bytes())["run"]
    shared = run["store"]["shared"]
    assert shared["found"] >= 0.9 * shared["asked"] > 0
    assert {way: reports == expected for way, reports in seen.items()} == dict.fromkeys(seen, True)
