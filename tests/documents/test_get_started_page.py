"""``docs/get-started.md``: whoever types what it shows gets what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Repository
from tests.documents.pages import iter_blocks, run_page

PAGE = Path(__file__).parents[2] / "docs" / "get-started.md"
# The plugins that our items are tested beside would change what is shown.
_ALONE = "-p no:randomly -p no:sugar -p no:pytest_jsonreport -p no:html -p no:cacheprovider"
_PROGRAMS = {
    "pytest-antipasta": [sys.executable, "-m", "pytest_antipasta"],
    "pytest": [sys.executable, "-m", "pytest"],
    "git": ["git"],
}


def test_every_command_prints_what_it_shows(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: str) -> str:
        program, *args = shlex.split(command)
        done = subprocess.run(
            [*_PROGRAMS[program], *args], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return done.stdout

    monkeypatch.chdir(repository.path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTEST_ADDOPTS", _ALONE)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert run_page(PAGE, repository.path, run) == 8
    assert repository.git("log", "--format=%s") == "Check complexity\n", "the hook stopped the second commit"


def test_the_line_that_it_explains_is_the_one_that_it_shows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    parts = re.findall(r"^\| `(.+)` \| ", text, re.MULTILINE)
    assert f"\n      {'  '.join(parts)}\n" in text


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
