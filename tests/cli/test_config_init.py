"""``config init``: from a repository without settings to one with some."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from pytest_antipasta import check
from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.extension.metrics import default_thresholds
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.path_thresholds import ThresholdFinder
from tests.cli.test_main import PROGRAM
from tests.conftest import Program, Repository
from tests.metrics.notebook.making import make_notebook

BRANCHES = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(12))
FILES = {
    "src/shop/__init__.py": "",
    "src/shop/cart.py": f"def total(x):\n{BRANCHES}",
    "src/shop/cart_pb2.py": "x = 1\n",
    "tests/test_cart.py": "def test_it():\n    assert True\n",
    "tests/data/broken.py": "def (:\n",
    "docs/conf.py": "x = 1\n",
    "pyproject.toml": "# ours\n[project]\nname = 'shop'  # a name\n\n# nothing\n",
}
FOUND = """\
root: . (6 files)
excluded: *_pb2.py (generated, 1 file)
excluded: /tests/data/broken.py (can't be measured: syntax, 1 file)

fail without a baseline, of 4 files:
--preset     functions  files  limits
> functions          1      1  cyclomatic 10, cognitive 15; no limits of files
  files              1      1  cyclomatic 10, cognitive 15; files fail, too
  default            1      1  cyclomatic 10, cognitive 15; files only warn
  now                0      0  cyclomatic 13, cognitive 15; files only warn
proposed: functions, because what fails can be fixed one function at a time
fail with --baseline: 0, as what fails today is recorded; it may not get worse

over a limit    functions    lines
cognitive 10            1       25
cyclomatic 10           1       25
choose by how many functions you want to deal with, and write that limit into the settings
no history (no git repository, no commits, a shallow clone, or git failed)

"""
TABLE = """\
[tool.pytest-antipasta]
paths = ["."]
exclude = [
    "*_pb2.py",  # generated
    "/tests/data/broken.py",  # can't be measured: syntax
]

[tool.pytest-antipasta.thresholds]
cyclomatic_complexity = 10
cognitive_complexity = 15
maintainability_index = false
halstead_volume = false
halstead_difficulty = false
halstead_effort = false

[[tool.pytest-antipasta.overrides]]
# radon counts each assert as a branch; cognitive complexity does not, so its limit is unchanged.
files = ["test_*.py", "*_test.py", "conftest.py"]
functions = ["test*"]
thresholds = { cyclomatic_complexity = false }
"""


LIMITED = "other tools limit mccabe_complexity, parameters; `pytest-antipasta config migrate` proposes that"
COMMENTED = 'not honoured: comments of other tools at 1 function; add "noqa" to `foreign_suppressions`'


@pytest.fixture(autouse=True)
def shop(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a repository with a bit of everything."""
    for name, text in FILES.items():
        (repository.path / name).parent.mkdir(parents=True, exist_ok=True)
        (repository.path / name).write_text(text)
    monkeypatch.chdir(repository.path)
    return repository.path


def read() -> str:
    return Path("pyproject.toml").read_text(encoding="utf-8")


def read_all(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_says_what_it_would_write_and_where_and_writes_nothing(shop: Path, program: Program) -> None:
    before = read_all(shop)
    said = program("config", "init")
    assert said.out == f"{FOUND}nothing written; --yes adds this to pyproject.toml:\n\n{TABLE}"
    assert program("config", "init", "--quiet").out == TABLE
    assert read_all(shop) == before


def test_with_yes_the_table_is_written_behind_what_is_there(program: Program) -> None:
    assert program("config", "init", "--yes").out == (
        f"{FOUND}pyproject.toml: settings written\nnext: commit pyproject.toml; after "
        "`pytest-antipasta baseline write`, 1 file over a limit may stay but not get worse\n"
    )
    assert read() == f"{FILES['pyproject.toml']}\n{TABLE}"
    assert not Path("antipasta-baseline.json").exists()
    assert not Path(".git/hooks/pre-commit").exists()
    assert load_settings(Path.cwd()).notes == ()


def test_the_names_of_tests_that_nobody_uses_yet_are_no_note(program: Program) -> None:
    program("config", "init", "--yes")
    assert '"*_test.py", "conftest.py"' in read()
    assert program("config", "validate").out == "pyproject.toml: valid\n"


def test_notebooks_and_scripts_are_checked(shop: Path, repository: Repository, program: Program) -> None:
    (shop / "study.ipynb").write_text(make_notebook(FILES["src/shop/cart.py"]))
    (shop / "bin").mkdir()
    (shop / "bin/tool").write_text(f"#!/usr/bin/env python3\n{FILES['src/shop/cart.py']}")
    (shop / "bin/tool").chmod(0o755)
    repository.git("add", "--chmod=+x", "bin/tool")  # on Windows, it has no other mode
    said = program("config", "init").out
    assert said.startswith("root: . (8 files)\nnotebooks: 1\nexcluded: ")
    assert "\n> functions          3      3  " in said
    assert '    "/tests/data/broken.py",  # can\'t be measured: syntax\n]\nnotebooks = true\n\n' in said
    assert main(["config", "init", "--yes"]) == 0
    assert load_settings(shop).settings.notebooks is True


@pytest.mark.parametrize(
    ("rules", "comment", "lines"),
    [
        ('["C901", "PLR0913"]', "", [LIMITED]),
        ('["E"]', "  # noqa: C901", [COMMENTED]),
        ('["E"]', "", []),
    ],
    ids=["limits", "comments", "neither"],
)  # fmt: skip
def test_what_other_tools_allow_or_refuse_is_mentioned(
    shop: Path, rules: str, comment: str, lines: list[str], program: Program
) -> None:
    (shop / "pyproject.toml").write_text(f"[tool.ruff.lint]\nselect = {rules}\n")
    (shop / "src/shop/cart.py").write_text(f"def total(x):{comment}\n{BRANCHES}")
    said = program("config", "init").out.partition("\n\n")[0].splitlines()
    assert said[3:] == lines


def test_a_baseline_of_before_is_not_among_what_to_commit(program: Program) -> None:
    Path("antipasta-baseline.json").write_text("{}")
    assert "\nnext: commit pyproject.toml; " in program("config", "init", "--yes").out


def test_a_run_without_yes_says_what_the_baseline_and_the_hook_would_be(shop: Path, program: Program) -> None:
    before = read_all(shop)
    assert program("config", "init", "--baseline", "--hook").out.partition(TABLE)[2] == (
        "\nwould record 1 file with violations in antipasta-baseline.json\nwould install the commit "
        f"hook as {(shop / '.git/hooks/pre-commit').as_posix()}\n"
    )
    said = program("config", "init", "--preset", "now", "--baseline")
    assert said.out.endswith("\n\nno violations, so there is nothing to record\n")
    assert read_all(shop) == before


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python knows it")
def test_what_a_newer_python_can_parse_is_excluded_with_the_reason(shop: Path, program: Program) -> None:
    (shop / "src/shop/till.py").write_text("def total(price):\n    return t'{price}'\n")
    (shop / "src/shop/old.py").write_text("try:\n    pass\nexcept ValueError, error:\n    pass\n")
    said = program("config", "init", "--yes", "--baseline")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"Python {python} can't parse 1 file with newer syntax; to check them," in said.out
    assert f'    "/src/shop/till.py",  # needs a newer Python than {python}\n' in read()
    assert f'    "/src/shop/old.py",  # needs Python 2, or a newer Python than {python}\n' in read()
    assert said.err == ""
    assert main(["check"]) == 0


def test_what_needs_python_2_is_excluded_with_the_reason(shop: Path, program: Program) -> None:
    for number in range(11):
        (shop / f"src/shop/old_{number}.py").write_text("print 'x'\n")
    # complexipy can parse it, but no newer Python can.
    (shop / "src/shop/tabs.py").write_text("if 1:\n\tif 1:\n        pass\n")
    said = program("config", "init").out
    assert "excluded: 11 files by 11 patterns (needs Python 2)\n" in said
    assert "excluded: /src/shop/tabs.py (can't be measured: syntax, 1 file)\n" in said
    assert said.count(",  # needs Python 2\n") == 11


PRESETS = [
    ("functions", {"cyclomatic_complexity": 10, "cognitive_complexity": 15}),
    ("files", {metric: threshold.limit for metric, threshold in default_thresholds().items()}),
    ("default", {metric: threshold.limit for metric, threshold in default_thresholds().items()}),
    (
        "now",
        {metric: threshold.limit for metric, threshold in default_thresholds().items()}
        | {"cyclomatic_complexity": 13},
    ),
]


@pytest.mark.parametrize(("preset", "limits"), PRESETS)
def test_a_preset_can_be_named(preset: str, limits: dict[str, float]) -> None:
    assert main(["config", "init", "--preset", preset, "--yes", "--quiet"]) == 0
    settings = load_settings(Path.cwd()).settings
    assert {metric: threshold.limit for metric, threshold in settings.thresholds.items()} == limits
    levels = {threshold.level for threshold in settings.thresholds.values()}
    assert levels == ({"error"} if preset in ("functions", "files") else {"error", "warning"})
    in_tests = ThresholdFinder(settings).find("tests/test_cart.py")
    assert [limit.metric for limit in in_tests.thresholds] == list(limits)
    block = measure(b"def test_it(): pass").blocks[0]
    of_test = [limit.metric for limit in in_tests.of(block)]
    assert of_test == [metric for metric in limits if metric != "cyclomatic_complexity"]


def test_in_tests_the_same_fails_as_without_settings() -> None:
    for name in ("tests/test_cart.py", "tests/conftest.py", "tests/tools.py"):
        Path(name).write_text(f"def test_it(x):\n{BRANCHES}\n\ndef helper(x):\n{BRANCHES}")

    def find_over() -> list[tuple[str, str | None]]:
        return [(one.path, each.qualified_name) for one in check(["tests"]).files for each in one.violations]

    before = find_over()
    assert main(["config", "init", "--preset", "functions", "--yes", "--quiet"]) == 0
    assert (
        find_over()
        == before
        == [
            ("tests/conftest.py", "helper"),
            ("tests/test_cart.py", "helper"),
            ("tests/tools.py", "test_it"),
            ("tests/tools.py", "helper"),
        ]
    )


def test_without_tests_there_is_no_override_for_them(program: Program) -> None:
    shutil.rmtree("tests")
    shown = program("config", "init").out
    assert "tests" not in shown
    assert "overrides" not in shown


def test_a_file_is_made_where_there_is_none(
    shop: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    Path("pyproject.toml").unlink()
    monkeypatch.chdir(shop / "src")
    assert (
        f"nothing written; --yes creates {(shop / 'pyproject.toml').as_posix()}:\n"
        in program("config", "init").out
    )
    assert main(["config", "init", "--yes"]) == 0
    assert (shop / "pyproject.toml").read_text() == TABLE


def test_outside_of_a_repository_it_is_made_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path / "a")
    assert main(["config", "init", "--yes"]) == 0
    assert (tmp_path / "a/pyproject.toml").read_text().startswith('[tool.pytest-antipasta]\npaths = ["."]\n')


def test_the_file_to_write_can_be_named(program: Program) -> None:
    said = program("config", "init", "--config", "src/a.toml", "--yes").out
    assert said.endswith(
        "src/a.toml: settings written\nnext: commit src/a.toml; after `pytest-antipasta baseline write "
        "--config src/a.toml`, 1 file over a limit may stay but not get worse\n"
    )
    assert load_settings(Path.cwd(), Path("src/a.toml")).settings.paths == (".",)


THERE = "tool.pytest-antipasta: already exists; not modified; merge the proposed lines by hand"


@pytest.mark.parametrize("args", [[], ["--yes"], ["--yes", "--quiet", "--hook", "--baseline"]])
def test_a_table_that_is_there_is_left_with_the_lines_to_merge(
    shop: Path, args: list[str], program: Program
) -> None:
    Path("pyproject.toml").write_text("# a\n[tool.pytest-antipasta]\npaths = ['src']\n")
    before = read_all(shop)
    shown = program("config", "init", *args, code=2)
    assert shown.out == ("" if "--quiet" in args else FOUND) + TABLE
    rest = "; then run `pytest-antipasta baseline write` and `pytest-antipasta hooks install`"
    assert shown.err == f"error: pyproject.toml:2: {THERE}{rest if '--hook' in args else ''}\n"
    assert read_all(shop) == before


def test_a_table_that_is_there_is_said_before_the_proposal(
    monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    Path("pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    monkeypatch.setattr(sys, "stderr", sys.stdout)
    assert program("config", "init", code=2).out.startswith(f"error: pyproject.toml:1: {THERE}\nroot: ")


REFUSED = [
    pytest.param(
        {"a.toml": "[tool.pytest-antipasta]\n"},
        ["--config", "a.toml", "--baseline"],
        f"a.toml:1: {THERE}; then run `pytest-antipasta baseline write --config a.toml`",
        id="settings in a file that was named",
    ),
    pytest.param(
        {".antipasta.yaml": ""},
        [],
        (
            ".antipasta.yaml: already has settings that apply here; `pytest-antipasta config migrate` "
            "converts them to a table"
        ),
        id="settings of antipasta",
    ),
    pytest.param(
        {}, ["--config", "gone/a.toml"], "gone/a.toml: folder not found; create it first", id="no folder"
    ),
    pytest.param(
        {".git/hooks/pre-commit": "#!/bin/sh\n"},
        ["--hook"],
        (
            "{shop}/.git/hooks/pre-commit was not written by pytest-antipasta; omit --hook to leave it "
            "unchanged, and then run `pytest-antipasta hooks install` for advice"
        ),
        id="another hook",
    ),
    pytest.param(
        {".pre-commit-config.yaml": "repos: [antipasta\n"},
        ["--hook"],
        "the commit hook can't be installed: .pre-commit-config.yaml:2:1: not valid YAML: expected ',' or "
        "']', but got '<stream end>'",
        id="settings of pre-commit that are no YAML",
    ),
    pytest.param(
        {"pyproject.toml": "[tool"},
        [],
        "pyproject.toml: not valid TOML: Expected ']' at the end of a table declaration (at end of document)",
        id="a broken file",
    ),
]


@pytest.mark.parametrize(("files", "args", "message"), REFUSED)
def test_what_is_in_the_way_is_reported_and_left(
    shop: Path, files: dict[str, str], args: list[str], message: str, program: Program
) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    before = read()
    said = program("config", "init", "--quiet", "--yes", *args, code=2)
    assert said.err == f"error: {message.replace('{shop}', shop.as_posix())}\n"
    assert read() == before


def test_settings_further_up_are_reported(
    shop: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    (shop / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    (shop / "src/pyproject.toml").write_text("")
    monkeypatch.chdir(shop / "src")
    assert program("config", "init", code=2).err == (
        f"error: {(shop / 'pyproject.toml').as_posix()}: already has settings that apply here; `--config "
        "pyproject.toml` proposes separate settings for that folder and below\n"
    )
    assert main(["config", "init", "--config", "pyproject.toml", "--yes", "--quiet"]) == 0
    assert load_settings(Path.cwd()).settings.paths == (".",)


def test_a_damaged_baseline_is_reported_before_anything_is_written(
    program: Program,
) -> None:
    Path("antipasta-baseline.json").write_text("{")
    said = program("config", "init", "--baseline", "--hook", "--yes", "--quiet", code=2)
    assert said.err.startswith("error: antipasta-baseline.json")
    assert read() == FILES["pyproject.toml"]
    assert not Path(".git/hooks/pre-commit").exists()


@pytest.mark.parametrize(("args", "code"), [([], 0), (["--hook"], 2)], ids=["not wanted", "wanted"])
def test_without_git_there_is_no_hook(args: list[str], code: int) -> None:
    environment = os.environ | {"PATH": "", "GIT_PYTHON_GIT_EXECUTABLE": ""}
    done = subprocess.run(
        [*PROGRAM, "config", "init", "--yes", *args], env=environment, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.startswith(b"error: the commit hook can't be installed: ")) == (
        code,
        code == 2,
    )
    assert ("tool.pytest-antipasta" in read()) is (code == 0)


def test_other_hooks_are_harmless_where_none_is_asked_for(shop: Path) -> None:
    (shop / ".git/hooks").mkdir(exist_ok=True)
    (shop / ".git/hooks/pre-commit").write_text("#!/bin/sh\n")
    (shop / ".pre-commit-config.yaml").write_text("repos: [antipasta\n")
    assert main(["config", "init", "--yes"]) == 0
    assert (shop / ".git/hooks/pre-commit").read_text() == "#!/bin/sh\n"


def test_three_commands_lead_to_a_green_gate(repository: Repository, program: Program) -> None:
    shown = program("config", "init", "--yes", "--baseline", "--hook").out
    assert "antipasta-baseline.json: written" in shown
    assert f"commit hook: installed as {(repository.path / '.git/hooks/pre-commit').as_posix()}\n" in shown
    assert shown.endswith("next: commit pyproject.toml and antipasta-baseline.json\n")
    assert main(["check"]) == 0
    repository.git("add", ".")
    repository.git("commit", "-m", "everything")
    cart = Path("src/shop/cart.py")
    cart.write_text(cart.read_text() + "    if x:\n        return 99\n\n\ndef other(x):\n    return x\n")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        repository.git("commit", "-a", "-m", "worse")
    told = (caught.value.stdout + caught.value.stderr).decode()
    assert "total  cyclomatic 13 \N{RIGHTWARDS ARROW} 14/10 (+1)" in told
    assert "other" not in told


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param(
            "repos: []\n",
            [
                "commit hook: add this to `repos` in .pre-commit-config.yaml and run `pre-commit install`",
                "  - repo: local",
                "    hooks:",
                "      - id: antipasta",
                "        name: antipasta",
                "        entry: pytest-antipasta hook",
                "        language: system",
                "        types_or: [python, jupyter]",
                "        require_serial: true",
                "        verbose: true",
                "        stages: [pre-commit, pre-merge-commit, manual]",
            ],
            id="not there yet",
        ),
        pytest.param(
            "# - id: antipasta\nrepos: [{hooks: [{id: x, args: [antipasta]}]}]\n",
            ["commit hook: add this to `repos` in .pre-commit-config.yaml and run `pre-commit install`"],
            id="in a comment, and as a word of another hook",
        ),
        pytest.param(
            "repos: [{hooks: [{id: antipasta-full}]}]",
            ["commit hook: already in .pre-commit-config.yaml"],
            id="another of ours",
        ),
    ],
)
def test_with_pre_commit_its_settings_are_the_user_s_to_change(
    text: str, lines: list[str], program: Program
) -> None:
    Path(".pre-commit-config.yaml").write_text(text)
    for args in ([], ["--yes"]):
        told = program("config", "init", "--hook", *args).out.splitlines()
        assert told[told.index(lines[0]) :][: len(lines)] == lines
    assert Path(".pre-commit-config.yaml").read_text() == text


def test_with_prek_its_settings_are_the_user_s_to_change(shop: Path, program: Program) -> None:
    (shop / "prek.toml").write_text('[[repos]]\nrepo = "x"\nrev = "y"\nhooks = [\n  { id = "ruff" },\n]\n')
    write_script_of_prek(shop)
    said = program("config", "init", "--hook", "--yes").out
    told, _, entry = said.partition("commit hook: add this to prek.toml and run `prek install`\n")
    assert told
    added, _, end = entry.partition("next: ")
    assert end.startswith("commit pyproject.toml and prek.toml; ")
    ((hook,),) = (repository["hooks"] for repository in tomllib.loads(added)["repos"])
    assert hook == find_own_hook() | {"language": "system"}
    (shop / "prek.toml").write_text(added)
    (shop / "pyproject.toml").unlink()
    assert "commit hook: already in prek.toml\n" in program("config", "init", "--hook", "--yes").out


def write_script_of_prek(shop: Path) -> None:
    """Install prek's hook."""
    (shop / ".git/hooks").mkdir(exist_ok=True)
    (shop / ".git/hooks/pre-commit").write_text("#!/bin/sh\n# File generated by prek: https://x.y\n")


def find_own_hook() -> dict[str, object]:
    """Return what our manifest has of the hook that is to be added."""
    manifest = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
    (ours,) = (one for one in manifest if one["id"] == "antipasta")
    names = ("id", "name", "entry", "language", "types_or", "require_serial", "verbose", "stages")
    return {name: ours[name] for name in names}


def test_all_that_is_to_be_committed_is_named(program: Program) -> None:
    Path(".pre-commit-config.yaml").write_text("repos: []\n")
    said = program("config", "init", "--hook", "--baseline", "--yes").out
    assert said.endswith("next: commit pyproject.toml, antipasta-baseline.json and .pre-commit-config.yaml\n")


def test_what_is_to_be_added_is_run_as_our_own_hook_is(program: Program) -> None:
    Path(".pre-commit-config.yaml").write_text("repos: []\n")
    said = program("config", "init", "--hook", "--yes")
    entry = said.out.partition("run `pre-commit install`\n")[2].partition("next: ")[0]
    ((hook,),) = (repository["hooks"] for repository in yaml.safe_load(entry))
    assert hook == find_own_hook() | {"language": "system"}


def test_what_is_to_be_added_names_settings_in_a_subfolder(
    shop: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    (shop / ".pre-commit-config.yaml").write_text("repos: []\n")
    (shop / "src/pyproject.toml").touch()
    monkeypatch.chdir(shop / "src")
    said = program("config", "init", "--hook", "--yes")
    entry = said.out.partition("run `pre-commit install`\n")[2].partition("next: ")[0]
    ((hook,),) = (repository["hooks"] for repository in yaml.safe_load(entry))
    assert (hook["entry"], hook["args"]) == ("pytest-antipasta hook", ["--config", "src/pyproject.toml"])


def test_the_script_names_settings_in_a_subfolder(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "src/pyproject.toml").touch()
    monkeypatch.chdir(shop / "src")
    assert main(["config", "init", "--hook", "--yes", "--quiet"]) == 0
    assert "config=src/pyproject.toml\n" in (shop / ".git/hooks/pre-commit").read_text()
