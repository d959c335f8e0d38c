"""Mistakes in ``.antipasta.yaml``: the exact message of each."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_antipasta.extension.metrics import judged_metrics
from tests.settings.texts import refuse

KNOWN_KEYS = (
    "defaults, languages, ignore_patterns, use_gitignore, cache, profile, tree_shape, import_graph, "
    "narrative, duplication"
)
COMPARISONS = "known: <= < >= > == !="
LIMIT, METRIC = "defaults.max_cyclomatic_complexity", "languages[0].metrics[0]"


def _metric(text: str) -> str:
    return f"languages:\n- name: python\n  metrics:\n  - {text}"


A_LIMIT, A_TABLE, A_LIST = "a finite number >= 0", "a table", "a list of tables"
# A text, the key that has a wrong value, what is expected of it, and what is there.
VALUES = [
    ("- a", "", A_TABLE, "a list"),
    ("cache: false", "1: cache", "a table, as in {enabled: false}", "false"),
    ("cache:\n  max_size_mb: 0", "2: cache.max_size_mb", "a finite number > 0", "0"),
    ("defaults:", "1: defaults", A_TABLE, "nothing"),
    ("defaults:\n  max_cyclomatic_complexity: low", f"2: {LIMIT}", A_LIMIT, '"low"'),
    ("defaults: {max_cyclomatic_complexity: -1}", f"1: {LIMIT}", A_LIMIT, "-1"),
    ("defaults: {max_cyclomatic_complexity: .inf}", f"1: {LIMIT}", A_LIMIT, "inf"),
    # Of two equal keys the second counts.
    (
        "defaults: {max_cyclomatic_complexity: 1, max_cyclomatic_complexity: []}",
        f"1: {LIMIT}",
        A_LIMIT,
        "a list",
    ),
    ("languages: {}", "1: languages", A_LIST, "a table"),
    ("languages:\n- python", "2: languages[0]", A_TABLE, '"python"'),
    ("languages:\n- name: 3", "2: languages[0].name", "a non-empty string", "3"),
    ("languages: [{name: python, metrics: {}}]", "1: languages[0].metrics", A_LIST, "a table"),
    (_metric("a"), f"4: {METRIC}", A_TABLE, '"a"'),
    (_metric("{type: blank_lines, threshold: true}"), f"4: {METRIC}.threshold", A_LIMIT, "true"),
    # Also of a metric that is off.
    (_metric("{type: blank_lines, threshold: -1, enabled: false}"), f"4: {METRIC}.threshold", A_LIMIT, "-1"),
    (
        _metric("{type: blank_lines, threshold: 1, enabled: maybe}"),
        f"4: {METRIC}.enabled",
        "true or false",
        '"maybe"',
    ),
    ("ignore_patterns:\n- a\n- '!'", "3: ignore_patterns[1]", "a gitignore-style glob", '"!"'),
    (
        'ignore_patterns:\n- "a\\ud800"',
        "2: ignore_patterns[0]",
        "a string that is valid in a file name",
        '"a\\\\ud800"',
    ),
    ("use_gitignore: maybe", "1: use_gitignore", "true or false", '"maybe"'),
]
KEYS = [
    ("\nuse_git_ignore: true", '2: use_git_ignore: unknown key; did you mean "use_gitignore"?'),
    ("\nexclude: [a.py]", '2: exclude: unknown key; did you mean "ignore_patterns"?'),
    (
        "\nnotebooks: true",
        "2: notebooks: unknown key; put it under [tool.pytest-antipasta] "
        "in pyproject.toml, which is read instead of this file",
    ),
    ("1: a", f"1: 1: unknown key; expected one of: {KNOWN_KEYS}"),
    ("yes: a", f": True: unknown key; expected one of: {KNOWN_KEYS}"),  # as YAML rewrites it
    (
        "defaults:\n  max_cyclomatic: 3",
        '2: defaults.max_cyclomatic: unknown key; did you mean "max_cyclomatic_complexity"?',
    ),
    (
        "languages: [{name: python, metric: [], metrics: []}]",
        '1: languages[0].metric: unknown key; did you mean "metrics"?',
    ),
    (
        _metric("{type: blank_lines, threshold: 1, limit: 1}"),
        f"4: {METRIC}.limit: unknown key; expected one of: type, threshold, comparison, enabled",
    ),
    ("languages:\n- {}", '2: languages[0]: needs "name"'),
    ("languages:\n- name: python", '2: languages[0]: needs "metrics"'),
    (_metric("{}"), f'4: {METRIC}: needs "type" and "threshold"'),
    (_metric("{type: blank_lines, enabled: false}"), f'4: {METRIC}: needs "threshold"'),
    (
        _metric("{type: cyclomatic, threshold: 1}"),
        f'4: {METRIC}.type: unknown metric "cyclomatic"; did you mean "cyclomatic_complexity"?',
    ),
    (
        _metric("{type: 3, threshold: 1}"),
        f"4: {METRIC}.type: unknown metric 3; expected one of: {', '.join(judged_metrics())}",
    ),
    (
        _metric('{type: blank_lines, threshold: 1, comparison: "=>"}'),
        f'4: {METRIC}.comparison: unknown comparison "=>"; did you mean ">="? {COMPARISONS}',
    ),
    (
        "ignore_patterns: tests/",
        '1: ignore_patterns: expected a list of strings, got "tests/"; write ["tests/"]',
    ),
]

NO_DATE = "month must be in 1..12" + (", not 13" if sys.version_info >= (3, 14) else "")
SYNTAX = [
    pytest.param(
        "a: [", "1:5: not valid YAML: expected the node content, but found '<stream end>'", id="no end"
    ),
    pytest.param(
        "comparison: >=",
        "1:14: not valid YAML: expected chomping or indentation indicators, but found '='; "
        'write comparisons in quotes, as in ">="',
        id="a bare comparison",
    ),
    pytest.param(
        "a: !!python/name:os.system",
        "1:4: not valid YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/name:os.system'",
        id="nothing is run",
    ),
    pytest.param("? [a]\n: b", "1:3: not valid YAML: found unhashable key", id="a list for a key"),
    pytest.param("a: 2020-13-45", f": not valid YAML: {NO_DATE}", id="a date that is none"),
    pytest.param(
        "a: \x01",
        ": not valid YAML: unacceptable character #x0001: special characters are not allowed",
        id="a control",
    ),
    pytest.param("--- {}\n--- {}", "2:1: not valid YAML: but found another document", id="two documents"),
    pytest.param("[" * 1000, ": not valid YAML: nested too deeply", id="deep nesting"),
    pytest.param(
        # PyYAML 6.0.4 merges each entry once, older versions as often as it is named.
        f"a: &a {{{', '.join(f'k{n}: 1' for n in range(40))}}}\nb: {{<<: [{'*a, ' * 26}]}}\n",
        '1:4: not valid YAML: merge keys ("<<") add more than 1,000 entries',
        id="merges of many entries",
    ),
    pytest.param(b"a: b\nc: \xe9", "2: not UTF-8 (byte 0xe9); save the file as UTF-8", id="another encoding"),
]


@pytest.mark.parametrize(("text", "key", "expected", "got"), VALUES)
def test_a_wrong_value_is_reported_with_what_is_expected(
    tmp_path: Path, text: str, key: str, expected: str, got: str
) -> None:
    refused = refuse(tmp_path, ".antipasta.yaml", text)
    assert refused == f".antipasta.yaml{key and f':{key}'}: expected {expected}, got {got}"


@pytest.mark.parametrize(("text", "message"), [*KEYS, *SYNTAX])
def test_an_error_is_reported_with_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    """The line is left out where it is not certain."""
    expected = ".antipasta.yaml" + (message if message.startswith(":") else f":{message}")
    assert refuse(tmp_path, ".antipasta.yaml", text) == expected


def test_every_problem_is_reported_in_the_order_of_the_file(tmp_path: Path) -> None:
    """A merged key is told where it is written, for each place that it is merged into."""
    text = """\
        use_gitignore: 3
        languages:
        - name: python
          metrics:
          - &metric
            type: blank
            threshold: 1
          - {<<: *metric, threshold: low}
        defaults: 1
        """
    unknown = 'unknown metric "blank"; did you mean "blank_lines"?'
    assert refuse(tmp_path, ".antipasta.yaml", text).splitlines() == [
        ".antipasta.yaml:1: use_gitignore: expected true or false, got 3",
        f".antipasta.yaml:6: languages[0].metrics[0].type: {unknown}",
        f".antipasta.yaml:6: languages[0].metrics[1].type: {unknown}",
        ".antipasta.yaml:9: defaults: expected a table, got 1",
    ]


def test_an_alias_inside_itself_is_harmless(tmp_path: Path) -> None:
    """It is not walked through."""
    refused = refuse(tmp_path, ".antipasta.yaml", "defaults: &a [*a]")
    assert refused == ".antipasta.yaml:1: defaults: expected a table, got a list"
