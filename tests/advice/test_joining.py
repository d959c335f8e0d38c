"""Lines that were broken for their length are joined further to the left; to the right, long ones break."""

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
            "call({\n    'alpha': beta,\n    'epsilon': zeta\n})",
            "call({\n    'alpha': beta,\n    'epsilon': zeta\n})",
            id="an item a line without a comma after the last, as no formatter writes it",
        ),
        pytest.param(
            "call(\n    alpha_beta_gamma,\n    epsilon_z\n)",
            "call(\n    alpha_beta_gamma,\n    epsilon_z\n)",
            id="the same of arguments",
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
            "if alpha in (\n    beta_gamma or epsilon\n):\n    pass",
            "if alpha in (beta_gamma or epsilon):\n    pass",
            id="brackets of an operand stay",
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
        pytest.param(
            "values = [\n    alpha\n    for alpha in beta\n    if alpha.gamma\n    and alpha.deltas\n]",
            "values = [\n    alpha\n    for alpha in beta\n    if alpha.gamma and alpha.deltas\n]",
            id="a clause of a comprehension",
        ),
        pytest.param(
            "call(\n    alpha_beta,\n    gamma_epsilo\n    if eta\n    else theta,\n    iota,\n)",
            "call(\n    alpha_beta,\n    gamma_epsilo if eta else theta,\n    iota,\n)",
            id="a conditional expression",
        ),
    ],
)
def test_it_is_joined(before: str, after: str) -> None:
    assert move(before) == after


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("call(\n    a\n)", id="it did fit before"),
        pytest.param(
            "value = (\n    alpha_beta_gamma\n    if epsilon_z\n    else eta_theta_iota\n)",
            id="parts of a conditional expression",
        ),
        pytest.param(
            "[\n    a\n    for a in (\n        beta_b if c else eta_de\n    )\n    if a.beta_gamma_delta\n]",
            id="brackets of a clause",
        ),
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


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        pytest.param("return call(first, second, a)", ["return call(first, second, a)"], id="it fits"),
        pytest.param(
            "return call(first, second, third)",
            ["return call(", "    first, second, third", ")"],
            id="the arguments of a call",
        ),
        pytest.param(
            "a.b(c).d(first).call(second, third)",
            ["a.b(c).d(first).call(", "    second, third", ")"],
            id="of the last one",
        ),
        pytest.param(
            "value = [first, second, third, four]",
            ["value = [", "    first,", "    second,", "    third,", "    four,", "]"],
            id="a list",
        ),
        pytest.param(
            "return f'{a})' + call(first, second)",
            ["return f'{a})' + call(", "    first, second", ")"],
            id="beside an f-string with a bracket",
        ),
        pytest.param("a = 1; call(first, second, third, 45)", None, id="nothing beside a semicolon"),
        pytest.param("values[first_second_third_and_four]", None, id="no item of something"),
        pytest.param("return first_second_and_third_or_4()", None, id="no empty brackets"),
        pytest.param("return call(first, second, 3)  # no", None, id="nothing before a comment"),
        pytest.param("# A comment about something (else)", None, id="no comment"),
        pytest.param("call(first, second, third, fourth_one)", None, id="nothing that was too long before"),
        pytest.param("call(first, 'sec''ond', third, 4); b", None, id="nothing beside another statement"),
    ],
)
def test_a_line_that_becomes_too_long_is_broken(line: str, lines: list[str] | None) -> None:
    layout = Layout(["if a:", f"    {line}"], _WIDTH)
    moved = move_lines(layout, 2, 2, " " * 4, " " * 8)
    assert [each.text for each in moved] == [f"        {each}" for each in lines or [line]]


@pytest.mark.parametrize(
    "text", ["call(\n        first, second, third, four)", "a = '''(\n, second, third, fourth)'''"]
)
def test_a_part_of_a_statement_is_not_broken(text: str) -> None:
    lines = ["if a:", *f"    {text}".split("\n")]
    moved = move_lines(Layout(lines, _WIDTH), 2, 3, " " * 4, " " * 8)
    assert len(moved) == 2
