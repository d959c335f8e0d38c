"""What one comment says, and what is told of one that says it wrong."""

from __future__ import annotations

import pytest

from pytest_antipasta.model.judged import Comparison, SuppressedMetric
from pytest_antipasta.model.measured import BLOCK_METRICS, Comment, CommentPlace, Number
from pytest_antipasta.policy.suppressions.directives import parse_comment

OF_RUFF = "parameters positional_parameters branches returns statements mccabe_complexity boolean_expressions"
OF_MCCABE = "cyclomatic_complexity mccabe_complexity"
METRICS = ", ".join((*BLOCK_METRICS, "crap"))


def at_function(text: str, place: CommentPlace = "signature") -> Comment:
    """Return a comment at a function."""
    return Comment(3, 8, text, place, "f")


def own_line(text: str, column: int = 0) -> Comment:
    """Return a comment on a line of its own."""
    return Comment(3, column, text, "own line", None)


def item(
    metric: str, comparison: Comparison | None = None, ceiling: Number | None = None
) -> SuppressedMetric:
    """Return what is said of one metric."""
    return SuppressedMetric(metric, comparison, ceiling)


CYCLOMATIC, COGNITIVE = item("cyclomatic_complexity"), item("cognitive_complexity")


@pytest.mark.parametrize(
    ("text", "items", "reason"),
    [
        pytest.param("# antipasta: ignore", (SuppressedMetric(None),), None, id="all metrics"),
        pytest.param("#antipasta:ignore", (SuppressedMetric(None),), None, id="without spaces"),
        pytest.param("# ANTIPASTA: Ignore", (SuppressedMetric(None),), None, id="in any case"),
        pytest.param(
            "# antipasta: ignore it is generated", (SuppressedMetric(None),), "it is generated", id="a reason"
        ),
        pytest.param(
            "# antipasta: ignore - generated", (SuppressedMetric(None),), "generated", id="a dash before it"
        ),
        pytest.param(
            "# antipasta: ignore: generated", (SuppressedMetric(None),), "generated", id="a colon before it"
        ),
        pytest.param(
            "# antipasta: ignore (see #12)",
            (SuppressedMetric(None),),
            "(see #12)",
            id="an issue's number in it",
        ),
        pytest.param(
            "# antipasta: ignore old # noqa: F811",
            (SuppressedMetric(None),),
            "old",
            id="another comment behind",
        ),
        pytest.param(
            "# antipasta: ignore  # old", (SuppressedMetric(None),), None, id="a comment behind is no reason"
        ),
        pytest.param(
            "# antipasta: ignore REASON", (SuppressedMetric(None),), None, id="a placeholder is no reason"
        ),
        pytest.param("# antipasta: ignore[cyclomatic_complexity]", (CYCLOMATIC,), None, id="a metric"),
        pytest.param("# antipasta: ignore[cyclomatic]", (CYCLOMATIC,), None, id="its short name"),
        pytest.param(
            "# antipasta: ignore[cognitive<=14, volume<=3]",
            (item("cognitive_complexity", "<=", 14), item("halstead_volume", "<=", 3)),
            None,
            id="short names with ceilings",
        ),
        pytest.param(
            "# antipasta: ignore [ cyclomatic_complexity ,cognitive_complexity ] generated",
            (CYCLOMATIC, COGNITIVE),
            "generated",
            id="two, with spaces, and a reason",
        ),
        pytest.param(
            "# antipasta: ignore[cyclomatic_complexity<=14, cognitive_complexity]",
            (item("cyclomatic_complexity", "<=", 14), COGNITIVE),
            None,
            id="a ceiling for one of them",
        ),
        pytest.param(
            "# antipasta: ignore[cyclomatic_complexity < 15]",
            (item("cyclomatic_complexity", "<", 15),),
            None,
            id="a strict ceiling, with spaces",
        ),
        pytest.param(
            "# antipasta: ignore[halstead_volume<=1200.5]",
            (item("halstead_volume", "<=", 1200.5),),
            None,
            id="a ceiling with decimals",
        ),
    ],
)
def test_of_a_block(text: str, items: tuple[SuppressedMetric, ...], reason: str | None) -> None:
    directive = parse_comment(at_function(text))
    assert (directive.tool, directive.is_for_file, directive.problems) == ("antipasta", False, ())
    assert (directive.items, directive.reason) == (items, reason)
    assert [type(one.ceiling) for one in directive.items] == [type(one.ceiling) for one in items]


@pytest.mark.parametrize(
    ("text", "items", "reason"),
    [
        ("# antipasta: ignore-file", (SuppressedMetric(None),), None),
        ("# antipasta: ignore-file[maintainability_index>=40] old", (
            item("maintainability_index", ">=", 40),), "old"),
        ("# antipasta: ignore-file[cyclomatic_complexity<=20]", (
            item("cyclomatic_complexity", "<=", 20),), None),
    ],
)  # fmt: skip
def test_of_a_file(text: str, items: tuple[SuppressedMetric, ...], reason: str | None) -> None:
    for comment in (own_line(text), Comment(3, 0, text, "above", "f")):
        directive = parse_comment(comment)
        assert (directive.tool, directive.is_for_file, directive.problems) == ("antipasta", True, ())
        assert (directive.items, directive.reason) == (items, reason)


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        pytest.param(
            at_function("# antipasta:"),
            'nothing follows "antipasta:"; expected one of: ignore, ignore-file',
            id="nothing",
        ),
        pytest.param(
            at_function("# antipasta: ignored"), 'unknown word "ignored"; did you mean "ignore"?', id="a slip"
        ),
        pytest.param(
            own_line("# antipasta: ignore_file"),
            'unknown word "ignore_file"; did you mean "ignore-file"?',
            id="an underscore",
        ),
        pytest.param(
            at_function("# antipasta: recipe for two"),
            'unknown word "recipe"; expected one of: ignore, ignore-file',
            id="another word",
        ),
        pytest.param(
            at_function("# pytest-antipasta: ignore"),
            'unknown name "pytest-antipasta"; write "antipasta:"',
            id="another name",
        ),
        pytest.param(
            at_function("# antipasta: ignore[cyclomatic_complexity old"),
            'missing "]" after the list of metrics',
            id="no bracket at the end",
        ),
        *(
            pytest.param(
                at_function(f"# antipasta: ignore{text}"),
                "put metrics in brackets: ignore[cyclomatic_complexity<=14]",
                id=f"another bracket, or none: {text}",
            )
            for text in (
                "(cyclomatic_complexity<=5)",
                " cyclomatic<=5",
                " cyclomatic_complexity<=5",
                ": halstead_volume",
            )
        ),
        pytest.param(
            at_function("# antipasta: ignore[]"),
            "the list of metrics has an empty entry; to name all metrics, omit the list",
            id="an empty list",
        ),
        *(
            pytest.param(
                at_function(f"# antipasta: ignore[{name}]"), f'unknown metric "{name}"; {step}', id=name
            )
            for name, step in (
                ("cyclomatic_", 'did you mean "cyclomatic"?'),
                ("Cognitive-Complexity", 'did you mean "cognitive_complexity"?'),
                ("C901", f"expected one of: {METRICS}"),
            )
        ),
        pytest.param(
            at_function("# antipasta: ignore[maintainability_index]"),
            "maintainability_index is a file metric; write ignore-file[maintainability_index]",
            id="a number of the file",
        ),
        *(
            pytest.param(
                at_function(f"# antipasta: ignore[cyclomatic{operator}14]"),
                f'"{operator}" is not a valid operator in "cyclomatic{operator}14"; '
                "expected one of <= < >= >",
                id=operator,
            )
            for operator in ("=", "==", "\N{LESS-THAN OR EQUAL TO}")
        ),
        *(
            pytest.param(
                at_function(f"# antipasta: ignore[cyclomatic<={ceiling}]"),
                f'the ceiling in "cyclomatic<={ceiling}" is not a number >= 0',
                id=f"the ceiling {ceiling[:9]}",
            )
            for ceiling in ("", "many", "-3", "inf", "9" * 400)
        ),
        pytest.param(
            at_function("# antipasta: ignore[cyclomatic_complexity 14]"),
            (
                'can\'t parse "cyclomatic_complexity 14"; write a metric name, optionally with a ceiling, '
                "as in metric<=14"
            ),
            id="no sign",
        ),
        pytest.param(
            own_line("# antipasta: ignore"),
            "not at a function or class; put it on its line or the line above, or write ignore-file",
            id="a block's comment elsewhere",
        ),
        pytest.param(
            at_function("# antipasta: ignore-file"),
            "ignore-file must be on its own line, starting in the first column",
            id="a file's comment behind code",
        ),
        pytest.param(
            own_line("# antipasta: ignore-file", column=4),
            "ignore-file must be on its own line, starting in the first column",
            id="a file's comment further in",
        ),
    ],
)
def test_an_error_is_reported_and_not_followed(comment: Comment, problem: str) -> None:
    directive = parse_comment(comment)
    assert (directive.items, directive.problems) == ((), (problem,))


def test_what_is_right_in_a_list_is_followed() -> None:
    text = "# antipasta: ignore[cyclomatc, cognitive_complexity<=20, cognitive,]"
    directive = parse_comment(at_function(text))
    assert directive.items == (item("cognitive_complexity", "<=", 20),)
    assert directive.problems == (
        'unknown metric "cyclomatc"; did you mean "cyclomatic"?',
        "cognitive_complexity is listed twice; the first one is used",
        "the list of metrics has an empty entry; to name all metrics, omit the list",
    )


@pytest.mark.parametrize(
    ("text", "tool", "is_for_file", "found", "reason"),
    [
        ("# noqa", "noqa", False, "cyclomatic_complexity " + OF_RUFF, None),
        ("# noqa: F811, C901 - old parser", "noqa", False, OF_MCCABE, "old parser"),
        ("# noqa: C901  # old parser", "noqa", False, OF_MCCABE, "old parser"),
        ("# ruff: noqa: C901", "noqa", True, OF_MCCABE, None),
        ("# flake8: noqa", "noqa", True, "cyclomatic_complexity " + OF_RUFF, None),
        ("# noqa: PLR0913, E501, plr0912 - many", "noqa", False, "parameters branches", "many"),
        ("# noqa: PLR09", "noqa", False, OF_RUFF.replace(" mccabe_complexity", ""), None),
        ("# pylint: disable=too-many-arguments", "pylint", False, "parameters", None),
        ("#pylint:disable = a-b , R0912,too-complex", "pylint", False, "branches mccabe_complexity", None),
        ("# pylint: disable=too-many-statements  # old", "pylint", False, "statements", "old"),
        ("# complexipy: ignore (old parser)", "complexipy", False, "cognitive_complexity", "(old parser)"),
        ("# noqa: complexipy", "complexipy", False, "cognitive_complexity", None),
    ],
)
def test_of_other_tools(text: str, tool: str, is_for_file: bool, found: str, reason: str | None) -> None:
    items = tuple(map(SuppressedMetric, found.split()))
    assert parse_comment(at_function(text)) == (tool, is_for_file, items, reason, (), False)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# antipasta ignore", id="no colon"),
        pytest.param("#antipasta ignore[cyclomatic_complexity<=14] a parser", id="no colon, and no space"),
        pytest.param("# antipasta-ignore: a parser", id="a dash for the colon"),
        pytest.param("# anti-pasta: ignore", id="two words"),
        pytest.param("# antipasto: ignore[cyclomatic_complexity]", id="another letter"),
        pytest.param("# antpasta ignore", id="a letter short in the middle"),
        pytest.param("# Pytest-Antipasta ignore-file", id="the other name, for a file"),
        pytest.param("# noqa: antipasta", id="as for flake8"),
    ],
)
def test_a_typing_error_is_reported(text: str) -> None:
    for comment in (at_function(text), own_line(text)):
        directive = parse_comment(comment)
        assert (directive.tool, directive.items, directive.is_for_file) == ("antipasta", (), False)
        assert directive.problems == ('looks like an antipasta comment; write "antipasta: ignore"',)
