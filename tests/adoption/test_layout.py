"""Which folders of a repository are worth looking in."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.adoption.layout import Layout, find_layout

FLAT = [f"script{number}.py" for number in range(11)]
TREES = [
    pytest.param(
        ["src/a/__init__.py", "src/a/b.py", "tests/test_a.py", "docs/conf.py", "setup.py"],
        Layout({"src": 2, "tests": 1}, {"docs": 1, "setup.py": 1}),
        id="a source folder and tests",
    ),
    pytest.param(
        ["shop/__init__.py", "shop/x/cart.py", "test/a.py", "scripts/run.py"],
        Layout({"shop": 2, "test": 1}, {"scripts": 1}),
        id="a package at the top",
    ),
    pytest.param(
        ["cart.py", "conftest.py", "setup.py", "noxfile.py"],
        Layout({"cart.py": 1}, {"conftest.py": 1, "noxfile.py": 1, "setup.py": 1}),
        id="a module at the top, beside those of tools",
    ),
    pytest.param(["a/run.py", "b/run.py"], Layout({".": 2}, {}), id="nothing that is known"),
    pytest.param([*FLAT, "src/a.py"], Layout({".": 12}, {}), id="a heap of scripts"),
    pytest.param([], Layout({".": 0}, {}), id="nothing at all"),
]


@pytest.mark.parametrize(("files", "expected"), TREES)
def test_source_is_told_from_the_rest(tmp_path: Path, files: list[str], expected: Layout) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert find_layout(tmp_path, files) == expected
