"""Names of new functions say what comments and results say, and nothing more."""

from __future__ import annotations

import pytest

from pytest_antipasta.advice.extraction import Extractor
from pytest_antipasta.advice.naming import propose_name
from tests.advice.rewriting import cut, find_run


@pytest.mark.parametrize(
    ("comment", "body", "name"),
    [
        pytest.param("# Count the others.", "b = 1", "_count_others", id="a comment"),
        pytest.param("# Check all of them", "b = 1", "_check_of_them", id="without words that say little"),
        pytest.param("# The others", "b = 1", "_others", id="without a verb"),
        pytest.param("# The", "b = 1", "_f_b", id="a comment that says little"),
        pytest.param("# Count `b`: it matters", "b = 1", "_f_b", id="more than some words"),
        pytest.param("# We have others", "b = 1", "_f_b", id="a comment on what is so"),
        pytest.param("# Now f", "b = 1", "_f_b", id="a comment that is the function's name"),
        pytest.param("", "b = 1", "_f_b", id="a result"),
        pytest.param("", "c += 1", "_f_c", id="a result that is passed too"),
        pytest.param("", "h()", "_f_part", id="neither"),
    ],
)
def test_a_name(comment: str, body: str, name: str) -> None:
    lines = [comment, body, "if a:", "    g(1)"]
    source = "".join(f"    {line}\n" for line in lines if line)
    snippet = cut(f"def f(a, b, c):\n    g()\n{source}    h(b, c)\n    return b\n")
    extraction = Extractor(snippet).describe(find_run(snippet, f"    {body}", "g(1)"))
    assert propose_name(snippet, extraction, frozenset()) == name
    assert propose_name(snippet, extraction, frozenset({name})) == f"{name}_2"


@pytest.mark.parametrize("between", ["# Count again.", ""], ids=["a comment", "a blank line"])
def test_a_comment_is_no_name_for_what_follows_another_comment_or_a_blank_line(between: str) -> None:
    lines = ["# Count the others.", "b = 1", between, "if a:", "    b += 1"]
    source = "".join(f"    {line}\n" for line in lines)
    snippet = cut(f"def f(a, b):\n    g()\n{source}    h(b)\n")
    extraction = Extractor(snippet).describe(find_run(snippet, "b = 1", "b += 1"))
    assert propose_name(snippet, extraction, frozenset()) == "_f_b"


@pytest.mark.parametrize(
    ("function", "result", "name"),
    [
        pytest.param("to_text", "text_data", "_to_text_data", id="a word of both"),
        pytest.param("__init__", "_port", "_init_port", id="underscores around"),
        pytest.param("next_event", "event", "_next_event_part", id="no new word"),
        pytest.param("next_event", "next", "_next_event_next", id="a word of both that is not between them"),
    ],
)
def test_the_name_of_a_result_follows_that_of_the_function(function: str, result: str, name: str) -> None:
    body = f"    g()\n    if a:\n        g()\n        {result} = 1\n    return {result}\n"
    snippet = cut(f"def {function}(a, {result}):\n{body}", function)
    extraction = Extractor(snippet).describe(find_run(snippet, "if a", "= 1"))
    assert propose_name(snippet, extraction, frozenset()) == name
