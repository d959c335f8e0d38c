"""Which data is read, and what is said of data that can't be."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program
from tests.coverage.conftest import PROGRAM, SHOP, run_coverage
from tests.tables import keep_quick

HOSTILE = """\
import pathlib
pathlib.Path("was_run").touch()
def coverage_init(registry, options): pass
"""


def read(project: Path, path: str = ".coverage", *options: str) -> dict[str, object]:
    """Return the coverage object of the file shop.py."""
    main(
        ["check", "-q", "--no-cache", "--coverage", path, "--output", str(project / "report.json"), *options]
    )
    report = json.loads((project / "report.json").read_bytes())
    (file,) = [one for one in report["files"] if one["path"].endswith("shop.py")]
    coverage: dict[str, object] = file["coverage"]
    return coverage


KNOWN = {
    "state": "known",
    "functions": {
        "label": {
            "statements": 3, "missing": 1, "branches": 2, "missing_branches": 1, "covered": 0.6, "crap": 2.26
        },
        "price": {
            "statements": 5, "missing": 5, "branches": 4, "missing_branches": 4, "covered": 0.0, "crap": 30.0
        },
    },
}  # fmt: skip


def test_a_data_file_and_a_report_say_the_same(project: Path) -> None:
    run_coverage(project, "json", "-q")
    assert read(project) == KNOWN
    assert read(project, "coverage.json") == KNOWN


def test_a_report_has_what_no_test_imports(project: Path) -> None:
    """Such a module can end after a line that branches, and its first line can be a comment."""
    (project / "shop.py").write_text(f"# A comment.\n{SHOP}\nif __name__ == '__main__':\n    label('tea')\n")
    (project / "program.py").write_text("print('tea')\n")
    run_coverage(project, "run", "--branch", "--source=.", "program.py")
    run_coverage(project, "json", "-q")
    assert read(project, "coverage.json")["state"] == "known"


def test_contexts_count_together(project: Path) -> None:
    (project / "program.py").write_text(f"{PROGRAM}shop.price(1, 0, 0, 0)\n")
    run_coverage(project, "run", "--branch", "--context=other", "--append", "program.py")
    found = read(project)["functions"]
    assert isinstance(found, dict)
    assert (found["price"]["missing"], found["label"]["missing"]) == (2, 1)


def test_data_of_parallel_runs_is_one(project: Path) -> None:
    (project / ".coverage").unlink()
    run_coverage(project, "run", "--branch", "--parallel-mode", "program.py")
    (project / "program.py").write_text("import shop\nshop.label('tea', True)\n")
    run_coverage(project, "run", "--branch", "--parallel-mode", "program.py")
    before = {one: one.read_bytes() for one in project.glob(".coverage.*")}
    for path in (".coverage", "."):
        found = read(project, path)["functions"]
        assert isinstance(found, dict)
        assert (found["price"]["missing"], found["label"]["missing"]) == (5, 0)
    assert {one: one.read_bytes() for one in project.glob(".coverage.*")} == before
    assert len(before) == 2


def test_branches_and_lines_are_not_mixed(project: Path, program: Program) -> None:
    run_coverage(project, "run", "--parallel-mode", "program.py")
    assert "only some have branch data" in program("check", "--coverage", ".", code=2).err


@pytest.mark.parametrize(
    "is_relative",
    [pytest.param(True, id="relative"), pytest.param(False, id="by a pattern", marks=pytest.mark.slow)],
)
def test_sources_that_were_elsewhere(
    project: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    is_relative: bool,
) -> None:
    there = tmp_path_factory.mktemp("there")
    for name in ("shop.py", "program.py"):
        (there / name).write_bytes((project / name).read_bytes())
    rules = (
        "[run]\nrelative_files = true\n" if is_relative else f"[paths]\nsource =\n    .\n    */{there.name}\n"
    )
    for folder in (project, there):
        (folder / ".coveragerc").write_text(rules)
    run_coverage(there, "run", "--branch", "program.py")
    (project / ".coverage").write_bytes((there / ".coverage").read_bytes())
    assert read(project) == KNOWN
    (project / "below").mkdir()
    monkeypatch.chdir(project / "below")
    assert read(project, "../.coverage", str(project)) == KNOWN


def test_settings_that_are_no_table_are_none(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool]\ncoverage = 5\n")
    assert read(project) == KNOWN


def test_a_pattern_of_a_folder_finds_relative_paths(project: Path) -> None:
    """As in a report of a subfolder, whose paths begin there."""
    run_coverage(project, "json", "-q")
    report = json.loads((project / "coverage.json").read_bytes())
    report["files"] = {f"src/{name}": file for name, file in report["files"].items()}
    (project / "coverage.json").write_text(json.dumps(report))
    (project / ".coveragerc").write_text("[paths]\nsource =\n    .\n    src\n")
    assert read(project, "coverage.json") == KNOWN


def test_a_pattern_of_windows_finds_paths_in_folders(project: Path) -> None:
    run_coverage(project, "json", "-q")
    report = json.loads((project / "coverage.json").read_bytes())
    report["files"] = {"C:\\ci\\build\\goods\\shop.py": report["files"]["shop.py"]}
    (project / "coverage.json").write_text(json.dumps(report))
    (project / ".coveragerc").write_text("[paths]\nsource =\n    .\n    C:\\ci\\build\n")
    (project / "goods").mkdir()
    (project / "shop.py").rename(project / "goods/shop.py")
    assert read(project, "coverage.json") == KNOWN


def test_sources_that_are_not_found_are_named(project: Path, program: Program) -> None:
    (project / "old").mkdir()
    (project / "old" / "other.py").write_text("x = 1\n")
    run_coverage(project, "run", "old/other.py")
    said = program("check", "--coverage", ".coverage", "shop.py").out
    assert "coverage: the data is of other files, such as " in said
    assert "coverage: .coverage has no data for the checked file; " in said


@pytest.mark.parametrize(
    ("path", "change"),
    keep_quick(
        [
            pytest.param(".coverage", lambda text: f"# A comment.\n\n\n{text}", id="lines above"),
            pytest.param(
                "coverage.json", lambda text: f"# A comment.\n\n\n{text}", id="a report, lines above"
            ),
            pytest.param(".coverage", lambda text: text.replace("def label", "\n\ndef label"), id="between"),
            pytest.param(".coverage", lambda text: text.partition("def label")[0], id="cut"),
        ],
        "lines above",
        "cut",
    ),
)
def test_a_file_that_is_another_now_is_unknown(project: Path, path: str, change: object) -> None:
    if path == "coverage.json":
        run_coverage(project, "json", "-q")
    assert callable(change)
    (project / "shop.py").write_text(change(SHOP))
    assert read(project, path) == {"state": "stale", "functions": {}}


@pytest.mark.parametrize(
    ("more", "state"), [("", "known"), ("# The end.\n", "stale")], ids=["as on disk", "other than on disk"]
)
def test_standard_input_is_compared_with_the_file_on_disk(
    project: Path, monkeypatch: pytest.MonkeyPatch, more: str, state: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{SHOP}{more}".encode())))
    assert read(project, ".coverage", "-", "--stdin-filename", "shop.py")["state"] == state


def test_a_file_that_was_written_later_is_a_note(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "shop.py").write_text(f"{SHOP}# The end.\n")
    said = program("check", "--coverage", ".coverage", code=1)
    assert "1 file newer on disk than the coverage data, such as shop.py" in said.out
    assert read(project) == KNOWN
    (project / "below").mkdir()
    monkeypatch.chdir("below")
    said = program("check", "--coverage", "../.coverage", "..", code=1)
    assert "coverage data, such as ../shop.py\n" in said.out


def _make_database(path: Path, schema: int = 99) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table coverage_schema (version integer)")
        other.execute("insert into coverage_schema values (?)", (schema,))
        other.commit()


def _make_old(path: Path) -> None:
    """Write what coverage.py 4 did."""
    path.write_text('!coverage.py: This is a private format, don\'t read it directly!{"lines":{}}')


def _make_other(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("create table users (name text)")
        other.commit()


@pytest.mark.parametrize(
    ("make", "message"),
    keep_quick(
        [
            pytest.param(lambda _: None, "coverage data not found", id="none"),
            pytest.param(lambda path: path.touch(), "is empty", id="empty"),
            pytest.param(lambda path: path.write_text("hello"), "is not coverage data", id="text"),
            pytest.param(lambda path: path.write_text('{"a": 1}'), "is not a report of", id="other JSON"),
            pytest.param(lambda path: path.write_text("{" * 99999), "is not a report of", id="deep JSON"),
            pytest.param(_make_database, "'data/data': wrong schema: 99 instead of", id="a later version's"),
            pytest.param(_make_old, "is not coverage data", id="of before there were databases"),
            pytest.param(_make_other, "no file was measured", id="another database"),
            pytest.param(
                lambda path: path.write_bytes(b"SQLite format 3\0" + b"x" * 5000),
                "can't be read as",
                id="damaged",
            ),
            pytest.param(lambda path: path.mkdir(), "no coverage data files", id="an empty folder"),
        ],
        "none",
        "empty",
        "text",
        "a later version's",
        "damaged",
        "an empty folder",
    ),
)
def test_what_can_not_be_read_is_reported_and_left_as_it_is(
    project: Path, program: Program, make: object, message: str
) -> None:
    (project / "data").mkdir()
    path = project / "data" / "data"
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else None
    said = program("check", "--coverage", "data/data", code=2).err
    assert message in said
    assert "Traceback" not in said
    assert str(project / "data") in said or "data/data" in said
    assert "antipasta-" not in said, "the name of the copy that was read says nothing to anybody"
    assert (path.read_bytes() if path.is_file() else None) == before
    assert len(list(path.parent.iterdir())) == path.exists()


@pytest.mark.slow
def test_data_that_is_damaged_anywhere_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / ".coverage"
    whole, page = path.read_bytes(), 4096
    codes = set()
    for start in range(0, len(whole), 3 * page):
        path.write_bytes(whole[:start] + b"\xff" * page + whole[start + page :])
        codes.add(main(["check", "-q", "--coverage", ".coverage"]))
        assert "Traceback" not in capsys.readouterr().err
    assert 2 in codes
    assert codes <= {0, 1, 2}
    for end in (page, len(whole) // page // 2 * page, len(whole) - page):
        path.write_bytes(whole[:end])
        assert main(["check", "-q", "--coverage", ".coverage"]) == 2
        assert "mistake" not in capsys.readouterr().err


def test_a_message_names_the_data_and_not_our_copy_of_it(
    project: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    r"""Python shows a path of Windows with each ``\`` twice."""
    folder = project / "back\\slash"
    folder.mkdir(parents=True)
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    _make_database(project / "other")
    said = program("check", "--coverage", "other", code=2).err
    assert "Couldn't use data file 'other': wrong schema: 99 instead of" in said


def test_plugins_are_named_and_not_imported(project: Path, program: Program) -> None:
    (project / "hostile.py").write_text(HOSTILE)
    (project / "coverage.py").write_text(HOSTILE)  # in place of the real one
    (project / ".coveragerc").write_text("[run]\nplugins = hostile\n[report]\nexclude_also = def price\n")
    said = program("check", "--coverage", ".coverage", "shop.py").out
    assert "coverage.py's settings name plugins (hostile), which are not loaded" in said
    assert not (project / "was_run").exists()
    found = read(project)["functions"]
    assert isinstance(found, dict)
    assert found["price"]["crap"] is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (".coveragerc", "[report]\nexclude_also = (", "invalid regular expression '('"),
        (".coveragerc", "[paths]\nsource =\n    src\n    a/*", "Pattern must not end with wildcards"),
        (".coveragerc.toml", "[report]\nexclude_also = 1", "expected a list of strings, got 1"),
    ],
)
def test_settings_that_are_wrong(project: Path, program: Program, name: str, text: str, message: str) -> None:
    (project / name).write_text(text)
    assert message in program("check", "--coverage", ".coverage", code=2).err
