"""What a change does to blocks of a language of an extension: the same as to functions of Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.language_source import measure_language
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.extension import Language, ParsedBlock, ParsedFile
from pytest_antipasta.extension.loaded import Loaded, Owner
from pytest_antipasta.gate.listing import BlockLimits
from pytest_antipasta.metrics.following.comparison import BlockComparison
from pytest_antipasta.metrics.following.file_version import FileVersion
from pytest_antipasta.model.measured import Measured
from pytest_antipasta.settings.values import Settings
from tests.metrics.following.sides import parent


def read(data: bytes) -> ParsedFile:
    """Find the blocks, each from a line ``: name`` to the next empty one; names with ``!`` have no body."""
    blocks: list[ParsedBlock] = []
    lines = data.decode("latin-1").split("\n")
    for number, line in enumerate(lines, 1):
        if line.startswith(":"):
            end = lines.index("", number)
            body = " ".join(" ".join(lines[number:end]).split()) if "!" in line else None
            blocks.append(ParsedBlock(name=line[2:].strip("!"), line=number, end_line=end, body=body))
    return ParsedFile(blocks=blocks)


LANGUAGE = Loaded(
    "example:words", Owner("example", "1"), Language(name="words", endings=(".w",), version="1", measure=read)
)


def version(path: str, text: str) -> FileVersion:
    data = text.encode("latin-1")
    return FileVersion(path, lambda: data, lambda: Measured(measure_language(data, LANGUAGE)))


def classify(
    before: Mapping[str, str], after: Mapping[str, str], block: tuple[str, str]
) -> tuple[str, object]:
    sides = [[version(path, text) for path, text in files.items()] for files in (before, after)]
    comparison = BlockComparison(sides[0], sides[1], {path: path for path in after if path in before})
    change = comparison.classify(block)
    return change.state, change.before


F, G = ": f\nif f\n\n", ": g\nif\n\n"
CHANGES = {
    "as it was": ({"a.w": F}, {"a.w": G + F}, ("unchanged", ("a.w", "f"))),
    "layout": ({"a.w": F}, {"a.w": ": f\nif f  \n\n"}, ("unchanged", ("a.w", "f"))),
    "edited": ({"a.w": F}, {"a.w": ": f\nelse\n\n"}, ("modified", ("a.w", "f"))),
    "another name": ({"a.w": ": e\nif e\n\n"}, {"a.w": F}, ("renamed", ("a.w", "e"))),
    "another file": ({"b.w": F, "a.w": G}, {"b.w": G, "a.w": F}, ("renamed", ("b.w", "f"))),
    "a copy": ({"a.w": F}, {"a.w": ": e\nif e\n\n" + F}, ("unchanged", ("a.w", "f"))),
    "new": ({"a.w": G}, {"a.w": G + F}, ("added", None)),
    "another file that is not Python": ({"b.w": G}, {"b.w": G, "a.w": F}, ("added", None)),
    "what stands below it": ({"a.w": F + G}, {"a.w": F + ": g\nelse\n\n"}, ("unchanged", ("a.w", "f"))),
    "bytes that are no text": (
        {"a.w": G + ": f\n\xe9\n\n" + G},
        {"a.w": G + ": f\n\xe8\n\n" + G},
        ("modified", ("a.w", "f")),
    ),
    "a body of its own": ({"a.w": ": f!\nif  x\n\n"}, {"a.w": ": f!\nif x\n\n"}, ("unchanged", ("a.w", "f"))),
    "another body of its own": (
        {"a.w": ": f!\nif x\n\n"},
        {"a.w": ": f!\nx\n\n"},
        ("modified", ("a.w", "f")),
    ),
}


@pytest.mark.parametrize(("before", "after", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_what_happened_to_f(
    before: Mapping[str, str], after: Mapping[str, str], expected: tuple[str, object]
) -> None:
    assert classify(before, after, ("a.w", "f")) == expected


def test_a_dot_is_no_nesting() -> None:
    """A constructor, and a method that stands beside it, as in JavaScript."""
    text = ": Cart\nif\n\n: Cart.total\nelse\n\n"
    one = version("a.w", text)
    limits = BlockLimits(Rules(Settings(Path("/"), None, nested_blocks=False)))
    assert [name for name in one.blocks if limits.hold_for(one, name)] == ["Cart", "Cart.total"]
    comparison = BlockComparison([one], [version("a.w", text + "\n")], {"a.w": "a.w"})
    assert comparison.look_up_measured(("a.w", "Cart.total"), "cyclomatic_complexity") == (
        "a.w",
        "Cart.total",
    )


def test_it_has_not_moved_to_python() -> None:
    text = "def f():\n    return 1\n\n\n"
    python = parent({}, {"a.py": text})
    words = version("a.w", ": f\ndef f():\n    return 1\n\n")
    bodies = {python.after.versions["a.py"].body("f"), words.body("f")}
    assert len(bodies - {None}) == 2
