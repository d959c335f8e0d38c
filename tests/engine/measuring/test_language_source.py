"""What a language gives for a content: taken over, or refused with a line that says why."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_antipasta.engine.measuring.language_source import measure_language
from pytest_antipasta.extension import Language, ParsedBlock, ParsedFile, ParseError
from pytest_antipasta.extension.loaded import Loaded, Owner
from pytest_antipasta.metrics.following.bodies import NormalizedBlocks, shorten
from pytest_antipasta.model.measured import FileError, Measurement

TEXT = b"procedure f\n  one\nend\n\nprocedure g\n  one\nend\n"


def block(**fields: Any) -> ParsedBlock:
    given: dict[str, Any] = {"name": "f", "line": 1, "end_line": 3}
    return ParsedBlock(**given | fields)


def measure(given: object, data: bytes = TEXT, owner: str = "example") -> Measurement:
    """Return what comes of what a language gives, or raises."""

    def read(_: bytes) -> Any:
        if isinstance(given, BaseException):
            raise given
        return given

    language = Language(name="sql", endings=(".sql",), version="1", measure=read, comment="--")
    return measure_language(data, Loaded(f"{owner}:sql", Owner(owner, "1.0"), language))


def measure_blocks(*blocks: ParsedBlock, data: bytes = TEXT) -> Measurement:
    found = measure(ParsedFile(blocks=blocks), data)
    assert found.error is None
    return found


def test_numbers_are_those_of_our_metrics() -> None:
    numbers = {"cyclomatic_complexity": 2, "halstead_volume": 1.5}
    found = measure(ParsedFile(blocks=[block(numbers=numbers)], numbers={"lines_of_code": 7}))
    (one,) = found.blocks
    assert (one.cyclomatic_complexity, one.halstead_volume, one.cognitive_complexity) == (2, 1.5, None)
    assert (found.metrics.lines_of_code, found.metrics.maintainability_index) == (7, None)


def test_blocks_are_in_the_order_of_their_lines() -> None:
    blocks = (block(name="b.c", line=2, end_line=2), block(name="b", line=2), block(name="a"))
    found = measure_blocks(*blocks).blocks
    assert [(one.qualified_name, one.name) for one in found] == [("a", "a"), ("b", "b"), ("b.c", "c")]


def test_later_blocks_of_a_name_have_numbers() -> None:
    blocks = [block(line=line) for line in (3, 1, 2)]
    found = [(one.qualified_name, one.line) for one in measure_blocks(*blocks).blocks]
    assert found == [("f", 1), ("f#2", 2), ("f#3", 3)]


REFUSED = {
    "no file": (5, "TypeError: expected ParsedFile, got int"),
    "no list of blocks": (ParsedFile(blocks=5), "TypeError: 'int' object is not iterable"),  # type: ignore[arg-type]
    "no block": (ParsedFile(blocks=["f"]), "TypeError: expected ParsedBlock, got str"),  # type: ignore[list-item]
    "an empty name": ([block(name="")], "ValueError: '' is not a valid block name"),
    "a name that is no text": ([block(name=5)], "ValueError: 5 is not a valid block name"),
    "a name of two lines": ([block(name="a\nb")], "ValueError: 'a\\nb' is not a valid block name"),
    "half of a character": ([block(name="\ud800")], "ValueError: '\\ud800' is not a valid block name"),
    "a number of ours": ([block(name="f#2")], "ValueError: 'f#2' is not a valid block name"),
    "a path": ([block(name="a::b")], "ValueError: 'a::b' is not a valid block name"),
    "a dot at the end": ([block(name="a.")], "ValueError: 'a.' is not a valid block name"),
    "another kind": (
        [block(kind="view")],
        ("ValueError: f has unknown kind 'view'; expected one of function, method"),
    ),
    "line 0": ([block(line=0)], "ValueError: f is on lines 0 to 3, but the file has 8"),
    "lines after the end": ([block(end_line=9)], "ValueError: f is on lines 1 to 9, but the file has 8"),
    "an end before the beginning": ([block(line=4)], "ValueError: f is on lines 4 to 3"),
    "half a line": ([block(line=1.5)], "ValueError: f is on lines 1.5 to 3"),
    "a body that is no text": (
        [block(body=b"x")],
        ("TypeError: expected the body of f as a string, got bytes"),
    ),
    "no numbers": ([block(numbers=5)], "TypeError: expected a dict of values by metric of f, got int"),
    "an unknown metric": ([block(numbers={"x": 1})], "ValueError: 'x' of f is not a block metric"),
    "a metric of files": ([block(numbers={"lines_of_code": 1})], "ValueError: 'lines_of_code' of f is no"),
    "NaN": (
        [block(numbers={"halstead_volume": float("nan")})],
        "ValueError: expected a finite number, got nan: halstead_volume of f",
    ),
    "text": (
        [block(numbers={"cyclomatic_complexity": "2"})],
        "ValueError: expected a finite number, got str: cyclomatic_complexity of f",
    ),
    "none": (
        [block(numbers={"cyclomatic_complexity": None})],
        "ValueError: expected a finite number, got NoneType: cyclomatic_complexity of f",
    ),
    "a number that no record can hold": (
        [block(numbers={"cyclomatic_complexity": 2**63})],
        "ValueError: expected a finite number, got huge int: cyclomatic_complexity of f",
    ),
    "half a point": (
        [block(numbers={"cyclomatic_complexity": 2.5})],
        "ValueError: cyclomatic_complexity of f: Expected `int | null`, got `float`",
    ),
    "a metric of blocks": (
        ParsedFile(numbers={"cyclomatic_complexity": 1}),
        "ValueError: 'cyclomatic_complexity' is not a file metric; use built-in metrics",
    ),
    "a list of comments": (
        ParsedFile(comments=["# x"]),  # type: ignore[arg-type]
        "TypeError: expected a dict of comments by line, got list",
    ),
    "an error": (KeyError("x"), "KeyError: 'x'"),
    "an exit": (SystemExit(4), "SystemExit: 4"),
}


@pytest.mark.parametrize(("given", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_is_reported(given: object, expected: str) -> None:
    found = measure(ParsedFile(blocks=given) if isinstance(given, list) else given)
    assert found.error is not None
    assert (found.error.kind, found.blocks) == ("extension", ())
    assert found.error.message.startswith(f"example 1.0: sql failed with {expected}")


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ParseError("no end", 2), FileError("syntax", "no end", 2)),
        (ParseError("no\nend"), FileError("syntax", "no end")),
        (ParseError("no end", 99), FileError("syntax", "no end")),
    ],
    ids=["a line", "no line", "a line that is not there"],
)
def test_content_that_is_wrong_is_not_a_fault_of_the_extension(
    raised: ParseError, expected: FileError
) -> None:
    assert measure(raised).error == expected


def find_bodies(*blocks: ParsedBlock, data: bytes = TEXT) -> list[str | None]:
    found = measure_blocks(*blocks, data=data)
    bodies = NormalizedBlocks(data, found.foreign)
    return [bodies.find(one.qualified_name) for one in found.blocks]


G = block(name="g", line=5, end_line=7)
BODIES = {
    "another name": (find_bodies(block()), find_bodies(G), True),
    "another body": (find_bodies(block()), find_bodies(block(), data=TEXT.replace(b"one", b"two")), False),
    "blank lines and what is behind lines": (
        find_bodies(block()),
        find_bodies(block(end_line=4), data=TEXT.replace(b"one", b"one \r\n", 1)),
        True,
    ),
    "deeper": (
        find_bodies(block()),
        find_bodies(block(), data=b"".join(b"  " + line for line in TEXT.splitlines(True))),
        True,
    ),
    "indented otherwise": (find_bodies(block()), find_bodies(block(), data=TEXT.replace(b"  ", b" ")), False),
    "bytes that are no text": (
        find_bodies(block(), data=TEXT.replace(b"one", b"\xff")),
        find_bodies(block(), data=TEXT.replace(b"one", b"\xfe")),
        False,
    ),
    "the body that it gives": (find_bodies(block(body="x")), find_bodies(block(line=2, body="x")), True),
    "another body that it gives": (find_bodies(block(body="x")), find_bodies(block(body="y")), False),
}


@pytest.mark.parametrize(("first", "second", "is_same"), BODIES.values(), ids=BODIES.keys())
def test_which_bodies_are_the_same(first: list[str | None], second: list[str | None], is_same: bool) -> None:
    assert None not in first
    assert (first == second) == is_same


def test_the_whole_file_has_a_body_and_unknown_blocks_have_none() -> None:
    bodies = NormalizedBlocks(TEXT, measure_blocks(block()).foreign)
    assert len(shorten(bodies.find("")) or "") == 16
    assert bodies.find("g") is None
    assert bodies.find("f")


def test_no_other_language_has_its_bodies() -> None:
    first, second = (measure(ParsedFile(), owner=owner).foreign for owner in ("example", "other"))
    assert first and second
    assert first.bodies.keys() == second.bodies.keys()
    assert first.bodies[""] != second.bodies[""]
