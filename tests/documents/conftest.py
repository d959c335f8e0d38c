"""The site of the pages, built once."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock

from tests.report.browser import give_up

DOCS = Path(__file__).parents[2] / "docs"
MODULES = ("sphinx", "myst_parser", "furo", "sphinx_copybutton")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, home: Path) -> Path:
    """The folder of the site, which has been built without a warning; one for all workers of pytest-xdist."""
    require_sphinx()
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "site"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            build_site(folder)
    return folder


def require_sphinx() -> None:
    """Skip where the extra `docs` is not installed, or fail where it has to be."""
    if any(find_spec(module) is None for module in MODULES):
        give_up("needs `pip install -e '.[docs]'`")


def build_site(folder: Path) -> None:
    """Build the site as docs.yml does, and fail at a warning."""
    options = ["-W", "--keep-going", "-n", "-q", "-b", "html"]
    command = [sys.executable, "-m", "sphinx", *options, "-d", f"{folder}-doctrees", str(DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
