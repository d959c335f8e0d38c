"""Why a file is not checked, in agreement with the walk that leaves it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_antipasta.files.exclusion import ExclusionReason, find_exclusion, find_exclusion_of_content
from pytest_antipasta.files.selection import select_files
from pytest_antipasta.settings.load import load_settings
from tests.conftest import Repository
from tests.windows import NEEDS_LINKS

TABLE = """
[tool.pytest-antipasta]
paths = ["src", "tools/named.py"]
include = ["*.py", "*.pyw"]
exclude = ["named.py", "gen/", "!gen/", "gen/", "*_pb2.py", "!keep_pb2.py"]
"""
# What is there, and why it is left out.
FILES: dict[str, ExclusionReason | None] = {
    "src/a.py": None,
    "src/a.pyw": None,
    "src/keep_pb2.py": None,
    "tools/named.py": None,
    "tools/other.py": ExclusionReason("it is not in src, tools/named.py", ("paths",)),
    "src/a.txt": ExclusionReason("no pattern matches it", ("include",)),
    "src/b_pb2.py": ExclusionReason("*_pb2.py matches src/b_pb2.py", ("exclude", 4)),
    "src/x/gen/a.py": ExclusionReason("gen/ matches src/x/gen/", ("exclude", 3)),
    "src/venv/a.py": ExclusionReason("src/venv/ is a virtual environment"),
    "src/ours/a.py": None,
    "src/ignored.py": ExclusionReason("ignored by git, .gitignore:2:ignored.*", ("use_gitignore",)),
    "src/deep/down/a.py": ExclusionReason("ignored by git, src/.gitignore:1:/deep/", ("use_gitignore",)),
    "src/gone.py": ExclusionReason("it does not exist"),
    "src/link.py": ExclusionReason("src/link.py is a symlink; symlinks are not followed"),
    "src/linked/a.py": ExclusionReason("src/linked/ is a symlink; symlinks are not followed"),
}


@pytest.fixture
def root(repository: Repository) -> Path:
    """A repository with all of them."""
    for name in FILES:
        if "link" not in name and "gone" not in name:
            (repository.path / name).parent.mkdir(parents=True, exist_ok=True)
            (repository.path / name).write_text("")
    for name, target in {"src/link.py": "a.py", "src/linked": "x"}.items():
        (repository.path / name).symlink_to(repository.path / "src" / target)
    (repository.path / "src/x/a.py").write_text("")
    for name in ("venv", "ours"):
        (repository.path / "src" / name / "pyvenv.cfg").write_text("")
    repository.git("add", "src/ours/a.py")
    (repository.path / ".gitignore").write_text("# ours\nignored.*\n")
    (repository.path / "src/.gitignore").write_text("/deep/\n")
    (repository.path / "pyproject.toml").write_text(TABLE)
    return repository.path


@NEEDS_LINKS
def test_every_reason_is_reported(root: Path) -> None:
    settings = load_settings(root).settings
    assert {name: find_exclusion(settings, str(root / name)) for name in FILES} == FILES


@NEEDS_LINKS
def test_it_agrees_with_what_is_checked(root: Path) -> None:
    checked = {file.path for file in select_files(load_settings(root).settings).files}
    assert checked == {name for name, omission in FILES.items() if omission is None} | {"src/x/a.py"}


def test_without_git_s_rules_nothing_is_ignored(root: Path) -> None:
    (root / "pyproject.toml").write_text("[tool.pytest-antipasta]\nuse_gitignore = false\n")
    assert find_exclusion(load_settings(root).settings, str(root / "src/ignored.py")) is None


@pytest.mark.parametrize(
    ("name", "is_left_out"), [("ignored.py", True), ("new/ignored.py", True), ("ignored.kept.py", False)]
)
def test_of_a_name_git_s_rules_are_asked_too(root: Path, name: str, is_left_out: bool) -> None:
    """The last rule that is about it decides, though there be no such file."""
    (root / ".gitignore").write_text("ignored.*\n!ignored.kept.py\n")
    found = find_exclusion_of_content(load_settings(root).settings, str(root / "src" / name), b"")
    assert (found is not None) is is_left_out


def test_outside_of_repositories_the_file_is_not_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.pytest-antipasta]\n")
    (tmp_path / ".gitignore").write_text("a.py\n")
    (tmp_path / "a.py").write_text("")
    omission = find_exclusion(load_settings(tmp_path).settings, str(tmp_path / "a.py"))
    assert omission == ExclusionReason("ignored by a .gitignore file", ("use_gitignore",))
