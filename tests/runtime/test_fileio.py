"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_antipasta.runtime.fileio import begin_file, is_junction, is_link, replace_file
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS


@pytest.mark.parametrize(
    "create", [lambda path: replace_file(path, [b"x"]), lambda path: begin_file(path, b"x")]
)
def test_a_new_file_has_the_rights_of_any_other(create: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    create(tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"x"
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["new", "other"]


@NOT_ON_WINDOWS
@pytest.mark.parametrize(("mode", "expected"), [(None, 0o640), (0o755, 0o755)], ids=["kept", "asked for"])
def test_the_rights_of_a_file_that_is_replaced(tmp_path: Path, mode: int | None, expected: int) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, [b"new"], mode)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", expected)


def test_what_can_not_be_replaced_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        replace_file(tmp_path / "folder", [b"new"])
    assert os.listdir(tmp_path) == ["folder"]


def test_of_a_file_that_is_read_only_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with nullcontext() if sys.platform != "win32" else pytest.raises(PermissionError):
        replace_file(path, [b"new"])
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("name", ["n" * 255, "\N{CJK UNIFIED IDEOGRAPH-9577}" * 85])
def test_a_name_of_any_length_that_a_file_may_have(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    replace_file(path, [b"new"])
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("number", [5, 32], ids=["access denied", "sharing violation"])
def test_what_somebody_has_open_on_windows_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    pauses = refuse(monkeypatch, 3, number)
    replace_file(tmp_path / "file", [b"new"])
    assert (tmp_path / "file").read_bytes() == b"new"
    assert len(pauses) == 3


@pytest.mark.parametrize(
    ("number", "tries"), [pytest.param(32, 6, id="for a second"), pytest.param(17, 0, id="another reason")]
)
def test_it_is_not_tried_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, tries: int
) -> None:
    pauses = refuse(monkeypatch, 1000, number)
    with pytest.raises(PermissionError):
        replace_file(tmp_path / "file", [b"new"])
    assert len(pauses) == tries
    assert sum(pauses) < 1
    assert os.listdir(tmp_path) == []


def refuse(monkeypatch: pytest.MonkeyPatch, times: int, number: int) -> list[float]:
    """Refuse to move a file that often, with an error of Windows; return the pauses that are made."""

    class RefusedError(PermissionError):
        winerror = number

    pauses: list[float] = []
    left, replace = iter(range(times)), Path.replace

    def move(source: Path, target: Path) -> Path:
        if next(left, None) is None:
            return replace(source, target)
        raise RefusedError("in use")

    monkeypatch.setattr(Path, "replace", move)
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def test_nobody_can_know_the_name_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names: set[str] = set()
    monkeypatch.setattr(Path, "replace", lambda self, _: names.add(self.name))
    for _ in range(2):
        replace_file(tmp_path / "file", [b""])
    assert len(names) == 2


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param(0, False, id="a folder"),
        pytest.param(0x9000001A, False, id="a folder of OneDrive"),
        pytest.param(0xA000000C, False, id="a symbolic link, as its mode says"),
        pytest.param(0xA0000003, True, id="a junction"),
    ],
)
def test_windows_tells_junctions_by_a_tag(tag: int, *, expected: bool) -> None:
    assert is_junction(SimpleNamespace(st_reparse_tag=tag)) is expected


@NEEDS_LINKS
def test_a_link_is_one_wherever_it_leads(tmp_path: Path) -> None:
    for name, target in {"folder": ".", "nowhere": "gone"}.items():
        (tmp_path / name).symlink_to(target)
        assert is_link(str(tmp_path / name))
    assert not is_link(str(tmp_path))
    assert not is_link(str(tmp_path / "gone"))
