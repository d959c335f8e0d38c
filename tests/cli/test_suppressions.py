"""``check`` and comments that suppress: exit codes, what is told, and the list of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.measured import BLOCK_METRICS
from tests.conftest import Program, Repository
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.report.shape import check_verdicts

# ``FAILING`` has a cyclomatic complexity of 3 where the limit is 2.
CC = "cyclomatic_complexity"
ROW = ["a.py", "    1:1  decide  cyclomatic 3/2"]
LISTED = "`pytest-antipasta check --list-suppressions` lists them"


@pytest.fixture
def project(made_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings under which ``FAILING`` fails; the current one."""
    configure(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def configure(project: Path, lines: str = "") -> None:
    """Write the settings."""
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta]\n{lines}\n{SETTINGS}")


def write(project: Path, comment: str, source: str = FAILING, name: str = "a") -> None:
    """Write a file with a comment on its first line."""
    (project / f"{name}.py").write_text(source.replace("):", f"):  # {comment}", 1))


def run(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, list[str]]:
    """Run ``check`` and return its exit code and what it prints, without what it cost and what to do."""
    code = main(["check", *args])
    lines = capsys.readouterr().out.splitlines()
    return code, [line for line in lines if not line.startswith(("store: ", "next: ", "checked "))]


def test_a_suppressed_number_passes_and_is_counted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, f"antipasta: ignore[{CC}<=3] it decides")
    assert run(capsys) == (
        0,
        ["no violations in 1 file", f"suppressed by comments: 1 violation in 1 file; {LISTED}"],
    )
    assert run(capsys, "--quiet") == (0, [])


def test_without_comments_it_fails(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "antipasta: ignore")
    code, lines = run(capsys, "--no-ignore")
    assert (code, lines[:3]) == (1, [*ROW, "1 function is over a limit, in 1 file"])
    assert main(["check", "--no-ignore", "--format", "json"]) == 1
    (file,) = json.loads(capsys.readouterr().out)["files"]
    assert (file["suppressions"], file["tolerated"]) == ([], [])


def test_above_its_ceiling_it_fails_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, f"antipasta: ignore[{CC}<=3]", FAILING.replace("if b:", "if b and a:"))
    assert run(capsys, "--quiet") == (
        1,
        [
            "a.py",
            "    1:1  decide  cyclomatic 4/2",
            "         the comment on line 1 allows only cyclomatic_complexity <= 3",
        ],
    )


@pytest.mark.parametrize(
    ("comment", "line"),
    [
        pytest.param(
            "antipasta: ignore", "unused suppression: nothing in add is over a limit", id="for nothing"
        ),
        pytest.param(
            f"antipasta: ignore[{CC}, halstead_volume]",
            f"unused suppression: {CC} and halstead_volume of add are not over a limit",
            id="two metrics",
        ),
        pytest.param(
            "antipasta: ignore[cognitve]",
            'suppression not applied: unknown metric "cognitve"; did you mean "cognitive"?',
            id="an unknown metric",
        ),
    ],
)
def test_a_comment_that_does_nothing_is_reported(
    project: Path, comment: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, comment, PASSING)
    assert run(capsys) == (0, ["no violations in 1 file", f"warning: a.py:1: {line}"])
    configure(project, 'unused_suppressions = "fail"')
    assert run(capsys, "--quiet") == (1, [f"a.py:1: {line}"])
    assert run(capsys)[1] == [f"a.py:1: {line}", "no violations in 1 file, 1 file with failed suppressions"]
    main(["check"])
    assert "next: " not in capsys.readouterr().out, "explain says no more"
    assert run(capsys, "--no-ignore") == (0, ["no violations in 1 file"])


@pytest.mark.parametrize(
    ("own", "remark"),
    [
        (f"[{CC}<=3]", f"another comment suppresses {CC} of decide"),
        ("", "another comment suppresses what is over a limit in decide"),
        (f"[halstead_volume, {CC}]", f"another comment suppresses {CC} of decide"),
    ],
)
def test_a_comment_that_another_one_leaves_nothing_to_do_says_so(
    project: Path, own: str, remark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(project, 'foreign_suppressions = ["noqa"]')
    write(project, f"noqa: C901  # antipasta: ignore{own}")
    assert f"warning: a.py:1: unused suppression: {remark}" in run(capsys)[1]


def test_a_warning_that_another_comment_suppresses_is_over_its_limit(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limit = f'{CC} = {{ limit = 1, level = "warning" }}'
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta.thresholds]\n{limit}\n")
    (project / "a.py").write_text(
        f"class A:  # antipasta: ignore[{CC}]\n"
        f"    def decide(self, a):  # antipasta: ignore[{CC}]\n"
        "        return 1 if a else 2\n"
    )
    remark = f"unused suppression: another comment suppresses {CC} of A.decide"
    assert f"warning: a.py:2: {remark}" in run(capsys)[1]


def test_a_comment_that_is_wrong_is_reported_where_it_should_have_helped(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, "antipasta: ignore[cyclomatc]")
    wrong = 'a.py:1: suppression not applied: unknown metric "cyclomatc"; did you mean "cyclomatic"?'
    assert run(capsys, "--quiet") == (1, [*ROW, wrong])
    assert run(capsys)[1].count(wrong) == 1


def test_the_right_half_of_a_comment_counts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, f"antipasta: ignore[cognitve, {CC}]")
    wrong = 'suppression only partly applied: unknown metric "cognitve"; did you mean "cognitive"?'
    assert f"warning: a.py:1: {wrong}" in run(capsys)[1]


def test_a_reason_can_be_required(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(project, "require_reasons = true")
    write(project, "antipasta: ignore")
    assert run(capsys, "--quiet") == (
        1,
        [
            *ROW,
            "a.py:1: suppression not applied: it has no reason, and `require_reasons` is on",
        ],
    )
    write(project, "antipasta: ignore it decides")
    assert run(capsys, "--quiet") == (0, [])


@pytest.mark.parametrize(("setting", "code"), [("", 1), ('foreign_suppressions = ["noqa"]', 0)])
def test_other_tools_count_where_the_settings_say_so(
    project: Path, setting: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(project, f'{setting}\nunused_suppressions = "fail"')
    write(project, "noqa: C901")
    write(project, "noqa", PASSING, "b")
    assert run(capsys)[0] == code


@pytest.mark.parametrize(
    ("setting", "comments", "line"),
    [
        pytest.param("", ["noqa: C901"], 'at 1 function; add "noqa"', id="of no tool"),
        pytest.param("", ["noqa", "ruff: ignore[C901]"], 'at 2 functions; add "noqa", "ruff"', id="of two"),
        pytest.param("", ["complexipy: ignore"], None, id="about a metric within its limit"),
        pytest.param("", ["antipasta: ignore  # noqa"], None, id="at a suppressed function"),
    ],
)
def test_comments_that_settings_leave_out_are_reported_where_they_would_count(
    project: Path, setting: str, comments: list[str], line: str | None, program: Program
) -> None:
    configure(project, setting and f"foreign_suppressions = {setting}")
    for number, comment in enumerate(comments):
        write(project, comment, name=f"a{number}")
    Repository(project).git("add", ".")
    told = [f"not honoured: comments of other tools {line} to `foreign_suppressions`"] if line else []
    for command in (["check"], ["hook"]):
        lines = program(*command, code=None).out.splitlines()
        assert [each for each in lines if each.startswith("not honoured")] == told


def test_comments_about_a_metric_that_does_not_fail_are_left_out(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(project)
    write(project, "noqa: C901")
    assert any(line.startswith("not honoured") for line in run(capsys)[1])
    limits = ("--limit", "cognitive=0", "--metric", "cognitive_complexity")
    code, lines = run(capsys, *limits)
    assert code == 1
    assert not any(line.startswith("not honoured") for line in lines)


def test_the_json_has_what_came_of_each(project: Path, program: Program) -> None:
    write(project, f"antipasta: ignore[{CC}<=3] it decides")
    write(project, "antipasta: ignore[x]", PASSING, "b")
    report = json.loads(program("check", "--format", "json").out)
    check_verdicts(report)
    first, second = report["files"]
    assert first["tolerated"] == [
        {
            "metric": CC, "qualified_name": "decide", "line": 1, "value": 3, "threshold": 2,
            "comparison": "<=", "before": None, "change": None, "recorded": None,
                "was_suppressed": False, "was_recorded": False, "previous_path": None, "previous_name": None,
            "previous_limit": None, "why": "suppressed",
        }
    ]  # fmt: skip
    assert first["suppressions"] == [
        {
            "line": 1, "qualified_name": "decide", "tool": "antipasta",
            "text": f"# antipasta: ignore[{CC}<=3] it decides",
            "metrics": [
                {"metric": CC, "comparison": "<=", "ceiling": 3, "state": "used", "is_redundant": False}
            ],
            "reason": "it decides", "state": "used", "problems": [], "fails": False,
        }
    ]  # fmt: skip
    assert [one["state"] for one in second["suppressions"]] == ["not honoured"]


@pytest.fixture
def audited(project: Path) -> Path:
    """A project with one comment of each kind."""
    configure(project, 'foreign_suppressions = ["noqa"]')
    write(project, f"antipasta: ignore[{CC}<=3, halstead_volume] it decides")
    write(project, "noqa: C901", name="b")
    write(project, "antipasta: ignore[x]", PASSING, "c")
    (project / "d.py").write_text(f"# antipasta: ignore-file\n{PASSING}")
    (project / "e.py").write_text(FAILING)
    write(project, f"antipasta: ignore[{CC}<=3]", FAILING.replace("if b:", "if b and a:"), "f")
    return project


METRICS = ", ".join((*BLOCK_METRICS, "crap"))


def test_all_can_be_listed(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--list-suppressions") == (
        0,
        [
            f"a.py:1: decide: {CC} <= 3, halstead_volume (unused): used: it decides",
            f"b.py:1: decide: {CC} (noqa): used",
            "c.py:1: add: not honoured",
            f'    unknown metric "x"; expected one of: {METRICS}',
            "d.py:1: the file: all metrics: unused",
            f"f.py:1: decide: {CC} <= 3: exceeded",
            "5 suppressions: 1 exceeded, 1 not honoured, 1 unused, 2 used",
        ],
    )
    assert run(capsys, "--list-suppressions", "e.py") == (0, ["0 suppressions"])


def test_the_list_can_be_json(audited: Path, program: Program) -> None:
    assert program("check", "--list-suppressions", "--format", "json", "--output", "list.json").out == ""
    found = json.loads((audited / "list.json").read_bytes())
    assert list(found) == ["schema_version", "suppressions"]
    rows = [(one["path"], one["line"], one["qualified_name"], one["state"]) for one in found["suppressions"]]
    assert rows == [
        ("a.py", 1, "decide", "used"),
        ("b.py", 1, "decide", "used"),
        ("c.py", 1, "add", "not honoured"),
        ("d.py", 1, None, "unused"),
        ("f.py", 1, "decide", "exceeded"),
    ]
    files = json.loads(program("check", "--format", "json", code=1).out)["files"]
    listed = [{"path": file["path"], **one} for file in files for one in file["suppressions"]]
    assert found["suppressions"] == listed


def test_a_list_that_lacks_a_file_says_so(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (audited / "g.py").write_text("def f(:\n")
    code, lines = run(capsys, "--list-suppressions")
    assert (code, lines[-1]) == (3, "not listed: g.py:1: not measured (syntax): invalid syntax")


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_other_processes_know_the_same(audited: Path, jobs: str, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(30):
        write(audited, f"antipasta: ignore {number}", name=f"n{number}")
    code, lines = run(capsys, "--jobs", jobs, "--no-cache", "--list-suppressions")
    assert (code, lines[-1]) == (0, "35 suppressions: 1 exceeded, 1 not honoured, 1 unused, 32 used")
    assert main(["check", "--jobs", jobs, "--no-cache", "--no-ignore", "--quiet"]) == 1
    assert capsys.readouterr().out.count("  decide  ") == 34


def test_a_terminal_obeys_no_comment(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, "antipasta: ignore[\x1b] \x1b[31mred")
    write(project, "antipasta: ignore \x1b[31mred", name="b")
    for args in ([], ["--list-suppressions"], ["--no-cache", "--quiet"]):
        text = "\n".join(run(capsys, *args)[1])
        assert "\x1b" not in text
        assert "\\x1b" in text


TWO_METHODS = f"""\
class A:  # antipasta: ignore[{CC}<=3]
    def within(self, a, b):
        return a and b or a
    def beyond(self, a, b):
        return a and b or a and b
    class B:
        def inner(self, a, b):
            return a and b or a and b
"""


def test_a_comment_at_a_class_is_named_where_a_method_is_beyond_its_ceiling(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(TWO_METHODS)
    hint = "         the comment on line 1, at class A, allows only cyclomatic_complexity <= 3"
    assert run(capsys, "--quiet", "a.py") == (
        1,
        [
            "a.py",
            "    4:1  A.beyond   cyclomatic 4/2",
            hint,
            "    7:1  A.B.inner  cyclomatic 4/2",
            hint,
        ],
    )
    assert run(capsys, "--list-suppressions", "a.py")[1] == [
        f"a.py:1: class A: {CC} <= 3: exceeded",
        "1 suppression: 1 exceeded",
    ]


def test_a_comment_at_a_function_says_nothing_of_a_closure_in_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = "    def g(b):\n        return b and f or b and f\n    return f and g or f and g\n"
    (project / "a.py").write_text(f"def f(f):  # antipasta: ignore[{CC}<=3]\n{inner}")
    assert [line for line in run(capsys, "--quiet", "a.py")[1] if "comment" in line] == [
        "         the comment on line 1 allows only cyclomatic_complexity <= 3"
    ]


def test_of_many_wrong_comments_in_a_file_the_first_are_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(FAILING + "x = 1  # antipasta: ignore\n" * 1000)
    _, lines = run(capsys)
    told = [line.removeprefix("warning: ") for line in lines if "not applied" in line]
    first = len(FAILING.splitlines()) + 1
    assert [line.partition(": ")[0] for line in told] == [f"a.py:{first + number}" for number in range(10)]
    assert sum(line.endswith(f"a.py: 990 more like these; {LISTED}") for line in lines) == 1
    assert len(lines) < 20
    assert len(run(capsys, "--list-suppressions")[1]) == 2001
