"""Memos of trees: what a run over a commit finds, and what git says is otherwise now."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest
from msgspec.structs import replace

from pytest_antipasta.cli import main
from pytest_antipasta.engine import memo, memo_keeping
from pytest_antipasta.engine.memo import Recalled
from pytest_antipasta.engine.storage.stat_index import IndexEntries, StatIndex
from pytest_antipasta.engine.storage.storage import current_fingerprint
from pytest_antipasta.store.local import LocalStore
from tests.commits import commit_all
from tests.conftest import Repository
from tests.memos import NEEDS_MEMOS, watch_memos
from tests.plugin.conftest import FAILING, PASSING, SETTINGS
from tests.tables import keep_quick

pytestmark = NEEDS_MEMOS

FILES = 8
REMEMBERS = "SELECT count(*) FROM Cache WHERE substr(key, 1, 4) = CAST('memo' AS BLOB)"


def git(*words: str) -> None:
    """Run git in the current folder."""
    command = ("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words)
    subprocess.run(command, check=True, capture_output=True)


def read_status() -> str:
    """Return what git says has changed."""
    return subprocess.run(("git", "status", "--porcelain"), check=True, capture_output=True, text=True).stdout


def count_memos(cache_dir: Path) -> int:
    """Return how many memos a store has."""
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database:
        (number,) = database.execute(REMEMBERS).fetchone()
    return int(number)


def write(path: str, content: str) -> None:
    """Write a file."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(content)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small repository is worth a memo; its files are old enough for their status to say something."""
    monkeypatch.setattr(memo_keeping, "SMALLEST_INDEX", 0)
    monkeypatch.setattr(memo, "MOST_DIFFERENCES", 2)
    now, now_ns = time.time, time.time_ns
    monkeypatch.setattr(time, "time", lambda: now() + 10)
    monkeypatch.setattr(time, "time_ns", lambda: now_ns() + 10**10)


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a memo says is compared with files, which would show that it is wrong."""
    monkeypatch.setattr(memo_keeping, "SAMPLE", 0)


@pytest.fixture
def recalled(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The files that were judged in each run that used a memo."""
    found: list[list[str]] = []

    def note(memo: Recalled | None) -> None:
        if memo is not None:
            found.append([file.path for file in memo.files])

    watch_memos(monkeypatch, note)
    return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the projects below are once they are made, each with its store."""
    return tmp_path_factory.mktemp("kept")


Make: TypeAlias = Callable[[], None]


@pytest.fixture
def enter(kept: Path, cache_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Make], Path]:
    """Return what makes a project once, and puts it with its store where it was made for each other test."""

    def enter(make: Make) -> Path:
        root, copy, store = (kept / place / make.__name__ for place in ("projects", "copies", "stores"))
        if copy.exists():
            shutil.rmtree(root)
            shutil.copytree(copy, root, symlinks=True)
            shutil.copytree(store, cache_dir)
            monkeypatch.chdir(root)
            git("update-index", "-q", "--refresh")  # else all files of the copy seem to be changed to git
        else:
            root.mkdir(parents=True)
            monkeypatch.chdir(root)
            make()
            shutil.copytree(root, copy, symlinks=True)
            shutil.copytree(cache_dir, store)
        return root

    return enter


# Files have different numbers of functions.
MORE = "def more(): pass\n"


def make_project() -> None:
    write("pyproject.toml", SETTINGS)
    for number in range(FILES - 1):
        write(f"pkg/a{number}.py", PASSING + number * MORE)
    write("bad.py", FAILING)
    Repository(Path.cwd())
    commit_all(Path.cwd(), "one")
    assert main(["check"]) == 1


@pytest.fixture
def project(enter: Callable[[Make], Path]) -> Path:
    """A repository of some files, one of which fails; all is committed, and was checked once."""
    return enter(make_project)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Return what a check says, without how it was found and what it took."""

    def say(*arguments: str) -> list[str]:
        capsys.readouterr()
        code = main(["check", *arguments])
        captured = capsys.readouterr()
        lines = [
            line for line in (captured.out + captured.err).splitlines() if not line.startswith("checked ")
        ]
        return [str(code), *(line for line in lines if " s with " not in line)]

    return say


def test_a_clean_tree_is_not_looked_at_and_its_files_are_counted(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    assert say() == say("--no-cache")
    assert "debug: 8 files checked, 1 failed; 8 hits, 0 misses" in say("--debug")
    assert recalled == [[], []]


def edit() -> None:
    write("pkg/a1.py", FAILING)


def add() -> None:
    write("pkg/new.py", FAILING)


def delete() -> None:
    Path("bad.py").unlink()


def forget() -> None:
    git("rm", "--quiet", "--cached", "pkg/a1.py")


def stage_intent() -> None:
    write("pkg/new.py", FAILING)
    git("add", "-N", "pkg/new.py")


def move() -> None:
    git("mv", "bad.py", "pkg/moved.py")


def commit() -> None:
    write("pkg/a1.py", FAILING)
    git("commit", "--quiet", "-am", "two")


def link() -> None:
    Path("pkg/a1.py").unlink()
    Path("pkg/a1.py").symlink_to("a2.py")


def make_environment() -> None:
    write("env/pyvenv.cfg", "")
    write("env/new.py", FAILING)


@pytest.mark.parametrize(
    ("change", "judged"),
    keep_quick(
        [
            pytest.param(edit, ["pkg/a1.py"], id="an edited file"),
            pytest.param(add, ["pkg/new.py"], id="a new file"),
            pytest.param(delete, [], id="a deleted file"),
            pytest.param(forget, ["pkg/a1.py"], id="a file that git tracks no more"),
            pytest.param(stage_intent, ["pkg/new.py"], id="a file that is to be added"),
            pytest.param(move, ["pkg/moved.py"], id="a moved file"),
            pytest.param(commit, ["pkg/a1.py"], id="another commit"),
            pytest.param(link, [], id="a link in the place of a file"),
            pytest.param(lambda: write("pkg/pyvenv.cfg", ""), [], id="an environment of tracked files"),
            pytest.param(make_environment, [], id="an environment"),
        ],
        "an edited file",
        "a new file",
        "a deleted file",
        "another commit",
        "an environment",
    ),
)
def test_what_differs_is_judged(
    project: Path, recalled: list[list[str]], say: Any, change: Callable[[], None], judged: list[str]
) -> None:
    change()
    assert [say(), say()] == 2 * [say("--no-cache")]
    assert recalled == [judged] * 2


SCRIPT = f"#!/usr/bin/env python3\n{FAILING}"
SHELL = "#!/bin/sh\n"


def write_program(path: str, content: str, mode: int = 0o755) -> None:
    write(path, content)
    Path(path).chmod(mode)


def make_programs() -> None:
    make_project()
    write_program("bin/tool", SCRIPT)
    write_program("bin/shell", SHELL)
    write_program("bin/text", SCRIPT, 0o644)
    commit_all(Path.cwd(), "programs")
    main(["cache", "clear"])
    main(["check"])


@pytest.fixture
def programs(enter: Callable[[Make], Path]) -> Path:
    """The same with scripts and other programs, which a memo knows."""
    return enter(make_programs)


def replace_folder() -> None:
    Path("bin").rename("pkg/bin")
    Path("bin").symlink_to("pkg/bin")
    git("config", "core.excludesFile", str(Path("ignored").absolute()))
    write("ignored", "/pkg/bin\n")


def write_in_index() -> None:
    git("config", "core.fileMode", "false")
    git("update-index", "--chmod=-x", "bin/tool")


def commit_programs() -> None:
    for number in range(3):
        write_program(f"bin/new{number}", SCRIPT)
    git("add", "-A")
    git("commit", "--quiet", "-m", "more")


@pytest.mark.parametrize(
    ("change", "judged"),
    keep_quick(
        [
            pytest.param(lambda: None, [], id="nothing"),
            pytest.param(lambda: Path("bin/text").chmod(0o755), ["bin/text"], id="executable now"),
            pytest.param(write_in_index, [], id="not executable in the index"),
            pytest.param(lambda: write("bin/shell", SCRIPT), ["bin/shell"], id="another first line"),
            pytest.param(lambda: write("bin/tool", f"{SCRIPT}x = 1\n"), ["bin/tool"], id="edited"),
            pytest.param(lambda: write_program("pkg/new", SCRIPT), ["pkg/new"], id="untracked"),
            pytest.param(replace_folder, [], id="a link in the place of a folder"),
            pytest.param(commit_programs, [], id="another commit"),
        ],
        "executable now",
        "not executable in the index",
        "edited",
        "untracked",
        "another commit",
    ),
)
def test_scripts_are_those_of_a_run_without_a_memo(
    programs: Path, recalled: list[list[str]], say: Any, change: Callable[[], None], judged: list[str]
) -> None:
    change()
    for _ in range(2):
        assert say() == say("--no-cache")
    # A commit that is far away gets its own memo first.
    assert recalled == ([[]] if change is commit_programs else [judged] * 2)


def test_a_memo_of_a_later_commit_knows_its_scripts(
    programs: Path, recalled: list[list[str]], say: Any
) -> None:
    for path in ("bin/tool", "pkg/a0.py", "pkg/a1.py"):
        write(path, SHELL if path == "bin/tool" else PASSING)
    write_program("bin/new", SCRIPT)
    write_program("bin/other", SCRIPT)
    git("add", "-A")
    git("commit", "--quiet", "-m", "two")
    Path("bin/other").chmod(0o644)  # when the memo is made
    say()
    Path("bin/other").chmod(0o755)
    write("bin/tool", f"{SHELL}exit\n")
    write("bin/new", SHELL)
    assert [say(), say()] == 2 * [say("--no-cache")]
    assert recalled == [["bin/other"]] * 2


@pytest.mark.parametrize("is_committed", [False, True])
def test_notebooks_without_a_decision_leave_no_memo(
    project: Path, recalled: list[list[str]], say: Any, is_committed: bool
) -> None:
    write("pkg/a.ipynb", "{}")
    if is_committed:
        commit_all(Path.cwd(), "a notebook")
    for _ in range(2):
        assert say() == say("--no-cache")
    assert any("1 notebook not checked" in line for line in say())
    assert recalled == []
    write("pyproject.toml", f"[tool.pytest-antipasta]\nnotebooks = false\n{SETTINGS}")
    for _ in range(2):
        assert say() == say("--no-cache")
    assert recalled == [[]]


def flag() -> None:
    git("update-index", "--assume-unchanged", "pkg/a1.py")


def nest() -> None:
    Path("inner").mkdir()
    git("init", "--quiet", "inner")


def add_module() -> None:
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(Path.cwd()), "module")


def conflict() -> None:
    for branch in ("one", "two"):
        git("checkout", "--quiet", "-B", branch, "HEAD" if branch == "one" else "HEAD~1")
        write("pkg/a1.py", f"{PASSING}y = '{branch}'\n")
        git("commit", "--quiet", "-am", branch)
    subprocess.run(("git", "merge", "--quiet", "one"), capture_output=True, check=False)


def ignore_case() -> None:
    git("config", "core.ignoreCase", "true")
    Path("bad.py").rename("Bad.py")


def compose() -> None:
    git("config", "core.precomposeUnicode", "true")
    edit()


def choose_worktree() -> None:
    git("config", "core.worktree", "../..")
    edit()


def replace_object() -> None:
    """Have git check out another content of a file, and see no difference."""
    git("replace", "HEAD:pkg/a1.py", "HEAD:bad.py")
    Path("pkg/a1.py").unlink()
    git("checkout", "pkg/a1.py")
    os.utime(".git/index", (time.time(), time.time()))  # later than the file
    assert read_status() == ""


def ignore_settings() -> None:
    write(".git/info/exclude", "pyproject.toml\n.gitattributes\n")
    write("pkg/pyproject.toml", SETTINGS)


def ignore_attributes() -> None:
    """Have git see no difference in a file that can't be decoded."""
    write(".git/info/exclude", "pyproject.toml\n.gitattributes\n")
    encode_in_folder()


def set_in_folder() -> None:
    write("pkg/pyproject.toml", SETTINGS)


def encode_in_folder() -> None:
    write("pkg/.gitattributes", "*.py working-tree-encoding=UTF-16\n")
    Path("pkg/a1.py").write_bytes(Path("pkg/a1.py").read_bytes().decode().encode("utf-16"))
    git("add", "-u")
    assert read_status() == ""


@pytest.mark.parametrize("change", [set_in_folder, encode_in_folder])
def test_tracked_files_in_an_ignored_folder_are_judged_in_each_run(
    project: Path, trusted: None, recalled: list[list[str]], say: Any, change: Callable[[], None]
) -> None:
    write(".gitignore", "pkg/\n")
    commit_all(project, "two")
    main(["cache", "clear"])
    say()
    change()
    assert say() == say("--no-cache")
    assert recalled == [[f"pkg/a{number}.py" for number in range(FILES - 1)]]


@pytest.mark.parametrize(
    "change",
    keep_quick(
    [
        pytest.param(ignore_case, id="a name in other letters, which are the same to git"),
        pytest.param(compose, id="names that git composes"),
        pytest.param(choose_worktree, id="a working tree elsewhere"),
        pytest.param(ignore_settings, id="ignored settings of a folder"),
        pytest.param(ignore_attributes, id="ignored attributes"),
        pytest.param(flag, id="a file that git does not look at"),
        pytest.param(lambda: git("sparse-checkout", "set", "other"), id="a sparse working tree"),
        pytest.param(conflict, id="a conflict"),
        pytest.param(nest, id="another repository"),
        pytest.param(replace_object, id="a replaced object"),
        pytest.param(add_module, id="a submodule"),
        pytest.param(lambda: write(".gitattributes", "*.py ident\n"), id="attributes"),
        pytest.param(lambda: write(".git/info/attributes", "*.py ident\n"), id="attributes of the clone"),
        pytest.param(lambda: write("pkg/pyproject.toml", SETTINGS), id="settings of a folder"),
        pytest.param(lambda: write("pyproject.toml", f"{SETTINGS}nested = true\n"), id="nested settings"),
        pytest.param(lambda: git("update-ref", "-d", "HEAD"), id="no commit"),
    ],
        "a file that git does not look at",
        "a sparse working tree",
        "a conflict",
        "a submodule",
        "attributes",
        "settings of a folder",
        "no commit",
    ),
)  # fmt: skip
def test_all_files_are_looked_at_where_git_may_say_something_else(
    project: Path, trusted: None, recalled: list[list[str]], say: Any, change: Callable[[], None]
) -> None:
    change()
    assert say() == say("--no-cache")
    assert recalled == []


def test_settings_are_read_whatever_file_git_config_is_told_to_read(
    project: Path, trusted: None, recalled: list[list[str]], say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG", os.devnull)
    say()
    assert recalled == [[]]
    git("config", "--file", ".git/config", "core.ignoreCase", "true")
    say()
    assert recalled == [[]]


@pytest.mark.parametrize("setting", ["core.ignoreCase=true", "core.precomposeUnicode=true"])
def test_no_memo_is_made_or_deleted_where_git_may_say_something_else(
    project: Path, recalled: list[list[str]], say: Any, setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", f"'{setting}'")
    for options in ([], ["--limit", "cognitive_complexity=3"]):
        assert say(*options) == say(*options)
    monkeypatch.delenv("GIT_CONFIG_PARAMETERS")
    assert recalled == []
    say()
    assert recalled == [[]], "the memo of before"
    say("--limit", "cognitive_complexity=3")
    assert recalled == [[]]


def test_a_link_that_git_has_as_a_file_is_looked_at(
    project: Path, trusted: None, recalled: list[list[str]], say: Any
) -> None:
    Path("link.py").symlink_to("def f(:")
    git("add", "-A")
    git("commit", "--quiet", "-m", "two")
    main(["cache", "clear"])
    say()
    git("config", "core.symlinks", "false")
    Path("link.py").unlink()
    Path("link.py").write_text("def f(:")
    assert read_status() == "", "to git it is the link"
    assert say() == say("--no-cache")
    assert recalled == [["link.py"]]


def test_attributes_of_another_tree_make_another_memo(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    git("config", "attr.tree", "HEAD~1")
    say()
    assert recalled == [], "attributes may be others"
    say()
    assert recalled == [[]]
    git("config", "--unset", "attr.tree")
    say()
    assert recalled == [[]]


def test_what_makes_a_memo_impossible_is_looked_at_again_at_the_next_commit(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    options = ("--limit", "cognitive_complexity=3")
    flag()
    say(*options)
    git("update-index", "--no-assume-unchanged", "pkg/a1.py")
    say(*options)
    write("pkg/a1.py", PASSING)
    git("commit", "--quiet", "-am", "two")
    say(*options)
    assert recalled == []
    say(*options)
    assert recalled == [[]]


def test_a_conflict_keeps_the_memo_of_before_and_does_not_prevent_one(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    options = ("--limit", "cognitive_complexity=3")
    conflict()
    for asked in ((), options):
        assert say(*asked) == say("--no-cache", *asked)
    git("merge", "--abort")
    assert recalled == []
    say()
    assert recalled == [["pkg/a1.py"]], "the memo of the commit before both"
    say(*options)
    say(*options)
    assert recalled[1:] == [[]]


def test_what_a_baseline_tolerates_is_judged_again(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    main(["baseline", "write", "--quiet"])
    git("add", "-A")
    git("commit", "--quiet", "-m", "two")
    assert [say(), say()] == 2 * [say("--no-cache")]
    write("pkg/a1.py", FAILING)  # not where the entry is for
    Path("bad.py").unlink()
    assert say() == say("--no-cache")
    assert recalled == [["bad.py"], ["pkg/a1.py"]]


@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda _: b"\x00", id="all of it"),
        pytest.param(
            lambda known: msgspec.msgpack.encode(replace(known, functions_by_path=b"x")),
            id="the numbers of functions",
        ),
    ],
)
def test_a_corrupt_memo_is_a_miss(
    encode: Callable[[memo.Memo], bytes],
    project: Path,
    recalled: list[list[str]],
    say: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memo_keeping, "_encode", encode)
    edit()
    git("commit", "--quiet", "-am", "two")
    write("pkg/a2.py", FAILING)
    say("--limit", "cognitive_complexity=3")
    said = say("--limit", "cognitive_complexity=3")
    assert "the stored result of this commit was corrupt; all files were checked" in said
    assert recalled == []


@pytest.mark.parametrize("prevents", [False, True], ids=["another is made", "no other can be made"])
def test_a_memo_damaged_in_the_store_is_a_miss_that_is_reported_once(
    project: Path, recalled: list[list[str]], say: Any, cache_dir: Path, prevents: bool
) -> None:
    if prevents:
        conflict()
    expected = say("--no-cache")
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET value = x'00' WHERE substr(key, 1, 4) = CAST('memo' AS BLOB)")
    line = "the stored result of this commit was corrupt; all files were checked"
    assert [said for said in say() if said not in expected] == [line]
    assert say() == expected
    assert recalled == ([] if prevents else [[]])


def leave_out(known: memo.Memo) -> memo.Memo:
    return replace(known, verdicts=())


def change_number(known: memo.Memo) -> memo.Memo:
    (verdict,) = known.verdicts
    first, *others = verdict.violations
    return replace(
        known, verdicts=(replace(verdict, violations=(replace(first, value=first.value + 1), *others)),)
    )


def accuse(known: memo.Memo) -> memo.Memo:
    (verdict,) = known.verdicts
    return replace(known, verdicts=(verdict, replace(verdict, path="pkg/a3.py")))


def accuse_nothing(known: memo.Memo) -> memo.Memo:
    (verdict,) = known.verdicts
    return replace(known, verdicts=(verdict, replace(verdict, path="pkg/none.py")))


def test_a_wrong_memo_is_dropped(
    project: Path, recalled: list[list[str]], say: Any, monkeypatch: pytest.MonkeyPatch, cache_dir: Path
) -> None:
    main(["cache", "clear"])
    encode = memo_keeping._encode
    with monkeypatch.context() as patched:
        patched.setattr(memo_keeping, "_encode", lambda made: encode(leave_out(made)))
        say()
    assert any("was wrong about bad.py and has been deleted" in line for line in say())
    assert count_memos(cache_dir) == 0
    assert say() == say("--no-cache")
    assert len(recalled) == 1


def test_what_comes_up_while_it_is_compared_is_said(
    project: Path, recalled: list[list[str]], say: Any, cache_dir: Path
) -> None:
    say()
    with closing(sqlite3.connect(cache_dir / "v1" / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET value = x'00' WHERE length(key) = 40")
    assert any("a stored measurement is corrupt" in line for line in say())
    assert recalled == [[], []]


@pytest.mark.parametrize(
    ("forge", "place"),
    keep_quick(
        [
            pytest.param(change_number, "bad.py", id="another number"),
            pytest.param(accuse, "pkg/a3.py", id="a verdict on a file that passes"),
            pytest.param(accuse_nothing, ".", id="a verdict on no file"),
            pytest.param(lambda known: replace(known, files=FILES + 1), ".", id="the number of files"),
            pytest.param(lambda known: replace(known, functions=9), ".", id="the number of functions"),
        ],
        "another number",
        "the number of files",
    ),
)
def test_verifying_the_store_compares_the_memo_with_all_files(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    cache_dir: Path,
    capsys: pytest.CaptureFixture[str],
    forge: Callable[[memo.Memo], memo.Memo],
    place: str,
) -> None:
    assert main(["cache", "verify"]) == 0
    main(["cache", "clear"])
    encode = memo_keeping._encode
    with monkeypatch.context() as patched:
        patched.setattr(memo_keeping, "_encode", lambda made: encode(forge(made)))
        main(["check"])
    capsys.readouterr()
    assert main(["cache", "verify"]) == 1
    assert f"the memo of the commit is wrong about {place}\n" in capsys.readouterr().out
    main(["cache", "verify", "--repair"])
    assert count_memos(cache_dir) == 0


def test_a_tree_that_is_gone_is_a_miss(project: Path, recalled: list[list[str]], say: Any) -> None:
    edit()
    git("add", "-A")
    git("commit", "--quiet", "--amend", "-m", "other")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    assert say() == say("--no-cache")
    assert recalled == []


def test_what_a_file_monitor_has_said_is_not_believed(
    project: Path, recalled: list[list[str]], say: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monitor = tmp_path_factory.mktemp("monitor") / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {monitor}.ran\nprintf 'token\\0'\n")
    monitor.chmod(0o755)
    git("config", "core.fsmonitor", str(monitor))
    git("update-index", "--fsmonitor")
    git("status")
    edit()
    assert read_status() == "", "git believes that nothing has changed"
    Path(f"{monitor}.ran").unlink()
    assert say() == say("--no-cache")
    assert recalled == [["pkg/a1.py"]]
    assert not Path(f"{monitor}.ran").exists()


def test_a_cache_of_untracked_files_is_not_believed(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    for name, value in {"untrackedCache": "true", "trustctime": "false", "checkStat": "minimal"}.items():
        git("config", f"core.{name}", value)
    Path(".git/info/exclude").write_text("ignored\n")
    Path("pkg/ignored").touch()
    os.utime("pkg", (1, 1))
    for _ in range(3):
        git("status")
    Path("pkg/ignored").unlink()  # a folder in memory has a size for each of its files
    add()
    os.utime("pkg", (1, 1))
    assert read_status() == "", "git believes that there is no new file"
    assert say() == say("--no-cache")
    assert recalled == [["pkg/new.py"]]


@pytest.mark.usefixtures("trusted")
def test_what_differs_is_not_in_the_index_until_all_files_are_looked_at(
    project: Path, recalled: list[list[str]], say: Any, cache_dir: Path
) -> None:
    """Adding it would need the whole index, which a run that uses a memo does not read."""

    def read_index() -> IndexEntries:
        with closing(LocalStore(cache_dir)) as store:
            return StatIndex(str(project), current_fingerprint(), store.get).read().entries

    before = read_index()
    write("pkg/a1.py", PASSING)
    say()
    assert recalled == [["pkg/a1.py"]]
    assert before.keys() > {"pkg/a1.py"}
    assert read_index() == before


def test_a_run_over_the_named_root_makes_a_memo(project: Path, recalled: list[list[str]], say: Any) -> None:
    options = ("--limit", "cognitive_complexity=3")
    assert say(".", *options) == say("--no-cache", *options)
    assert recalled == []
    say(*options)
    assert recalled == [[]]


def test_the_root_can_be_named_and_a_run_begin_in_a_subfolder(
    project: Path, recalled: list[list[str]], say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit()
    assert say(".") == say() == say("--no-cache")
    assert say("..") == say("--no-cache", "..")
    monkeypatch.chdir("pkg")
    assert say() == say("--no-cache")
    assert recalled == [["pkg/a1.py"]] * 3
    assert say(".") == say("--no-cache", ".")
    assert len(recalled) == 3


@pytest.mark.parametrize("named", [["pkg/a2.py"], []])
def test_a_hook_takes_whole_files_from_the_memo(
    project: Path,
    recalled: list[list[str]],
    capsys: pytest.CaptureFixture[str],
    cache_dir: Path,
    named: list[str],
) -> None:
    add()
    said = []
    for options in (["--whole"], ["--whole", "--no-cache"]):
        capsys.readouterr()
        said.append((main(["hook", *options, *named]), *capsys.readouterr()))
    assert said[0] == said[1]
    assert said[0][0] == (named != ["pkg/a2.py"])
    assert recalled == [["pkg/new.py"]]
    assert count_memos(cache_dir) == 1


def test_a_hook_over_some_files_makes_no_memo(
    project: Path, recalled: list[list[str]], say: Any, cache_dir: Path
) -> None:
    main(["cache", "clear"])
    main(["hook", "--whole", "pkg/a2.py"])
    assert count_memos(cache_dir) == 0
    say()
    for number in range(3):  # far enough for another memo
        write(f"pkg/a{number}.py", FAILING)
    git("commit", "--quiet", "-am", "two")
    main(["hook", "--whole", "pkg/a2.py"])
    assert say() == say("--no-cache")
    assert recalled == []


def test_what_is_asked_for_is_looked_at_where_git_may_say_something_else(
    project: Path, recalled: list[list[str]], say: Any
) -> None:
    make_environment()
    for asked in (["env"], ["pkg", "bad.py"]):
        assert say(*asked) == say("--no-cache", *asked)
    assert recalled == []


def test_a_run_inside_of_ignored_settings_makes_no_memo_for_others(
    project: Path, recalled: list[list[str]], say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("pkg/pyproject.toml", SETTINGS)
    commit_all(project, "two")
    monkeypatch.chdir("pkg")
    say("--config", "../pyproject.toml")
    monkeypatch.chdir(project)
    assert say() == say("--no-cache")
    assert any("settings ignored in this run: pkg/pyproject.toml" in line for line in say())
    assert recalled == []


def test_another_version_makes_its_own_memo(
    project: Path, recalled: list[list[str]], say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memo_keeping, "VERSION", "0.0.9")
    assert say() == say("--no-cache")
    assert recalled == []
    say()
    assert recalled == [[]]


def test_it_is_in_the_store_once_for_each_set_of_rules(project: Path, say: Any, cache_dir: Path) -> None:
    say("--limit", "cognitive_complexity=3")
    say("--no-cache", "--limit", "cognitive_complexity=4")
    assert count_memos(cache_dir) == 2
