"""Report formats by name, and writing them whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.model.judged import Tolerated, Verdict, Violation
from pytest_antipasta.model.measured import FileMetrics, Measurement
from pytest_antipasta.report.formats.outputs import parse_outputs
from pytest_antipasta.report.records import encode, iter_verdicts
from pytest_antipasta.report.writing import write_parts
from tests.report.making import make, write_as
from tests.report.shape import check_verdicts
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS

RUN = {
    "seconds": 1.5, "phases": {"find": 0.5}, "ended": 1.5e9, "processor": {"find": 0.25},
    "hits": 0, "misses": 1, "coalesced": 2, "missed": {"error": 1}, "retries": 0,
    "errors": {"syntax": 1}, "slowest": [{"path": "a.py", "seconds": 0.1, "pid": 7}],
    "processes": [
        {"pid": 7, "kind": "main", "seconds": 1.5, "processor": None, "peak_memory": None, "files": 3,
         "measured": 1, "busy": 0.1, "utilisation": 0.2}
    ],
    "store": None, "handles": None, "workers": 0, "strategy": "",
    "total": 3, "narrowed_by": [], "stopped": None, "complete": True, "root": "/top/root", "git_top": "/top",
    "change": None, "baseline": None,
    "limits": {
        "cyclomatic_complexity": {"metric": "cyclomatic_complexity", "limit": 10, "comparison": "<="}
    },
    "overrides": [], "shard": None,
}  # fmt: skip

LOST = {"path": "ä.py", "side": "before", "kind": "syntax", "message": "wrong"}


@pytest.mark.parametrize("path", ["report.json", "deep/er/report.json", "a=b.json", "/abs/report.json"])
def test_an_output_is_a_format_and_a_path(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (output,) = parse_outputs([f"json={path}"])
    assert output.path == tmp_path / path


@pytest.mark.parametrize("text", ["", "json", "json=", "=x", "JSON=x", "jsonn=x"])
def test_anything_else_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        parse_outputs([text])


def test_all_that_a_verdict_can_hold_is_written() -> None:
    violation = Violation("cyclomatic_complexity", "f", 1, 11, 10, "<=", 9, "modified")
    tolerated = Tolerated("halstead_effort", None, None, 1.5, 1, "<=", why="not worse")
    warning = Violation("halstead_volume", None, None, 1.5, 1, "<=")
    measured = measure(b"class A:\n    def f(self): pass\n")
    verdicts = [
        Verdict("a.py", measured, (violation,), (tolerated,), warnings=(warning,)),
        Verdict("b.py", measure(b"def f(:\n"), errors_fail=True),
        Verdict("c.py", Measurement(FileMetrics()), unjudged=("maintainability_index",)),
    ]
    content = write_as("json", verdicts, **RUN)
    report = json.loads(content)
    check_verdicts(report)
    assert report["files"][0]["violations"][0]["before"] == 9
    assert report["files"][0]["warnings"][0]["value"] == 1.5
    assert report["files"][0]["tolerated"][0]["why"] == "not worse"
    assert content.endswith(b"}\n")


@pytest.mark.parametrize("path", ["caf\\xe9.py", "ünïcode.py", 'quo"te.py', "new\nline.py", "\x7f\x00.py"])
def test_any_path_can_be_written(path: str) -> None:
    content = write_as("json", [Verdict(path, Measurement(FileMetrics()))], **RUN)
    assert json.loads(content)["files"][0]["path"] == path


NO_EFFECTS = {"effects": {"worse": 0, "better": 0, "moved": 0}, "to_read": []}
NO_WAIVERS = {"waivers": [], "waivers_taken_back": [], "new_waivers": "report"}


@pytest.mark.parametrize("number", [0, 20, 21])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "changes": [],
            "not_compared": [LOST],
            "splits": [],
            "unchecked": [],
            "module_code": [],
            "generated": [],
            "points": {},
            **NO_EFFECTS,
            **NO_WAIVERS,
        },
    ],
    ids=["all", "a change"],
)
def test_a_report_comes_in_parts_that_are_those_of_the_whole(
    number: int, changes: Mapping[str, object]
) -> None:
    verdicts = [Verdict(f"ü{n}.py", measure(b"def f(): pass\n" * 20)) for n in range(number)]
    parts = list(iter_verdicts(make(verdicts, {**RUN, **changes})))
    content = b"".join(parts)
    report = json.loads(content)
    assert len(report["files"]) == number
    assert list(report)[-len(changes) or -2 :] == (list(changes) or ["run", "files"])
    assert encode(report) == content
    assert max(map(len, parts)) < 300_000


def test_a_report_is_moved_into_place(tmp_path: Path) -> None:
    path = tmp_path / "new" / "report.json"
    write_parts(path, [b"one"])
    before = path.stat().st_ino
    write_parts(path, [b"two"])
    assert path.read_bytes() == b"two"
    assert path.stat().st_ino != before
    assert os.listdir(path.parent) == ["report.json"]


@NOT_ON_WINDOWS
def test_a_report_keeps_the_rights_of_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.touch()
    path.chmod(0o604)
    write_parts(path, [b"new"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_what_was_there_stays_where_a_report_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"precious")
    for path in (tmp_path / "folder", tmp_path / "file" / "report.json"):
        with pytest.raises(UsageError, match="can't write the report"):
            write_parts(path, [b"new"])
    assert (tmp_path / "file").read_bytes() == b"precious"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@NEEDS_LINKS
def test_a_link_is_written_through_and_stays(tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "report.json"
    link.symlink_to(target)
    for content in (b"one, which is long", b"two"):
        write_parts(link, [content])
        assert target.read_bytes() == content
    assert link.is_symlink()


@NEEDS_LINKS
def test_a_link_into_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    link = tmp_path / "link.json"
    link.symlink_to("nowhere/report.json")
    with pytest.raises(UsageError, match="can't write the report"):
        write_parts(link, [b"new"])
