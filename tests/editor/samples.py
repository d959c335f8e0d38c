"""A function over its limit that proven steps simplify, and the limit."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_antipasta.editor.actions import Replacement
from pytest_antipasta.editor.buffers import Committed, JudgedBuffer, judge_buffer

SETTINGS = "[tool.pytest-antipasta.thresholds]\ncognitive_complexity = 4\n"
SHIP = """\
def ship(orders, log):
    sent = []
    for order in orders:
        if order.is_paid:
            if order.is_open:
                sent.append(order)
                if order.is_large:
                    log.append("ä")
    for order in sent:
        for item in order.items:
            if item.is_fragile:
                log.append(item)
    return sent
"""


def judge(folder: Path, text: str) -> JudgedBuffer:
    """Return what the server has of a text in the buffer of ``shop.py``."""
    judged = judge_buffer(folder, str(folder / "shop.py"), text, Committed())
    assert judged is not None
    assert judged.verdict.error is None, judged.verdict.error
    return judged


def apply(text: str, edit: Replacement | None) -> str:
    """Return a text after the edit of an action that has one; lines end as those of the protocol."""
    assert edit is not None
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]
    last = edit.line if edit.last is None else edit.last
    return text[: starts[edit.line] + edit.start] + edit.text + text[starts[last] + edit.end :]
