"""What goes between the controller of xdist and its workers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.plugin.conftest import FAILING, PASSING, Project

# Hooks for what is sent, and none of those that make an item run in three phases.
NOTING = """\
def pytest_report_from_serializable(config, data):
    with open("reports", "a") as file:
        print(data["nodeid"], data["when"], type(data["location"]).__name__, file=file)

def pytest_configure_node(node):
    with open("unheard", "w") as file:
        print(*node.workerinput["antipasta"]["unheard"], file=file)
"""
LISTENING = """\
import os

def pytest_runtest_logstart(nodeid):
    with open(f"started-{os.environ.get('PYTEST_XDIST_WORKER', 'controller')}", "a") as file:
        print(nodeid, file=file)
"""
FILES = {f"m{number}.py": PASSING for number in range(8)} | {"bad.py": FAILING}


@pytest.fixture
def tree(project: Project) -> Project:
    project.write({**FILES, "conftest.py": NOTING})
    return project


def lines(path: Path) -> list[str]:
    return sorted(path.read_text().splitlines())


@pytest.mark.parametrize(
    ("plugins", "args"),
    [
        pytest.param((), (), id="no other plugins"),
        pytest.param(("randomly", "pytest_cov"), ("--cov=.",), id="plugins that don't care about files"),
    ],
)
def test_a_worker_sends_one_report_of_each_file(
    tree: Project, plugins: tuple[str, ...], args: tuple[str, ...]
) -> None:
    tree.run("--antipasta-only", "-n", "2", *args, plugins=plugins)
    reports = lines(tree.path / "reports")
    calls = [f"{name}::antipasta call tuple" for name in sorted({*FILES, "conftest.py"})]
    assert [line for line in reports if " call " in line] == calls
    # The last item of each worker is pytest's own to run.
    assert len(reports) <= len(calls) + 2 * 2


COUNTING = """\
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        with open("shown", "a") as file:
            for report in sum(reporter.stats.values(), []):
                print(report.nodeid, report.when, file=file)
"""


def test_nothing_is_printed_in_a_worker_where_nobody_reads_it(tree: Project) -> None:
    tree.write({"conftest.py": NOTING + COUNTING})
    tree.check("-n", "2")
    shown = [line for line in lines(tree.path / "shown") if line.endswith(" call")]
    assert len(shown) <= 2  # the last items, which are pytest's own to run


def test_a_worker_knows_of_a_change_what_fails(project: Project) -> None:
    """Plugins in workers see it, such as the one for ``--sw``, which stops there."""
    project.write({f"m{number}.py": FAILING for number in range(20)})
    subprocess.run(["git", "init", "--quiet"], cwd=project.path, check=True)
    subprocess.run(["git", "add", "."], cwd=project.path, check=True)
    result = project.run("--antipasta-staged", "--antipasta-only", "-n", "2", "--sw")
    assert result.parseoutcomes()["failed"] < 10


@pytest.mark.parametrize(
    ("args", "conftest", "is_heard"),
    [
        pytest.param(["-q"], "", False, id="nobody listens"),
        pytest.param(["-v"], "", True, id="pytest names what begins"),
        pytest.param(["-q"], LISTENING, True, id="a plugin listens"),
    ],
)
def test_a_worker_tells_that_a_file_begins_where_somebody_listens(
    tree: Project, args: list[str], conftest: str, is_heard: bool
) -> None:
    tree.write({"conftest.py": NOTING + conftest})
    tree.check("-n", "2", *args)
    assert ("pytest_runtest_logstart" in (tree.path / "unheard").read_text().split()) != is_heard
    if conftest:
        expected = sorted(f"{name}::antipasta" for name in (*FILES, "conftest.py"))
        assert lines(tree.path / "started-controller") == expected
        assert sorted(lines(tree.path / "started-gw0") + lines(tree.path / "started-gw1")) == expected


def test_a_plugin_of_workers_alone_hears_what_begins(tree: Project) -> None:
    alone = """\
        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                config.pluginmanager.register(Listener())

        class Listener:
            def pytest_runtest_logstart(self, nodeid):
                with open("heard", "a") as file:
                    print(nodeid, file=file)
        """
    tree.write({"conftest.py": NOTING + alone.replace("\n        ", "\n").lstrip()})
    tree.check("-n", "2", "-q")
    assert "pytest_runtest_logstart" in (tree.path / "unheard").read_text().split()
    assert lines(tree.path / "heard") == sorted(f"{name}::antipasta" for name in (*FILES, "conftest.py"))


@pytest.mark.parametrize("order", [["antipasta", "xdist"], ["xdist", "antipasta"]], ids=" first, ".join)
def test_in_whatever_order_plugins_are_loaded_we_choose_the_workers(
    tree: Project, order: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    first, second = order
    result = tree.run("-p", first, "-p", second, "--antipasta-only", "-n", "auto", "--antipasta-debug")
    assert "with no workers (little to measure)" in result.stdout.str()
    assert not (tree.path / "reports").exists()
