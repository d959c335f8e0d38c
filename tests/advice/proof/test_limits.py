"""Hostile functions, options of Python, and Pythons that are not known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_antipasta.advice.proof.proof import Proof, Refused, name_pythons, prove
from tests.steps import count_steps

BEFORE = "def f(a, b):\n    if a:\n        if b:\n            a.g()\n"
AFTER = "def f(a, b):\n    if a and b:\n        a.g()\n"


@pytest.mark.parametrize(
    ("name", "version"), [("cpython", (3, 10, 1)), ("cpython", (3, 99, 0)), ("pypy", sys.version_info)]
)
def test_another_python_proves_nothing(
    name: str, version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prove(BEFORE, AFTER, "f") is Proof.PROVEN
    monkeypatch.setattr(sys, "implementation", SimpleNamespace(name=name))
    monkeypatch.setattr(sys, "version_info", version)
    assert prove(BEFORE, AFTER, "f") == Refused("the bytecode of this Python is not known")


def test_the_page_names_the_pythons_that_are_known() -> None:
    page = Path(__file__).parents[3] / "docs" / "simplify.md"
    assert f"runs it: {name_pythons()}. " in page.read_text(encoding="utf-8")


DEEP = 30_000


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"    return {'(' * DEEP}a{')' * DEEP}\n", id="deep parentheses"),
        pytest.param(f"    return {'not ' * DEEP}a\n", id="deep operators"),
        pytest.param(f"    return a{'.b' * DEEP}\n", id="deep attributes"),
        pytest.param(f"    return a{' + b' * DEEP}\n", id="a long sum"),
        pytest.param("".join(f"{' ' * depth}if a:\n" for depth in range(4, 104)), id="deep blocks"),
        pytest.param(f"    return {'9' * 5000}\n", id="a long number"),
        pytest.param(f"    return [{'lambda: [' * 150}a{']' * 151}\n", id="deep functions"),
    ],
)
def test_what_is_nested_too_deeply_is_refused(body: str) -> None:
    text = f"def f(a, b):\n{body}"
    if body.endswith("if a:\n"):
        text += f"{' ' * 104}a.g()\n"
    proof = prove(text, text, "f")
    assert isinstance(proof, Refused) or proof is Proof.PROVEN


def make_long(branches: int, *, is_swapped: bool) -> str:
    """Return a function with so many branches, each of which makes another variable differ."""
    one = "    if a.x{0}:\n        x{0} = b.y{0}\n    else:\n        x{0} = {0}\n"
    two = "    if not a.x{0}:\n        x{0} = {0}\n    else:\n        x{0} = b.y{0}\n"
    lines = [(two if is_swapped else one).format(number) for number in range(branches)]
    names = ", ".join(f"x{number}" for number in range(branches))
    return f"def f(a, b):\n{''.join(lines)}    return {names}\n"


def test_a_long_function_takes_no_exponential_time() -> None:
    def make(branches: int) -> int:
        before, after = (make_long(branches, is_swapped=swapped) for swapped in (False, True))
        proofs = []
        steps = count_steps(lambda: proofs.append(prove(before, after, "f")))
        assert proofs == [Proof.PROVEN]
        return steps

    make(1)  # imports
    assert make(40) < 6 * make(20)


@pytest.mark.slow
def test_a_huge_function_is_given_up() -> None:
    before, after = (make_long(1500, is_swapped=swapped) for swapped in (False, True))
    assert prove(before, after, "f") == Refused("the function is too large")


@pytest.mark.parametrize("options", [[], ["-O"], ["-OO"], ["-W", "error"]])
def test_options_of_python_make_no_difference(options: list[str]) -> None:
    """Assertions count under ``-O``, and a warning about the code is neither printed nor an error."""
    program = (
        "from pytest_antipasta.advice.proof.proof import prove\n"
        'head = \'def f(a):\\n    """Doc."""\\n    b = a is 1, "\\\\d"\\n\'\n'
        "print(prove(head + '    assert a\\n', head + '    assert a\\n', 'f'))\n"
        "print(prove(head + '    assert a\\n', head + '    assert b\\n', 'f')[0] > '')\n"
        "print(prove(head, head.replace('Doc', 'Dac'), 'f')[0] > '')\n"
    )
    done = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("Proof.PROVEN\nTrue\nTrue\n", "")


def test_nothing_is_executed(capsys: pytest.CaptureFixture[str]) -> None:
    head = "print(1)\nclass C:\n    print(2)\n    @print(3)\n"
    before, after = (
        head + "".join(f"    {line}\n" for line in text.splitlines()) for text in (BEFORE, AFTER)
    )
    assert prove(before, after, "C.f") is Proof.PROVEN
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("future", "is_kept"), [("from __future__ import annotations\n", True), ("", False)])
def test_the_modules_own_futures_count(future: str, is_kept: bool) -> None:
    """Annotations of a nested function are texts with this one, and are evaluated in order without it."""
    before, after = (
        f"{future}def f(a, b):\n    def g(c: {first}, d: {second}): pass\n    return g\n"
        for first, second in (("a.x", "b.y"), ("(a.x)", "b.y"))
    )
    assert prove(before, after, "f") is Proof.PROVEN
    changed = after.replace("b.y", "b . y")
    assert isinstance(prove(before, changed, "f"), Proof)
    assert is_kept is future.startswith("from")
