"""What became of each block."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.metrics.following.sides import Texts, parent, versions
from tests.steps import measure_growth

F = "def f(a):\n    if a: return 1\n"
G = "def g(a):\n    while a: a -= 1\n"
OTHER = "def {}(a):\n    for b in a: print(b)\n"
METHOD = "    def {}(self):\n        if self: return 1\n"
SETTER = "    def {}(self, v):\n        self.v = v\n"


def states(before: Texts, after: Texts, origins: Texts | None = None) -> dict[str, str]:
    """Return what became of each block, and which one it was where that has another name or place."""
    compared = parent(before, after, origins)
    found = {}
    for version in versions(after):
        for name in version.blocks:
            change = compared.classify((version.path, name))
            was = f" {'::'.join(change.before)}" if change.state == "renamed" and change.before else ""
            found[name if len(after) == 1 else f"{version.path}::{name}"] = change.state + was
    return found


@pytest.mark.parametrize(
    "after",
    [
        pytest.param("# c\n\ndef f(a):  # d\n\n    # e\n    if a: return 1\n", id="comments and blank lines"),
        pytest.param("def f( a ,):\n  if (a):\n\n      return (1)", id="layout and parentheses"),
        pytest.param("import os\nx = 1\n" + F, id="another line"),
        pytest.param("if x:\n    def f(a):\n        if a: return 1\n", id="inside an if"),
        pytest.param("try:\n  pass\nfinally:\n\tdef f(a):\n\t\tif a: return 0x1\n", id="tabs and 0x1"),
        pytest.param(F.replace("\n", "\r\n"), id="CRLF"),
        pytest.param("\ufeff" + F, id="a byte order mark"),
        pytest.param(G + F, id="behind a new block"),
    ],
)
def test_does_not_count(after: str) -> None:
    assert states({"a.py": F}, {"a.py": after})["f"] == "unchanged"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("@a(\n  1,\n\n)\n", "@a(\n  2,\n\n)\n", "modified", id="in a decorator"),
        pytest.param("@a\n", "", "modified", id="a decorator that is gone"),
        pytest.param("x = 1\n", "x = 2\n", "unchanged", id="before it"),
        pytest.param("x = 1\n", "x = 1\n\n# c\n", "unchanged", id="more lines before it"),
        pytest.param("def g(): pass\n", "def g(): 1\n", "unchanged", id="in a block before it"),
        pytest.param("def g(): pass\n@a\n", "def g(): pass\n@b\n", "modified", id="behind a block before it"),
        pytest.param(
            "def g():\n  pass\n@a\n", "@a\ndef g():\n  pass\n", "modified", id="a decorator that went"
        ),
    ],
)
def test_what_differs_before_a_block(before: str, after: str, expected: str) -> None:
    assert states({"a.py": before + F + G}, {"a.py": after + F + G})["f"] == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", "    return 2\n", "modified", id="a further statement"),
        pytest.param("", "x = 1\n", "unchanged", id="something behind it"),
        pytest.param("x = 1\n", "", "unchanged", id="something that is gone"),
        pytest.param("    # c\n", "    2\n", "modified", id="a comment that is code now"),
        pytest.param("def g(): pass\n", "    def g(): pass\n", "modified", id="a block that moves in"),
    ],
)
def test_what_differs_behind_a_block(before: str, after: str, expected: str) -> None:
    assert states({"a.py": F + before}, {"a.py": F + after})["f"] == expected


def test_blocks_in_a_string_are_none_of_those_behind_it() -> None:
    quotes = "'''"
    old = f"x = 1\n{F}{G}y = {quotes}\n{F}{G}{quotes}\n{F}"
    new = f"x = {quotes}\n{F}{G}y = {quotes}\n{F}{G}{quotes}\n{F}{quotes}"
    assert states({"a.py": old}, {"a.py": new}) == {"f": "unchanged", "g": "unchanged"}


def test_the_indentation_of_a_docstring_does_not_count() -> None:
    before, after = '"""A.\n\n    B.\n    """', '"""A.\n\n        B.\n        """'
    old, new = (f"def f(a):\n    {text}\n    if a: return 1\n" for text in (before, after))
    assert states({"a.py": old}, {"a.py": new}) == {"f": "unchanged"}
    inner_old, inner_new = (f"def g():\n    class C:\n        {text}\n" for text in (before, after))
    assert states({"a.py": inner_old}, {"a.py": inner_new}) == {"g": "unchanged"}


@pytest.mark.parametrize(
    "after",
    [
        pytest.param("def f(a):\n    if a: return 2\n", id="a number"),
        pytest.param("def f(a):\n    if a: return '1'\n", id="a type"),
        pytest.param("@x\n" + F, id="a decorator"),
        pytest.param("def f(a=1):\n    if a: return 1\n", id="a default"),
        pytest.param("def f(a: int):\n    if a: return 1\n", id="an annotation"),
        pytest.param("def f(a) -> int:\n    if a: return 1\n", id="what it returns"),
        pytest.param("async " + F, id="async"),
        pytest.param("def f(b):\n    if b: return 1\n", id="a parameter's name"),
        pytest.param("def f(a):\n    'd'\n    if a: return 1\n", id="a docstring"),
        pytest.param("def f(a):\n    if a: return 1\n    def g(): pass\n", id="a closure"),
    ],
)
def test_counts(after: str) -> None:
    assert states({"a.py": F}, {"a.py": after})["f"] == "modified"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param("", F, {"f": "added"}, id="added to an empty file"),
        pytest.param(F, F + OTHER.format("h"), {"f": "unchanged", "h": "added"}, id="added behind another"),
        pytest.param(F, F.replace(" f", " h"), {"h": "renamed a.py::f"}, id="renamed"),
        pytest.param(F, F.replace(" f", " h").replace("1", "2"), {"h": "added"}, id="renamed and edited"),
        pytest.param(F, F + F.replace(" f", " h"), {"f": "unchanged", "h": "added"}, id="copied"),
        pytest.param(
            F,
            F.replace("1", "2") + F.replace(" f", " h"),
            {"f": "modified", "h": "renamed a.py::f"},
            id="edited, and a copy of what it was",
        ),
        pytest.param(
            F,
            F.replace(" f", " h") + F.replace(" f", " i"),
            {"h": "renamed a.py::f", "i": "added"},
            id="renamed once, copied once",
        ),
        pytest.param(
            F + G,
            F.replace(" f", " g") + G.replace(" g", " f"),
            {"f": "renamed a.py::g", "g": "renamed a.py::f"},
            id="swapped names",
        ),
        pytest.param(F + G, G + F, {"f": "unchanged", "g": "unchanged"}, id="swapped places"),
        pytest.param(
            f"class A:\n{METHOD.format('f')}class B: pass\n",
            f"class A: pass\nclass B:\n{METHOD.format('f')}",
            {"B.f": "renamed a.py::A.f"},
            id="moved to another class",
        ),
        pytest.param(
            f"class A:\n{METHOD.format('f')}{METHOD.format('g')}",
            f"class B:\n{METHOD.format('f')}{METHOD.format('g')}",
            {"B.f": "renamed a.py::A.f", "B.g": "renamed a.py::A.g"},
            id="its class renamed, with a twin",
        ),
        pytest.param(
            f"class A:\n{METHOD.format('f')}{SETTER.format('f')}",
            f"class A:\n{METHOD.format('f').replace('1', '3')}{METHOD.format('f')}{SETTER.format('f')}",
            {"A.f": "added", "A.f#2": "renamed a.py::A.f", "A.f#3": "renamed a.py::A.f#2"},
            id="one more of the name before two",
        ),
        pytest.param(
            f"class A:\n{METHOD.format('f')}{SETTER.format('f')}",
            f"class A:\n{SETTER.format('f')}",
            {"A.f": "renamed a.py::A.f#2"},
            id="the first of two of the name taken out",
        ),
        pytest.param(
            f"class A:\n{METHOD.format('f')}{SETTER.format('f')}",
            f"class A:\n{METHOD.format('f')}{SETTER.format('f').replace('v =', 'w =')}",
            {"A.f": "unchanged", "A.f#2": "modified"},
            id="the second of two of the name",
        ),
        pytest.param(
            "def f():\n    def g(a):\n        if a: return 1\n    return g\n",
            "def h():\n    def g(a):\n        if a: return 1\n    return g\n",
            {"h": "renamed a.py::f", "h.g": "renamed a.py::f.g"},
            id="renamed around a closure",
        ),
        pytest.param(
            "def f():\n    def g(a):\n        if a: return 1\n    return g\n",
            "def f():\n    def g(a):\n        if a: return 1\n    return g()\n",
            {"f": "modified", "f.g": "unchanged"},
            id="edited around a closure",
        ),
        pytest.param(
            "def f():\n    def g(a):\n        if a: return 1\n    return g\n",
            F.replace(" f", " g") + "def f():\n    return g\n",
            {"g": "renamed a.py::f.g", "f": "modified"},
            id="a closure taken out",
        ),
        pytest.param("def f(:\n", F, {"f": "added"}, id="no syntax before"),
        pytest.param(
            F,
            f'"""\n@overload\n"""\n{F.replace("1", "2")}',
            {"f": "modified"},
            id="an overload in a string put before it, and edited",
        ),
        pytest.param(
            F,
            f"@overload\ndef f(a: int): ...\n{F.replace('1', '2')}",
            {"f": "added", "f#2": "modified"},
            id="an overload put before it, and edited",
        ),
        pytest.param(
            F,
            f"@overload\ndef f(a: int): ...\n{F.replace('1', '2')}{F.replace(' f', ' h')}",
            {"f": "added", "f#2": "modified", "h": "renamed a.py::f"},
            id="an overload put before it, edited, and a copy of what it was",
        ),
        pytest.param(
            f"@overload\ndef f(a: int): ...\n{F}",
            f"@overload\ndef f(a: str): ...\n@overload\ndef f(a: int): ...\n{F.replace('1', '2')}",
            {"f": "added", "f#2": "renamed a.py::f", "f#3": "modified"},
            id="an overload more, and edited",
        ),
    ],
)
def test_states(before: str, after: str, expected: dict[str, str]) -> None:
    assert states({"a.py": before}, {"a.py": after}) == expected


@pytest.mark.parametrize(
    ("before", "after", "origins", "expected"),
    [
        pytest.param(
            {"a.py": F, "b.py": ""},
            {"a.py": "", "b.py": F},
            None,
            {"b.py::f": "renamed a.py::f"},
            id="moved",
        ),
        pytest.param(
            {"a.py": F, "b.py": ""},
            {"a.py": F + "\n", "b.py": F},
            None,
            {"a.py::f": "unchanged", "b.py::f": "added"},
            id="copied",
        ),
        pytest.param({"a.py": F}, {"b.py": F}, {}, {"f": "renamed a.py::f"}, id="its file gone"),
        pytest.param({"a.py": F}, {"b.py": F}, {"b.py": "a.py"}, {"f": "unchanged"}, id="its file renamed"),
        pytest.param(
            {"a.py": F},
            {"b.py": F.replace("1", "2")},
            {"b.py": "a.py"},
            {"f": "modified"},
            id="its file renamed and edited",
        ),
        pytest.param({}, {"b.py": F}, {"b.py": "a.py"}, {"f": "added"}, id="an origin that is none of ours"),
        pytest.param(
            {"a.py": F, "b.py": F.replace(" f", " g")},
            {"a.py": F.replace(" f", " h"), "b.py": ""},
            None,
            {"a.py::h": "renamed a.py::f"},
            id="renamed in its file, though another had it first",
        ),
        pytest.param(
            {"a.py": "", "b.py": F, "c.py": F},
            {"a.py": F.replace(" f", " i"), "b.py": F.replace(" f", " j"), "c.py": ""},
            None,
            {"a.py::i": "renamed c.py::f", "b.py::j": "renamed b.py::f"},
            id="each from its own file before others",
        ),
        pytest.param(
            {"c.py": F, "b.py": F},
            {"c.py": "", "b.py": "", "a.py": F},
            None,
            {"a.py::f": "renamed b.py::f"},
            id="from the first file by name, in whatever order they come",
        ),
        pytest.param(
            {"a.py": F, "b.py": ""},
            {"a.py": F.replace("1", "2"), "b.py": F},
            None,
            {"a.py::f": "modified", "b.py::f": "renamed a.py::f"},
            id="edited, and a copy of what it was in another file",
        ),
    ],
)
def test_between_files(before: Texts, after: Texts, origins: Texts | None, expected: dict[str, str]) -> None:
    assert states(before, after, origins) == expected


def test_what_is_too_deep_to_be_compared_and_edited_is_modified() -> None:
    deep = "def f(a):\n    return " + "-" * 900 + "a\n"
    assert states({"a.py": deep}, {"a.py": deep.replace("return", "return not")})["f"] == "modified"


def origins(before: str, after: str) -> dict[str, tuple[str, str | None]]:
    """Return the state of each block of a file, and the name of the block that it was."""
    compared = parent({"a.py": before}, {"a.py": after})
    changes = {name: compared.classify(("a.py", name)) for name in versions({"a.py": after})[0].blocks}
    return {name: (one.state, one.before[1] if one.before else None) for name, one in changes.items()}


def test_two_of_a_name_that_are_both_edited_are_two_still() -> None:
    before, after = F + OTHER.format("f"), F.replace("1", "2") + OTHER.format("f").replace("print", "log")
    assert origins(before, after) == {"f": ("modified", "f"), "f#2": ("modified", "f#2")}


def test_one_that_takes_a_name_that_it_calls_is_the_one_of_that_name() -> None:
    calling = "def g(a):\n    return f(a)\ndef g(*a): ...\n"
    after = F.replace("def f", "def g") + calling.replace("def g", "def f")
    assert states({"a.py": F + calling}, {"a.py": after}) == {
        "g": "renamed a.py::f",
        "f": "modified",
        "f#2": "renamed a.py::g#2",
    }


def test_a_function_whose_overload_is_removed_is_not_an_overload() -> None:
    overload = "@t.overload  # one\n# two\n@final\ndef f(a: int): ...\n"
    compared = parent({"a.py": overload + F}, {"a.py": F.replace("1", "2")})
    assert compared.classify(("a.py", "f")).before == ("a.py", "f#2")


LOOP = "def f(a):\n    for b in a:\n        print(b)\n        yield b\n"
WHILE = "def f(a):\n    while a:\n        a -= 1\n        log(a)\n"
GET = "    @property\n    def x(self):\n        if self.a: return 1\n        if self.b: return 2\n"
SET = "    @x.setter  # a comment\n    def x(self, value):\n        self.a = value\n"
DELETE = "    @x.deleter\n    def x(self):\n        del self.a\n"
IF = "if A:\n    {}\nelse:\n    def f(a):\n        for b in a: print({})\n"


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param(
            WHILE + LOOP,
            LOOP + "    log(a)\n",
            {"f": "f#2"},
            id="the first deleted, the second edited",
        ),
        pytest.param(
            WHILE + LOOP,
            LOOP.replace("yield b", "yield -b") + WHILE.replace("1", "2"),
            {"f": "f#2", "f#2": "f"},
            id="in another order, both edited",
        ),
        pytest.param(WHILE, LOOP + WHILE.replace("1", "2"), {"f": None, "f#2": "f"}, id="one put before it"),
        pytest.param(
            F + OTHER.format("f") + "def f(): return 7\n",
            F.replace("1", "2") + "def f(): return 7 + 1\n",
            {"f": "f", "f#2": "f#2"},
            id="nothing in common: by number",
        ),
        pytest.param(
            IF.format("def f(): ...", "b"), IF.format("f = None", "b, a"), {"f": "f#2"}, id="in an else"
        ),
        pytest.param(
            f"class A:\n{GET}{SET}{DELETE}",
            f"class A:\n{SET.replace('= value', '= 7')}{DELETE.replace('a', 'b')}",
            {"A.x": "A.x#2", "A.x#2": "A.x#3"},
            id="a getter deleted",
        ),
        pytest.param(
            f"class A:\n{GET}{SET}",
            f"class A:\n{SET.replace('self.a = value', 'if self.a: return 1')}",
            {"A.x": "A.x#2"},
            id="a setter with the lines of the getter",
        ),
        pytest.param(
            f"class A:\n{METHOD.format('f')}class A:\n{SETTER.format('f')}",
            f"class A:\n{SETTER.format('f').replace('= v', '= 7')}",
            {"A.f": "A#2.f"},
            id="a class of the same name deleted",
        ),
    ],
)
def test_of_several_of_a_name_the_most_similar_is_the_same(
    before: str, after: str, expected: dict[str, str | None]
) -> None:
    assert {name: old for name, (_, old) in origins(before, after).items()} == expected


def test_an_edited_one_is_found_by_what_it_was_whatever_its_number() -> None:
    compared = parent({"a.py": WHILE + LOOP}, {"a.py": LOOP.replace("yield b", "yield -b")})
    assert compared.find_successor(("a.py", "f#2")) == ("a.py", "f")
    assert compared.find_successor(("a.py", "f")) is None


def test_what_became_of_twice_as_many_takes_twice_the_steps() -> None:
    def prepare(size: int) -> Callable[[], object]:
        functions = (LOOP.replace("b", f"b{number}") for number in range(size))
        before = "".join(functions)
        compared = parent({"a.py": before}, {"a.py": before.replace("yield", "yield -")})
        return lambda: [compared.find_successor(block) for block in compared.before.list_blocks()]

    assert measure_growth(prepare, 60) < 2.1


def test_an_edited_one_is_not_the_other_of_its_name_that_has_stayed() -> None:
    """However like that one it has become."""
    before, after = F + OTHER.format("f"), OTHER.format("f").replace("print", "log") + OTHER.format("f")
    assert origins(before, after) == {"f": ("modified", "f"), "f#2": ("unchanged", "f#2")}


@pytest.mark.parametrize(
    ("path", "name", "introduced", "origin"),
    [
        pytest.param("a.py", "same", False, ("old.py", "same"), id="a block that is as it was"),
        pytest.param("a.py", "edited", True, ("old.py", "edited"), id="one that is edited"),
        pytest.param("a.py", "name", False, ("old.py", "f"), id="one that is renamed"),
        pytest.param("a.py", "g", True, None, id="a new one"),
        pytest.param("a.py", None, False, ("old.py", None), id="a file that had another name"),
        pytest.param("new.py", None, True, None, id="a new file"),
        pytest.param("other.py", None, False, ("other.py", None), id="a file that is no part of the change"),
        pytest.param("other.py", "f", False, ("other.py", "f"), id="a block in one"),
    ],
)
def test_what_a_change_brings_and_where_the_rest_was(
    path: str, name: str | None, introduced: bool, origin: tuple[str, str | None] | None
) -> None:
    same, edited = OTHER.format("same"), "def edited(a): return {}\n"
    before = {"old.py": same + edited.format(1) + F}
    after = {
        "a.py": same + edited.format(2) + F.replace(" f", " name") + G,
        "new.py": "",
    }
    compared = parent(before, after, {"a.py": "old.py"})
    assert compared.is_introduced(path, name) is introduced
    assert compared.find_origin(path, name, "cyclomatic_complexity") == origin


@pytest.mark.parametrize(
    ("name", "metric", "owner"),
    [
        pytest.param("A.m.inner.most", "cognitive_complexity", "A.m", id="points of a closure"),
        pytest.param("A.m.inner", "cyclomatic_complexity", "A.m.inner", id="its own complexity"),
        pytest.param("A.m", "cognitive_complexity", "A.m", id="a method"),
    ],
)
def test_points_inside_a_function_are_those_of_the_outermost_one(name: str, metric: str, owner: str) -> None:
    text = (
        "class A:\n    def m(self):\n        def inner(b):\n            def most(c): return c and b\n"
        "            return most\n        return inner\n"
    )
    compared = parent({"a.py": text}, {"a.py": F})
    assert compared.look_up_measured(("a.py", name), metric) == ("a.py", owner)


def test_what_a_file_was_is_found_by_its_path() -> None:
    compared = parent({"a.py": F, "b.py": G}, {"a.py": F, "c.py": G}, {"a.py": "a.py", "c.py": "b.py"})
    found = compared.file_before("c.py")
    assert found is not None
    assert found.path == "b.py"
    assert compared.file_before("b.py") is None
