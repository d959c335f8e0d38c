"""The figures of a run for Prometheus and as CSV: read back by what is not ours."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pytest_antipasta.cli import main
from pytest_antipasta.report.writing import append_report
from tests.conftest import Program
from tests.forked import ForkedPython
from tests.plugin.conftest import FAILING, PASSING
from tests.report.formats.test_outputs import RUN
from tests.report.making import write_as
from tests.windows import NEEDS_FILE_LIMITS, can_be_on_disk

DOCS = Path(__file__).parents[3] / "docs" / "reports.md"
ALONE = ("--no-cache", "--jobs", "1")
# Samples by name and labels but for the root.
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a file that passes, one that fails and one that is wrong."""
    name = 'a "quoted" \\ folder'
    folder = tmp_path / (name if can_be_on_disk(name) else "a folder")
    folder.mkdir()
    monkeypatch.chdir(folder)
    limits = "[tool.pytest-antipasta.thresholds]\ncyclomatic_complexity = 2\n"
    (folder / "pyproject.toml").write_text(limits)
    for name, text in {"good": PASSING, "bad": FAILING, "wrong": "def f(:\n"}.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def write(*args: str) -> tuple[Samples, dict[str, str], dict[str, Any]]:
    """Return what Prometheus and a reader of CSV read of a run, and the JSON report's ``run``."""
    reports = ("--report=prometheus=run.prom", "--report=run-csv=runs.csv", "--report=json=report.json")
    main(["check", "--quiet", *reports, *args])
    text = Path("run.prom").read_text(encoding="utf-8")
    row = read_rows()[-1]
    return read_samples(text), row, json.loads(Path("report.json").read_bytes())["run"]


def read_samples(text: str) -> Samples:
    found: Samples = {}
    for family in text_string_to_metric_families(text):
        assert (family.type, bool(family.documentation)) == ("gauge", True)
        for sample in family.samples:
            labels = dict(sample.labels)
            assert labels.pop("root") == Path.cwd().as_posix()
            key = sample.name, frozenset(labels.items())
            assert key not in found
            found[key] = sample.value
    return found


def read_rows() -> list[dict[str, str]]:
    with open("runs.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


PEAK = "antipasta_peak_memory_bytes"
HAS_PEAK = sys.platform == "linux"
LABELS = (
    ("missed", "antipasta_store_misses", "reason"),
    ("phases", "antipasta_phase_duration_seconds", "phase"),
    ("processor", "antipasta_phase_processor_seconds", "phase"),
)


def read_labels(samples: Samples, name: str, label: str, known: Mapping[str, float]) -> dict[str, float]:
    """Return the values of a metric by a label, without those that are 0 as they are not known."""
    found = {dict(labels)[label]: value for (one, labels), value in samples.items() if one == name}
    return {label: value for label, value in found.items() if value or label in known}


def test_both_have_what_json_has(project: Path) -> None:
    for _ in ("cold", "warm"):
        samples, row, run = write("--jobs", "1")
        plain = {name: value for (name, labels), value in samples.items() if not labels}
        assert plain["antipasta_files"] == 3
        assert (plain["antipasta_files_failed"], plain["antipasta_violations"]) == (2, 1)
        assert plain["antipasta_store_hits"] == run["hits"] == float(row["store_hits"])
        assert plain["antipasta_run_duration_seconds"] == run["seconds"]
        assert plain["antipasta_store_hit_ratio"] == run["hits"] / 3
        assert plain["antipasta_run_end_timestamp_seconds"] == run["ended"]
        assert samples["antipasta_errors", frozenset({("kind", "syntax")})] == 1
        peak = samples.get((PEAK, frozenset({("process", "main")})))
        assert peak == run["processes"][0]["peak_memory"]
        assert (peak is not None) == HAS_PEAK
        for key, name, label in LABELS:
            assert read_labels(samples, name, label, run[key]) == run[key]


def test_csv_has_the_same_figures(project: Path) -> None:
    samples, row, _ = write("--jobs", "1")
    told = {}
    for (name, labels), value in samples.items():
        if name != "antipasta_run_info":
            told[".".join((name.removeprefix("antipasta_"), *(label for _, label in labels)))] = value
    numbers = {name: float(text) for name, text in row.items() if text and name not in HEAD}
    assert numbers == told
    assert row["root"] == project.as_posix()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", row["ended"])


HEAD = ("ended", "root", "version", "python")


def test_figures_are_always_the_same_ones(project: Path) -> None:
    """A series that comes and goes with its value would be a gap where there is a zero."""
    write(*ALONE)
    write("--jobs", "2")
    write("good.py")
    rows = read_rows()
    assert len(rows) == 3
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert Path("runs.csv").read_text(encoding="utf-8").count("ended") == 1


def test_what_is_not_known_is_left_out(project: Path) -> None:
    samples, row, _ = write(*ALONE)
    names = {name for name, _ in samples}
    assert not names & {"antipasta_store_hit_ratio", "antipasta_store_size_bytes", "antipasta_store_reads"}
    assert row["store_hit_ratio"] == row["store_reads_duration_seconds.median"] == ""


def test_the_page_lists_every_metric_and_label(project: Path) -> None:
    samples, _, _ = write()
    section = DOCS.read_text(encoding="utf-8").partition("## Prometheus")[2].partition("\n## ")[0]
    rows = [line for line in section.split("\n") if line.startswith("- `antipasta_")]
    found = {name for name, _ in samples} | ({PEAK} if not HAS_PEAK else set())
    assert set(re.findall(r"`(antipasta_\w+)`", "\n".join(rows))) == found
    for name, labels in samples:
        (row,) = [line for line in rows if f"`{name}`" in line]
        assert [label for label, _ in labels if f"`{label}`" not in row] == []


def test_a_name_of_a_root_can_not_end_a_line() -> None:
    root = 'x"} 1\ny\\'
    content = write_as("prometheus", [], **RUN | {"root": root}).decode()
    families = list(text_string_to_metric_families(content))
    assert {sample.labels["root"] for family in families for sample in family.samples} == {root}


def test_no_root_is_a_formula() -> None:
    content = write_as("run-csv", [], **RUN | {"root": "=cmd()"}).decode()
    assert ',"./=cmd()",' in content


@pytest.mark.slow
def test_pytest_writes_both(project: Path, forked_python: ForkedPython) -> None:
    for workers in ("0", "2"):
        options = ("--antipasta-report=prometheus=run.prom", "--antipasta-report=run-csv=runs.csv")
        forked_python.run("pytest", ("--antipasta-only", "-n", workers, *options), project, os.environ)
        samples = read_samples(Path("run.prom").read_text(encoding="utf-8"))
        assert samples["antipasta_files", frozenset()] == 3
        assert samples["antipasta_phase_duration_seconds", frozenset({("phase", "pytest")})] > 0
    assert [row["workers"] for row in read_rows()] == ["0", "2"]


def test_of_first_runs_at_once_each_has_its_row(tmp_path: Path) -> None:
    together = threading.Barrier(4)

    def append(path: Path, number: int) -> None:
        together.wait()
        append_report(path, f"a,b\n{number},0\n".encode())

    for attempt in range(5):
        path = tmp_path / f"runs-{attempt}.csv"
        threads = [threading.Thread(target=append, args=(path, number)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        head, *rows = path.read_text().splitlines()
        assert (head, sorted(rows)) == ("a,b", ["0,0", "1,0", "2,0", "3,0"])
    assert len(os.listdir(tmp_path)) == 5


@contextmanager
def limit_size(most: int) -> Iterator[None]:
    """Let no file become larger than some bytes."""
    import resource  # only POSIX has it

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@NEEDS_FILE_LIMITS
@pytest.mark.parametrize("rows", [0, 1], ids=["the first row", "another row"])
def test_a_row_that_there_is_no_room_for_is_reported(
    project: Path, capsys: pytest.CaptureFixture[str], rows: int
) -> None:
    for _ in range(rows):
        write(*ALONE)
    capsys.readouterr()
    size = Path("runs.csv").stat().st_size if rows else 0
    with limit_size(size + 9):
        assert main(["check", "--quiet", "--report=run-csv=runs.csv", *ALONE]) == 2
    said = "error: can't write the report runs.csv: File too large"
    assert said in capsys.readouterr().err.splitlines()
    write(*ALONE)
    whole = [row for row in read_rows() if row["files"] == "3"]
    assert len(whole) == rows + 1
    assert [path.name for path in project.iterdir() if "runs" in path.name] == ["runs.csv"]


def test_a_row_goes_behind_a_half_one(project: Path) -> None:
    write()
    with open("runs.csv", "a", encoding="utf-8") as file:
        file.write("2026-01-01")
    write()
    rows = read_rows()
    assert [row["files"] for row in rows] == ["3", None, "3"]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "precious", "\n"])
def test_a_file_of_something_else_is_left_alone(project: Path, text: str, program: Program) -> None:
    Path("runs.csv").write_text(text)
    said = program("check", "--report", "run-csv=runs.csv", code=2)
    assert "the file has different columns; name another file" in said.err
    assert Path("runs.csv").read_text() == text


def test_an_empty_file_is_begun(project: Path) -> None:
    Path("runs.csv").touch()
    write()
    assert len(read_rows()) == 1


def test_to_standard_output_go_names_and_row(project: Path, program: Program) -> None:
    head, row = csv.reader(program("check", "--format", "run-csv", *ALONE, code=1).out.splitlines())
    assert len(head) == len(row)
    main(["check", "--output", "antipasta.prom", *ALONE])
    assert Path("antipasta.prom").read_text().startswith("# HELP antipasta_run_info")
