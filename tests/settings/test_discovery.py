"""Which file the settings come from, and what the root is then."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import find_folders, load_settings
from pytest_antipasta.settings.values import Settings
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS, decode_name

OURS = "[tool.pytest-antipasta]\n"
OTHERS = "[tool.ruff]\n"
BROKEN = "[tool.ruff\n"

# The files of a tree with their texts, the root and the source that a/b/c then has.
TREES = [
    pytest.param({"a/b/c/pyproject.toml": OURS}, "a/b/c", "a/b/c/pyproject.toml", id="our table here"),
    pytest.param({"a/pyproject.toml": OURS}, "a", "a/pyproject.toml", id="our table above"),
    pytest.param(
        {"a/pyproject.toml": OURS, "a/b/pyproject.toml": OURS},
        "a/b",
        "a/b/pyproject.toml",
        id="the nearest wins",
    ),
    pytest.param({"a/.antipasta.yaml": ""}, "a", "a/.antipasta.yaml", id="an .antipasta.yaml above"),
    pytest.param(
        {"a/.antipasta.yaml": "", "a/pyproject.toml": OURS},
        "a",
        "a/pyproject.toml",
        id="in one folder the table wins",
    ),
    pytest.param(
        {"a/b/.antipasta.yaml": "", "a/pyproject.toml": OURS},
        "a/b",
        "a/b/.antipasta.yaml",
        id="a nearer .antipasta.yaml wins",
    ),
    pytest.param(
        {"a/.antipasta.yaml": "", "a/pyproject.toml": OTHERS},
        "a",
        "a/.antipasta.yaml",
        id="a pyproject.toml without our table is passed over",
    ),
    pytest.param(
        {"a/pyproject.toml": OURS, "a/b/pyproject.toml": OTHERS + 'a = "pytest-antipasta"'},
        "a",
        "a/pyproject.toml",
        id="one that only depends on us too",
    ),
    pytest.param(
        {"a/pyproject.toml": OURS, "a/b/pyproject.toml": BROKEN},
        "a",
        "a/pyproject.toml",
        id="somebody else's broken one too",
    ),
    pytest.param(
        {"a/pyproject.toml": OURS, "a/b/.git/HEAD": ""}, "a", "a/pyproject.toml", id="git's top is no border"
    ),
    pytest.param({"a/.git/HEAD": ""}, "a", None, id="without settings git's top is the root"),
    pytest.param({"a/.git/HEAD": "", "a/b/.git": ""}, "a/b", None, id="which a file can mark"),
    pytest.param(
        {"a/.git/HEAD": "", "a/b/pyproject.toml": OTHERS}, "a", None, id="and no pyproject.toml does"
    ),
    pytest.param(
        {"a/.git/HEAD": "", "a/b/pyproject.toml/d": ""}, "a", None, id="a folder of that name is no file"
    ),
    pytest.param({}, "a/b/c", None, id="else the folder itself"),
]


@pytest.mark.parametrize(("files", "root", "source"), TREES)
def test_the_nearest_settings_give_the_root(
    tmp_path: Path, files: dict[str, str], root: str, source: str | None
) -> None:
    """Looked for from the current folder upwards."""
    (tmp_path / "a/b/c").mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    settings = load_settings(tmp_path / "a/b/c").settings
    assert (settings.root, settings.source) == (tmp_path / root, source and tmp_path / source)


def test_without_settings_all_is_default(tmp_path: Path) -> None:
    """As in a value that only names the root."""
    assert load_settings(tmp_path) == (Settings(root=tmp_path, source=None), ())


def test_a_relative_start_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root is absolute whatever comes in."""
    (tmp_path / "a").mkdir()
    (tmp_path / "pyproject.toml").write_text(OURS, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "a")
    assert load_settings(Path()).settings.root == tmp_path
    assert load_settings(Path("../a")).settings.source == tmp_path / "pyproject.toml"


@pytest.mark.parametrize("name", ["a.toml", "A.TOML", "b.yaml", "b.YML"])
def test_a_named_file_gives_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Whatever stands nearer; it may be named relative to the current folder."""
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / name).write_text("" if "b" in name else OURS, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(OURS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = load_settings(tmp_path, Path("conf", name)).settings
    assert (settings.root, settings.source) == (tmp_path / "conf", tmp_path / "conf" / name)


@NEEDS_LINKS
def test_the_root_of_a_linked_file_is_the_folder_of_the_link(tmp_path: Path) -> None:
    """The link stands among the files that it is about."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real/pyproject.toml").write_text(OURS, encoding="utf-8")
    (tmp_path / "linked").mkdir()
    try:
        (tmp_path / "linked/pyproject.toml").symlink_to(tmp_path / "real/pyproject.toml")
    except OSError:
        pytest.skip("links can't be made here")
    assert load_settings(tmp_path, tmp_path / "linked/pyproject.toml").settings.root == tmp_path / "linked"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("none.toml", "none.toml: can't be read: No such file or directory", id="a missing file"),
        pytest.param(
            "none.yaml", "none.yaml: can't be read: No such file or directory", id="a missing YAML file"
        ),
        pytest.param("folder.toml", "folder.toml: is a folder; name a .toml or .yaml file", id="a folder"),
        pytest.param(
            "setup.cfg", "setup.cfg: not a settings file; name a .toml or .yaml file", id="another format"
        ),
        pytest.param(
            "bare.toml", "bare.toml: has no table [tool.pytest-antipasta]", id="a file without our table"
        ),
    ],
)
def test_a_named_file_that_holds_no_settings_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, message: str
) -> None:
    """Nothing else is taken in its place."""
    (tmp_path / "pyproject.toml").write_text(OURS, encoding="utf-8")
    (tmp_path / "bare.toml").write_text(OTHERS, encoding="utf-8")
    (tmp_path / "folder.toml").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path, Path(name))
    assert str(caught.value) == message


def test_a_broken_file_that_names_us_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be ours, and other settings than ours would give another verdict."""
    (tmp_path / "pyproject.toml").write_text(f"{OURS}{BROKEN}", encoding="utf-8")
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path / "a")
    assert str(caught.value).startswith("pyproject.toml:2:11: not valid TOML: Expected ']'")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root can read everything")
def test_a_file_that_can_t_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be ours too."""
    (tmp_path / "pyproject.toml").write_text(OURS, encoding="utf-8")
    (tmp_path / "pyproject.toml").chmod(0)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path)
    assert str(caught.value) == "pyproject.toml: can't be read: Permission denied"


def test_a_file_outside_the_current_folder_is_named_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what can't be shown on one line escaped."""
    folder = tmp_path / "a\nb"
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    (tmp_path / "c").mkdir()
    monkeypatch.chdir(tmp_path / "c")
    with pytest.raises(UsageError) as caught:
        load_settings(folder, folder / "d.toml")
    assert str(caught.value) == f"{tmp_path}/a\\x0ab/d.toml: can't be read: No such file or directory"


@NOT_ON_WINDOWS
def test_a_name_that_is_not_utf_8_is_written_with_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message can be printed then."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path, Path(decode_name(b"caf\xe9.toml")))
    assert str(caught.value) == "caf\\xe9.toml: can't be read: No such file or directory"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_in_a_wide_encoding_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Our name is not seen in its bytes, and the defaults would apply."""
    (tmp_path / "pyproject.toml").write_bytes(OURS.encode(encoding))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path)
    name = encoding[:6].upper()
    assert str(caught.value) == f"pyproject.toml: is {name}, not UTF-8; save the file as UTF-8"
    (tmp_path / "pyproject.toml").write_bytes(OTHERS.encode(encoding))
    assert load_settings(tmp_path).settings.source is None, "no trouble of ours"


def test_the_top_of_the_file_system_is_not_below_itself(tmp_path: Path) -> None:
    """Otherwise commands name settings that they find anyway, as if a nearer file had others."""
    top = Path(tmp_path.anchor)
    assert find_folders(top, [str(top / "pkg" / "a.py"), str(top / "b.py")]) == {str(top / "pkg")}
