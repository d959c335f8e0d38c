"""Mistakes in ``.antipasta.yaml``: the exact message of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.extension.metrics import judged_metrics
from tests.settings.texts import refuse

KNOWN_KEYS = (
    "defaults, languages, ignore_patterns, use_gitignore, cache, profile, tree_shape, import_graph, "
    "narrative, duplication"
)
COMPARISONS = "known: <= < >= > == !="


def _metric(text: str) -> str:
    return f"languages:\n- name: python\n  metrics:\n  - {text}"


VALUES = [
    pytest.param(
        "\nuse_git_ignore: true",
        '2: use_git_ignore: unknown key; did you mean "use_gitignore"?',
        id="an unknown key",
    ),
    pytest.param("1: a", f"1: 1: unknown key; expected one of: {KNOWN_KEYS}", id="a key that is no text"),
    pytest.param(
        "yes: a", f": True: unknown key; expected one of: {KNOWN_KEYS}", id="a key that YAML rewrites"
    ),
    pytest.param(
        "cache: false",
        "1: cache: expected a table, as in {enabled: false}, got false",
        id="no table for the cache",
    ),
    pytest.param(
        "cache:\n  max_size_mb: 0",
        "2: cache.max_size_mb: expected a finite number > 0, got 0",
        id="a wrong value of the cache",
    ),
    pytest.param("- a", ": expected a table, got a list", id="a list for a file"),
    pytest.param(
        "defaults:", "1: defaults: expected a table, got nothing", id="no defaults behind the colon"
    ),
    pytest.param(
        "defaults:\n  max_cyclomatic: 3",
        '2: defaults.max_cyclomatic: unknown key; did you mean "max_cyclomatic_complexity"?',
        id="an unknown default",
    ),
    pytest.param(
        "defaults:\n  max_cyclomatic_complexity: low",
        '2: defaults.max_cyclomatic_complexity: expected a finite number >= 0, got "low"',
        id="a text for a number",
    ),
    pytest.param(
        "defaults: {max_cyclomatic_complexity: -1}",
        "1: defaults.max_cyclomatic_complexity: expected a finite number >= 0, got -1",
        id="a negative limit",
    ),
    pytest.param(
        "defaults: {max_cyclomatic_complexity: .inf}",
        "1: defaults.max_cyclomatic_complexity: expected a finite number >= 0, got inf",
        id="an infinite limit",
    ),
    pytest.param(
        "defaults: {max_cyclomatic_complexity: 1, max_cyclomatic_complexity: []}",
        "1: defaults.max_cyclomatic_complexity: expected a finite number >= 0, got a list",
        id="of two equal keys the second counts",
    ),
    pytest.param(
        "languages: {}", "1: languages: expected a list of tables, got a table", id="one table of languages"
    ),
    pytest.param(
        "languages:\n- python", '2: languages[0]: expected a table, got "python"', id="a name for a language"
    ),
    pytest.param("languages:\n- {}", '2: languages[0]: needs "name"', id="a language without a name"),
    pytest.param(
        "languages:\n- name: 3",
        "2: languages[0].name: expected a non-empty string, got 3",
        id="a number for a name",
    ),
    pytest.param(
        "languages:\n- name: python", '2: languages[0]: needs "metrics"', id="python without metrics"
    ),
    pytest.param(
        "languages: [{name: python, metrics: {}}]",
        "1: languages[0].metrics: expected a list of tables, got a table",
        id="one table of metrics",
    ),
    pytest.param(
        "languages: [{name: python, metric: [], metrics: []}]",
        '1: languages[0].metric: unknown key; did you mean "metrics"?',
        id="an unknown key of a language",
    ),
    pytest.param(
        _metric("a"), '4: languages[0].metrics[0]: expected a table, got "a"', id="a text for a metric"
    ),
    pytest.param(
        _metric("{}"), '4: languages[0].metrics[0]: needs "type" and "threshold"', id="an empty metric"
    ),
    pytest.param(
        _metric("{type: blank_lines, enabled: false}"),
        '4: languages[0].metrics[0]: needs "threshold"',
        id="a metric without a threshold",
    ),
    pytest.param(
        _metric("{type: cyclomatic, threshold: 1}"),
        '4: languages[0].metrics[0].type: unknown metric "cyclomatic"; did you mean "cyclomatic_complexity"?',
        id="an unknown metric",
    ),
    pytest.param(
        _metric("{type: 3, threshold: 1}"),
        f"4: languages[0].metrics[0].type: unknown metric 3; expected one of: {', '.join(judged_metrics())}",
        id="a number for a metric's name",
    ),
    pytest.param(
        _metric("{type: blank_lines, threshold: true}"),
        "4: languages[0].metrics[0].threshold: expected a finite number >= 0, got true",
        id="true for a limit",
    ),
    pytest.param(
        _metric("{type: blank_lines, threshold: -1, enabled: false}"),
        "4: languages[0].metrics[0].threshold: expected a finite number >= 0, got -1",
        id="a wrong limit of a metric that is off",
    ),
    pytest.param(
        _metric('{type: blank_lines, threshold: 1, comparison: "=>"}'),
        f'4: languages[0].metrics[0].comparison: unknown comparison "=>"; did you mean ">="? {COMPARISONS}',
        id="an unknown comparison",
    ),
    pytest.param(
        _metric("{type: blank_lines, threshold: 1, enabled: maybe}"),
        '4: languages[0].metrics[0].enabled: expected true or false, got "maybe"',
        id="neither on nor off",
    ),
    pytest.param(
        _metric("{type: blank_lines, threshold: 1, limit: 1}"),
        "4: languages[0].metrics[0].limit: unknown key; "
        "expected one of: type, threshold, comparison, enabled",
        id="an unknown key of a metric",
    ),
    pytest.param(
        "ignore_patterns: tests/",
        '1: ignore_patterns: expected a list of strings, got "tests/"; write ["tests/"]',
        id="a lone pattern",
    ),
    pytest.param(
        "ignore_patterns:\n- a\n- '!'",
        '3: ignore_patterns[1]: expected a gitignore-style glob, got "!"',
        id="a pattern that is none",
    ),
    pytest.param(
        'ignore_patterns:\n- "a\\ud800"',
        '2: ignore_patterns[0]: expected a string that is valid in a file name, got "a\\\\ud800"',
        id="half of a surrogate pair",
    ),
    pytest.param(
        "use_gitignore: maybe",
        '1: use_gitignore: expected true or false, got "maybe"',
        id="a text for a truth value",
    ),
]

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
    pytest.param("a: 2020-13-45", ": not valid YAML: month must be in 1..12", id="a date that is none"),
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


@pytest.mark.parametrize(("text", "message"), VALUES + SYNTAX)
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
