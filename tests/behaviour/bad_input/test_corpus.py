"""Contents on which something fell once, or well might: a number or a clear error, by every way in."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_antipasta.cli import main
from pytest_antipasta.engine.measuring.measurement import measure
from pytest_antipasta.model.measured import JOINED, ErrorKind
from tests.busy import PATIENT
from tests.plugin.conftest import Project, outcomes

CORPUS = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "corpus").iterdir())}
BAD = sorted(name for name in CORPUS if not name.startswith("good_"))
GOOD = sorted(set(CORPUS) - set(BAD))
SETTINGS = "[tool.pytest-antipasta]\n[tool.pytest-antipasta.thresholds]\nmaintainability_index = false\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all of them."""
    for name, data in CORPUS.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def errors(report: Any) -> dict[str, str]:
    """Return the kinds of errors by path."""
    return {file["path"]: file["error"]["kind"] for file in report["files"] if file["status"] == "error"}


def test_each_is_a_number_or_an_error_of_a_documented_kind() -> None:
    found = {name: measure(data) for name, data in CORPUS.items()}
    assert sorted(name for name, one in found.items() if one.error) == BAD
    kinds = {one.error.kind for one in found.values() if one.error}
    assert kinds <= set(get_args(ErrorKind)) - {"internal"}
    assert all(found[name].metrics.halstead_volume is not None for name in GOOD)


def test_every_way_in_says_the_same(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = {name: error.kind for name in BAD if (error := measure(CORPUS[name]).error)}
    assert main(["check", "--format", "json"]) == 3
    assert errors(json.loads(capsys.readouterr().out)) == expected
    assert main(["measure", "--format", "json"]) == 3
    assert errors(json.loads(capsys.readouterr().out)) == expected
    subprocess.run(["git", "init", "--quiet"], check=True)
    subprocess.run(["git", "-c", "core.autocrlf=false", "add", "."], check=True)
    assert main(["check", "--staged", "--format", "json"]) == 3
    assert errors(json.loads(capsys.readouterr().out)) == expected
    assert main(["hook"]) == 3
    said = capsys.readouterr().out
    assert [name for name in CORPUS if f"{name}" in said.replace(f"good_{name}", "")] == BAD


def test_each_is_an_item_that_fails(project: Project) -> None:
    project.write({**CORPUS, "pyproject.toml": SETTINGS})
    found = outcomes(result := project.run("--antipasta-only", "--antipasta-report=json=report.json"))
    assert sorted(path.removesuffix("::antipasta") for path, how in found.items() if how == "failed") == BAD
    assert sorted(path.removesuffix("::antipasta") for path, how in found.items() if how == "passed") == GOOD
    assert "Traceback" not in result.stdout.str() + result.stderr.str()


pieces = st.sampled_from(
    [*CORPUS.values(), b"(", b")", b"'", b'"""', b"f'{", b"\\\n", b"\n", b"\x0c", b";", b":", b"\xff"]
)


@settings(PATIENT, max_examples=60)
@given(st.one_of(st.binary(max_size=60), st.lists(pieces, max_size=8).map(b"".join)))
def test_whatever_the_bytes_nothing_is_raised(data: bytes) -> None:
    assume(not data.startswith(JOINED))  # the code of a notebook, which no file can begin like
    measured = measure(data)
    assert measured.error is None or measured.error.kind in ("syntax", "encoding", "too_deep")
