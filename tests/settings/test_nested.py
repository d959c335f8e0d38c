"""Settings of folders below a root: which are read, how often, and for which files they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.asked import with_limits
from pytest_antipasta.settings.load import load_settings
from pytest_antipasta.settings.path_thresholds import Projects, ThresholdFinder, with_projects
from pytest_antipasta.settings.rule_files import Disk
from pytest_antipasta.settings.unmeasured import find_faults
from pytest_antipasta.settings.values import Settings
from tests.windows import NEEDS_LINKS, NOT_ON_WINDOWS, decode_name

ROOT = "[tool.pytest-antipasta]\nnested = true\nthresholds = { cyclomatic_complexity = 3 }\n"
TABLE = "[tool.pytest-antipasta]\nthresholds = {{ cyclomatic_complexity = {} }}\n"


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with a project in it, and one in that."""
    write(tmp_path, "pyproject.toml", ROOT)
    write(tmp_path, "a/pyproject.toml", TABLE.format(4))
    write(tmp_path, "a/b/c/pyproject.toml", TABLE.format(5))
    return tmp_path


def load(root: Path, *paths: str) -> Settings:
    """Return the settings for some files."""
    return with_projects(load_settings(root).settings, [str(root / path) for path in paths]).settings


def find_limit(settings: Settings, path: str) -> object:
    """Return the limit of a file."""
    limits = ThresholdFinder(settings).find(path).thresholds
    return next(one.limit for one in limits if "cyclomatic" in one.metric)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("x.py", 3),
        ("a.py", 3),
        ("ab/x.py", 3),
        ("b/a/x.py", 3),
        ("a/x.py", 4),
        ("a/b/x.py", 4),
        ("a/b/c/x.py", 5),
        ("a/b/c/d/x.py", 5),
        ("../a/x.py", 3),
        ("/a/x.py", 3),
    ],
)
def test_the_nearest_are_for_a_file(root: Path, path: str, limit: int) -> None:
    settings = load(root, "a/b/c/d/x.py")
    assert find_limit(settings, path) == limit
    project, inside = Projects(settings).find(path)
    assert os.path.normpath(project.root / inside) == os.path.normpath(root / path)


def test_each_folder_is_looked_at_once(root: Path) -> None:
    """And what is known is not read again."""
    asked: list[str] = []

    class Counted(Disk):
        def read(self, path: Path) -> bytes | None:
            asked.append(path.relative_to(root).as_posix())
            return super().read(path)

    settings = load_settings(root).settings
    locations = [str(root / path) for path in ("x.py", "a/x.py", "a/y.py", "a/b/x.py")]
    settings, _ = with_projects(settings, locations, Counted())
    assert asked == ["a/pyproject.toml", "a/b/pyproject.toml", "a/b/.antipasta.yaml"]
    asked.clear()
    settings, _ = with_projects(settings, [str(root / "a/b/c/x.py")], Counted())
    assert asked == ["a/b/pyproject.toml", "a/b/.antipasta.yaml", "a/b/c/pyproject.toml"]
    assert [project.root for project in settings.projects] == [root / "a", root / "a/b/c"]


def test_none_is_looked_at_where_they_don_t_count(root: Path) -> None:
    write(root, "pyproject.toml", ROOT.replace("nested = true", "nested = false"))

    class Refusing(Disk):
        def read(self, path: Path) -> bytes | None:
            raise AssertionError(path)

    settings = load_settings(root).settings
    assert with_projects(settings, [str(root / "a/x.py")], Refusing()).settings is settings


@NEEDS_LINKS
def test_what_links_to_the_root_s_settings_is_not_a_project(root: Path) -> None:
    (root / "a/pyproject.toml").unlink()
    (root / "a/pyproject.toml").symlink_to("../pyproject.toml")
    (root / "a/b/pyproject.toml").symlink_to("c/pyproject.toml")
    assert [project.root for project in load(root, "a/b/x.py").projects] == [root / "a/b"]


def test_limits_for_once_hold_in_those_that_are_known(root: Path) -> None:
    settings = with_limits(load(root, "a/x.py"), {"cyclomatic_complexity": 9})
    settings, _ = with_projects(settings, [str(root / "a/b/c/x.py")])
    assert [find_limit(settings, path) for path in ("x.py", "a/x.py", "a/b/c/x.py")] == [9, 9, 9]


@NOT_ON_WINDOWS
def test_a_folder_whose_name_is_not_utf_8(root: Path) -> None:
    folder = root / decode_name(b"\xff*")
    folder.mkdir()
    write(folder, "pyproject.toml", TABLE.format(7))
    assert find_limit(load(root, f"{folder.name}/x.py"), r"\xff*/x.py") == 7


def test_a_limit_that_nobody_can_measure_is_reported(root: Path) -> None:
    write(root, "a/pyproject.toml", '[tool.pytest-antipasta.thresholds]\n"nobody:number" = 1\n')
    (fault,) = find_faults(load(root, "a/x.py"))
    assert fault.startswith("nobody:number is configured, but extension nobody is not installed")


def test_each_problem_has_its_line(root: Path) -> None:
    write(root, "a/pyproject.toml", "[tool.pytest-antipasta]\nx = 1\ny = 2\n")
    write(root, "a/b/c/pyproject.toml", "[tool.pytest-antipasta]\nz = 3\n")
    with pytest.raises(UsageError) as raised:
        load(root, "a/b/c/x.py")
    places = [line.partition(": unknown")[0] for line in str(raised.value).split("\n")]
    table = "tool.pytest-antipasta"
    assert places == [
        f"{root.as_posix()}/a/pyproject.toml:2: {table}.x",
        f"{root.as_posix()}/a/pyproject.toml:3: {table}.y",
        f"{root.as_posix()}/a/b/c/pyproject.toml:2: {table}.z",
    ]
