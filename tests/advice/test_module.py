"""A function is cut out of its module with what its text needs around it."""

from __future__ import annotations

import sys

import pytest

from pytest_antipasta.advice.layout import UnwritableError
from pytest_antipasta.advice.module import Module
from tests.advice.rewriting import clean


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        pytest.param(
            """
            import a


            def f():
                pass
                # in it
            # not in it
            """,
            "f",
            """
            def f():
                pass
                # in it
            """,
            id="comments at its end",
        ),
        pytest.param(
            """
            from __future__ import annotations
            from __future__ import division as d

            class C(
                Base
            ):
                x = 1
                class D: # inner
                    @a(
                        1
                    )
                    async def f(): pass
                    y = 1
            """,
            "C.D.f",
            """
            from __future__ import annotations, division
            class C:
                class D:
                    @a(
                        1
                    )
                    async def f(): pass
            """,
            id="a method",
        ),
        pytest.param(
            """
            try:
                pass
            except E:
                match a:
                    case 1:
                        def f():
                            pass
            """,
            "f",
            """
            if 1:
                if 1:
                        def f():
                            pass
            """,
            id="under other statements",
        ),
        pytest.param(
            """
            if a:
                pass
            elif b:
                def f():
                    pass
            """,
            "f",
            """
            if 1:
                def f():
                    pass
            """,
            id="under an elif, which is no deeper than its if",
        ),
        pytest.param(
            """
            class C[T: (int, str), **P](B):
                def f(): pass
            """,
            "C.f",
            """
            class C[T: (int, str), **P]:
                def f(): pass
            """,
            id="in a class with type parameters",
            marks=pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is newer"),
        ),
    ],
)
def test_a_function_is_cut_out(source: str, name: str, expected: str) -> None:
    snippet = Module.parse(clean(source)).cut(name)
    assert snippet.text == clean(expected)
    assert snippet.function.name == "f"
    assert snippet.qualified_name == name


def test_a_function_that_ends_with_a_backslash_is_not_cut_out() -> None:
    """Without the blank line after it, the statement has no end."""
    source = "def f():\n    if a:\n        g() \\\n\n"
    module = Module.parse(f"{source}a = 1\n")
    with pytest.raises(UnwritableError, match="the last line is continued"):
        module.cut("f")
    assert Module.parse(source.replace(" \\", "")).cut("f").text == "def f():\n    if a:\n        g()\n"


def test_lines_have_the_numbers_of_the_file() -> None:
    snippet = Module.parse("class C:\n\n    @a\n    def f(self):\n        pass\n").cut("C.f")
    assert [line.origin for line in snippet.lines] == [0, 3, 4, 5]
    assert (snippet.start, snippet.outside, snippet.end) == (2, 1, 4)


@pytest.mark.parametrize(
    ("head", "line"),
    [
        pytest.param("", 1, id="nothing"),
        pytest.param("a = 1\n\n# Of it.\n", 3, id="comments above"),
        pytest.param("#!/usr/bin/env python3\n# coding: latin-1\n", 3, id="the head of the file"),
        pytest.param("\n# coding: latin-1\n", 3, id="the head of the file, below a blank line"),
        pytest.param("#!/usr/bin/env python3\n\n# Of it.\n", 3, id="comments below the head of the file"),
        pytest.param("# %% [markdown]\n# Text\n\n# %%\n# Of it.\n", 5, id="comments in a cell"),
        pytest.param("# + [markdown]\n# Text\n\n# + tags=['a']\n", 5, id="a cell of a light script"),
        pytest.param("# region [markdown]\n# Text\n\n# region\n", 5, id="a cell that is a region"),
        pytest.param("a = 1\n\n# +1 for each.\n", 3, id="a comment that begins with a number"),
        pytest.param("a = 1\n\n# regional\n", 3, id="a comment that begins like a region"),
    ],
)
def test_a_function_outside_of_a_class_stands_above_its_comments(head: str, line: int) -> None:
    module = Module.parse(f"{head}class C:\n    def f(a):\n        pass\n")
    assert module.locate_outside("C.f") == line


def test_a_form_feed_before_a_function() -> None:
    module = Module.parse("\fdef f():\n    pass\n")
    with pytest.raises(UnwritableError):
        module.cut("f")


def test_functions_in_functions_have_no_plan_of_their_own() -> None:
    source = """
        def f():
            def g(): pass
            class C:
                def h(self): pass


        class D:
            def i(self): pass
    """
    assert [*Module.parse(clean(source)).functions] == ["f", "D.i"]


@pytest.mark.parametrize(
    ("lengths", "width"),
    [
        ([20], 88),
        ([88] * 10, 88),
        ([89] + [20] * 150, 89),
        ([89] + [20] * 250, 88),
        ([100] * 10 + [20] * 90, 100),
        ([110] * 10 + [20] * 90, 110),
        ([177] * 3 + [106] + [20] * 90, 106),
        ([120] * 2 + [121] * 10, 120),
        ([79] + [20] * 250, 79),
        ([60] * 250, 79),
        ([80] * 250, 88),
    ],
)
def test_the_length_of_lines(lengths: list[int], width: int) -> None:
    source = "".join(f"{'a' * length}\n" for length in lengths) + f"b  # {'c' * 200}\n"
    assert Module.parse(source).width == width
    assert Module.parse(source, 100).width == 100


def test_strings_may_be_longer_than_code() -> None:
    lines = [f"a = '{'a' * 100}'", f'b = f"{{a}}{"b" * 100}"', f"c = b'{'c' * 90}'", '"""', "d" * 110, '"""']
    source = "\n".join(lines * 5)
    assert Module.parse(source).width == 88
    assert Module.parse(f"{source}\n{'e' * 95}").width == 95


def test_many_lines_of_strings_say_nothing_about_code() -> None:
    text = "\n".join(['"""', *["text"] * 9_998, '"""', *["a" * 100] * 41])
    assert Module.parse(text).width == 100
