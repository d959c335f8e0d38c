"""A file that takes too much keeps no commit waiting."""

from __future__ import annotations

import pytest

from tests.gate.conftest import Guarded, Said
from tests.limits import DEEP, HEAVY, SLOW, find_children
from tests.windows import NEEDS_PROCESSOR_TIME

pytestmark = NEEDS_PROCESSOR_TIME
PLACE = "slow.py: not measured"
TIME = f"{PLACE} (timeout): it used more than 0.1 s of CPU time; raise file_timeout or exclude the file"
BUDGET = f"{PLACE} (timeout): the time budget ran out before this file; raise time_budget or exclude the file"
MEMORY = f"{PLACE} (memory): it used more than 64 MB of memory; raise memory_limit_mb or exclude the file"
NEXT = "blocked by pytest-antipasta: 1 file not measured"


def without_details(said: Said) -> Said:
    lines = said.out.splitlines(keepends=True)
    return said._replace(out="".join(line for line in lines if not line.startswith(" ")))


@pytest.mark.parametrize(
    ("setting", "content", "line"),
    [
        pytest.param("file_timeout = 0.1\ntime_budget = 60", SLOW, TIME, id="time of its own"),
        pytest.param(
            "time_budget = 0.7", DEEP, BUDGET, id="what is left of the budget", marks=pytest.mark.slow
        ),
        pytest.param(
            "memory_limit_mb = 64\ntime_budget = 60", HEAVY, MEMORY, id="memory", marks=pytest.mark.slow
        ),
    ],
)
def test_a_file_that_takes_too_much(guarded: Guarded, setting: str, content: bytes, line: str) -> None:
    guarded.configure(setting)
    guarded.record()
    guarded.stage("slow.py", content)
    assert without_details(guarded.hook()) == Said(0, f"warning: {line}\n", "")
    guarded.configure(f"{setting}\non_timeout = 'block'")
    assert without_details(guarded.hook()) == Said(3, f"{line}\n{NEXT}\n", "")
    assert find_children() == []


def test_what_is_judged_by_hand_has_its_own_time_and_no_budget(guarded: Guarded) -> None:
    guarded.stage("slow.py", SLOW)
    guarded.configure("file_timeout = 0.1\ntime_budget = 0.01")
    said = guarded.run_program("check", "--staged", "--quiet")
    assert without_details(said) == Said(3, f"{TIME}\n", "")
