"""Where histories part, beside what ``git merge-base`` says of them."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.repository import Repository as OurRepository
from tests.conftest import Repository

COMMITS = 60


@pytest.fixture
def history(repository: Repository, seed: int) -> list[str]:
    """The commits of a history with many merges, and some without a parent."""
    chance = random.Random(seed)
    lines = []
    for number in range(1, COMMITS + 1):
        parents = chance.sample(range(1, number), min(number - 1, chance.choice((0, 1, 1, 1, 2, 2, 3))))
        merges = "".join(f"merge :{parent}\n" for parent in parents)
        who = f"committer A. Author <author@example.org> {1_000_000_000 + 100 * number} +0000"
        name = f"refs/heads/made{number}"  # one each, as one that is there would be a parent
        lines.append(f"commit {name}\nmark :{number}\n{who}\ndata 1\n.\n{merges}\n")
    marks = repository.path / "marks"
    command = ["git", "fast-import", "--quiet", f"--export-marks={marks}"]
    subprocess.run(command, cwd=repository.path, input="".join(lines).encode(), check=True)
    return [line.split()[1] for line in marks.read_text().splitlines()]


@pytest.mark.parametrize("seed", range(2))
def test_the_best_common_ancestors_are_gits(repository: Repository, history: list[str], seed: int) -> None:
    chance = random.Random(seed)
    ours = OurRepository(repository.path)
    several = 0
    for _ in range(25):
        commit, *known = chance.sample(history, chance.choice((2, 3, 6)))
        done = subprocess.run(
            ["git", "merge-base", "--all", commit, *known],
            cwd=repository.path, capture_output=True, check=False,
        )  # fmt: skip
        expected = done.stdout.decode().split()
        several += len(expected) > 1
        found = ours.history.merge_bases(commit, known)
        assert sorted([commit] if found is None else found) == sorted(expected)
    assert several


def test_of_an_unknown_commit_there_are_none_to_be_known(repository: Repository) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message=one")
    ours = OurRepository(repository.path)
    assert ours.history.merge_bases("HEAD", ["0" * 40, "no-such-name"]) == []
    with pytest.raises(GitError):
        ours.history.merge_bases("1" * 40, ["HEAD"])


@pytest.mark.parametrize("is_orphan", [False, True])
def test_a_shallow_clone_may_lack_what_is_known(
    repository: Repository, tmp_path: Path, *, is_orphan: bool
) -> None:
    """A push is not compared with nothing, unless its own history is whole."""
    for subject in ("first", "second"):
        repository.git("commit", "--quiet", "--allow-empty", "--message", subject)
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(clone))
    repository.git("commit", "--quiet", "--allow-empty", "--message", "third")
    repository.git(
        "-C", str(clone), "fetch", "--quiet", "--depth=1", "origin", "+main:refs/remotes/origin/main"
    )
    if is_orphan:
        repository.git("-C", str(clone), "checkout", "--quiet", "--orphan", "other")
    repository.git("-C", str(clone), "commit", "--quiet", "--allow-empty", "--message", "ours")
    history = OurRepository(clone).history
    known = history.list_heads("refs/remotes")
    if is_orphan:
        assert history.merge_bases("HEAD", known) == []
    else:
        with pytest.raises(GitError, match="no commit of a remote is an ancestor of "):
            history.merge_bases("HEAD", known)


def test_a_shallow_clone_is_named_where_it_lacks_a_commit(repository: Repository, tmp_path: Path) -> None:
    for subject in ("first", "second", "third"):
        repository.git("commit", "--quiet", "--allow-empty", "--message", subject)
    repository.git("checkout", "--quiet", "-b", "other", "HEAD~")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "beside")
    clone = tmp_path / "clone"
    options = ("--quiet", "--depth=1", "--no-single-branch")
    repository.git("clone", *options, f"file://{repository.path}", str(clone))
    history = OurRepository(clone).history
    with pytest.raises(GitError, match="unknown commit 'origin/main~2'; this is a shallow clone: fetch more"):
        history.resolve("origin/main~2")
    with pytest.raises(GitError, match="no common ancestor; this is a shallow clone: fetch more history"):
        history.common_ancestors("origin/main", "HEAD")
    with pytest.raises(GitError, match='did you mean "origin/main"'):
        history.resolve("origin/mein")


def test_a_branch_of_a_remote_is_meant_and_no_other_that_ends_so(repository: Repository) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message", "first")
    for name in ("heads/bugfix/dev", "remotes/origin/dev", "remotes/fork/dev", "remotes/fork/only"):
        repository.git("update-ref", f"refs/{name}", "HEAD")
    for remote in ("fork", "origin"):
        repository.git("remote", "add", remote, "elsewhere")
    history = OurRepository(repository.path).history
    for name, meant in {"dev": "origin/dev", "only": "fork/only"}.items():
        with pytest.raises(GitError, match=f'did you mean "{meant}"'):
            history.resolve(name)


SHALLOW = "this is a shallow clone: "


@pytest.mark.parametrize(
    ("name", "remote", "message"),
    [
        ("HEAD~2~1", "origin", f"{SHALLOW}fetch more history, such as `git fetch --unshallow origin`"),
        ("HEAD~2~1", "up", f"{SHALLOW}fetch more history, such as `git fetch --unshallow up`"),
        ("origin/dev~1", "origin", "this clone does not have that branch: "),
        ("dev~1", "up", f"{SHALLOW}`git fetch --unshallow --tags up "),
        ("dev~1", "origin", f"{SHALLOW}`git fetch --unshallow --tags origin "),
    ],
)
def test_the_command_for_a_missing_ancestor_gets_it(
    repository: Repository, tmp_path: Path, name: str, remote: str, message: str
) -> None:
    for subject in ("first", "second", "third", "fourth"):
        repository.git("commit", "--quiet", "--allow-empty", "--message", subject)
    repository.git("branch", "dev", "HEAD~")
    clone, options = tmp_path / "clone", ("--quiet", "--depth=1", f"--origin={remote}")
    repository.git("clone", *options, f"file://{repository.path}", str(clone))
    if remote == "origin":  # the others are not asked
        repository.git("-C", str(clone), "remote", "add", "fork", "elsewhere")
    history = OurRepository(clone).history
    with pytest.raises(GitError) as error:
        history.resolve(name)
    assert f"unknown commit {name!r}; {message}" in str(error.value)
    subprocess.run(str(error.value).split("`")[1], shell=True, cwd=clone, check=True, capture_output=True)
    assert history.knows(name) or history.knows(f"{remote}/{name}")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("HEAD~2", "HEAD has no such ancestor"),
        ("HEAD^2", "HEAD has no such ancestor"),
        ("HEAD~1~1", "HEAD~1 has no such ancestor"),
        ("mian~1", 'did you mean "main"?'),
    ],
)
def test_a_missing_ancestor_is_told_from_a_missing_name(repository: Repository, name: str, hint: str) -> None:
    for subject in ("first", "second"):
        repository.git("commit", "--quiet", "--allow-empty", "--message", subject)
    with pytest.raises(GitError) as error:
        OurRepository(repository.path).history.resolve(name)
    assert str(error.value) == f"unknown commit {name!r}; {hint}"


@pytest.mark.parametrize(
    ("branches", "head", "expected"),
    [
        pytest.param([], None, None, id="none"),
        pytest.param(["heads/master", "heads/main"], None, "main", id="two local ones"),
        pytest.param(["heads/main", "remotes/origin/master"], None, "origin/master", id="one of origin"),
        pytest.param(
            ["remotes/origin/main", "remotes/origin/next"],
            "next",
            "origin/next",
            id="the head of origin",
        ),
        pytest.param(["heads/main"], "main", "main", id="a head of origin that is gone"),
        pytest.param(["heads/main", "tags/main"], None, "heads/main", id="one beside a tag of its name"),
        pytest.param(["heads/main", "checked out"], None, None, id="a local one that is checked out"),
        pytest.param(
            ["heads/main", "remotes/origin/main", "checked out"],
            None,
            "origin/main",
            id="that of origin for one that is checked out",
        ),
    ],
)
def test_the_default_branch(
    repository: Repository, branches: list[str], head: str | None, expected: str | None
) -> None:
    repository.git("switch", "--quiet", "--create", "task")
    repository.git("commit", "--quiet", "--allow-empty", "--message=one")
    for name in branches:
        if name == "checked out":
            repository.git("symbolic-ref", "HEAD", f"refs/{branches[0]}")
        else:
            repository.git("update-ref", f"refs/{name}", "HEAD")
    if head is not None:
        repository.git("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/remotes/origin/{head}")
    assert OurRepository(repository.path).history.find_default_branch() == expected


@pytest.mark.parametrize(("remotes", "expected"), [(["up"], "up/main"), (["fork", "origin"], "origin/main")])
def test_the_default_branch_is_that_of_the_main_remote(
    repository: Repository, remotes: list[str], expected: str
) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message=one")
    for remote in remotes:
        repository.git("remote", "add", remote, "elsewhere")
        repository.git("update-ref", f"refs/remotes/{remote}/main", "HEAD")
    assert OurRepository(repository.path).history.find_default_branch() == expected
