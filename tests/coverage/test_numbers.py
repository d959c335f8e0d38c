"""Statements and branches of functions are those of ``coverage json``, on code that ran."""

from __future__ import annotations

import json
import sysconfig
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.coverage.reading import open_coverage
from pytest_antipasta.settings.values import Settings
from tests.coverage.conftest import run_coverage

NEEDS_ALL = pytest.mark.skipif(
    find_spec("coverage.regions") is None
    or not hasattr(import_module("coverage.regions"), "STATEMENT_FIELDS"),
    reason="this version leaves functions out of its report",
)
PACKAGES = ("radon", "pluggy", "packaging")
EDGES = '''\
from typing import TYPE_CHECKING, overload


class Shelf:
    """A docstring."""

    @property
    def size(self):
        """Another one."""
        return 1

    @size.setter
    def size(self, value): self.value = value

    def each(self, *, first=lambda: 1,
             second=2):
        for one in (1,
                    2): yield one
        else:
            def inner(): return 3
            yield inner()


try:
    import nothing_of_this_name
except ImportError:
    def fallback(one):
        if one:
            return 1
        return 2
else:
    def never(): return 1


def excluded():  # pragma: no cover
    return 1


def partly(one):
    if one:  # pragma: no branch
        one += 1
    while True:
        with open(__file__) as file:
            if one: break
            file.read()
    match one:
        case 1:
            def here(): return 1
            return here
        case _: pass
    def abstract(): raise NotImplementedError
    return [one for one in "abc"
            if one != "b"]


async def stub(): ...
@overload
def loads(one: int) -> int: ...
def loads(one): return one


if TYPE_CHECKING:
    def typed(): return 1
shelf = Shelf(); shelf.size = shelf.size
list(shelf.each()); fallback(0); partly(2); loads(1)
'''
SETTINGS = """\
[tool.coverage.report]
exclude_also = ["raise NotImplementedError"]
partial_also = ["if one: break"]
"""


def compare(root: Path, path: Path, report: Path) -> list[tuple[str, str, object, object]]:
    """Return where functions differ from a report of ``coverage json``; all of them must be in it."""
    files: dict[str, Any] = json.loads(report.read_bytes())["files"]
    different: list[tuple[str, str, object, object]] = []
    with open_coverage(path, Settings(root=root, source=None)) as coverage:
        for name, file in files.items():
            source = (root / name).resolve()
            found = coverage.find_functions(name, source.read_bytes(), str(source))
            assert found.state == "known", name
            ours = [found.functions[line] for line in sorted(found.functions)]
            theirs = [(one, region["summary"]) for one, region in file["functions"].items() if one]
            for covered, (function, summary) in zip(ours, theirs, strict=True):
                own = (covered.statements, covered.missing, covered.branches, covered.missing_branches)
                keys = ("num_statements", "missing_lines", "num_branches", "missing_branches")
                if own != (other := tuple(summary.get(key, 0) for key in keys)):
                    different.append((name, function, own, other))
    return different


@NEEDS_ALL
@pytest.mark.parametrize(
    "branch",
    [
        pytest.param(["--branch"], id="branches"),
        pytest.param([], id="lines", marks=pytest.mark.slow),
    ],
)
def test_every_function_has_the_numbers_of_coverage_json(tmp_path: Path, branch: list[str]) -> None:
    (tmp_path / "edges.py").write_text(EDGES)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    run_coverage(tmp_path, "run", *branch, "edges.py")
    run_coverage(tmp_path, "json", "-q")
    for name in (".coverage", "coverage.json"):
        assert compare(tmp_path, tmp_path / name, tmp_path / "coverage.json") == []


@pytest.mark.slow
@NEEDS_ALL
def test_real_packages_at_work(tmp_path: Path) -> None:
    packages = sysconfig.get_path("purelib")
    program = [f"{packages}/radon/metrics.py", f"{packages}/radon/raw.py"]
    names = ",".join(PACKAGES)
    run_coverage(tmp_path, "run", "--branch", f"--source={names}", "-m", "radon", "cc", *program)
    run_coverage(tmp_path, "json", "-q")
    assert compare(tmp_path, tmp_path / ".coverage", tmp_path / "coverage.json") == []
    assert len(json.loads((tmp_path / "coverage.json").read_bytes())["files"]) > 20
