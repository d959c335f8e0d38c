"""``--limit`` and ``--exclude``: what is asked for in one run, in place of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.extension.metrics import default_thresholds
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS

METRIC = "cyclomatic_complexity"


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder: one file with a complexity of 3, where 2 is the limit, and one that passes."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "sub" / "a.py").write_text(FAILING)
    (tmp_path / "b.py").write_text(PASSING)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("args", "code"),
    [
        pytest.param((), 1, id="as the settings say"),
        pytest.param(("--limit", f"{METRIC}=3"), 0, id="a higher limit"),
        pytest.param(("--limit", f"{METRIC}=2.5"), 1, id="one that is no integer"),
        pytest.param(("--limit", f"{METRIC}=off"), 0, id="none"),
        pytest.param(("--limit", "cyclomatic=3"), 0, id="by the metric's short name"),
        pytest.param(("--limit", "cyclomatic=1", "--limit", f"{METRIC}=3"), 0, id="by both, the last counts"),
        pytest.param(("--limit", f"{METRIC}=3", "--limit", f"{METRIC}=2"), 1, id="the last one counts"),
        pytest.param(("--limit", f"{METRIC}=3", "--limit", "lines_of_code=4"), 1, id="of another metric"),
        pytest.param(("--limit", "lines_of_code=4", "--metric", "lines_of_code"), 1, id="of that alone"),
        pytest.param(("--exclude", "sub/"), 0, id="without a folder"),
        pytest.param(("--exclude", "b.py"), 1, id="without another file"),
    ],
)
def test_what_is_asked_for_counts(
    args: tuple[str, ...], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *args]) == code, capsys.readouterr()


@pytest.mark.parametrize(
    ("args", "is_said"),
    [
        pytest.param((), True, id="none"),
        pytest.param(("--limit", "cyclomatic=11"), False, id="which tests have, too"),
        pytest.param(("--limit", "lines_of_code=500"), False, id="which generated files have, too"),
    ],
)
def test_what_has_no_limit_by_default_is_said_where_it_has_none(
    args: tuple[str, ...], is_said: bool, tmp_path: Path, program: Program
) -> None:
    (tmp_path / "pyproject.toml").unlink()
    assert (
        "no cyclomatic limit for test functions, no limits for generated files" in program("check", *args).out
    ) is is_said


@pytest.mark.parametrize("limit", ["3", pytest.param("off", marks=pytest.mark.slow)])
def test_it_counts_in_workers_for_settings_of_folders(
    limit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\nnested = true\n{SETTINGS}")
    (tmp_path / "sub" / "pyproject.toml").write_text(SETTINGS)
    assert main(["check", "--jobs", "2"]) == 1
    assert main(["check", "--jobs", "2", "--limit", f"{METRIC}={limit}"]) == 0
    assert "without workers" not in capsys.readouterr().out


@pytest.mark.parametrize(("args", "has_limits"), [((), True), (("--limit", f"{METRIC}=1"), False)])
def test_explain_is_not_said_to_show_them(
    args: tuple[str, ...], has_limits: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *args]) == 1
    step = "next: `pytest-antipasta explain sub/a.py::decide` shows how its values are calculated"
    assert f"{step}{', and its limits' if has_limits else ''}" in capsys.readouterr().out.splitlines()


def test_an_entry_that_the_settings_need_is_not_said_to_be_needless(program: Program) -> None:
    program("baseline", "write")
    assert "baseline" not in program("check", "--limit", f"{METRIC}=9").out
    Path("sub/a.py").write_text(PASSING)
    assert "baseline: 1 recorded but no longer needed; run `pytest-antipasta" in program("check").out


def test_a_file_that_is_worse_than_recorded_is_said_to_be_so(tmp_path: Path, program: Program) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nthresholds = { lines_of_code = 3 }\n")
    program("baseline", "write")
    Path("sub/a.py").write_text(FAILING * 2)
    said = "baseline: 1 violation tolerated, 1 of files worse than recorded (`strict_files` is off)\n"
    assert said in program("check").out
    assert said in program("check", "--limit", f"{METRIC}=9").out


def test_an_entry_that_a_commit_alone_has_is_not_said_to_be_needless(
    tmp_path: Path, program: Program
) -> None:
    """``baseline prune`` reads the baseline of the working tree."""
    program("baseline", "write")
    commit_all(Repository(tmp_path).path, "One")
    Path("sub/a.py").write_text(PASSING)
    assert "baseline" in program("check").out
    program("baseline", "prune")
    assert "baseline" not in program("check", "--limits-from", "HEAD").out


def test_a_pattern_that_leaves_out_nothing_is_reported(program: Program) -> None:
    said = program("check", "--exclude", "sub/", "--exclude", "gone/")
    assert '\n--exclude: "gone/" matches no source file\n' in said.out


def test_without_any_limit_it_says_that_nothing_can_fail(program: Program) -> None:
    note = "no metric has a limit, so no value can fail"
    off = [f"{metric} = false" for metric in default_thresholds()]
    table = ["[tool.pytest-antipasta.thresholds]", *off]
    Path("pyproject.toml").write_text("\n".join(table))
    assert f"\n{note}\n" in program("check").out
    assert program("config", "validate").out == f"pyproject.toml: valid\nnote: {note}\n"
    assert note not in program("check", "--limit", "lines_of_code=99").out
    said = program("cache", "warm")
    assert note not in said.out + said.err, "it judges nothing"
    for_some = '[[tool.pytest-antipasta.overrides]]\nfiles = ["sub/"]\nthresholds = { cyclomatic = 9 }'
    with Path("pyproject.toml").open("a") as file:
        file.write(f"\n{for_some}")
    assert note not in program("check").out
    Path("pyproject.toml").write_text("\n".join(["[tool.pytest-antipasta]", "nested = true", *table]))
    Path("sub/pyproject.toml").write_text(SETTINGS)
    assert note not in program("check", code=1).out
    assert note not in program("config", "validate").out


def test_without_any_limit_no_entry_is_called_needless(program: Program) -> None:
    assert program("baseline", "write").out
    off = [f"{metric} = false" for metric in default_thresholds()]
    Path("pyproject.toml").write_text("\n".join(["[tool.pytest-antipasta.thresholds]", *off]))
    assert "prune" not in program("check").out


def test_measure_leaves_out_the_same(program: Program) -> None:
    out = program("measure", "--quiet", "--exclude", "sub/").out
    assert "b.py: " in out
    assert "a.py" not in out


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("--limit", "cyclomatc=3"), 'did you mean "cyclomatic"?'),
        (("--limit", METRIC), f"argument --limit: expected METRIC=N, such as cyclomatic=10, got '{METRIC}'"),
        (("--limit", "length<=5"), "got 'length<=5'; set comparisons in the settings"),
        (("--policy-from", "HEAD"), "--policy-from needs --diff or --staged"),
        (("--limit", f"{METRIC}="), f"expected a number >= 0 or off after {METRIC}=, got ''"),
        (("--limit", f"{METRIC}=-1"), f"argument --limit: expected a number >= 0 or off after {METRIC}="),
        (("--limit", f"{METRIC}=nan"), "got 'nan'"),
        (("--limit", f"{METRIC}=inf"), "got 'inf'"),
        (("--exclude", "../a"), "--exclude: expected a glob relative to the root without leading dots"),
    ],
)
def test_an_error_is_reported(args: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = main(["check", *args])
    except SystemExit as error:
        code = error.code  # type: ignore[assignment]
    assert code == 2
    assert told in capsys.readouterr().err
