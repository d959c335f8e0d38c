"""``--profile``: what viewers of profiles can read, whatever becomes of the command."""

from __future__ import annotations

import json
import pstats
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring import guard


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("def f(a):\n" + "    if a: print()\n" * 11)
    return tmp_path


def list_functions(path: str) -> set[str]:
    stats: dict[tuple[str, int, str], object] = vars(pstats.Stats(path))["stats"]
    return {name for _, _, name in stats}


def test_it_has_the_functions_of_the_run(project: Path) -> None:
    for jobs, is_measured in (("1", True), ("2", False)):
        assert main(["check", "-q", "--no-cache", "--jobs", jobs, "--profile", "new/check.prof"]) == 1
        found = list_functions("new/check.prof")
        assert "judge_all" in found
        assert ("measure_cognitive" in found or "measure" in found) == is_measured
    done = subprocess.run(
        [sys.executable, "-m", "pstats", "new/check.prof"],
        input="stats judge_all\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "(judge_all)" in done.stdout


def test_it_can_be_a_page(project: Path) -> None:
    pytest.importorskip("pyinstrument", reason="needs `pip install pyinstrument`")
    write_many(project)
    assert main(["check", "-q", "--no-cache", "--jobs", "1", "--profile", "check.html"]) == 1
    page = (project / "check.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "judge_all" in page
    assert 'src="http' not in page


def test_speedscope_can_read_it(project: Path) -> None:
    pytest.importorskip("pyinstrument", reason="needs `pip install pyinstrument`")
    write_many(project)
    assert main(["check", "-q", "--no-cache", "--jobs", "1", "--profile", "check.speedscope.json"]) == 1
    profile = json.loads((project / "check.speedscope.json").read_text())
    assert profile["$schema"] == "https://www.speedscope.app/file-format-schema.json"
    frames = [frame["name"] for frame in profile["shared"]["frames"]]
    opened = {frames[event["frame"]] for event in profile["profiles"][0]["events"]}
    assert {"judge_all", "measure"} <= {name.rpartition(".")[2] for name in opened}


def write_many(folder: Path) -> None:
    """Write as much as takes some tenths of a second."""
    for number in range(40):
        (folder / f"b{number}.py").write_text(f"# {number}\n" + "def f(a): return a\n" * 100)


def test_what_makes_a_page_may_be_missing(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyinstrument", None)
    assert main(["check", "--profile", "check.html"]) == 2
    hint = "run `pip install pyinstrument`, or name a different file, such as check.prof"
    assert capsys.readouterr().err == f"error: --profile check.html: pyinstrument is not installed; {hint}\n"
    assert not (project / "check.html").exists()


def test_it_is_there_too_where_a_command_ends_early(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(guard, "measure", interrupt)
    assert main(["check", "--jobs=1", "--profile", "check.prof"]) == 130
    assert "judge_all" in list_functions("check.prof")


def test_where_it_can_not_be_written_there_is_a_line_and_the_same_verdict(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "check.prof").mkdir()
    assert main(["check", "-q", "--profile", "check.prof"]) == 1
    assert capsys.readouterr().err == "warning: can't write the profile check.prof: Is a directory\n"


def test_it_replaces_no_source(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "a.py").read_text()
    assert main(["check", "--profile", "a.py"]) == 2
    assert "would overwrite the source file a.py" in capsys.readouterr().err
    assert (project / "a.py").read_text() == before
