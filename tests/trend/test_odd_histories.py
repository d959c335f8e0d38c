"""Histories that are cut off, broken, empty or strange: what is missing is told, nothing is fetched."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_antipasta.cli import main
from pytest_antipasta.model.errors import FETCH
from tests.conftest import Repository
from tests.tables import ONE_LIMIT
from tests.trend.conftest import FIRST_DAY, Past, function
from tests.windows import NEEDS_LINKS, can_be_on_disk, decode_name


def test_a_shallow_clone_begins_where_it_is_cut_off(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in range(4):
        past.record({f"a{day}.py": function(5, f"f{day}")}, day)
    whole = past.ask()
    past.git("clone", "--quiet", "--depth=2", f"file://{past.path}", str(tmp_path / "clone"))
    (tmp_path / "clone/pyproject.toml").write_text((past.path / "pyproject.toml").read_text())
    monkeypatch.chdir(tmp_path / "clone")
    shallow = past.ask()
    assert shallow["commits"] == whole["commits"][2:]
    assert (whole["is_cut_off"], shallow["is_cut_off"]) == (False, True)
    assert [one["since"] for one in shallow["standing"]] == [None] * 3 + [whole["commits"][3]["commit"]]
    assert "shallow clone: older" in past.run()
    assert "shallow clone" not in past.run("--commits", "1")
    for without in (["--ref", "HEAD~1", "--hotspots"], ["--ref", "HEAD~1", "--metric", "lines_of_code"]):
        assert "shallow clone: older" in past.run(*without)


def test_replaced_objects_are_not_followed(past: Past) -> None:
    """As in the gate: a reference in one clone must not make another history of what was committed."""
    for day in range(4):
        past.record({"a.py": function(2 + day)}, day)
    before = past.ask()
    first, last = (past.git("rev-parse", f"{commit}:a.py").strip() for commit in ("HEAD~3", "HEAD"))
    past.git("replace", "--graft", "HEAD~1")
    past.git("replace", last, first)
    assert past.git("rev-list", "--count", "HEAD").strip() == "2"
    assert past.git("show", "HEAD:a.py") == function(2)
    assert past.ask("--no-cache") == before


def test_a_graft_is_where_git_goes(past: Past) -> None:
    """``.git/info/grafts`` is git's older way to cut histories off and to join them."""
    for day in range(3):
        past.record({f"a{day}.py": function(5, f"f{day}")}, day)
    older = past.ask()["commits"]
    past.git("checkout", "--quiet", "--orphan", "new")
    past.git("rm", "--quiet", "-r", "--force", ".")
    root = past.record({"b.py": function(5)}, 3)
    assert len(past.ask()["commits"]) == 1
    grafts = past.path / ".git/info/grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{root} {older[-1]['commit']}\n")
    joined = past.ask()
    assert joined["commits"][:-1] == older
    assert joined["commits"][-1]["files"] == 1
    grafts.write_text(f"{root} {older[-1]['commit']}\n{older[1]['commit']}\n")
    cut = past.ask()
    assert (cut["commits"], cut["is_cut_off"]) == (joined["commits"][1:], True)


def test_what_is_wrong_is_reported_also_where_there_is_nothing_to_show(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.record({"a.txt": "x"})
    past.record({"b.txt": "x"}, 1)
    past.git("clone", "--quiet", "--depth=1", f"file://{past.path}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    told = ["no commit has a source file in these paths", "shallow clone"]
    assert [line.partition(":")[0] for line in past.run().splitlines()] == told
    monkeypatch.chdir(past.path)
    past.record({"a.py": "x = 1\n"}, 2)
    past.blob_file("HEAD:a.py").unlink()
    told = ["no existing file was changed", "not measured (missing): 1 content", FETCH]
    assert past.run("--hotspots", "--commits", "1", code=3).splitlines() == told


def test_what_a_partial_clone_lacks_is_counted_and_never_fetched(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.record({"a.py": "x = 1\n", "b.py": "y = 1\n"})
    past.record({"a.py": "x = 1\nx = 2\n"}, 1)
    past.record({"a.py": "x = 3\n" * 3}, 2)
    past.git("config", "uploadpack.allowFilter", "true")
    origin, clone = f"file://{past.path}", tmp_path / "clone"
    past.git("clone", "--quiet", "--filter=blob:none", origin, str(clone))
    monkeypatch.chdir(clone)
    answer = past.ask(code=3)
    assert [(one["files"], one["errors"]) for one in answer["commits"]] == [(2, 1), (2, 1), (2, 0)]
    assert [one["sum"]["lines_of_code"] for one in answer["commits"]] == [1, 1, 4]
    assert answer["unmeasured"] == {"missing": 2}
    assert f"not measured (missing): 2 contents\n{FETCH}\n" in past.run(code=3)
    missing = subprocess.run(
        ["git", "rev-list", "--objects", "--all", "--missing=print"],
        cwd=clone,
        capture_output=True,
        check=True,
    )
    assert missing.stdout.count(b"?") == 2


def test_a_partial_clone_lacks_what_tells_a_renamed_file_from_a_new_one(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.record({"a.py": function(3)})
    past.record({"a.py": None, "b.py": function(4)}, 1)
    past.git("config", "uploadpack.allowFilter", "true")
    past.git("clone", "--quiet", "--filter=blob:none", f"file://{past.path}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    assert [one["files"] for one in past.ask(code=3)["commits"]] == [1, 1]
    for args in (["--hotspots"], ["b.py::f"]):
        assert "this is a partial clone; fetch the rest with `git fetch" in past.run(*args, code=2)


def test_numbers_that_are_known_of_what_a_clone_lacks_are_none_to_follow(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = (function(3), f"x = 1\n\n{function(4)}", function(5), f"x = 2\n{function(5)}")
    for day, text in enumerate(texts):
        past.record({"a.py": text}, day)
    assert len(past.ask("a.py::f")["steps"]) == 3
    assert past.ask("--hotspots")["block_hotspots"][0]["changes"] == 2
    past.git("config", "uploadpack.allowFilter", "true")
    past.git("clone", "--quiet", "--filter=blob:none", f"file://{past.path}", str(tmp_path / "clone"))
    monkeypatch.chdir(tmp_path / "clone")
    assert past.ask()["unmeasured"] == {}
    assert past.ask("--hotspots", code=3)["unmeasured"] == {"missing": 2}
    life = past.ask("a.py::f", code=3)
    assert (life["unmeasured"], [step["change"] for step in life["steps"]]) == ({"missing": 3}, [None])


def test_a_damaged_content_is_missing_and_not_kept(past: Past) -> None:
    past.record({"a.py": "x = 1\n"})
    past.record({"a.py": "y = 2\n", "b.py": "z = 3\n"}, 1)
    good = past.blob_file("HEAD:b.py").read_bytes()
    damaged = past.blob_file("HEAD:a.py")
    damaged.chmod(0o644)
    damaged.write_bytes(good)  # a content of another name
    assert past.ask(code=3)["unmeasured"] == {"missing": 1}
    assert past.ask(code=3)["unmeasured"] == {"missing": 1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("print 'old'\n", "syntax"),
        (b"x = '\xe9'\n", "encoding"),
    ],
)
def test_contents_that_do_not_parse_are_counted_and_no_error(past: Past, text: str, kind: str) -> None:
    past.record({"a.py": text, "b.py": "x = 1\n"})
    past.record({"a.py": "print('new')\n"}, 1)
    for _ in range(2):
        answer = past.ask()
        assert [one["errors"] for one in answer["commits"]] == [1, 0]
        assert [one["sum"]["lines_of_code"] for one in answer["commits"]] == [1, 2]
        assert answer["unmeasured"] == {kind: 1}
    past.blob_file("HEAD~1:a.py").unlink()
    assert past.ask()["unmeasured"] == {kind: 1}, "it is known that it does not"


def test_another_python_may_parse_it(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    past.record({"a.py": "print 'old'\n", "b.py": "x = 1\n"})
    known = past.ask()
    for name in ("a", "b"):
        past.blob_file(f"HEAD:{name}.py").unlink()
    assert past.ask() == known
    monkeypatch.setattr(sys, "version", f"{sys.version} of another build")
    assert past.ask(code=3)["unmeasured"] == {"missing": 1}, "of these two only the error may be another"


def test_a_content_is_counted_once_whatever_limits_it_has(past: Past) -> None:
    settings = past.path / "pyproject.toml"
    override = (
        '[[tool.pytest-antipasta.overrides]]\nfiles = ["lib/"]\nthresholds = {cyclomatic_complexity = 9}\n'
    )
    settings.write_text(settings.read_text() + override)
    past.record({"a.py": "print 'old'\n"})
    who = f"committer A. Author <author@example.org> {FIRST_DAY} +0000\ndata 0\n"
    commits = f"commit refs/heads/main\n{who}\n" * 500  # of which that many are looked at together
    start = f"commit refs/heads/main\n{who}from refs/heads/main^0\n\n"
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=past.path, input=(start + commits).encode(), check=True
    )
    past.record({"lib/b.py": "print 'old'\n"}, 1)
    answer = past.ask("--no-cache")
    assert len(answer["commits"]) > 500
    assert (answer["commits"][-1]["errors"], answer["unmeasured"]) == (2, {"syntax": 1})


@pytest.mark.parametrize("is_there", [False, True], ids=["no repository", "no commit"])
def test_there_has_to_be_a_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], is_there: bool
) -> None:
    if is_there:
        Repository(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["trend"]) == 2
    told = (
        "the current branch has no commits yet"
        if is_there
        else "run this inside a git repository, or run `git init` first"
    )
    assert told in capsys.readouterr().err


def test_a_repository_with_long_names_is_as_any_other(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts: list[dict[str, str | None]] = [
        {"a.py": function(5)},
        {"a.py": None, "b.py": function(5)},
        {"c.py": "print 'old'\n"},
    ]
    for day, files in enumerate(texts):
        past.record(files, day)
    short = past.ask()
    past.git("init", "--quiet", "--object-format=sha256", str(tmp_path / "long"))
    (tmp_path / "long/pyproject.toml").write_text((past.path / "pyproject.toml").read_text())
    past.path = tmp_path / "long"
    monkeypatch.chdir(past.path)
    for day, files in enumerate(texts):
        past.record(files, day)
    for _ in range(2):
        long = past.ask()
        assert [len(one.pop("commit")) for one in long["commits"]] == [64] * 3
        assert long["commits"] == [
            {key: value for key, value in one.items() if key != "commit"} for one in short["commits"]
        ]


@NEEDS_LINKS
def test_submodules_links_and_what_changes_its_type_are_left_out(past: Past, tmp_path: Path) -> None:
    inner = Repository(tmp_path / "inner")
    (inner.path / "x.py").write_text("x = 1\n")
    inner.git("add", ".")
    inner.git("commit", "--quiet", "--message=one")
    past.record({"a.py": "x = 1\n", "lib.py": "x = 1\n"})
    (past.path / "a.py").unlink()
    (past.path / "a.py").symlink_to("lib.py")
    past.record({}, 1)
    past.record({"lib.py": None}, 2)
    inner_head = inner.git("rev-parse", "HEAD").strip()
    past.git("update-index", "--add", "--cacheinfo", f"160000,{inner_head},lib.py")
    past.git("commit", "--quiet", "--message=submodule")
    past.git("update-index", "--force-remove", "lib.py")
    past.record({"lib.py": "x = 2\n", "a.py": "y = 1\n"}, 4)
    assert [one["files"] for one in past.ask()["commits"]] == [2, 1, 0, 0, 2]


NOT_UTF8 = decode_name(b"caf\xe9.py")


def test_names_and_subjects_do_nothing_to_a_terminal(past: Past) -> None:
    names = [*filter(can_be_on_disk, (NOT_UTF8, "a\x1b[31m.py", "new\nline.py", "a.py"))]
    past.record(dict.fromkeys(names, function(7)), subject="\x1b]0;title\x07 =1+1")
    past.record({}, 1, subject="=cmd|'/c calc'!A1")
    paths = {one["path"] for one in past.ask()["standing"]}
    assert paths == {"caf\\xe9.py" if name == NOT_UTF8 else name for name in names}
    for how in ("text", "csv", "json"):
        said = past.run("--format", how)
        assert "\x1b" not in said.replace("\\x1b", "")
        assert "\x07" not in said
    assert ',"=' not in past.run("--format", "csv")


def write_commit(past: Past, path: Path, date: str, subject: bytes) -> str:
    """Make a commit that git itself would not, and return its name."""
    tree = past.git("rev-parse", "HEAD^{tree}").strip()
    head = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> {date}\n\n"
    path.write_bytes(head.encode() + subject + b"\n")
    return past.git("hash-object", "-t", "commit", "-w", "--literally", str(path)).strip()


def test_subjects_need_not_be_utf8(past: Past, tmp_path: Path) -> None:
    past.record({"a.py": "x = 1\n"})
    name = write_commit(past, tmp_path / "commit", "1500000000 +0000", b"caf\xe9")
    assert past.ask("--ref", name)["commits"][0]["subject"] == "caf\ufffd"
    assert ',"caf\ufffd",' in past.run("--ref", name, "--format", "csv")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("4102444800 +0000", "2100-01-01T00:00:00+00:00"),
        ("253402300800 +0000", "3000-12-31T23:59:59+00:00"),
        ("99999999999999999999999 +0000", None),
        ("", "1970-01-01T00:00:00+00:00"),
    ],
    ids=["a later one", "the year 10000", "larger than a number of git's", "none"],
)
def test_dates_may_be_odd(past: Past, tmp_path: Path, date: str, expected: str | None) -> None:
    past.record({"a.py": "x = 1\n"})
    name = write_commit(past, tmp_path / "commit", date, b"x")
    (one,) = past.ask("--ref", name, "--every", "week")["commits"]
    assert expected in (one["date"], None)
    assert "1 commit, " in past.run("--ref", name)


def test_a_bare_repository_has_a_history_too(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.record({"a.py": "x = 1\n", "lib/b.py": "x = 1\n"})
    past.git("clone", "--quiet", "--bare", str(past.path), str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    assert [one["files"] for one in past.ask()["commits"]] == [2]


def test_nothing_of_the_repository_changes(past: Past) -> None:
    past.record({"a.py": "x = 1\n"})
    past.record({"a.py": "x = 2\n"}, 1)
    (past.path / "a.py").write_text("not python at all (")
    (past.path / "new.py").write_text("x = 3\n")
    past.git("add", "new.py")
    before = {path: path.stat().st_mtime_ns for path in past.path.rglob("*")}
    assert json.dumps(past.ask()["commits"][-1]["files"]) == "1"
    assert {path: path.stat().st_mtime_ns for path in past.path.rglob("*")} == before


def test_without_threads_the_same_is_reported(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    def start_new_thread(*_: object) -> int:
        raise RuntimeError("can't start new thread")

    past.import_commits(600)  # more than git compares at a time
    past.git("reset", "--quiet", "HEAD")
    for day in range(2):
        past.record({"a.py": function(2 + day)}, day)
    told = past.ask("--no-cache")
    assert len(told["commits"]) == 602
    monkeypatch.setattr("_thread.start_new_thread", start_new_thread)
    assert past.ask("--no-cache") == told


def test_a_file_whose_name_ends_like_that_of_settings_is_none(past: Past) -> None:
    """Settings that git ignores count for none, here wrong ones, whatever else their folder has."""
    past.record({".gitignore": "sub/pyproject.toml\n", "sub/a.py": function(2)})
    (past.path / "pyproject.toml").write_text(f"{ONE_LIMIT}\n[tool.pytest-antipasta]\nnested = true\n")
    (past.path / "sub/pyproject.toml").write_text("[tool.pytest-antipasta]\nwrong = 1\n")
    (past.path / "sub/my-pyproject.toml").write_text("")
    assert past.ask()["files"][0]["path"] == "sub/a.py"
