"""Numbers on CPython 3.14, where it is not installed: by WebAssembly, with radon as the oracle.

complexipy has no wheel there, so that cognitive complexity is compared on other Pythons alone.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.corpora import CorpusUnavailableError, corpus
from tests.newest_python.pyodide import find_pyodide, run

pytestmark = pytest.mark.programs

# WebAssembly has a small stack and no processes.
_LEFT_OUT = "not deep and not too_many_levels and not not_imported and not total_cognitive_complexity"
_OPTIONS = ("-k", _LEFT_OUT)
_TABLES = tuple(
    f"tests/metrics/test_{name}.py"
    for name in ("cyclomatic", "halstead", "maintainability", "names", "points", "raw", "source")
)


@pytest.fixture(scope="module")
def pyodide() -> Path:
    """CPython 3.14 as a package of npm."""
    return find_pyodide()


@pytest.mark.parametrize("tests", [("tests/metrics/test_parity.py",), _TABLES], ids=["parity", "tables"])
def test_the_tests_of_numbers_pass(pyodide: Path, tests: tuple[str, ...]) -> None:
    done = run(pyodide, (*_OPTIONS, *tests))
    assert done.stdout.startswith("Python 3.14")
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_real_code_has_radons_numbers(pyodide: Path) -> None:
    """By the day another twelfth of four code bases."""
    try:
        corpora = [corpus(name) for name in ("flask", "requests", "black", "django")]
    except CorpusUnavailableError as error:
        pytest.skip(str(error))
    done = run(pyodide, corpora=corpora, share=12, seed=int(time.time() // 86400))
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert " 0 files" not in done.stdout
