"""Which content of settings and baselines counts: that of the tree, where the disk has another one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_antipasta.engine.rules import Rules
from pytest_antipasta.gate.rule_files import TreeRuleFiles
from pytest_antipasta.gate.sides import open_commit, open_side
from pytest_antipasta.gate.trees import CommitTree, IndexTree, Tree, WorktreeTree
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.repository import Repository as Asked
from pytest_antipasta.model.errors import UsageError
from pytest_antipasta.settings.load import load_settings
from tests.conftest import Repository
from tests.windows import NEEDS_LINKS


def look(repository: Repository, folder: str = ".") -> TreeRuleFiles:
    """Look at what is staged in a folder of a repository."""
    return TreeRuleFiles(IndexTree(Asked(repository.path)), repository.path / folder, ())


def commit(repository: Repository) -> CommitTree:
    """Commit all files."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "a commit")
    return CommitTree(Asked(repository.path), repository.git("rev-parse", "HEAD").strip())


@pytest.mark.parametrize("name", ["HEAD", "its id"])
def test_a_commit_without_its_tree_is_an_error_and_an_unknown_one_is_empty(
    repository: Repository, name: str
) -> None:
    assert CommitTree(Asked(repository.path), "HEAD").entries == {}, "before the first commit"
    (repository.path / "a.py").write_text("x = 1\n")
    known = commit(repository)
    folder = repository.git("rev-parse", "HEAD^{tree}").strip()
    repository.lose(folder)
    tree = known if name == "its id" else CommitTree(known.repository, name)
    with pytest.raises(GitError):
        tree.find(["a.py"])
    with pytest.raises(GitError):
        _ = tree.entries
    assert CommitTree(known.repository, "unknown").find(["a.py"]) == {}


@pytest.mark.parametrize(
    ("staged", "there", "expected", "differs"),
    [
        pytest.param(b"a\n", b"b\n", b"a\n", True, id="another content"),
        pytest.param(b"a\n", b"a\n", b"a\n", False, id="the same content"),
        pytest.param(b"a\nb\n", b"a\r\nb\r\n", b"a\nb\n", False, id="other ends of lines"),
        pytest.param(b"a\n", None, b"a\n", True, id="no file"),
        pytest.param(b"", b"a\n", b"", True, id="nothing is staged of it"),
        pytest.param(None, b"a\n", b"a\n", False, id="it is not staged"),
    ],
)
def test_what_counts(
    repository: Repository,
    staged: bytes | None,
    there: bytes | None,
    expected: bytes | None,
    *,
    differs: bool,
) -> None:
    places = [repository.path / name for name in ("pyproject.toml", "sub/other.json")]
    places[1].parent.mkdir()
    for file in places:
        if staged is not None:
            file.write_bytes(staged)
    tree = commit(repository)
    for file in places:
        file.unlink(missing_ok=True)
        if there is not None:
            file.write_bytes(there)
    trees: dict[str, Tree] = {f"version of {tree.label}": tree, "staged version": IndexTree(tree.repository)}
    for what, each in trees.items():
        files = TreeRuleFiles(each, repository.path, (CommitTree(tree.repository, "HEAD"),))
        for file in places:
            assert [files.read(file), files.read(file)] == [expected] * 2
        told = [f"{file.as_posix()}: the {what} was used; the working tree differs" for file in places]
        assert list(files.iter_notes()) == (told if differs else [])


NAME = "pyproject.toml"


def change_nothing(repository: Repository) -> None:
    """Leave it as it is."""


def ignore(repository: Repository) -> None:
    """Have git ignore it."""
    (repository.path / ".git/info/exclude").write_text(f"{NAME}\n")


def stage(repository: Repository) -> None:
    """Stage it."""
    repository.git("add", NAME)


@pytest.mark.parametrize(
    ("prepare", "after", "is_read"),
    [
        pytest.param(change_nothing, IndexTree, True, id="untracked, of staged changes"),
        pytest.param(change_nothing, WorktreeTree, False, id="untracked, in the working tree"),
        pytest.param(ignore, WorktreeTree, True, id="ignored"),
        pytest.param(stage, IndexTree, False, id="staged"),
        pytest.param(stage, WorktreeTree, False, id="staged, in the working tree"),
    ],
)
def test_what_a_commit_does_not_have_is_read_from_disk_unless_the_change_has_it(
    repository: Repository,
    prepare: Callable[[Repository], None],
    after: Callable[[Asked], Tree],
    *,
    is_read: bool,
) -> None:
    before = commit(repository)
    (repository.path / NAME).write_bytes(b"a")
    prepare(repository)
    others = (after(before.repository), CommitTree(before.repository, "HEAD"))
    assert TreeRuleFiles(before, repository.path, others).read(repository.path / NAME) == (
        b"a" if is_read else None
    )
    assert TreeRuleFiles(before, repository.path, None).read(repository.path / NAME) is None, "of a server"


def test_what_git_has_lost_of_the_index_is_taken_from_the_worktree(repository: Repository) -> None:
    file = repository.path / "pyproject.toml"
    file.write_text("staged")
    tree = commit(repository)
    file.write_text("other")
    blob = repository.git("rev-parse", ":pyproject.toml").strip()
    repository.lose(blob)
    assert look(repository).read(file) == b"other"
    with pytest.raises(GitError, match=f"can't read pyproject.toml in {tree.label}; in a partial clone, "):
        TreeRuleFiles(tree, repository.path, ()).read(file)
    file.unlink()
    with pytest.raises(GitError, match=r"can't read pyproject\.toml in the index; in a partial clone, "):
        look(repository).read(file)


@NEEDS_LINKS
def test_links_are_those_of_the_tree(repository: Repository, tmp_path: Path) -> None:
    file, outside = repository.path / "pyproject.toml", tmp_path / "outside.toml"
    (repository.path / "one.toml").write_text("one")
    (repository.path / "two.toml").write_text("two")
    outside.write_text("outside")
    file.symlink_to("one.toml")
    (repository.path / "sub").mkdir()
    (repository.path / "sub/pyproject.toml").symlink_to("../pyproject.toml")
    (repository.path / "out.toml").symlink_to(outside)
    (repository.path / "round.toml").symlink_to("round.toml")
    tree = commit(repository)
    file.unlink()
    file.symlink_to("two.toml")
    files, server = (TreeRuleFiles(tree, repository.path, others) for others in ((), None))
    assert (
        files.read(file) == server.read(file) == files.read(repository.path / "sub/pyproject.toml") == b"one"
    )
    assert files.resolve(file) == files.resolve(repository.path / "sub/pyproject.toml")
    assert [files.is_link(file), files.is_link(repository.path / "one.toml")] == [True, False]
    assert files.read(repository.path / "round.toml") is None
    assert [files.read(repository.path / "out.toml"), server.read(repository.path / "out.toml")] == [
        b"outside",
        None,
    ]


@pytest.mark.parametrize("target", [None, b"a\0b"], ids=["a folder", "a link to what is no path"])
def test_what_is_no_file_in_a_commit_is_not_read(repository: Repository, target: bytes | None) -> None:
    file = repository.path / NAME
    if target is None:
        file.mkdir()
        (file / "a").write_text("a")
        tree = commit(repository)
    else:
        (repository.path / "target").write_bytes(target)
        blob = repository.git("hash-object", "-w", "target").strip()
        repository.git("update-index", "--add", "--cacheinfo", f"120000,{blob},{NAME}")
        repository.git("commit", "--quiet", "--message", "a link")
        tree = CommitTree(Asked(repository.path), "HEAD")
    for others in ((), None):
        assert TreeRuleFiles(tree, repository.path, others).read(file) is None


def test_errors_name_the_commit(repository: Repository) -> None:
    (repository.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nexclud = []\n")
    tree = commit(repository)
    with pytest.raises(UsageError, match=rf"^{tree.label}:pyproject.toml:2: tool.pytest-antipasta.exclud: "):
        open_side(tree, repository.path, lambda files: Rules(load_settings(repository.path, None, files)[0]))


def test_settings_that_an_option_names_are_those_of_the_tree(repository: Repository) -> None:
    tree = commit(repository)
    (repository.path / "named.toml").write_text("[tool.pytest-antipasta]\n")
    commit(repository)
    files = TreeRuleFiles(tree, repository.path, (CommitTree(tree.repository, "HEAD"),))
    message = "named.toml: settings file not found in git's files, only on disk; `git add "
    with pytest.raises(UsageError, match=message):
        load_settings(repository.path, repository.path / "named.toml", files)


def test_nothing_is_read_from_disk_beside_a_bare_repository(repository: Repository, tmp_path: Path) -> None:
    (repository.path / "pyproject.toml").write_text("[tool.pytest-antipasta]\nnested = true\n")
    commit(repository)
    bare = tmp_path / "bare.git"
    repository.git("clone", "--quiet", "--bare", ".", str(bare))
    for name in ("pyproject.toml", ".antipasta.yaml", "sub/pyproject.toml"):
        (bare / name).parent.mkdir(exist_ok=True)
        (bare / name).write_text("[tool.pytest-antipasta]\nwrong = true\n")
    side = open_commit(
        Asked(bare), "HEAD", bare, lambda files: Rules(load_settings(bare, None, files).settings)
    ).complete(["sub/a.py"])
    assert side.rules.settings.nested
    assert side.rules.settings.projects == ()
    assert list(side.files.iter_notes()) == []


def test_a_commit_does_not_choose_where_measurements_are_stored(repository: Repository) -> None:
    file = repository.path / "pyproject.toml"
    file.write_text('[tool.pytest-antipasta]\ncache_dir = "elsewhere"\n')
    tree = commit(repository)
    found = []
    disabled = "[tool.pytest-antipasta]\ncache = false\n"
    for text in (file.read_text(), "", "[tool.pytest-antipasta]\nwrong = 1\n", disabled):
        file.write_text(text)
        side = open_side(
            tree, repository.path, lambda files: Rules(load_settings(repository.path, None, files).settings)
        )
        found.append((side.rules.settings.cache, side.rules.settings.cache_dir))
    assert found == [(True, repository.path / "elsewhere"), (True, None), (True, None), (False, None)]


def test_only_what_was_read_is_told(repository: Repository) -> None:
    (repository.path / "pyproject.toml").write_text("staged")
    repository.git("add", "--all")
    (repository.path / "pyproject.toml").write_text("other")
    assert list(look(repository).iter_notes()) == []


@NEEDS_LINKS
def test_a_folder_that_is_reached_by_a_link(repository: Repository, tmp_path: Path) -> None:
    (repository.path / "pyproject.toml").write_text("staged")
    repository.git("add", "--all")
    (repository.path / "pyproject.toml").unlink()
    (tmp_path / "link").symlink_to(repository.path)
    files = TreeRuleFiles(IndexTree(Asked(repository.path)), tmp_path / "link", ())
    assert files.read(tmp_path / "link" / "pyproject.toml") == b"staged"


def test_what_is_outside_of_the_repository_is_not_staged(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("other")
    assert look(repository).read(tmp_path / "pyproject.toml") == b"other"
    server = TreeRuleFiles(IndexTree(Asked(repository.path)), repository.path, None)
    assert server.read(tmp_path / "pyproject.toml") is None


@pytest.mark.parametrize("folder", [".", "sub"])
def test_settings_and_baselines_are_asked_for_at_once(repository: Repository, folder: str) -> None:
    (repository.path / "sub").mkdir()
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        (repository.path / name).write_text("staged")
    repository.git("add", "--all")
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        (repository.path / name).write_text("other")
    files = look(repository, folder)
    assert files.read(repository.path / "pyproject.toml") == b"staged"
    (repository.path / ".git" / "index").unlink()  # whoever asks git again gets nothing
    for name in ("pyproject.toml", ".antipasta.yaml", "antipasta-baseline.json"):
        assert files.read(repository.path / name) == b"staged"


def test_a_sparse_checkout_has_what_it_leaves_out(repository: Repository) -> None:
    for name in ("a.py", "b.py"):
        (repository.path / name).write_text(name)
    tree = commit(repository)
    repository.git("update-index", "--skip-worktree", "b.py")
    for name in ("a.py", "b.py"):
        (repository.path / name).unlink()
    (repository.path / "c.py").write_text("c.py")
    found = WorktreeTree(tree.repository, ["c.py"])
    listed = found.entries
    assert listed.keys() == {"b.py", "c.py"}
    assert found.read({name: listed[name][0] for name in listed}) == {"b.py": b"b.py", "c.py": b"c.py"}
