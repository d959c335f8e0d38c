"""``config validate`` and ``config show``, as the command line calls them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from tomllib import loads
from typing import Any

import pytest
from msgspec.structs import replace

from pytest_antipasta.cli.options import parse
from pytest_antipasta.cli.program import make_parser
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.schema import make_schema


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty folder that is git's top."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*argv: str) -> int:
    """Parse the arguments and run what they ask for."""
    command, _ = parse(make_parser(["config"]), ["config", *argv])
    return command()


def write(name: str, text: str) -> None:
    """Write a file below the current folder."""
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(dedent(text), encoding="utf-8")


TABLE = """\
    [tool.pytest-antipasta]
    paths = ["src"]
    exclude = ["café \\u007f/", '"quoted"']
    cache_dir = "build/store"
    max_file_size_mb = 1e20
    on_error = "warn"

    [tool.pytest-antipasta.thresholds]
    cyclomatic_complexity = {limit = 8, comparison = "<"}
    halstead_volume = {limit = 900.5, block_limit = 90}
    halstead_effort = false
    blank_lines = 100

    [[tool.pytest-antipasta.overrides]]
    files = ["tests/"]
    thresholds = {cyclomatic_complexity = false, halstead_volume = {limit = 9, block_limit = false}}

    [[tool.pytest-antipasta.overrides]]
    files = ["tests/a.py"]
    thresholds = {cyclomatic_complexity = 20}
    """

PATHS = '[tool.pytest-antipasta]\npaths = ["src"]\n'
HEAD = "# source: defaults only\n# root: .\n"
PROPERTIES = make_schema()["properties"]


def read_shown(text: str) -> dict[str, Any]:
    """Return the table that was shown."""
    table: dict[str, Any] = loads(text)["tool"]["pytest-antipasta"]
    return table


@pytest.mark.parametrize(
    ("name", "text", "argv", "output"),
    [
        pytest.param("pyproject.toml", PATHS, [], "pyproject.toml: valid\n", id="our table"),
        pytest.param(".antipasta.yaml", "", [], ".antipasta.yaml: valid\n", id="an .antipasta.yaml"),
        pytest.param("a/b.toml", PATHS, ["--config", "a/b.toml"], "a/b.toml: valid\n", id="a named file"),
        pytest.param("a/b.toml", TABLE, [], "no settings found, using the defaults\n", id="nothing found"),
        pytest.param("pyproject.toml", TABLE, ["--quiet"], "", id="quiet"),
        pytest.param(
            ".antipasta.yaml",
            "profile: standard",
            [],
            (
                ".antipasta.yaml: valid\nnote: .antipasta.yaml:1: profile: is an antipasta setting; "
                "ignored here\n"
            ),
            id="notes",
        ),
    ],
)
def test_validate_says_what_is_valid(
    capsys: pytest.CaptureFixture[str], name: str, text: str, argv: list[str], output: str
) -> None:
    """And succeeds."""
    write(name, text)
    write("src/b.py", "")
    write("a/src/b.py", "")
    assert run("validate", *argv) == 0
    assert capsys.readouterr().out == output


IDLE = """
[tool.pytest-antipasta]
include = ["*.py", "*.pyx"]
exclude = ["gone/", "vendored/", "!gone/a.py"]
critical_paths = ["src/", "lib/core.py"]
[[tool.pytest-antipasta.overrides]]
files = ["src/*.py", "tests/"]
thresholds = {}
"""


def test_validate_lists_the_patterns_that_match_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    write("pyproject.toml", IDLE)
    for name in ("src/b.py", "vendored/c.py", "gone/d.txt"):
        write(name, "")
    assert run("validate") == 0
    assert capsys.readouterr().out.splitlines() == [
        "pyproject.toml: valid",
        'note: include[1] (pyproject.toml:3): "*.pyx" matches no source file',
        'note: exclude[0] (pyproject.toml:4): "gone/" matches no source file',
        'note: critical_paths[1] (pyproject.toml:5): "lib/core.py" matches no source file',
        'note: overrides[0].files[1] (pyproject.toml:7): "tests/" matches no source file',
    ]


@pytest.mark.parametrize("text", [None, '{"entries": 1}'], ids=["missing", "wrong"])
def test_a_baseline_that_check_refuses_is_not_valid(text: str | None) -> None:
    write("pyproject.toml", '[tool.pytest-antipasta]\nbaseline = "recorded.json"\n')
    if text is not None:
        write("recorded.json", text)
    with pytest.raises(UsageError, match=r"recorded\.json"):
        run("validate")


@pytest.mark.parametrize("action", ["validate", "show"])
def test_wrong_settings_are_left_to_the_caller(action: str) -> None:
    """Which has one way to tell them, whatever the command."""
    write("pyproject.toml", "[tool.pytest-antipasta]\nnested_blocks = 1")
    with pytest.raises(
        UsageError, match=r"pyproject\.toml:2: .*nested_blocks: expected true or false, got 1"
    ):
        run(action)


def test_show_prints_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    """As a table that says the same, each with its origin; limits that nobody names are comments."""
    assert run("show") == 0
    shown = capsys.readouterr().out
    assert shown.startswith(HEAD + '[tool.pytest-antipasta]\npaths = ["."]  # default\n')
    assert [line for line in shown.splitlines() if " = " in line and not line.endswith("  # default")] == []
    limits = PROPERTIES["thresholds"]["properties"]
    thresholds = {name: key["default"] for name, key in limits.items() if "default" in key}
    defaults = {name: key["default"] for name, key in PROPERTIES.items() if "default" in key}
    assert read_shown(shown) == {name: value for name, value in defaults.items() if name != "overrides"} | {
        "thresholds": {}
    }
    assert [f"# {name} = {limit}  # default" for name, limit in thresholds.items()] == [
        line for line in shown.splitlines() if line.startswith("# ") and " = " in line
    ]


def test_show_prints_what_can_be_pasted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Read again it gives the same settings, each threshold of an override in full."""
    write("pyproject.toml", TABLE)
    assert run("show") == 0
    output = capsys.readouterr().out
    assert output.startswith("# source: pyproject.toml\n# root: .\n[tool.pytest-antipasta]\n")
    assert (
        'cyclomatic_complexity = { limit = 20, comparison = "<", level = "error" }  # pyproject.toml:20\n'
        in output
    )
    assert 'paths = ["src"]  # pyproject.toml:2\n' in output
    assert "halstead_effort = false  # pyproject.toml:11\n" in output
    write("pasted.toml", output)
    pasted = load_settings(folder, Path("pasted.toml")).settings
    assert replace(pasted, source=None) == replace(load_settings(folder).settings, source=None)


def test_show_finds_a_metric_by_its_short_name(capsys: pytest.CaptureFixture[str]) -> None:
    write("pyproject.toml", "[tool.pytest-antipasta.thresholds]\ncyclomatic = 7\nvolume = false\n")
    assert run("show") == 0
    shown = capsys.readouterr().out
    assert "cyclomatic_complexity = 7  # pyproject.toml:2\n" in shown
    assert "halstead_volume = false  # pyproject.toml:3\n" in shown
    assert "cognitive_complexity = 15  # default\n" in shown


def test_show_takes_a_named_file_and_can_be_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Quiet leaves out the comments, notes among them."""
    write("a/b.yaml", "profile: standard\nignore_patterns: [x]")
    assert run("show", "--config", "a/b.yaml") == 0
    note = "# note: a/b.yaml:1: profile: is an antipasta setting; ignored here\n"
    assert capsys.readouterr().out.startswith(
        f"# source: a/b.yaml\n# root: a\n{note}[tool.pytest-antipasta]\n"
    )
    assert run("show", "--quiet", "--config", "a/b.yaml") == 0
    shown = capsys.readouterr().out
    assert "#" not in shown
    assert read_shown(shown)["exclude"] == ["x"]


@pytest.mark.parametrize(
    ("path", "lines"),
    [
        pytest.param(
            "src/a.py",
            [
                "cyclomatic_complexity  < 8  (settings, pyproject.toml:9)",
                "halstead_volume        <= 900.5, each block <= 90, a warning  (settings, pyproject.toml:10)",
            ],
            id="no override",
        ),
        pytest.param(
            "tests/b.py",
            [
                "cyclomatic_complexity  off  (overrides[0], pyproject.toml:16)",
                "halstead_volume        <= 9, a warning  (overrides[0], pyproject.toml:16)",
            ],
            id="an override",
        ),
        pytest.param(
            "tests/a.py",
            [
                "cyclomatic_complexity  < 20  (overrides[1], pyproject.toml:20)",
                "halstead_volume        <= 9, a warning  (overrides[0], pyproject.toml:16)",
            ],
            id="two",
        ),
    ],
)
def test_show_prints_the_thresholds_of_a_file(
    capsys: pytest.CaptureFixture[str], path: str, lines: list[str]
) -> None:
    """Each with its origin, in the order of the settings; the file need not exist."""
    write("pyproject.toml", TABLE)
    assert run("show", path) == 0
    assert capsys.readouterr().out.splitlines() == [
        "# source: pyproject.toml",
        "# root: .",
        "# checked: no, unless it is named: it does not exist",
        "halstead_effort        off  (settings, pyproject.toml:11)",
        lines[0],
        "cognitive_complexity   <= 15  (default)",
        "maintainability_index  >= 50, a warning  (default)",
        lines[1],
        "halstead_difficulty    <= 10, a warning  (default)",
        "blank_lines            <= 100  (settings, pyproject.toml:12)",
    ]


def test_the_file_is_looked_for_in_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And its overrides in the root."""
    write("pyproject.toml", TABLE)
    (folder / "tests").mkdir()
    monkeypatch.chdir(folder / "tests")
    assert run("show", "a.py", "--quiet") == 0
    out = capsys.readouterr().out
    assert f"cyclomatic_complexity  < 20  (overrides[1], {folder}/pyproject.toml:20)\n" in out


def test_a_file_outside_the_root_has_no_overrides(capsys: pytest.CaptureFixture[str]) -> None:
    """Its name can't be relative to it."""
    write("a/pyproject.toml", TABLE)
    write("tests/a.py", "")
    assert run("show", "tests/a.py", "--config", "a/pyproject.toml", "--quiet") == 0
    assert "overrides" not in capsys.readouterr().out


def test_a_file_is_found_through_a_linked_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings may be named by one way and the file by another."""
    write("real/pyproject.toml", TABLE)
    try:
        (folder / "linked").symlink_to(folder / "real")
    except OSError:
        pytest.skip("links can't be made here")
    assert run("show", "real/tests/a.py", "--config", "linked/pyproject.toml", "--quiet") == 0
    assert "(overrides[1], linked/pyproject.toml:20)" in capsys.readouterr().out


def test_a_folder_has_no_thresholds(folder: Path) -> None:
    """Globs are about files."""
    (folder / "src").mkdir()
    with pytest.raises(UsageError, match=r"^src: is a folder; name a file$"):
        run("show", "src")


@pytest.mark.parametrize("argv", [[], ["repair"], ["validate", "a"]])
def test_other_arguments_are_refused(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """By the parser, with exit code 2."""
    with pytest.raises(SystemExit) as caught:
        run(*argv)
    assert caught.value.code == 2
    assert "see `pytest-antipasta config --help`" in capsys.readouterr().err or "validate" in argv


@pytest.mark.parametrize("argv", [["validate"], ["show", "a.py"]])
def test_a_path_of_the_settings_that_is_not_there_is_reported(argv: list[str]) -> None:
    """With the key and its line."""
    write("a.py", "")
    write("pyproject.toml", '[tool.pytest-antipasta]\npaths = [\n  "a.py",\n  "srcs",\n]')
    with pytest.raises(UsageError) as caught:
        run(*argv)
    assert str(caught.value) == (
        'pyproject.toml:4: tool.pytest-antipasta.paths[1]: no such file or folder: "srcs"; correct it '
        "or remove it from `paths`"
    )


@pytest.mark.parametrize(
    ("text", "header", "line"),
    [
        pytest.param("[tool.antipasta]", "[tool.antipasta]", 1, id="the name of another tool"),
        pytest.param("\n[tool.pytest_antipasta]", "[tool.pytest_antipasta]", 2, id="an underscore"),
        pytest.param("[[ tool.'antipasta' . overrides]]", "[tool.antipasta]", 1, id="quotes and blanks"),
        pytest.param("[pytest-antipasta]", "[pytest-antipasta]", 1, id="not below tool"),
        pytest.param("[tool.pytest-anitpasta]", "[tool.pytest-anitpasta]", 1, id="two letters swapped"),
        pytest.param("[tool.pytset-antipasta]", "[tool.pytset-antipasta]", 1, id="in the first word"),
        pytest.param("[tool.pytest-antpasta.a]", "[tool.pytest-antpasta]", 1, id="a letter left out"),
        pytest.param("[tool.'pytest_antipasti']", "[tool.pytest_antipasti]", 1, id="another letter"),
    ],
)
def test_a_misnamed_table_is_noted(
    text: str, header: str, line: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would be silently without effect."""
    write("pyproject.toml", f"{text}\npaths = ['a']\n")
    assert run("validate") == 0
    assert capsys.readouterr().out == (
        f"no settings found, using the defaults\nnote: pyproject.toml:{line}: {header} is ignored; "
        "use the table [tool.pytest-antipasta]\n"
    )
    with pytest.raises(UsageError, match=r"has no table .*\n.*is ignored; use the table"):
        run("show", "--config", "pyproject.toml")


def test_tables_of_others_are_not_noted(capsys: pytest.CaptureFixture[str]) -> None:
    """Nor is our own."""
    write(
        "pyproject.toml",
        "[tool.pytest-antipasta]\n[tool.antipasto]\n[tool.x.antipasta]\n[tool.pytest]\n"
        "[tool.pytest-antilru]\n[tool.pytest-pasta]\n[tool.pytest-asyncio]\n",
    )
    assert run("validate") == 0
    assert capsys.readouterr().out == "pyproject.toml: valid\n"


@pytest.mark.parametrize("name", ["a.toml", ".antipasta.yaml"])
def test_show_tells_where_each_setting_stands(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In our own table and in antipasta's file."""
    if name == "a.toml":
        write(name, "[tool.pytest-antipasta]\nexclude = ['x']\nthresholds.cyclomatic_complexity = 10")
    else:
        write(name, "\nignore_patterns: [x]\ndefaults: {max_cyclomatic_complexity: 10}")
    assert run("show", "--config", name) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f'exclude = ["x"]  # {name}:2' in lines
    assert f"cyclomatic_complexity = 10  # {name}:3" in lines
    begin = "# " if name == "a.toml" else ""  # a YAML file names all of them
    assert {"use_gitignore = true  # default", f"{begin}cognitive_complexity = 15  # default"} <= set(lines)


def test_a_list_of_metrics_in_yaml_is_an_origin_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """It also switches off what it does not name."""
    write(
        ".antipasta.yaml",
        "languages: [{name: Python, metrics: [{type: cyclomatic_complexity, threshold: 10}]}]",
    )
    assert run("show") == 0
    lines = capsys.readouterr().out.splitlines()
    assert "cyclomatic_complexity = 10  # .antipasta.yaml" in lines
    assert "cognitive_complexity = false  # .antipasta.yaml" in lines
