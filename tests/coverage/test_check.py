"""``check --coverage``: what fails, what is suppressed, and what a change is told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.coverage import CoverageFacts
from pytest_antipasta.report.coverage import describe_unreached
from pytest_antipasta.runtime.imports import HOME
from tests.conftest import Program, Repository
from tests.coverage.conftest import SHOP, run_coverage
from tests.report.reading import read_page
from tests.windows import NEEDS_LINKS

IN_CHANGED = "of cyclomatic complexity in new or changed functions that no test reached"
COMPLEX = """\
def price(amount, is_member, is_old, coupon):
    if is_member and amount > 100:
        return amount * 0.8
    if is_old or coupon or amount > 1000:
        return amount * 0.9
    return amount
"""


def test_what_is_complex_and_untested_fails(project: Path, program: Program) -> None:
    said = program("check", "--coverage", ".coverage", code=1).out
    assert "  1:1  price  crap 30/29" in said
    assert "\nnext: " not in said  # explain reads no coverage data
    rows = program("check", "--coverage", ".coverage", "--format", "markdown", code=1).out
    assert "| crap 30 (limit 29) | test it |" in rows
    assert "\nCoverage: 5 points of cyclomatic complexity in functions that no test reached (1).\n" in rows
    limit = ("--limit", "cyclomatic=4")
    rows = program("check", "--coverage", ".coverage", "--format", "markdown", *limit, code=1).out
    assert "explain shop.py::price` |" in rows
    assert "coverage: 5 points of cyclomatic complexity in functions that no test reached (1)" in said
    assert main(["check", "--coverage", ".coverage", "--limit", "crap=30"]) == 0
    assert main(["check", "--coverage", ".coverage", "--limit", "crap=off"]) == 0


def test_the_worst_untested_is_found_from_the_current_folder(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "deep").mkdir()
    (project / "deep/goods.py").write_text(COMPLEX)
    run_coverage(project, "run", "--branch", "deep/goods.py")
    monkeypatch.chdir("deep")
    assert (
        "\n  untested: goods.py:1 price: 0 % covered"
        in program("check", "--coverage", "../.coverage", code=1).out
    )
    longer = COMPLEX.replace("is_old or coupon", "is_old or coupon" + " or is_old" * 6)
    Path("goods.py").write_text(f"{longer}price(1, 0, 0, 0)\n")
    run_coverage(project, "run", "--branch", "deep/goods.py")
    out = program("check", "--coverage", "../.coverage", code=None).out
    assert "\n  partly tested: goods.py:1 price: 56 % covered, crap 24.6\n" in out
    assert "\n  untested: " not in out


def test_what_is_near_its_limit_is_listed(project: Path, program: Program) -> None:
    near = ("check", "--coverage", ".coverage", "--near", "0.8", "--limit")
    title = "1 function within the limits that reached 80 % of one\nshop.py\n"
    assert f"{title}    1:1  price  crap 30/36\n" in program(*near, "crap=36", code=0).out
    assert (
        f"{title}    1:1  price  cyclomatic 5/5\n"
        in program("check", "--near", "0.8", "--limit", "cyclomatic=5", code=0).out
    )
    none = "\nno function within the limits has reached 80 % of one\n"
    assert none in program(*near, "cyclomatic=5", code=1).out  # it is over the other limit


def test_the_store_has_none_of_it(project: Path) -> None:
    assert main(["check", "--coverage", ".coverage"]) == 1
    assert main(["check"]) == 0
    (project / "program.py").write_text("import shop\nshop.price(1, 0, 0, 0)\n")
    run_coverage(project, "run", "--branch", "program.py")
    assert main(["check", "--coverage", ".coverage"]) == 0


@pytest.mark.parametrize(
    ("comment", "code"),
    [
        ("# antipasta: ignore[crap<=30]", 0),
        ("# antipasta: ignore[crap<=29.5]", 1),
    ],
)
def test_a_comment_suppresses_it(project: Path, comment: str, code: int) -> None:
    (project / "shop.py").write_text(SHOP.replace("coupon):", f"coupon):  {comment}", 1))
    assert main(["check", "--coverage", ".coverage"]) == code


@pytest.mark.parametrize(("limit", "state"), [(29, "used"), (50, "unused")])
def test_a_comment_is_redundant_only_if_it_suppresses_nothing(
    project: Path, program: Program, limit: int, state: str
) -> None:
    comments = "# antipasta: ignore[cyclomatic] # antipasta: ignore"
    (project / "shop.py").write_text(SHOP.replace("coupon):", f"coupon):  {comments}", 1))
    limits = ("--limit", "cyclomatic=1", "--limit", f"crap={limit}")
    said = program("check", "--coverage", ".coverage", *limits, "--format", "json", code=None)
    (file,) = (file for file in json.loads(said.out)["files"] if file["path"] == "shop.py")
    (metric,) = file["suppressions"][1]["metrics"]
    assert (metric["metric"], metric["state"], metric["is_redundant"]) == (None, state, state == "unused")


def test_a_comment_is_not_unused_where_no_coverage_is_read(project: Path) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('[tool.pytest-antipasta]\nunused_suppressions = "fail"\n')
    (project / "shop.py").write_text(SHOP.replace("coupon):", "coupon):  # antipasta: ignore[crap<=30]", 1))
    assert main(["check"]) == 0
    assert main(["check", "--coverage", ".coverage"]) == 0
    assert main(["check", "--coverage", ".coverage", "--no-ignore"]) == 1
    assert main(["check", "--coverage", ".coverage", "--limit", "crap=50"]) == 1  # it does nothing there


def test_a_warning_fails_nothing(project: Path, program: Program) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace("crap = 29", 'crap = {limit = 29, level = "warning"}'))
    assert "warning: shop.py:1: price  crap 30/29" in program("check", "--coverage", ".coverage").out
    assert main(["check", "-q", "--coverage", ".coverage", "--warnings-fail"]) == 1


def test_a_limit_without_data_is_reported(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    note = "limits without effect: crap: no coverage data; pass it with `check --coverage PATH`"
    assert note in capsys.readouterr().out


def test_reports_have_it(project: Path) -> None:
    formats = ["markdown", "html", "csv", "junit", "junit-blocks", "gitlab", "github"]
    reports = [part for name in formats for part in ("--report", f"{name}={name}.out")]
    options = ("--coverage", ".coverage", "--output", "r.json", "--report", "sarif=r.sarif", *reports)
    assert main(["check", "-q", *options]) == 1
    assert [name for name in formats if "crap" not in Path(f"{name}.out").read_text()] == []
    report = json.loads(Path("r.json").read_bytes())
    assert report["coverage"] == {
        "source": ".coverage",
        "has_branches": True,
        "stale": [],
        "newer": [],
        "absent": 0,
        "example": "",
        "notes": [],
        "unreached_points": 5,
        "unreached": 1,
    }
    (shop,) = [one for one in report["files"] if one["path"] == "shop.py"]
    (found,) = shop["violations"]
    assert (found["metric"], found["value"], found["threshold"]) == ("crap", 30.0, 29)
    assert [block["headroom"]["crap"] for block in shop["blocks"]][:1] == [-1]
    (run,) = json.loads(Path("r.sarif").read_bytes())["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["crap"]
    (rule,) = (rule for rule in run["tool"]["driver"]["rules"] if rule["id"] == "crap")
    assert "explain" not in str(rule["help"])  # it reads no coverage data


@pytest.mark.parametrize(("limit", "most"), [("cognitive = 40", 29), ("crap = 100", 100)])
def test_files_with_other_limits_have_it_too(project: Path, limit: str, most: int) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('[[tool.pytest-antipasta.overrides]]\nfiles = ["shop.py"]\n')
        settings.write(f"thresholds = {{{limit}}}\n")
    main(["check", "-q", "--coverage", ".coverage", "--output", "r.json", "--report", "html=page.html"])
    report = json.loads(Path("r.json").read_bytes())
    (other,) = [item for item in report["run"]["overrides"] if "shop.py" in item["files"]]
    assert other["limits"]["crap"]["limit"] == most
    (shop,) = [file for file in report["files"] if file["path"] == "shop.py"]
    assert [block["headroom"]["crap"] for block in shop["blocks"]] == pytest.approx([most - 30, most - 2.26])
    page = read_page(Path("page.html").read_bytes())
    limits = [page["limits"][file["limits"]]["block"]["crap"]["limit"] for file in page["files"]]
    assert limits == [29, most]  # of program.py and shop.py


@pytest.fixture
def repository(project: Path) -> Repository:
    """The project as a repository with one commit."""
    made = Repository(project)
    made.git("add", "shop.py", "program.py", "pyproject.toml")
    made.git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    return made


def test_a_change_is_judged_by_what_it_changes(
    project: Path, repository: Repository, program: Program
) -> None:
    (project / "program.py").write_text("import shop\nshop.label('tea', True)\n")
    run_coverage(project, "run", "--branch", "program.py")
    said = program("check", "--diff", "HEAD", "--coverage", ".coverage").out
    assert f"coverage: 0 points {IN_CHANGED} (0)" in said


def test_what_no_test_runs_is_read_first(
    project: Path, repository: Repository, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from a subfolder, where paths are printed in another way."""
    (project / "shop.py").write_text(COMPLEX)
    run_coverage(project, "run", "--branch", "shop.py")
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    said = program("check", "--diff", "HEAD", "--coverage", "../.coverage", "--no-baseline", code=1).out
    assert re.search(r"read this first:\n  \.\./shop\.py:\d+ \S+: .*, tests run 0 %\n", said)


def test_what_got_more_complex_fails(project: Path, repository: Repository, program: Program) -> None:
    (project / "shop.py").write_text(COMPLEX)
    run_coverage(project, "run", "--branch", "shop.py")
    repository.git("add", "shop.py")
    said = program("check", "--staged", "--coverage", ".coverage", code=1).out
    assert "crap 30 → 42" in said
    assert f"coverage: 6 points {IN_CHANGED} (1)" in said
    comment = program("check", "--staged", "--coverage", ".coverage", "--format", "markdown", code=1).out
    assert f"\n\nCoverage: 6 points {IN_CHANGED} (1).\n" in comment


@pytest.mark.parametrize(
    "limit",
    [
        pytest.param("10", id="edited"),
        pytest.param("false", id="edited, without a limit of its complexity"),
    ],
)
def test_what_got_no_more_complex_is_tolerated(project: Path, repository: Repository, limit: str) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write(f"cyclomatic_complexity = {limit}\n")
    repository.git("commit", "--quiet", "--all", "--message", "a limit")
    (project / "shop.py").write_text(SHOP.replace("0.8", "0.7"))
    run_coverage(project, "run", "--branch", "program.py")
    assert main(["check", "-q", "--diff", "HEAD", "--coverage", ".coverage", "--output", "r.json"]) == 0
    report = json.loads(Path("r.json").read_bytes())
    (file,), (change,) = report["files"], report["changes"]
    assert change.get("previous_complexity") == (5 if limit == "false" else None)
    assert [(one["metric"], one["before"], one["why"]) for one in file["tolerated"]] == [
        ("crap", 30.0, "not worse")
    ]


@pytest.mark.parametrize("factor", ["0.8", "0.7"])
def test_what_got_no_more_complex_under_another_name_is_not_listed(
    project: Path, repository: Repository, factor: str
) -> None:
    """It passes, edited or not, as what is renamed does."""
    with (project / "pyproject.toml").open("a") as settings:
        settings.write("cyclomatic_complexity = 4\n")
    repository.git("commit", "--quiet", "--all", "--message", "a limit")
    (project / "shop.py").write_text(SHOP.replace("0.8", factor).replace("price", "cost"))
    run_coverage(project, "run", "--branch", "program.py")
    assert main(["check", "-q", "--diff", "HEAD", "--coverage", ".coverage", "--output", "r.json"]) == 0
    (file,) = json.loads(Path("r.json").read_bytes())["files"]
    listed = [one["metric"] for one in (*file["violations"], *file["tolerated"])]
    assert "crap" not in listed


@pytest.mark.parametrize(
    ("setting", "edited", "code", "wrong"),
    [
        pytest.param('judge = "changed"', "label", 0, (), id="another function"),
        pytest.param(
            'judge = "all"', "label", 1, (None, 30, None), id="another one of a file that counts as a whole"
        ),
        pytest.param(
            'critical_functions = ["price"]', "label", 0, (), id="another function than the critical one"
        ),
        pytest.param(
            'critical_functions = ["price"]', "price", 1, (30, 30, "modified"), id="the critical function"
        ),
    ],
)
def test_settings_say_what_a_change_is_responsible_for(
    project: Path,
    repository: Repository,
    program: Program,
    setting: str,
    edited: str,
    code: int,
    wrong: tuple[object, ...],
) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(f"[tool.pytest-antipasta]\n{setting}\n{settings.read_text()}")
    repository.git("commit", "--quiet", "--all", "--message", "a setting")
    old, new = {"label": ("title()", "lower()"), "price": ("0.8", "0.7")}[edited]
    (project / "shop.py").write_text(SHOP.replace(old, new))
    run_coverage(project, "run", "--branch", "program.py")
    options = ("--diff", "HEAD", "--coverage", ".coverage", "--format", "json")
    (file,) = json.loads(program("check", *options, code=code).out)["files"]
    found = [(one["metric"], one["before"], one["value"], one["change"]) for one in file["violations"]]
    assert found == [("crap", *wrong)] * code


def test_what_got_more_complex_under_another_name_fails(
    project: Path, repository: Repository, program: Program
) -> None:
    (project / "shop.py").write_text(COMPLEX.replace("price", "cost"))
    run_coverage(project, "run", "--branch", "shop.py")
    options = ("--diff", "HEAD", "--coverage", ".coverage", "--limit", "cyclomatic=5")
    said = program("check", *options, code=1).out
    assert "  1:1  cost  cyclomatic 5 → 6/5 (+1)  crap 30 → 42/29 (+12)  renamed from price\n" in said
    assert f"coverage: 6 points {IN_CHANGED} (1)" in said


def test_a_comment_that_a_file_needs_is_used_in_a_change(project: Path, repository: Repository) -> None:
    with (project / "pyproject.toml").open("a") as settings:
        settings.write('[tool.pytest-antipasta]\nunused_suppressions = "fail"\n')
    repository.git("commit", "--quiet", "--all", "--message", "unused comments fail")
    (project / "shop.py").write_text(SHOP.replace("coupon):", "coupon):  # antipasta: ignore[crap<=30]", 1))
    assert main(["check", "-q", "--coverage", ".coverage"]) == 0
    assert main(["check", "-q", "--diff", "HEAD", "--coverage", ".coverage"]) == 0


def test_staged_content_that_did_not_run_is_unknown(
    project: Path, repository: Repository, program: Program
) -> None:
    (project / "shop.py").write_text(COMPLEX)
    repository.git("add", "shop.py")
    (project / "shop.py").write_text(SHOP)
    said = program("check", "--staged", "--coverage", ".coverage", "--report", "html=page.html")
    assert "from another version of the file: shop.py" in said.out
    assert "that no test reached" not in said.out
    unknown = "Coverage is unknown, because the data is from another version of the files"
    assert read_page(Path("page.html").read_bytes())["unreached"] == f"{unknown}."
    Path("other.py").write_text(COMPLEX)
    repository.git("add", "other.py")
    program("check", "--staged", "--coverage", ".coverage", "--report", "html=page.html")
    of_both = f"{unknown} or does not include them."
    assert read_page(Path("page.html").read_bytes())["unreached"] == of_both


def test_staged_content_ran_though_git_changes_the_line_ends(
    project: Path, repository: Repository, program: Program
) -> None:
    """As git does on Windows."""
    repository.git("config", "core.autocrlf", "true")
    (project / "shop.py").write_bytes(COMPLEX.replace("\n", "\r\n").encode())
    run_coverage(project, "run", "--branch", "shop.py")
    repository.git("add", "--renormalize", "shop.py")
    assert "\r" not in repository.git("show", ":shop.py")
    said = program("check", "--staged", "--coverage", ".coverage", code=1).out
    assert "another version" not in said


def test_markdown_says_where_coverage_is_unknown(project: Path, program: Program) -> None:
    (project / "shop.py").write_text(f"\n\n{SHOP}")
    (project / "new_`.py").write_text("def new(): pass\n")
    lines = program("check", "--coverage", ".coverage", "--format", "markdown").out.splitlines()
    assert lines[lines.index("**Coverage data**") + 1 :] == [
        "",
        "- `coverage unknown, because the data is from another version of the file: shop.py`",
        "- `coverage unknown, because the data does not include them: 1 file`",
    ]


@NEEDS_LINKS
@pytest.mark.parametrize(
    ("version", "message"),
    [
        pytest.param(None, "--coverage needs coverage.py: install `pytest-antipasta[coverage]`", id="none"),
        pytest.param("7.3.9", "--coverage needs coverage.py 7.4 or newer, and 7.3.9 is installed", id="old"),
    ],
)
def test_without_coverage_py_it_says_what_to_install(
    project: Path, tmp_path_factory: pytest.TempPathFactory, version: str | None, message: str
) -> None:
    installed = tmp_path_factory.mktemp("installed")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith("coverage"):
            (installed / entry.name).symlink_to(entry)
    if version is not None:
        (installed / "coverage").mkdir()
        (installed / "coverage" / "__init__.py").touch()
        (installed / f"coverage-{version}.dist-info").mkdir()
    program = (
        f"import sys\nsys.path[:0] = {[str(installed), HOME]!r}\n"
        "from pytest_antipasta.cli import main\nsys.exit(main(['check', '--coverage', '.coverage']))"
    )
    done = subprocess.run([sys.executable, "-IS", "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ["trend", "--metric", "crap"],
        ["trend", "--limit", "crap=30"],
        ["trend", "--limit", "crap=off"],
        ["measure", "--sort", "crap"],
    ],
)
def test_commands_without_coverage_refuse_its_metric(
    project: Path, program: Program, command: list[str]
) -> None:
    why = f"crap needs coverage data, which `{command[0]}` does not read; `check --coverage PATH` does"
    assert why in program(*command, code=2).err


def test_its_limit_changes_no_other_command(project: Path) -> None:
    Repository(project)
    for command in (["explain", "shop.py"], ["explain", "shop.py::price"], ["measure"], ["config", "show"]):
        assert main(command) == 0, command
    assert main(["check", "--top", "3"]) == 0
    assert main(["baseline", "write"]) == 0


@pytest.mark.slow
def test_shards_are_merged(project: Path, program: Program) -> None:
    Repository(project)
    main(["check", "-q", "--coverage", ".coverage", "--output", "whole.json"])
    for number in ("1", "2"):
        shard = ("--shard", f"{number}/2", "--output", f"{number}.shard")
        main(["check", "-q", "--coverage", ".coverage", *shard])
    said = program("report", "merge", "1.shard", "2.shard", "--report", "json=merged.json", code=1)
    assert "coverage: 5 points of cyclomatic complexity" in said.out
    whole, merged = (json.loads(Path(name).read_bytes()) for name in ("whole.json", "merged.json"))
    assert merged["files"] == whole["files"]
    assert merged["coverage"] == whole["coverage"]


def test_what_is_said_of_coverage_data_is_said_of_all_shards(project: Path, program: Program) -> None:
    for number in range(6):
        (project / f"a{number}.py").write_text("x = 1\n")
    os.utime("program.py", (time.time() + 60,) * 2)
    os.utime("shop.py", (time.time() + 60,) * 2)
    Repository(project)
    main(["check", "--coverage", ".coverage", "--output", "whole.json"])
    shards = [f"{number}.shard" for number in range(1, 5)]
    parts = [
        program(
            "check",
            "--coverage",
            ".coverage",
            "--shard",
            f"{name[0]}/4",
            "--report",
            f"shard={name}",
            code=None,
        )
        for name in shards
    ]
    assert {"the data is of other files" in part.out for part in parts} == {True, False}
    said = program("report", "merge", *shards, "--report", "json=merged.json", code=None).out
    assert "the data is of other files" not in said
    assert "coverage: 2 files newer on disk than the coverage data, such as program.py\n" in said
    whole, merged = (json.loads(Path(name).read_bytes()) for name in ("whole.json", "merged.json"))
    assert merged["coverage"] == whole["coverage"]


def test_shards_with_other_coverage_data_are_not_merged(project: Path, program: Program) -> None:
    Repository(project)
    main(["check", "-q", "--coverage", ".coverage", "--shard", "1/2", "--output", "1.shard"])
    main(["check", "-q", "--shard", "2/2", "--output", "2.shard"])
    assert "different coverage data, or none" in program("report", "merge", "1.shard", "2.shard", code=2).err


def test_the_page_lists_the_worst_untested(project: Path) -> None:
    main(["check", "-q", "--coverage", ".coverage", "--output", "page.html"])
    page = read_page(Path("page.html").read_bytes())
    assert page["unreached"] == "No test reached 1 function with 5 points of cyclomatic complexity."
    assert page["untested"] == [["shop.py", "price", "0 %", 30.0], ["shop.py", "label", "60 %", 2.26]]
    (shop,) = [file for file in page["files"] if file["path"] == "shop.py"]
    assert page["block_metrics"][-2:] == ["covered", "crap"]
    # A list of ratios and the digits of their steps follow the values.
    values = [block[: 4 + len(page["block_metrics"])] for block in shop["blocks"]]
    assert [row[-2:] for row in values] == [[0, 30.0], [60.0, 2.26]]
    main(["check", "-q", "--output", "page.html"])
    page = read_page(Path("page.html").read_bytes())
    assert "untested" not in page
    assert "covered" not in page["block_metrics"]


def test_the_page_has_the_source_of_what_is_near_the_limit_of_crap(project: Path) -> None:
    options = ("--coverage", ".coverage", "--limit", "crap=36")
    assert main(["check", "-q", *options, "--output", "page.html"]) == 0
    page = read_page(Path("page.html").read_bytes())
    sources = {file["path"]: [*file.get("sources", ())] for file in page["files"]}
    assert sources == {"program.py": [], "shop.py": ["price"]}


@pytest.mark.parametrize(
    ("points", "functions", "said"),
    [
        (0, 0, "No unreached functions were found."),
        (1, 1, "No test reached 1 function with 1 point of cyclomatic complexity."),
        (1200, 2, "No test reached 2 functions with 1,200 points of cyclomatic complexity."),
    ],
)
def test_the_page_says_how_many_functions_no_test_reached(points: int, functions: int, said: str) -> None:
    assert describe_unreached(CoverageFacts("x", unreached_points=points, unreached=functions), []) == said


def test_waivers_are_looked_for_where_coverage_has_limits(
    project: Path, repository: Repository, program: Program
) -> None:
    (project / "shop.py").write_text(COMPLEX)
    branches = "    if a: a += 1\n" * 11
    (project / "other.py").write_text(f"def f(a):  # antipasta: ignore[cyclomatic]\n{branches}")
    repository.git("add", "other.py")
    run_coverage(project, "run", "--branch", "shop.py")
    said = program("check", "--diff", "HEAD", "--coverage", ".coverage", code=1)
    assert ("1 waiver added:" in said.out, said.err) == (True, "")
