"""What can be told of blocks by their text and their numbers, so that no syntax tree is built."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from pytest_antipasta.engine.measuring.measurer import measure_once
from pytest_antipasta.metrics.following.comparison import BlockComparison, identify_blocks
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured
from tests.metrics.following.sides import ifs


class ParsedError(Exception):
    """A body was asked for."""


class Version(FileVersion):
    """A version that is not to be parsed."""

    def check_time(self) -> None:
        """Stand where a body is about to be parsed."""
        raise ParsedError


def states(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return what happened to each block, and refuse to parse one."""
    sides = [[make_version(*item) for item in texts.items()] for texts in (before, after)]
    comparison = BlockComparison(sides[0], sides[1], {path: path for path in after if path in before})
    return [change.state for change in identify_blocks(comparison).values()]


def make_version(path: str, text: str) -> FileVersion:
    """Return a file whose numbers are known, and whose bodies are not."""
    data = text.encode()
    return Version(path, lambda: data, lambda: Measured(measure_once(data, path)))


def function(branches: int, name: str = "f", end: str = "a") -> str:
    """Return a function with so many branches."""
    return f"def {name}(a):\n{ifs(branches)}    return {end}\n\n\n"


F = function(1)
CASES = {
    "a new file": ({"a.py": F}, {"a.py": F, "b.py": function(2, "g")}, ["unchanged", "added"]),
    "new files alone": ({}, {"a.py": F, "b.py": F}, ["added", "added"]),
    "another text behind it": ({"a.py": F}, {"a.py": f"{F}a = 1\n"}, ["unchanged"]),
    "another number": ({"a.py": F}, {"a.py": function(3)}, ["modified"]),
    "a block that is gone": ({"a.py": F + function(2, "g")}, {"a.py": F}, ["unchanged"]),
    "a new block of another number": ({"a.py": F}, {"a.py": F + function(2, "g")}, ["unchanged", "added"]),
}


@pytest.mark.parametrize(("before", "after", "expected"), CASES.values(), ids=CASES.keys())
def test_nothing_is_parsed(before: Mapping[str, str], after: Mapping[str, str], expected: list[str]) -> None:
    assert states(before, after) == expected


def test_another_text_of_the_same_number_is_parsed() -> None:
    with pytest.raises(ParsedError):
        states({"a.py": F}, {"a.py": function(1, end="-a")})
