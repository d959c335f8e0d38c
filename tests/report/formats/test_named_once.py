"""A format is named by its row in the registry: every list of formats is made from it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from pytest_antipasta.model.formats import OUR_FORMATS, OUR_NAMES, TEXTS
from pytest_antipasta.report.formats.outputs import find_formats
from tests.test_layers import MODULES, is_one_of

PAGE = Path(__file__).parents[3] / "docs" / "reports.md"
# Where words that are names of formats mean something else.
OTHERWISE = {
    "json": "cli logs plugin.__init__",  # of other commands, and of logs
    "csv": "cli",  # of other commands
    "shard": "plugin.__init__ report.merging report.summary",  # an option, and the noun
    "markdown": "report.formats.sarif",  # a key of SARIF
}
# Where a format is treated unlike the others.
APART = {
    "json": "report.formats.outputs",  # written in parts, as it has all values of all files
}


_NAMES = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, (*OUR_NAMES, *TEXTS)))})(?![\w-])")


def iter_named(path: Path) -> Iterator[str]:
    """Yield the formats that the strings of a module are, or list; a list names three or more."""
    text = path.read_text(encoding="utf-8")
    if not _NAMES.search(text):
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names = {*_NAMES.findall(node.value)}
            if node.value in OUR_NAMES or len(names) > 2:
                yield from names


def test_no_other_module_names_one() -> None:
    named = [(module, name) for module, path in MODULES.items() for name in iter_named(path)]
    assert {name for module, name in named if module == "model.formats"} == set(OUR_NAMES)
    assert [
        (module, name)
        for module, name in named
        if not is_one_of(module, f"model.formats {OTHERWISE.get(name, '')} {APART.get(name, '')}")
    ] == []


def test_each_has_a_row_on_the_page() -> None:
    table = PAGE.read_text(encoding="utf-8").partition("\n| format | suffix |")[2].partition("\n\n")[0]
    rows = [tuple(cell.strip() for cell in line.split("|")[1:3]) for line in table.splitlines()[2:]]
    assert rows == [
        (f"`{form.name}`", ", ".join(f"`{ending}`" for ending in form.endings)) for form in OUR_FORMATS
    ]


def test_names_and_suffixes_belong_to_one_format() -> None:
    names = [*TEXTS, *(name for form in find_formats().values() for name in (form.name, *form.endings))]
    assert sorted(names) == sorted(set(names))
