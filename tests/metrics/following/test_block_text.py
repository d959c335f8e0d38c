"""A block that is found by its text in another version of its file, and what that does not tell."""

from __future__ import annotations

import pytest

from pytest_antipasta.metrics.following.block_text import BlockText
from tests.metrics.following.sides import versions

G = "    def g(a):\n        return a\n"
A = f"class A:\n    def f(a):\n        return 1\n\n{G}"
TEXT = f"import os\n\n\n{A}\n\nx = 1\n"


def is_in(text: str, other: str, name: str = "A.g") -> bool:
    (version,) = versions({"a.py": text})
    return BlockText(version, name).is_in(other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(TEXT, id="the same text"),
        pytest.param(TEXT.replace("import os", "import os\nimport re"), id="a line more before it"),
        pytest.param(TEXT.replace("return 1", "return 2"), id="another function edited"),
        pytest.param(TEXT.replace("x = 1", "    # the end\n# of it\n\ny = 2"), id="other code behind it"),
        pytest.param(A, id="nothing behind it"),
        pytest.param(f"{TEXT}\n\ndef h(: pass\n", id="code that does not parse behind it"),
    ],
)
def test_it_is_there(other: str) -> None:
    assert is_in(TEXT, other)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param("", id="an empty file"),
        pytest.param(TEXT.replace("return a", "return -a"), id="it is another"),
        pytest.param(TEXT.replace("    def g", "    # c\n    def g"), id="a comment before it"),
        pytest.param(TEXT.replace("    def g", "    @c\n    def g"), id="decorated"),
        pytest.param(TEXT.replace(G, f"{G}\n        # more\n        return 2\n"), id="it goes on"),
        pytest.param(TEXT.replace("class A", "class B"), id="its class has another name"),
        pytest.param(TEXT.replace("class A:\n", "if x:\n  class A:\n"), id="its class is in something else"),
        pytest.param(TEXT.replace(G, f"    x = 1\n\n{G}\nclass B:{G}"), id="twice, the first one edited"),
        pytest.param(TEXT + A.replace("A", "B"), id="twice"),
        pytest.param(TEXT.replace("import os", "def g(): pass"), id="another of its name before it"),
        pytest.param(f"{TEXT}def g(): pass\n", id="another of its name behind it"),
        pytest.param(f"class A: pass\n{TEXT}", id="another class of that name"),
        pytest.param(f'x = """\n{TEXT}"""\n', id="in a string"),
        pytest.param(f"x = '''\n{TEXT}'''\n", id="in a string of the other kind"),
    ],
)
def test_only_parsing_would_tell(other: str) -> None:
    assert not is_in(TEXT, other)


def test_what_it_is_below_has_to_be_in_one_line() -> None:
    text = TEXT.replace("class A:", "class A(\n    B,\n):")
    assert not is_in(text, text)
    assert is_in(TEXT.replace("class A:", "class A(\n    B):"), TEXT.replace("class A:", "class A(\n    B):"))


def test_of_two_with_the_same_text_nothing_is_reported() -> None:
    text = TEXT + A.replace("A", "B")
    other = f"{TEXT}class B: pass\n" + A.replace("A", "C")
    assert not is_in(text, other, "B.g")
    assert not is_in(text, text, "B.g")


def test_a_function_outside_of_others_is_below_nothing() -> None:
    text = "def g(a):\n    return a\n\n\ndef f(a):\n    return 1\n"
    assert is_in(text, f"x = 1\n{text}".replace("return a", "return -a"), "f")
    assert not is_in(text, text.replace("return 1\n", "return 1\n    return 2\n"), "f")
