"""A project whose store has a record of everything that there is: notebooks, suppressions, a history."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

_LONG_AGO = 1_000_000_000
_BRANCHES = "".join(f"        if a > {number} and b:\n            b += {number}\n" for number in range(12))
_FILES = {
    "plain.py": "def f(a, b):\n    return a if b else 1\n\n\nclass A:\n    def m(self):\n        return 1\n",
    "complex.py": f"def worst(a, b):\n    for a in b:\n{_BRANCHES}    return a\n",
    "nested.py": "def outer(a):\n    def inner(b):\n        return a or b\n\n    return inner\n\n\n"
    "class B:\n    class C:\n        def m(self, a):\n            return [x for x in a if x]\n",
    "silent.py": "# antipasta: ignore[cyclomatic_complexity<=99] legacy\ndef quiet(a, b):\n    while a:\n"
    f"{_BRANCHES}\n\ndef loud(a):  # antipasta: ignore\n    return a\n",
    "lib/more.py": f"def recorded(a, b):\n    for a in b:\n{_BRANCHES}    return b\n\n\n"
    "def f(a):\n    return a\n",
    "lib/made.py": "# @generated\nimport a.b\n\n\n@a.b(1)\n@a\ndef f(a):\n    if a:\n        if a:\n"
    "            return 1\n    return a\n",
    "lib/same.py": "x = 1\n",
}
_NOTEBOOK = {
    "cells": [
        {"cell_type": "code", "source": ["import os\n", "if os.sep:\n", "    x = 1\n"]},
        {"cell_type": "markdown", "source": ["text\n"]},
        {"cell_type": "code", "source": ["def cell(a):\n", "    return a or 1\n", "y = x if x else 2\n"]},
    ],
    "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}
_SETTINGS = """\
[tool.pytest-antipasta]
notebooks = true
on_error = "warn"
thresholds = {cyclomatic_complexity = 2, cognitive_complexity = 3, maintainability_index = 60}
"""


def make_project(root: Path) -> None:
    """Write it, with a history of three commits and something staged."""
    root.mkdir(parents=True)
    _git(root, "init", "--quiet", "--initial-branch=main")
    (root / "pyproject.toml").write_text(_SETTINGS)
    (root / "notebook.ipynb").write_text(json.dumps(_NOTEBOOK, indent=1))
    for name, text in _FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text.replace("if a", "if b"))
    _commit(root)
    for name, text in _FILES.items():
        (root / name).write_text(text)
    _commit(root)
    (root / "plain.py").write_text(f"{_FILES['plain.py']}\n\ndef late(a):\n    return a if a else 2\n")
    _commit(root)
    (root / "complex.py").write_text(f"{_FILES['complex.py']}\n\ndef staged(a):\n    return a and a or 3\n")
    _git(root, "add", "--all")
    for path in root.rglob("*"):
        os.utime(path, (_LONG_AGO, _LONG_AGO))


def _commit(root: Path) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--message=x")


def _git(root: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=root, check=True, capture_output=True)
