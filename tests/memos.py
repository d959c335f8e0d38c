"""Runs that may use the memo of a commit, watched from inside."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

from pytest_antipasta.engine import memo_keeping
from pytest_antipasta.engine.memo import Recalled

NEEDS_MEMOS = pytest.mark.skipif(sys.platform == "win32", reason="git ignores case there: no memos")


def watch_memos(monkeypatch: pytest.MonkeyPatch, see: Callable[[Recalled | None], object]) -> None:
    """Show what each run that asks for a memo recalls of it; ``None`` for one that is of no use."""
    open_memo = memo_keeping.open_memo

    def watch(*asked: Any, **how: Any) -> memo_keeping.KeptMemo:
        kept = open_memo(*asked, **how)
        see(kept.recalled)
        return kept

    monkeypatch.setattr(memo_keeping, "open_memo", watch)
