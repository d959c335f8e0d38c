"""What is alike, and which block of a name is which."""

from __future__ import annotations

import pytest

from pytest_antipasta.metrics import Bodies, Namesake, count_common, find_stem, is_alike, pair_namesakes

FUNCTION = """\
def f(self, path, lines):
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, value = line.partition("=")
        if name in self.known and value != self.known[name]:
            found.append((path, number, name))
    return sorted(found)
"""
OTHER = """\
def f(self, path, lines):
    with open(path, "w") as file:
        while lines:
            try:
                file.write(self.format(lines.pop()))
            except (OSError, ValueError) as error:
                return False if self.is_quiet else self.tell(error)
    return True
"""


def sketch(source: str) -> str:
    return Bodies(source.encode()).sketch("f")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param(FUNCTION, True, id="itself"),
        pytest.param(FUNCTION.replace("#", ";"), True, id="a constant"),
        pytest.param(FUNCTION.replace("sorted(found)", "found"), True, id="another end"),
        pytest.param(FUNCTION.replace("lines", "rows"), True, id="a parameter's name"),
        pytest.param(
            FUNCTION.replace("    found = []", "    found = []\n    if a: pass"), True, id="a branch"
        ),
        pytest.param("@a.b\n" + FUNCTION, True, id="a decorator"),
        pytest.param(OTHER, False, id="another function of the same parameters"),
        pytest.param("def f(self, path, lines): ...\n", False, id="what is left of it"),
    ],
)
def test_what_is_alike(source: str, expected: bool) -> None:
    assert is_alike(sketch(FUNCTION), sketch(source)) is expected


def test_what_is_not_known_is_like_nothing() -> None:
    assert count_common("", sketch(FUNCTION)) == count_common("", "") == 0


def test_the_sketch_is_the_same_on_every_python() -> None:
    """Computed with CPython 3.10, 3.11, 3.12 and 3.13."""
    assert sketch(FUNCTION) == "2e0cdd7bc93751f4d9f20542ed7e4f40"
    assert Bodies(b"").sketch("") == ""
    assert Bodies(b"def f(: pass").sketch("f") == ""


@pytest.mark.parametrize(
    ("name", "stem"), [("f", "f"), ("f#2", "f"), ("A#2.f#13", "A.f"), ("f#2.g", "f.g"), ("", "")]
)
def test_a_name_without_numbers(name: str, stem: str) -> None:
    assert find_stem(name) == stem


ONE, TWO = sketch(FUNCTION), sketch(FUNCTION.replace("#", ";"))
NEW = sketch(OTHER)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param([("f", "a", ONE)], [("f", "a", ONE)], {"f": "f"}, id="as it was"),
        pytest.param([("f", "a", ONE)], [("f", "b", NEW)], {"f": "f"}, id="its number says enough"),
        pytest.param([("f", "a", ONE)], [("f#2", "b", NEW)], {}, id="neither number nor likeness"),
        pytest.param([("f", "a", ONE)], [("f", "b", NEW), ("f#2", "c", TWO)], {"f#2": "f"}, id="likeness"),
        pytest.param([("f", "a", ONE)], [("f", "b", TWO), ("f#2", "a", ONE)], {"f#2": "f"}, id="the body"),
        pytest.param(
            [("f", "a", ONE), ("f#2", "b", NEW)],
            [("f", "b", NEW), ("f#2", "a", ONE)],
            {"f": "f#2", "f#2": "f"},
            id="swapped",
        ),
        pytest.param(
            [("f", "a", ONE), ("f#2", "a", ONE)],
            [("f", "a", ONE), ("f#2", "a", ONE)],
            {"f": "f", "f#2": "f#2"},
            id="twins",
        ),
        pytest.param([("f", "", "")], [("f#2", "", "")], {}, id="nothing is known"),
    ],
)
def test_which_is_which(
    old: list[tuple[str, str, str]], new: list[tuple[str, str, str]], expected: dict[str, str]
) -> None:
    assert pair_namesakes([Namesake(*one) for one in old], [Namesake(*one) for one in new]) == expected


def test_hundreds_of_a_name_are_told_apart_by_number() -> None:
    old = [Namesake(f"_#{number}", f"a{number}", ONE) for number in range(300)]
    new = [Namesake(f"_#{number}", f"b{number}", ONE) for number in range(300)]
    assert pair_namesakes(old, new) == {one.name: one.name for one in old}
