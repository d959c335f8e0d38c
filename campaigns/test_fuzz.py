"""What is fuzzed, over cases that are kept: those that something fell over, and good ones to begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.fuzz.targets import TARGETS

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parent / "fuzz" / "corpus"
CASES = [path.relative_to(CORPUS) for path in sorted(CORPUS.glob("*/*"))]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_that_is_kept(case: Path) -> None:
    TARGETS[case.parent.name]((CORPUS / case).read_bytes())


def test_every_target_has_cases() -> None:
    assert {case.parent.name for case in CASES} | {"source"} == set(TARGETS)
