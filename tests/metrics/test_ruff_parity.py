"""ruff itself counts the same: in the cases of our tables, and in drawn programs."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import Phase, assume, given, settings

from pytest_antipasta.engine.measuring.measurement import measure
from tests import programs, ruff
from tests.metrics.test_parity import PROFILE
from tests.metrics.test_ruff_counts import BODIES, CONDITIONS, DEPTHS, PARAMETERS, RETURNS, inside

pytestmark = pytest.mark.skipif(not ruff.is_installed(), reason="ruff is not installed")


def _can_be_parsed(source: str) -> bool:
    """Whether this Python parses the program: 3.11 refuses strings with three quotes inside f-strings."""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _check(sources: dict[Path, bytes]) -> list[str]:
    for path, source in sources.items():
        path.write_bytes(source)
    numbers = ruff.count([*sources])
    return [
        str(found)
        for path, source in sources.items()
        for found in ruff.find_differences(path.name, measure(source).blocks, numbers[path])
    ]


def test_ruff_is_the_version_that_the_numbers_are_of() -> None:
    """With another one, compare the corpora anew: `python -m tests.corpora --all`."""
    assert ruff.find_version() == ruff.VERSION


def test_ruff_says_the_same_of_all_these(tmp_path: Path) -> None:
    bodies = [
        inside(str(case.values[0])) for table in (BODIES, RETURNS, CONDITIONS, DEPTHS) for case in table
    ]
    sources = [*bodies, *(str(case.values[0]) for case in PARAMETERS)]
    files = {tmp_path / f"case_{number}.py": source.encode() for number, source in enumerate(sources)}
    assert _check(files) == []


@pytest.mark.parametrize("kind", ["If", "Match", "Try"])
def test_ruff_says_the_same_of_drawn_programs(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("programs")

    @settings(PROFILE, max_examples=8, phases=(Phase.explicit, Phase.generate))
    @given(programs.programs_with(kind))
    def check(source: str) -> None:
        assume(_can_be_parsed(source))
        assert _check({folder / "program.py": source.encode()}) == []

    check()


def test_a_wrong_number_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("def f(a):\n    if a and b: return 1\n")
    numbers = ruff.count([path])[path]
    for metric in ruff.RULES.values():
        blocks = measure(path.read_bytes()).blocks
        assert not [*ruff.find_differences("a.py", blocks, numbers)]
        broken = {line: {**own, metric: 9} for line, own in numbers.items()}
        (found,) = ruff.find_differences("a.py", blocks, broken)
        assert found.metric == metric
