"""Mistakes in ``[tool.pytest-antipasta]``: the exact message of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.extension.metrics import judged_metrics
from tests.settings.texts import refuse

KNOWN_KEYS = (
    "paths, include, exclude, languages, notebooks, use_gitignore, thresholds, overrides, "
    "nested, baseline, nested_blocks, on_error, max_file_size_mb, file_timeout, memory_limit_mb, jobs, "
    "cache, cache_dir, cache_max_size_mb, cache_max_age_days, cache_max_entries, cache_eviction, "
    "cache_compression, cache_journal, history_max_size_mb, judge, time_budget, strict_files, "
    "new_waivers, critical_paths, critical_functions, fail_fast, hints, on_internal_error, on_timeout, "
    "unused_suppressions, require_reasons, foreign_suppressions"
)
A_THRESHOLD = (
    'expected a finite number >= 0, {limit = 10, comparison = "<=", level = "error"} or false (no limit)'
)
COMPARISONS = "known: <= < >= > == !="

# Each text is on line 2, below the table's header.
UNKNOWN = [
    ("path", 'did you mean "paths"?'),
    ("use-gitignore", 'did you mean "use_gitignore"?'),
    ("colour", f"expected one of: {KNOWN_KEYS}"),
    ('"a b"', f"expected one of: {KNOWN_KEYS}"),
    ("shared_store", f"expected one of: {KNOWN_KEYS}"),
    ("cyclomatic_complexity", 'put "cyclomatic_complexity" under [tool.pytest-antipasta.thresholds]'),
    ("Cyclomatic_Complexity", 'put "cyclomatic_complexity" under [tool.pytest-antipasta.thresholds]'),
    ("max-complexity", 'put "cyclomatic_complexity" under [tool.pytest-antipasta.thresholds]'),
    ("cyclomatc", 'put "cyclomatic" under [tool.pytest-antipasta.thresholds]'),
    ("returns", 'put "returns" under [tool.pytest-antipasta.thresholds]'),
    ("files", 'put "files" under [[tool.pytest-antipasta.overrides]]'),
    ("level", 'put "level" under [tool.pytest-antipasta.thresholds.METRIC]'),
]
A_GLOB = "a gitignore-style glob"
A_RELATIVE_GLOB = "a glob relative to the root without leading dots"
A_PORTABLE_GLOB = "a glob with / between folders, not \\"
A_LANGUAGE = 'a lizard language, such as "javascript", or "distribution:language"'
A_FUNCTION = 'a name such as "total", "Cart.*", "src/pay/*.py::*", or a decorator such as "@*.route"'
EVICTION = '"least-recently-used" or "least-frequently-used" or "least-recently-stored" or "none"'
# A setting, a wrong value, and what is expected. Where the value is a list, its item is wrong.
VALUES = [
    ("baseline", "false", "a non-empty string"),
    ("cache_dir", '""', "a non-empty string"),
    ("cache_dir", "1979-05-27", "a non-empty string"),
    ("paths", "1", "a list of strings"),
    ("thresholds", "10", "a table"),
    ("overrides", "[1]", "a table"),
    ("paths", '[" "]', "a non-empty string"),
    ("paths", '["\\u0000"]', "a string that is valid in a file name"),
    ("exclude", '["./a"]', A_RELATIVE_GLOB),
    ("exclude", '["!../a"]', A_RELATIVE_GLOB),
    ("exclude", '["!"]', A_GLOB),
    ("exclude", '["a\\\\"]', A_PORTABLE_GLOB),
    ("exclude", '["a\\\\b.py"]', A_PORTABLE_GLOB),
    ("include", '["!a\\\\_b"]', A_PORTABLE_GLOB),
    ("exclude", '["\\\\\\\\a\\\\ü"]', A_PORTABLE_GLOB),
    ("exclude", '["[a-"]', A_GLOB),
    ("exclude", '["[[:alfa:]]"]', A_GLOB),
    ("exclude", '["/"]', A_GLOB),
    ("languages", '["a:"]', A_LANGUAGE),
    *(
        ("critical_functions", f'["{pattern}"]', A_FUNCTION)
        for pattern in ("Cart.total()", "@", "!h", "a.py::@route", "a.py::f()", "src/pay.py")
    ),
    ("require_reasons", '"yes"', "true or false"),
    ("use_gitignore", '"yes"', "true or false"),
    ("nested_blocks", "1", "true or false"),
    ("cache_compression", '"zlib"', "true or false"),
    ("unused_suppressions", '"error"', '"warn" or "fail"'),
    ("on_error", '"ignore"', '"fail" or "warn"'),
    ("on_timeout", "true", '"allow" or "block"'),
    ("judge", '"some"', '"changed" or "all"'),
    ("cache_eviction", '"lru"', EVICTION),
    ("cache_journal", '"memory"', '"auto" or "wal" or "delete"'),
    ("foreign_suppressions", '["pyflakes"]', '"noqa" or "complexipy" or "pylint" or "ruff"'),
    ("file_timeout", "0", "a finite number > 0"),
    ("max_file_size_mb", "0", "a finite number > 0"),
    ("max_file_size_mb", "true", "a finite number > 0"),
    ("cache_max_size_mb", "0", "a finite number > 0"),
    ("cache_max_age_days", '"30"', "a finite number > 0"),
    ("time_budget", "0", "a finite number > 0"),
    ("memory_limit_mb", "63.5", "a finite number >= 64"),
    ("memory_limit_mb", '"500"', "a finite number >= 64"),
    ("jobs", "0", 'a whole number >= 1 or "auto"'),
    ("jobs", "true", 'a whole number >= 1 or "auto"'),
    ("cache_max_entries", "1.5", "a whole number >= 1"),
    ("cache_max_entries", "true", "a whole number >= 1"),
    ("cache_max_entries", "0", "a whole number >= 1"),
]
# What is said in other words, of lists of strings first.
KEYS = [
    *(
        pytest.param(
            f'{name} = "a:x"',
            f'{name}: expected a list of strings, got "a:x"; write ["a:x"]',
            id=f"{name} as one string",
        )
        for name in ("paths", "languages", "foreign_suppressions", "critical_functions")
    ),
    *(
        pytest.param(
            f'paths = ["{path}"]',
            f'paths[0]: expected a path in the project, got "{path}" (the whole file system)',
            id=f"all there is, as {path}",
        )
        for path in ("/", "//", "/usr/..")
    ),
    pytest.param("paths = []", "paths: expected at least one string, got an empty list", id="no paths"),
    pytest.param("include = []", "include: expected at least one string, got an empty list", id="no include"),
    pytest.param('paths = ["a", 1]', "paths[1]: expected a non-empty string, got 1", id="a number in it"),
    pytest.param("exclude = {}", "exclude: expected a list of strings, got a table", id="a table for a list"),
    pytest.param(
        "on_error = []", 'on_error: expected "fail" or "warn", got a list', id="a list for a choice"
    ),
    pytest.param(
        'languages = ["a:sql", "javascrpt"]',
        'languages[1]: unknown language "javascrpt"; did you mean "javascript"?',
        id="a language that lizard has not",
    ),
    pytest.param(
        f"exclude = {['a'] * 10_001}",
        "exclude: expected at most 10000 strings, got 10001",
        id="too many globs",
    ),
    pytest.param(
        f"paths = {['a'] * 1001}", "paths: expected at most 1000 strings, got 1001", id="too many paths"
    ),
    pytest.param(
        "[[tool.pytest-antipasta.overrides]]\n" * 1001,
        "overrides: expected at most 1000 tables, got 1001",
        id="too many overrides",
    ),
    pytest.param(
        f"[[tool.pytest-antipasta.overrides]]\nthresholds.blank_lines = 1\nfiles = {['a'] * 5001}\n" * 2,
        "overrides: expected at most 10000 patterns in all, got 10002",
        id="too many globs in all",
    ),
    pytest.param(
        "overrides = {}",
        "overrides: expected a list of tables, got a table; write [[tool.pytest-antipasta.overrides]]",
        id="one table of overrides",
    ),
    pytest.param(
        f'on_error = "{"a" * 70}"',
        f'on_error: expected "fail" or "warn", got "{"a" * 60}…"',
        id="a long value is cut",
    ),
]

THRESHOLDS = [
    pytest.param("bugs = 1", 'bugs: unknown metric; did you mean "halstead_bugs"?', id="a part of a name"),
    pytest.param(
        "cyclomatc = 1",
        'cyclomatc: unknown metric; did you mean "cyclomatic"?',
        id="a metric's short name, misspelled",
    ),
    pytest.param(
        'exclude = ["a"]',
        'exclude: unknown metric; put "exclude" under [tool.pytest-antipasta]',
        id="a setting one table too low",
    ),
    pytest.param(
        'files = ["a"]',
        'files: unknown metric; put "files" under [[tool.pytest-antipasta.overrides]]',
        id="a key of overrides",
    ),
    pytest.param(
        "mi = 1", f"mi: unknown metric; expected one of: {', '.join(judged_metrics())}", id="an abbreviation"
    ),
    *(
        pytest.param(f"blank_lines = {value}", f"blank_lines: {A_THRESHOLD}, got {shown}", id=shown)
        for value, shown in (
            *((value, value) for value in ("-1", "inf", "nan", "true", '"1"', str(2**63))),
            ("[]", "a list"),
            (f"0x{'f' * 5000}", "a huge number"),
        )
    ),
    pytest.param(
        "blank_lines = {limit = false}",
        "blank_lines.limit: expected a finite number >= 0, got false",
        id="a limit of false",
    ),
    pytest.param(
        'blank_lines = {comparison = "<"}',
        "blank_lines: has no default limit; set one, as in {limit = 10}",
        id="no limit and no default",
    ),
    pytest.param(
        'halstead_effort.comparison = "=<"',
        f'halstead_effort.comparison: unknown comparison "=<"; did you mean "<="? {COMPARISONS}',
        id="a comparison the wrong way round",
    ),
    pytest.param(
        "halstead_effort.comparison = 1",
        f"halstead_effort.comparison: unknown comparison 1; {COMPARISONS}",
        id="a comparison that is none",
    ),
    pytest.param(
        "halstead_effort.limits = 1",
        'halstead_effort.limits: unknown key; did you mean "limit"?',
        id="a key of a threshold nearly right",
    ),
    pytest.param(
        "halstead_effort.block_limit = true",
        "halstead_effort.block_limit: expected a finite number >= 0, got true",
        id="a limit for blocks that is no number",
    ),
    pytest.param(
        "halstead_time = {limit = 1, block_limit = 1}",
        (
            "halstead_time.block_limit: only halstead_volume, halstead_difficulty, halstead_effort can "
            "have a block_limit"
        ),
        id="a limit for blocks of what blocks don't have",
    ),
]


@pytest.mark.parametrize(("key", "step"), UNKNOWN)
def test_an_unknown_key_is_reported_with_what_to_write(tmp_path: Path, key: str, step: str) -> None:
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta]\n{key} = 5")
    assert refused == f"pyproject.toml:2: tool.pytest-antipasta.{key}: unknown key; {step}"


@pytest.mark.parametrize("name", ["limits", "complexity"])
@pytest.mark.parametrize("metric", ["cyclomatic", "lines_of_code"])
def test_limits_in_a_table_of_another_name_belong_to_thresholds(
    tmp_path: Path, name: str, metric: str
) -> None:
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta.{name}]\n{metric} = 5\n")
    place = f"pyproject.toml:1: tool.pytest-antipasta.{name}"
    assert refused == f'{place}: unknown key; did you mean "thresholds"?'


@pytest.mark.parametrize(("key", "value", "expected"), VALUES)
def test_a_wrong_value_is_reported_with_what_is_expected(
    tmp_path: Path, key: str, value: str, expected: str
) -> None:
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta]\n{key} = {value}")
    place, got = (f"{key}[0]", value[1:-1]) if value.startswith("[") else (key, value)
    assert refused == f"pyproject.toml:2: tool.pytest-antipasta.{place}: expected {expected}, got {got}"


@pytest.mark.parametrize(("text", "message"), KEYS)
def test_a_wrong_setting_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta]\n{text}")
    assert refused == f"pyproject.toml:2: tool.pytest-antipasta.{message}"


@pytest.mark.parametrize(("text", "message"), THRESHOLDS)
def test_a_wrong_threshold_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta.thresholds]\n{text}")
    assert refused == f"pyproject.toml:2: tool.pytest-antipasta.thresholds.{message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "", 'overrides[0]: needs "files" or "functions" and "thresholds"', id="an empty override"
        ),
        pytest.param("thresholds = {}", 'overrides[0]: needs "files" or "functions"', id="no files"),
        pytest.param('files = ["a"]', 'overrides[0]: needs "thresholds"', id="no thresholds"),
    ],
)
def test_an_incomplete_override_is_reported_where_it_starts(tmp_path: Path, text: str, message: str) -> None:
    """What is missing has no line of its own."""
    refused = refuse(tmp_path, "pyproject.toml", f"[[tool.pytest-antipasta.overrides]]\n{text}")
    assert refused == f"pyproject.toml:1: tool.pytest-antipasta.{message}"


def test_a_limit_beside_the_limits_of_an_override_belongs_among_them(tmp_path: Path) -> None:
    text = "[[tool.pytest-antipasta.overrides]]\nfiles = ['a']\nthresholds = {}\nlength = 5"
    assert refuse(tmp_path, "pyproject.toml", text) == (
        "pyproject.toml:4: tool.pytest-antipasta.overrides[0].length: unknown key; "
        'put "length" under [tool.pytest-antipasta.overrides.thresholds]'
    )


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        pytest.param(
            "maintainability = 50",
            "limits files, and `functions` selects functions; use an override with `files`",
            id="of files alone",
        ),
        pytest.param(
            "volume = 50",
            "limits files, and `functions` selects functions; set its block_limit",
            id="of files, if no limit of functions is set",
        ),
        pytest.param('volume = "low"', f'{A_THRESHOLD}, got "low"', id="one mistake, one message"),
    ],
)
def test_a_limit_of_files_for_functions_is_reported_as_it_is_named(
    tmp_path: Path, limit: str, message: str
) -> None:
    header = '[[tool.pytest-antipasta.overrides]]\nfunctions = ["f"]\nthresholds.'
    place = "pyproject.toml:3: tool.pytest-antipasta.overrides[0].thresholds."
    refused = refuse(tmp_path, "pyproject.toml", header + limit)
    assert refused == f"{place}{limit.partition(' ')[0]}: {message}"


def test_every_problem_is_reported_in_the_order_of_the_file(tmp_path: Path) -> None:
    """One run of corrections is enough."""
    text = """\
        [project]
        name = "a"  # [tool.pytest-antipasta]

        [[tool.pytest-antipasta.overrides]]
        files = []
        thresholds = {}

        [[tool.pytest-antipasta.overrides]]
        files = ["a", "./b"]
        [tool.pytest-antipasta.overrides.thresholds]
        cognitive_complexity = "low"
        blank_lines.comparison = "<"

        [tool.pytest-antipasta]
        pathes = 1
        on_error = "fale"
        """
    overrides = "tool.pytest-antipasta.overrides"
    assert refuse(tmp_path, "pyproject.toml", text).splitlines() == [
        f"pyproject.toml:5: {overrides}[0].files: expected at least one string, got an empty list",
        f"pyproject.toml:9: {overrides}[1].files[1]: expected a glob relative to the root "
        'without leading dots, got "./b"',
        f'pyproject.toml:11: {overrides}[1].thresholds.cognitive_complexity: {A_THRESHOLD}, got "low"',
        (
            f"pyproject.toml:12: {overrides}[1].thresholds.blank_lines: has no default limit; set one, as "
            "in {limit = 10}"
        ),
        'pyproject.toml:15: tool.pytest-antipasta.pathes: unknown key; did you mean "paths"?',
        'pyproject.toml:16: tool.pytest-antipasta.on_error: expected "fail" or "warn", got "fale"',
    ]


@pytest.mark.parametrize("names", [("volume", "halstead_volume"), ("halstead_volume", "volume")])
def test_a_metric_has_one_limit(tmp_path: Path, names: tuple[str, str]) -> None:
    first, second = names
    text = f"[tool.pytest-antipasta.thresholds]\n{first} = 1\n{second} = 1"
    assert refuse(tmp_path, "pyproject.toml", text) == (
        f'pyproject.toml:3: tool.pytest-antipasta.thresholds.{second}: the same metric as "{first}"; '
        "remove one of them"
    )


def test_a_metric_that_is_off_has_no_limit_for_an_override_to_start_from(tmp_path: Path) -> None:
    """Its default is not in force, so it is not taken."""
    text = """\
        [tool.pytest-antipasta.thresholds]
        halstead_effort = false
        [[tool.pytest-antipasta.overrides]]
        files = ["a"]
        thresholds.halstead_effort.block_limit = 1
        """
    assert refuse(tmp_path, "pyproject.toml", text) == (
        "pyproject.toml:5: tool.pytest-antipasta.overrides[0].thresholds.halstead_effort: has no "
        "default limit; set one, as in {limit = 10}"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[tool]\npytest-antipasta = 1",
            "a.toml:2: tool.pytest-antipasta: expected a table, got 1",
            id="a number for our table",
        ),
        *(
            pytest.param(text, "a.toml: has no table [tool.pytest-antipasta]", id=text)
            for text in ('[project]\nname = "pytest-antipasta"', 'tool = "pytest-antipasta"', "")
        ),
        pytest.param(
            "[tool.pytest-antipasta]\npaths = \n",
            "a.toml:2:9: not valid TOML: Invalid value",
            id="a key without a value",
        ),
        pytest.param(
            "[tool.pytest-antipasta]\npaths = [",
            "a.toml: not valid TOML: Invalid value (at end of document)",
            id="a list without an end",
        ),
        pytest.param(
            f"[tool.pytest-antipasta]\na = {'[' * 9000}",
            "a.toml: not valid TOML: nested too deeply",
            id="deep nesting",
        ),
        pytest.param(
            "[tool.pytest-antipasta]\n" + ".".join(["a", '"b"', "'c'"] * 400) + " = 1",
            "a.toml:2: keys with more than 100 parts are not supported",
            id="a key of a thousand parts",
        ),
    ],
)
def test_a_file_without_a_readable_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """A syntax error has a column too."""
    assert refuse(tmp_path, "a.toml", text) == message


def test_a_number_too_long_to_read_is_a_syntax_error(tmp_path: Path) -> None:
    """Python refuses to read it; where it does not, it is no limit."""
    refused = refuse(tmp_path, "a.toml", f"[tool.pytest-antipasta.thresholds]\nblank_lines = 1{'0' * 5000}")
    assert refused.startswith(("a.toml: not valid TOML: Exceeds the limit", "a.toml:2: "))
    assert "set_int_max_str_digits" not in refused


def test_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    """A line that was read as Latin-1 would be a wrong name."""
    refused = refuse(tmp_path, "a.toml", b'[tool.pytest-antipasta]\npaths = ["caf\xe9"]\n')
    assert refused == "a.toml:2: not UTF-8 (byte 0xe9); save the file as UTF-8"
