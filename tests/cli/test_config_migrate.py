"""``config migrate``: printed, written, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.setup.migration.migrate import MIGRATED_FILES as FILES
from tests.conftest import Program

RADON = "[radon]\nignore = docs\n"
TABLE = """\
[tool.pytest-antipasta]
# radon: has no limits, so those of pytest-antipasta apply
exclude = [
    "docs/",  # radon.cfg:2: radon.ignore
]
nested_blocks = false  # as radon
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand at git's top."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("args", "head"),
    [
        ([], "nothing written; --yes creates pyproject.toml:\n\n"),
        (["radon.cfg"], "nothing written; --yes creates pyproject.toml:\n\n"),
        (["--quiet"], ""),
    ],
)
def test_the_table_is_printed_and_nothing_is_written(args: list[str], head: str, program: Program) -> None:
    Path("radon.cfg").write_text(RADON)
    assert program("config", "migrate", *args).out == head + TABLE
    assert not Path("pyproject.toml").exists()


def test_it_looks_beside_the_file_that_it_would_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    Path("radon.cfg").write_text(RADON)
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    assert '"docs/"' in program("config", "migrate").out


def test_it_is_written_behind_what_is_there(program: Program) -> None:
    Path("radon.cfg").write_text(RADON)
    Path("pyproject.toml").write_text("# a\n[project]\nname = 'a'\n")
    assert program("config", "migrate", "--yes").out == (
        "pyproject.toml: settings written\n"
        "next: `pytest-antipasta check` shows what fails; `pytest-antipasta baseline write` records it\n"
    )
    assert Path("pyproject.toml").read_text() == f"# a\n[project]\nname = 'a'\n\n{TABLE}"


def test_the_next_step_reads_the_file_that_was_named(program: Program) -> None:
    Path("radon.cfg").write_text(RADON)
    assert program("config", "migrate", "--yes", "--config", "other.toml").out == (
        "other.toml: settings written\nnext: `pytest-antipasta check --config other.toml` shows what fails; "
        "`pytest-antipasta baseline write --config other.toml` records it\n"
    )


def test_it_takes_the_place_of_antipasta_s_file(folder: Path, program: Program) -> None:
    Path(".antipasta.yaml").write_text(
        "languages: [{name: python, metrics: [{type: blank_lines, threshold: 9}]}]"
    )
    before = load_settings(folder).settings
    assert program("config", "migrate", "--yes", "--quiet").out == ""
    after = load_settings(folder).settings
    assert (after.source, after.thresholds) == (folder / "pyproject.toml", before.thresholds)


@pytest.mark.parametrize("args", [[], ["--yes"]])
def test_a_table_that_is_there_is_left_with_the_lines_to_merge(args: list[str], program: Program) -> None:
    Path("radon.cfg").write_text(RADON)
    Path("pyproject.toml").write_text("[tool.pytest-antipasta]\npaths = ['.']\n")
    shown = program("config", "migrate", *args, code=2)
    assert shown.out == TABLE
    assert shown.err == (
        "error: pyproject.toml:1: tool.pytest-antipasta: already exists; not modified; merge the "
        "proposed lines by hand\n"
    )
    assert Path("pyproject.toml").read_text() == "[tool.pytest-antipasta]\npaths = ['.']\n"


INSTEAD = "; `pytest-antipasta config init` proposes settings by what the code has"
REFUSED = [
    pytest.param({}, [], f"no complexity settings found in {', '.join(FILES)}{INSTEAD}", id="nothing there"),
    pytest.param(
        {"tox.ini": ""}, ["tox.ini"], f"no complexity settings found in tox.ini{INSTEAD}", id="nothing in it"
    ),
    pytest.param({}, ["a.py"], f"a.py: can't be migrated; supported: {', '.join(FILES)}", id="another file"),
    pytest.param({}, ["tox.ini"], "tox.ini: no such file", id="a file that is not there"),
    pytest.param(
        {"radon.cfg": "[radon]\ncc_min = B"},
        [],
        (
            f"none of the settings found has an equivalent{INSTEAD}\n"
            "error: radon: has no limits, so those of pytest-antipasta apply"
        ),
        id="nothing to write",
    ),
    pytest.param(
        {"radon.cfg": RADON},
        ["--config", "a.ini"],
        "a.ini: can't write TOML settings to this file; name a .toml file",
        id="a format",
    ),
]


@pytest.mark.parametrize(("files", "args", "message"), REFUSED)
def test_what_can_t_be_migrated_is_reported(
    files: dict[str, str], args: list[str], message: str, program: Program
) -> None:
    for name, text in files.items():
        Path(name).write_text(text)
    assert program("config", "migrate", *args, code=2).err == f"error: {message}\n"
    assert not Path("pyproject.toml").exists()
