"""Where the store is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.store.location import locate_cache_dir
from tests.conftest import Program

OPTION, VARIABLE, SETTING = Path("/option").absolute(), "/variable", Path("/setting").absolute()


@pytest.mark.parametrize(
    ("option", "variable", "setting", "expected"),
    [
        pytest.param(OPTION, VARIABLE, SETTING, OPTION, id="the option comes first"),
        pytest.param(None, VARIABLE, SETTING, Path(VARIABLE).absolute(), id="then the environment"),
        pytest.param(None, None, SETTING, SETTING, id="then the setting"),
        pytest.param(None, "", SETTING, SETTING, id="an empty variable is none"),
        pytest.param("", VARIABLE, SETTING, Path(VARIABLE).absolute(), id="an empty option is none"),
    ],
)
def test_the_first_that_is_given_counts(
    option: str | Path | None,
    variable: str | None,
    setting: Path | None,
    expected: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    if variable is not None:
        monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", variable)
    assert locate_cache_dir(option, setting) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="variables do not move the folder there")
def test_without_any_it_is_in_the_users_cache_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ANTIPASTA_CACHE_DIR")
    found = locate_cache_dir(None, None)
    assert found.name == "pytest-antipasta"
    assert found.is_relative_to(home)


def test_relative_ones_are_relative_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", "store")
    assert locate_cache_dir(None, None) == tmp_path / "store"
    assert locate_cache_dir(Path("other"), None) == tmp_path / "other"


@pytest.mark.parametrize("there", ["~", "$HERE", "${HERE}"])
def test_a_tilde_is_the_home_folder_and_variables_are_replaced(
    there: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HERE", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))  # as HOME, on Windows
    monkeypatch.setenv("PYTEST_ANTIPASTA_CACHE_DIR", f"{there}/store")
    assert locate_cache_dir(None, None) == home / "store"
    assert locate_cache_dir(Path(f"{there}/other"), None) == home / "other"
    (tmp_path / "pyproject.toml").write_text(f'[tool.pytest-antipasta]\ncache_dir = "{there}/third"\n')
    assert load_settings(tmp_path).settings.cache_dir == home / "third"


def test_an_empty_option_of_a_command_is_none(
    tmp_path: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch, program: Program
) -> None:
    """As in a script whose variable is unset: the store must not be in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    program("check", "--cache-dir", "")
    assert not (tmp_path / "v1").exists()
    assert (cache_dir / "v1").exists()
