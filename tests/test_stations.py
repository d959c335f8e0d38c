"""What is entered often on the way of one file has a reason, so that nothing else comes to be."""

from __future__ import annotations

import sys

import pytest

from tests.stations import OFTEN, PACKAGE, REASONS, Hop, find_often, measure_ways


def test_how_often_a_module_is_entered_at_most() -> None:
    once = [Hop("a", "b", "f")]
    ways = {"one": once * OFTEN, "two": once * (OFTEN + 2), "three": once * (OFTEN + 1)}
    assert find_often(ways) == {"b": (OFTEN + 2, "two")}


def test_each_reason_is_of_a_module() -> None:
    assert [module for module in REASONS if not (PACKAGE / f"{module}.py").exists()] == []


@pytest.mark.slow
@pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="since CPython 3.14, asking for annotations enters their module"
)
def test_each_module_that_a_file_enters_often_has_a_reason() -> None:
    often = find_often(measure_ways())
    assert "logs/spans" in often
    assert often.keys() - REASONS.keys() == set(), (
        "make it fewer, or add a reason to `REASONS` of tests/stations.py"
    )
