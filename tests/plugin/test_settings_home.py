"""Whose settings count under pytest, which looks for its own by the paths on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.plugin.conftest import Project, outcomes, read_report, told
from tests.tables import keep_quick

PYTEST = "[tool.pytest.ini_options]\naddopts = '--antipasta-only'\n"
OURS = "[tool.pytest-antipasta]\n"
LENIENT, STRICT = (f"{OURS}thresholds = {{cyclomatic_complexity = {limit}}}\n" for limit in (9, 2))
SOURCE = "def f(a, b):\n    return a or b or 1\n"
IN_BACKEND = {"a.py": SOURCE, "backend/src/b.py": SOURCE}
BOTH = IN_BACKEND | {"pyproject.toml": PYTEST + LENIENT, "backend/pyproject.toml": PYTEST + STRICT}
HEADER = "antipasta: settings from "
# A `pyproject.toml` without a table of pytest's has been a configfile since 8.1, `pytest.toml` since 9.
VERSION = tuple(map(int, pytest.__version__.split(".")[:2]))


def write(project: Project, files: dict[str, str]) -> None:
    (project.path / "pyproject.toml").unlink()
    project.write(files)


@pytest.mark.parametrize(
    ("files", "folder", "args", "source"),
    keep_quick(
        [
            pytest.param(BOTH, ".", "", "pyproject.toml", id="no paths"),
            pytest.param(BOTH, ".", "backend", "backend/pyproject.toml", id="a folder with both tables"),
            pytest.param(BOTH, ".", "a.py backend", "pyproject.toml", id="paths in both"),
            pytest.param(BOTH, ".", "-c backend/pyproject.toml", "backend/pyproject.toml", id="-c"),
            pytest.param(BOTH, ".", "-n 2 backend", "backend/pyproject.toml", id="workers"),
            pytest.param(BOTH, "backend", "", "pyproject.toml", id="in the folder"),
            *(
                pytest.param(
                    IN_BACKEND
                    | {"pyproject.toml": LENIENT, "backend/pyproject.toml": STRICT, f"backend/{name}": text},
                    ".",
                    "--antipasta-only backend",
                    "backend/pyproject.toml",
                    id=f"beside {name}",
                )
                for name, text in {
                    "pytest.ini": "",
                    "tox.ini": "[pytest]\n",
                    "setup.cfg": "[tool:pytest]\n",
                    **({"pytest.toml": "[pytest]\n"} if VERSION >= (9, 0) else {}),
                }.items()
            ),
            pytest.param(
                IN_BACKEND | {"pyproject.toml": LENIENT, "backend/pyproject.toml": STRICT},
                ".",
                "--antipasta-only backend",
                "backend/pyproject.toml" if VERSION >= (8, 1) else "pyproject.toml",
                id="without tables of pytest's",
            ),
            pytest.param(
                BOTH | {"backend/pyproject.toml": "", "backend/.antipasta.yaml": "defaults: {}\n"},
                ".",
                "-c backend/pyproject.toml --antipasta-only",
                "backend/.antipasta.yaml",
                id="beside it are older settings",
            ),
            pytest.param(
                BOTH | {"backend/pyproject.toml": PYTEST}, ".", "backend", "pyproject.toml", id="without ours"
            ),
            pytest.param(
                BOTH
                | {"pytest.ini": "[pytest]\naddopts=--antipasta-only\n", "backend/pyproject.toml": STRICT},
                "backend",
                "",
                "pyproject.toml",
                id="a nearer table than the one beside its configfile",
            ),
            pytest.param(
                IN_BACKEND | {"ci/pytest.ini": "[pytest]\n", "pyproject.toml": STRICT},
                ".",
                "-c ci/pytest.ini --antipasta-only",
                "pyproject.toml",
                id="-c without settings beside it",
            ),
            pytest.param(
                BOTH | {"backend/ci.toml": PYTEST + STRICT, "backend/pyproject.toml": LENIENT},
                ".",
                "-c backend/ci.toml",
                "backend/ci.toml",
                id="-c of a file with our table",
            ),
            pytest.param(
                BOTH | {"pyproject.toml": f"{PYTEST}{OURS}nested = true\n"},
                ".",
                "backend",
                "pyproject.toml",
                id="nested settings",
            ),
        ],
        "no paths",
        "a folder with both tables",
        "-c",
        "in the folder",
        "beside pytest.ini",
        "nested settings",
    ),
)
def test_the_settings_are_those_of_the_folder_of_pytest_s_configfile(
    project: Project, files: dict[str, str], folder: str, args: str, source: str
) -> None:
    write(project, files)
    result = project.run(*args.split(), "--collect-only", folder=folder)
    shown = Path(os.path.normpath(project.path / folder / source))
    here = project.path / folder
    name = (shown.relative_to(here) if shown.is_relative_to(here) else shown).as_posix()
    assert [line for line in result.outlines if line.startswith("antipasta: ")] == [HEADER + name]


PYTEST_LINE = (
    "settings from backend/pyproject.toml, because pytest's configfile is in that folder; in this folder, "
    "`pytest-antipasta check` uses {}; for the same settings, pass --config backend/pyproject.toml"
)
CHECK_LINE = "; pytest with the same paths uses backend/pyproject.toml if its configfile is in that folder"
NESTED = f"{PYTEST}{OURS}nested = true\nthresholds = {{cyclomatic_complexity = 9}}\n"


@pytest.mark.parametrize(
    ("files", "args", "outcome", "lines"),
    [
        pytest.param(
            BOTH, "backend", "failed", (PYTEST_LINE.format("pyproject.toml"), CHECK_LINE), id="different"
        ),
        pytest.param(
            IN_BACKEND | {"backend/pyproject.toml": PYTEST + STRICT},
            "backend",
            "failed",
            (PYTEST_LINE.format("the defaults"), CHECK_LINE),
            id="different from the defaults",
        ),
        pytest.param(BOTH | {"pyproject.toml": NESTED}, "backend", "failed", (None, None), id="nested"),
        pytest.param(
            BOTH, "backend --antipasta-config=pyproject.toml", "passed", (None, CHECK_LINE), id="ours"
        ),
        pytest.param(BOTH, "", "passed", (None, None), id="no paths"),
    ],
)
def test_pytest_and_check_say_where_their_settings_differ(
    project: Project,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    files: dict[str, str],
    args: str,
    outcome: str,
    lines: tuple[str | None, str | None],
) -> None:
    write(project, files)
    result = project.run(*args.split(), "--antipasta-report=json=pytest.json")
    assert outcomes(result)["backend/src/b.py::antipasta"] == outcome
    in_pytest, in_check = lines
    said = [line for line in told(result) if line.startswith("settings from")]
    assert said == ([] if in_pytest is None else [in_pytest])
    monkeypatch.chdir(project.path)
    paths = [word for word in args.split() if not word.startswith("-")]
    main(["check", *paths])
    assert (CHECK_LINE in capsys.readouterr().out) == (in_check is not None)
    if in_pytest is not None:
        option = in_pytest.partition("pass ")[2].split()
        main(["check", *paths, *option, "--format=json", "--output=check.json"])
        assert read_report(project.path / "check.json") == read_report(project.path / "pytest.json")


def test_the_default_settings_have_no_file_to_name(project: Project) -> None:
    write(project, IN_BACKEND)
    assert "antipasta: default settings" in project.run("--antipasta").outlines
    project.run().stdout.no_fnmatch_line("antipasta: *")


@pytest.mark.slow
def test_a_change_is_judged_by_them(project: Project) -> None:
    write(project, BOTH | {"backend/src/b.py": "def f(a, b):\n    return a\n"})
    repository = Repository(project.path)
    commit_all(repository.path, "One")
    project.write({"backend/src/b.py": SOURCE})
    repository.git("commit", "--quiet", "--all", "--message=Two")
    failed = {"backend/src/b.py::antipasta": "failed"}
    assert outcomes(project.run("backend", "--antipasta-diff=HEAD~")) == failed
    project.write({"backend/pyproject.toml": PYTEST + LENIENT, "backend/src/b.py": f"{SOURCE}\n{SOURCE}"})
    repository.git("add", "backend/src")
    args = ("backend", "--antipasta-staged")
    assert outcomes(project.run(*args)) == failed  # by the staged settings
    repository.git("add", ".")
    assert outcomes(project.run(*args)) == {"backend/src/b.py::antipasta": "passed"}
    assert outcomes(project.run(*args, "--antipasta-limits-from=HEAD")) == failed
    repository.git("rm", "--quiet", "--cached", "backend/pyproject.toml")
    project.write({"backend/pyproject.toml": PYTEST + STRICT})
    # A clone of the next commit would not have them.
    assert outcomes(project.run(*args)) == {"backend/src/b.py::antipasta": "passed"}
    repository.git("commit", "--quiet", "--message=Three")
    project.write({"backend/src/b.py": f"{SOURCE}\n" * 3})
    repository.git("add", "backend/src")
    assert outcomes(project.run(*args)) == failed  # by those of the user, which git does not have


def test_the_current_folder_may_have_its_settings_in_git_alone(project: Project) -> None:
    write(project, BOTH)
    repository = Repository(project.path)
    repository.git("add", ".")
    (project.path / "pyproject.toml").unlink()
    assert outcomes(project.run("backend", "--antipasta-staged")) == {"backend/src/b.py::antipasta": "failed"}
