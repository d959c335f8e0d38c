"""The language, as pytest-antipasta calls it."""

from __future__ import annotations

import pytest
from antipasta_parameters.sql import measure_sql

from pytest_antipasta.extension import ParseError

TEXT = """\
CREATE TABLE a (b int);

CREATE PROCEDURE shop.book (a int, b int) -- IF this is a comment
  IF a > b THEN
    UPDATE c;
  ELSIF a = b THEN
    UPDATE d;
  END IF;
END;
"""


def test_a_procedure_has_numbers() -> None:
    file = measure_sql(TEXT.encode())
    (block,) = file.blocks
    assert (block.name, block.line, block.end_line) == ("shop.book", 3, 9)
    assert block.numbers == {"cyclomatic_complexity": 3, "all_parameters": 2}
    assert file.numbers == {"lines_of_code": 9}


@pytest.mark.parametrize(
    ("old", "new", "is_same"),
    [("UPDATE c;", "  UPDATE c; -- all", True), ("shop.book", "shop.order", True), ("a > b", "a < b", False)],
    ids=["comments and layout", "another name", "another condition"],
)
def test_what_makes_it_another_one(old: str, new: str, is_same: bool) -> None:
    bodies = [measure_sql(text.encode()).blocks[0].body for text in (TEXT, TEXT.replace(old, new))]
    assert (bodies[0] == bodies[1]) == is_same


def test_a_procedure_has_an_end() -> None:
    with pytest.raises(ParseError, match="procedure f has no END;") as caught:
        measure_sql(b"\nCREATE PROCEDURE f ()\n")
    assert caught.value.line == 2
