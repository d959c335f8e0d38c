"""``.antipasta.yaml``: what antipasta 1.2.0 judges with a file is what is judged with it here.

The expected thresholds are those that antipasta 1.2.0 itself uses with the same texts.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.load import load_settings
from tests.settings.texts import load

DEFAULTS = {
    "cyclomatic_complexity": "<= 10",
    "cognitive_complexity": "<= 15",
    "maintainability_index": ">= 50",
    "halstead_volume": "<= 1000",
    "halstead_difficulty": "<= 10",
    "halstead_effort": "<= 10000",
}

CACHE_KEYS = "dir, max_size_mb, max_age_days, max_entries, eviction, compression, journal"
GENERATED = """
    defaults:
      max_cyclomatic_complexity: 10
      max_cognitive_complexity: 15
      min_maintainability_index: 50.0
      max_halstead_volume: 1000.0
      max_halstead_difficulty: 10.0
      max_halstead_effort: 10000.0
    languages:
      - name: python
        extensions:
          - .py
        metrics:
          - type: cyclomatic_complexity
            threshold: 10.0
            comparison: <=

          - type: maintainability_index
            threshold: 50.0
            comparison: '>='
    ignore_patterns:
      - '**/test_*.py'
      - '**/tests/**'
    use_gitignore: false
    """

TEXTS = [
    pytest.param("", DEFAULTS, id="an empty file means the defaults"),
    pytest.param("# nothing", DEFAULTS, id="so do comments"),
    pytest.param("[]", DEFAULTS, id="so does an empty list"),
    pytest.param("languages: []", DEFAULTS, id="so do no languages"),
    pytest.param(
        "languages: [{name: javascript, metrics: []}]", DEFAULTS, id="so does a file for another language"
    ),
    pytest.param(
        "defaults: {max_cyclomatic_complexity: 3, min_maintainability_index: 2.5}",
        {**DEFAULTS, "cyclomatic_complexity": "<= 3", "maintainability_index": ">= 2.5"},
        id="defaults change what they name",
    ),
    pytest.param(
        """
        defaults: {max_cyclomatic_complexity: 3}
        languages: [{name: python, metrics: [{type: cognitive_complexity, threshold: 15}]}]
        """,
        {"cognitive_complexity": "<= 15"},
        id="an entry for python decides alone",
    ),
    pytest.param("languages: [{name: Python, metrics: []}]", {}, id="an empty one judges nothing"),
    pytest.param(
        """
        languages:
          - {name: javascript, metrics: [{type: cyclomatic_complexity, threshold: 1}]}
          - {name: PYTHON, metrics: [{type: cyclomatic_complexity, threshold: 2}]}
          - {name: python, metrics: [{type: cyclomatic_complexity, threshold: 3}]}
        """,
        {"cyclomatic_complexity": "<= 2"},
        id="of two entries for python the first counts",
    ),
    pytest.param(
        """
        languages:
          - name: python
            metrics:
              - {type: cyclomatic_complexity, threshold: 1}
              - {type: cyclomatic_complexity, threshold: 2, comparison: <}
        """,
        {"cyclomatic_complexity": "< 2"},
        id="of two entries for a metric the last counts",
    ),
    pytest.param(
        """
        languages:
          - name: python
            metrics:
              - {type: cyclomatic_complexity, threshold: 1}
              - {type: cyclomatic_complexity, threshold: 2, enabled: false}
              - {type: lines_of_code, threshold: 3, comparison: "!="}
        """,
        {"lines_of_code": "!= 3"},
        id="a metric that is not enabled is off",
    ),
    pytest.param(
        "languages: [{name: python, metrics: [{type: maintainability_index, threshold: 3}]}]",
        {"maintainability_index": "<= 3"},
        id="the comparison of the index is <= too where none is written",
    ),
    pytest.param(
        """
        defaults: {max_cyclomatic_complexity: "3", max_halstead_effort: 1e4, max_halstead_volume: "1.5"}
        """,
        {
            **DEFAULTS,
            "cyclomatic_complexity": "<= 3",
            "halstead_effort": "<= 10000.0",
            "halstead_volume": "<= 1.5",
        },
        id="texts that spell numbers count as numbers",
    ),
    pytest.param(
        """
        languages:
          - name: python
            metrics:
              - {type: cyclomatic_complexity, threshold: "1", enabled: "off"}
              - {type: blank_lines, threshold: "2", enabled: "yes"}
        """,
        {"blank_lines": "<= 2"},
        id="texts that spell truth values count as these",
    ),
    pytest.param(
        """
        defaults: &defaults {max_cyclomatic_complexity: 3, max_cognitive_complexity: 4}
        languages:
          - name: python
            metrics:
              - &metric {type: cyclomatic_complexity, threshold: 3}
              - {<<: *metric, type: cognitive_complexity}
        """,
        {"cyclomatic_complexity": "<= 3", "cognitive_complexity": "<= 3"},
        id="anchors and merge keys work",
    ),
    pytest.param(
        GENERATED,
        {"cyclomatic_complexity": "<= 10.0", "maintainability_index": ">= 50.0"},
        id="a generated file works",
    ),
]


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_the_same_is_judged_as_by_antipasta(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    """Metric by metric."""
    thresholds = load(tmp_path, ".antipasta.yaml", text).thresholds
    assert {metric: f"{each.comparison} {each.limit}" for metric, each in thresholds.items()} == expected
    assert all(metric == each.metric and each.block_limit is None for metric, each in thresholds.items())


def test_an_empty_file_has_our_defaults(tmp_path: Path) -> None:
    """Both tools have the same ones; to antipasta all of them are errors."""
    settings = load(tmp_path, ".antipasta.yaml", "")
    assert settings.thresholds == {
        metric: replace(one, level="error") for metric, one in default_thresholds().items()
    }
    assert (settings.root, settings.source) == (tmp_path, tmp_path / ".antipasta.yaml")
    assert (settings.exclude, settings.use_gitignore) == ((), True)
    assert load_settings(tmp_path).notes == ()


def test_patterns_and_gitignore_are_taken_over(tmp_path: Path) -> None:
    """Under our names."""
    settings = load(tmp_path, ".antipasta.yaml", GENERATED)
    assert (settings.exclude, settings.use_gitignore) == (("**/test_*.py", "**/tests/**"), False)
    assert settings.include is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "{enabled: no, dir: .cache, max_size_mb: '50', max_entries: 9, max_age_days: 9.5, "
            "eviction: none, compression: off, journal: delete}",
            {
                "cache": False,
                "cache_dir": Path(".cache"),
                "cache_max_size_mb": 50,
                "cache_max_entries": 9,
                "cache_max_age_days": 9.5,
                "cache_eviction": "none",
                "cache_compression": False,
                "cache_journal": "delete",
            },
            id="every key",
        ),
        pytest.param("null", {}, id="nothing"),
    ],
)
def test_the_cache_has_the_settings_of_its_table(
    tmp_path: Path, text: str, expected: dict[str, object]
) -> None:
    """Relative to the folder of the file, as in the other settings file."""
    found = load(tmp_path, ".antipasta.yaml", f"cache: {text}")
    plain = load(tmp_path, ".antipasta.yaml", "")
    if "cache_dir" in expected:
        expected = expected | {"cache_dir": tmp_path / str(expected["cache_dir"])}
    assert found == replace(plain, **expected)
    assert load_settings(tmp_path).notes == ()


def test_patterns_that_never_match_are_left_as_they_are(tmp_path: Path) -> None:
    """They are taken there, and a file that works there works here."""
    assert load(tmp_path, ".antipasta.yaml", "ignore_patterns: [./a]").exclude == ("./a",)


NOTES = [
    pytest.param("profile: extreme", ["1: profile: is an antipasta setting; ignored here"], id="the profile"),
    pytest.param(
        "import_graph: {}\ntree_shape: {a: 1}\nnarrative: null\nduplication: {}",
        [
            "1: import_graph: is an antipasta setting; ignored here",
            "2: tree_shape: is an antipasta setting; ignored here",
            "4: duplication: is an antipasta setting; ignored here",
        ],
        id="gates of its own, unless they are null",
    ),
    pytest.param(
        "cache:\n  redis: {url: x}\n  backend: disk\n  max_size: 50\n  max_age_days: 9",
        [
            "2: cache.redis: ignored here; use the environment variable PYTEST_ANTIPASTA_SHARED_STORE",
            f"3: cache.backend: ignored here; expected one of: enabled, {CACHE_KEYS}",
            '4: cache.max_size: ignored here; did you mean "max_size_mb"?',
        ],
        id="keys of the cache without a setting",
    ),
    pytest.param(
        "languages:\n- name: Kotlin\n  metrics: 1",
        ['2: languages[0]: ignored: "kotlin" is not measured here'],
        id="another language, whatever it says",
    ),
    pytest.param(
        "languages:\n- name: JavaScript\n  metrics: 1",
        [
            (
                "2: languages[0]: ignored without lizard, which measures javascript: `pip install "
                '"lizard>=1.24"`'
            )
        ],
        id="a language of lizard's, which is not there",
    ),
    pytest.param(
        "languages:\n- name: python\n  metrics: [{type: blank_lines, threshold: 1}]\n- name: Python",
        ["4: languages[1]: ignored: an earlier entry has the same name"],
        id="python once more",
    ),
    pytest.param(
        "languages:\n- name: python\n  extensions: [.py, .pyi]\n"
        "  metrics: [{type: blank_lines, threshold: 1}]",
        ["3: languages[0].extensions: ignored: *.py files are always measured, as in antipasta"],
        id="other extensions",
    ),
    pytest.param(
        "defaults: {max_cyclomatic_complexity: 3}\n"
        "languages:\n- name: python\n  metrics: [{type: cyclomatic_complexity, threshold: 3}]",
        ["1: defaults: ignored: only the python entry in `languages` is used"],
        id="defaults beside an entry for python that judges less",
    ),
    pytest.param(
        "ignore_patterns: [src/, '!src/a.py', '!src/b/', docs/, '!docs/', 'gen/*', '!gen/a.py']",
        [
            f'1: ignore_patterns: "!src/{name}" has no effect, as "src/" excludes the folder; write '
            '"src/*" instead'
            for name in ("a.py", "b/")
        ],
        id="files in an excluded folder that are included again",
    ),
    pytest.param(
        "languages:\n- name: python\n  metrics: []",
        ["2: languages[0]: nothing is checked: none of its enabled metrics is measured here"],
        id="nothing to judge",
    ),
    pytest.param(
        """\
        languages:
        - name: python
          metrics:
          - {type: blank_lines, threshold: 1}
          - {type: function_arity, threshold: 1}
          - {type: hotspot, threshold: 1, enabled: false}
        """,
        ["5: languages[0].metrics[1].type: function_arity exists only in antipasta; not measured here"],
        id="metrics of its own, unless they are switched off",
    ),
    pytest.param(
        "languages:\n- name: python\n  metrics:\n  - {type: maintainability_index, threshold: 1}",
        [
            (
                '4: languages[0].metrics[0].type: has no comparison; "<=" is used, as in antipasta, but '
                '">=" is probably meant'
            )
        ],
        id="an index without a comparison",
    ),
]


@pytest.mark.parametrize(("text", "notes"), NOTES)
def test_what_has_no_effect_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, notes: list[str]
) -> None:
    """With its place, and without failing."""
    monkeypatch.chdir(tmp_path)
    load(tmp_path, ".antipasta.yaml", text)
    assert load_settings(tmp_path).notes == tuple(f".antipasta.yaml:{note}" for note in notes)
