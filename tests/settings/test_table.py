"""``[tool.pytest-antipasta]``: what a valid table means."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.model.judged import Threshold
from pytest_antipasta.model.registry import SHORT_NAMES
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.values import Override
from tests.settings.texts import load

KEYS = [
    pytest.param('paths = ["src", "tools/run.py"]', {"paths": ("src", "tools/run.py")}, id="paths"),
    pytest.param('include = ["*.py", "*.pyi"]', {"include": ("*.py", "*.pyi")}, id="include"),
    pytest.param('exclude = ["build/", "!build/a.py"]', {"exclude": ("build/", "!build/a.py")}, id="exclude"),
    pytest.param("exclude = []", {"exclude": ()}, id="exclude may be empty"),
    pytest.param(
        'exclude = ["**/*a*b*c*d*/**/*.py"]',
        {"exclude": ("**/*a*b*c*d*/**/*.py",)},
        id="a glob with many stars",
    ),
    pytest.param("exclude = ['[[:alpha:]]']", {"exclude": ("[[:alpha:]]",)}, id="a glob with a POSIX class"),
    pytest.param('exclude = ["[a-c].py"]', {"exclude": ("[a-c].py",)}, id="a glob with a set of characters"),
    pytest.param("exclude = ['# src\\gen']", {"exclude": (r"# src\gen",)}, id="a comment with a backslash"),
    pytest.param("use_gitignore = false", {"use_gitignore": False}, id="use_gitignore"),
    pytest.param(
        'baseline = "/var/a.json"', {"baseline": Path("/var/a.json").absolute()}, id="an absolute baseline"
    ),
    pytest.param("nested_blocks = false", {"nested_blocks": False}, id="nested_blocks"),
    pytest.param('on_error = "warn"', {"on_error": "warn"}, id="on_error"),
    pytest.param("max_file_size_mb = 0.5", {"max_file_size_mb": 0.5}, id="max_file_size_mb"),
    pytest.param("file_timeout = 0.5", {"file_timeout": 0.5}, id="file_timeout"),
    pytest.param("memory_limit_mb = 64", {"memory_limit_mb": 64}, id="memory_limit_mb"),
    pytest.param("jobs = 3", {"jobs": 3}, id="a number of jobs"),
    pytest.param('jobs = "auto"', {"jobs": "auto"}, id="as many jobs as pay"),
    pytest.param("cache = false", {"cache": False}, id="cache"),
    pytest.param(
        'cache_dir = "/var/a"', {"cache_dir": Path("/var/a").absolute()}, id="an absolute cache_dir"
    ),
    pytest.param("cache_max_size_mb = 0.5", {"cache_max_size_mb": 0.5}, id="cache_max_size_mb"),
    pytest.param("cache_max_age_days = 7", {"cache_max_age_days": 7}, id="cache_max_age_days"),
    pytest.param("cache_max_entries = 1", {"cache_max_entries": 1}, id="cache_max_entries"),
    pytest.param('cache_eviction = "none"', {"cache_eviction": "none"}, id="cache_eviction"),
    pytest.param("cache_compression = false", {"cache_compression": False}, id="cache_compression"),
    pytest.param('cache_journal = "delete"', {"cache_journal": "delete"}, id="cache_journal"),
    pytest.param("history_max_size_mb = 0.5", {"history_max_size_mb": 0.5}, id="history_max_size_mb"),
    pytest.param('judge = "all"', {"judge": "all"}, id="judge"),
    pytest.param("time_budget = 0.5", {"time_budget": 0.5}, id="time_budget"),
    pytest.param("strict_files = true", {"strict_files": True}, id="strict_files"),
    pytest.param('new_waivers = "fail"', {"new_waivers": "fail"}, id="new_waivers"),
    pytest.param('critical_paths = ["pay/"]', {"critical_paths": ("pay/",)}, id="critical_paths"),
    pytest.param(
        'critical_functions = ["*.total", "pay.py::*"]',
        {"critical_functions": ("*.total", "pay.py::*")},
        id="critical_functions",
    ),
    pytest.param("fail_fast = true", {"fail_fast": True}, id="fail_fast"),
    pytest.param('on_internal_error = "block"', {"on_internal_error": "block"}, id="on_internal_error"),
    pytest.param('on_timeout = "block"', {"on_timeout": "block"}, id="on_timeout"),
    pytest.param('unused_suppressions = "fail"', {"unused_suppressions": "fail"}, id="unused_suppressions"),
    pytest.param("require_reasons = true", {"require_reasons": True}, id="require_reasons"),
    pytest.param(
        'foreign_suppressions = ["noqa", "complexipy", "pylint", "ruff"]',
        {"foreign_suppressions": ("noqa", "complexipy", "pylint", "ruff")},
        id="foreign_suppressions",
    ),
    pytest.param('languages = ["a-b:sql"]', {"languages": ("a-b:sql",)}, id="languages"),
    pytest.param("thresholds = {}", {}, id="an empty table of thresholds"),
    pytest.param("overrides = []", {}, id="no overrides"),
]


@pytest.mark.parametrize(("text", "expected"), KEYS)
def test_a_key_sets_its_field_and_no_other(tmp_path: Path, text: str, expected: dict[str, Any]) -> None:
    """Every other field keeps its default."""
    plain = load(tmp_path, "plain.toml", "[tool.pytest-antipasta]")
    settings = load(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta]\n{text}")
    fields = {name: getattr(settings, name) for name in settings.__struct_fields__ if name != "source"}
    defaults = {name: getattr(plain, name) for name in plain.__struct_fields__ if name != "source"}
    assert fields == {**defaults, **expected}


def test_an_empty_table_means_the_defaults(tmp_path: Path) -> None:
    """And it is a source all the same."""
    settings = load(tmp_path, "pyproject.toml", "[tool.pytest-antipasta]")
    assert (settings.root, settings.source) == (tmp_path, tmp_path / "pyproject.toml")
    assert settings.thresholds == default_thresholds()
    assert (settings.paths, settings.include, settings.exclude) == ((".",), None, ())
    assert (settings.use_gitignore, settings.nested_blocks, settings.on_error) == (True, True, "fail")
    assert (settings.max_file_size_mb, settings.cache_dir) == (100, None)
    assert load_settings(tmp_path).notes == ()


def test_the_defaults_are_the_documented_ones() -> None:
    """In the documented order too."""
    assert [
        (each.metric, each.comparison, each.limit, each.block_limit) for each in default_thresholds().values()
    ] == [
        ("cyclomatic_complexity", "<=", 10, None),
        ("cognitive_complexity", "<=", 15, None),
        ("maintainability_index", ">=", 50, None),
        ("halstead_volume", "<=", 1000, None),
        ("halstead_difficulty", "<=", 10, None),
        ("halstead_effort", "<=", 10000, None),
    ]


def test_a_relative_cache_dir_is_relative_to_the_root(tmp_path: Path) -> None:
    """Not to the current folder."""
    settings = load(tmp_path, "pyproject.toml", '[tool.pytest-antipasta]\ncache_dir = "a/b"')
    assert settings.cache_dir == tmp_path / "a/b"


def test_a_cache_dir_may_name_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody wants a folder with the name ``~``."""
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.setenv("USERPROFILE", "/home/someone")
    settings = load(tmp_path, "pyproject.toml", '[tool.pytest-antipasta]\ncache_dir = "~/a"')
    assert settings.cache_dir == Path("/home/someone/a").absolute()


def test_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    """Some editors write one."""
    text = '[tool.pytest-antipasta]\non_error = "warn"'
    assert load(tmp_path, "pyproject.toml", text.encode("utf-8-sig")).on_error == "warn"


THRESHOLDS = [
    pytest.param("blank_lines = 3", Threshold("blank_lines", 3, "<="), id="a number is a limit"),
    pytest.param("blank_lines = 0", Threshold("blank_lines", 0, "<="), id="0 is one"),
    pytest.param("blank_lines = 1.5", Threshold("blank_lines", 1.5, "<="), id="a fraction is one"),
    pytest.param(
        "maintainability_index = 3",
        Threshold("maintainability_index", 3, ">=", level="warning"),
        id="of the index, more is better",
    ),
    pytest.param(
        'cognitive_complexity = {limit = 3, comparison = "<"}',
        Threshold("cognitive_complexity", 3, "<"),
        id="a table has a limit and a comparison",
    ),
    pytest.param(
        'cognitive_complexity.comparison = "<"',
        Threshold("cognitive_complexity", 15, "<"),
        id="a comparison alone keeps the default limit",
    ),
    pytest.param(
        "maintainability_index = {limit = 3}",
        Threshold("maintainability_index", 3, ">=", level="warning"),
        id="a limit alone keeps the default comparison and level",
    ),
    pytest.param(
        'maintainability_index.level = "error"',
        Threshold("maintainability_index", 50, ">="),
        id="a level alone keeps the default limit",
    ),
    pytest.param(
        'cyclomatic_complexity = {limit = 3, level = "warning"}',
        Threshold("cyclomatic_complexity", 3, "<=", level="warning"),
        id="functions may have warnings, too",
    ),
    pytest.param(
        'blank_lines = {limit = 3, level = "warning"}',
        Threshold("blank_lines", 3, "<=", level="warning"),
        id="what has no default limit is an error unless it says so",
    ),
    pytest.param(
        "halstead_volume.block_limit = 500",
        Threshold("halstead_volume", 1000, "<=", 500, "warning"),
        id="a limit for blocks keeps the rest",
    ),
    pytest.param(
        "halstead_volume = {limit = 1, block_limit = false}",
        Threshold("halstead_volume", 1, "<=", level="warning"),
        id="false means no limit for blocks",
    ),
    *(
        pytest.param(f"{short} = 3", replace(default_thresholds()[name], limit=3), id=f"{short} for {name}")
        for short, name in SHORT_NAMES.items()
    ),
    pytest.param(
        "volume = {block_limit = 500}",
        Threshold("halstead_volume", 1000, "<=", 500, "warning"),
        id="a short name has the same parts",
    ),
    pytest.param(
        "halstead_effort = {}",
        Threshold("halstead_effort", 10000, "<=", level="warning"),
        id="{} changes nothing",
    ),
]


@pytest.mark.parametrize(("text", "expected"), THRESHOLDS)
def test_a_threshold_is_merged_with_the_defaults(tmp_path: Path, text: str, expected: Threshold) -> None:
    """The other metrics keep theirs."""
    settings = load(tmp_path, "pyproject.toml", f"[tool.pytest-antipasta.thresholds]\n{text}")
    assert settings.thresholds == {**default_thresholds(), expected.metric: expected}
    assert type(settings.thresholds[expected.metric].limit) is type(expected.limit)


def test_false_switches_a_metric_off(tmp_path: Path) -> None:
    """It is absent then; for a metric without a default that changes nothing."""
    text = "[tool.pytest-antipasta]\nthresholds = {halstead_effort = false, blank_lines = false}"
    settings = load(tmp_path, "pyproject.toml", text)
    assert settings.thresholds.keys() == default_thresholds().keys() - {"halstead_effort"}


def test_overrides_merge_with_the_thresholds(tmp_path: Path) -> None:
    """What an override leaves out it takes from the settings, not from another override."""
    settings = load(
        tmp_path,
        "pyproject.toml",
        """
        [tool.pytest-antipasta.thresholds]
        cyclomatic_complexity = {limit = 8, comparison = "<"}
        halstead_volume = {limit = 900, block_limit = 90}
        halstead_effort = false
        [[tool.pytest-antipasta.overrides]]
        files = ["tests/"]
        thresholds.cyclomatic_complexity = 20
        thresholds.cognitive_complexity = false
        thresholds.halstead_volume.level = "error"
        [[tool.pytest-antipasta.overrides]]
        files = ["a.py", "b.py"]
        thresholds.cyclomatic_complexity.comparison = "<="
        thresholds.halstead_volume = 2000
        thresholds.halstead_effort = 5
        thresholds.blank_lines = 1
        """,
    )
    assert settings.overrides == (
        Override(
            ("tests/",),
            {
                "cyclomatic_complexity": Threshold("cyclomatic_complexity", 20, "<"),
                "cognitive_complexity": None,
                "halstead_volume": Threshold("halstead_volume", 900, "<=", 90, "error"),
            },
        ),
        Override(
            ("a.py", "b.py"),
            {
                "cyclomatic_complexity": Threshold("cyclomatic_complexity", 8, "<="),
                "halstead_volume": Threshold("halstead_volume", 2000, "<=", 90, "warning"),
                "halstead_effort": Threshold("halstead_effort", 5, "<=", level="warning"),
                "blank_lines": Threshold("blank_lines", 1, "<="),
            },
        ),
    )


def test_settings_can_be_pickled(tmp_path: Path) -> None:
    """They travel to worker processes."""
    settings = load(tmp_path, "pyproject.toml", "[tool.pytest-antipasta]")
    assert pickle.loads(pickle.dumps(settings)) == settings  # our own bytes
