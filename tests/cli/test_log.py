"""``--log-file``: what a command did, from all of its processes."""

from __future__ import annotations

import json
import logging
import os
import re
from pathlib import Path
from typing import Any

import pytest

import pytest_antipasta
from pytest_antipasta.cli import main
from pytest_antipasta.engine.ledger import Ledger
from pytest_antipasta.engine.measuring import guard
from pytest_antipasta.engine.result import Result
from pytest_antipasta.logs.file import LogFile
from pytest_antipasta.runtime.environment import VERSION
from tests.conftest import Program, Repository
from tests.windows import NOT_ON_WINDOWS

BAD = "def f(a):\n" + "    if a: print()\n" * 11
VARIABLE = "PYTEST_ANTIPASTA_LOG_"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files of which one is over a limit and one can't be parsed."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "good.py").write_text("x = 1\n")
    (folder / "bad.py").write_text(BAD)
    (folder / "broken.py").write_text("def\n")
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "runs.log"


def read(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def find(notes: list[dict[str, Any]], kind: str) -> list[str]:
    return [note["message"] for note in notes if note["kind"] == kind]


def test_a_run_tells_at_level_info_what_it_does_and_nothing_of_files_that_are_well(
    project: Path, log: Path
) -> None:
    assert main(["check", "--log-file", str(log), "--log-format", "json", "--jobs", "1"]) == 1
    notes = read(log)
    kinds = ["run", "settings", "store", "files", "file", "workers", *["files"] * 3, "phases", "run"]
    assert [note["kind"] for note in notes] == kinds
    first, last = find(notes, "run")
    assert first.startswith(f"pytest-antipasta {VERSION}, Python ")
    assert first.endswith(f": check --log-file {log} --log-format json --jobs 1")
    assert last == "exit code 1"
    assert find(notes, "settings") == [
        (
            f"root {project}, the current folder, because there are no settings and no git repository, "
            "settings from nowhere: defaults"
        )
    ]
    why = "because their contents are new"
    assert sorted(find(notes, "files")) == [
        "1 file measured, because errors are not stored: broken.py",
        f"2 files measured, {why}: bad.py, good.py",
        "3 files checked, 2 failed; 0 hits, 3 misses",
        "3 files of 3",
    ]
    (broken,) = [note for note in notes if note["kind"] == "file"]
    assert (broken["path"], broken["level"]) == ("broken.py", "info")
    assert broken["message"].startswith("not measured (syntax): ")


def test_at_level_debug_each_file_is_reported_with_the_worker_that_judged_it(
    project: Path, log: Path
) -> None:
    for number in range(60):
        (project / f"a{number}.py").write_text(f"x = {number}\n" * (number + 1))
    main(["check", "-q", "--log-file", str(log), "--log-level=debug", "--log-format=json", "--jobs=2"])
    notes = read(log)
    files = {note["path"]: note for note in notes if note["kind"] == "file"}
    assert len(files) == 63
    begun = {note["worker"]: note["process"] for note in notes if note["message"] == "begins"}
    assert sorted(begun) == ["worker-1", "worker-2"]
    assert os.getpid() not in begun.values()
    # The first may have done everything when the second has begun.
    assert {(note["worker"], note["process"]) for note in files.values()} <= set(begun.items())
    assert re.fullmatch(r"measured in \d\.\d{3} s, 1 violation", files["bad.py"]["message"])
    log.unlink()
    for path in project.iterdir():
        path.touch()  # else they may pass by the index, where the first run came late enough to believe it
    main(["check", "-q", "--log-file", str(log), "--log-level=debug", "--log-format=json"])
    found = find(read(log), "file")
    assert sum(message.startswith("looked up in ") for message in found) == 62


def test_the_environment_can_ask_for_it_and_options_win(
    project: Path, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "pyproject.toml").write_text("[tool.pytest-antipasta]\nmax_file_size_mb = 0.0001\n")
    for name, value in {"FILE": str(log), "LEVEL": "WARNING", "FORMAT": "json"}.items():
        monkeypatch.setenv(f"{VARIABLE}{name}", value)
    assert main(["check", "-q"]) == 3
    assert [note["path"] for note in read(log)] == ["bad.py"]  # too large
    other = tmp_path / "other.log"
    main(["measure", "-q", "--log-file", str(other), "--log-level", "info", "--log-format", "text"])
    assert " info " in other.read_text()
    assert len(read(log)) == 1
    monkeypatch.setenv(f"{VARIABLE}LEVEL", "info")
    main(["config", "schema"])  # what has no option for it
    assert find(read(log), "run")[-1] == "exit code 0"


@pytest.mark.parametrize(
    ("options", "variable", "error"),
    [
        (
            ["--log-level", "debug"],
            None,
            ("log level and log format need a log file: use --log-file or {}FILE"),
        ),
        (["--log-file", "x.log"], "LEVEL", "{}LEVEL: expected one of debug, info, warning, error, got loud"),
        (
            ["--log-level", "loud"],
            None,
            '--log-level: unknown value "loud"; expected one of: debug, info, warning',
        ),
    ],
)
def test_what_can_not_be_is_wrong_usage(
    project: Path,
    options: list[str],
    variable: str | None,
    error: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if variable:
        monkeypatch.setenv(f"{VARIABLE}{variable}", "loud")
    try:
        code = main(["check", *options])
    except SystemExit as end:
        code = int(end.code or 0)
    assert code == 2
    assert capsys.readouterr().err.splitlines()[0].startswith(f"error: {error.format(VARIABLE)}")
    assert not (project / "x.log").exists()


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("good.py", "x = 1\n", "source file"),
        ("pyproject.toml", "[tool.x]\n", "settings"),
        ("other.json", '{"schema_version": 1,\n"entries": []}\n', "baseline"),
    ],
)
def test_it_is_not_written_into_what_a_run_reads(
    project: Path, program: Program, name: str, content: str, what: str
) -> None:
    (project / name).write_text(content)
    said = program("check", "--log-file", name, code=2)
    assert f"error: the log would be written into the {what} " in said.err
    assert said.err.endswith(f"{name}; name another file, such as antipasta.log\n")
    assert (project / name).read_text() == content


def test_it_is_not_written_into_a_file_named_like_standard_output(project: Path, program: Program) -> None:
    said = program("check", "--log-file", "-", code=2)
    assert (
        said.err == "error: -: only reports can go to standard output; name a file, such as antipasta.log\n"
    )
    assert not (project / "-").exists()


def test_settings_can_not_ask_for_it(project: Path, program: Program) -> None:
    for name in ("log_file", "log-file"):
        (project / "pyproject.toml").write_text(f'[tool.pytest-antipasta]\n{name} = "x.log"\n')
        assert f"tool.pytest-antipasta.{name}: unknown key" in program("check", code=2).err
    assert not (project / "x.log").exists()


ODD = "x\n2026-01-01T00:00:00.000Z error\x1b[2J.py"


@NOT_ON_WINDOWS
def test_names_of_files_begin_no_lines(project: Path, log: Path) -> None:
    (project / ODD).write_text("def\n")
    for form in ("text", "json"):
        main(["check", "-q", "--log-file", str(log), "--log-format", form])
        lines = log.read_text().splitlines()
        log.unlink()
        assert sum("not measured (syntax)" in line for line in lines) == 2
        assert not any(line.startswith("2026-01-01") for line in lines)
        assert all(line.isprintable() for line in lines)


def test_wrong_usage_and_an_interruption_are_reported(
    project: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check", "none.py", "--log-file", str(log), "--log-format", "json"]) == 2
    assert (
        read(log)[-1]
        | {"level": "error", "message": 'no such file or folder: none.py; did you mean "broken.py"?'}
        == read(log)[-1]
    )

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(guard, "measure", interrupt)
    assert main(["check", "--log-file", str(log), "--log-format", "json", "--jobs=1"]) == 130
    assert read(log)[-1] | {"level": "warning", "message": "terminated by KeyboardInterrupt"} == read(log)[-1]


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError("oops")


def test_an_internal_error_has_its_traceback_in_the_log_alone(
    project: Path, log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(guard, "measure", fail)
    assert main(["check", "good.py", "--jobs=1", "--log-file", str(log), "--log-format=json"]) == 3
    (note,) = [note for note in read(log) if note["level"] == "error"]
    assert (note["kind"], note["path"]) == ("file", "good.py")
    assert note["traceback"].startswith("Traceback (most recent call last):\n")
    assert note["traceback"].endswith("\nZeroDivisionError: oops")
    assert "Traceback" not in "".join(capsys.readouterr())


def test_a_commit_is_reported_too(repository: Repository, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.path)
    (repository.path / "bad.py").write_text(BAD)
    repository.git("add", "--all")
    monkeypatch.setenv(f"{VARIABLE}FILE", str(log))
    monkeypatch.setenv(f"{VARIABLE}LEVEL", "debug")
    assert main(["hook"]) == 1
    text = log.read_text()
    assert f" settings: root {repository.path}, " in text
    assert re.search(r" file: bad\.py: measured, 1 violation\n", text)
    assert re.search(r" phases: open \S+ s, judge ", text)
    monkeypatch.setattr("pytest_antipasta.gate.gate.Gate.judge", fail)
    assert main(["hook", "--no-cache"]) == 0
    lines = log.read_text().removeprefix(text).splitlines()
    assert "    ZeroDivisionError: oops" in lines
    assert any(" warning: this commit was not checked: ZeroDivisionError: oops" in line for line in lines)


def test_where_it_can_not_be_written_there_is_a_line_and_the_same_verdict(
    project: Path, log: Path, program: Program
) -> None:
    log.mkdir()
    without = program("check", "--jobs=1", code=1)
    beside = program("check", "--jobs=1", "--log-file", str(log), code=1)
    assert beside.err == f"{without.err}warning: can't write the log {log.as_posix()}: Is a directory\n"
    assert beside.out.splitlines()[:-2] == without.out.splitlines()[:-2]  # how long it took


def test_a_program_that_we_are_part_of_has_its_own_logging(
    project: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest_antipasta.check(jobs=0)
    assert caplog.records == []
    with caplog.at_level(logging.INFO, logger="pytest_antipasta"):
        pytest_antipasta.check(jobs=0)
    messages = [record.message for record in caplog.records]
    assert "3 files checked, 2 failed; 2 hits, 1 miss" in messages
    assert {record.name for record in caplog.records} == {"pytest_antipasta"}
    assert capsys.readouterr() == ("", "")


def test_a_log_for_all_that_there_is_shows_others_no_more_than_before(
    project: Path, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    main(["check", "-q", "--log-file", str(log), "--log-level", "debug"])
    assert caplog.records == []
    with caplog.at_level(logging.INFO):
        main(["check", "-q", "--log-file", str(log), "--log-level", "error"])
    assert {record.levelname for record in caplog.records} == {"INFO"}
    logger = logging.getLogger("pytest_antipasta")
    assert (logger.level, logger.propagate) == (logging.NOTSET, True)
    assert not any(isinstance(handler, LogFile) for handler in logger.handlers)


def test_what_an_extension_notes_is_there_too(
    project: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge_all(ledger: Ledger, *_: object) -> Result:
        logging.getLogger("pytest_antipasta.example").warning("%d rules", 3)
        return ledger.make_result()

    monkeypatch.setattr(Ledger, "judge_all", judge_all)
    main(["check", "-q", "--no-cache", "--log-file", str(log), "--log-format=json"])
    assert find(read(log), "pytest_antipasta.example") == ["3 rules"]


def test_what_an_extension_notes_wrongly_ends_no_command(
    project: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def judge_all(ledger: Ledger, *_: object) -> Result:
        logging.getLogger("pytest_antipasta.example").warning("%d rules", "three")
        return ledger.make_result()

    monkeypatch.setattr(Ledger, "judge_all", judge_all)
    monkeypatch.setattr(logging, "raiseExceptions", False)
    assert main(["check", "-q", "--no-cache", "--log-file", str(log), "--log-format=json"]) == 0
    assert find(read(log), "run")[-1] == "exit code 0"
