"""Our table goes in, and all else stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.errors import UsageError
from pytest_antipasta.setup.edit import put_table, read_existing, rewrite

PATH = Path("pyproject.toml")
TABLE = "[tool.pytest-antipasta]\npaths = ['new']\n\n[tool.pytest-antipasta.thresholds]\nblank_lines = 1\n"

ADDED = [
    pytest.param("", TABLE, id="an empty file"),
    pytest.param("[project]\nname = 'a'\n", f"[project]\nname = 'a'\n\n{TABLE}", id="at the end"),
    pytest.param("a = 1", f"a = 1\n\n{TABLE}", id="behind a last line without an end"),
    pytest.param("tool.a.b = 1\n", f"tool.a.b = 1\n\n{TABLE}", id="beside dotted keys"),
    pytest.param("a = 1  # é\r\n", f"a = 1  # é\r\n\n{TABLE}".replace("\r\n\n", "\r\n\r\n"), id="line ends"),
    pytest.param(
        'a = """\n[tool.pytest-antipasta]\n"""\n',
        f'a = """\n[tool.pytest-antipasta]\n"""\n\n{TABLE}',
        id="what looks like a header in a text is none",
    ),
]
REPLACED = [
    pytest.param(
        "# top\n[tool.pytest-antipasta]\npaths = ['old']  # old\n\n"
        "# about build\n[build-system]\nrequires = []\n",
        f"# top\n{TABLE}\n# about build\n[build-system]\nrequires = []\n",
        id="a comment above the next table stays with it",
    ),
    pytest.param(
        "[tool.pytest-antipasta]\n[tool.a]\nx = 1\n# y\n\n[[tool.pytest-antipasta.overrides]]\n"
        "files = ['a']\nthresholds = {}\n# tail\n[tool.b]\n",
        f"{TABLE}[tool.a]\nx = 1\n# y\n\n# tail\n[tool.b]\n",
        id="tables of ours in several places become one",
    ),
    pytest.param("[tool.'pytest-antipasta']\nx = 1", TABLE, id="quotes in the header"),
    pytest.param(TABLE, TABLE, id="the same again"),
    pytest.param(
        "[tool.pytest-antipasta.thresholds]\nblank_lines = 2", TABLE, id="a table within ours alone"
    ),
]


def with_endings(text: str, like: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in like else text


@pytest.mark.parametrize(("before", "after"), ADDED + REPLACED)
def test_the_rest_stays_to_the_letter(before: str, after: str) -> None:
    assert put_table(PATH, before, TABLE) == with_endings(after, before)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("tool = {a = 1}", id="a table of tools that nothing can be added to"),
        pytest.param("tool.pytest-antipasta = {paths = ['a']}", id="our table on one line"),
        pytest.param("[tool]\npytest-antipasta.paths = ['a']", id="our keys with dots"),
        pytest.param("tool = 1", id="no table of tools at all"),
    ],
)
def test_what_can_t_be_cut_out_is_left_to_the_user(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        put_table(PATH, text, TABLE)
    assert str(caught.value) == (
        "pyproject.toml: the table can't be put there without touching what else stands there; "
        f"take the settings of pytest-antipasta out, or write them by hand:\n{TABLE.rstrip()}"
    )


def test_a_broken_file_is_refused_with_its_place() -> None:
    with pytest.raises(UsageError, match=r"^pyproject\.toml:1:5: not valid TOML: "):
        put_table(PATH, "a = ]", TABLE)


def test_a_file_is_written_through_its_link_with_its_rights_and_mark(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_bytes(b"\xef\xbb\xbfa = 1\n")
    real.chmod(0o640)
    try:
        link.symlink_to(real)
    except OSError:
        pytest.skip("links can't be made here")
    rewrite(link, read_existing(link) + "b = 2\n")
    assert link.is_symlink()
    assert real.read_bytes() == b"\xef\xbb\xbfa = 1\nb = 2\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert {path.name for path in tmp_path.iterdir()} == {"real.toml", "link.toml"}


def test_a_file_that_can_t_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"^gone[\\/]a\.toml: can't be written: No such file or directory$"):
        rewrite(tmp_path / "gone" / "a.toml", "")


def test_what_is_not_there_is_empty(tmp_path: Path) -> None:
    assert read_existing(tmp_path / "a.toml") == ""
