"""Faults that are put into modules: which there are, and that those are told which no test notices."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns.mutations.main import EQUIVALENT, NEAREST, ROOT, read_equivalents
from campaigns.mutations.mutants import find_mutants
from tests.conftest import without_other_plugins

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a < b", ["a < b → a <= b", "a < b → a >= b"], id="a comparison"),
        pytest.param("a < b in c", ["a < b in c → a <= b in c", "a < b in c → a >= b in c",
                                    "a < b in c → a < b not in c"], id="each of a chain"),
        pytest.param("a and b", ["a and b → a or b"], id="and, or"),
        pytest.param("not a", ["not a → a"], id="not"),
        pytest.param("b if a else c", ["a → not a"], id="a condition"),
        pytest.param("a - b", ["a - b → a + b"], id="arithmetic"),
        pytest.param("f(3)", ["f(3) → f(4)", "f(3) → f(2)"], id="a number, shown with what is around it"),
        pytest.param("f(True)", ["f(True) → f(False)"], id="true and false"),
        pytest.param("min(a, b)", ["min(a, b) → max(a, b)", "min(a, b) → min(b, a)"], id="min and max"),
        pytest.param("any(a)", ["any(a) → all(a)"], id="any and all"),
        pytest.param("sorted(a, key=b)", ["sorted(a, key=b) → list(a)"], id="an order"),
        pytest.param("def f(): return a", ["return a → return None"], id="what is returned"),
        pytest.param("def f(): a()", ["a() → pass"], id="a statement in a function"),
        pytest.param("a()", [], id="none outside, where every test would fail without it"),
        pytest.param("def f():\n 'doc'\n a: int\n return None", [], id="docstrings, declarations, none"),
        pytest.param("@d(1)\ndef f(a: A[1]) -> B[1]: pass", [], id="annotations and decorators"),
        pytest.param("if TYPE_CHECKING:\n f(1)\nA: TypeAlias = B | C", [], id="what is for type checkers"),
    ],
)  # fmt: skip
def test_the_faults_of(tmp_path: Path, source: str, expected: list[str]) -> None:
    path = tmp_path / "a.py"
    path.write_text(source)
    assert [mutant.change for mutant in find_mutants(path)] == expected


def test_a_mutant_has_its_fault_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("\na = [1,\n 2]")
    found = []
    for mutant in find_mutants(path):
        names: dict[str, object] = {}
        exec(mutant.code, names)
        found.append((mutant.line, names["a"]))
    assert found == [(2, [2, 2]), (2, [0, 2]), (3, [1, 3]), (3, [1, 1])]


def test_there_are_modules_and_tests_of_all_these_names() -> None:
    for module, tests in NEAREST.items():
        assert (ROOT / "pytest_antipasta" / module).is_file()
        assert all((ROOT / test).exists() for test in tests)


def test_every_mutant_that_is_named_equivalent_is_one_of_a_module() -> None:
    named = read_equivalents(EQUIVALENT.read_text())
    for module in {each.module for each in named}:
        path = ROOT / "pytest_antipasta" / module
        lines = path.read_text().splitlines()
        found = {(lines[mutant.line - 1].strip(), mutant.change) for mutant in find_mutants(path)}
        assert {(each.line, each.change) for each in named if each.module == module} <= found


TRY = """\
from pathlib import Path
from campaigns.mutations.mutants import find_mutants
from campaigns.mutations.trial import Trials
path = Path("pytest_antipasta/metrics/halstead.py").resolve()
faults = {"0.0 → 1.0": "table", "effort / 19.0": "time", "volume / 3001.0": "bugs"}
mutants = find_mutants(path)
chosen = {name: mutant for mutant in mutants for fault, name in faults.items() if fault in mutant.change}
trials = Trials("pytest_antipasta.metrics.halstead", [TEST], list(chosen.values()))
trials.run()
print(*(name for name, mutant in chosen.items() if mutant in trials.survivors))
"""


def try_some(folder: Path, assertion: str) -> subprocess.CompletedProcess[str]:
    """Try a fault in a table and two in a function with a test of one assertion."""
    test = folder / "test_it.py"
    imported = "from pytest_antipasta.metrics.halstead import compute_halstead"
    test.write_text(f"def test():\n    {imported}\n    assert {assertion}\n")
    code = TRY.replace("TEST", repr(str(test)))
    environment = {**os.environ, "PYTEST_ADDOPTS": without_other_plugins(("hypothesispytest",))}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
    )


@pytest.mark.skipif(sys.platform != "linux", reason="it forks")
@pytest.mark.parametrize(
    ("assertion", "survivors"),
    [
        pytest.param("all(compute_halstead(1, 2, 3, 4))", ["table", "time", "bugs"], id="little"),
        pytest.param(
            "compute_halstead(0, 0, 0, 0) == (0,) * 5 and compute_halstead(1, 1, 1, 1).time * 18 == 1",
            ["bugs"],
            id="what a table says, and a function's work",
        ),
    ],
)
def test_survivors_of_a_test_that_asserts(tmp_path: Path, assertion: str, survivors: list[str]) -> None:
    done = try_some(tmp_path, assertion)
    assert done.stdout.split() == survivors, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="it forks")
def test_a_test_that_fails_without_any_fault_is_reported(tmp_path: Path) -> None:
    done = try_some(tmp_path, "not compute_halstead(1, 1, 1, 1)")
    assert "CleanRunError: without any fault, " in done.stderr
