"""What coverage.py says of the lines of each function, and what must come of it: the oracle."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from coverage import Coverage

from campaigns.coverages.data import can_run, list_codes, list_lines

_NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)


class Counts(NamedTuple):
    """What ran of a function."""

    statements: int
    missing: int
    branches: int
    missing_branches: int

    @property
    def covered(self) -> float | None:
        """The share that ran."""
        whole = self.statements + self.branches
        return (whole - self.missing - self.missing_branches) / whole if self.statements else None

    def rate(self, complexity: int | None) -> float | None:
        """Return the ``crap`` of a function, by the formula of the documentation."""
        if self.covered is None or complexity is None:
            return None
        return complexity**2 * (1 - self.covered) ** 3 + complexity


class Oracle:
    """Coverage.py at work in the current folder, with its settings there."""

    def __init__(self, data: Path) -> None:
        """Read a data file, with absolute paths."""
        self._coverage = Coverage(data_file=str(data))
        self._coverage.set_option("run:relative_files", False)
        self._coverage.set_option("run:disable_warnings", ["couldnt-parse"])
        self._coverage.load()

    @property
    def has_branches(self) -> bool:
        """Whether the data has branches."""
        return self._coverage.get_data().has_arcs()

    def count(self, path: Path) -> dict[int, Counts]:
        """Return what ran of each function of a file, by the line of its ``def``."""
        _, statements, _, missing, _ = self._coverage.analysis2(str(path))
        stats = self._coverage.branch_stats(str(path))
        return {
            line: Counts(
                len(own.intersection(statements)),
                len(own.intersection(missing)),
                sum(every for number, (every, _) in stats.items() if number in own),
                sum(every - taken for number, (every, taken) in stats.items() if number in own),
            )
            for line, own in _list_own_lines(ast.parse(path.read_bytes()))
        }

    def export(self, folder: Path) -> Iterator[Path]:
        """Write the reports that coverage.py has for programs, that in JSON first."""
        for name in ("json", "xml", "lcov"):
            path = folder / f"coverage.{name}"
            getattr(self._coverage, f"{name}_report")(outfile=str(path), ignore_errors=True)
            yield path


def combine(paths: tuple[Path, ...], target: Path) -> set[str]:
    """Return the paths of the files that are there and have data after coverage.py combined data files."""
    coverage = Coverage(data_file=str(target))
    coverage.combine([str(path) for path in paths], keep=True)
    measured = (Path(path).resolve() for path in coverage.get_data().measured_files())
    return {str(path) for path in measured if path.exists()}


def _list_own_lines(tree: ast.Module) -> Iterator[tuple[int, set[int]]]:
    """Yield each function by its line, with the lines of its body that are not those of an inner one."""
    bodies = {
        node: set(range(node.body[0].lineno, (node.body[-1].end_lineno or 0) + 1))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node, body in bodies.items():
        inner = [bodies[other] for other in ast.walk(node) if other in bodies and other is not node]
        yield node.lineno, body.difference(*inner)


def is_current(text: str, lines: frozenset[int]) -> bool | None:
    """Return whether executed lines can be those of a text; ``None`` where that is not plain."""
    if not can_run(text):
        return False
    codes = list_codes(compile(text, "x", "exec", dont_inherit=True))
    if lines <= {line for code in codes for line in list_lines(code)}:
        return True
    return None if lines <= _find_code(text) else False


def _find_code(text: str) -> set[int]:
    """Return the lines from the first to the last of each logical line."""
    found, first = set[int](), 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            first = first or token.start[0]
            found.update(range(first, token.end[0] + 1))
            first = 0 if token.type == tokenize.NEWLINE else first
    return found


def find_differences(
    blocks: Mapping[str, Mapping[str, Any]], found: Mapping[str, Any], expected: Mapping[int, Counts]
) -> Iterator[str]:
    """Yield which functions of a file have other numbers than coverage.py's.

    Args:
        blocks: the functions of the file in our report, by qualified name.
        found: what our report has of their coverage.
        expected: what coverage.py says, by line.
    """
    if sorted(expected) != (lines := sorted(block["line"] for block in blocks.values())):
        yield f"functions at {lines}, expected {sorted(expected)}"
    for name, block in blocks.items():
        counts = expected.get(block["line"])
        one = found.get(name)
        if counts is None or one is None:
            yield f"{name}: {one}, expected {counts}"
            continue
        ours = tuple(one[field] for field in Counts._fields)
        share, crap = counts.covered, counts.rate(block["cyclomatic_complexity"])
        is_right = is_near(one["covered"], share, 1e-9) and is_near(one["crap"], crap, 0.0051)
        if ours != counts or not is_right:
            yield f"{name}: {one}, expected {counts}, {share}, {crap}"


def is_near(found: float | None, expected: float | None, most: float) -> bool:
    """Return whether two numbers, or none, differ by no more than rounding."""
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) < most
