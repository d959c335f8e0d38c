"""The proof on CPython 3.14, where it is not installed: the tables of rewrites, by WebAssembly."""

from __future__ import annotations

import pytest

from tests.newest_python.pyodide import find_pyodide, run

pytestmark = pytest.mark.programs

# WebAssembly has a small stack and no processes.
_LEFT_OUT = "not deep and not huge and not options_of"


def test_the_tables_of_rewrites_pass() -> None:
    done = run(find_pyodide(), ("-k", _LEFT_OUT, "tests/advice/proof"))
    assert done.stdout.startswith("Python 3.14")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
