"""What the hunt finds of wrong verdicts in some episodes that are always the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hunt.episode import play

SEED = 7


@pytest.mark.parametrize("number", range(8))
def test_no_verdict_is_wrong(tmp_path: Path, number: int) -> None:
    play(tmp_path / "repository", SEED, number)
