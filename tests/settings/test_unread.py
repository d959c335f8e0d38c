"""Settings that don't count, and the line that says so in every way in."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.engine.opening import open_run
from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.results.stats import find_warnings
from pytest_antipasta.settings.load import iter_nested_notes, load_settings
from tests.conftest import Program, Repository
from tests.windows import NEEDS_LINKS, QUOTE

OURS = "[tool.pytest-antipasta] in"
TABLE = "[tool.pytest-antipasta]\n"
STRICT = f"{TABLE}thresholds = {{cyclomatic_complexity = 1}}\n"


@pytest.fixture
def monorepo(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository without settings, and a project in it that has some."""
    monkeypatch.chdir(repository.path)
    write(repository.path, {"a.py": "x = 1\n", "backend/pyproject.toml": STRICT})
    write(repository.path, {"backend/src/b.py": "def f(a):\n    return a or 1\n"})
    repository.git("add", ".")
    return repository


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def notes_on(root: Path, *paths: str) -> list[str]:
    """Return what a run over files of a root has to say of settings."""
    loaded = load_settings(root)
    return list(iter_nested_notes(loaded.settings, [str(root / path) for path in paths]))


LINE = (
    "settings ignored in this run: backend/pyproject.toml; to use them, run in their folder, pass "
    "--config backend/pyproject.toml (pytest: --antipasta-config), or set `nested = true` in the "
    "root's settings"
)


@pytest.mark.parametrize(
    "command",
    ["check", "check --staged", "check --format=json", "hook", "hook --whole", "explain backend/src/b.py"],
)
def test_every_command_says_so_once(monorepo: Repository, command: str, program: Program) -> None:
    said = program(*command.split())
    assert (said.out + said.err).count(LINE) == 1


def test_pytest_says_so(monorepo: Repository) -> None:
    command = [sys.executable, "-m", "pytest", "--antipasta-only"]
    done = subprocess.run(command, cwd=monorepo.path, capture_output=True, text=True, check=True)
    assert done.stdout.count(LINE) == 1


def test_what_the_line_proposes_is_right(monorepo: Repository, program: Program) -> None:
    option = shlex.split(LINE.partition("pass ")[2].partition(" (")[0])
    said = program("check", *option, code=1)
    assert "src/b.py\n    1:1  f  cyclomatic 2/1\n" in said.out
    assert LINE not in said.out


@pytest.mark.parametrize("command", ["check -q", "hook src/b.py"])
def test_settings_that_an_option_replaces_are_not_named(
    monorepo: Repository, command: str, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    write(monorepo.path, {"pyproject.toml": TABLE, "backend/src/deep/pyproject.toml": TABLE})
    write(monorepo.path, {"backend/src/deep/c.py": ""})
    monkeypatch.chdir(monorepo.path / "backend")
    said = "".join(program(*command.split(), "--config", "../pyproject.toml"))
    assert "run: pyproject.toml" not in said
    assert ("run: src/deep/pyproject.toml; " in said) == command.startswith("check")


def test_an_option_that_can_not_be_typed_is_not_proposed(monorepo: Repository, program: Program) -> None:
    """In a log, GitHub and Azure Pipelines would obey the name of this folder."""
    write(monorepo.path, {"##[x/pyproject.toml": STRICT, "##[x/b.py": ""})
    said = program("check").out
    assert "settings ignored in this run: #\\x23[x/pyproject.toml, backend/pyproject.toml; " in said
    assert "pass --config backend/pyproject.toml (" in said
    (monorepo.path / "backend/pyproject.toml").unlink()
    assert "pass --config FILE (" in program("check").out


@pytest.mark.parametrize("command", ["check --exclude backend/", "hook a.py"])
def test_what_no_file_is_under_is_not_named(monorepo: Repository, command: str, program: Program) -> None:
    assert "ignored in this run" not in "".join(program(*command.split()))


@NEEDS_LINKS
def test_a_link_to_the_settings_that_count_is_not_named(tmp_path: Path) -> None:
    write(tmp_path, {"pyproject.toml": TABLE, "linked/a.py": "", "other/pyproject.toml": TABLE})
    (tmp_path / "linked/pyproject.toml").symlink_to("../pyproject.toml")
    assert notes_on(tmp_path, "linked/a.py") == []
    (tmp_path / "linked/pyproject.toml").unlink()
    (tmp_path / "linked/pyproject.toml").symlink_to("../other/pyproject.toml")
    assert len(notes_on(tmp_path, "linked/a.py")) == 1


def test_a_file_s_settings_are_shown_with_it(monorepo: Repository, program: Program) -> None:
    assert f"# note: {LINE}" in program("config", "show", "backend/src/b.py").out.splitlines()


@pytest.mark.parametrize(
    ("files", "named"),
    [
        pytest.param({"pyproject.toml": TABLE, "sub/pyproject.toml": TABLE}, True, id="below a table"),
        pytest.param({"pyproject.toml": TABLE, "sub/.antipasta.yaml": ""}, True, id="YAML"),
        pytest.param(
            {"sub/pyproject.toml": "[tool.pytest-antipasta.thresholds]\n"}, True, id="a table in it"
        ),
        pytest.param({"sub/pyproject.toml": "[ tool . 'pytest-antipasta' ]\n"}, True, id="written otherwise"),
        pytest.param(
            {"sub/pyproject.toml": '["tool"."pytest-antipasta"]\n'}, True, id="each part in quotation marks"
        ),
        pytest.param(
            {"sub/pyproject.toml": 'tool.pytest-antipasta.exclude = ["x"]\n'}, True, id="a key with dots"
        ),
        pytest.param({"sub/pyproject.toml": "[tool]\npytest-antipasta = {}\n"}, True, id="an inline table"),
        pytest.param({"sub/pyproject.toml": f"{TABLE}x = [\n"}, True, id="invalid"),
        pytest.param({"sub/pyproject.toml": "x = 'tool.pytest-antipasta'\n"}, False, id="our name"),
        pytest.param({"sub/pyproject.toml": f"x = '''\n{TABLE}'''\n"}, False, id="lines of a text"),
        pytest.param({"sub/pyproject.toml": "[tool.pytest-antipasta-x]\n"}, False, id="another name"),
        pytest.param({"pyproject.toml": TABLE}, False, id="the settings that count"),
        pytest.param({"sub/deep/pyproject.toml": TABLE}, False, id="no file is under them"),
        pytest.param({"sub/pyproject.toml/a": ""}, False, id="a folder"),
    ],
)
def test_which_settings_don_t_count(tmp_path: Path, files: dict[str, str], *, named: bool) -> None:
    write(tmp_path, files)
    assert bool(notes_on(tmp_path, "a.py", "sub/a.py", "../sub/a.py")) == named


def test_many_are_not_all_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, {f"my {name}/pyproject.toml": TABLE for name in "abcdefg"})
    (line,) = notes_on(tmp_path, *(f"my {name}/x.py" for name in "abcdefg"))
    assert "my d/pyproject.toml, my e/pyproject.toml and 2 more; to use them, run in their folder" in line
    assert f"--config {QUOTE}my a/pyproject.toml{QUOTE} (" in line


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"antipasta.toml": ""}, f"antipasta.toml: ignored; settings belong in {OURS} pyproject.toml"),
        (
            {"pyproject.toml": "[tool.antipasta]\n"},
            "pyproject.toml:1: [tool.antipasta] is ignored; use the table [tool.pytest-antipasta]",
        ),
    ],
    ids=["a file of another name", "a table of another name"],
)
def test_a_commit_that_is_judged_by_the_defaults_says_so(
    monorepo: Repository, program: Program, files: dict[str, str], line: str
) -> None:
    write(monorepo.path, files)
    assert program("hook", "a.py").err == f"warning: {line}\n"
    write(monorepo.path, {"pyproject.toml": TABLE})
    monorepo.git("add", "pyproject.toml")
    assert program("hook", "a.py").err == ""


@pytest.mark.parametrize(
    ("files", "line"),
    [
        pytest.param(
            {"pytest-antipasta.toml": ""},
            f"pytest-antipasta.toml: ignored; settings belong in {OURS} pyproject.toml",
            id="a file of our name",
        ),
        pytest.param(
            {".antipasta.config.json": "{}"},
            f".antipasta.config.json: ignored; settings belong in {OURS} pyproject.toml",
            id="a file of JSON",
        ),
        pytest.param(
            {".antipasta.yml": "", "pyproject.toml": TABLE},
            f".antipasta.yml: ignored; settings belong in {OURS} pyproject.toml",
            id="another one beside the table",
        ),
        pytest.param(
            {"setup.cfg": "[metadata]\n[tool:pytest-antipasta]\nx = 1\n"},
            f"setup.cfg: ignored; settings belong in {OURS} pyproject.toml",
            id="a section of setup.cfg",
        ),
        pytest.param(
            {"tox.ini": "[tool.pytest-antipasta.thresholds]\nx = 1\n"},
            f"tox.ini: ignored; settings belong in {OURS} pyproject.toml",
            id="a table of TOML in tox.ini",
        ),
        pytest.param(
            {"pytest.toml": "[pytest]\n[tool.pytest-antipasta]\nx = 1\n"},
            f"pytest.toml: ignored; settings belong in {OURS} pyproject.toml",
            id="a table of pytest.toml",
        ),
        pytest.param(
            {"tox.ini": "[tox]\n[pytest-antipasta]\nx = 1\n"},
            f"tox.ini: ignored; settings belong in {OURS} pyproject.toml",
            id="a section of tox.ini",
        ),
        pytest.param(
            {"pytest.ini": "[pytest]\n[antipasta]\nx = 1\n"},
            f"pytest.ini: ignored; settings belong in {OURS} pyproject.toml",
            id="a section of pytest.ini",
        ),
        pytest.param(
            {".antipasta.yaml": "", "pyproject.toml": TABLE},
            f".antipasta.yaml: ignored because there is also {OURS} pyproject.toml",
            id="YAML beside the table",
        ),
        pytest.param({".antipasta.yaml": "", "pyproject.toml": "[tool.other]\n"}, None, id="YAML alone"),
        pytest.param({"setup.cfg": "[metadata]\nname = antipasta\n"}, None, id="another section"),
        pytest.param({"../antipasta.toml": ""}, None, id="above the root"),
    ],
)
def test_files_that_nothing_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], line: str | None
) -> None:
    root = tmp_path / "root"
    write(root, {"sub/a.py": "x = 1\n", **files})
    (root / ".git").mkdir()
    monkeypatch.chdir(root)
    for start in (root, root / "sub"):
        loaded = load_settings(start)
        assert loaded.notes == ((line,) if line else ())
    run = open_run(Rules(loaded.settings, notes=loaded.notes), None)
    assert find_warnings(run.make_result()) == loaded.notes
