"""Settings of other tools: what each becomes, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_antipasta.model import UsageError
from pytest_antipasta.settings import CACHE_KEYS, load_settings
from pytest_antipasta.setup import MIGRATED_FILES, find_migration, require_known
from pytest_antipasta.setup.migration.conversions import MCCABE
from pytest_antipasta.setup.migration.migrate import Migration


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def migrate(files: dict[str, str]) -> Migration | None:
    for name, text in files.items():
        Path(name).write_text(dedent(text), encoding="utf-8")
    return find_migration(Path.cwd() / name for name in MIGRATED_FILES)


def hook(text: str) -> str:
    return f"repos:\n- repo: a\n  hooks:\n  - id: other\n  - {text}\n"


CYCLOMATIC = "cyclomatic_complexity"
OF_MCCABE = "mccabe_complexity"
# The metrics of ruff's rules, with its own limits.
OF_RUFF = {
    OF_MCCABE: "10",
    "returns": "6",
    "branches": "12",
    "parameters": "5",
    "statements": "50",
    "boolean_expressions": "5",
    "positional_parameters": "5",
}
# A file, its text, and what is set by it: each with the line and the option.
SET = [
    pytest.param(
        "pyproject.toml",
        "[tool.ruff]\nextend-exclude = ['_vendor', './docs/*.py']\nlint.exclude = ['a.py']\n"
        "format.exclude = ['b.py']\nlint.mccabe.max-complexity = 9",
        [
            (OF_MCCABE, "9", "pyproject.toml:5: tool.ruff.lint.mccabe.max-complexity"),
            ("exclude", '"_vendor"', "pyproject.toml:2: tool.ruff.extend-exclude"),
            ("exclude", '"/docs/*.py"', "pyproject.toml:2: tool.ruff.extend-exclude"),
            ("exclude", '"a.py"', "pyproject.toml:3: tool.ruff.lint.exclude"),
        ],
        id="what ruff leaves out, beside its limit",
    ),
    pytest.param(
        "setup.cfg",
        "[flake8]\nmax-complexity = 9\n"
        "exclude = build, ./setup.py,\n    */migrations/*\nextend_exclude = old",
        [
            (OF_MCCABE, "9", "setup.cfg:2: flake8.max-complexity"),
            ("exclude", '"build"', "setup.cfg:3: flake8.exclude"),
            ("exclude", '"/setup.py"', "setup.cfg:3: flake8.exclude"),
            ("exclude", '"**/migrations/*"', "setup.cfg:3: flake8.exclude"),
            ("exclude", '"old"', "setup.cfg:5: flake8.extend_exclude"),
        ],
        id="what flake8 leaves out, beside its limit",
    ),
    pytest.param(
        ".antipasta.yaml",
        "ignore_patterns: [tests/]\nuse_gitignore: false\nlanguages:\n- name: python\n  metrics:\n"
        "  - {type: cyclomatic_complexity, threshold: 7, comparison: <}\n"
        "  - {type: blank_lines, threshold: 9}",
        [
            ("exclude", '"tests/"', ".antipasta.yaml:1"),
            ("use_gitignore", "false", ".antipasta.yaml:2"),
            (CYCLOMATIC, '{ limit = 7, comparison = "<", level = "error" }', ".antipasta.yaml"),
            ("blank_lines", "9", ".antipasta.yaml"),
        ],
        id="antipasta's languages",
    ),
    pytest.param(
        ".antipasta.yaml",
        "cache:\n  enabled: true\n  dir: ../a\n  max_age_days: 9\n"
        "languages: [{name: python, metrics: [{type: blank_lines, threshold: 9}]}]",
        [
            ("cache", "true", ".antipasta.yaml:2"),
            ("cache_dir", '"../a"', ".antipasta.yaml:3"),
            ("cache_max_age_days", "9", ".antipasta.yaml:4"),
            ("blank_lines", "9", ".antipasta.yaml"),
        ],
        id="antipasta's cache",
    ),
    pytest.param(
        ".antipasta.yaml",
        "defaults: {max_cyclomatic_complexity: 7}",
        [
            (CYCLOMATIC, "7", ".antipasta.yaml:1"),
            ("cognitive_complexity", "15", "antipasta's default"),
            ("maintainability_index", '{ limit = 50, level = "error" }', "antipasta's default"),
            ("halstead_volume", '{ limit = 1000, level = "error" }', "antipasta's default"),
            ("halstead_difficulty", '{ limit = 10, level = "error" }', "antipasta's default"),
            ("halstead_effort", '{ limit = 10000, level = "error" }', "antipasta's default"),
        ],
        id="antipasta's defaults",
    ),
    pytest.param(
        "complexipy.toml",
        "max-complexity-allowed = 9\nexclude = ['old/**', 'a.py']",
        [
            ("cognitive_complexity", "9", "complexipy.toml:1: max-complexity-allowed"),
            ("exclude", '"/old/"', "complexipy.toml:2: exclude"),
            ("exclude", '"/a.py"', "complexipy.toml:2: exclude"),
        ],
        id="complexipy's own file",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.complexipy]\npaths = ['src']\nexclude = ['old/**']",
        [
            ("paths", '"src"', "pyproject.toml:2: tool.complexipy.paths"),
            ("exclude", '"/src/old/"', "pyproject.toml:3: tool.complexipy.exclude"),
        ],
        id="complexipy's patterns begin at each path",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint.mccabe]\nmax-complexity = 12",
        [(OF_MCCABE, "12", "pyproject.toml:2: tool.ruff.lint.mccabe.max-complexity")],
        id="ruff's mccabe",
    ),
    pytest.param(
        "ruff.toml",
        "[mccabe]\nmax-complexity = 12",
        [(OF_MCCABE, "12", "ruff.toml:2: mccabe.max-complexity")],
        id="ruff's mccabe as it was written once",
    ),
    pytest.param(
        "ruff.toml",
        "[lint]\nselect = ['ALL']",
        [
            (metric, limit, "ruff.toml:2: lint.select, with ruff's default limit")
            for metric, limit in OF_RUFF.items()
            if metric != "boolean_expressions"
        ],
        id="all rules of ruff, with its own limits, but for the one in preview",
    ),
    pytest.param(
        "ruff.toml",
        "lint.preview = true\nlint.select = ['C90', 'PLR']",
        [
            (metric, limit, "ruff.toml:2: lint.select, with ruff's default limit")
            for metric, limit in OF_RUFF.items()
        ],
        id="rules of ruff by how they begin",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint]\nselect = ['PLR09']\nignore = ['PLR0911', 'PLR0915', 'PLR0917']\n"
        "pylint.max-args = 7",
        [
            ("parameters", "7", "pyproject.toml:4: tool.ruff.lint.pylint.max-args"),
            ("branches", "12", "pyproject.toml:2: tool.ruff.lint.select, with ruff's default limit"),
        ],
        id="rules of ruff but for some, one with a limit",
    ),
    pytest.param(
        "ruff.toml",
        "[lint.pylint]\nmax-args = 1\nmax-positional-args = 2\nmax-branches = 3\nmax-returns = 4\n"
        "max-statements = 5\nmax-bool-expr = 6",
        [
            ("parameters", "1", "ruff.toml:2: lint.pylint.max-args"),
            ("positional_parameters", "2", "ruff.toml:3: lint.pylint.max-positional-args"),
            ("branches", "3", "ruff.toml:4: lint.pylint.max-branches"),
            ("returns", "4", "ruff.toml:5: lint.pylint.max-returns"),
            ("statements", "5", "ruff.toml:6: lint.pylint.max-statements"),
            ("boolean_expressions", "6", "ruff.toml:7: lint.pylint.max-bool-expr"),
        ],
        id="ruff's limits of pylint's rules",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.pylint.main]\njobs = 2\n[tool.pylint.design]\nmax-args = 8\nmax-positional-arguments = 3",
        [
            ("parameters", "8", "pyproject.toml:4: tool.pylint.design.max-args"),
            ("positional_parameters", "3", "pyproject.toml:5: tool.pylint.design.max-positional-arguments"),
        ],
        id="pylint's tables",
    ),
    pytest.param(
        ".pylintrc",
        "[MAIN]\njobs=2\n[DESIGN]\nmax-branches=15\nmax-complexity=9",
        [
            ("branches", "15", ".pylintrc:4: DESIGN.max-branches"),
            (OF_MCCABE, "9", ".pylintrc:5: DESIGN.max-complexity"),
        ],
        id="pylint's own file",
    ),
    pytest.param(
        "pylintrc.toml",
        "[tool.pylint]\nmax-returns = 4",
        [("returns", "4", "pylintrc.toml:2: tool.pylint.max-returns")],
        id="pylint's own file in TOML",
    ),
    pytest.param(
        "setup.cfg",
        "[pylint]\nmax-statements = 40\n[pylint.DESIGN]\nmax_bool_expr = 4",
        [
            ("statements", "40", "setup.cfg:2: pylint.max-statements"),
            ("boolean_expressions", "4", "setup.cfg:4: pylint.DESIGN.max_bool_expr"),
        ],
        id="pylint's sections",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff]\nextend-select = ['E', 'C9']\nlint.extend-select = ['C901']",
        [(OF_MCCABE, "10", "pyproject.toml:2: tool.ruff.extend-select, with ruff's default limit")],
        id="mccabe's rule among others",
    ),
    pytest.param(
        "ruff.toml",
        "[lint]\nselect = ['C']\nmccabe.max-complexity = 12",
        [(OF_MCCABE, "12", "ruff.toml:3: lint.mccabe.max-complexity")],
        id="a rule of ruff, with a limit",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint.extend-per-file-ignores]\n'my_tests/*' = ['S101', 'C90']\n'a.py' = ['E501']",
        [
            (
                "overrides",
                '"my_tests/*"',
                'pyproject.toml:2: tool.ruff.lint.extend-per-file-ignores."my_tests/*"',
            )
        ],
        id="files for which ruff leaves mccabe out",
    ),
    pytest.param(
        "tox.ini",
        "[tox]\n[flake8]\nmax_complexity: 11\nmax-cognitive-complexity = 12",
        [
            (OF_MCCABE, "11", "tox.ini:3: flake8.max_complexity"),
            ("cognitive_complexity", "12", "tox.ini:4: flake8.max-cognitive-complexity"),
        ],
        id="flake8's mccabe and its plugin",
    ),
    pytest.param(
        "radon.cfg",
        "[radon]\nexclude = */gen/*, *_pb2.py,\n    x/*\nignore = docs,build/",
        [
            ("exclude", '"**/gen/"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"*_pb2.py"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"x/"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"docs/"', "radon.cfg:4: radon.ignore"),
            ("exclude", '"build/"', "radon.cfg:4: radon.ignore"),
        ],
        id="radon's patterns",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.xenon]\npath = ['src']\nmax_absolute = 'b'",
        [
            ("paths", '"src"', "pyproject.toml:2: tool.xenon.path"),
            (CYCLOMATIC, "10", "pyproject.toml:3: tool.xenon.max_absolute B"),
        ],
        id="xenon's table",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, args: [-b C, --exclude=a*.py, -i, docs, src]}"),
        [
            (CYCLOMATIC, "20", ".pre-commit-config.yaml:5: xenon -b C"),
            ("exclude", '"a*.py"', ".pre-commit-config.yaml:5: xenon --exclude"),
            ("exclude", '"docs/"', ".pre-commit-config.yaml:5: xenon -i"),
        ],
        id="xenon's arguments",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: complexity, entry: xenon --max-absolute F .}"),
        [(CYCLOMATIC, "false", ".pre-commit-config.yaml:5: xenon --max-absolute F")],
        id="xenon as a local hook's entry; F allows everything",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: flake8, args: [--max-complexity=13, --statistics]}"),
        [(OF_MCCABE, "13", ".pre-commit-config.yaml:5: flake8 --max-complexity")],
        id="flake8's arguments",
    ),
]
LOST = [
    pytest.param(
        "pyproject.toml",
        "[tool.complexipy]\nsnapshot-create = true\nquiet = true\ndiff.branch = 'main'\ndiff.staged = true\n"
        "check-script = true\ncache-dir = 'x'\nmax-complexity-allowed = 'ten'",
        [
            "pyproject.toml:2: tool.complexipy.snapshot-create: `pytest-antipasta baseline` does this",
            "pyproject.toml:3: tool.complexipy.quiet: has no equivalent",
            "pyproject.toml:4: tool.complexipy.diff.branch: `pytest-antipasta check --diff REF` does this",
            "pyproject.toml:5: tool.complexipy.diff.staged: "
            "`pytest-antipasta check --staged` and the commit hook do this",
            "pyproject.toml:6: tool.complexipy.check-script: code outside functions is not checked",
            (
                "pyproject.toml:7: tool.complexipy.cache-dir: measurements are stored in the user's cache "
                "folder; see cache_dir"
            ),
            "pyproject.toml:8: tool.complexipy.max-complexity-allowed: is not a number >= 0",
        ],
        id="complexipy",
    ),
    pytest.param(
        "setup.cfg",
        "[radon]\ncc_min = B\nmi_max = C\nno_assert = true\nshow_closures = true\noutput_file = x\n"
        "exclude = ../a\n[xenon]\nmax_average = A\nmax_absolute = G\n"
        "[flake8]\nmax-complexity = -1\nignore = E1",
        [
            "setup.cfg:12: flake8.max-complexity: it checks nothing",
            "setup.cfg:2: radon.cc_min: only selects what radon shows",
            "setup.cfg:3: radon.mi_max: only selects what radon shows",
            "setup.cfg:4: radon.no_assert: assert statements are counted",
            "setup.cfg:5: radon.show_closures: nested functions are checked unless nested_blocks is false",
            "setup.cfg:6: radon.output_file: has no equivalent",
            'setup.cfg:7: radon.exclude "../a": can\'t be converted to a pattern for pytest-antipasta',
            "setup.cfg:9: xenon.max_average: averages are not checked, but every block is",
            "setup.cfg:10: xenon.max_absolute: is not a rank from A to F",
        ],
        id="radon, xenon and flake8",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, args: [-m, A, --no-assert]}"),
        [
            ".pre-commit-config.yaml:5: xenon -m: averages are not checked, but every block is",
            ".pre-commit-config.yaml:5: xenon --no-assert: assert statements are counted",
        ],
        id="xenon's arguments",
    ),
    pytest.param(
        "ruff.toml",
        "[lint.per-file-ignores]\n'!src/*' = ['C901']",
        [
            (
                'ruff.toml:2: lint.per-file-ignores."!src/*": can\'t be converted to a pattern for '
                "pytest-antipasta"
            )
        ],
        id="ruff",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint]\nselect = ['E', 'PLR0914']\nextend-select = ['PLR1702']\nignore = ['PLR0904']\n"
        "mccabe.max-complexity = 9\n[tool.ruff.lint.pylint]\nmax-locals = 12\nallow-magic-value-types = []",
        [
            f"pyproject.toml:{place}: has no equivalent; ruff continues to check it"
            for place in (
                "2: tool.ruff.lint.select PLR0914",
                "3: tool.ruff.lint.extend-select PLR1702",
                "7: tool.ruff.lint.pylint.max-locals",
            )
        ],
        id="ruff's limits of variables and the like",
    ),
    pytest.param(
        ".antipasta.yaml",
        "profile: strict\nlanguages: [{name: python, metrics: []}]",
        [
            ".antipasta.yaml:1: profile: is an antipasta setting; ignored here",
            (
                ".antipasta.yaml:2: languages[0]: nothing is checked: none of its enabled metrics is "
                "measured here"
            ),
        ],
        id="antipasta",
    ),
]
NOTHING = [
    pytest.param("pyproject.toml", "[project]\nname = 'a'\n[tool.ruff]\nline-length = 3", id="other tables"),
    pytest.param("pyproject.toml", "tool = 1", id="a strange file"),
    pytest.param(
        "ruff.toml", "lint.select = ['ALL']\nlint.ignore = ['C90', 'PL']", id="all rules of ruff but this"
    ),
    pytest.param("ruff.toml", "lint.select = ['E', 'C4']\nexclude = ['a.py']", id="other rules"),
    pytest.param("setup.cfg", "[metadata]\nname = a\n[flake8]\nmax-line-length = 3", id="other sections"),
    pytest.param(".pre-commit-config.yaml", "repos: [1, {hooks: [2]}]", id="no hooks"),
    pytest.param(".pre-commit-config.yaml", "[]", id="no repositories"),
    pytest.param(".pre-commit-config.yaml", hook("{id: ruff, args: [--fix]}"), id="other hooks"),
]


@pytest.mark.parametrize(("name", "text", "expected"), SET)
def test_what_has_a_counterpart_is_set(name: str, text: str, expected: list[tuple[str, str, str]]) -> None:
    migration = migrate({name: text})
    assert migration
    assert [(each.key, each.text, each.origin) for each in migration.settings] == expected


@pytest.mark.parametrize(("name", "text", "expected"), LOST)
def test_what_has_none_is_reported(name: str, text: str, expected: list[str]) -> None:
    migration = migrate({name: text})
    assert migration
    assert [f"{lost.origin}: {lost.why}" for lost in migration.lost] == expected


@pytest.mark.parametrize(("name", "text"), NOTHING)
def test_what_is_not_about_complexity_is_skipped(name: str, text: str) -> None:
    assert migrate({name: text}) is None


@pytest.mark.parametrize(("name", "text", "expected"), SET)
def test_the_table_says_what_was_set(
    name: str, text: str, expected: list[tuple[str, str, str]], folder: Path
) -> None:
    migration = migrate({name: text})
    assert migration
    Path("new.toml").write_text("".join(f"{line}\n" for line in migration.iter_table()), encoding="utf-8")
    settings = load_settings(folder, Path("new.toml")).settings
    others = ("paths", "exclude", "use_gitignore", "overrides", *CACHE_KEYS.values())
    limits = {key for key, text, _ in expected if key not in others}
    limits -= {key for key, text, _ in expected if text == "false"}
    if limits:
        assert settings.thresholds.keys() == limits
    assert [f'"{glob}"' for glob in settings.exclude] == [
        text for key, text, _ in expected if key == "exclude"
    ]
    assert len(settings.overrides) == sum(key == "overrides" for key, _, _ in expected)
    if name == ".antipasta.yaml":
        assert settings.thresholds == load_settings(folder, Path(name)).settings.thresholds


def test_what_is_said_first_counts_and_the_rest_is_reported() -> None:
    migration = migrate(
        {
            "setup.cfg": "[flake8]\nmax-complexity = 14\n[radon]\nignore = docs",
            "ruff.toml": "lint.mccabe.max-complexity = 9",
            "tox.ini": "[flake8]\nmax-complexity = 9\n[radon]\nignore = docs",
        }
    )
    assert migration
    assert list(migration.iter_table()) == [
        "[tool.pytest-antipasta]",
        (
            "# setup.cfg:2: flake8.max-complexity: mccabe_complexity is from ruff.toml:1: "
            "lint.mccabe.max-complexity"
        ),
        "exclude = [",
        '    "docs/",  # setup.cfg:4: radon.ignore',
        "]",
        "",
        "[tool.pytest-antipasta.thresholds]",
        "mccabe_complexity = 9  # ruff.toml:1: lint.mccabe.max-complexity",
        "cyclomatic_complexity = false  # was not checked; without this line, the limit is <= 10",
        "cognitive_complexity = false  # was not checked; without this line, the limit is <= 15",
        "maintainability_index = false  # was not checked; without this line, the limit is >= 50",
        "halstead_volume = false  # was not checked; without this line, the limit is <= 1000",
        "halstead_difficulty = false  # was not checked; without this line, the limit is <= 10",
        "halstead_effort = false  # was not checked; without this line, the limit is <= 10000",
    ]


@pytest.mark.parametrize(
    ("name", "text", "notes"),
    [
        ("ruff.toml", "lint.mccabe.max-complexity = 9", [""]),
        ("tox.ini", "[flake8]\nmax-complexity = 9", [MCCABE]),
        ("pyproject.toml", "[tool.xenon]\nmax_absolute = 'b'", [""]),
        ("complexipy.toml", "max-complexity-allowed = 9", [""]),
    ],
)
def test_limits_of_mccabe_s_numbers_are_reported(name: str, text: str, notes: list[str]) -> None:
    migration = migrate({name: text})
    assert migration
    assert [setting.note for setting in migration.settings] == notes
    assert [line[2:] for line in migration.iter_table() if line.startswith("# ")] == [
        note for note in notes if note
    ]


ERRORS = [
    pytest.param("pyproject.toml", "a = ]", "pyproject.toml:1:5: not valid TOML: Invalid value", id="TOML"),
    pytest.param(
        "setup.cfg",
        "a = 1",
        "setup.cfg: not valid: File contains no section headers. file: 'setup.cfg', line: 1 'a = 1'",
        id="INI",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        "a: [",
        ".pre-commit-config.yaml:1:5: not valid YAML: expected the node content, but found '<stream end>'",
        id="YAML",
    ),
    pytest.param(
        ".antipasta.yaml", "x: 1", ".antipasta.yaml:1: x: unknown key; expected one of: ", id="antipasta's"
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook('{id: xenon, args: ["-b \'B"]}'),
        ".pre-commit-config.yaml:5: can't parse xenon's arguments: No closing quotation",
        id="quotes",
    ),
]


@pytest.mark.parametrize(("name", "text", "message"), ERRORS)
def test_a_file_that_can_t_be_read_is_reported(name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        migrate({name: text})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("setup.py", f"setup.py: can't be migrated; supported: {', '.join(MIGRATED_FILES)}"),
        ("setup.cfg", "setup.cfg: no such file"),
    ],
)
def test_a_file_of_nobody_is_refused(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        require_known(Path(name))
    assert str(caught.value) == message
