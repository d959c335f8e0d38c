"""The plugins that most people have, as PyPI has them: beside each of them source files fare as without it.

This installs packages, so it is only done where it is asked for, by a folder for the environments:

    PYTEST_ANTIPASTA_PLUGINS=/tmp/plugins .venv/bin/pytest tests/plugin/test_installed_plugins.py
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from filelock import FileLock

from tests.plugin.conftest import FAILING, PASSING, SETTINGS, read_report

ASKED = os.environ.get("PYTEST_ANTIPASTA_PLUGINS", "")
pytestmark = pytest.mark.skipif(not ASKED, reason="PYTEST_ANTIPASTA_PLUGINS names no folder")

_TESTS = """\
from pkg import b

def test_good(tmp_path):
    assert b.add(1, 2) == 3

def test_bad():
    assert False
"""
_FILES = {
    "pyproject.toml": SETTINGS,
    "a.py": FAILING,
    "pkg/__init__.py": "",
    "pkg/b.py": PASSING,
    "pkg/c.py": "def f(:\n",
    "tests/test_t.py": _TESTS,
}
_WAYS = {
    "beside tests": ("--antipasta",),
    "alone": ("--antipasta-only",),
    "beside tests, -n 2": ("--antipasta", "-n", "2"),
    "alone, -n 2": ("--antipasta-only", "-n", "2"),
}
# pytest-run-parallel says in between that it runs an item alone.
_OUTCOME = re.compile(r"(PASSED|FAILED|ERROR|SKIPPED) (?:\(?\[thread-unsafe\].*?-parallel\)? )?(\S+)")


class Plugin(NamedTuple):
    """A distribution, and how it is tried.

    Attributes:
        name: of the distribution.
        args: that make it do something.
        files: that it needs.
        has_counts: whether the last line of the output is pytest's.
        is_about_tests: whether tests fare otherwise with it, and only source files as without.
        needs: what it can't do without of our own environment.
        more: what else is installed.
    """

    name: str
    args: tuple[str, ...] = ()
    files: Mapping[str, str] = {}
    has_counts: bool = True
    is_about_tests: bool = False
    needs: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


PLUGINS = {
    plugin.name: plugin
    for plugin in (
        Plugin("allure-pytest", ("--alluredir=allure",)),
        Plugin("buildkite-test-collector", ("--json=buildkite.json",)),
        Plugin("flaky", ("--force-flaky",), is_about_tests=True),
        Plugin("inline-snapshot"),
        Plugin("langsmith"),
        Plugin("pyfakefs"),
        Plugin("pytest-asyncio", ("--asyncio-mode=auto",)),
        Plugin("pytest-azurepipelines"),
        Plugin("pytest-bdd"),
        Plugin("pytest-benchmark", ("--benchmark-disable-gc",)),
        Plugin("pytest-check"),
        Plugin("pytest-clarity", ("-vv",)),
        Plugin("pytest-cov", ("--cov=pkg",)),
        Plugin("pytest-dependency"),
        Plugin("pytest-django", ("--ds=sets",), {"sets.py": "SECRET_KEY = 'no'\n"}, more=("django",)),
        Plugin("pytest-docker-tools"),
        Plugin("pytest-env", (), {"pyproject.toml": f"{SETTINGS}[tool.pytest_env]\nPLACE = 'here'\n"}),
        Plugin("pytest-factoryboy"),
        # With pytest 9.2 it can run nothing, as reports have what it can't send.
        Plugin("pytest-forked", ("--forked",), more=("pytest<9",)),
        Plugin("pytest-github-actions-annotate-failures"),
        Plugin("pytest-html", ("--html=report.html",), needs=("pytest-metadata",)),
        Plugin("pytest-instafail", ("--instafail",)),
        Plugin("pytest-isolate", ("--isolate",), is_about_tests=True),
        Plugin("pytest-json-report", ("--json-report",), needs=("pytest-metadata",)),
        Plugin("pytest-md", ("--md=report.md",)),
        Plugin("pytest-metadata"),
        Plugin("pytest-mock"),
        # With pytest 9.2 it fails after the last test.
        Plugin("pytest-monitor", more=("pytest<9",)),
        Plugin("pytest-nunit", ("--nunit-xml=nunit.xml",)),
        Plugin("pytest-order"),
        Plugin("pytest-picked"),
        Plugin("pytest-playwright"),
        Plugin("pytest-randomly"),
        Plugin("pytest-repeat", ("--count=1",)),
        Plugin("pytest-reportlog", ("--report-log=log.json",)),
        Plugin("pytest-reportportal"),
        Plugin("pytest-rerunfailures"),
        Plugin("pytest-retry", ("--retries=1",), is_about_tests=True),
        # Without `-W error`, its warning of items that it does not know would count.
        Plugin("pytest-run-parallel", ("-Werror",)),
        Plugin("pytest-selenium", needs=("pytest-html", "pytest-metadata")),
        Plugin("pytest-shard", ("--num-shards=1", "--shard-id=0")),
        Plugin("pytest-socket", ("--disable-socket", "--allow-unix-socket")),
        Plugin("pytest-split"),
        Plugin("pytest-subtests"),
        Plugin("pytest-sugar", has_counts=False),
        # With pytest 9.2 it can't be loaded: two of its options have one destination.
        Plugin("pytest-tap", ("--tap-combined",), more=("pytest<9",)),
        Plugin("pytest-testmon"),
        Plugin("pytest-timeout", ("--timeout=60",)),
        Plugin("pytest-trio"),
        Plugin("pytest-xprocess"),
        Plugin("teamcity-messages", ("--teamcity",)),
    )
}
TWELVE = (
    *("allure-pytest", "pytest-asyncio", "pytest-bdd", "pytest-benchmark", "pytest-cov", "pytest-dependency"),
    *("pytest-html", "pytest-mock", "pytest-order", "pytest-randomly", "pytest-sugar", "pytest-timeout"),
)


class Seen(NamedTuple):
    """What a run said.

    Attributes:
        code: that it ended with.
        outcomes: of all items.
        counts: of the output's last line, where that is pytest's.
        cases: of JUnit: their names, whether they failed, and how many properties they have.
        totals: of JUnit.
        report: ours.
    """

    code: int
    outcomes: dict[str, str]
    counts: str
    cases: list[tuple[str, bool, int]]
    totals: list[str | None]
    report: dict[str, Any]


def build(names: Sequence[str]) -> Path:
    """Return the Python of an environment with some distributions beside all that we are tested with."""
    folder = Path(ASKED).absolute() / (names[0] if len(names) == 1 else "together")
    python = folder / "bin" / "python"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "installed").exists():
            _install(folder, python, names)
    return python


def _install(folder: Path, python: Path, names: Sequence[str]) -> None:
    venv.create(folder, clear=True)
    variables = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", variables))
    (site / "ours.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *names]
    command += [one for name in names for one in PLUGINS[name].more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{' '.join(command)}: {done.stderr.strip().splitlines()[-1]}")
    (folder / "installed").touch()


@cache
def find_others(names: tuple[str, ...]) -> list[str]:
    """Return options against all plugins of our own environment that are not to be tried."""
    wanted = {
        "pytest-antipasta",
        "pytest-xdist",
        *names,
        *(one for name in names for one in PLUGINS[name].needs),
    }
    points = entry_points(group="pytest11")
    return [f"-pno:{point.name}" for point in points if point.dist and point.dist.name not in wanted]


def start(folder: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run pytest, also with plugins that no other test starts, which `find_others` chooses from."""
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def run(folder: Path, python: str, names: tuple[str, ...], args: Sequence[str]) -> Seen:
    """Run over a tree."""
    plugins = [PLUGINS[name] for name in names]
    done = start(
        folder,
        [
            *(python, "-m", "pytest", "-rA", "--antipasta-report=json=report.json", "--junitxml=junit.xml"),
            *(*find_others(names), *args, *(arg for plugin in plugins for arg in plugin.args)),
        ],
    )
    assert "INTERNALERROR" not in done.stdout + done.stderr, done.stdout + done.stderr
    assert (folder / "junit.xml").exists(), done.stdout + done.stderr
    lines = done.stdout.splitlines()
    suite = ElementTree.parse(folder / "junit.xml").getroot()[0]
    cases = [
        (case.get("name", ""), case.find("failure") is not None, len(list(case.iter("property"))))
        for case in suite.iter("testcase")
    ]
    return Seen(
        done.returncode,
        {match[2]: match[1] for match in map(_OUTCOME.match, lines) if match},
        lines[-1].strip("= ").partition(" in ")[0] if all(plugin.has_counts for plugin in plugins) else "",
        sorted(cases),
        [suite.get(name) for name in ("tests", "failures", "errors", "skipped")],
        read_report(folder / "report.json"),
    )


def keep_files(seen: Seen) -> Seen:
    """Return what a run said of source files, without the properties that a plugin may add."""
    outcomes = {name: outcome for name, outcome in seen.outcomes.items() if name.endswith("::antipasta")}
    cases = [(name, has_failed, 0) for name, has_failed, _ in seen.cases if name.endswith(".py")]
    return seen._replace(outcomes=outcomes, counts="", cases=cases, totals=[])


def write_tree(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files into a new folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


_without: dict[tuple[str, str], Seen] = {}


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("names", [*((name,) for name in PLUGINS), TWELVE], ids=lambda names: "+".join(names))
def test_source_files_fare_as_without(names: tuple[str, ...], way: str, tmp_path: Path) -> None:
    python = build(names)
    files = _FILES | {path: text for name in names for path, text in PLUGINS[name].files.items()}
    key = way, repr(files)
    if key not in _without:
        tree = write_tree(tmp_path / "without", files)
        _without[key] = run(tree, sys.executable, (), _WAYS[way])
    seen = run(write_tree(tmp_path / "with", files), str(python), names, _WAYS[way])
    expected = _without[key] if seen.counts else _without[key]._replace(counts="")
    if any(PLUGINS[name].is_about_tests for name in names):
        seen, expected = keep_files(seen), keep_files(expected)
    for name in Seen._fields:
        assert (name, getattr(seen, name)) == (name, getattr(expected, name))


def start_alone(folder: Path, name: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run pytest with one plugin."""
    return start(folder, [str(build((name,))), "-m", "pytest", *find_others((name,)), *args])


def test_files_checked_alone_are_no_tests_that_testmon_need_not_run(tmp_path: Path) -> None:
    tree = write_tree(tmp_path, {"test_t.py": "def test_one():\n    assert True\n"})
    for _ in range(2):
        alone = start_alone(tree, "pytest-testmon", "--testmon", "--antipasta-only")
        assert "no violations in 1 file" in alone.stdout.splitlines()
    assert "1 passed in " in start_alone(tree, "pytest-testmon", "--testmon").stdout


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        (
            "pytest-testmon",
            ("--testmon",),
            "warning: 0 of 2 files, limited to `--testmon`: nothing was checked",
        ),
        (
            "pytest-split",
            ("--splits=2", "--group=2"),
            "no violations; 1 of 2 files checked, limited to `--splits 2`",
        ),
    ],
)
def test_a_plugin_that_deselects_files_is_named(
    name: str, args: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    tree = write_tree(tmp_path, {"a.py": PASSING, "b.py": PASSING})
    start_alone(tree, name, "--antipasta", *args)
    assert expected in start_alone(tree, name, "--antipasta", *args).stdout.splitlines()
