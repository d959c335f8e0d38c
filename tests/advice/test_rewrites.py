"""Small rewrites: what each writes, and where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.advice.rewrites import DROP_ELSE, ELIF, LEAVE_EARLY, MERGE, SWAP
from tests.advice.rewriting import clean, rewrite_all
from tests.tables import read_rows

CHANGES = read_rows(Path(__file__).with_name("rewritten.txt"))
NO_CHANGES = [
    pytest.param(MERGE, "if a:\n    if b:\n        pass\nelse:\n    pass", id="an outer else"),
    pytest.param(MERGE, "if a:\n    if b:\n        pass\n    else:\n        pass", id="an inner else"),
    pytest.param(MERGE, "if a:\n    if b:\n        pass\n    g()", id="more than an if"),
    pytest.param(MERGE, "if a:  # noqa: S1\n    if b:\n        pass", id="a comment for a linter"),
    pytest.param(MERGE, "if a:\n    if b:  # type: ignore\n        pass", id="a comment for a type checker"),
    pytest.param(MERGE, "if a:\n    if b:  # ty: ignore[x]\n        pass", id="a comment for ty"),
    pytest.param(MERGE, "if a:\n    if b:  # pyrefly: ignore\n        pass", id="a comment for Pyrefly"),
    pytest.param(MERGE, "if a:\n    if b:  # NOSONAR\n        pass", id="a comment for SonarQube"),
    pytest.param(MERGE, "if a:\n    if b:  # pragma: no cover\n        pass", id="a comment for coverage"),
    pytest.param(MERGE, "if a:  # antipasta: ignore\n    if b:\n        pass", id="a comment of ours"),
    pytest.param(MERGE, "if a:\n    if b: pass", id="a body on the line of its if"),
    pytest.param(MERGE, "if (a  # why\n        and b):\n    if c:\n        pass", id="a comment inside"),
    pytest.param(ELIF, "if a:\n    pass\nelse:\n    if b:\n        pass\n    g()", id="more in the else"),
    pytest.param(ELIF, "if a:\n    pass\nelif b:\n    pass", id="an elif"),
    pytest.param(ELIF, "for a in b:\n    pass\nelse:\n    if b:\n        pass", id="the else of a loop"),
    pytest.param(ELIF, "if a:\n    pass\nelse:  # noqa\n    if b:\n        pass", id="an else with noqa"),
    pytest.param(DROP_ELSE, "if a:\n    g()\nelse:\n    pass", id="a branch that does not jump"),
    pytest.param(
        DROP_ELSE,
        "if a:\n    with b:\n        return 1\nelse:\n    g()",
        id="a with may suppress an exception",
    ),
    pytest.param(
        DROP_ELSE, "if a:\n    for x in b:\n        return 1\nelse:\n    g()", id="a loop may not be entered"
    ),
    pytest.param(
        DROP_ELSE,
        "if a:\n    return 1\nelif b:\n    g()\nelif c:\n    return 2\nelse:\n    return 3",
        id="a chain with a branch that does not jump",
    ),
    pytest.param(
        DROP_ELSE,
        "if a:\n    try:\n        return 1\n    except E:\n        pass\nelse:\n    g()",
        id="a handler that does not jump",
    ),
    pytest.param(DROP_ELSE, "if a: return 1\nelse: g()", id="an else on one line"),
    pytest.param(LEAVE_EARLY, "if a:\n    g()\nh()", id="another statement follows"),
    pytest.param(LEAVE_EARLY, "if a:\n    return 1", id="a body that only jumps"),
    pytest.param(LEAVE_EARLY, "if a:\n    g()\n\nif b:\n    g()\n    h()", id="the last of a row of ifs"),
    pytest.param(
        LEAVE_EARLY, "if a:\n    b = g()\nif c:\n    b = h()\nreturn b", id="such a row before a return"
    ),
    pytest.param(LEAVE_EARLY, "if a:\n    if b:\n        g()\n        h()\nelse:\n    h()", id="a branch"),
    pytest.param(LEAVE_EARLY, "if a:\n    h()\nelif b:\n    if c:\n        g()\n        h()", id="an elif"),
    pytest.param(
        LEAVE_EARLY,
        "try:\n    if a:\n        g()\n        h()\nexcept E:\n    h()",
        id="a try with a handler",
    ),
    pytest.param(
        SWAP,
        "if a:\n    if b:\n        g()\n        h()\n    else:\n        h()\nelse:" + 5 * "\n    g()",
        id="a branch before others",
    ),
    pytest.param(LEAVE_EARLY, "if a:\n    g()\nreturn h()", id="a return of a call"),
    pytest.param(
        LEAVE_EARLY, "try:\n    if a:\n        g()\nexcept E:\n    pass\nelse:\n    h()", id="try else"
    ),
    pytest.param(LEAVE_EARLY, "try:\n    g()\nfinally:\n    if a:\n        g()", id="finally"),
    pytest.param(
        LEAVE_EARLY,
        "for x in b:\n    try:\n        g()\n    except* E:\n        if a:\n            g()",
        id="except*",
    ),
    pytest.param(LEAVE_EARLY, "if a:\n    pass\nelif b:\n    g()", id="an elif at the end"),
    pytest.param(LEAVE_EARLY, "if a: g(); h()\n", id="a semicolon"),
    pytest.param(LEAVE_EARLY, "if a and \\\n        b:\n    g()\n    h()", id="a backslash"),
    pytest.param(LEAVE_EARLY, "class C:\n    if a:\n        g()", id="a class has no end to return from"),
    pytest.param(LEAVE_EARLY, "if TYPE_CHECKING:\n    g()\n    h()", id="what type checkers read"),
    pytest.param(LEAVE_EARLY, "if typing.TYPE_CHECKING:\n    g()\n    h()", id="the same by its module"),
    pytest.param(LEAVE_EARLY, "if __debug__:\n    g()\n    h()", id="what `python -O` leaves out"),
    pytest.param(SWAP, "if __debug__:\n    g()\n    h()\nelse:\n    raise E", id="what it does not"),
    pytest.param(SWAP, "if a:\n    g()\n    h()\n# why\nelse:\n    raise E", id="a comment before the else"),
    pytest.param(SWAP, "# when a\nif a:\n    g()\n    h()\nelse:\n    raise E", id="a comment above"),
    pytest.param(
        SWAP,
        "# when a\n# pylint: disable-next=x\nif a:\n    g()\n    h()\nelse:\n    raise E",
        id="a comment above one for a linter",
    ),
    pytest.param(
        SWAP,
        "g()\n# when a\nif a:\n    g()\n    h()\n    return 1\nreturn 2",
        id="a comment above what would be swapped with the rest",
    ),
    pytest.param(SWAP, "if a:\n    g()\nelif b:\n    raise E", id="a swap with an elif"),
    pytest.param(
        SWAP,
        "if a:\n    g()\nelse:\n" + "    h()\n" * 9 + "    raise E",
        id="a long branch that would come first",
    ),
]


@pytest.mark.parametrize(("before", "kind", "after"), CHANGES)
def test_it_writes(kind: str, before: str, after: str) -> None:
    assert clean(after) in rewrite_all(before, kind)


@pytest.mark.parametrize(("kind", "body"), NO_CHANGES)
def test_it_writes_nothing(kind: str, body: str) -> None:
    source = "".join(f"    {line}\n" for line in body.split("\n"))
    assert rewrite_all(f"def f(a, b, c):\n{source}", kind) == []


def test_columns_are_characters() -> None:
    source = """
        def f(é, ü):
            if 'äöü' in é:
                if ü == 'ß': # ñ
                    return 'é'
    """
    assert rewrite_all(source, MERGE) == [
        "def f(é, ü):\n    # ñ\n    if 'äöü' in é and ü == 'ß':\n        return 'é'\n"
    ]
