"""The history along first parents: commits, what changes from one to the next, and what is not here."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from pytest_antipasta.git.diffs import FileDiff
from pytest_antipasta.git.history import Commit
from pytest_antipasta.git.process import GitError
from pytest_antipasta.git.repository import Repository as OurRepository
from tests.commits import Entry, Objects, write_commit
from tests.conftest import Repository
from tests.windows import NEEDS_LINKS, decode_name

_ZEROS = "0" * 40


def commit(repository: Repository, subject: str, files: dict[str, str | None], time: int = 0) -> str:
    for name, text in files.items():
        path = repository.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        if text is not None:
            path.write_text(text, newline="\n")
    repository.git("add", "--all", ".")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GIT_COMMITTER_DATE", f"@{1_500_000_000 + time} +0000")
        repository.git("commit", "--quiet", "--allow-empty", f"--message={subject}")
    return repository.git("rev-parse", "HEAD").strip()


@pytest.fixture
def merged(repository: Repository) -> list[str]:
    """Two commits and a merge of a branch with one more."""
    first = commit(repository, "first", {"a.py": "x = 1\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    commit(repository, "aside", {"b.py": "x = 2\n"}, 10)
    repository.git("checkout", "--quiet", "main")
    second = commit(repository, "second", {"a.py": "x = 3\n"}, 20)
    repository.git("merge", "--quiet", "--no-ff", "--message=merge", "side")
    return [first, second, repository.git("rev-parse", "HEAD").strip()]


def test_a_merge_is_one_step_from_its_first_parent(repository: Repository, merged: list[str]) -> None:
    ours = OurRepository(repository.path)
    assert [one.name for one in ours.history.list_first_parents("HEAD")] == merged
    changed, brought = ours.diffs.along(merged)
    one, two, three = (
        repository.git("rev-parse", name).strip() for name in ("HEAD~2:a.py", "HEAD:a.py", "HEAD:b.py")
    )
    assert changed == [FileDiff("a.py", two, "a.py", one)]
    assert brought == [FileDiff("b.py", three, None, _ZEROS)]


def test_commits_that_are_not_each_others_parents_are_compared(
    repository: Repository, merged: list[str]
) -> None:
    ours = OurRepository(repository.path)
    (files,) = ours.diffs.along([merged[0], merged[2]])
    assert [diff.path for diff in files] == ["a.py", "b.py"]
    assert list(ours.diffs.along([merged[0], merged[0], merged[2]])) == [[], files]
    assert list(ours.diffs.along(merged[:1])) == []


@NEEDS_LINKS
def test_what_becomes_a_link_is_deleted_and_what_was_one_is_added(repository: Repository) -> None:
    first = commit(repository, "first", {"a.py": "x = 1\n", "c.py": "x = 1\n"})
    (repository.path / "a.py").unlink()
    (repository.path / "a.py").symlink_to("c.py")
    second = commit(repository, "a link", {})
    third = commit(repository, "a file again", {"a.py": "x = 2\n"})
    ours = OurRepository(repository.path)
    there, back = ours.diffs.along([first, second, third])
    assert [(diff.path, diff.old_path) for diff in (*there, *back)] == [(None, "a.py"), ("a.py", None)]


def test_a_renamed_file_may_be_edited_unless_its_content_is_missing(
    repository: Repository, tmp_path: Path
) -> None:
    first = commit(repository, "first", {"a.py": "x = 1\n" * 3, "c.py": "y = 1\n"})
    second = commit(
        repository, "renamed", {"a.py": None, "b.py": "x = 1\n" * 4, "c.py": None, "d.py": "y = 1\n"}
    )
    repository.git("config", "uploadpack.allowFilter", "true")
    clone = str(tmp_path / "clone")
    repository.git("clone", "--quiet", "--filter=blob:none", f"file://{repository.path}", clone)
    whole, partial = (OurRepository(path).diffs for path in (repository.path, tmp_path / "clone"))
    names, same = [first, second], ("d.py", "c.py")
    with pytest.raises(GitError, match="this is a partial clone"):
        list(partial.along(names))
    (files,), (fewer,) = whole.along(names), partial.along(names, reads_contents=False)
    assert [(diff.path, diff.old_path) for diff in files] == [("b.py", "a.py"), same]
    assert [(diff.path, diff.old_path) for diff in fewer] == [(None, "a.py"), ("b.py", None), same]


@pytest.mark.parametrize("subject", [":100644 100644 a b M", "with  two spaces", "a\tb", ""])
def test_subjects_are_whatever_they_are(repository: Repository, subject: str) -> None:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GIT_COMMITTER_DATE", "@1500000000 +0000")
        repository.git(
            *("commit", "--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim"),
            f"--message={subject}",
        )
    (found,) = OurRepository(repository.path).history.list_first_parents("HEAD")
    assert found == Commit(found.name, 1_500_000_000, subject.strip(" "))


def test_paths_need_not_be_utf_8_nor_in_one_line(repository: Repository) -> None:
    first = commit(repository, "first", {})
    names = (b":a\n.py", b"caf\xe9.py")
    objects = Objects(repository.path / ".git/objects", "sha1")
    content, status = objects.write(b"blob", b"x = 1\n"), os.stat_result([0] * 10)
    entries = [Entry(name, 0o100644, content, status) for name in names]
    second = write_commit(repository.path, objects, entries, "odd", 1_500_000_000)
    (files,) = OurRepository(repository.path).diffs.along([first, second])
    assert [diff.path for diff in files] == [*map(decode_name, names)]


def test_no_program_of_the_settings_is_run(repository: Repository, tmp_path: Path, merged: list[str]) -> None:
    mark, program = tmp_path / "mark", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{mark}'\n")
    program.chmod(0o755)
    for name in ("gpg.program", "diff.external", "core.pager", "diff.d.textconv", "diff.orderFile"):
        repository.git("config", name, str(program))
    repository.git("config", "log.showSignature", "true")
    (repository.path / ".gitattributes").write_text("*.py diff=d\n")
    sign(repository)
    ours = OurRepository(repository.path)
    names = [one.name for one in ours.history.list_first_parents("HEAD")]
    assert names[:2] == merged[:2]
    assert len(list(ours.diffs.along(names))) == 2
    assert not mark.exists()
    repository.git("log", "-1")
    assert mark.exists(), "git itself would run it"


def sign(repository: Repository) -> None:
    """Have the last commit say that it is signed."""
    head, _, message = repository.git("cat-file", "commit", "HEAD").partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n none\n -----END PGP SIGNATURE-----"
    path = repository.path / ".git/signed"
    path.write_text(f"{head}\n{signature}\n\n{message}", newline="\n")
    name = repository.git("hash-object", "-t", "commit", "-w", str(path)).strip()
    repository.git("update-ref", "HEAD", name)


def test_there_has_to_be_a_commit(repository: Repository) -> None:
    ours = OurRepository(repository.path)
    with pytest.raises(GitError, match="the current branch has no commits yet"):
        ours.history.list_first_parents("HEAD")
    with pytest.raises(GitError, match="unknown commit 'v1'"):
        ours.history.list_first_parents("v1")
    repository.git("tag", "files", repository.git("write-tree").strip())
    with pytest.raises(GitError, match="unknown commit 'files': it names something else"):
        ours.history.resolve("files")
    (repository.path / ".git/refs/heads/main").write_text("1" * 40)
    with pytest.raises(GitError, match="'HEAD': git has lost it; `git fsck`"):
        ours.history.list_first_parents("HEAD")
    with pytest.raises(GitError, match="'main': git has lost it; `git fsck`"):
        ours.history.resolve("main")
    repository.git("remote", "add", "upstream", "/nowhere")
    (repository.path / ".git/refs/remotes/upstream").mkdir(parents=True)
    (repository.path / ".git/refs/remotes/upstream/main").write_text("1" * 40)
    with pytest.raises(GitError, match="'upstream/main': git has lost it; `git fsck`"):
        ours.history.resolve("upstream/main")


@pytest.mark.parametrize("is_shallow", [False, True])
def test_a_branch_that_a_clone_leaves_out_is_fetched_as_advised(
    repository: Repository, tmp_path: Path, is_shallow: bool
) -> None:
    commit(repository, "first", {"a.py": ""})
    repository.git("checkout", "--quiet", "-b", "feature")
    commit(repository, "second", {"a.py": "x = 1\n"})
    options = ["--depth=1"] if is_shallow else ["--single-branch"]
    clone = tmp_path / "clone"
    repository.git("clone", "--quiet", *options, "--branch=feature", repository.path.as_uri(), str(clone))
    ours = OurRepository(clone)
    with pytest.raises(GitError, match="unknown commit 'origin/main'; this clone does not have") as caught:
        ours.history.resolve("origin/main")
    (command,) = re.findall("`(.*)`", str(caught.value))
    subprocess.run(command.split(), cwd=clone, check=True, capture_output=True)
    assert ours.history.resolve("origin/main")
    with pytest.raises(GitError, match="unknown commit 'origin/mian'; did you mean \"origin/main\"\\?"):
        ours.history.resolve("origin/mian")


def test_commits_since_another_are_counted(repository: Repository, merged: list[str]) -> None:
    history = OurRepository(repository.path).history
    assert history.count_since("HEAD", merged[1]) == 1
    assert history.count_since("HEAD", "side") == 2, "what a merge has brought is known, its parents are not"
    assert history.count_since("HEAD", "HEAD") == 0
    with pytest.raises(GitError, match="unknown commit 'v1'"):
        history.count_since("HEAD", "v1")


def test_a_shallow_clone_is_cut_off(repository: Repository, tmp_path: Path, merged: list[str]) -> None:
    repository.git("clone", "--quiet", "--depth=2", f"file://{repository.path}", str(tmp_path / "clone"))
    shallow = OurRepository(tmp_path / "clone").history
    oldest, newest = shallow.list_first_parents("HEAD")
    assert (shallow.is_cut_off(oldest.name), shallow.is_cut_off(newest.name)) == (True, False)
    assert not OurRepository(repository.path).history.is_cut_off(merged[0])


def test_sizes_are_those_of_what_is_here(repository: Repository, tmp_path: Path, merged: list[str]) -> None:
    one, two = (repository.git("rev-parse", name).strip() for name in ("HEAD~2:a.py", "HEAD:b.py"))
    assert OurRepository(repository.path).objects.list_sizes([one, two, "1" * 40]) == {one: 6, two: 6}
    repository.git("config", "uploadpack.allowFilter", "true")
    origin, clone = f"file://{repository.path}", str(tmp_path / "clone")
    repository.git("clone", "--quiet", "--filter=blob:none", "--no-checkout", origin, clone)
    partial = OurRepository(tmp_path / "clone")
    assert partial.objects.list_sizes([one, two]) == {}
    assert len(list(partial.diffs.along(merged))) == 2, "differences need no contents"


def test_words_for_a_time_are_gits(repository: Repository) -> None:
    history = OurRepository(repository.path).history
    assert 6 * 86400 < history.parse_time("now") - history.parse_time("1 week ago") < 8 * 86400


def test_it_goes_the_same_way_with_sha_256(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "plain")
    repository.git("init", "--quiet", "--object-format=sha256", str(tmp_path / "long"))
    repository.path = tmp_path / "long"
    names = [commit(repository, "first", {"a.py": "x = 1\n"}), commit(repository, "second", {"b.py": ""})]
    ours = OurRepository(repository.path)
    assert [one.name for one in ours.history.list_first_parents("HEAD")] == names
    ((added,),) = ours.diffs.along(names)
    assert len(added.blob) == 64
    assert ours.objects.list_sizes([added.blob]) == {added.blob: 0}
