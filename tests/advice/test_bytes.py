"""Steps on random functions keep the bytes of all other lines, and every comment and string."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from pytest_antipasta.advice.aims import TASTE, Aims
from pytest_antipasta.advice.module import Module
from pytest_antipasta.advice.plan import Plan
from pytest_antipasta.advice.search import find_plan
from tests.advice.rewriting import apply_plan, check_plan
from tests.advice.tokens import has_kept

_COMMENTS = [*[""] * 4, "  # why", "  # noqa: E501", "  # type: ignore[x]", "  # é", "  # type: (int) -> int"]
_LINES = [
    "g(a)",
    "b = c",
    "b.append('# no comment')",
    "b = '''\n  if x:\n\tx\n'''",
    'b = f"""{a}\n   {b}\n"""',
    "b = [\n{inner}1,\n{inner}2,\n{indent}]",
    "b = g(\n{inner}a, c\n{indent})",
    "b = a if c else 'if'",
    "c += 1  # one",
    "# a comment alone",
    "\f",
    "",
]
_CONDITIONS = [
    *("a", "not b", "a and b", "not a or b is None", "a == c", "b < 1", "'é'"),
    "a in (\n{inner}b,\n{indent})",
]
_JUMPS = ["return a", "return", "continue", "raise ValueError", "return None"]


class _Author:
    """Writes random functions."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._step = self._chance.choice(["    ", "  ", "\t"])

    def write_module(self) -> str:
        """Return a module with a function `f` that is decorated, in a class or plain."""
        in_class = self._chance.random() < 0.3
        indent = self._step if in_class else ""
        decorator = self._chance.choice(["", "", f"{indent}@g  # decorator\n"])
        keyword = self._chance.choice(["def", "def", "async def"])
        function = f"{decorator}{indent}{keyword} f(a, b, c):{self._pick_comment()}\n"
        head = "# -*- coding: utf-8 -*-\nx = 1\n" + ("class C:\n" if in_class else "")
        body = "".join(self._iter_block(indent + self._step, 0, in_loop=False))
        text = f"{head}{function}{body}{indent}# after\n\n\ndef z():\n    return '''\r'''\n"
        end = self._chance.choice(["\n", "\r\n"])
        text = text.replace("\r", "").replace("\n", end)
        return text.removesuffix(end) if self._chance.random() < 0.5 else text

    def _pick_comment(self) -> str:
        return self._chance.choice(_COMMENTS)

    def _iter_block(self, indent: str, depth: int, *, in_loop: bool) -> Iterator[str]:
        for _ in range(self._chance.randint(1, 3)):
            if depth < 3 and self._chance.random() < 0.7:
                yield from self._iter_compound(indent, depth, in_loop=in_loop)
            else:
                yield self._write_line(self._chance.choice(_LINES), indent)
        last = self._chance.random()
        jumps = [jump for jump in _JUMPS if in_loop or jump != "continue"]
        yield self._write_line(self._chance.choice(jumps) if last < 0.3 else "g(b)", indent)

    def _write_line(self, text: str, indent: str) -> str:
        comment = "" if not text.strip() or "#" in text else self._pick_comment()
        return f"{indent}{self._fill(text, indent)}{comment}\n" if text.strip() else f"{text}\n"

    def _fill(self, text: str, indent: str) -> str:
        return text.replace("{inner}", indent + self._step).replace("{indent}", indent)

    def _iter_compound(self, indent: str, depth: int, *, in_loop: bool) -> Iterator[str]:
        kind = self._chance.choice(["if", "if", "if", "else", "elif", "for", "while", "with", "try"])
        condition = self._fill(self._chance.choice(_CONDITIONS), indent)
        inner = indent + self._step
        if kind in ("for", "while"):
            yield f"{indent}for d in b:\n" if kind == "for" else f"{indent}while {condition}:\n"
            yield from self._iter_block(inner, depth + 1, in_loop=True)
        elif kind in ("with", "try"):
            yield f"{indent}with g(a) as b:\n" if kind == "with" else f"{indent}try:\n"
            yield from self._iter_block(inner, depth + 1, in_loop=in_loop)
            if kind == "try":
                yield f"{indent}except ValueError as e:{self._pick_comment()}\n"
                yield from self._iter_block(inner, depth + 1, in_loop=in_loop)
        else:
            yield f"{indent}if {condition}:{self._pick_comment()}\n"
            yield from self._iter_block(inner, depth + 1, in_loop=in_loop)
            if kind == "elif":
                yield f"{indent}elif c:\n"
                yield from self._iter_block(inner, depth + 1, in_loop=in_loop)
            if kind in ("else", "elif"):
                yield f"{indent}else:{self._pick_comment()}\n"
                yield from self._iter_block(inner, depth + 1, in_loop=in_loop)


def split(text: str) -> list[str]:
    """Return lines with their ends."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+", text)


def check_bytes(text: str, found: Plan) -> None:
    """Check that each step keeps the lines before and after those that it changes, to the byte."""
    before = text
    for number, step in enumerate(found.steps, 1):
        after = apply_plan(text, found, steps=number)
        assert has_kept(before, after)
        lines, changed = split(before), split(after)
        first = min(edit.first for edit in step.edits)
        last = max(edit.last for edit in step.edits)
        assert changed[: first - 1] == lines[: first - 1]
        kept = lines[last:]
        assert not kept or changed[-len(kept) :] == kept
        is_within = first <= step.line <= step.end_line <= last
        assert number > 1 or step.helper or is_within
        before = after


def find_random_plan(seed: int) -> tuple[str, str, Plan | None]:
    """Return a random module, the name of its function, and a plan for it: of small steps, or with others."""
    text = _Author(seed).write_module()
    module = Module.parse(text)
    name = next(name for name in module.functions if name.endswith("f"))
    small = TASTE._replace(worth=1, copied=9, parameters=())
    limits, taste = (Aims(0), small) if seed % 2 else (Aims(5, 5), TASTE._replace(few=1))
    return text, name, find_plan(module, name, limits, taste)


@pytest.mark.parametrize(
    "seed", [*range(10), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(10, 40))]
)
def test_a_random_function(seed: int) -> None:
    text, name, found = find_random_plan(seed)
    if found is not None:
        check_bytes(text, found)
        check_plan(text, name, found)


def test_most_random_functions_have_steps() -> None:
    """So that the test above tests something."""
    plans = (find_random_plan(seed)[2] for seed in range(15))
    assert sum(len(found.steps) for found in plans if found) > 15


def test_other_encodings() -> None:
    """A text is decoded before and encoded after, and other lines have the same bytes then."""
    source = "# coding: latin-1\ndef f(é):\n    if é:  # ü\n        if 'ß':\n            g('ä')\n# ö\n"
    found = find_plan(Module.parse(source), "f", Aims(2))
    assert found is not None
    after = "# coding: latin-1\ndef f(é):\n    # ü\n    if é and 'ß':\n        g('ä')\n# ö\n"
    assert apply_plan(source, found).encode("latin-1") == after.encode("latin-1")
