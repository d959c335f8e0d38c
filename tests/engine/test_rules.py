"""What a worker is begun with: rules and store, as they are in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_antipasta.engine.rules import Rules, decode_orders, encode_orders
from pytest_antipasta.settings.asked import with_limits
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.values import Settings

TABLE = """\
[tool.pytest-antipasta]
nested = true
paths = ["src"]
critical_functions = ["src/a.py::f"]
[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 5
lines_of_code = {limit = 10, comparison = "<"}
[[tool.pytest-antipasta.overrides]]
files = ["src/b.py"]
thresholds = {cyclomatic_complexity = false}
"""
LIMITS = {
    "cyclomatic_complexity": 3,
    "halstead_effort": {"limit": 1.5, "comparison": "<"},
    "lines_of_code": False,
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with something of most kinds."""
    (tmp_path / "pyproject.toml").write_text(TABLE)
    return with_limits(load_settings(tmp_path).settings, LIMITS)


def test_rules_come_out_as_they_went_in(settings: Settings, tmp_path: Path) -> None:
    rules = Rules(replace(settings, projects=(settings,)), (), named_baseline=Path("x.json"))
    assert settings.asked.limits == LIMITS
    assert decode_orders(encode_orders(rules, tmp_path)) == (rules, tmp_path)
