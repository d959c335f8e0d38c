"""Which functions that a change adds were renamed or moved and edited at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from textwrap import indent

import pytest

from pytest_antipasta.metrics.following import similar
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.metrics.following.similar import SimilarOrigins
from tests.metrics.following.sides import Texts, ifs, parent, versions
from tests.steps import measure_growth

Origins = dict[str, tuple[str, str | None]]


def function(name: str, *numbers: int, first: str = "a") -> str:
    """Return a function of a line for each number, and two more."""
    branches = "".join(f"    if a == {number}: a += {number}\n" for number in numbers)
    return f"def {name}({first}):\n{branches}    return a\n"


def show(block: tuple[str, str]) -> str:
    return "::".join(block)


def find_origins(before: Texts, after: Texts, files: Mapping[str, str] | None = None) -> Origins:
    """Return for each function that has an origin that, and what the origin is now."""
    compared = parent(before, after, files)
    found = SimilarOrigins(compared, compared.after.list_blocks, pytest.fail)
    origins = {block: found.find(block) for block in compared.after.list_blocks()}
    return {
        show(block): (show(one.before), one.after and show(one.after))
        for block, one in origins.items()
        if one
    }


LONG = range(8)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            function("f", *LONG),
            "class A:\n" + "".join(f"    {line}\n" for line in function("f", *LONG, 9).splitlines()),
            {"a.py::A.f": ("a.py::f", None)},
            id="a method made of a function",
        ),
        pytest.param(
            function("f", *LONG),
            function("g", *LONG, first="a, b"),
            {"a.py::g": ("a.py::f", None)},
            id="another name and a parameter more",
        ),
        pytest.param(
            function("f", *LONG),
            function("f") + function("_f", *LONG, 9),
            {"a.py::_f": ("a.py::f", "a.py::f")},
            id="a thin wrapper left behind",
        ),
        pytest.param(function("f", *LONG), function("f", *LONG) + function("g", *LONG, 9), {}, id="a copy"),
        pytest.param(
            function("f", *LONG),
            f"def h():\n{indent(function('f', *LONG), '    ')}{function('g', *LONG, 9)}",
            {},
            id="a copy of one that is a closure now",
        ),
        pytest.param(
            function("f", *LONG), function("f", *LONG, 9) + function("g", *LONG, 8), {}, id="of one got worse"
        ),
        pytest.param(function("f", *LONG), function("g", *range(20, 28)), {}, id="another function"),
        pytest.param(
            function("f", 1, 2, 3), function("g", 1, 2, 4, 5), {"a.py::g": ("a.py::f", None)}, id="half of it"
        ),
        pytest.param(function("f", 1, 2, 3), function("g", 1, 2, 4, 5, 6), {}, id="less than half of it"),
        pytest.param(
            function("f", 1, 2).replace("    if", "    # c\n\n    if"),
            function("g", 1, 2, 3, 4).replace("    if", "\n        # d\n    if"),
            {"a.py::g": ("a.py::f", None)},
            id="comments and blank lines don't count",
        ),
        pytest.param(
            function("f", 1, 1, 1, 1),
            function("g", 1, 2, 3, 4, 5),
            {},
            id="a line counts as often as it is there",
        ),
        pytest.param(
            function("f", *LONG) + function("g", *LONG, 9, 10),
            function("h", *LONG, 9, 10, 11) + function("i", *LONG, 12),
            {"a.py::h": ("a.py::g", None), "a.py::i": ("a.py::f", None)},
            id="the best share goes first",
        ),
        pytest.param(
            function("f", *LONG),
            function("g", *LONG, 10) + function("h", *LONG, 9),
            {"a.py::g": ("a.py::f", None)},
            id="an origin is that of one function",
        ),
        pytest.param(
            "class A:\n    pass\n" + function("f", *LONG) + function("g", *LONG),
            function("h", *LONG, 9) + function("i", *LONG, 10),
            {"a.py::h": ("a.py::f", None), "a.py::i": ("a.py::g", None)},
            id="in the order of lines",
        ),
        pytest.param(
            "class A:\n  def f(a):\n" + ifs(8) + "  def g(a):\n" + ifs(8),
            "class B:\n  def g(a, b):\n" + ifs(9) + "  def h(a, b):\n" + ifs(9),
            {"a.py::B.g": ("a.py::A.g", None), "a.py::B.h": ("a.py::A.f", None)},
            id="the same name goes before the order",
        ),
    ],
)
def test_origins_in_a_file(before: str, after: str, expected: Origins) -> None:
    assert find_origins({"a.py": before}, {"a.py": after}) == expected


METHOD = """
class Cart:
    def choose(self, items, limit):
        best = None
        for item in items:
            if item.price > limit or item.isSold(self.day):
                continue
            if best is None or item.price < best.price:
                best = item
            self.labels[item.name] = best
        return best
"""


@pytest.mark.parametrize(
    ("names", "is_found"),
    [
        pytest.param(
            {"self": "cart", "items": "goods", "item": "each", "best": "found"}, True, id="variables"
        ),
        pytest.param(
            {"self": "CART", "items": "GOODS", "item": "EACH", "best": "FOUND"}, False, id="constants"
        ),
    ],
)
def test_a_function_with_other_variables(names: Mapping[str, str], is_found: bool) -> None:
    after = METHOD.replace("choose", "select")
    for old, new in names.items():
        after = re.sub(rf"\b{old}\b", new, after)
    expected = {"a.py::Cart.select": ("a.py::Cart.choose", None)} if is_found else {}
    assert find_origins({"a.py": METHOD}, {"a.py": after}) == expected


@pytest.mark.parametrize(
    ("line", "other", "is_equal"),
    [
        pytest.param("x = y + x", "a = b + c", True, id="variables"),
        pytest.param("f(x, key=y)", "f(z, k=[x][0])", False, id="more than names"),
        pytest.param("x.title", "y.name", False, id="attributes"),
        pytest.param("x.sizeOf()", "y.size_of()", True, id="another style"),
        pytest.param("f(x)", "g(x)", False, id="functions that are called"),
        pytest.param("x: Item = Item", "x: Thing = Thing", False, id="classes"),
        pytest.param("if x: pass", "while x: pass", False, id="keywords"),
        pytest.param("x = 'item'", "x = 'thing'", False, id="strings"),
        pytest.param("x = f'{x}'", "x = f'{y}'", False, id="f-strings"),
        pytest.param("x = 0xff", "x = 0xfe", False, id="numbers"),
        pytest.param("x = 'it\\'s', \"y\"", "z = 'it\\'s', \"y\"", True, id="quotes in strings"),
        pytest.param("x = 1  # some", "x = 1  # another", False, id="comments at the end"),
        pytest.param("x = '''one \" '\n two'''", "x = '''one \" '\n three'''", False, id="strings of lines"),
    ],
)
def test_what_counts_without_the_names_of_variables(line: str, other: str, is_equal: bool) -> None:
    texts = versions({name: f"def f(x, y, z):\n    {text}\n" for name, text in [("a", line), ("b", other)]})
    first, second = (version.count_lines("f", is_named=False) for version in texts)
    assert (first == second) is is_equal


def test_lines_of_functions_that_stay_as_they_are_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    def count(version: FileVersion, name: str, *, is_named: bool) -> Counter[str]:
        counted.append(name)
        return real(version, name, is_named=is_named)

    real = FileVersion.count_lines
    monkeypatch.setattr(FileVersion, "count_lines", count)
    others = function("h", *LONG) + function("i", *LONG)
    before, after = function("f", *LONG) + others, function("g", *range(20, 28)) + others
    compared = parent({"a.py": before}, {"a.py": after})
    assert SimilarOrigins(compared, compared.after.list_blocks, pytest.fail).find(("a.py", "g")) is None
    assert {*counted} == {"f", "g"}


def test_of_two_equal_functions_the_one_that_is_gone_is_an_origin() -> None:
    method = indent(function("f", *LONG), "    ")
    rewritten = indent(function("g", *LONG, 9), "    ")
    before, after = (f"class A:\n{first}class B:\n{method}" for first in (method, rewritten))
    assert find_origins({"a.py": before}, {"a.py": after}) == {"a.py::A.g": ("a.py::A.f", None)}


def test_equal_lines_go_before_those_without_names() -> None:
    before = function("f", *LONG) + function("g", 1, 2, 3, 4, 5, 20).replace("a", "b")
    after = function("h", *LONG, 20).replace("a", "b")
    assert find_origins({"a.py": before}, {"a.py": after}) == {"a.py::h": ("a.py::g", None)}
    alone = {"a.py": function("f", *LONG)}
    assert find_origins(alone, {"a.py": after}) == {"a.py::h": ("a.py::f", None)}


def test_the_same_file_goes_before_the_order_of_paths() -> None:
    before = {"a.py": function("f", *LONG), "b.py": function("g", *LONG)}
    after = {"b.py": function("h", *LONG, 9)}
    assert find_origins(before, after) == {"b.py::h": ("b.py::g", None)}
    assert find_origins(before, {"c.py": after["b.py"]}) == {"c.py::h": ("a.py::f", None)}
    renamed = find_origins(before, {"c.py": after["b.py"]}, {"c.py": "b.py"})
    assert renamed == {"c.py::h": ("b.py::g", None)}


def test_what_may_be_in_a_file_without_syntax_is_not_gone() -> None:
    before, after = {"a.py": function("f", *LONG)}, {"b.py": function("g", *LONG, 9)}
    assert find_origins(before, after) == {"b.py::g": ("a.py::f", None)}
    assert find_origins(before, after | {"a.py": function("f", *LONG) + "def (:\n"}) == {}


def test_other_files_are_measured_only_for_a_function_that_something_was_similar_to() -> None:
    asked: list[str] = []
    before = {"a.py": function("f", *LONG), "b.py": function("old", 1)}
    after = {"a.py": function("new", *range(20, 28)), "b.py": function("g", *LONG, 9), "c.py": "x = 1\n"}
    compared = BlockComparison(
        versions(before),
        new := versions(after),
        {path: path for path in before},
        (lambda: asked.append("before"), lambda: asked.append("after")),
    )
    found = SimilarOrigins(compared, compared.after.list_blocks, pytest.fail)
    assert asked == []
    assert found.find(("a.py", "new")) is None
    assert asked == ["before"]
    assert [one.path for one in new if one.is_measured] == ["a.py"]
    origin = found.find(("b.py", "g"))
    assert origin is not None
    assert origin.before == ("a.py", "f")
    assert "after" in asked


def repeat(size: int, name: str, first: str = "a", *, has_own_line: bool = False) -> str:
    """Return functions of the same lines, and one of their own if wanted."""
    own = [(number + 100,) if has_own_line else () for number in range(size)]
    return "".join(function(f"{name}{number}", *LONG, *own[number], first=first) for number in range(size))


@pytest.mark.parametrize(
    ("size", "has_own_line", "number"),
    [
        pytest.param(200, False, 200, id="as many as are compared"),
        pytest.param(201, False, 0, id="more"),
        pytest.param(201, True, 201, id="more, with a line of their own"),
    ],
)
def test_of_functions_with_the_same_lines_only_so_many_are_compared(
    size: int, has_own_line: bool, number: int
) -> None:
    before = repeat(size, "f", has_own_line=has_own_line)
    after = repeat(size, "g", "a, b", has_own_line=has_own_line)
    compared, warned = parent({"a.py": before}, {"a.py": after}), set[str]()
    found = SimilarOrigins(compared, compared.after.list_blocks, warned.add)
    blocks = enumerate(compared.after.list_blocks())
    origins = {place: origin.before for place, block in blocks if (origin := found.find(block))}
    assert origins == {place: ("a.py", f"f{place}") for place in range(number)}
    assert warned == {
        "some new functions were not compared with old ones, as more than 200 have the same lines; "
        "if they were renamed or moved, commit that first, and edits after it"
        for _ in range(number < size)
    }


@pytest.mark.parametrize("has_own_line", [False, True])
def test_of_twice_as_many_functions_twice_as_many_are_compared(
    has_own_line: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similar, "_MOST", 10)

    def prepare(size: int) -> Callable[[], object]:
        before = repeat(size, "f", has_own_line=has_own_line)
        after = repeat(size, "g", "a, b", has_own_line=has_own_line)
        compared = parent({"a.py": before}, {"a.py": after})
        blocks = compared.after.list_blocks()
        found = SimilarOrigins(compared, lambda: blocks, lambda _: None)
        return lambda: [found.find(block) for block in blocks]

    assert measure_growth(prepare, 20) < 2.1
