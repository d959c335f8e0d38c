"""What is installed and imported is what the pages say; modules are counted, and nothing is timed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import Repository
from tests.plugin.conftest import PASSING

PAGE = Path(__file__).parents[2] / "docs" / "installing.md"
TEXT = PAGE.read_text(encoding="utf-8")
MAINTAINING = PAGE.with_name("maintaining.md").read_text(encoding="utf-8")
# What msgspec imports where it is installed, and what measures the tests themselves.
SOMETIMES = {"typing_extensions", "coverage"}
PROGRAM = """\
import sys
before = set(sys.modules)
from pytest_antipasta.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as end:
    code = end.code
found = sorted(set(sys.modules) - before)
print("\\n" + " ".join(found))
sys.exit(code)
"""


def section(title: str, text: str = TEXT) -> str:
    """Return what stands below a heading."""
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def find_row(command: str) -> tuple[set[str], int]:
    """Return the packages and the number of modules that ``docs/maintaining.md`` allows to a command."""
    table = section("What is imported", MAINTAINING)
    (row,) = re.findall(rf"^\| {re.escape(command)} \| (.+) \| (\d+) \|$", table, re.MULTILINE)
    packages, number = row
    return set(packages.split(", ")) - {"none"}, int(number)


@pytest.mark.skipif(sys.platform != "linux", reason="the standard library imports other modules there")
@pytest.mark.parametrize(
    ("row", "args"),
    [
        pytest.param("`pytest-antipasta --version`", "--version", id="version"),
        pytest.param("`pytest-antipasta check`, nothing in the store", "check", id="cold check"),
        pytest.param("`pytest-antipasta check`, all files in the store", "check", id="warm check"),
        pytest.param("`pytest-antipasta hook` of a new file", "hook", id="hook"),
    ],
)
def test_a_command_imports_no_more_than_is_allowed(row: str, args: str, repository: Repository) -> None:
    (repository.path / "a.py").write_text(PASSING, encoding="utf-8")
    repository.git("add", "--all")
    for _ in range(2 if "all files" in row else 1):
        found = import_modules(args, repository.path)
    packages = {name.partition(".")[0] for name in found}
    ours = {"pytest_antipasta", *sys.stdlib_module_names}
    allowed, most = find_row(row)
    assert packages - ours - SOMETIMES == allowed
    assert most * 0.75 <= len(found) <= most, f"{len(found)} modules"


def import_modules(args: str, folder: Path) -> list[str]:
    """Return the modules that a command has imported at its end."""
    # The store is where users have it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ANTIPASTA_CACHE_DIR"}
    environment["HOME"] = str(folder.parent)
    command = [sys.executable, "-c", PROGRAM, *shlex.split(args)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].split()


def test_the_plugin_and_the_package_alone_are_as_many_as_other_tests_say() -> None:
    """`tests/plugin/test_imports.py` and `tests/test_imports.py` have them by name."""
    assert find_row("`pytest`, without our options") == (set(), 2)
    assert find_row("`import pytest_antipasta`") == (set(), 1)


def test_it_names_all_that_is_installed() -> None:
    named = {canonicalize_name(name) for name in re.findall(r"[\w-]+", section("What is installed"))}
    found = find_installed("pytest-antipasta", set())
    assert len(found) > 15
    assert found - named == set()
    first = section("What is installed").partition(": ")[2].partition(".")[0]
    assert {canonicalize_name(name) for name in re.findall(r"`(.+?)`", first)} - found == set()


def find_installed(name: str, found: set[str]) -> set[str]:
    """Return a distribution with all that it requires here, without extras."""
    found.add(canonicalize_name(name))
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        is_needed = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if is_needed and canonicalize_name(requirement.name) not in found:
            find_installed(requirement.name, found)
    return found


def test_it_names_all_extras_for_users() -> None:
    metadata = distribution("pytest-antipasta").metadata
    extras = set(metadata.get_all("Provides-Extra") or ()) - {"test", "lint", "bench", "browser", "docs"}
    assert set(re.findall(r"^- `(\w+)`:", section("Extras"), re.MULTILINE)) == extras
