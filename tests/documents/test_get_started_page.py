"""``docs/get-started.md``: whoever types what it shows gets what it shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.documents.pages import iter_blocks

PAGE = Path(__file__).parents[2] / "docs" / "get-started.md"


def test_the_line_that_it_explains_is_the_one_that_it_shows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parts = re.findall(r"^\| `(.+)` \| ", text, re.MULTILINE)
    assert f"\n    {'  '.join(parts)}\n" in text


def test_the_fix_does_the_same_as_the_function_before() -> None:
    """The page promises a way to simplify code, not to change what it does."""

    class Thing:
        def __init__(self, **values: object) -> None:
            self.__dict__.update(values)

    before, after = (block.text for block in iter_blocks(PAGE) if block.name == "cart.py")
    totals = []
    for text in (before, after):
        scope: dict[str, Any] = {}
        exec(text, scope)
        totals.append(scope["total"])
    old, new = totals
    coupons = [None, *(Thing(rate=rate, value=value) for rate in (0, 0.5) for value in (0, 3))]
    bools = (False, True)
    items = [
        Thing(is_free=free, price=price, count=count, is_old=is_old)
        for free in bools
        for is_old in bools
        for price in (0, 2, -5)
        for count in (0, 3)
    ]
    for basket in ([], items, *([item] for item in items)):
        for member in bools:
            for coupon in coupons:
                assert old(basket, member, coupon) == pytest.approx(new(basket, member, coupon))
