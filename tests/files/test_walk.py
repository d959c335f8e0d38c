"""Finding source files, naming them, and reading them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from pytest_antipasta.files.exclusion import ExclusionReason, find_exclusion
from pytest_antipasta.files.locations import display_path
from pytest_antipasta.files.reading import UnreadableError, is_racy, read_file, reread, sign
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.files.walk import Search
from pytest_antipasta.model.measured import ErrorKind
from pytest_antipasta.settings.values import Settings
from tests.conftest import Repository
from tests.windows import NEEDS_JUNCTIONS, NEEDS_LINKS, NOT_ON_WINDOWS, make_junction


def make(root: Path, names: Iterable[str]) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")


def find(
    root: Path,
    paths: Iterable[str] = (".",),
    include: tuple[str, ...] = ("*.py",),
    exclude: tuple[str, ...] = (),
) -> list[str]:
    settings = Settings(root, None, include=include, exclude=exclude)
    return [file.path for file in Search(settings, paths).find_files()]


TREE = ("a.py", "b.pyi", "c.txt", "pkg/__init__.py", "pkg/d.py", "pkg/sub/e.py", "tests/f.py", "Z.py", "x.PY")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            {}, ["Z.py", "a.py", "pkg/__init__.py", "pkg/d.py", "pkg/sub/e.py", "tests/f.py"], id="all"
        ),
        pytest.param({"paths": ["pkg"]}, ["pkg/__init__.py", "pkg/d.py", "pkg/sub/e.py"], id="a folder"),
        pytest.param({"paths": ["pkg/sub", "a.py"]}, ["a.py", "pkg/sub/e.py"], id="a folder and a file"),
        pytest.param(
            {"paths": ["pkg", "pkg/sub", "./pkg/"]},
            ["pkg/__init__.py", "pkg/d.py", "pkg/sub/e.py"],
            id="one folder three times",
        ),
        pytest.param({"paths": ["c.txt"]}, ["c.txt"], id="a file of another kind that is named"),
        pytest.param({"paths": ["gone"]}, ["gone"], id="a path that is not there"),
        pytest.param({"include": ("*.pyi", "c.*")}, ["b.pyi", "c.txt"], id="other kinds"),
        pytest.param(
            {"include": ("/pkg/**/*.py", "!e.py")}, ["pkg/__init__.py", "pkg/d.py"], id="a negation"
        ),
        pytest.param({"exclude": ("pkg/",)}, ["Z.py", "a.py", "tests/f.py"], id="without a folder"),
        pytest.param({"exclude": ("*",)}, [], id="without anything"),
        pytest.param({"exclude": ("/*", "!/tests/")}, ["tests/f.py"], id="without anything but a folder"),
        pytest.param(
            {"paths": ["pkg"], "exclude": ("/pkg/sub/",)}, ["pkg/__init__.py", "pkg/d.py"], id="both"
        ),
    ],
)
def test_which_files_are_found(
    tmp_path: Path, options: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    make(tmp_path, TREE)
    assert find(tmp_path, **options) == expected


PYTHON = "#!/usr/bin/env python3\n"


def make_programs(root: Path, programs: Mapping[str, str], mode: int = 0o755) -> None:
    """Write files of these contents, with a mode."""
    for name, content in programs.items():
        make(root, [name])
        (root / name).write_text(content)
        (root / name).chmod(mode)


def select(root: Path, **settings: Any) -> list[str]:
    return [file.path for file in select_files(Settings(root, None, **settings)).files]


@NOT_ON_WINDOWS
def test_scripts_are_executable_without_a_suffix_and_name_python(tmp_path: Path) -> None:
    make_programs(tmp_path, {"tool": PYTHON, ".hook": PYTHON, "bin/x.y/deep": PYTHON, "sh": "#!/bin/sh\n"})
    make_programs(tmp_path, {"tool.in": PYTHON, "empty": "", "bin/tool2.7": PYTHON})
    make_programs(tmp_path, {"data": PYTHON, "bin/none": PYTHON}, 0o644)
    make_programs(tmp_path, {"group": PYTHON}, 0o654)
    (tmp_path / "link").symlink_to("tool")
    assert select(tmp_path) == [".hook", "bin/x.y/deep", "group", "tool"]
    assert select(tmp_path, exclude=("bin/", "/tool")) == [".hook", "group"]
    assert select(tmp_path, paths=("bin",)) == ["bin/x.y/deep"]
    assert select(tmp_path, paths=("bin/none",)) == ["bin/none"], "a named file is checked"
    outside = [str(tmp_path / name) for name in select(tmp_path)]
    assert select(tmp_path / "bin/x.y", paths=("../..",)) == outside, "outside of the root by their names"


@pytest.mark.parametrize(
    ("include", "expected"),
    [
        pytest.param(None, ["a.py", "b.PY", "c.pyw", "d.Pyw", "tool"], id="the default"),
        pytest.param(("*.py",), ["a.py"], id="patterns alone decide"),
        pytest.param(("*.py", "/to*"), ["a.py", "tool", "tools.txt"], id="also about files without a suffix"),
    ],
)
def test_what_is_included_is_python_in_any_case_or_what_patterns_say(
    repository: Repository, include: tuple[str, ...] | None, expected: list[str]
) -> None:
    root = repository.path
    make(root, ["a.py", "b.PY", "c.pyw", "d.Pyw", "a.pyi", "a.pyx", "py", "tools.txt"])
    make_programs(root, {"tool": PYTHON})
    repository.git("update-index", "--add", "--chmod=+x", "tool")  # as Windows needs it
    assert select(root, include=include) == expected


def test_git_decides_about_scripts_too(repository: Repository) -> None:
    root = repository.path
    make_programs(root, {"tool": PYTHON, "new": PYTHON, "ignored": PYTHON, "env/bin/tool": PYTHON})
    make_programs(root, {"index": PYTHON}, 0o644)
    make(root, ["env/pyvenv.cfg"])
    (root / ".gitignore").write_text("ignored\n")
    repository.git("add", "tool", "index")
    repository.git("update-index", "--chmod=+x", "index", "tool")
    if sys.platform != "win32":
        assert select(root) == ["new", "tool"]
    repository.git("config", "core.fileMode", "false")
    assert select(root) == ["index", "tool"], "where git reads no modes, those of the index count"
    assert select(root, use_gitignore=False) == ["index", "tool"]
    assert select(root, paths=("index", "env")) == ["index"]


def list_notebooks(root: Path, asked_for: Iterable[str] | None = None, **settings: Any) -> list[str]:
    asked = None if asked_for is None else [str(root / name) for name in asked_for]
    found = select_files(Settings(root, None, **settings), asked).notebooks
    return [Path(location).relative_to(root).as_posix() for location in found]


@pytest.mark.parametrize(
    ("settings", "asked_for", "expected"),
    [
        pytest.param({}, None, ["a.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb"], id="all"),
        pytest.param({"notebooks": True}, None, [], id="checked"),
        pytest.param({"notebooks": False}, None, [], id="not wanted"),
        pytest.param({"include": ("*.ipynb",)}, None, [], id="included"),
        pytest.param({"include": ("a.*",)}, None, ["sub/b.ipynb", "sub/deep/c.ipynb"], id="some included"),
        pytest.param({"exclude": ("deep/", "a.ipynb")}, None, ["sub/b.ipynb"], id="excluded"),
        pytest.param({"paths": ("sub", "a.ipynb")}, None, ["sub/b.ipynb", "sub/deep/c.ipynb"], id="paths"),
        pytest.param({}, ["sub"], ["sub/b.ipynb", "sub/deep/c.ipynb"], id="a folder is asked for"),
        pytest.param({}, ["sub/deep", "a.ipynb"], ["sub/deep/c.ipynb"], id="a folder and a notebook"),
        pytest.param({}, ["a.ipynb"], [], id="a notebook"),
        pytest.param({"nested": True}, None, ["a.ipynb", "sub/b.ipynb"], id="excluded below"),
    ],
)
def test_which_notebooks_are_left_out_without_a_decision(
    repository: Repository, settings: dict[str, Any], asked_for: list[str] | None, expected: list[str]
) -> None:
    root = repository.path
    make(root, ["a.ipynb", "sub/b.ipynb", "sub/deep/c.ipynb", "ignored.ipynb", "x.py", "y.ipynb/z.txt"])
    make(root, [".ipynb_checkpoints/a-checkpoint.ipynb", "sub/.ipynb_checkpoints/b-checkpoint.ipynb"])
    (root / "link.ipynb").symlink_to("a.ipynb")
    (root / ".gitignore").write_text("ignored.*\n")
    (root / "sub/pyproject.toml").write_text("[tool.pytest-antipasta]\nexclude = ['deep/']\n")
    assert list_notebooks(root, asked_for, **settings) == expected


def test_paths_outside_the_root_are_named_absolutely(tmp_path: Path) -> None:
    make(tmp_path, ["root/a.py", "other/b.py", "root2/c.py"])
    found = find(tmp_path / "root", [".", "../other", str(tmp_path / "root2")])
    outside = tmp_path.as_posix()
    assert found == [f"{outside}/other/b.py", f"{outside}/root2/c.py", "a.py"]


def test_the_order_is_that_of_the_names_and_not_of_the_disk(tmp_path: Path) -> None:
    names = [f"{number:03}.py" for number in (5, 100, 3, 77, 12)] + ["a/z.py", "a.py", "a-b.py", "B.py"]
    make(tmp_path, names)
    assert find(tmp_path) == sorted(names)


@NEEDS_LINKS
def test_links_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, ["root/a.py", "outside/b.py"])
    root = tmp_path / "root"
    (root / "file.py").symlink_to("a.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "loop").symlink_to(root)
    (root / "dangling.py").symlink_to("nowhere")
    assert find(root) == ["a.py"]
    assert find(root, ["folder"]) == ["folder/b.py"]


@NEEDS_JUNCTIONS
def test_junctions_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, ["root/a.py", "outside/b.py"])
    root = tmp_path / "root"
    make_junction(root / "folder", tmp_path / "outside")
    make_junction(root / "loop", root)
    assert find(root) == ["a.py"]
    assert find(root, ["folder"]) == ["folder/b.py"]
    reason = "folder/ is a junction; junctions are not followed"
    assert find_exclusion(Settings(root, None), str(root / "folder" / "b.py")) == ExclusionReason(reason)


@NOT_ON_WINDOWS
def test_what_is_not_a_regular_file_is_not_a_source_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, ["a.py"])
    os.mkfifo(tmp_path / "pipe.py")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        assert find(tmp_path) == ["a.py"]


def test_virtual_environments_and_gits_folder_are_left_out(tmp_path: Path) -> None:
    make(tmp_path, ["a.py", "env/lib/b.py", "env/pyvenv.cfg", ".git/hooks/c.py", "deep/.venv/d.py"])
    make(tmp_path, ["deep/.venv/pyvenv.cfg"])
    assert find(tmp_path) == ["a.py"]
    assert find(tmp_path / "env") == ["lib/b.py"]


def test_a_virtual_environment_over_tracked_files_is_a_folder_of_ours(repository: Repository) -> None:
    root = repository.path
    make(root, ["src/a.py", "src/lib/b.py", "env/c.py", "marked/d.py"])
    repository.git("add", "src")
    for folder in ("src", "env", "marked"):
        (root / folder / "pyvenv.cfg").touch()
    repository.git("add", "marked/pyvenv.cfg")
    assert find(root) == ["marked/d.py", "src/a.py", "src/lib/b.py"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (b"with space.py", "with space.py"),
        pytest.param(b"quo'te\".py", "quo'te\".py", marks=NOT_ON_WINDOWS),
        pytest.param(b"new\nline.py", "new\nline.py", marks=NOT_ON_WINDOWS),
        ("ünïcode-\U0001f35d.py".encode(), "ünïcode-\U0001f35d.py"),
        pytest.param(b"caf\xe9.py", "caf\\xe9.py", marks=NOT_ON_WINDOWS),
        pytest.param(b"back\\slash.py", "back\\\\slash.py", marks=NOT_ON_WINDOWS),
        (b"-dash.py", "-dash.py"),
        (b"[x].py", "[x].py"),
        (b"a" * 200 + b".py", "a" * 200 + ".py"),
    ],
)
def test_odd_names_are_found_named_and_read(tmp_path: Path, name: bytes, expected: str) -> None:
    folder, shown = (b"f\xff", "f\\xff") if sys.platform != "win32" else (b"f", "f")
    location = os.path.join(os.fsencode(tmp_path), folder, name)
    os.mkdir(os.path.dirname(location))
    with open(location, "wb") as file:
        file.write(b"x = 1\n")
    (found,) = Search(Settings(tmp_path, None), ["."]).find_files()
    assert found.path == f"{shown}/{expected}"
    assert os.fsencode(found.location) == location
    assert read_file(found.location, 100).data == b"x = 1\n"
    start = os.fsdecode(os.path.dirname(location))
    (again,) = Search(Settings(tmp_path, None), [start]).find_files()
    assert again[:3] == found[:3]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may look everywhere")
@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0o000, ["a.py", "closed"]), (0o444, ["a.py", "closed/b.py"]), (0o111, ["a.py", "closed"])],
)
def test_a_folder_that_may_not_be_read_is_reported(tmp_path: Path, mode: int, expected: list[str]) -> None:
    make(tmp_path, ["a.py", "closed/b.py"])
    (tmp_path / "closed").chmod(mode)
    try:
        assert find(tmp_path) == expected
        with pytest.raises(UnreadableError, match="Permission denied"):
            read_file(str(tmp_path / expected[1]), 100)
    finally:
        (tmp_path / "closed").chmod(0o755)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/project/a.py", "a.py"),
        ("/project/pkg/a.py", "pkg/a.py"),
        ("/projects/a.py", "/projects/a.py"),
        ("/a.py", "/a.py"),
        pytest.param("/project/caf\udce9/a.py", "caf\\xe9/a.py", marks=NOT_ON_WINDOWS),
    ],
)
def test_paths_are_shown_relative_to_the_root_or_absolute(location: str, expected: str) -> None:
    assert display_path(Path("/project"), location) == expected


def test_a_whole_disk_is_a_root_as_others_are(tmp_path: Path) -> None:
    make(tmp_path, ["a.py"])
    disk = Path(tmp_path.anchor)
    files = select_files(Settings(root=disk, source=None, use_gitignore=False), [str(tmp_path)]).files
    assert [file.path for file in files] == [(tmp_path / "a.py").relative_to(disk).as_posix()]


@pytest.mark.parametrize(
    ("make_it", "kind", "message"),
    [
        pytest.param(lambda _path: None, "missing", "file not found (deleted?)", id="nothing"),
        pytest.param(lambda path: path.mkdir(), "not_a_file", "not a regular file", id="a folder"),
        pytest.param(
            *(lambda path: os.mkfifo(path), "not_a_file", "not a regular file"),
            marks=NOT_ON_WINDOWS,
            id="a FIFO",
        ),
        pytest.param(
            *(lambda path: path.symlink_to("/dev/zero"), "not_a_file", "not a regular file"),
            marks=NOT_ON_WINDOWS,
            id="a device",
        ),
        pytest.param(
            lambda path: path.symlink_to("nowhere"),
            "missing",
            "file not found (deleted?)",
            id="a link to nothing",
        ),
        pytest.param(
            lambda path: path.symlink_to(path),
            "missing",
            "the file can't be read: Too many levels of symbolic links",
            marks=NEEDS_LINKS,
            id="a link to itself",
        ),
        pytest.param(
            lambda path: path.write_bytes(b"#" * 160_001),
            "too_large",
            "0.16 MB is over max_file_size_mb = 0.15; raise max_file_size_mb or exclude the file",
            id="too many bytes",
        ),
    ],
)
def test_what_can_not_be_read_says_why(
    tmp_path: Path, make_it: Callable[[Path], object], kind: ErrorKind, message: str
) -> None:
    path = tmp_path / "x.py"
    make_it(path)
    with pytest.raises(UnreadableError) as caught:
        read_file(str(path), 150_000)
    assert (caught.value.error.kind, caught.value.error.message) == (kind, message)
    assert reread(str(path), 0) == (b"#" * 160_001 if kind == "too_large" else None)


SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("modified", "changed", "racy"),
    [
        pytest.param(0, 0, False, id="old"),
        pytest.param(97.9, 97.9, False, id="just old enough"),
        pytest.param(98.1, 0, True, id="written a moment ago"),
        pytest.param(0, 98.1, True, id="old times set a moment ago"),
        pytest.param(200, 0, True, id="from the future"),
    ],
)
def test_files_as_young_as_the_clock_is_coarse_are_not_trusted(
    modified: float, changed: float, racy: bool
) -> None:
    signature = (1, int(modified * SECOND), int(changed * SECOND), 1)
    assert is_racy(signature, 100 * SECOND) is racy


def test_git_is_asked_about_one_path_at_a_time(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"folder{number}" for number in range(5)]
    make(repository.path, [f"{name}/a.py" for name in names])
    (repository.path / ".gitignore").write_text("folder3/\n")
    asked = []
    popen = subprocess.Popen

    def note(*args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        return popen(*args, **kwargs)

    monkeypatch.setattr(subprocess, "Popen", note)
    search = Search(Settings(repository.path, None), names)
    assert len(asked) == 1
    # A folder that is named is taken though it is ignored.
    assert [file.path for file in search.find_files()] == [f"{name}/a.py" for name in names]
    assert len(asked) == 5


def test_content_has_a_signature_once_the_file_is_old_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, ["a.py"])
    path = tmp_path / "a.py"
    assert read_file(str(path), 100).signature is None
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now + 10 * SECOND)
    content = read_file(str(path), 100)
    assert content.signature == sign(path.stat())
    settings = Settings(tmp_path, None, use_gitignore=False)
    assert [file.signature for file in Search(settings, ["."]).find_files()] == [content.signature]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda path: path.write_text("x = 2\n"), id="written again"),
        pytest.param(lambda path: path.chmod(0o600), id="another mode", marks=NOT_ON_WINDOWS),
        pytest.param(lambda path: os.utime(path, (1, 1)), id="another time"),
        pytest.param(lambda path: path.write_text("x = 10\n"), id="another size"),
    ],
)
def test_a_signature_differs_after_every_change(tmp_path: Path, change: Callable[[Path], object]) -> None:
    make(tmp_path, ["a.py"])
    path = tmp_path / "a.py"
    os.utime(path, (0, 0))
    before = sign(path.stat())
    time.sleep(0.02)  # the kernel's clock ticks every 10 ms at the slowest
    change(path)
    assert sign(path.stat()) != before


@pytest.mark.parametrize(
    ("asked_for", "expected", "narrowed_by"),
    [
        pytest.param(None, ["a.py", "pkg/b.py", "pkg2/c.py"], None, id="nothing"),
        pytest.param(["."], ["a.py", "pkg/b.py", "pkg2/c.py"], (".",), id="the root"),
        pytest.param(["pkg"], ["pkg/b.py"], ("pkg",), id="a folder, and none that begins like it"),
        pytest.param(["pkg/b.py", "a.py"], ["a.py", "pkg/b.py"], ("pkg/b.py", "a.py"), id="files"),
        pytest.param(["old/x.py"], ["old/x.py"], ("old/x.py",), id="an excluded file"),
        pytest.param(["old"], [], ("old",), id="an excluded folder"),
        pytest.param(["notes.txt"], ["notes.txt"], ("notes.txt",), id="a file of another kind"),
        pytest.param(["../out.py"], ["{}/out.py"], ("{}/out.py",), id="a file outside the root"),
        pytest.param([], [], (), id="no file at all"),
    ],
)
@pytest.mark.parametrize("is_project", [True, False])
def test_what_is_asked_for_narrows(
    tmp_path: Path,
    asked_for: list[str] | None,
    expected: list[str],
    narrowed_by: tuple[str, ...] | None,
    *,
    is_project: bool,
) -> None:
    root = tmp_path / "root"
    make(root, ["a.py", "pkg/b.py", "pkg2/c.py", "old/x.py", "notes.txt", "../out.py"])
    if is_project:
        (root / ".git").mkdir()
    settings = Settings(root=root, source=None, exclude=("old/",), use_gitignore=False)
    locations = None if asked_for is None else [os.path.normpath(root / path) for path in asked_for]
    selection = select_files(settings, locations)
    assert [file.path for file in selection.files] == [name.format(tmp_path.as_posix()) for name in expected]
    counts_all = locations is None or (is_project and any(map(os.path.isdir, locations)))
    assert selection.total == (3 if counts_all else None)
    narrowed = narrowed_by and tuple(name.format(tmp_path.as_posix()) for name in narrowed_by)
    assert selection.narrowed_by == narrowed


def test_only_named_folders_are_searched_where_no_project_is_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The current folder may be a home folder, or a whole disk."""
    make(tmp_path, ["a.py", "pkg/b.py", "pkg/c/d.py", "package/e.py", "other/pkg/f.py"])
    searched: list[str] = []

    def scan(folder: str) -> Iterator[os.DirEntry[str]]:
        searched.append(Path(folder).relative_to(tmp_path).as_posix())
        return list_folder(folder)

    list_folder = os.scandir
    monkeypatch.setattr(os, "scandir", scan)
    settings = Settings(root=tmp_path, source=None, use_gitignore=False)
    files = select_files(settings, [str(tmp_path / "pkg")]).files
    assert [file.path for file in files] == ["pkg/b.py", "pkg/c/d.py"]
    assert sorted(searched) == [".", "pkg", "pkg/c"]


@pytest.mark.parametrize(
    ("name", "is_odd"),
    [("a.md", True), ("a.JSON", True), ("a.PY", False), ("a.pyx", False), ("a.ipynb", False), ("tool", False),
     ("a.sage", False)],
)  # fmt: skip
def test_a_named_file_that_is_not_python_by_its_name_is_noted(
    tmp_path: Path, name: str, *, is_odd: bool
) -> None:
    (tmp_path / name).write_text("x = 1\n")
    settings = Settings(root=tmp_path, source=None, include=("*.py", "*.sage"))
    selection = select_files(settings, [str(tmp_path / name)])
    note = f"{name} is not a Python file by its name; it was checked as Python"
    assert ([file.path for file in selection.files], note in selection.notes) == ([name], is_odd)
