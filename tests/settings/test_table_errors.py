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
KEYS = [
    pytest.param('path = ["a"]', 'path: unknown key; did you mean "paths"?', id="a key nearly right"),
    pytest.param(
        "use-gitignore = 1", 'use-gitignore: unknown key; did you mean "use_gitignore"?', id="a hyphen"
    ),
    *(
        pytest.param(
            f"{name} = 5",
            f'{name}: unknown key; put "cyclomatic_complexity" under [tool.pytest-antipasta.thresholds]',
            id=f"{name} one table too high",
        )
        for name in ("cyclomatic_complexity", "Cyclomatic_Complexity", "max-complexity")
    ),
    pytest.param(
        "cyclomatc = 5",
        'cyclomatc: unknown key; put "cyclomatic" under [tool.pytest-antipasta.thresholds]',
        id="a short name one table too high",
    ),
    pytest.param(
        "returns = 5",
        'returns: unknown key; put "returns" under [tool.pytest-antipasta.thresholds]',
        id="a metric without a default limit one table too high",
    ),
    pytest.param(
        'files = ["a"]',
        'files: unknown key; put "files" under [[tool.pytest-antipasta.overrides]]',
        id="a key of overrides",
    ),
    pytest.param(
        'level = "error"',
        'level: unknown key; put "level" under [tool.pytest-antipasta.thresholds.METRIC]',
        id="a key of a limit",
    ),
    pytest.param(
        'colour = "a"', f"colour: unknown key; expected one of: {KNOWN_KEYS}", id="a key like no other"
    ),
    pytest.param('"a b" = 1', f'"a b": unknown key; expected one of: {KNOWN_KEYS}', id="a quoted key"),
    pytest.param(
        'paths = "a"', 'paths: expected a list of strings, got "a"; write ["a"]', id="a lone string"
    ),
    pytest.param("baseline = false", "baseline: expected a non-empty string, got false", id="no baseline"),
    pytest.param("paths = 1", "paths: expected a list of strings, got 1", id="a number for a list"),
    pytest.param("paths = []", "paths: expected at least one string, got an empty list", id="no paths"),
    pytest.param('paths = ["a", 1]', "paths[1]: expected a non-empty string, got 1", id="a number in it"),
    pytest.param('paths = [" "]', 'paths[0]: expected a non-empty string, got " "', id="a blank path"),
    pytest.param(
        'paths = ["\\u0000"]',
        'paths[0]: expected a string that is valid in a file name, got "\\u0000"',
        id="a null character",
    ),
    *(
        pytest.param(
            f'paths = ["{path}"]',
            f'paths[0]: expected a path in the project, got "{path}" (the whole file system)',
            id=f"all there is, as {path}",
        )
        for path in ("/", "//", "/usr/..")
    ),
    pytest.param(
        "shared_store = 1",
        f"shared_store: unknown key; expected one of: {KNOWN_KEYS}",
        id="a key far from any",
    ),
    pytest.param(
        'granularity = "directory"',
        'granularity: expected "file", got "directory": each file is a pytest item; remove this key, and '
        "run `pytest-antipasta check` instead of pytest if so many items take too long",
        id="folders as items",
    ),
    pytest.param("include = []", "include: expected at least one string, got an empty list", id="no include"),
    pytest.param("exclude = {}", "exclude: expected a list of strings, got a table", id="a table for a list"),
    pytest.param(
        'exclude = ["./a"]',
        'exclude[0]: expected a glob relative to the root without leading dots, got "./a"',
        id="a glob that can't match",
    ),
    pytest.param(
        'exclude = ["!../a"]',
        'exclude[0]: expected a glob relative to the root without leading dots, got "!../a"',
        id="a glob above the root",
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
    pytest.param("exclude = ['!']", 'exclude[0]: expected a gitignore-style glob, got "!"', id="a lone !"),
    pytest.param(
        "exclude = ['a\\']",
        'exclude[0]: expected a gitignore-style glob, got "a\\\\"',
        id="a lone backslash",
    ),
    pytest.param(
        "exclude = ['[a-']",
        'exclude[0]: expected a gitignore-style glob, got "[a-"',
        id="half of a set",
    ),
    pytest.param(
        "exclude = ['[[:alfa:]]']",
        'exclude[0]: expected a gitignore-style glob, got "[[:alfa:]]"',
        id="a POSIX class that is not known",
    ),
    pytest.param(
        "exclude = ['/']", 'exclude[0]: expected a gitignore-style glob, got "/"', id="a lone slash"
    ),
    pytest.param(
        'languages = "a:sql"',
        'languages: expected a list of strings, got "a:sql"; write ["a:sql"]',
        id="a lone language",
    ),
    pytest.param(
        'languages = ["a:sql", "javascrpt"]',
        'languages[1]: unknown language "javascrpt"; did you mean "javascript"?',
        id="a language that lizard has not",
    ),
    pytest.param(
        'languages = ["a:"]',
        (
            'languages[0]: expected a lizard language, such as "javascript", or "distribution:language", '
            'got "a:"'
        ),
        id="a distribution without a language",
    ),
    pytest.param(
        'unused_suppressions = "error"',
        'unused_suppressions: expected "warn" or "fail", got "error"',
        id="another word for what unused suppressions do",
    ),
    pytest.param(
        'require_reasons = "yes"',
        'require_reasons: expected true or false, got "yes"',
        id="a string for whether reasons are required",
    ),
    pytest.param(
        'foreign_suppressions = "noqa"',
        'foreign_suppressions: expected a list of strings, got "noqa"; write ["noqa"]',
        id="a lone tool",
    ),
    pytest.param(
        'foreign_suppressions = ["noqa", "pyflakes"]',
        'foreign_suppressions[1]: expected "noqa" or "complexipy" or "pylint" or "ruff", got "pyflakes"',
        id="a tool that is not known",
    ),
    pytest.param(
        'use_gitignore = "yes"',
        'use_gitignore: expected true or false, got "yes"',
        id="a string for a truth value",
    ),
    pytest.param("nested_blocks = 1", "nested_blocks: expected true or false, got 1", id="a number for one"),
    pytest.param(
        'on_error = "ignore"',
        'on_error: expected "fail" or "warn", got "ignore"',
        id="a word that is no choice",
    ),
    pytest.param(
        "on_error = []", 'on_error: expected "fail" or "warn", got a list', id="a list for a choice"
    ),
    pytest.param("file_timeout = 0", "file_timeout: expected a finite number > 0, got 0", id="no time"),
    pytest.param(
        "memory_limit_mb = 63.5",
        "memory_limit_mb: expected a finite number >= 64, got 63.5",
        id="less memory than a process takes",
    ),
    pytest.param(
        'memory_limit_mb = "500"',
        'memory_limit_mb: expected a finite number >= 64, got "500"',
        id="memory as a string",
    ),
    pytest.param(
        "max_file_size_mb = 0",
        "max_file_size_mb: expected a finite number > 0, got 0",
        id="a size of nothing",
    ),
    pytest.param(
        "cache_max_size_mb = 0",
        "cache_max_size_mb: expected a finite number > 0, got 0",
        id="a store of no size",
    ),
    pytest.param(
        "cache_max_age_days = '30'",
        'cache_max_age_days: expected a finite number > 0, got "30"',
        id="an age that is text",
    ),
    pytest.param("jobs = 0", 'jobs: expected a whole number >= 1 or "auto", got 0', id="no process"),
    pytest.param(
        "jobs = true",
        'jobs: expected a whole number >= 1 or "auto", got true',
        id="true for a number of jobs",
    ),
    pytest.param(
        "cache_max_entries = 1.5",
        "cache_max_entries: expected a whole number >= 1, got 1.5",
        id="a number of entries that is not whole",
    ),
    pytest.param(
        "cache_max_entries = true",
        "cache_max_entries: expected a whole number >= 1, got true",
        id="a truth value for a number",
    ),
    pytest.param(
        "cache_max_entries = 0", "cache_max_entries: expected a whole number >= 1, got 0", id="no entries"
    ),
    pytest.param(
        'cache_eviction = "lru"',
        'cache_eviction: expected "least-recently-used" or "least-frequently-used" or '
        '"least-recently-stored" or "none", got "lru"',
        id="a policy that diskcache does not have",
    ),
    pytest.param(
        'cache_compression = "zlib"',
        'cache_compression: expected true or false, got "zlib"',
        id="a name for a truth value",
    ),
    pytest.param(
        'cache_journal = "memory"',
        'cache_journal: expected "auto" or "wal" or "delete", got "memory"',
        id="a journal that no crash survives",
    ),
    pytest.param(
        'judge = "some"',
        'judge: expected "changed" or "all", got "some"',
        id="a word that judge does not know",
    ),
    pytest.param("time_budget = 0", "time_budget: expected a finite number > 0, got 0", id="no time at all"),
    *(
        pytest.param(
            f'critical_functions = ["{pattern}"]',
            'critical_functions[0]: expected a name such as "total", "Cart.*", "src/pay/*.py::*", or a '
            f'decorator such as "@*.route", got "{pattern}"',
            id=f"the function {pattern}",
        )
        for pattern in ("Cart.total()", "@", "!h", "a.py::@route", "a.py::f()", "src/pay.py")
    ),
    pytest.param(
        'critical_functions = "f"',
        'critical_functions: expected a list of strings, got "f"; write ["f"]',
        id="a name alone for a list of names",
    ),
    pytest.param(
        "on_timeout = true", 'on_timeout: expected "allow" or "block", got true', id="true for a choice"
    ),
    pytest.param(
        "max_file_size_mb = true",
        "max_file_size_mb: expected a finite number > 0, got true",
        id="true is no number",
    ),
    pytest.param(
        'cache_dir = ""', 'cache_dir: expected a non-empty string, got ""', id="an empty folder name"
    ),
    pytest.param("thresholds = 10", "thresholds: expected a table, got 10", id="a number for all thresholds"),
    pytest.param(
        "overrides = {}",
        "overrides: expected a list of tables, got a table; write [[tool.pytest-antipasta.overrides]]",
        id="one table of overrides",
    ),
    pytest.param("overrides = [1]", "overrides[0]: expected a table, got 1", id="a number for an override"),
    pytest.param(
        f'on_error = "{"a" * 70}"',
        f'on_error: expected "fail" or "warn", got "{"a" * 60}…"',
        id="a long value is cut",
    ),
    pytest.param(
        "cache_dir = 1979-05-27",
        "cache_dir: expected a non-empty string, got 1979-05-27",
        id="a date for a string",
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
    pytest.param("blank_lines = -1", f"blank_lines: {A_THRESHOLD}, got -1", id="a negative limit"),
    pytest.param("blank_lines = inf", f"blank_lines: {A_THRESHOLD}, got inf", id="an infinite limit"),
    pytest.param("blank_lines = nan", f"blank_lines: {A_THRESHOLD}, got nan", id="no number at all"),
    pytest.param("blank_lines = true", f"blank_lines: {A_THRESHOLD}, got true", id="true is no threshold"),
    pytest.param('blank_lines = "1"', f'blank_lines: {A_THRESHOLD}, got "1"', id="a quoted number"),
    pytest.param("blank_lines = []", f"blank_lines: {A_THRESHOLD}, got a list", id="a list"),
    pytest.param(
        f"blank_lines = 0x{'f' * 5000}",
        f"blank_lines: {A_THRESHOLD}, got a huge number",
        id="a number that no float can hold",
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


@pytest.mark.parametrize(("text", "message"), KEYS)
def test_a_wrong_key_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """File, line, key, what is expected, what is there."""
    refused = refuse(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta]\n{text}")
    assert refused == f"pyproject.toml:2: tool.pytest-antipasta.{message}"


@pytest.mark.parametrize(("text", "message"), THRESHOLDS)
def test_a_wrong_threshold_is_reported_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    """Likewise."""
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
        pytest.param(
            '[project]\nname = "pytest-antipasta"',
            "a.toml: has no table [tool.pytest-antipasta]",
            id="our name elsewhere",
        ),
        pytest.param(
            'tool = "pytest-antipasta"',
            "a.toml: has no table [tool.pytest-antipasta]",
            id="no table of tools",
        ),
        pytest.param("", "a.toml: has no table [tool.pytest-antipasta]", id="an empty file"),
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
