"""The Python API."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

import pytest_antipasta
from pytest_antipasta import (
    BlockChange,
    MeasuredFile,
    MetricChange,
    Points,
    Report,
    RunFacts,
    UsageError,
    Verdict,
    check,
    measure,
)
from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: one file that fails, one that passes, one that can't be measured."""
    for name, content in {
        "pyproject.toml": SETTINGS,
        "a.py": FAILING,
        "pkg/b.py": PASSING,
        "pkg/c.py": "def f(:\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_measure_gives_the_numbers_of_a_source(cache_dir: Path) -> None:
    measured = measure(FAILING.encode(), "some/where.py")
    assert isinstance(measured, MeasuredFile)
    assert (measured.path, measured.error) == ("some/where.py", None)
    assert measured.metrics.lines_of_code == 5
    (block,) = measured.blocks
    assert (block.qualified_name, block.kind, block.line, block.end_line) == ("decide", "function", 1, 5)
    assert (block.cyclomatic_complexity, block.cognitive_complexity) == (3, 3)
    assert not cache_dir.exists()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"def f(:\n", "syntax"),
        (b"\xff", "encoding"),
        (b"x\0", "syntax"),
        (b"-" * 100_000 + b"1", "too_deep"),
    ],
)
def test_measure_raises_nothing_for_a_source_that_has_no_numbers(data: bytes, kind: str) -> None:
    measured = measure(data)
    assert measured.error is not None
    assert (measured.path, measured.error.kind, measured.blocks) == ("-", kind, ())
    assert measured.metrics.maintainability_index is None


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("x = 1\n", "str: read the file in binary mode, or encode the text"),
        (None, "NoneType"),
        (1.5, "float"),
    ],
)
def test_measure_takes_bytes_alone(data: object, told: str) -> None:
    with pytest.raises(TypeError) as caught:
        measure(data)  # type: ignore[arg-type]
    assert str(caught.value) == f"measure() expects the source as bytes, got {told}"


def test_measure_takes_a_path(cache_dir: Path) -> None:
    path = Path("pkg/x.py")
    assert measure(b"", path) == measure(b"", str(path))


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("a.py", "str; write check(['a.py'])"),
        (b"a.py", "bytes; write check([b'a.py'])"),
        (PurePosixPath("a.py"), "PurePosixPath; write check([PurePosixPath('a.py')])"),
    ],
)
def test_check_takes_no_lone_path(path: object, told: str) -> None:
    with pytest.raises(TypeError) as caught:
        check(path)  # type: ignore[arg-type]
    assert str(caught.value) == f"check() expects a list of paths, got {told}"


def test_the_package_lists_its_names_and_imports_nothing_for_it() -> None:
    code = """
import sys, pytest_antipasta
assert set(pytest_antipasta.__all__) < set(dir(pytest_antipasta))
print([name for name in sys.modules if name.startswith("pytest_antipasta.")])
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_measure_takes_any_kind_of_bytes(kind: type) -> None:
    assert measure(kind(PASSING.encode())) == measure(PASSING.encode())


def test_check_gives_a_verdict_a_file_in_the_order_of_their_paths(project: Path) -> None:
    verdicts = check().files
    assert all(isinstance(verdict, Verdict) for verdict in verdicts)
    assert [(verdict.path, verdict.failed) for verdict in verdicts] == [
        ("a.py", True),
        ("pkg/b.py", False),
        ("pkg/c.py", True),
    ]
    (violation,) = verdicts[0].violations
    assert (violation.metric, violation.qualified_name, violation.value) == (
        "cyclomatic_complexity",
        "decide",
        3,
    )
    assert verdicts[2].measurement.error is not None


@pytest.mark.parametrize("path", ["pkg", Path("pkg"), Path("pkg").absolute])
def test_check_can_be_narrowed(project: Path, path: object) -> None:
    asked = path() if callable(path) else path
    assert isinstance(asked, (str, Path))
    assert [verdict.path for verdict in check([asked]).files] == ["pkg/b.py", "pkg/c.py"]
    assert [verdict.path for verdict in check(iter(["a.py", "pkg/b.py"])).files] == ["a.py", "pkg/b.py"]


@pytest.mark.parametrize("asked", [{}, {"staged": True}, {"diff": "HEAD"}], ids=str)
def test_no_paths_are_nothing_to_check(project: Path, asked: dict[str, Any]) -> None:
    commit(project)
    (project / "a.py").write_text("x = 1\n")
    git(project, "add", "--all")
    everything = [verdict.path for verdict in check(**asked).files]
    assert [verdict.path for verdict in check(None, **asked).files] == everything != []
    empty: list[Iterable[str]] = [[], (), iter(())]
    for nothing in empty:
        assert check(nothing, **asked).files == []


def test_a_warning_that_is_an_error_leaves_no_store_open(project: Path, cache_dir: Path) -> None:
    check()
    (project / "pyproject.toml").write_text('[tool.pytest-antipasta.thresholds]\n"nobody:points" = 3\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for jobs in (0, 2):
            with pytest.raises(RuntimeWarning, match="extension nobody is not installed"):
                check(jobs=jobs)
    files = [os.readlink(entry.path) for entry in os.scandir("/proc/self/fd") if os.path.islink(entry.path)]
    assert [file for file in files if file.startswith(str(cache_dir))] == []


def test_coverage_that_no_argument_can_give_is_no_warning(project: Path) -> None:
    """Warnings are errors here."""
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta.thresholds]\ncrap = 3\n")
    assert check().files != []


def test_check_uses_the_store_unless_told_otherwise(project: Path, cache_dir: Path) -> None:
    assert not any(verdict.from_store for verdict in check(use_store=False).files)
    assert not cache_dir.exists()
    assert not any(verdict.from_store for verdict in check().files)
    assert [verdict.from_store for verdict in check().files] == [True, True, False]


def test_check_takes_settings_that_are_named(project: Path) -> None:
    (project / "lax.toml").write_text("[tool.pytest-antipasta]\n")
    assert not check(["a.py"], config=Path("lax.toml")).files[0].failed


@pytest.mark.parametrize(
    ("settings", "paths", "message"),
    [
        (SETTINGS, ["gone.py"], f"no such file or folder: {{}}{os.sep}gone.py"),
        (SETTINGS, ["a\0.py"], f"no such file or folder: {{}}{os.sep}a\\x00.py"),
        (SETTINGS, ["a.py", ""], "a path is empty; to check all files, pass None instead of paths"),
        ("[tool.pytest-antipasta]\nx = 1\n", [], "pyproject.toml:2: tool.pytest-antipasta.x: "),
    ],
)
def test_an_error_is_a_usage_error(project: Path, settings: str, paths: list[str], message: str) -> None:
    (project / "pyproject.toml").write_text(settings)
    with pytest.raises(UsageError) as caught:
        check(paths)
    assert str(caught.value).startswith(message.format(project))


def test_values_can_not_be_changed(project: Path) -> None:
    verdict = check().files[0]
    measured = measure(b"")
    for value, name in (
        (verdict, "failed"),
        (verdict.violations[0], "value"),
        (verdict.measurement, "blocks"),
        (verdict.measurement.blocks[0], "name"),
        (measured, "path"),
        (measured.metrics, "lines_of_code"),
    ):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(value, name, None)


@pytest.mark.usefixtures("project")
def test_a_report_fits_on_a_line_of_a_prompt() -> None:
    assert repr(check()) == "<Report: 3 files, 2 findings>"


def test_values_can_be_written_as_json(project: Path) -> None:
    for value in (check(), measure(FAILING.encode())):
        assert msgspec.json.decode(msgspec.json.encode(value))


def test_limits_hold_for_every_path(project: Path) -> None:
    text = SETTINGS + '[[tool.pytest-antipasta.overrides]]\nfiles = ["a.py"]\n'
    (project / "pyproject.toml").write_text(text + "thresholds = {cyclomatic_complexity = 1}\n")
    (verdict,) = check(["a.py"]).files
    assert [one.threshold for one in verdict.violations] == [1]
    assert not check(["a.py"], limits={"cyclomatic_complexity": 3}).files[0].failed
    assert not check(["a.py"], limits={"cyclomatic": 3}).files[0].failed
    (violation,) = (
        check(["a.py"], limits={"cyclomatic_complexity": {"limit": 3, "comparison": "<"}}).files[0].violations
    )
    assert (violation.threshold, violation.comparison) == (3, "<")
    assert not check(["a.py"], limits={"cyclomatic_complexity": False}).files[0].failed


@pytest.mark.parametrize("limits", [None, {}, {"cyclomatic": 3}])
def test_a_report_says_whether_limits_are_those_of_the_settings(
    project: Path, limits: dict[str, int] | None
) -> None:
    assert check(["a.py"], limits=limits).facts.has_other_limits is bool(limits)


def test_a_limit_that_is_none_is_reported(project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check(limits={"cyclomatc": 3, "halstead_volume": "much"})
    assert str(caught.value).splitlines() == [
        'cyclomatc: unknown metric; did you mean "cyclomatic"?',
        "halstead_volume: expected a finite number >= 0, "
        '{limit = 10, comparison = "<=", level = "error"} or false (no limit), got "much"',
    ]


@pytest.mark.parametrize("jobs", [0, 1, 2, None])
def test_progress_is_reported_how_many_of_how_many(project: Path, jobs: int | None) -> None:
    told: list[tuple[int, int]] = []
    check(jobs=jobs, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_check_gives_findings_and_facts(project: Path) -> None:
    report = check()
    over, broken = report.findings
    assert (over.status, over.rule, over.path, over.line, over.end_line, over.block) == (
        "failing",
        "cyclomatic_complexity",
        "a.py",
        1,
        5,
        "decide",
    )
    assert (over.value, over.limit, over.comparison) == (3, 2, "<=")
    assert over.message == "decide: cyclomatic_complexity is 3, must be <= 2"
    assert (broken.status, broken.rule, broken.path, broken.reason) == (
        "failing",
        "not_measured",
        "pkg/c.py",
        "syntax",
    )
    facts = check().facts
    assert (facts.hits, facts.misses, facts.total, facts.complete) == (2, 1, 3, True)
    assert facts.seconds > 0
    assert [one.kind for one in facts.processes] == ["main"]
    assert list(report.measurements) == ["a.py", "pkg/b.py", "pkg/c.py"]
    assert report.measurements["a.py"].metrics.lines_of_code == 5


def test_the_status_says_what_an_exit_code_says(project: Path) -> None:
    assert check().status == "failed"
    assert check(["pkg"]).status == "not measured"
    assert check(["pkg/b.py"]).status == "passed"


def test_another_folder_than_the_current_one(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.parent)
    assert [one.path for one in check(["pkg"], root=project).files] == ["pkg/b.py", "pkg/c.py"]


@pytest.mark.parametrize(("name", "shown"), [("gone", "gone"), ("c.py", "c.py"), ("pkg\0", "pkg\\x00")])
def test_a_root_has_to_be_a_folder(project: Path, name: str, shown: str) -> None:
    with pytest.raises(UsageError) as caught:
        check(root=project / name)
    assert str(caught.value) == f"not a folder: {project / shown}"


def commit(project: Path) -> None:
    """Make a repository of a folder, with all that is in it in a commit."""
    Repository(project)
    commit_all(project, "one")


def git(project: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=project, check=True, capture_output=True)


def test_a_change(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(project)
    (project / "pkg" / "b.py").write_text(FAILING)
    monkeypatch.chdir(project.parent)
    assert check(staged=True, root=project).files == []
    git(project, "add", "--all")
    (verdict,) = check(staged=True, root=project).files
    assert [(one.change, one.value) for one in verdict.violations] == [("added", 3)]
    assert [one.violations for one in check(diff="HEAD", root=project).files] == [verdict.violations]
    with pytest.raises(UsageError, match="could not determine the changes"):
        check(diff="nowhere", root=project)


def test_what_a_change_does_to_each_block(project: Path) -> None:
    commit(project)
    (project / "pkg" / "b.py").write_text(FAILING)
    git(project, "rm", "--cached", "--quiet", "a.py")
    git(project, "add", "pkg")
    changes = check(staged=True).changes
    assert changes is not None
    listed: list[BlockChange] = list(changes)
    assert [(block.change, block.qualified_name, block.line, block.end_line) for block in listed] == [
        ("moved", "decide", 1, 5),
        ("deleted", "add", None, None),
    ]
    assert listed[0].metrics["cyclomatic_complexity"] == MetricChange(3, 3, 0, 2, "<=")
    assert check().changes is None


def test_types_of_reports_can_be_imported() -> None:
    """Except those of ``RunFacts``, which has the keys of the JSON report."""
    found: set[Any] = {RunFacts}

    def look_at(kind: Any) -> None:
        is_ours = isinstance(kind, type) and kind.__module__.startswith("pytest_antipasta")
        if is_ours and kind not in found:
            found.add(kind)
            for hint in get_type_hints(kind).values():
                look_at(hint)
        for part in get_args(kind):
            look_at(part)

    for kind in (Report, MeasuredFile, Points):
        look_at(kind)
    assert {kind.__name__ for kind in found} <= set(pytest_antipasta.__all__)


def test_a_change_of_the_baseline_alone(project: Path) -> None:
    (project / "pkg" / "c.py").unlink()
    assert main(["baseline", "write"]) == 0
    commit(project)
    (project / "antipasta-baseline.json").write_text('{"schema_version": 1, "entries": []}')
    git(project, "add", "--all")
    (verdict,) = check(staged=True).files
    assert (verdict.path, [one.was_recorded for one in verdict.violations]) == ("a.py", [True])


def test_waivers_of_a_change(project: Path) -> None:
    (project / "pyproject.toml").write_text(f'[tool.pytest-antipasta]\nnew_waivers = "fail"\n{SETTINGS}')
    (project / "pkg" / "c.py").unlink()
    commit(project)
    (project / "a.py").write_text(FAILING.replace(":\n", ":  # antipasta: ignore\n", 1))
    report = check(diff="HEAD")
    assert (report.status, report.waivers.fails) == ("failed", True)
    assert [waiver.block for waiver in report.waivers.added] == ["decide"]


def test_a_change_of_settings_that_a_call_names(project: Path) -> None:
    settings = project / "limits.toml"
    settings.write_text(SETTINGS)
    commit(project)
    settings.write_text(SETTINGS.replace("= 2", "= 5"))
    (waiver,) = check(diff="HEAD", config=settings).waivers.added
    assert (waiver.path, waiver.text, waiver.effect) == (
        "limits.toml",
        "thresholds.cyclomatic_complexity",
        ("a.py::decide cyclomatic_complexity",),
    )


def test_limits_of_a_call_are_no_waivers(project: Path) -> None:
    commit(project)
    (project / "pyproject.toml").write_text(f"{SETTINGS}\n[tool.other]\n")
    (project / "a.py").write_text(f"{FAILING}\n")
    assert check(diff="HEAD", limits={"cyclomatic_complexity": 5}).waivers.added == ()


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"staged": True, "diff": "HEAD"}, "check() takes either staged or a diff, not both"),
        ({"jobs": -1}, "check() expects a number of jobs >= 0, got -1"),
    ],
)
def test_what_makes_no_sense_is_a_value_error(project: Path, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError) as caught:
        check(**asked)
    assert str(caught.value) == told


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"diff": 3}, "check() expects diff as the name of a commit, got int"),
        ({"jobs": "2"}, "check() expects jobs as an integer, got str"),
        ({"limits": ["cyclomatic"]}, "check() expects limits as a mapping, got list"),
    ],
)
def test_an_argument_of_another_type_is_named(project: Path, asked: dict[str, Any], told: str) -> None:
    with pytest.raises(TypeError) as caught:
        check(**asked)
    assert str(caught.value) == told


def test_no_commit_has_a_nul_in_its_name(project: Path) -> None:
    with pytest.raises(UsageError) as caught:
        check(diff="a\0")
    assert str(caught.value) == "unknown commit a\\x00"


_CONSUMER = """\
from pytest_antipasta import Finding, Report, check, measure

def tell(done: int, total: int) -> None:
    print(done, total)

report: Report = check(["a.py"], limits={"cyclomatic_complexity": 3}, jobs=None, progress=tell)
failing: list[Finding] = [one for one in report.findings if one.status == "failing"]
hits: int = report.facts.hits
numbers: tuple[int, ...] = tuple(block.line for block in measure(b"").blocks)
"""


_CHECKERS = {
    "mypy": ("--strict", "--cache-dir", "cache"),
    "pyright": ("--project", "strict.json", "--pythonpath", sys.executable),
}


@pytest.mark.slow
@pytest.mark.parametrize("checker", _CHECKERS)
def test_a_consumer_sees_the_types(tmp_path: Path, checker: str) -> None:
    """With mypy and pyright, where they are installed."""
    pytest.importorskip(checker, reason=f"needs `pip install {checker}`")
    (tmp_path / "strict.json").write_text('{"typeCheckingMode": "strict"}')
    command = [sys.executable, "-m", checker, *_CHECKERS[checker], "consumer.py"]
    for source, code, told in (
        (_CONSUMER, 0, ""),
        ("from pytest_antipasta import check\ncheck(limits=3)\n", 1, '"limits"'),
    ):
        (tmp_path / "consumer.py").write_text(source)
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, told in done.stdout) == (code, True), done
