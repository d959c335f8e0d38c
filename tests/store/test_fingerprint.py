"""What makes measurements of one content differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.model import Block, BriefPlan, Comment, FileMetrics, Measurement
from pytest_antipasta.store import RECORD_SCHEMA, make_fingerprint


def test_it_is_short_and_stays() -> None:
    assert make_fingerprint() == make_fingerprint()
    assert len(make_fingerprint()) == 8


@pytest.mark.parametrize("package", ["radon", "complexipy"])
def test_another_version_of_a_metric_makes_another(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, name, content in (
        (package, "__init__.py", "raise SystemExit('imported')\n"),
        (f"{package}-99.0.dist-info", "METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: 99.0\n"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_text(content)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    program = (
        "import sys; from pytest_antipasta import runtime; runtime.TRUSTED = (sys.argv[1],);"
        "from pytest_antipasta.store.records import make_fingerprint; print(make_fingerprint().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert len(bytes.fromhex(done.stdout)) == 8
    assert bytes.fromhex(done.stdout) != make_fingerprint()


def test_another_minor_version_of_python_makes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_fingerprint()
    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))
    assert make_fingerprint() != before


def test_the_schema_is_numbered_anew_when_the_fields_change() -> None:
    """Records are read by position: whoever changes a field raises the number, and changes this table."""
    kinds = (Measurement, FileMetrics, Block, BriefPlan, Comment)
    fields = [" ".join(kind.__struct_fields__) for kind in kinds]
    assert (RECORD_SCHEMA, fields) == (
        6,
        [
            "metrics blocks error plans comments",
            "maintainability_index halstead_volume halstead_difficulty halstead_effort halstead_time "
            "halstead_bugs lines_of_code logical_lines_of_code source_lines_of_code comment_lines "
            "single_comment_lines multi_line_string_lines blank_lines average_cyclomatic_complexity "
            "total_cognitive_complexity",
            "name qualified_name kind line end_line cyclomatic_complexity cognitive_complexity "
            "halstead_volume halstead_difficulty halstead_effort",
            "line first_line last_line title reduction",
            "line column text place block",
        ],
    )
