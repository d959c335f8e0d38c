"""Random functions, dense with what extractions have to mind: closures, handlers, unbound variables."""

from __future__ import annotations

import ast
import random
import warnings
from textwrap import indent
from typing import Any

from campaigns.proof.rules import Function

_VARIABLES = ("a", "b", "u", "v", "w", "x")
_EXPRESSIONS = (
    "{0}", "{0}", "{0}.p", "{0}.g({1})", "b.g({0}, {1})", "{0} + {1}", "1", "None", "[{0}]", "({0}, {1})",
    "lambda: {0}", "lambda: ({0}, {1})", "[t for t in {0}]", "[t.g({1}) for t in {0} if {1}]",
    "any(t > {1} for t in {0})", "b.g(t.g({1}) for t in {0})", "{{t: (lambda: {1}) for t in {0}}}",
    "{0} and {1}", "{0} or {1}", "not {0}", "{0} is None", "{0} == {1}", "{0} != {1}", "{0} in {1}",
    "{0} if {1} else {2}", "b.keep(lambda: {0})", "sorted({0}, key=lambda t: {1})", "f'{{{0}}}'",
)  # fmt: skip
_SIMPLE = (
    "{0} = {1}", "{0} = {1}", "{0} = {1}", "{0} += {1}", "b.g({1})", "a.h({1})", "{0}.p = {1}", "{0}: int",
    "{0}, {2} = {1}", "pass", "del {0}", "assert {1}", "a.keep(lambda: {0})",
)  # fmt: skip
_JUMPS = ("return {1}", "return", "raise ValueError({1})", "return {1}, {0}")
_BLOCKS = (
    "if {1}:\n{3}", "if {1}:\n{3}\nelse:\n{4}", "if {1}:\n{3}\nelif {2}:\n{4}\nelse:\n{5}",
    "for {0} in {1}:\n{3}", "for {0} in {1}:\n{3}\nelse:\n{4}", "while {1}:\n{3}",
    "try:\n{3}\nexcept ValueError:\n{4}", "try:\n{3}\nexcept (KeyError, OSError) as {0}:\n{4}\nelse:\n{5}",
    "try:\n{3}\nfinally:\n{4}", "with {1}:\n{3}", "with {1} as {0}:\n{3}",
    "def {0}():\n    return {2}",
    "def {0}():\n    nonlocal {2}\n    {2} = {1}",
)  # fmt: skip
_ASYNC = ("{0} = await {1}", "await b.g({1})", "async with {1} as {0}:\n{3}", "async for {0} in {1}:\n{3}")
_GENERATING = (
    "yield {1}", "{0} = yield {1}", "{0} = yield", "yield from {1}", "{0} = yield from [{1}]",
    "try:\n{3}\nexcept StopIteration:\n{4}", "try:\n{3}\nexcept GeneratorExit:\n{4}\n    raise",
    "try:\n{3}\nexcept GeneratorExit:\n{4}", "for {0} in {1}:\n{3}",
)  # fmt: skip
_CAPTURING = (
    "{0} = {1}", "{0} = b.g({2})", "b.keep(lambda: {2})", "b.keep(lambda: ({0}, {2}))", "b.g({2})",
    "b.keep(t.g({2}) for t in a)", "{0} = [{2} for t in a]", "{0} = lambda: {2}", "b.keep({0})",
)  # fmt: skip
_LOOPS = (
    "for {0} in a:\n{3}",
    "while b.p:\n{3}",
    "if {1}:\n{3}",
    "def {0}():\n    nonlocal {2}\n    {2} = b.p",
)
_FLAVOURS = ("", "", "async", "generator", "capturing", "capturing")


def make_function(chance: random.Random) -> Function:
    """Return a function of some statements that can be compiled."""
    while True:
        flavour = chance.choice(_FLAVOURS)
        body = indent(_make_block(chance, 3, flavour, is_loop=False), "    ")
        head = "async def" if flavour == "async" else "def"
        text = f"{head} f(a, b, u):\n{body}\n    return {_make_expression(chance)}\n"
        text = text if flavour != "generator" else text.replace("    return", "    yield v\n    return")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(text, "<program>", "exec")
        except (SyntaxError, ValueError):
            continue
        function: Any = ast.parse(text).body[0]
        return function  # type: ignore[no-any-return]


def _make_block(chance: random.Random, depth: int, flavour: str, *, is_loop: bool) -> str:
    number = chance.randint(1, 4)
    return "\n".join(_make_statement(chance, depth, flavour, is_loop=is_loop) for _ in range(number))


def _make_statement(chance: random.Random, depth: int, flavour: str, *, is_loop: bool) -> str:
    is_capturing = flavour == "capturing"
    form = _choose_form(chance, depth, flavour, is_loop=is_loop)
    inside = is_loop or form.startswith(("for", "while", "async for"))
    blocks = [
        indent(_make_block(chance, depth - 1, flavour, is_loop=inside), "    ") if place in form else ""
        for place in ("{3}", "{4}", "{5}")
    ]
    is_name = is_capturing or any(f"{mark}{{2}}" in form for mark in ("return ", "nonlocal ", ", "))
    second = chance.choice(_VARIABLES) if is_name else _make_expression(chance)
    return form.format(chance.choice(_VARIABLES), _make_expression(chance), second, *blocks)


def _choose_form(chance: random.Random, depth: int, flavour: str, *, is_loop: bool) -> str:
    simple, blocks = (_CAPTURING, _LOOPS) if flavour == "capturing" else (_SIMPLE, _BLOCKS)
    if depth and chance.random() < 0.4:
        return chance.choice(blocks)
    if flavour == "async" and chance.random() < 0.3:
        return chance.choice(_ASYNC if depth else _ASYNC[:2])
    if flavour == "generator" and chance.random() < 0.4:
        return chance.choice(_GENERATING if depth else _GENERATING[:5])
    if chance.random() < 0.12:
        return chance.choice((*_JUMPS, "continue", "break") if is_loop else _JUMPS)
    return chance.choice(simple)


def _make_expression(chance: random.Random) -> str:
    return chance.choice(_EXPRESSIONS).format(*chance.choices(_VARIABLES, k=3))
