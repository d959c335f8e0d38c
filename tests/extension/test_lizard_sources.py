"""Real sources of other languages, from npm, Debian and Python's own headers: lizard's numbers are ours."""

from __future__ import annotations

import os
import shutil
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.extension.conftest import Environment
from tests.extension.lizard_numbers import ask_lizard, ask_us

NODE, SOURCES = "PYTEST_ANTIPASTA_NODE", "PYTEST_ANTIPASTA_SOURCES"
_MISSING = {
    NODE: "npm install --prefix FOLDER lodash rxjs@7",
    SOURCES: "apt-get download golang-github-spf13-cobra-dev librust-regex-automata-dev nlohmann-json3-dev`, "
    "`dpkg-deb --extract PACKAGE FOLDER",
}


def find_folder(variable: str) -> Path:
    """Return a folder of sources that somebody has fetched."""
    folder = os.environ.get(variable)
    if folder is None:
        pytest.skip(f"needs `{_MISSING[variable]}`, and {variable}=FOLDER")
    return Path(folder)


def find_npm_packages() -> Path:
    """Return the folder of what npm has installed."""
    return find_folder(NODE) / "node_modules"


def find_debian_packages() -> Path:
    """Return the folder that Debian's packages were unpacked into."""
    return find_folder(SOURCES)


def find_headers() -> Path:
    """Return the folder of Python's own headers."""
    return Path(sysconfig.get_path("include"))


@pytest.mark.slow
@pytest.mark.programs
@pytest.mark.parametrize(
    ("find", "pattern", "language", "least"),
    [
        pytest.param(find_npm_packages, "lodash/**/*.js", "javascript", 500, id="JavaScript"),
        pytest.param(find_npm_packages, "rxjs/src/**/*.ts", "typescript", 200, id="TypeScript"),
        pytest.param(find_debian_packages, "usr/share/gocode/**/*.go", "go", 30, id="Go"),
        pytest.param(find_debian_packages, "usr/share/cargo/**/*.rs", "rust", 15, id="Rust"),
        pytest.param(find_debian_packages, "usr/include/**/*.hpp", "cpp", 40, id="C++"),
        pytest.param(find_headers, "**/*.h", "c", 100, id="C"),
    ],
)
def test_every_number_is_the_one_of_its_command_line(
    find: Callable[[], Path],
    pattern: str,
    language: str,
    least: int,
    lizard: Path,
    environment: Environment,
    tmp_path: Path,
) -> None:
    folder, root = find(), tmp_path / "project"
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    for path in found:
        copy = root / path.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    assert len(found) >= least
    ours, failed = ask_us(environment, root, [language])
    assert failed == []
    assert ours == ask_lizard(lizard, [root / path.relative_to(folder) for path in found], root)
    assert len(ours) >= least
