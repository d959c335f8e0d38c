"""A few files with odd characters; ``python -m campaigns characters`` has thousands of others."""

from __future__ import annotations

import pytest

from campaigns.characters import CHARACTERS, find_troubles, is_valid, main, make_file
from pytest_antipasta.engine.measuring import measurement
from pytest_antipasta.metrics.raw import RawCountError, RawCounts

pytestmark = pytest.mark.slow


def test_no_limit_lacks_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--steps", "100"])
    assert (code, capsys.readouterr().out) == (0, "100 files: 0 wrong\n")


def test_the_files_are_odd_and_valid() -> None:
    """Others would show nothing."""
    texts = [make_file(1, number) for number in range(100)]
    assert all(map(is_valid, texts))
    used = {one for one in CHARACTERS if any(one in text for text in texts)}
    assert len(used) > 0.9 * len(CHARACTERS)


def test_a_missing_value_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(text: str, most_tokenized: float) -> RawCounts:
        raise RawCountError

    assert list(find_troubles("x = '\u2028'\n")) == []
    monkeypatch.setattr(measurement, "count_lines", fail)
    trouble, *others = find_troubles("x = '\u2028'\n")
    assert trouble.startswith("no value for maintainability_index, lines_of_code, ")
    assert "it lines_of_code: ours None, theirs 1" in others


def test_what_complexipy_rejects_is_no_trouble() -> None:
    """It fails in a check."""
    assert list(find_troubles("def f():\n    raise;\n")) == []
