"""Lines that were broken for their length only are joined where they fit further to the left."""

from __future__ import annotations

import pytest

from pytest_antipasta.advice.indentation import move_lines
from pytest_antipasta.advice.layout import Layout

_WIDTH = 40


def move(text: str) -> str:
    """Return lines that are indented by eight columns, moved to four."""
    lines = ["if a:", "    if b:", *(f"        {line}" for line in text.split("\n"))]
    moved = move_lines(Layout(lines, _WIDTH), 3, len(lines), " " * 8, " " * 4)
    assert all(line.text.startswith("    ") for line in moved)
    return "\n".join(line.text[4:] for line in moved)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "result = function(\n    first, seconds_\n)",
            "result = function(first, seconds_)",
            id="brackets whose content fits beside them",
        ),
        pytest.param(
            "value = (\n    alpha_beta_gamma or epsilon\n)",
            "value = alpha_beta_gamma or epsilon",
            id="brackets that only hold lines together go",
        ),
        pytest.param(
            "values = (\n    alpha_beta, gamma_epsilon\n)",
            "values = (alpha_beta, gamma_epsilon)",
            id="brackets of a tuple stay",
        ),
        pytest.param(
            "for x in (\n    alpha_beta + gamma_epsilon\n):\n    pass",
            "for x in alpha_beta + gamma_epsilon:\n    pass",
            id="brackets of a loop go",
        ),
        pytest.param(
            "call(\n    [\n        alpha_beta_gamma, epsilon_z\n    ],\n    1,\n)",
            "call(\n    [alpha_beta_gamma, epsilon_z],\n    1,\n)",
            id="inner brackets alone",
        ),
        pytest.param(
            "call(\n    alpha_be\n    and gamma_epsilon_z,\n    delta,\n)",
            "call(\n    alpha_be and gamma_epsilon_z,\n    delta,\n)",
            id="an item of a list",
        ),
        pytest.param(
            "if (\n    alpha\n    and beta_gamma\n    == epsilon_zetas\n    and eta\n):\n    pass",
            "if (\n    alpha\n    and beta_gamma == epsilon_zetas\n    and eta\n):\n    pass",
            id="an operand",
        ),
    ],
)
def test_it_is_joined(before: str, after: str) -> None:
    assert move(before) == after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("call(\n    a\n)", id="it did fit before"),
        pytest.param("call(\n    first_argument, second_argument_of_it\n)", id="it is still too long"),
        pytest.param("result = call(\n    first,\n    second,\n)", id="a comma at the end"),
        pytest.param("result = call(\n    first, second  # why\n)", id="a comment"),
        pytest.param("result = call(\n    '''\n    ''', second_a\n)", id="a string of several lines"),
        pytest.param("result = call_a(\n    first\n).call(\n    2\n)", id="brackets that follow each other"),
    ],
)
def test_it_stays(text: str) -> None:
    lines = text.split("\n")
    kept = [line if "'''" not in text or number != 2 else f"    {line}" for number, line in enumerate(lines)]
    assert move(text) == "\n".join(kept)
