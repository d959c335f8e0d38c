"""Languages that do what they must not: they are named, and cost only the numbers of their own files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commits import stage_all
from tests.extension.conftest import PARAMETERS, SQL, Environment, make_procedure, write_settings

NAMED = 'languages = ["example:sql"]'
LIMITS = ("file_timeout = 0.5", "memory_limit_mb = 200")


@pytest.fixture(autouse=True)
def _written(project: Path) -> None:
    write_settings(project, "cyclomatic_complexity = 0", others=[NAMED, *LIMITS])
    (project / "q.sql").write_text(make_procedure("load", 11))


ROWS = """
@hookimpl
def antipasta_metrics():
    return [Metric(name="rows", scope="file", version="1")]
"""


def reading(body: str) -> str:
    """Return a language that does something with a content, and a metric of its files."""
    return SQL.replace("def read(data):", f"def read(data):\n    {body}") + ROWS


MEASURING = {
    "raises": ("raise KeyError('x')", "sql failed with KeyError: 'x'"),
    "exits": ("sys.exit(0)", "sql failed with SystemExit: 0"),
    "ends its process": ("os._exit(0)", "it terminated its process (exit code 0)"),
    "never comes back": ("while True: pass", "it took more than 0.5 s of CPU time (file_timeout)"),
    "takes all memory": (
        "a = []\n    while True: a.append(bytes(1000000))",
        "it used more than 200 MB of memory (memory_limit_mb)",
    ),
    "gives text": ("return 'many'", "sql failed with TypeError: expected ParsedFile, got str"),
    "names its metric as reports do": (
        "return ParsedFile(numbers={'example:rows': 1})",
        "sql failed with ValueError: 'example:rows' is not a file metric; use built-in metrics or rows",
    ),
    "gives endless blocks": (
        "return ParsedFile(blocks=iter(lambda: ParsedBlock(name='a', line=1, end_line=1), 0))",
        "it took more than",
    ),
}  # fmt: skip


@pytest.mark.slow
def test_what_they_do_while_measuring(environment: Environment, project: Path) -> None:
    for number, (body, _) in enumerate(MEASURING.values()):
        source = reading(body).replace('"sql"', f'"sql{number}"').replace(".sql", f".sql{number}")
        environment.install(source, f"example-{number}")
        (project / f"q.sql{number}").write_text(make_procedure("load", 11))
    (project / "q.sql").unlink()
    names = [f"example-{number}:sql{number}" for number in range(len(MEASURING))]
    others = [f"languages = {names}", *LIMITS]
    write_settings(project, "cyclomatic_complexity = 0", others=others)
    done = environment.check(project)
    for number, (_, expected) in enumerate(MEASURING.values()):
        beginning = f"q.sql{number}: not measured (extension): example-{number} 1.0: "
        (told,) = (line for line in done.stdout.splitlines() if line.startswith(beginning))
        assert told.removeprefix(beginning).startswith(expected.replace("sql", f"sql{number}"))
        assert len(told) < 500
    assert "    upgrade the extension, or uninstall it\n" in done.stdout
    assert f"in 1 of {len(MEASURING) + 1} files, {len(MEASURING)} files not measured" in done.stdout
    assert len(done.stdout) < 5000
    write_settings(project, others=[f"languages = {names[:1]}", *LIMITS])
    assert environment.check(project).returncode == 3


def test_metrics_of_another_extension_are_not_harmed(environment: Environment, project: Path) -> None:
    environment.install(reading("os._exit(0)"))
    environment.install(PARAMETERS, "other")
    files = json.loads(environment.check(project, "--format", "json").stdout)["files"]
    assert [block["other:parameters"] for block in files[0]["blocks"]] == [3, 1]
    assert files[1]["error"]["kind"] == "extension"


def test_a_commit_waits_no_longer_than_for_python(environment: Environment, project: Path) -> None:
    environment.install(reading("time.sleep(1000)"))
    budget = ("file_timeout = 60", "time_budget = 1", 'on_timeout = "allow"')
    write_settings(project, others=[NAMED, *budget])
    stage_all(project)
    done = environment.run("pytest_antipasta", "hook", cwd=project)
    told = "q.sql: not measured (timeout): the time budget ran out while it waited for example 1.0"
    assert told in done.stdout, done.stdout + done.stderr
    assert "disabled" not in done.stdout + done.stderr
    assert done.returncode == 0


LOADING = {
    "an ending of ours": (
        '(".sql",)',
        '(".sql", ".py")',
        ("language 'sql': .py is reserved for pytest-antipasta"),
    ),
    "an ending of ours behind another": (
        '(".sql",)',
        '(".x.pyi",)',
        "'sql': .x.pyi is reserved for pytest-antipasta",
    ),
    "an ending without a dot": ('(".sql",)', '("sql",)', 'endings must be a tuple of strings such as ".sql"'),
    "an ending that is a pattern": (
        '(".sql",)',
        '(".s*",)',
        'endings must be a tuple of strings such as ".sql"',
    ),
    "one ending": ('(".sql",)', '".sql"', 'endings must be a tuple of strings such as ".sql"'),
    "no ending": ('(".sql",)', "()", 'endings must be a tuple of strings such as ".sql"'),
    "a strange name": ('"sql"', '"S Q L"', "language 'S Q L': name must contain only a-z, 0-9 and _"),
    "a version that is no text": ('version="1"', "version=1", "language 'sql': version is not a string"),
    "no function": ("measure=read", "measure=5", "language 'sql': measure is not a function"),
    "a comment that is no text": ('comment="--"', "comment=5", "language 'sql': comment is not a string"),
    "a name twice": ("return [Language", "return 2 * [Language", "antipasta_languages returned sql twice"),
}


def test_what_is_wrong_with_them_as_a_whole(environment: Environment, project: Path) -> None:
    for number, (old, new, _) in enumerate(LOADING.values()):
        environment.install(SQL.replace(old, new), f"example-{number}")
    names = [f"example-{number}:sql" for number in range(len(LOADING))]
    write_settings(project, "cyclomatic_complexity = 0", others=[f"languages = {names}"])
    done = environment.check(project)
    for number, (_, _, expected) in enumerate(LOADING.values()):
        told = f"extension example-{number} 1.0 is disabled: "
        (line,) = (line for line in done.stdout.splitlines() if told in line)
        assert expected in line
    assert "2 functions are over a limit, in 1 file" in done.stdout
    assert "extension example is not installed" not in done.stdout
