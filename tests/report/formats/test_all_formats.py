"""All formats at once: each has what the JSON report has, and the same bytes however a run is made."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.report.formats import outputs
from tests.conftest import Repository
from tests.forked import ForkedPython
from tests.report.conftest import FORMATS, HOSTILE, write_reports
from tests.report.reading import READERS, make_printable_paths, read_json

# Paths that JSON has as they are, and these with escapes in place of what a terminal obeys.
_FOR_PEOPLE = {"csv": "", "junit": "", "junit-blocks": "", "markdown": "app/", "github": "app/"}
_PAGE = (Path(__file__).parents[3] / "docs" / "reports.md").read_text(encoding="utf-8")
FROM_TOP = {*re.findall(r"`([\w-]+)`", _PAGE.partition("but to git's top in ")[2].partition(".\n")[0])}


def test_none_is_left_out() -> None:
    advice = "tests/report/reading.py reads each back; OF_RUNS has those with nothing of a file"
    assert set(FORMATS) == {"json", *READERS}, advice


@pytest.mark.parametrize("form", READERS)
def test_each_has_the_violations_and_the_errors_of_the_json_report(
    reports: dict[str, bytes], form: str
) -> None:
    expected = read_json(reports["json"])
    assert len(expected.violations) > 2 * len(HOSTILE) + 8
    assert {path for path, _ in expected.errors} == {"bad.py", "lacking.py", "latin.py"}
    if form in _FOR_PEOPLE:
        expected = make_printable_paths(expected, _FOR_PEOPLE[form])
    found = READERS[form](reports[form])
    assert found.violations == expected.violations
    assert found.errors == expected.errors


@pytest.mark.parametrize("form", READERS)
def test_what_is_tolerated_not_judged_or_suppressed_wrongly_is_in_none_a_violation(
    reports: dict[str, bytes], form: str
) -> None:
    found = READERS[form](reports[form])
    paths = {path for path, *_ in (*found.violations, *found.errors)}
    assert not paths & {"pkg/same.py", "unused.py", "refused.py", "good.py"}
    assert b"unused suppression: cognitive_complexity of add" in reports[form]
    assert b"not checked: cognitive_complexity" in reports[form]


def test_none_is_imported_that_is_not_asked_for(tmp_path: Path) -> None:
    program = "import sys; from pytest_antipasta.cli import main; main(sys.argv[1:]); print(*sys.modules)"
    folder = Path(outputs.__file__).parent
    files = [file.relative_to(folder.parent).with_suffix("") for file in folder.rglob("[!_]*.py")]
    modules = {".".join(file.parts) for file in files if file.stem != "outputs"} | {"records"}

    def run(*args: str) -> set[str]:
        command = [sys.executable, "-c", program, "check", *args]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
        found = {name.removeprefix("pytest_antipasta.report.") for name in done.stdout.split()}
        return found & modules

    assert run() == set()
    assert run("--report=junit=x.xml") == {"formats.junit_xml"}


def test_nothing_to_report_is_a_report(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    contents = write_reports(tmp_path / "empty")
    assert contents["json"]
    for form, read in READERS.items():
        assert read(contents[form]) == (set(), set()), form


@pytest.mark.slow
def test_the_bytes_are_the_same_however_a_run_is_made(
    reported: Repository, tmp_path: Path, forked_python: ForkedPython
) -> None:
    root, runs = reported.path / "app", {}
    for name, number in {"cold": "0", "in workers, warm": "2"}.items():
        outputs = [f"--antipasta-report={form}={tmp_path / form}" for form in FORMATS]
        options = ("--antipasta-only", "-p", "no:cacheprovider", "-n", number, *outputs)
        forked_python.run("pytest", options, root, os.environ)
        runs[name] = {form: _without_times((tmp_path / form).read_bytes()) for form in FORMATS}
    runs["check"] = {form: _without_times(content) for form, content in write_reports(root).items()}
    expected = runs.pop("check")
    for name, found in runs.items():
        assert [form for form in FORMATS if found[form] != expected[form]] == [], name


def _without_times(content: bytes) -> bytes:
    content = re.sub(rb' time="[0-9.]+"', b"", content)
    return re.sub(rb'\n  "run": \{\n.*?\n  \},', b"", content, flags=re.DOTALL)


def test_the_page_says_which_have_paths_from_the_top(reports: dict[str, bytes]) -> None:
    assert {form for form in FORMATS if b"app/a.py" in reports[form]} == FROM_TOP


def test_each_path_of_a_service_is_there_from_the_top(
    reported: Repository, reports: dict[str, bytes]
) -> None:
    for form in FROM_TOP:
        found = READERS[form](reports[form])
        paths = {one[0] for one in found.violations} | {one[0] for one in found.errors}
        plain = {path for path in paths if "\\" not in path}
        assert len(plain) > 20
        assert all(os.path.isfile(reported.path / "app" / path) for path in plain)
