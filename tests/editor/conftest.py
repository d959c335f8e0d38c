"""What the tests of the server begin with."""

from __future__ import annotations

import pytest

from tests.commits import commit_all
from tests.conftest import Repository

SETTINGS = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 3\ncognitive_complexity = false\n"
PASSING = "def price(order):\n    return order.price\n"
NEAR = "def price(order):\n    if order:\n        if order.price:\n            return 1\n"
FAILING = f"{NEAR}    if order is None:\n        return 2\n"


@pytest.fixture
def project(repository: Repository) -> Repository:
    """A repository with a limit, and a file that HEAD has."""
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    (repository.path / "shop.py").write_text(PASSING)
    commit_all(repository.path, "begin")
    return repository
