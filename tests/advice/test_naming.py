"""Names of new functions say what comments and results say, and nothing more."""

from __future__ import annotations

import pytest

from pytest_antipasta.advice.extraction import Extractor
from pytest_antipasta.advice.naming import propose_name
from tests.advice.rewriting import cut, find_run


@pytest.mark.parametrize(
    ("comment", "body", "name"),
    [
        pytest.param("# Count the others.", "b = 1", "_count_others", id="a comment that is a command"),
        pytest.param("# Check all of them", "b = 1", "_check_of_them", id="without words that say little"),
        pytest.param("# The others", "b = 1", "_get_b", id="another comment"),
        pytest.param("# Count `b`: it matters", "b = 1", "_get_b", id="more than a command"),
        pytest.param("", "b = 1", "_get_b", id="a result"),
        pytest.param("", "c += 1", "_update_c", id="a result that is passed too"),
        pytest.param("", "h()", "_f_part", id="neither"),
        pytest.param("", "b = c = 1", "_f_part", id="two results"),
    ],
)
def test_a_name(comment: str, body: str, name: str) -> None:
    lines = [comment, body, "if a:", "    g(1)"]
    source = "".join(f"    {line}\n" for line in lines if line)
    snippet = cut(f"def f(a, b, c):\n    g()\n{source}    h(b, c)\n    return b\n")
    extraction = Extractor(snippet).describe(find_run(snippet, f"    {body}", "g(1)"))
    assert propose_name(snippet, extraction, frozenset()) == name
    assert propose_name(snippet, extraction, frozenset({name})) == f"{name}_2"
