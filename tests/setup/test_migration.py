"""Settings of other tools: what each becomes, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from pytest_antipasta.messages import format_json
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.antipasta_yaml import CACHE_KEYS
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.setup.migration.converted import NO_PATTERN
from pytest_antipasta.setup.migration.linters import MCCABE
from pytest_antipasta.setup.migration.migrate import MIGRATED_FILES, Migration, find_migration, require_known


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder without files."""
    monkeypatch.chdir(tmp_path)
    Path("src").mkdir()
    return tmp_path


def migrate(files: dict[str, str]) -> Migration | None:
    for name, text in files.items():
        Path(name).write_text(dedent(text), encoding="utf-8")
    return find_migration(Path.cwd())


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
COMMON = ("foreign_suppressions", "nested_blocks")
IGNORED = "pyproject.toml:3: tool.ruff.lint.extend-per-file-ignores.{}"


def by_default(name: str, *metrics: str) -> list[tuple[str, str, str]]:
    return [(metric, OF_RUFF[metric], f"{name}: pylint's default") for metric in metrics]


# A file, its text, and what is set by it: each with the line and the option.
SET = [
    pytest.param(
        "pyproject.toml",
        "[tool.ruff]\nextend-exclude = ['_vendor', './docs/*.py']\nlint.exclude = ['a.py']\n"
        "format.exclude = ['b.py']\nlint.mccabe.max-complexity = 9\nlint.select = ['C901']",
        [
            (OF_MCCABE, "9", "pyproject.toml:5: tool.ruff.lint.mccabe.max-complexity"),
            ("exclude", '"_vendor"', "pyproject.toml:2: tool.ruff.extend-exclude"),
            ("exclude", '"/docs/**/*.py"', "pyproject.toml:2: tool.ruff.extend-exclude"),
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
            ("exclude", '"/*/**/migrations/"', "setup.cfg:3: flake8.exclude"),
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
        "max-complexity-allowed = 9\nexclude = ['old/**', 'a.py', '*/**/', 'b/*', 'a.*', './c']",
        [
            ("cognitive_complexity", "9", "complexipy.toml:1: max-complexity-allowed"),
            ("exclude", '"/old"', "complexipy.toml:2: exclude"),
            ("exclude", '"/a.py"', "complexipy.toml:2: exclude"),
            ("exclude", '"/*"', "complexipy.toml:2: exclude"),
            ("exclude", '"/b/*.py"', "complexipy.toml:2: exclude"),
            ("exclude", '"/a.*"', "complexipy.toml:2: exclude"),
        ],
        id="complexipy's own file",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.complexipy]\npaths = ['src']\nexclude = ['old/**']",
        [
            ("cognitive_complexity", "15", "pyproject.toml: complexipy's default"),
            ("exclude", '"/old"', "pyproject.toml:3: tool.complexipy.exclude"),
            ("exclude", '"/src/old"', "pyproject.toml:3: tool.complexipy.exclude"),
            ("paths", '"src"', "pyproject.toml:2: tool.complexipy.paths"),
        ],
        id="complexipy's patterns begin at each path",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint.mccabe]\nmax-complexity = 12\n[tool.ruff.lint]\nextend-select = ['C90']",
        [(OF_MCCABE, "12", "pyproject.toml:2: tool.ruff.lint.mccabe.max-complexity")],
        id="ruff's mccabe",
    ),
    pytest.param(
        "ruff.toml",
        "select = ['C']\n[mccabe]\nmax-complexity = 12",
        [(OF_MCCABE, "12", "ruff.toml:3: mccabe.max-complexity")],
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
            ("branches", "12", "pyproject.toml:2: tool.ruff.lint.select, with ruff's default limit"),
            ("parameters", "7", "pyproject.toml:4: tool.ruff.lint.pylint.max-args"),
        ],
        id="rules of ruff but for some, one with a limit",
    ),
    pytest.param(
        "ruff.toml",
        "[lint.pylint]\nmax-args = 1\nmax-positional-args = 2\nmax-branches = 3\nmax-returns = 4\n"
        "max-statements = 5\nmax-bool-expr = 6\n[lint]\npreview = true\nselect = ['PLR091']",
        [
            ("returns", "4", "ruff.toml:5: lint.pylint.max-returns"),
            ("branches", "3", "ruff.toml:4: lint.pylint.max-branches"),
            ("parameters", "1", "ruff.toml:2: lint.pylint.max-args"),
            ("statements", "5", "ruff.toml:6: lint.pylint.max-statements"),
            ("boolean_expressions", "6", "ruff.toml:7: lint.pylint.max-bool-expr"),
            ("positional_parameters", "2", "ruff.toml:3: lint.pylint.max-positional-args"),
        ],
        id="ruff's limits of pylint's rules",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.pylint.main]\njobs = 2\n[tool.pylint.design]\nmax-args = 8\nmax-positional-arguments = 3",
        [
            *by_default("pyproject.toml", "returns", "branches"),
            ("parameters", "8", "pyproject.toml:4: tool.pylint.design.max-args"),
            *by_default("pyproject.toml", "statements", "boolean_expressions"),
            ("positional_parameters", "3", "pyproject.toml:5: tool.pylint.design.max-positional-arguments"),
        ],
        id="pylint's tables",
    ),
    pytest.param(
        ".pylintrc",
        "[MAIN]\njobs=2\ndisable=all\nload-plugins=pylint.extensions.mccabe\nenable=R0912,too-complex\n"
        "[DESIGN]\nmax-branches=15\nmax-complexity=9",
        [
            (OF_MCCABE, "9", ".pylintrc:8: DESIGN.max-complexity"),
            ("branches", "15", ".pylintrc:7: DESIGN.max-branches"),
        ],
        id="pylint's own file",
    ),
    pytest.param(
        ".pylintrc",
        "[MAIN]\nignore=docs  # old\ndisable=R0911, # ours\n    design ; all\nenable=R0912 # but this\n"
        "[DESIGN]\nmax-branches=15 ; for now",
        [
            ("branches", "15", ".pylintrc:7: DESIGN.max-branches"),
            ("exclude", '"docs"', ".pylintrc:2: MAIN.ignore"),
        ],
        id="pylint's own file with comments behind values",
    ),
    pytest.param(
        "pylintrc.toml",
        "[tool.pylint]\nmax-returns = 4\ndisable = ['design']\nenable = ['too-many-return-statements']",
        [("returns", "4", "pylintrc.toml:2: tool.pylint.max-returns")],
        id="pylint's own file in TOML",
    ),
    pytest.param(
        "setup.cfg",
        "[pylint]\nmax-statements = 40\ndisable = R0911, too-many-branches, R0913, R0917\n"
        "ignore = docs, [a]\nignore-patterns = test_.*, .*_pb2\\.py$\nignore-paths = ^src/(a|b), src/gen/.*\n"
        "[pylint.DESIGN]\nmax_bool_expr = 4",
        [
            ("statements", "40", "setup.cfg:2: pylint.max-statements"),
            ("boolean_expressions", "4", "setup.cfg:8: pylint.DESIGN.max_bool_expr"),
            ("exclude", '"docs"', "setup.cfg:4: pylint.ignore"),
            ("exclude", r'"\\[a]"', "setup.cfg:4: pylint.ignore"),
            ("exclude", '"test_*"', "setup.cfg:5: pylint.ignore-patterns"),
            ("exclude", '"*_pb2.py"', "setup.cfg:5: pylint.ignore-patterns"),
            ("exclude", '"/src/gen/"', "setup.cfg:6: pylint.ignore-paths"),
        ],
        id="pylint's sections",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff]\nextend-select = ['E', 'C9']\nlint.extend-select = ['C901']",
        [(OF_MCCABE, "10", "pyproject.toml:3: tool.ruff.lint.extend-select, with ruff's default limit")],
        id="mccabe's rule among others",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint]\nselect = ['C90']\n[tool.ruff.lint.extend-per-file-ignores]\n"
        "'my_tests/*' = ['S101', 'C90']\n'a.py' = ['E501']\n'!src/*' = ['C901']\n'{a,b}_test.py' = ['C']",
        [
            (OF_MCCABE, "10", "pyproject.toml:2: tool.ruff.lint.select, with ruff's default limit"),
            ("overrides", '"/my_tests/"', IGNORED.format('"my_tests/*"')),
            ("overrides", '"*.py", "*.pyi", "!/src/**"', IGNORED.format('"!src/*"')),
            ("overrides", '"a_test.py", "b_test.py"', IGNORED.format('"{a,b}_test.py"')),
        ],
        id="files for which ruff leaves mccabe out",
    ),
    pytest.param(
        "tox.ini",
        "[flake8]\nmax-complexity = 9\nselect = C\nignore = C9\nextend-select = C901\n"
        "per-file-ignores =\n    tests/*:C901,E1\n    tests/unit/*: E1",
        [
            (OF_MCCABE, "9", "tox.ini:2: flake8.max-complexity"),
            ("overrides", '"/tests/"', "tox.ini:6: flake8.per-file-ignores"),
            ("overrides", '"/tests/unit/"', "tox.ini:6: flake8.per-file-ignores"),
        ],
        id="the longest code decides for flake8, and for a file the longest pattern",
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
        ".flake8",
        "[flake8]\nradon-max-cc = 7\nmax-complexity = 11\nper-file-ignores = tests/*: R701, C901",
        [
            (OF_MCCABE, "11", ".flake8:3: flake8.max-complexity"),
            (CYCLOMATIC, "7", ".flake8:2: flake8.radon-max-cc"),
            ("overrides", '"/tests/"', ".flake8:4: flake8.per-file-ignores"),
        ],
        id="flake8's plugin of radon",
    ),
    pytest.param(
        "tox.ini",
        "[flake8]\nmax-complexity = 9\nselect = E C90\nignore = E501\n    W503 E2\nexclude = gen  *_pb2.py",
        [
            (OF_MCCABE, "9", "tox.ini:2: flake8.max-complexity"),
            ("exclude", '"gen"', "tox.ini:6: flake8.exclude"),
            ("exclude", '"*_pb2.py"', "tox.ini:6: flake8.exclude"),
        ],
        id="blanks separate the items of flake8's lists",
    ),
    *(
        pytest.param(
            ".pre-commit-config.yaml",
            hook(f"{{id: lint, entry: uv run {command} src}}"),
            [limit, ("paths", '"src"', f".pre-commit-config.yaml:5: {command.split()[0]}")],
            id=f"folders that {command} checks",
        )
        for command, limit in (
            (
                "flake8 --max-complexity 9",
                (OF_MCCABE, "9", ".pre-commit-config.yaml:5: flake8 --max-complexity"),
            ),
            (
                "ruff check --select=C901",
                (OF_MCCABE, "10", ".pre-commit-config.yaml:5: ruff --select, with ruff's default limit"),
            ),
            (
                "pylint --disable=all --enable=R0911",
                ("returns", "6", ".pre-commit-config.yaml: pylint's default"),
            ),
        )
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: flake8, args: [--max-complexity=9, '--exclude=gen old']}"),
        [
            (OF_MCCABE, "9", ".pre-commit-config.yaml:5: flake8 --max-complexity"),
            ("exclude", '"gen"', ".pre-commit-config.yaml:5: flake8 --exclude"),
            ("exclude", '"old"', ".pre-commit-config.yaml:5: flake8 --exclude"),
        ],
        id="blanks in one argument of flake8",
    ),
    pytest.param(
        "tox.ini",
        "[flake8]\nmax-complexity = 9\nextend-select = C\nignore = C",
        [(OF_MCCABE, "9", "tox.ini:2: flake8.max-complexity")],
        id="flake8's default decides beside what extends it",
    ),
    pytest.param(
        "tox.ini",
        "[flake8]\nmax-complexity = 9\nselect = C90\nextend-ignore = C9",
        [(OF_MCCABE, "9", "tox.ini:2: flake8.max-complexity")],
        id="C90 says more than C9 for flake8",
    ),
    pytest.param(
        "tox.ini",
        "[flake8]\nmax-complexity = 9\nexclude = build/, dist",
        [
            (OF_MCCABE, "9", "tox.ini:2: flake8.max-complexity"),
            ("exclude", '"/build"', "tox.ini:3: flake8.exclude"),
            ("exclude", '"dist"', "tox.ini:3: flake8.exclude"),
        ],
        id="a slash, with which flake8 compares paths and not names",
    ),
    pytest.param(
        "radon.cfg",
        "[radon]\nexclude = */gen/*, *_pb2.py,\n    x/*\nignore = docs,build/",
        [
            ("exclude", '"/*/**/gen/"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"docs/"', "radon.cfg:4: radon.ignore"),
        ],
        id="radon's patterns",
    ),
    pytest.param(
        "radon.cfg",
        "[radon]\nexclude = a*y,*b,m.*y",
        [
            ("exclude", '"/a*.py"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"/a*/**/*.py"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"*.ipynb"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"/m.*y"', "radon.cfg:2: radon.exclude"),
            ("exclude", '"/m.*/**/*.py"', "radon.cfg:2: radon.exclude"),
        ],
        id="a pattern of files that would match folders, too",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, args: [-b C, --exclude=a*.py, -i, docs, src]}"),
        [
            (CYCLOMATIC, "20", ".pre-commit-config.yaml:5: xenon -b C"),
            ("exclude", '"/a*.py"', ".pre-commit-config.yaml:5: xenon --exclude"),
            ("exclude", '"/a*/**/*.py"', ".pre-commit-config.yaml:5: xenon --exclude"),
            ("exclude", '"docs/"', ".pre-commit-config.yaml:5: xenon -i"),
            ("paths", '"src"', ".pre-commit-config.yaml:5: xenon"),
        ],
        id="xenon's arguments",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: complexipy}"),
        [("cognitive_complexity", "15", ".pre-commit-config.yaml: complexipy's default")],
        id="a hook without arguments",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: complexipy, args: [src, -mx, '20']}"),
        [
            ("cognitive_complexity", "20", ".pre-commit-config.yaml:5: complexipy -mx"),
            ("paths", '"src"', ".pre-commit-config.yaml:5: complexipy"),
        ],
        id="the option that complexipy had before version 6",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: flake8, additional_dependencies: [pep8-naming, flake8_cognitive_complexity==0.1]}"),
        [("cognitive_complexity", "7", ".pre-commit-config.yaml:5: additional_dependencies")],
        id="a plugin that a hook of flake8 installs",
    ),
    *(
        pytest.param(
            ".pre-commit-config.yaml",
            hook(f"{{id: {name}, entry: {command} -b B src}}"),
            [
                (CYCLOMATIC, "10", ".pre-commit-config.yaml:5: xenon -b B"),
                ("paths", '"src"', ".pre-commit-config.yaml:5: xenon"),
            ],
            id=f"{name}: {command}",
        )
        for name in ("xenon", "complexity")
        for command in (
            "poetry run xenon",
            "uv run --frozen xenon",
            "python3 -m xenon",
            "bin/xenon",
            "uvx xenon",
        )
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, entry: scripts/xenon.sh, args: [-b, B]}"),
        [(CYCLOMATIC, "10", ".pre-commit-config.yaml:5: xenon -b B")],
        id="a script that runs xenon",
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
        ".flake8",
        "[flake8]\nmax-complexity = 8 # why",
        ['.flake8:2: flake8.max-complexity: "8 # why" is not a number >= 0'],
        id="a comment behind a number, which flake8 refuses",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.complexipy]\nsnapshot-create = true\nquiet = true\ndiff.branch = 'main'\ndiff.staged = true\n"
        "check-script = true\ncache-dir = 'x'\nmax-complexity-allowed = 'ten'\nignore-complexity = true",
        [
            'pyproject.toml:8: tool.complexipy.max-complexity-allowed: "ten" is not a number >= 0',
            "pyproject.toml:2: tool.complexipy.snapshot-create: `pytest-antipasta baseline` does this",
            "pyproject.toml:4: tool.complexipy.diff.branch: `pytest-antipasta check --diff REF` does this",
            "pyproject.toml:5: tool.complexipy.diff.staged: "
            "`pytest-antipasta check --staged` and the commit hook do this",
            "pyproject.toml:6: tool.complexipy.check-script: code outside functions is not checked",
            "pyproject.toml:9: tool.complexipy.ignore-complexity: functions over the limit fail here",
        ],
        id="complexipy",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: complexipy, args: [-d, main, --staged, -i, src, gone]}"),
        [
            ".pre-commit-config.yaml:5: complexipy -d: `pytest-antipasta check --diff REF` does this",
            ".pre-commit-config.yaml:5: complexipy --staged: "
            "`pytest-antipasta check --staged` and the commit hook do this",
            ".pre-commit-config.yaml:5: complexipy -i: functions over the limit fail here",
            '.pre-commit-config.yaml:5: complexipy: "gone": no such file or folder',
        ],
        id="complexipy's arguments",
    ),
    pytest.param(
        "setup.cfg",
        "[flake8]\nmax-complexity = 9\nignore = E501 C901",
        ["setup.cfg:2: flake8.max-complexity: flake8 does not apply C901, so there is no limit"],
        id="flake8 ignores what stands behind a blank",
    ),
    pytest.param(
        "setup.cfg",
        "[radon]\ncc_min = B\nmi_max = C\nno_assert = true\nshow_closures = true\noutput_file = x\n"
        "exclude = ../a, b/*\nignore = build/\n"
        "[flake8]\nmax-complexity = -1\nignore = E1",
        [
            "radon: has no limits, so those of pytest-antipasta apply",
            "setup.cfg:10: flake8.max-complexity: flake8 does not apply C901, so there is no limit",
            "setup.cfg:4: radon.no_assert: assert statements are counted",
            'setup.cfg:7: radon.exclude: "../a": can\'t be converted to a pattern for pytest-antipasta',
            'setup.cfg:7: radon.exclude: " b/*": matches no source file',
            'setup.cfg:8: radon.ignore: "build/": matches no source file',
        ],
        id="radon and flake8",
    ),
    pytest.param(
        ".pylintrc",
        "[MAIN]\nignore=./tests,docs/,CVS\nignore-patterns=^\\./gen,tests/.*\n[DESIGN]\nmax-returns=3",
        [
            '.pylintrc:2: MAIN.ignore: "./tests": matches no source file',
            '.pylintrc:2: MAIN.ignore: "docs/": matches no source file',
            '.pylintrc:2: MAIN.ignore: "CVS": matches no source file',
            '.pylintrc:3: MAIN.ignore-patterns: "^\\\\./gen": matches no source file',
            '.pylintrc:3: MAIN.ignore-patterns: "tests/.*": matches no source file',
        ],
        id="paths, where pylint compares names",
    ),
    pytest.param(
        "ruff.toml",
        "[lint]\nselect = ['C90']\nexclude = ['py', 'y']",
        [
            'ruff.toml:3: lint.exclude: "py": matches no source file',
            'ruff.toml:3: lint.exclude: "y": matches no source file',
        ],
        id="the end of a suffix is no file",
    ),
    pytest.param(
        ".flake8",
        "[flake8]\nradon-max-cc = 7\nradon-no-assert = true",
        [".flake8:3: flake8.radon-no-assert: assert statements are counted"],
        id="radon for flake8",
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
        ".pre-commit-config.yaml",
        hook("{id: complexity, entry: xenon --max-absolute F .}"),
        [".pre-commit-config.yaml:5: xenon --max-absolute: allows everything"],
        id="xenon's rank that allows everything",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, args: [-b, B, .], exclude: ^a, files: ^b}") + "exclude: ^c\n",
        [
            f".pre-commit-config.yaml:{place}: not converted, as it is no pattern but a regular expression"
            for place in ("5: files", "5: exclude", "6: exclude")
        ],
        id="files of a hook",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: ruff, args: [--select, C901, --config, lint.mccabe.max-complexity=3]}"),
        [".pre-commit-config.yaml:5: ruff --config: not converted, as it names no file"],
        id="ruff's settings in an argument",
    ),
    pytest.param(
        ".pre-commit-config.yaml",
        hook("{id: xenon, args: [-b, B, .]}\n  - {id: xenon, args: [-b, A, tests]}"),
        [".pre-commit-config.yaml:6: xenon: only the first such hook is converted"],
        id="several hooks",
    ),
    pytest.param(
        "ruff.toml",
        "include = ['a']\n[lint]\nselect = ['PLR0911']\ndummy-variable-rgx = 'a'\npylint.max-args = 3",
        [
            "ruff.toml:5: lint.pylint.max-args: ruff does not apply PLR0913, so there is no limit",
            "ruff.toml:1: include: not converted; write `include`, which replaces the default",
            "ruff.toml:4: lint.dummy-variable-rgx: arguments that begin with an underscore are not counted",
        ],
        id="ruff",
    ),
    pytest.param(
        "pyproject.toml",
        "[tool.ruff.lint]\nselect = ['E', 'PLR0914']\nextend-select = ['PLR1702']\nignore = ['PLR0904']\n"
        "preview = true\n[tool.ruff.lint.pylint]\nmax-locals = 12\nallow-magic-value-types = []",
        [
            f"pyproject.toml:{place}: has no equivalent; ruff continues to check it"
            for place in ("7: tool.ruff.lint.pylint.max-locals", "3: tool.ruff.lint.extend-select PLR1702")
        ],
        id="ruff's limits of variables and the like",
    ),
    pytest.param(
        "ruff.toml",
        "exclude = ['src\\gen', 'a\\.py']\n[lint]\nselect = ['C901']\n"
        "[lint.per-file-ignores]\n'src\\gen\\*.py' = ['C901']",
        [
            f"ruff.toml:{place}: {NO_PATTERN}"
            for place in (
                r'1: exclude: "src\\gen"',
                r'4: lint.per-file-ignores."src\\gen\\*.py": "src\\gen\\*.py"',
            )
        ],
        id="ruff's patterns with backslashes of Windows",
    ),
    pytest.param(
        ".flake8",
        "[flake8]\nmax-complexity = 9\nexclude = src\\_gen",
        [r'.flake8:3: flake8.exclude: "src\\_gen": ' + NO_PATTERN],
        id="flake8's patterns with backslashes of Windows",
    ),
    pytest.param(
        ".pylintrc",
        "[DESIGN]\nmax-locals=4",
        [".pylintrc:2: DESIGN.max-locals: has no equivalent; pylint continues to check it"],
        id="pylint's limit of variables",
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
# What is set beside that, for comments that a tool honours, and functions that it counts in others.
BESIDE = {
    "setup.cfg": ("[flake8]\nmax-complexity = 9", ['"noqa"', "false"]),
    "tox.ini": ("[flake8]\nmax-complexity = 9\ndisable-noqa = True", ["false"]),
    ".flake8": ("[flake8]\nradon-max-cc = 9\nradon-show-closures = true", ['"noqa"']),
    "ruff.toml": ("lint.select = ['C901']", ['"noqa"', '"ruff"']),
    ".pylintrc": ("[MAIN]\njobs=2", ['"pylint"']),
    "complexipy.toml": ("paths = ['.']", ['"complexipy"']),
    ".complexipy.toml": ("paths = ['.']\nno-ignore = true", []),
    "radon.cfg": ("[radon]\nexclude = *_a.py", ["false"]),
    ".pre-commit-config.yaml": (hook("{id: xenon, args: [-b, B, .]}"), ["false"]),
}
# What is included if there is a file of this name, which we check by default.
OTHERS = [
    pytest.param("ruff.toml", "lint.select = ['C901']", "a.pyw", ['"*.py"'], id="ruff"),
    pytest.param("ruff.toml", "preview = true\nlint.select = ['C901']", "a.pyw", [], id="ruff in preview"),
    pytest.param("tox.ini", "[flake8]\nmax-complexity = 9", "a.pyw", ['"*.py"'], id="flake8"),
    pytest.param("complexipy.toml", "paths = ['.']", "a.py", [], id="no such file"),
]
NOTHING = [
    pytest.param("pyproject.toml", "[tool.xenon]\nmax_absolute = 'b'", id="what xenon does not read"),
    pytest.param("pyproject.toml", "[project]\nname = 'a'\n[tool.ruff]\nline-length = 3", id="other tables"),
    pytest.param("pyproject.toml", "tool = 1", id="a strange file"),
    pytest.param(
        "ruff.toml", "lint.select = ['ALL']\nlint.ignore = ['C90', 'PL']", id="all rules of ruff but this"
    ),
    pytest.param("ruff.toml", "lint.select = ['C90']\nlint.ignore = ['C9']", id="C9, the old name of C90"),
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
    found = [(each.key, each.text, each.origin) for each in migration.settings if each.key not in COMMON]
    assert found == expected


@pytest.mark.parametrize("name", BESIDE)
def test_what_a_tool_leaves_out_in_files_is_set(name: str) -> None:
    text, expected = BESIDE[name]
    migration = migrate({name: text})
    assert migration
    assert [each.text for each in migration.settings if each.key in COMMON] == expected


@pytest.mark.parametrize(("name", "text", "other", "expected"), OTHERS)
def test_files_that_the_tool_does_not_check_are_left_out(
    name: str, text: str, other: str, expected: list[str]
) -> None:
    Path(other).touch()
    migration = migrate({name: text})
    assert migration
    assert [each.text for each in migration.settings if each.key in ("include", "paths")] == expected


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
    assert [format_json(glob) for glob in settings.exclude] == [
        text for key, text, _ in expected if key == "exclude"
    ]
    assert len(settings.overrides) == sum(key == "overrides" for key, _, _ in expected)
    if name == ".antipasta.yaml":
        assert settings.thresholds == load_settings(folder, Path(name)).settings.thresholds


def test_folders_of_pylint_s_packages_are_those_that_it_checks() -> None:
    for name in ("a/__init__.py", "a/gen/__init__.py", "a/data/b.py", "gen/c.py"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    migration = migrate({".pylintrc": "[MAIN]\nignore-patterns=gen"})
    assert migration
    assert [each.text for each in migration.settings if each.key == "exclude"] == ['"gen*"', '"/a/data/"']
    assert [f"{each.origin}: {each.why}" for each in migration.lost] == [
        ".pylintrc:2: MAIN.ignore-patterns: pylint checks a/gen, as it ignores no packages by these"
    ]


def test_arguments_of_a_hook_override_the_file() -> None:
    arguments = "[-rn, --enable, R0911, --max-returns=3]"
    migration = migrate(
        {
            ".pylintrc": "[MAIN]\ndisable=design\nmax-returns=9",
            "ruff.toml": "lint.select = ['C90']",
            ".pre-commit-config.yaml": hook(
                f"{{id: pylint, args: {arguments}}}\n  - {{id: ruff-check, args: [--select=C901]}}"
            ),
        }
    )
    assert migration
    limits = {each.key: (each.text, each.origin) for each in migration.settings if each.key not in COMMON}
    assert limits == {
        OF_MCCABE: ("10", ".pre-commit-config.yaml:6: ruff --select, with ruff's default limit"),
        "returns": ("3", ".pre-commit-config.yaml:5: pylint --max-returns"),
    }


@pytest.mark.parametrize(
    ("tool", "arguments", "expected"),
    [
        ("ruff", "--select C901 --force-exclude --select E src", {OF_MCCABE: "10", "paths": '"src"'}),
        (
            "pylint",
            "--disable=all --enable=R0911 --disable=C --enable=W src",
            {"returns": "6", "paths": '"src"'},
        ),
        ("flake8", "--max-complexity 9 --count src", {OF_MCCABE: "9", "paths": '"src"'}),
    ],
)
def test_rules_of_a_repeated_argument_are_added(tool: str, arguments: str, expected: dict[str, str]) -> None:
    migration = migrate({".pre-commit-config.yaml": hook(f"{{id: {tool}, entry: {tool} {arguments}}}")})
    assert migration
    found = {each.key: each.text for each in migration.settings}
    assert {key: text for key, text in found.items() if key not in COMMON} == expected


NAMED = [
    pytest.param(
        "pylint",
        "--rcfile=ci/pylint.cfg",
        "[A]\ndisable=all\nenable=R0911\nmax-returns=4",
        ("returns", "4", "ci/pylint.cfg:4: A.max-returns"),
        id="pylint",
    ),
    pytest.param(
        "flake8",
        "--config=ci/flake8",
        "[flake8]\nmax-complexity=4",
        (OF_MCCABE, "4", "ci/flake8:2: flake8.max-complexity"),
        id="flake8",
    ),
    pytest.param(
        "ruff",
        "--config=ci/own.toml",
        "lint.select = ['PLR0911']",
        ("returns", "6", "ci/own.toml:1: lint.select, with ruff's default limit"),
        id="ruff",
    ),
    pytest.param(
        "complexipy",
        "--config=ci/own.toml",
        "max-complexity-allowed = 4",
        ("cognitive_complexity", "4", "ci/own.toml:1: max-complexity-allowed"),
        id="complexipy",
    ),
]


@pytest.mark.parametrize(("tool", "argument", "text", "expected"), NAMED)
def test_a_file_that_a_hook_names_is_read_alone(
    tool: str, argument: str, text: str, expected: tuple[str, str, str]
) -> None:
    Path("ci").mkdir()
    others = {
        "pyproject.toml": "[tool.pylint]\n[tool.ruff.lint]\nselect = ['PLR0912']\n[tool.complexipy]",
        "setup.cfg": "[flake8]\nmax-complexity = 9",
    }
    hooks = {".pre-commit-config.yaml": hook(f"{{id: {tool}, args: [{argument}]}}")}
    migration = migrate({**others, **hooks, argument.partition("=")[2]: text})
    assert migration
    limits = [
        (each.key, each.text, each.origin)
        for each in migration.settings
        if each.origin.startswith(("ci/", ".pre-commit"))
    ]
    assert limits == [expected]


@pytest.mark.parametrize(
    "command",
    [
        "ruff",
        "uvx ruff@latest",
        "uv run --group lint ruff",
        "poetry run -- ruff",
        "hatch run lint:ruff",
        "python -Im ruff",
        "env A=1 ruff",
    ],
)
def test_a_hook_with_the_id_of_a_tool_runs_it_in_any_way(command: str) -> None:
    arguments = f"{{id: ruff, entry: {command} check --select C901 src}}"
    migration = migrate({".pre-commit-config.yaml": hook(arguments)})
    assert migration
    found = {each.key: each.text for each in migration.settings}
    assert (found[OF_MCCABE], found["paths"]) == ("10", '"src"')


def test_limits_of_several_tools_have_their_own_files() -> None:
    migration = migrate(
        {
            "setup.cfg": "[flake8]\nmax-complexity = 14\nexclude = gen,new\n[radon]\nignore = docs",
            "ruff.toml": "lint.select = ['C901', 'PLR0911']\nextend-exclude = ['old']",
            "tox.ini": "[flake8]\nmax-complexity = 9",
            "complexipy.toml": "paths = ['src']",
        }
    )
    assert migration
    assert list(migration.iter_table()) == [
        "[tool.pytest-antipasta]",
        (
            "# setup.cfg:2: flake8.max-complexity: mccabe_complexity is from ruff.toml:1: lint.select, with "
            "ruff's default limit"
        ),
        "# setup.cfg:3: flake8.exclude: not converted, as another tool limits mccabe_complexity",
        "# as mccabe: `nested_blocks = false` would apply to the limits of all tools",
        '# complexipy.toml:1: paths: `paths = "src"` would apply to the limits of all tools',
        "# radon: not converted, as other tools have the limits",
        "foreign_suppressions = [",
        '    "noqa",  # as ruff',
        '    "ruff",  # as ruff',
        '    "complexipy",  # as complexipy',
        "]",
        "",
        "[tool.pytest-antipasta.thresholds]",
        "mccabe_complexity = 10  # ruff.toml:1: lint.select, with ruff's default limit",
        "returns = 6  # ruff.toml:1: lint.select, with ruff's default limit",
        "cognitive_complexity = 15  # complexipy.toml: complexipy's default",
        "cyclomatic_complexity = false  # was not checked; without this line, the limit is <= 10",
        "maintainability_index = false  # was not checked; without this line, the limit is >= 50",
        "halstead_volume = false  # was not checked; without this line, the limit is <= 1000",
        "halstead_difficulty = false  # was not checked; without this line, the limit is <= 10",
        "halstead_effort = false  # was not checked; without this line, the limit is <= 10000",
        "",
        "[[tool.pytest-antipasta.overrides]]",
        'files = ["old"]  # ruff.toml:2: extend-exclude',
        "thresholds = { mccabe_complexity = 14, returns = false }",
    ]


def test_the_lowest_limit_counts_where_its_tool_checks() -> None:
    migration = migrate(
        {
            "ruff.toml": "lint.select = ['C901']",
            "tox.ini": "[flake8]\nmax-complexity = 9\nmax-cognitive-complexity = 12\nexclude = gen",
        }
    )
    assert migration
    (override,) = (each for each in migration.settings if each.key == "overrides")
    limits = "{ mccabe_complexity = 10, cognitive_complexity = false }"
    assert (override.text, override.thresholds) == ('"gen"', limits)
    assert [(each.text, each.origin) for each in migration.settings if each.key == OF_MCCABE] == [
        ("9", "tox.ini:2: flake8.max-complexity")
    ]
    assert [f"{each.origin}: {each.why}" for each in migration.lost][:1] == [
        "ruff.toml:1: lint.select, with ruff's default limit: mccabe_complexity is from tox.ini:2: "
        "flake8.max-complexity"
    ]


def test_what_the_first_tool_leaves_out_has_the_limit_of_the_next_that_checks_it() -> None:
    for folder in ("all", "tests", "gen", "old"):
        Path(folder).mkdir()
        Path(folder, "a.py").touch()
    migration = migrate(
        {
            "ruff.toml": "extend-exclude = ['all', 'gen', 'old', 'dist']\n"
            "[lint]\nselect = ['C901', 'PLR0911']\nper-file-ignores = {'tests/*' = ['C901']}",
            "tox.ini": "[flake8]\nmax-complexity = 11\nexclude = ./all,./gen,dist\n"
            "per-file-ignores = old/*:C901",
            ".pylintrc": "[MAIN]\ndisable=all\nenable=too-complex\nload-plugins=pylint.extensions.mccabe\n"
            "max-complexity=12\nignore=all,tests,dist",
        }
    )
    assert migration
    assert {each.text: each.thresholds for each in migration.settings if each.key == "overrides"} == {
        '"all"': "{ mccabe_complexity = false, returns = false }",
        '"dist"': "{ mccabe_complexity = false, returns = false }",
        '"gen"': "{ mccabe_complexity = 12, returns = false }",
        '"old"': "{ mccabe_complexity = 12, returns = false }",
        '"/tests/"': "{ mccabe_complexity = 11 }",
    }


@pytest.mark.parametrize(
    ("name", "text", "notes"),
    [
        ("ruff.toml", "lint.select = ['C901']", [""]),
        ("tox.ini", "[flake8]\nmax-complexity = 9", [MCCABE]),
        (".pre-commit-config.yaml", hook("{id: xenon, args: [-b, B]}"), [""]),
        ("complexipy.toml", "max-complexity-allowed = 9", [""]),
    ],
)
def test_limits_of_mccabe_s_numbers_are_reported(name: str, text: str, notes: list[str]) -> None:
    migration = migrate({name: text})
    assert migration
    assert [setting.note for setting in migration.settings if setting.key not in COMMON] == notes
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
