"""``config migrate``: printed, written, refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.settings import load_settings
from pytest_antipasta.setup.migration import FILES

RADON = "[radon]\nignore = docs\n"
TABLE = '[tool.pytest-antipasta]\nexclude = [\n    "docs/",  # radon.cfg:2: radon.ignore\n]\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand at git's top."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("args", [[], ["radon.cfg"], ["--quiet"]])
def test_the_table_is_printed_and_nothing_is_written(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("radon.cfg").write_text(RADON)
    assert main(["config", "migrate", *args]) == 0
    assert capsys.readouterr().out == TABLE
    assert not Path("pyproject.toml").exists()


def test_it_looks_beside_the_file_that_it_would_write(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("radon.cfg").write_text(RADON)
    (folder / "src").mkdir()
    monkeypatch.chdir(folder / "src")
    assert main(["config", "migrate"]) == 0
    assert '"docs/"' in capsys.readouterr().out


def test_it_is_written_behind_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    Path("radon.cfg").write_text(RADON)
    Path("pyproject.toml").write_text("# a\n[project]\nname = 'a'\n")
    assert main(["config", "migrate", "--write"]) == 0
    assert capsys.readouterr().out == "pyproject.toml: settings written\n"
    assert Path("pyproject.toml").read_text() == f"# a\n[project]\nname = 'a'\n\n{TABLE}"


def test_it_takes_the_place_of_antipasta_s_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".antipasta.yaml").write_text(
        "languages: [{name: python, metrics: [{type: blank_lines, threshold: 9}]}]"
    )
    before = load_settings(folder)
    assert main(["config", "migrate", "--write", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    after = load_settings(folder)
    assert (after.source, after.thresholds) == (folder / "pyproject.toml", before.thresholds)


def test_settings_that_are_there_are_kept_unless_forced(capsys: pytest.CaptureFixture[str]) -> None:
    Path("radon.cfg").write_text(RADON)
    Path("pyproject.toml").write_text("[tool.pytest-antipasta]\npaths = ['a']\n")
    assert main(["config", "migrate", "--write"]) == 2
    assert capsys.readouterr().err == (
        "error: pyproject.toml: has the table [tool.pytest-antipasta] already; "
        "use --force to write another in its place\n"
    )
    assert main(["config", "migrate", "--write", "--force"]) == 0
    assert Path("pyproject.toml").read_text() == TABLE


REFUSED = [
    pytest.param({}, [], f"nothing about complexity found in {', '.join(FILES)}", id="nothing there"),
    pytest.param(
        {"tox.ini": ""}, ["tox.ini"], "nothing about complexity found in tox.ini", id="nothing in it"
    ),
    pytest.param({}, ["a.py"], f"a.py: can't be migrated; known are {', '.join(FILES)}", id="another file"),
    pytest.param({}, ["tox.ini"], "tox.ini: no such file", id="a file that is not there"),
    pytest.param(
        {"radon.cfg": "[radon]\ncc_min = B"},
        ["--write"],
        "nothing of what was found has a counterpart, so nothing was written",
        id="nothing to write",
    ),
    pytest.param(
        {"radon.cfg": RADON},
        ["--config", "a.ini"],
        "a.ini: can't hold a table; name a .toml file",
        id="a format",
    ),
]


@pytest.mark.parametrize(("files", "args", "message"), REFUSED)
def test_what_can_t_be_migrated_is_told(
    files: dict[str, str], args: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        Path(name).write_text(text)
    assert main(["config", "migrate", *args]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    assert not Path("pyproject.toml").exists()
