"""What is built once for all tests of packages."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.packaging.built import build, clone
from tests.report.browser import give_up

PROGRAMS = ("build", "check_wheel_contents", "hatchling", "twine")


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Wheel and sdist of what is committed."""
    if not all(map(find_spec, PROGRAMS)) or shutil.which("git") is None:
        give_up("needs `pip install -e '.[lint]'`")
    folder = tmp_path_factory.mktemp("packages")
    return build(clone(folder), folder / "dist")
