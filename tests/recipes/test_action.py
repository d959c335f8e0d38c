"""``action.yml``: its scripts are run as GitHub runs them."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import pytest
import yaml

from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.recipes.conftest import BAD, Hosted
from tests.recipes.runner import BIN, ROOT, GitHub, Step, evaluate
from tests.report.formats.test_npm_validators import FOLDER

if sys.platform == "win32":
    pytest.skip("needs bash", allow_module_level=True)

REPOSITORY = "somebody/project"
HEAD = "89abcdef" * 5
MERGED, MAIN, TOPIC = "refs/pull/1/merge", "refs/heads/main", "refs/heads/topic"
NO_CHANGE = {"complexity_added": "", "complexity_removed": "", "functions_worse": ""}
RunJob: TypeAlias = Callable[..., tuple[GitHub, dict[str, Step]]]


def describe_pull_request(**changes: Any) -> dict[str, Any]:
    """Return what expressions know of a pull request."""
    event = {"pull_request": {"number": 1, "head": {"repo": {"full_name": REPOSITORY}, "sha": HEAD}}}
    return {
        "event_name": "pull_request",
        "base_ref": "main",
        "actor": "somebody",
        "repository": REPOSITORY,
        "sha": "0123",
        "token": "secret",
        "event": event,
        **changes,
    }


def describe_push(**changes: Any) -> dict[str, Any]:
    """Return what expressions know of a push."""
    return describe_pull_request(event_name="push", base_ref="", event={}, **changes)


def find_places(log: Path) -> list[dict[str, Any]]:
    """Return where the results of a SARIF log are."""
    (run,) = json.loads(log.read_text())["runs"]
    return [result["locations"][0]["physicalLocation"] for result in run["results"]]


@pytest.fixture
def forked_programs(tmp_path: Path, forked_python: ForkedPython) -> Path:
    """The programs of an environment, of which the checker runs in a forked Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    (folder / "pytest-antipasta").symlink_to(forked_python.make_program() / "pytest-antipasta")
    (folder / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (folder / "python").chmod(0o755)
    return folder


@pytest.fixture
def run_job(hosted: Hosted, tmp_path: Path, cache_dir: Path, forked_programs: Path) -> RunJob:
    """Runs the action in a clone, or in one of a reference; returns the runner and what came of the steps."""
    jobs = iter(range(100))

    def run(
        clone: Repository | str,
        github: dict[str, Any],
        python: str = "3.13",
        programs: Path = forked_programs,
        **inputs: str,
    ) -> tuple[GitHub, dict[str, Step]]:
        if isinstance(clone, str):
            clone = hosted.clone(clone, tmp_path / "clone")
        runner = GitHub(clone.path, tmp_path / f"job{next(jobs)}", {"github": github})
        reports = Path(runner.context["runner"]["temp"]) / "reports"
        given = {name.replace("_", "-"): value for name, value in inputs.items()}
        return runner, runner.run(
            given, {"install": {"bin": str(programs), "python": python, "reports": str(reports)}}
        )

    return run


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        pytest.param("a.b == 'x' && !c", True, id="and"),
        pytest.param("a.b != 'x' || (c == '')", True, id="or"),
        pytest.param("always() && a.b == 'y'", False, id="always"),
        pytest.param(" a.b ", "x", id="a value"),
    ],
)
def test_expressions_are_evaluated(expression: str, expected: object) -> None:
    assert evaluate(expression, {"a.b": "x", "c": ""}.__getitem__) == expected


def test_a_pull_request_is_judged_by_what_it_changes(hosted: Hosted, run_job: RunJob, tmp_path: Path) -> None:
    clone = hosted.clone(MERGED, tmp_path / "clone")
    runner, steps = run_job(clone, describe_pull_request(), programs=BIN, sarif="true")
    check = steps["Check"]
    assert check.outcome == "failure"
    assert "::error title=Too complex%3A new 5/2,file=sub/new.py,line=1,endLine=10::" in check.said
    assert "1 function became too complex, in 1 file" in check.said
    assert not any(name in check.said for name in ("other.py", "old.py"))
    assert runner.outputs["exit-code"] == "1"
    assert {name: runner.outputs[name] for name in NO_CHANGE} == {
        "complexity_added": "4", "complexity_removed": "0", "functions_worse": "0"
    }  # fmt: skip
    reports = Path(runner.outputs["reports"])
    assert sorted(path.name for path in reports.iterdir()) == [
        f"antipasta.{kind}" for kind in ("json", "md", "sarif", "xml")
    ]
    assert steps["Summarise"].summary == (reports / "antipasta.md").read_text()
    assert "### antipasta: 1 function became too complex" in steps["Summarise"].summary
    uploaded = steps["Upload to code scanning"].given
    assert uploaded == {"sarif_file": str(reports / "antipasta.sarif"), "category": "antipasta-."}
    names = [place["artifactLocation"]["uri"] for place in find_places(reports / "antipasta.sarif")]
    assert sorted(names) == ["old.py", "other.py", "sub/new.py"], (
        "code scanning compares the whole tree with that of the target"
    )
    assert steps["Comment on the pull request"].outcome == "skipped"
    assert int(clone.git("rev-list", "--count", "--all")) < 10, "fifty commits are not needed"


def find_commands(said: str) -> list[str]:
    """Return the lines that the runner obeys; it looks for nothing but a token until that comes."""
    found, token = [], None
    for line in said.splitlines():
        if token is not None:
            token = None if line == f"::{token}::" else token
        elif line.startswith("::stop-commands::"):
            token = line.removeprefix("::stop-commands::")
            assert re.fullmatch("[0-9a-f]{32}", token)
        elif line.lstrip().startswith("::") or "##[" in line:
            found.append(line)
    assert token is None
    return found


def test_annotations_are_the_only_lines_that_the_runner_obeys(
    hosted: Hosted, run_job: RunJob, tmp_path: Path
) -> None:
    clone = hosted.clone(MAIN, tmp_path / "clone")
    (clone.path / "::stop-commands::x.py").write_text(BAD.format("f"))
    args = "::error ::no such file"
    tokens = set()
    for _ in range(2):
        _, steps = run_job(clone, describe_push())
        said = steps["Check"].said
        names = [line.split("file=")[1].split(",")[0] for line in find_commands(said)]
        assert sorted(names) == ["\\x3a%3Astop-commands%3A%3Ax.py", "old.py", "other.py"]
        tokens.add(said.splitlines()[0])
    assert len(tokens) == 2
    _, steps = run_job(clone, describe_push(), args=args)
    assert find_commands(steps["Check"].said) == []


@pytest.mark.parametrize(
    ("ref", "depth"),
    [
        pytest.param(MERGED, 0, id="all of the history", marks=pytest.mark.slow),
        pytest.param(TOPIC, 1, id="the branch in place of the merge"),
    ],
)
def test_however_it_is_checked_out(
    hosted: Hosted, run_job: RunJob, tmp_path: Path, ref: str, depth: int
) -> None:
    clone = hosted.clone(ref, tmp_path / "clone", depth)
    if not depth:
        clone.git("fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*")
        clone.git("remote", "remove", "origin")  # nothing is to be fetched
        clone.git("update-ref", "refs/remotes/origin/main", hosted.head("main"))
    _, steps = run_job(clone, describe_pull_request())
    assert steps["Check"].outcome == "failure"
    assert (
        "1 function became too complex, in 1 file" in steps["Check"].said
        and "sub/new.py" in steps["Check"].said
    )


def test_a_push_is_judged_as_a_whole(run_job: RunJob) -> None:
    runner, steps = run_job(MAIN, describe_push(), annotations="false", summary="false")
    assert runner.outputs.items() >= NO_CHANGE.items()
    assert steps["Find what the pull request began with"].outcome == "skipped"
    assert "2 functions are over a limit, in 2 " in steps["Check"].said
    assert "::error" not in steps["Check"].said
    assert steps["Summarise"].outcome == "skipped"


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        pytest.param({}, [], id="all files"),
        pytest.param(
            {
                "points": {
                    "cyclomatic_complexity": {"added": 3, "taken": 1},
                    "cognitive_complexity": {"added": 13, "taken": 2},
                },
                "effects": {"worse": 4, "better": 1, "moved": 0},
            },
            ["complexity_added=13", "complexity_removed=2", "functions_worse=4"],
            id="a change",
        ),
    ],
)
def test_outputs_for_a_label(
    report: dict[str, Any], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "antipasta.json"
    file.write_text(json.dumps(report))
    main = runpy.run_path(str(ROOT / "action/outputs.py"))["main"]
    assert main(str(file)) == 0
    assert capsys.readouterr().out.splitlines() == expected


def test_the_recipe_keeps_one_label(tmp_path: Path) -> None:
    """A script that writes down what it is given stands in for GitHub's command line."""
    workflow = yaml.safe_load((ROOT / "examples/github/.github/workflows/complexity.yml").read_text())
    (step,) = (step for step in workflow["jobs"]["complexity"]["steps"] if "Label" in step.get("name", ""))
    log = tmp_path / "log"
    program = tmp_path / "gh"
    program.write_text(
        f"""#!/bin/sh
printf '%s\\n' "$*" >> "{log}"
[ "$2" != view ] || echo 'complexity +1 -0'
"""
    )
    program.chmod(0o755)
    given = {
        "ADDED": "13",
        "REMOVED": "2",
        "NUMBER": "7",
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]], env=given, check=True)
    view, *others = log.read_text(encoding="utf-8").splitlines()
    assert view.startswith("pr view 7 --json labels ")
    assert others[0] == "pr edit 7 --remove-label complexity +1 -0"
    assert others[1].startswith("label create complexity +13 -2 --force ")
    assert others[2:] == ["pr edit 7 --add-label complexity +13 -2"]


def test_a_pull_request_may_be_judged_as_a_whole(run_job: RunJob) -> None:
    _, steps = run_job(MERGED, describe_pull_request(), only_changes="false")
    assert "3 of 4 functions are over a limit, in 3 of 4 files" in steps["Check"].said


def test_what_passes_is_green(hosted: Hosted, run_job: RunJob) -> None:
    hosted.git("checkout", "--quiet", "topic")
    hosted.git("rm", "--quiet", "sub/new.py")
    hosted.commit()
    hosted.merge()
    runner, steps = run_job(MERGED, describe_pull_request())
    assert {step.outcome for step in steps.values()} == {"success", "skipped"}
    assert runner.outputs["exit-code"] == "0"
    assert "### antipasta: passed" in steps["Summarise"].summary


def test_a_baseline_that_allows_more_than_the_code_needs_fails_where_that_is_asked_for(
    hosted: Hosted, run_job: RunJob, tmp_path: Path
) -> None:
    hosted.record_old(value=9)
    clone = hosted.clone(MAIN, tmp_path / "clone")
    _, steps = run_job(clone, describe_push())
    assert steps["Check"].outcome == "success"
    assert steps["Compare the baseline with the code"].outcome == "skipped"
    _, steps = run_job(clone, describe_push(), tight_baseline="true")
    compared = steps["Compare the baseline with the code"]
    assert compared.outcome == "failure"
    assert "allows 9, the code has 5" in compared.said
    assert find_commands(compared.said) == []


def is_fork(github: dict[str, Any]) -> None:
    github["event"]["pull_request"]["head"]["repo"]["full_name"] = "else/project"


def is_dependabot(github: dict[str, Any]) -> None:
    github["actor"] = "dependabot[bot]"


@pytest.mark.parametrize("change", [is_fork, pytest.param(is_dependabot, marks=pytest.mark.slow)])
def test_without_a_token_that_writes_the_verdict_and_the_summary_stay(
    run_job: RunJob, change: Callable[[dict[str, Any]], None]
) -> None:
    github = describe_pull_request()
    change(github)
    runner, steps = run_job(MERGED, github, sarif="true", comment="true")
    skipped = [name for name, step in steps.items() if step.outcome == "skipped"]
    assert skipped[0] == "Compare the baseline with the code", "it is not asked for"
    assert skipped[1:] == ["Upload to code scanning", "Comment on the pull request"]
    assert "::error title=Too complex%3A new 5/2,file=sub/new.py" in steps["Check"].said
    assert "sub/new.py" in steps["Summarise"].summary
    assert runner.outputs["exit-code"] == "1"


@pytest.mark.slow
def test_measurements_are_kept_and_found_again(
    hosted: Hosted, run_job: RunJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("PYTEST_ANTIPASTA_LOG_FILE", str(log))

    def find_hits() -> str:
        """Return what the last check says of the store."""
        hits: str = re.findall(r"failed; (.*)", log.read_text())[-1]
        return hits

    clone = hosted.clone(MAIN, tmp_path / "clone")
    _, steps = run_job(clone, describe_push(sha="1"))
    assert find_hits() == "0 hits, 2 misses"
    assert steps["Keep measurements"].outcome == "success", "though the check has failed"
    assert steps["Keep measurements"].given["key"] == "antipasta-Linux-3.13-.-1"
    _, steps = run_job(clone, describe_push(sha="2"))
    assert find_hits() == "2 hits, 0 misses"
    assert steps["Keep measurements"].given["key"] == "antipasta-Linux-3.13-.-2"
    _, steps = run_job(clone, describe_push(sha="2"))
    assert steps["Keep measurements"].outcome == "skipped", "the same key again"
    _, steps = run_job(clone, describe_push(sha="3"), cache="false")
    assert steps["Keep measurements"].outcome == steps["Restore measurements"].outcome == "skipped"
    assert find_hits().startswith("0 hits")
    for other in ({"python": "3.12"}, {"working_directory": "sub"}):
        (clone.path / "sub").mkdir(exist_ok=True)
        _, steps = run_job(clone, describe_push(sha="2"), **other)
        assert find_hits().startswith("0 hits")
        assert steps["Keep measurements"].outcome == "success", other


def test_wrong_settings_fail_and_there_is_nothing_to_report(
    hosted: Hosted, run_job: RunJob, tmp_path: Path
) -> None:
    clone = hosted.clone(MAIN, tmp_path / "clone")
    (clone.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\npath = 1\n")
    runner, steps = run_job(clone, describe_push(), sarif="true")
    assert steps["Check"].outcome == "failure"
    assert "error: pyproject.toml:2: " in steps["Check"].said
    assert runner.outputs == {**NO_CHANGE, "exit-code": "2", "reports": ""}
    assert steps["Summarise"].outcome == steps["Upload to code scanning"].outcome == "skipped"


def test_history_that_can_not_be_had_is_reported_with_what_to_do(
    hosted: Hosted, run_job: RunJob, tmp_path: Path
) -> None:
    clone = hosted.clone(MERGED, tmp_path / "clone")
    clone.git("remote", "set-url", "origin", (tmp_path / "gone").as_uri())
    runner, steps = run_job(clone, describe_pull_request())
    said = steps["Find what the pull request began with"].said
    assert "::error title=antipasta::The history lacks where main and this pull request part" in said
    assert "`fetch-depth: 0`" in said
    assert steps["Check"].outcome == steps["Summarise"].outcome == "skipped"
    assert runner.outputs == {**NO_CHANGE, "exit-code": "", "reports": ""}


def test_a_project_in_a_subfolder(hosted: Hosted, run_job: RunJob) -> None:
    hosted.git("checkout", "--quiet", "topic")
    hosted.git("mv", "pyproject.toml", "sub/pyproject.toml")
    hosted.commit()
    hosted.merge()
    _, steps = run_job(MERGED, describe_pull_request(), working_directory="sub", sarif="true")
    assert "::error title=Too complex%3A new 5/2,file=sub/new.py,line=1,endLine=10::" in steps["Check"].said
    assert steps["Upload to code scanning"].given["category"] == "antipasta-sub"


def test_options_and_paths_are_one_a_line(hosted: Hosted, run_job: RunJob, tmp_path: Path) -> None:
    clone = hosted.clone(TOPIC, tmp_path / "clone")
    (clone.path / "a folder").mkdir()
    (clone.path / "a folder/mine.py").write_text("def mine(a):\n    return a\n")
    args = "a folder\nsub\n\n--limit\ncyclomatic_complexity=9\n"
    _, steps = run_job(clone, describe_push(), args=args)
    assert "no violations; 2 of 4 files checked, limited to `a folder`, `sub`" in steps["Check"].said


HOSTILE = "\"; touch pwned; $(touch pwned) `touch pwned` ' && touch pwned #"


@pytest.mark.parametrize("names", [("args", "annotations", "comment"), ("token",)], ids=" ".join)
def test_no_input_is_run(run_job: RunJob, tmp_path: Path, names: tuple[str, ...]) -> None:
    github = describe_pull_request(api_url="http://127.0.0.1:1")
    run_job(MERGED, github, **{"comment": "true", **dict.fromkeys(names, HOSTILE)})
    assert not list(tmp_path.rglob("pwned"))


def test_no_python_is_run_but_that_of_this_name(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone(TOPIC, tmp_path / "clone")
    runner = GitHub(clone.path, tmp_path / "job", {"github": describe_push()})
    steps = runner.run({"python": HOSTILE}, {})
    assert steps["Install pytest-antipasta"].outcome == "failure"
    assert not list(tmp_path.rglob("pwned"))


def test_no_name_of_a_branch_is_run(hosted: Hosted, run_job: RunJob, tmp_path: Path) -> None:
    branch = "a;touch${IFS}pwned;$(touch${IFS}pwned)"
    hosted.git("branch", branch, hosted.began)
    _, steps = run_job(MERGED, describe_pull_request(base_ref=branch))
    assert "2 functions became too complex, in 2 " in steps["Check"].said
    assert not list(tmp_path.rglob("pwned"))


def test_no_script_of_a_recipe_has_an_expression_in_it() -> None:
    scripts = [
        step["run"]
        for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
        if "run" in step
    ]
    for path in ROOT.glob("examples/*/.github/workflows/*.yml"):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            scripts += [step["run"] for step in job["steps"] if "run" in step]
    assert len(scripts) > 6
    assert not any("${{" in script for script in scripts)


@pytest.mark.programs
@pytest.mark.skipif(FOLDER not in os.environ, reason=f"installs packages, as {FOLDER} says that one may")
def test_it_installs_what_it_runs(hosted: Hosted, tmp_path: Path) -> None:
    clone = hosted.clone(MAIN, tmp_path / "clone")
    mark = tmp_path / "imported"
    for name in ("logging", "venv", "pip"):
        (clone.path / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    runner = GitHub(clone.path, tmp_path / "job", {"github": describe_push()})
    steps = runner.run({"python": sys.executable}, {})
    assert not mark.exists()
    assert steps["Install pytest-antipasta"].outcome == "success", steps["Install pytest-antipasta"].said
    assert "2 functions are over a limit, in 2 " in steps["Check"].said
    version = ".".join(map(str, sys.version_info[:2]))
    assert steps["Keep measurements"].given["key"] == f"antipasta-Linux-{version}-.-0123"


class Comments(HTTPServer):
    """The part of GitHub that has the comments of a pull request.

    Attributes:
        comments: their texts.
        users: who has written those that the token has not.
        user: whose token it is; None for that of a bot.
        asked: the methods of all questions about comments.
        refusal: a status to answer all questions with; -1 to hang up.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.comments: list[str] = []
        self.users: dict[int, dict[str, str] | None] = {}
        self.user: dict[str, str] | None = None
        self.asked: list[str] = []
        self.refusal = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Comments

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        assert self.headers["Authorization"] == "Bearer secret"
        is_user = self.path == "/user"
        refusal = self.server.refusal or (403 if is_user and self.server.user is None else 0)
        if refusal > 0:
            self.send_error(refusal)
        elif not refusal:
            answer = self.server.user if is_user else self._answer_about_comments()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

    def _answer_about_comments(self) -> object:
        self.server.asked.append(self.command)
        path, _, query = self.path.partition("?")
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
        base = f"/repos/{REPOSITORY}/issues"
        if self.command == "PATCH":
            self.server.comments[int(path.removeprefix(f"{base}/comments/"))] = body["body"]
            return {}
        assert path == f"{base}/1/comments"
        if self.command == "POST":
            self.server.comments.append(body["body"])
            return {}
        page = int(query.partition("&page=")[2]) - 1
        own = self.server.user or {"login": "github-actions[bot]", "type": "Bot"}
        return [
            {
                "body": text,
                "url": f"{self.server.url}{base}/comments/{number}",
                "user": self.server.users.get(number, own),
            }
            for number, text in enumerate(self.server.comments)
        ][page * 100 : page * 100 + 100]

    do_GET = do_POST = do_PATCH = _answer  # noqa: N815


@pytest.fixture
def comments() -> Iterator[Comments]:
    """The comments, served."""
    with Comments() as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_comment_is_one_and_the_same(
    hosted: Hosted, run_job: RunJob, tmp_path: Path, comments: Comments
) -> None:
    comments.comments = [f"comment {number}" for number in range(150)]
    clone = hosted.clone(MERGED, tmp_path / "clone")
    github = describe_pull_request(api_url=comments.url)
    runner, steps = run_job(clone, github, comment="true")
    assert steps["Comment on the pull request"].outcome == "success", steps[
        "Comment on the pull request"
    ].said
    report = (Path(runner.outputs["reports"]) / "antipasta.md").read_text()
    assert comments.comments[150:] == [f"<!-- pytest-antipasta . -->\n{report}\nChecked at {HEAD}.\n"]
    assert "sub/new.py" in report
    (clone.path / "sub/new.py").unlink()
    run_job(clone, github, comment="true")
    assert len(comments.comments) == 151
    assert "### antipasta: passed" in comments.comments[150]
    run_job(clone, github, comment="true", working_directory="sub")
    assert len(comments.comments) == 152, "of another project"
    assert comments.asked == ["GET", "GET", "POST", "GET", "GET", "PATCH", "GET", "GET", "POST"]


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(None, id="bot"),
        pytest.param({"login": "somebody", "type": "User"}, id="user", marks=pytest.mark.slow),
    ],
)
def test_a_comment_of_somebody_else_stays(
    hosted: Hosted, run_job: RunJob, tmp_path: Path, comments: Comments, user: dict[str, str] | None
) -> None:
    foreign = ["<!-- pytest-antipasta . -->\nmine", "<!-- pytest-antipasta . -->\nof a user who is gone"]
    comments.comments = [*foreign]
    comments.users = {0: {"login": "else", "type": "User"}, 1: None}
    comments.user = user
    clone = hosted.clone(MERGED, tmp_path / "clone")
    for _ in range(2):
        run_job(clone, describe_pull_request(api_url=comments.url), comment="true")
    assert comments.comments[:2] == foreign
    assert len(comments.comments) == 3
    assert comments.asked == ["GET", "POST", "GET", "PATCH"]


@pytest.mark.slow
def test_a_comment_that_is_refused_fails_with_what_to_do(run_job: RunJob, comments: Comments) -> None:
    comments.refusal = 403
    _, steps = run_job(MERGED, describe_pull_request(api_url=comments.url), comment="true")
    said = steps["Comment on the pull request"].said
    assert said == (
        "::error title=antipasta::The comment can't be written: 403 Forbidden: the job needs `permissions: "
        "pull-requests: write`\n"
    )


def test_a_long_report_is_cut_where_it_is_folded(
    hosted: Hosted, run_job: RunJob, tmp_path: Path, comments: Comments
) -> None:
    clone = hosted.clone(TOPIC, tmp_path / "clone")
    name = f"{'f' * 150}{{}}"
    many = "".join(f"def {name.format(number)}(a):\n    return a if a else a or a\n" for number in range(500))
    (clone.path / "many.py").write_text(many)
    github = describe_pull_request(api_url=comments.url)
    runner, steps = run_job(clone, github, comment="true", args="many.py", only_changes="false")
    report = (Path(runner.outputs["reports"]) / "antipasta.md").read_text()
    assert len(report) <= 65_536
    (written,) = comments.comments
    summary = steps["Summarise"].summary
    for text in (written, summary):
        assert "500 violations" in text and f"| `{name.format(0)}`<br/>`many.py:1` |" in text
    assert "<details>" not in written and len(written) < 8_000
    assert "\n**Shortened: a comment has no room for the tables of all functions.**\n" in written
    assert "**Truncated: " in summary


def test_what_github_can_not_be_asked_is_reported(run_job: RunJob) -> None:
    with Comments() as server:
        url = server.url
    _, steps = run_job(MERGED, describe_pull_request(api_url=url), comment="true")
    assert "The comment can't be written: [Errno" in steps["Comment on the pull request"].said


@pytest.mark.slow
def test_a_github_that_hangs_up_is_reported(run_job: RunJob, comments: Comments) -> None:
    comments.refusal = -1
    _, steps = run_job(MERGED, describe_pull_request(api_url=comments.url), comment="true")
    said = steps["Comment on the pull request"].said
    assert said.startswith("::error title=antipasta::The comment can't be written: Remote end closed")
    assert said.count("\n") == 1


def test_examples_upload_to_code_scanning_where_they_may() -> None:
    uploading = []
    for path in ROOT.glob("examples/*/.github/workflows/*.yml"):
        for job in yaml.safe_load(path.read_text())["jobs"].values():
            steps = [step for step in job["steps"] if "upload-sarif" in step.get("uses", "")]
            if steps or any((step.get("with") or {}).get("sarif") for step in job["steps"]):
                uploading.append(path.name)
                assert job["permissions"].items() >= {"actions": "read", "security-events": "write"}.items()
            for step in steps:
                assert "github.actor != 'dependabot[bot]'" in step["if"]
                assert "head.repo.full_name == github.repository" in step["if"]
    assert sorted(uploading) == ["complexity.yml", "shards.yml", "tests.yml"]


def test_it_is_documented() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    for name, one in action["inputs"].items():
        shown = f" (`{one['default']}`)" if one["default"] else ""
        assert f"- `{name}`{shown}: " in page, name
    listed = page.partition("\nThe outputs are:\n")[2].partition("\n#")[0]
    assert all(f"`{name}`" in listed for name in action["outputs"])
