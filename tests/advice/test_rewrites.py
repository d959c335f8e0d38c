"""Small rewrites: what each writes, and where there is none."""

from __future__ import annotations

import pytest

from pytest_antipasta.advice.rewrites import DROP_ELSE, ELIF, LEAVE_EARLY, MERGE, SWAP
from tests.advice.rewriting import clean, rewrite_all

CHANGES = [
    pytest.param(
        MERGE,
        """
        def f(a, b, c, d):
            if a or b:
                if c:
                    return d
        """,
        """
        def f(a, b, c, d):
            if (a or b) and c:
                return d
        """,
        id="two ifs become one",
    ),
    pytest.param(
        MERGE,
        """
        def f(a, b):
            if a:  # first
                # second
                if b:  # third
                    # fourth
                    return 1
                    # fifth
                # sixth
            # seventh
            return 2
        """,
        """
        def f(a, b):
            # first
            # second
            # third
            if a and b:
                # fourth
                return 1
                # fifth
                # sixth
            # seventh
            return 2
        """,
        id="comments of merged ifs stand above them",
    ),
    pytest.param(
        MERGE,
        """
        def f(a, b, c):
            if a:
                pass
            elif b:
                if c:
                    return 1
        """,
        """
        def f(a, b, c):
            if a:
                pass
            elif b and c:
                return 1
        """,
        id="the last elif and the if in it become one",
    ),
    pytest.param(
        MERGE,
        """
        def f(first, second, third):
            if first.attribute_with_a_name(second, third):
                if second.attribute_with_a_name(third) is not None:
                    return 1
        """,
        """
        def f(first, second, third):
            if (
                first.attribute_with_a_name(second, third)
                and second.attribute_with_a_name(third) is not None
            ):
                return 1
        """,
        id="a long condition has an operand a line",
    ),
    pytest.param(
        ELIF,
        """
        def f(a, b):
            if a:
                x = 1
            else:  # why
                # because
                if b:
                    x = 2
                else:
                    x = '''
                    3
                '''
            return x
        """,
        """
        def f(a, b):
            if a:
                x = 1
            # why
            # because
            elif b:
                x = 2
            else:
                x = '''
                    3
                '''
            return x
        """,
        id="an if alone in an else becomes an elif",
    ),
    pytest.param(
        DROP_ELSE,
        """
        def f(a, b):
            if a:
                return 1
            else:  # why
                for x in b:
                    yield x

        # not in it
        """,
        """
        def f(a, b):
            if a:
                return 1
            # why
            for x in b:
                yield x
        """,
        id="an else after a return goes",
    ),
    pytest.param(
        DROP_ELSE,
        """
        def f(a):
            try:
                if a:
                    raise ValueError
                else:
                    def g():
                        pass
            finally:
                pass
        """,
        """
        def f(a):
            try:
                if a:
                    raise ValueError

                def g():
                    pass
            finally:
                pass
        """,
        id="a function that was first in an else is set off",
    ),
    pytest.param(
        DROP_ELSE,
        """
        def f(a, b, c):
            if a:
                return 1
            elif b:
                # two
                return 2
            elif c:
                while True:
                    return 3
                raise ValueError
            else:
                return 4
        """,
        """
        def f(a, b, c):
            if a:
                return 1
            if b:
                # two
                return 2
            if c:
                while True:
                    return 3
                raise ValueError
            return 4
        """,
        id="a whole chain of elif goes",
    ),
    pytest.param(
        LEAVE_EARLY,
        """
        def f(a):
            for x in a:
                g(x)
                if x is None:  # why
                    h(x)
                    # end
                # after
            return 1
        """,
        """
        def f(a):
            for x in a:
                g(x)
                # why
                if x is not None:
                    continue
                h(x)
                # end
                # after
            return 1
        """,
        id="the end of a loop is left by continue",
    ),
    pytest.param(
        LEAVE_EARLY,
        r"""
        def f(a):
            if a:
                b = a.g(1) + \
                    a.g(2)
                b(); b('\
                c')
        """,
        r"""
        def f(a):
            if not a:
                return
            b = a.g(1) + \
                a.g(2)
            b(); b('\
                c')
        """,
        id="semicolons and backslashes are moved",
    ),
    pytest.param(
        LEAVE_EARLY,
        """
        async def f(a):
            if not a:
                await g()
        """,
        """
        async def f(a):
            if a:
                return
            await g()
        """,
        id="the end of a function is left by return",
    ),
    pytest.param(
        LEAVE_EARLY,
        """
        def f(a, b):
            if b:
                return b
            with a:
                if a < b:
                    g()
        """,
        """
        def f(a, b):
            if b:
                return b
            with a:
                if not (a < b):
                    return None
                g()
        """,
        id="a function that returns values elsewhere returns None",
    ),
    pytest.param(
        LEAVE_EARLY,
        """
        def f(a):
            if a:
                g()
                h()
            return []
        """,
        """
        def f(a):
            if not a:
                return []
            g()
            h()
            return []
        """,
        id="a short return is copied",
    ),
    pytest.param(
        LEAVE_EARLY,
        """
        def f(a, b):
            try:
                pass
            except ValueError:
                if a:
                    for b in a:
                        while b:
                            b = g(
                                aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbb, ccccccc
                            )
                            return (
                                bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb or aaaaaaaaaaaaaaaaaaa
                            )
                            h(
                                a, b
                            )
        """,
        """
        def f(a, b):
            try:
                pass
            except ValueError:
                if not a:
                    return None
                for b in a:
                    while b:
                        b = g(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbb, ccccccc)
                        return bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb or aaaaaaaaaaaaaaaaaaa
                        h(
                            a, b
                        )
        """,
        id="lines that were broken for their length are joined, others are not",
    ),
    pytest.param(
        SWAP,
        """
        def f(a):
            if a:
                g()
                h()
            else:  # why
                raise ValueError
        """,
        """
        def f(a):
            if not a:
                # why
                raise ValueError
            g()
            h()
        """,
        id="a jump in an else comes first",
    ),
    pytest.param(
        SWAP,
        """
        def f(a):
            while a:
                if not a.b and a.c is None:
                    g()
                    h()
                else:
                    i()
        """,
        """
        def f(a):
            while a:
                if a.b or a.c is not None:
                    i()
                    continue
                g()
                h()
        """,
        id="a short branch comes first and leaves",
    ),
    pytest.param(
        SWAP,
        """
        def f(a):
            if a == 1:
                g()
                h()
                return 2
            # else
            raise ValueError
        """,
        """
        def f(a):
            if a != 1:
                # else
                raise ValueError
            g()
            h()
            return 2
        """,
        id="a short end comes first",
    ),
    pytest.param(
        LEAVE_EARLY,
        "def f(a):\n\tif a:\n\t\tx = '''\n\t\t'''\n\t\tif x: g()\n",
        "def f(a):\n\tif not a:\n\t\treturn\n\tx = '''\n\t\t'''\n\tif x: g()\n",
        id="tabs",
    ),
]
NO_CHANGES = [
    pytest.param(MERGE, "if a:\n    if b:\n        pass\nelse:\n    pass", id="an outer else"),
    pytest.param(MERGE, "if a:\n    if b:\n        pass\n    else:\n        pass", id="an inner else"),
    pytest.param(MERGE, "if a:\n    if b:\n        pass\n    g()", id="more than an if"),
    pytest.param(MERGE, "if a:  # noqa: S1\n    if b:\n        pass", id="a comment for a linter"),
    pytest.param(MERGE, "if a:\n    if b:  # type: ignore\n        pass", id="a comment for a type checker"),
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
    pytest.param(
        SWAP, "if a:  # why\n    g()\n    h()\nelse:\n    raise E", id="a comment about the condition"
    ),
    pytest.param(SWAP, "if a:\n    g()\n    h()\n# why\nelse:\n    raise E", id="a comment before the else"),
    pytest.param(SWAP, "if a:\n    g()\nelif b:\n    raise E", id="a swap with an elif"),
    pytest.param(
        SWAP,
        "if a:\n    g()\nelse:\n" + "    h()\n" * 9 + "    raise E",
        id="a long branch that would come first",
    ),
]


@pytest.mark.parametrize(("kind", "before", "after"), CHANGES)
def test_it_writes(kind: str, before: str, after: str) -> None:
    assert clean(after) in rewrite_all(before, kind)


@pytest.mark.parametrize(("kind", "body"), NO_CHANGES)
def test_it_writes_nothing(kind: str, body: str) -> None:
    source = "".join(f"    {line}\n" for line in body.split("\n"))
    assert rewrite_all(f"def f(a, b, c):\n{source}", kind) == []


def test_an_odd_rewrite_is_written_if_all_are_wanted() -> None:
    source = """
        def f(a):
            if a:
                g()
            else:
                h()
                i()
    """
    after = "def f(a):\n    if a:\n        g()\n        return\n    h()\n    i()\n"
    assert rewrite_all(source, LEAVE_EARLY) == []
    assert rewrite_all(source, LEAVE_EARLY, has_odd=True) == [after]


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
