"""Private names of other packages that we touch: where, and that they are what we take them for.

``docs/maintaining.md`` has them in a table. What we take diskcache and pytest for is in
``tests/store/test_writer.py`` and ``tests/plugin/test_pytest_internals.py``.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from radon import raw

from pytest_antipasta.cli.parser import Parser
from tests.test_layers import read_trees

TOUCHED = {
    "cli.parser": {
        "_actions",
        "_ActionsContainer",
        "_format_usage",
        "_get_subactions",
        "_prog",
        "_SubParsersAction",
    },
    "editor.server": {"_request_futures"},
    "metrics.raw": {"_logical"},
    "plugin.pytest_internals": {"_getconftestmodules", "_io", "_pytest.junitxml", "_pytest.mark.expression"},
    "runtime.imports": {"_getframe"},
}
# Documented in spite of their underscore.
PUBLIC = {"__future__", "_asdict", "_fields", "_replace", "_thread"}
PAGE = Path(__file__).parent.parent / "docs" / "maintaining.md"


def iter_own(tree: ast.AST) -> Iterator[str]:
    """Yield the names that a module gives to something itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def iter_private(tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a module uses, and modules with such a name that it imports from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("_") and node.attr.strip("_"):
            if not node.attr.endswith("__"):
                yield node.attr
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("_"):
            yield str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("_"))


@pytest.mark.slow
def test_each_package_has_one_module_that_touches_its_private_names() -> None:
    own = {name for tree in read_trees().values() for name in iter_own(tree)}
    found = {name: set(iter_private(tree)) - own - PUBLIC for name, tree in read_trees().items()}
    assert {name: names for name, names in found.items() if names} == TOUCHED


@pytest.mark.parametrize(
    ("module", "name"), sorted((module, name) for module, names in TOUCHED.items() for name in names)
)
def test_each_stands_in_the_table(module: str, name: str) -> None:
    place = f"`{module.replace('.', '/')}.py`"
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if place in line]
    assert any(f"`{name}`" in row for row in rows)


def test_argparse_has_what_our_parser_is_made_of() -> None:
    parser = Parser()
    subparsers = parser.add_subparsers()
    group = parser.add_mutually_exclusive_group()
    assert isinstance(subparsers, argparse._SubParsersAction)
    assert isinstance(group, argparse._ActionsContainer)
    assert subparsers in parser._actions
    assert list(inspect.signature(argparse.ArgumentParser._check_value).parameters) == [
        "self",
        "action",
        "value",
    ]


@pytest.mark.parametrize(("source", "lines"), [("x = 1; y = 2\n", 2), ("if x: pass\n", 2), ("# only\n", 0)])
def test_radon_counts_the_logical_lines_of_tokens(source: str, lines: int) -> None:
    tokens = [token[:4] for token in tokenize.generate_tokens(StringIO(source).readline)]
    assert raw._logical(tokens) == lines
    assert list(inspect.signature(raw._logical).parameters) == ["tokens"]
