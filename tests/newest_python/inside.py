"""What CPython for WebAssembly runs: our tests of numbers, or a comparison of a code base with radon.

``ORDERS`` is JSON, set from outside: ``path`` has the folders of modules, ``tests`` pytest's arguments, and
``corpora`` the folders to compare, of which ``share`` says how many files to pass over for each one compared.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn


def _refuse(*_: object, **__: object) -> NoReturn:
    raise ValueError("complexipy has no wheel for WebAssembly")


def _prepare(orders: Any) -> None:
    """Find modules on the host; complexipy is one that refuses every source."""
    sys.path[:0] = orders["path"]
    sys.modules["complexipy"] = module = ModuleType("complexipy")
    vars(module).update(code_complexity=_refuse, CodeComplexity=object)


def _test(root: str, arguments: list[str]) -> int:
    import pytest

    os.chdir(root)
    # What is installed beside us may be for the host alone.
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "HYPOTHESIS_NO_PLUGINS": "1"}
    options = ("-q", "--tb=short", "--assert=plain", "-p", "no:cacheprovider", "-o", "addopts=")
    return int(pytest.main([*options, *arguments]))


def _compare(corpora: list[str], share: int, seed: int) -> int:
    from tests.corpora import compare

    differences = 0
    for folder in corpora:
        root = Path(folder)
        found = compare(sorted(root.rglob("*.py"))[seed % share :: share], root)
        counts = f"{found.files} files, {found.parsed} parsed, {found.blocks} blocks"
        sys.stdout.writelines(f"{line}\n" for line in (f"{root.name}: {counts}", *found.differences))
        differences += len(found.differences)
    return int(differences > 0)


def main(orders: Any) -> int:
    """Do what the orders say; return the exit code."""
    _prepare(orders)
    sys.stdout.write(f"Python {sys.version}\n")
    if orders["tests"]:
        return _test(orders["path"][0], orders["tests"])
    return _compare(orders["corpora"], orders["share"], orders["seed"])


main(json.loads(ORDERS))  # type: ignore[name-defined]  # noqa: F821
