"""Workers of xdist on other hosts, by ssh and by execnet's socket server."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import without_other_plugins
from tests.plugin.conftest import FAILING, Project
from tests.plugin.hosts import Host, begin_hosts
from tests.plugin.test_remote import IMPATIENT, run
from tests.plugin.test_remote import tree as tree

pytestmark = pytest.mark.programs
# What a worker does when it comes to a file: it says so, and takes its time.
WAITING = """\
import time

class Waiting:
    def pytest_runtest_logstart(self, nodeid):
        if nodeid == "pkg/bad.py::antipasta":
            open("/srv/copy/reached", "w").close()
            time.sleep(600)

def pytest_configure(config):
    config.pluginmanager.register(Waiting())  # the conftest itself is not asked for files of another folder
"""


@pytest.fixture
def clones(tree: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two clones with other settings, one of them stale."""
    folders = [tmp_path_factory.mktemp("clones") / f"clone{number}" for number in range(2)]
    for folder in folders:
        subprocess.run(["git", "clone", "-q", tree.path, folder], check=True)
        (folder / "pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['pkg']\n")
        (folder / "pytest.ini").write_text(f"[pytest]\naddopts = {without_other_plugins(())}\n")
    (folders[1] / "pkg/m1.py").write_text(FAILING)
    return folders


@pytest.fixture
def hosts(
    tree: Project, clones: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Host]]:
    with begin_hosts(tree.path, clones, tmp_path_factory.mktemp("hosts")) as hosts:
        yield hosts


def test_two_hosts_report_what_this_one_does(tree: Project, hosts: list[Host]) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    gateways = [f"--tx={hosts[0].ssh}", f"--tx={hosts[1].ssh}", f"--tx={hosts[1].socket}"]
    seen, lines = run(tree, "--antipasta-only", "--dist=load", *gateways)
    assert seen == expected
    assert lines[-1].startswith("store: 0 hits, 11 misses, ")
    assert not [line for line in lines if "crashed; its files" in line]


def act_when_reached(clone: Path, act: Callable[[], None]) -> threading.Thread:
    """Do something as soon as a worker has come to the file that it waits at, or after a minute."""

    def wait() -> None:
        deadline = time.monotonic() + 60
        while not (clone / "reached").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("way", ["ssh", "socket"])
@pytest.mark.parametrize("deed", ["kill", "cut"])
def test_a_host_that_is_lost_loses_no_file(
    tree: Project, clones: list[Path], hosts: list[Host], way: str, deed: str
) -> None:
    expected, _ = run(tree, "--antipasta-only", "--antipasta-no-cache")
    tree.write({"conftest.py": IMPATIENT})
    (clones[0] / "conftest.py").write_text(WAITING)
    acting = act_when_reached(clones[0], getattr(hosts[0], deed))
    gateway = f"--tx={getattr(hosts[0], way)}"
    seen, lines = run(tree, "--antipasta-only", "--ignore=conftest.py", "-v", "--dist=load", gateway)
    acting.join(timeout=0)
    assert seen == expected
    assert [line.partition(" (")[0] for line in lines if "crashed; its files" in line] == ["gw0"], lines
