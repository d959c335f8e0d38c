"""A project whose tests have run under coverage.py."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

SHOP = """\
def price(amount, is_member, is_old, coupon):
    if is_member and amount > 100:
        return amount * 0.8
    if is_old or coupon:
        return amount * 0.9
    return amount


def label(name, is_loud=False):
    if is_loud:
        return name.upper()
    return name.title()
"""
PROGRAM = "import shop\nshop.label('tea')\n"
SETTINGS = "[tool.pytest-antipasta.thresholds]\ncrap = 29\n"


def run_coverage(folder: Path, *arguments: str) -> None:
    """Run coverage.py in a folder, apart from the coverage of our own tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    command = [sys.executable, "-m", "coverage", *arguments]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture(scope="session")
def _origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("covered")
    (folder / "shop.py").write_text(SHOP)
    (folder / "program.py").write_text(PROGRAM)
    (folder / "pyproject.toml").write_text(SETTINGS)
    run_coverage(folder, "run", "--branch", "program.py")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _origin: Path) -> Path:
    """The current folder: ``price`` of shop.py never ran, and half of the branches of ``label`` did."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(_origin, tmp_path, dirs_exist_ok=True)
    with closing(sqlite3.connect(".coverage")) as data, data:  # it has the paths of the folder
        names = (str(_origin), str(tmp_path))
        assert data.execute("UPDATE file SET path = replace(path, ?, ?)", names).rowcount == 2
    return tmp_path
