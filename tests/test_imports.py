"""What other programs import, and what that costs them."""

from __future__ import annotations

import subprocess
import sys
import time
from threading import Event, Thread

import pytest

import pytest_antipasta
from pytest_antipasta.runtime import trusted_first


def modules_after(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter has after a statement and had not before."""
    program = f"import sys; before = set(sys.modules)\n{statement}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_package_imports_nothing_that_is_not_asked_for() -> None:
    found = modules_after("import pytest_antipasta")
    ours = {name for name in found if name.startswith("pytest_antipasta")}
    assert ours == {"pytest_antipasta"}
    assert {name.partition(".")[0] for name in found} <= {"pytest_antipasta", *sys.stdlib_module_names}


def test_everything_that_is_promised_is_there() -> None:
    assert sorted(pytest_antipasta.__all__) == pytest_antipasta.__all__
    for name in pytest_antipasta.__all__:
        assert getattr(pytest_antipasta, name).__name__ == name
    assert pytest_antipasta.__version__.count(".") == 2


def test_what_is_not_promised_is_an_error() -> None:
    with pytest.raises(AttributeError, match="module 'pytest_antipasta' has no attribute 'nothing'"):
        pytest_antipasta.nothing  # noqa: B018


def test_a_measurement_brings_neither_the_store_nor_git_nor_pytest() -> None:
    found = modules_after("import pytest_antipasta; pytest_antipasta.measure(b'x = 1')")
    tops = {name.partition(".")[0] for name in found}
    assert not tops & {"sqlite3", "git", "pytest", "_pytest", "yaml", "diskcache", "filelock", "platformdirs"}


@pytest.mark.parametrize("module", ["cli", "api"])
def test_nothing_happens_at_import(module: str) -> None:
    found = modules_after(f"import pytest_antipasta.{module}")
    tops = {name.partition(".")[0] for name in found}
    assert not tops & {"sqlite3", "git", "pytest", "_pytest", "yaml", "diskcache", "radon", "complexipy"}
    assert not tops & {"concurrent", "logging"}


def test_threads_leave_the_path_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("/elsewhere")
    before, is_inside = sys.path[:], Event()
    other = Thread(target=_import_slowly, args=[is_inside])
    other.start()
    is_inside.wait()
    with trusted_first():
        other.join(timeout=5)
    assert sys.path == before


def _import_slowly(is_inside: Event) -> None:
    with trusted_first():
        is_inside.set()
        time.sleep(0.05)
