"""Numbers are compared with limits in one place, which is not a format, the editor or a page's script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pytest_antipasta
from pytest_antipasta.policy import limits

PACKAGE = Path(pytest_antipasta.__file__).parent
WORDS = r"(?:\w*[lL]imit|\w*[tT]hreshold)(?:\.\w+)?"
# An operator beside a limit; arrows, shifts and markup are none.
COMPARED = re.compile(
    rf"\b{WORDS}\s*(?<![=<>])[<>]=?(?![<>])\s|\s(?<![=<>])[<>]=?(?![<>])\s+{WORDS}\b|\bratio\s*[<>]=?\s*[\d.]"
)
COMPARING = {"satisfies", "is_worse", "find_excess"}


def find_files(*patterns: str) -> list[Path]:
    found = [path for pattern in patterns for path in PACKAGE.glob(pattern) if "vendor" not in path.parts]
    assert len(found) > 5
    return found


def iter_compared(path: Path) -> Iterator[int]:
    """Yield the lines in which a source in Python compares something that is called a limit."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare) and any(
            isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops
        ):
            names = [ast.unparse(side).rpartition(".")[2] for side in (node.left, *node.comparators)]
            if any(name in ("limit", "threshold", "ratio", "headroom") for name in names):
                yield node.lineno


@pytest.mark.parametrize("path", find_files("report/**/*.js"), ids=lambda path: path.name)
def test_scripts_draw_and_do_not_judge(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if COMPARED.search(line)] == []


@pytest.mark.parametrize(
    "path", find_files("report/formats/**/*.py", "editor/*.py"), ids=lambda path: path.name
)
def test_formats_and_the_editor_ask_what_judges(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert [*iter_compared(path)] == []
    assert {name for name in COMPARING if re.search(rf"\b{name}\b", text)} == set()


def test_what_judges_is_where_it_is_looked_for() -> None:
    assert all(hasattr(limits, name) for name in COMPARING)


@pytest.mark.parametrize(
    ("line", "is_compared"),
    [
        ("if (value > limit.limit) return;", True),
        ("return ratio <= 1.5 ? 3 : 4;", True),
        ("const over = limit < value;", True),
        ("threshold >= value", True),
        ("(limit) => limit.level", False),
        ("const step = data.steps[1];", False),
    ],
)
def test_a_comparison_is_found(line: str, is_compared: bool) -> None:
    assert bool(COMPARED.search(line)) == is_compared
