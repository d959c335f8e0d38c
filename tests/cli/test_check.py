"""``pytest-antipasta check``."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.forked import ForkedPython
from tests.limits import SLOW
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.report.shape import check_verdicts
from tests.windows import NEEDS_LINKS, NEEDS_PROCESSOR_TIME, NOT_ON_WINDOWS, QUOTE, decode_name

BROKEN = "def f(:\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings under which ``FAILING`` fails; the current one."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(project: Path, **files: str) -> None:
    for name, content in files.items():
        (project / f"{name}.py").write_text(content)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param({}, 0, id="no files"),
        pytest.param({"a": PASSING}, 0, id="nothing over a limit"),
        pytest.param({"a": PASSING, "b": FAILING}, 1, id="a violation"),
        pytest.param({"a": PASSING, "b": BROKEN}, 3, id="a file that can't be measured"),
        pytest.param({"a": FAILING, "b": BROKEN}, 1, id="both, and violations take precedence"),
    ],
)
def test_the_exit_code(project: Path, files: dict[str, str], code: int) -> None:
    write(project, **files)
    for form in ("text", "json"):
        assert main(["check", "--format", form]) == code, form


def test_files_that_can_not_be_measured_can_be_allowed(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\non_error = 'warn'\n")
    write(project, a=BROKEN)
    warning = "warning: a.py:1: not measured (syntax): invalid syntax\n"
    assert warning in program("check").out
    quiet = program("check", "--quiet")
    assert quiet.out == ""
    assert quiet.err.startswith(warning)


def test_the_text(project: Path, program: Program) -> None:
    write(project, a=FAILING, b=BROKEN, c=PASSING)
    lines = program("check", "--debug", code=1).out.splitlines()
    assert lines[:6] == [
        "b.py:1: not measured (syntax): invalid syntax",
        "    still measured (partial): lines_of_code 1",
        "    fix it, or exclude it",
        "a.py",
        "    1:1  decide  cyclomatic 3/2",
        "1 of 2 functions is over a limit, in 1 of 3 files, 1 file not measured",
    ]
    assert lines[6].startswith("store: 0 hits, 3 misses, in ")
    step = "`pytest-antipasta explain a.py::decide` shows how its values are calculated, and its limits"
    assert lines[7:] == [f"next: {step}"]


def test_there_is_no_next_step_where_nothing_more_is_known(project: Path, program: Program) -> None:
    (project / "b.py").write_bytes(b"# \xff\n")
    assert "next: " not in program("check", code=3).out
    write(project, c=FAILING)
    assert "next: `pytest-antipasta explain c.py::decide` shows" in program("check", code=1).out


def test_conflict_markers_are_not_newer_syntax(project: Path, program: Program) -> None:
    write(project, b="x = 1\n<<<<<<< HEAD\ny = 1\n=======\ny = 2\n>>>>>>> other\n")
    assert program("check", "--quiet", code=3).out.splitlines() == [
        "b.py:2: not measured (unmerged): the file has merge conflict markers",
        "    still measured (partial): lines_of_code 6",
        "    resolve its conflicts, and `git add` it",
    ]
    assert "       2  <<<<<<< HEAD" in program("explain", "b.py", code=3).out.splitlines()
    write(project, b="x = 1\n<<<<<<<< HEAD:b.py\ny = 1\n========\ny = 2\n>>>>>>>> other:c.py\n")
    renamed_on_both_sides = program("check", "--quiet", code=3).out
    assert "b.py:2: not measured (unmerged): " in renamed_on_both_sides
    write(project, b="def f(:\n<<<<<<< HEAD\n")
    assert "not measured (syntax)" in program("check", "--quiet", code=3).out


def test_the_number_behind_a_name_is_explained_where_it_is_shown(project: Path, program: Program) -> None:
    note = "`#N` after a name: the Nth definition of that name in its file"
    Repository(project)
    write(project, a=FAILING)
    for files, number in (({}, 0), ({"b": FAILING + "\n\n" + FAILING}, 1)):
        write(project, **files)
        subprocess.run(["git", "add", "."], check=True)
        for command in (["check"], ["check", "--staged"], ["hook"]):
            said = program(*command, code=1).out
            assert said.splitlines().count(note) == number == said.count("\n    8:1  decide#2  "), command


def test_quiet_leaves_only_what_is_wrong(project: Path, program: Program) -> None:
    write(project, a=FAILING, c=PASSING)
    assert program("check", "--quiet", code=1).out == "a.py\n    1:1  decide  cyclomatic 3/2\n"
    assert program("check", "--quiet", "c.py").out == ""


@NOT_ON_WINDOWS
def test_a_command_that_can_not_be_typed_is_not_proposed(project: Path, program: Program) -> None:
    write(project, **{"a\nb": FAILING})
    assert "next: " not in program("check", code=1).out
    write(project, z=FAILING)
    assert "next: `pytest-antipasta explain z.py::decide` " in program("check", code=1).out


@pytest.mark.parametrize("command", [["check"], ["config", "show"]])
def test_for_a_file_that_is_named_no_other_folder_is_looked_into(
    project: Path, command: list[str], forked_python: ForkedPython
) -> None:
    for name in ("pkg", "pkg/package1", "package2"):
        (project / name).mkdir()
    write(project, **{"pkg/a": PASSING, "pkg/package1/b": PASSING, "package2/c": PASSING})
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    def count_folders(path: str) -> int:
        program = f"from pytest_antipasta.cli import main; main({[*command, path]})"
        done = forked_python.run("tests.spy", [program], project, environment)
        folders: int = json.loads(done.stderr.splitlines()[-1])[0]["folders"]
        return folders

    assert count_folders("pkg/a.py") == 0
    if command != ["config", "show"]:
        assert count_folders("pkg") > 0


@pytest.mark.parametrize(
    ("paths", "line"),
    [
        pytest.param([], "2 of 3 functions are over a limit, in 2 of 4 files", id="all"),
        pytest.param(
            ["pkg"],
            "1 function is over a limit, in 1 file; 2 of 4 files checked, limited to `pkg`",
            id="a folder",
        ),
        pytest.param(["old/x.py"], "no violations in 1 file", id="an excluded file"),
        pytest.param(
            ["docs"],
            (
                "warning: 0 of 4 files, limited to `docs`: nothing was checked; run `pytest-antipasta "
                "config show FILE` to see why a file is excluded"
            ),
            id="nothing",
        ),
    ],
)
def test_paths_narrow(project: Path, paths: list[str], line: str, program: Program) -> None:
    for name in ("pkg", "old", "docs"):
        (project / name).mkdir()
    write(project, **{"a": FAILING, "b": PASSING, "pkg/__init__": "", "pkg/c": FAILING, "old/x": PASSING})
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['old/']\n" + SETTINGS)
    assert line in program("check", *paths, code=None).out.splitlines()


def test_an_empty_path_is_not_all_files(project: Path, program: Program) -> None:
    """As a shell passes a variable that is not set."""
    message = "error: a path is empty (unset variable?); name a file or folder\n"
    assert program("check", "", code=2).err == message


def test_a_path_that_is_not_there_is_reported_with_the_nearest(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "sub").mkdir()
    write(project / "sub", invoices="", pay="")
    assert main(["check", "sub/invoice.py"]) == 2
    error = 'error: no such file or folder: sub/invoice.py; did you mean "sub/invoices.py"?\n'
    assert capsys.readouterr().err == error


@pytest.mark.parametrize("path", ["sub/*.py", "pa?.py"])
def test_a_pattern_that_no_shell_expanded_is_named_as_one(project: Path, program: Program, path: str) -> None:
    write(project, pay="")
    why = "patterns are not expanded here, so name each path"
    assert program("check", path, code=2).err == f"error: no such file or folder: {path}; {why}\n"


def test_a_path_with_a_newline_is_one_mistake(project: Path, program: Program) -> None:
    assert program("check", "a\nb", code=2).err == "error: no such file or folder: a\\x0ab\n"


ELSEWHERE = [
    pytest.param("[tool.pytest-antipasta]\n", "the folder of pyproject.toml", id="settings"),
    pytest.param("", "the top level of the git repository", id="git"),
    pytest.param(
        None, "the current folder, because there are no settings and no git repository", id="nothing"
    ),
]


@pytest.mark.parametrize(("settings", "origin"), ELSEWHERE)
def test_what_is_outside_of_the_root_is_reported_with_the_root(
    project: Path, settings: str | None, origin: str, program: Program
) -> None:
    staged = []
    if settings is not None:
        subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
        staged.append("--staged")  # which needs a repository
    (project / "pyproject.toml").write_text(settings or "")
    other = project.parent / f"{project.name}-other"
    other.mkdir()
    (other / "b.py").write_text(PASSING)
    advice = (
        "to use its own settings, run in its folder or pass them with --config (pytest: --antipasta-config)"
    )
    root = f"the root ({project.as_posix()}, {origin})"
    folder = f"{other.as_posix()} is outside {root}, so nothing in it is checked; {advice}"
    does = "the limits of that root apply"
    file = f"{other.as_posix()}/b.py is outside {root}, so {does}; {advice}"
    assert file in program("check", str(other / "b.py")).out.splitlines()
    for command in (
        ["check", str(other)],
        ["check", ".", str(other), "--quiet"],
        ["check", *staged, str(other)],
        ["measure", "--quiet", str(other)],
        ["baseline", "write", str(other)],
        ["cache", "warm", str(other)],
    ):
        assert program(*command, code=2) == ("", f"error: {folder}\n")
    assert program("explain", str(other / "b.py")).err == f"warning: {file}\n"
    said = program("config", "show", str(other / "b.py"))
    assert "# checked: no: it is outside the root\n" in said.out


@NEEDS_LINKS
def test_a_link_to_a_folder_outside_of_the_root_is_reported(project: Path, program: Program) -> None:
    (other := project.parent / f"{project.name}-other").mkdir()
    (project / "link").symlink_to(other)
    said = program("check", "link", code=2)
    assert said.err.startswith(f"error: {other} is outside the root (")
    assert said == program("check", str(other), code=2)


def test_a_file_outside_of_the_root_has_the_defaults_of_tests_but_no_overrides_by_path(
    project: Path, program: Program
) -> None:
    other = project.parent / f"{project.name}-other"
    other.mkdir()
    test = other / "test_b.py"
    test.write_text("def test_b():\n" + "    assert a\n" * 10)
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    assert program("check", "--quiet", str(test)).out == ""
    shown = program("config", "show", str(test)).out
    assert "cyclomatic_complexity of test*: off  (default for tests)" in shown
    (project / "pyproject.toml").write_text(
        "[[tool.pytest-antipasta.overrides]]\nfiles = ['*.py']\nthresholds = { cyclomatic = 30 }\n"
    )
    out = program("check", str(test), code=1).out
    assert "test_b  cyclomatic 11/10" in out
    assert "so the limits of that root apply, but none of the `overrides` with `files`; to use" in out


def test_a_folder_around_the_root_is_not_checked_as_a_whole(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    root = f"the root ({project.as_posix()}, the folder of pyproject.toml)"
    note = f"{project.parent.as_posix()} contains {root}; only that root was checked"
    assert note in program("check", "..").out.splitlines()
    (project / "src").mkdir()
    assert "contains the root" not in program("check", "src/..").out


def test_what_the_settings_have_beside_the_root_is_no_news(project: Path, program: Program) -> None:
    other = project.parent / f"{project.name}-other"
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\npaths = ['.', '../{other.name}']\n")
    other.mkdir()
    (other / "b.py").write_text(PASSING)
    assert "outside" not in program("check", str(other)).out
    assert "outside" not in program("check", str(project.parent)).out  # which stands for the root


def test_from_a_subfolder_all_files_of_the_root_are_judged(
    project: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    (project / "pkg").mkdir()
    write(project, a=FAILING, **{"pkg/b": PASSING})
    monkeypatch.chdir(project / "pkg")
    assert program("check", code=1).out.startswith("../a.py\n    1:1  decide  ")
    assert main(["check", "b.py"]) == 0
    assert main(["check", "../a.py"]) == 1


def test_json_has_the_documented_shape(project: Path, program: Program) -> None:
    write(project, a=FAILING, b=BROKEN, c=PASSING)
    report = json.loads(program("check", "--format", "json", code=1).out)
    check_verdicts(report)
    assert report["summary"]["violations"] == 1


def test_the_report_can_go_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, a=FAILING)
    assert main(["check", "--format", "json", "--output", "out/report.json"]) == 1
    check_verdicts(json.loads((project / "out" / "report.json").read_bytes()))
    assert main(["check", "--output", "out/report.txt"]) == 1
    assert (project / "out" / "report.txt").read_text().startswith("a.py\n")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "options", "is_json"),
    [
        pytest.param("report.json", [], True, id="by its ending"),
        pytest.param("REPORT.JSON", [], True, id="in capitals"),
        pytest.param("report.json", ["--format", "text"], False, id="by the option, which goes first"),
        pytest.param("report.txt", ["--format", "json"], True, id="by the option alone"),
        pytest.param("report.log", [], False, id="an ending of no format"),
        pytest.param("report.sarif", ["--format", "json"], True, id="by the option, whatever the ending"),
        pytest.param("json", [], False, id="no ending"),
        pytest.param("list.json", ["--list-suppressions"], True, id="another list"),
    ],
)
def test_a_file_is_written_as_it_is_named(
    project: Path, name: str, options: list[str], is_json: bool
) -> None:
    write(project, a=PASSING)
    assert main(["check", "--output", name, *options]) == 0
    assert (project / name).read_bytes().startswith(b"{") == is_json


def test_the_longest_ending_is_the_format(project: Path) -> None:
    write(project, a=PASSING)
    assert main(["check", "--output", "report.sarif.json"]) == 0
    assert "$schema" in json.loads((project / "report.sarif.json").read_bytes())


def test_a_file_of_a_format_that_there_is_no_is_a_mistake(project: Path, program: Program) -> None:
    write(project, a=PASSING)
    said = program("check", "--output", "x.XML", code=2).err
    assert said.startswith("error: x.XML: unknown report format xml (known: text, json")
    assert said.endswith("; choose one with --format\n")
    assert not (project / "x.XML").exists()


@pytest.mark.parametrize("text", ["html=out/x.html", "text=out/x", "json=out/x"])
def test_a_format_before_the_path_of_the_output_is_a_mistake(
    project: Path, text: str, program: Program
) -> None:
    write(project, a=PASSING)
    said = program("check", "--format", "json", "--output", text, code=2).err
    path = text.partition("=")[2]
    assert said.startswith(f"error: --output takes a path without a format, such as {path}, got {text!r}\n")
    assert main(["check", "--output", f"./{text}"]) == 0
    assert (project / text).exists()


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_the_report_can_go_to_standard_output_by_name(project: Path, name: str, program: Program) -> None:
    write(project, a=FAILING)
    check_verdicts(json.loads(program("check", "--output", name, "--format", "json", code=1).out))
    assert sorted(os.listdir(project)) == ["a.py", "pyproject.toml"]


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.slow), "2", "auto"])
def test_any_number_of_processes_gives_the_same_report(project: Path, jobs: str) -> None:
    write(project, a=FAILING, b=BROKEN, **{f"c{number}": f"{PASSING}x = {number}\n" for number in range(30)})
    name = decode_name(b"caf\xe9.py") if sys.platform != "win32" else "café.py"
    (project / name).write_text(PASSING)
    assert main(["check", "--no-cache", "--format=json", "--output=one.json"]) == 1
    assert main(["check", "--format=json", "--output=two.json", "--jobs", jobs]) == 1
    assert main(["check", "--format=json", "--output=three.json", "--jobs", jobs]) == 1
    reports = [json.loads((project / f"{name}.json").read_bytes()) for name in ("one", "two", "three")]
    runs = [report.pop("run") for report in reports]
    assert reports[0] == reports[1] == reports[2]
    assert [(run["hits"], run["misses"]) for run in runs] == [(0, 33), (0, 33), (32, 1)]


@pytest.mark.parametrize(
    ("files", "jobs", "workers", "strategy"),
    [
        pytest.param(1, "2", 1, "2 requested", id="one of two has nothing to do"),
        pytest.param(0, "2", 0, "2 requested", id="nothing to do"),
        pytest.param(40, "auto", 0, "little to measure", id="as many as it is worth"),
    ],
)
def test_the_run_says_how_many_workers_there_were(
    project: Path,
    files: int,
    jobs: str,
    workers: int,
    strategy: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(project, **{f"c{number}": f"{PASSING}x = {number}\n" for number in range(files)})
    main(["check", "--format", "json", "--jobs", jobs])
    run = json.loads(capsys.readouterr().out)["run"]
    assert (run["workers"], run["strategy"]) == (workers, strategy)
    main(["check", "--no-cache", "--debug", "--jobs", jobs])
    assert f" with {['no workers', '1 worker'][workers]} ({strategy})\n" in capsys.readouterr().out


@NEEDS_PROCESSOR_TIME
@pytest.mark.slow
def test_a_worker_in_the_place_of_another_is_none_more(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nfile_timeout = 0.1\n")
    for name in ("a", "b"):
        (project / f"{name}.py").write_bytes(SLOW + name.encode())
    report = json.loads(program("check", "--format", "json", "--jobs", "8", code=3).out)
    assert [file["error"]["kind"] for file in report["files"]] == ["timeout", "timeout"]
    assert report["run"]["workers"] == 1


@pytest.mark.parametrize(
    ("args", "message"),
    [
        pytest.param(["gone.py"], "error: no such file or folder: gone.py\n", id="a path that is not there"),
        pytest.param(
            ["a.py", "x", "y z"],
            "error: no such file or folder: x\nerror: no such file or folder: y z\n",
            id="paths that are not there",
        ),
        pytest.param(["gone.py::f"], "error: no such file or folder: gone.py::f\n", id="a block of no file"),
        pytest.param(
            ["a.py::antipasta"],
            "error: no such file or folder: a.py::antipasta; name the whole file, a.py\n",
            id="a node id",
        ),
        *(
            pytest.param(
                [name],
                f"error: no such file or folder: {name}; name the whole file, {name.partition(':')[0]}, "
                f"or see `pytest-antipasta explain {target}`\n",
                id=f"{name}, which is not a whole file",
            )
            for name, target in (
                ("a.py::add", "a.py::add"),
                ("a.py:2", "a.py:2"),
                ("a.py:2:5", "a.py:2:5"),
                ("a.py:A.add", "a.py::A.add"),
                ("n.ipynb:cell 3", f"{QUOTE}n.ipynb::code-cell#3{QUOTE}"),
            )
        ),
        pytest.param(
            ["--output", "a.py/x"],
            "error: can't write the report a.py/x: a.py is not a folder\n",
            id="a report that can't be written",
        ),
        pytest.param(
            ["--format", "json", "--output", "antipasta-baseline.json"],
            (
                "error: the report would overwrite the baseline antipasta-baseline.json; name another file, "
                "such as report.json\n"
            ),
            id="a report to the baseline",
        ),
        pytest.param(
            ["--format", "json", "--output", "pyproject.toml"],
            (
                "error: the report would overwrite the settings pyproject.toml; name another file, such as "
                "report.json\n"
            ),
            id="a report to the settings",
        ),
        pytest.param(
            ["--format", "json", "--output", "other.json"],
            (
                "error: the report would overwrite the baseline other.json; name another file, such as "
                "report.json\n"
            ),
            id="a report to a baseline with another name",
        ),
        pytest.param(
            ["--format", "json", "--output", "other.toml"],
            (
                "error: the report would overwrite the settings other.toml; name another file, such as "
                "report.json\n"
            ),
            id="a report to settings with another name",
        ),
        pytest.param(
            ["--format", "json", "--output", "keys.toml"],
            (
                "error: the report would overwrite the settings keys.toml; name another file, such as "
                "report.json\n"
            ),
            id="a report to settings without a header",
        ),
        pytest.param(
            ["--output", "."], "error: can't write the report .: Is a directory\n", id="a report to a folder"
        ),
        pytest.param(
            ["--config", "no.toml"],
            "error: no.toml: can't be read: No such file or directory\n",
            id="no settings",
        ),
    ],
)
def test_an_error_is_reported_in_a_line(
    project: Path, args: list[str], message: str, program: Program
) -> None:
    write(project, a=PASSING)
    (project / "n.ipynb").write_text('{"cells": []}')
    (project / "other.toml").write_text(SETTINGS)
    (project / "keys.toml").write_text("tool.pytest-antipasta.jobs = 2\n")
    (project / "other.json").write_text('{"schema_version": 1,\n"entries": []}\n')
    assert program("check", *args, code=2).err == message
    assert (project / "a.py").read_text() == PASSING


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--format", "xml"], '--format: unknown value "xml"; '),
        (["--jobs", "many"], "argument --jobs: expected a number >= 1 or auto, got 'many'"),
        (["--top", "0"], "argument --top: expected a number >= 1, got '0'"),
        (
            ["--sort", "cyclomatc"],
            "argument --sort: unknown metric 'cyclomatc'; did you mean \"cyclomatic\"?",
        ),
        (
            ["--metric", "cognitve"],
            "argument --metric: unknown metric 'cognitve'; did you mean \"cognitive\"?",
        ),
        (
            ["--metric", "path"],
            "argument --metric: unknown metric 'path'; expected one of: cyclomatic_complexity, ",
        ),
        (
            ["--metric", "cyclomatic,cognitive"],
            "argument --metric: expected one metric, got 'cyclomatic,cognitive'; repeat the option for ",
        ),
        (
            ["--limit", "cyclomatic=9,cognitive=9"],
            "argument --limit: expected one metric, got 'cyclomatic=9,cognitive=9'; repeat the option",
        ),
    ],
)
def test_wrong_usage_is_reported_by_the_parser(
    project: Path, args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["check", *args])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_wrong_settings_are_reported_with_their_places(project: Path, program: Program) -> None:
    (project / "pyproject.toml").write_text(
        "[tool.pytest-antipasta]\npath = ['x']\nuse_gitignore = 3\nthresholds.cyclomatc = 7\n"
    )
    lines = program("check", code=2).err.splitlines()
    assert [line.startswith("error: pyproject.toml:") for line in lines] == [True] * 3
    assert 'did you mean "paths"?' in lines[0]
    assert "use_gitignore" in lines[1]
    assert 'did you mean "cyclomatic"?' in lines[2]


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ('["tests/"]', 'overrides[0] has no effect: "tests/" matches no source file'),
        ('["a", "b/*"]', 'overrides[0] has no effect: "a", "b/*" match no source file'),
        ('["tests/", "a.py"]', None),
    ],
)
def test_an_override_without_files_is_reported(
    project: Path, program: Program, files: str, said: str | None
) -> None:
    override = f"[[tool.pytest-antipasta.overrides]]\nfiles = {files}\nthresholds.cyclomatic = 20\n"
    (project / "pyproject.toml").write_text(override)
    write(project, a=PASSING)
    found = [line for line in program("check").out.splitlines() if "has no effect" in line]
    assert found == ([] if said is None else [said])
    # The other files are not known.
    assert "has no effect" not in program("check", "a.py").out


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            'critical_functions = ["b*.py::f"]',
            ['critical_functions[0] has no effect: "b*.py::f" matches no source file'],
        ),
        ('critical_functions = ["a*::f", "f"]', []),
        (
            'critical_paths = ["a.py", "lib/", "!lib/b.py"]',
            ['critical_paths[1] has no effect: "lib/" matches no source file'],
        ),
        ('exclude = ["build/"]', []),  # made later
    ],
)
def test_critical_code_of_no_file_is_reported(
    project: Path, program: Program, setting: str, said: list[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{setting}\n")
    write(project, a=PASSING, c=PASSING)
    for paths, expected in (((), said), ((), said), (("a.py",), [])):  # cold, warm, and one file
        captured = program("check", *paths)
        assert [line for line in captured.out.splitlines() if "has no effect" in line] == expected
    # Of the other files, those of a hook are not known either.
    assert "has no effect" not in program("hook", "--whole", "c.py").err


NEEDS_HOME = pytest.mark.skipif(sys.platform == "win32", reason="HOME does not move the cache folder there")


@NEEDS_HOME
@pytest.mark.parametrize("is_device", [False, True], ids=["a file", "a device"])
def test_a_home_that_is_not_a_folder_is_not_removed(
    project: Path, is_device: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, a=PASSING)
    home = os.devnull if is_device else str(project / "a.py")
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    monkeypatch.setenv("HOME", home)
    assert main(["check"]) == 0
    reason = f"a file is in the place of a folder ({home}/.cache/pytest-antipasta/v1)"
    advice = "set PYTEST_ANTIPASTA_CACHE_DIR to another folder"
    assert f"store disabled for this run: {reason}; {advice}" in capsys.readouterr().out.splitlines()


@NEEDS_HOME
def test_a_home_that_cannot_be_looked_into_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The search for links in its path fails, as in the home of another user."""
    write(project, a=PASSING)
    home = f"/{'h' * 300}"
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    monkeypatch.setenv("HOME", home)
    assert main(["check"]) == 0
    assert f"store disabled for this run: File name too long ({home}/" in capsys.readouterr().out


def test_an_unreadable_entry_is_reported_from_other_processes_too(
    project: Path, cache_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, **{f"c{number}": f"{PASSING}x = {number}\n" for number in range(30)})
    main(["check", "--quiet"])
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET value = x'00' WHERE length(key) = 40")
    assert main(["check", "--jobs", "2"]) == 0
    note = "a stored measurement is corrupt (checksum differs); measured again"
    assert capsys.readouterr().out.splitlines().count(note) == 1


@pytest.mark.parametrize("form", [[], ["--format", "concise"]], ids=["text", "concise"])
def test_quiet_says_if_nothing_was_checked(project: Path, program: Program, form: list[str]) -> None:
    """Settings that leave all files out would make a check of nothing look like one that passes."""
    write(project, a=PASSING)
    warning = (
        "warning: 0 files: nothing was checked; "
        "check `paths`, `include` and `exclude` in the settings; symlinks are not followed\n"
    )
    for include, expected in (("*.pyy", warning), ("*.py", "")):
        Path("pyproject.toml").write_text(f'[tool.pytest-antipasta]\ninclude = ["{include}"]\n')
        said = program("check", "--quiet", *form, code=0)
        assert (said.out, said.err) == ("", expected)


def test_concise_has_a_line_for_a_file_whose_name_begins_with_a_space(
    project: Path, program: Program
) -> None:
    (project / " bad.py").write_text("def f(:\n")
    first, *_ = program("check", "--format", "concise", code=3).out.splitlines()
    assert first.startswith(" bad.py:1: not measured (syntax): ")
