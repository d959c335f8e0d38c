"""The cyclic collector is left as it was found."""

from __future__ import annotations

import gc

import pytest

from pytest_antipasta.runtime import gc_freeze, gc_paused
from tests.plugin.conftest import PASSING, Project, outcomes

LOOK = """\
import gc

def pytest_runtest_logreport(report):
    with open("frozen", "a") as file:
        print(report.nodeid, report.when, gc.isenabled(), gc.get_freeze_count() > 1000, file=file)
"""
TEST = "def test_nothing():\n    pass\n"
EMBEDDED = """\
import gc, pytest
pytest.main(["--antipasta-only", "--antipasta-no-cache", "-q"])
print("afterwards", gc.isenabled(), gc.get_freeze_count() < 1000)
"""


@pytest.mark.parametrize("enabled", [True, False])
def test_a_pause_ends_with_what_was_before(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        gc.enable() if enabled else gc.disable()
        with pytest.raises(ValueError, match="inside"), gc_paused():
            assert not gc.isenabled()
            raise ValueError("inside")
        assert gc.isenabled() == enabled
    finally:
        gc.enable() if before else gc.disable()


def test_what_somebody_else_has_frozen_stays_so() -> None:
    gc.unfreeze()
    take_back = gc_freeze()
    assert gc.get_freeze_count() > 1000
    gc_freeze()()
    assert gc.get_freeze_count() > 1000
    take_back()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        pytest.param(["--antipasta-only"], {"a.py::antipasta call True True"}, id="source files alone"),
        pytest.param(["--antipasta"], {"test_a.py::test_nothing call True False"}, id="beside tests"),
    ],
)
def test_it_is_told_of_old_objects_only_in_a_process_without_tests(
    started_project: Project, args: list[str], expected: set[str]
) -> None:
    started_project.write({"a.py": PASSING, "test_a.py": TEST, "conftest.py": LOOK})
    assert "passed" in set(outcomes(started_project.run(*args)).values())
    assert expected <= set((started_project.path / "frozen").read_text().splitlines())


def test_a_program_that_calls_pytest_has_its_collector_back(
    project: Project, pytester: pytest.Pytester
) -> None:
    project.write({"a.py": PASSING, "embedded.py": EMBEDDED})
    result = pytester.runpython(project.path / "embedded.py")
    assert "afterwards True True" in result.outlines
