"""``fix`` writes the proven steps of functions that are over a limit, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pytest

from pytest_antipasta.cli import main
from tests.conftest import Program, Repository
from tests.windows import NEEDS_LINKS

SETTINGS = "[tool.pytest-antipasta]\nthresholds = { cognitive_complexity = 4 }\n"
# 6 points; 3 after the ifs are merged.
NESTED = """\
def each(items):
    for item in items:  # all of them
        if item:
            if item > 1:
                print(item)
"""
MERGED = """\
def each(items):
    for item in items:  # all of them
        if item and item > 1:
            print(item)
"""
# Small steps don't help: two loops with a condition each.
LONG = """\
def report(rows, log):
    total = 0
    for row in rows:
        if row.price > 0 or row.is_free:
            total += row.price

    for row in rows:
        if row.is_new and row.price:
            log(row)
    return total
"""

INNER = f"def outer(items):\n{textwrap.indent(NESTED, '    ')}"


CYCLOMATIC = "cyclomatic_complexity"


def limit(pattern: str, most: object) -> str:
    """Return settings with a cyclomatic limit for some functions."""
    thresholds = f"thresholds = {{ {CYCLOMATIC} = {most} }}"
    return f"[[tool.pytest-antipasta.overrides]]\nfunctions = [{pattern!r}]\n{thresholds}\n"


class Done(NamedTuple):
    """What the command answered: exit code, output, errors."""

    code: int
    out: str
    err: str


Fix: TypeAlias = Callable[..., Done]


@pytest.fixture
def project(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a limit of 4 cognitive points; the current folder."""
    (repository.path / "pyproject.toml").write_text(SETTINGS)
    monkeypatch.chdir(repository.path)
    return repository.path


@pytest.fixture
def fix(project: Path, capsys: pytest.CaptureFixture[str]) -> Fix:
    """Run the command."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(["fix", *arguments])
        return Done(code, *capsys.readouterr())

    return run


def test_steps_are_written_and_shown(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(NESTED, newline="\n")
    assert fix("a.py::each") == (
        0,
        "--- a/a.py\n"
        "+++ b/a.py\n"
        "@@ -1,5 +1,4 @@\n"
        " def each(items):\n"
        "     for item in items:  # all of them\n"
        "-        if item:\n"
        "-            if item > 1:\n"
        "-                print(item)\n"
        "+        if item and item > 1:\n"
        "+            print(item)\n"
        "a.py:1: each: cognitive 6 → 4, cyclomatic 4; within its limits; "
        "1 step, proven equivalent, written\n",
        "",
    )
    assert (project / "a.py").read_text() == MERGED


def test_lines_are_as_long_as_a_formatter_is_told_and_hints_know(
    project: Path, fix: Fix, program: Program
) -> None:
    (project / "a.py").write_text(NESTED, newline="\n")
    assert "        if item and item > 1:\n" in fix("a.py::each", "--dry-run").out
    main(["explain", "a.py::each"])  # which keeps the plan
    (project / "ruff.toml").write_text("line-length = 28\n")
    broken = ("if (", "    item", "    and item > 1", "):")
    diff = "".join(f"+        {line}\n" for line in broken)
    assert diff in fix("a.py::each", "--dry-run").out
    assert textwrap.indent(diff, "  ") in program("explain", "a.py::each").out


@pytest.mark.parametrize(
    ("change", "attribute"),
    [
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), "", id="CRLF"),
        pytest.param(lambda text: text.replace(b"\n", b"\r\n"), "* text=auto eol=crlf\n", id="CRLF on disk"),
        pytest.param(lambda text: text.removesuffix(b"\n"), "", id="no line end"),
        pytest.param(
            lambda text: text.replace(b"\n", b"\r\n").removesuffix(b"\r\n"), "", id="CRLF, no line end"
        ),
        pytest.param(lambda text: text.replace(b"of them\n", b"of them\r\n"), "", id="mixed"),
    ],
)
@pytest.mark.parametrize("below", [b"", b"# 1\n# 2\n# 3\n# 4\n"])
def test_a_diff_keeps_the_ends_of_lines(
    project: Path, fix: Fix, change: Callable[[bytes], bytes], attribute: str, below: bytes
) -> None:
    (project / ".gitattributes").write_text(attribute)
    source = change(NESTED.encode() + below)
    (project / "a.py").write_bytes(source)
    diff = fix("a.py::each", "--dry-run").out
    subprocess.run(["git", "apply"], input=diff.encode(), check=True)
    applied = (project / "a.py").read_bytes()
    (project / "a.py").write_bytes(source)
    fix("a.py::each")
    assert applied == (project / "a.py").read_bytes() != source


def test_a_diff_of_lines_with_tabs_can_be_applied_and_read(project: Path, fix: Fix, program: Program) -> None:
    (project / "my folder").mkdir()
    for path in ("a.py", "my folder/a.py"):
        (project / path).write_text(NESTED.replace("    ", "\t"), newline="\n")
        diff = fix(f"{Path(path)}::each", "--dry-run").out  # with backslashes on Windows
        subprocess.run(["git", "apply"], input=diff.encode(), check=True)
        assert (project / path).read_text() == MERGED.replace("    ", "\t")
    (project / "a.py").write_text(NESTED.replace("    ", "\t"))
    assert "  -        if item:\n  -            if item > 1:\n" in program("explain", "a.py::each").out


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_warning_is_printed_once(options: tuple[str, ...], project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(NESTED)
    (project / ".antipasta.yaml").write_text("")
    (line,) = fix("a.py::each", *options).err.splitlines()
    assert line.startswith("warning: .antipasta.yaml: ignored because ")


def test_a_dry_run_shows_the_same_and_writes_nothing(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(NESTED)
    done = fix("a.py::each", "--dry-run")
    assert (done.code, (project / "a.py").read_text()) == (0, NESTED)
    assert done.out.endswith("; 1 step, proven equivalent, would be written\n")
    assert fix("a.py::each").out == done.out.replace("would be written", "written")


def test_a_dry_run_shows_new_functions_without_names(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(LONG)
    done = fix("a.py::report", "--dry-run")
    assert "  +def _report_total(rows):" in done.out.splitlines()
    assert (done.code, (project / "a.py").read_text()) == (1, LONG)
    assert fix("a.py::report", "--dry-run", "--steps=1") == done
    assert "_report_total(rows):" not in fix("a.py::report", "--dry-run", "--quiet").out
    assert "_report_total(rows):" not in fix("a.py::report").out


def test_a_dry_run_with_a_name_goes_on_from_it(project: Path, fix: Fix) -> None:
    (project / "pyproject.toml").write_text(limit("*", 14))
    ifs = "".join(f"    if a == {number}: a += 1\n" for number in range(27))
    (project / "a.py").write_text(f"def f(a):\n{ifs}    return a\n")
    first, second = re.findall(r"new function, line (\d+)", fix("a.py::f", "--dry-run").out)
    for options in (("--dry-run",), ()):  # nothing is written without a name for the first
        said = fix("a.py::f", "--quiet", *options, "--name", f"{second}=last").out
        assert f"name them: `pytest-antipasta fix a.py::f --name {first}=NAME --name {second}=last`\n" in said
    said = fix("a.py::f", "--dry-run", "--name", f"{first}=new_one").out
    names = f"--name {first}=new_one --name {second}=NAME`"
    assert names in said and said.count("\n  +def ") == 1 and "\n+def new_one(" in said


def test_without_a_function_all_that_are_over_a_limit_are_made_simpler(project: Path, fix: Fix) -> None:
    second = NESTED.replace("each", "other")
    (project / "a.py").write_text(f"{NESTED}\n\n{LONG}\n\n{second}\n\nclass A:\n    x = 1\n")
    done = fix("a.py", "--quiet")
    merged = MERGED.replace("each", "other")
    assert (project / "a.py").read_text() == f"{MERGED}\n\n{LONG}\n\n{merged}\n\nclass A:\n    x = 1\n"
    assert (done.code, done.out.splitlines()) == (
        1,
        [
            "a.py:1: each: cognitive 6 → 4, cyclomatic 4; within its limits; "
            "1 step, proven equivalent, written",
            "a.py:7: report: cognitive 8, cyclomatic 7; still over the limit",
            "  needs a name: move to a new function, line 8: def _report_total(rows)",
            "  to write it (cognitive 8 → 4, cyclomatic 7 → 4), name it: "
            "`pytest-antipasta fix a.py::report --name 8=NAME`",
            "a.py:19: other: cognitive 6 → 4, cyclomatic 4; within its limits; "
            "1 step, proven equivalent, written",
        ],
    )


def test_a_file_within_its_limits_stays(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(MERGED)
    text = "a.py: no function is over a limit of cyclomatic or cognitive complexity\n"
    assert fix("a.py") == (0, text, "")
    assert fix("a.py::each") == (0, "a.py:1: each: cognitive 4, cyclomatic 4; within its limits\n", "")
    assert (project / "a.py").read_text() == MERGED


def test_a_new_function_is_proposed_and_written_once_it_has_a_name(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(LONG)
    done = fix("a.py::report")
    assert (done.code, (project / "a.py").read_text()) == (1, LONG)
    offer = re.search(r"needs a name: move to a new function, line (\d+): (def .+)\n", done.out)
    assert offer is not None
    command = f"pytest-antipasta fix a.py::report --name {offer[1]}=NAME"
    assert f"  to write it (cognitive 8 → 4, cyclomatic 7 → 4), name it: `{command}`\n" in done.out
    done = fix("a.py::report", "--name", f"{offer[1]}=add_up")
    assert done.code == 0
    text = (project / "a.py").read_text()
    assert "def add_up(" in text
    assert done.out.endswith("; within its limits; 1 step, proven equivalent, written\n")
    names: dict[str, object] = {}
    exec(text, names)
    row = type("Row", (), {"price": 3, "is_free": False, "is_new": True})
    logged: list[object] = []
    assert (names["report"]([row, row], logged.append), logged) == (6, [row, row])  # type: ignore[operator]


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_one_command_writes_all_that_need_names(options: tuple[str, ...], project: Path, fix: Fix) -> None:
    """The commands for one function are for the file as it is, and the first of them moves its lines."""
    (project / "a.py").write_text(f"{LONG}\n\n{LONG.replace('report', 'print_all')}\n\n{NESTED}")
    done = fix("a.py", *options)
    line = "each of these commands moves other lines; to write all, run `pytest-antipasta fix a.py --name "
    assert done.out.endswith(f"{line}2=NAME --name 14=NAME`\n")
    assert fix("a.py", "--name", "2=add_up", "--name", "14=sum_rows").code == 0
    (project / "a.py").write_text(LONG)
    assert line not in fix("a.py").out, "there is only one"


def test_a_dry_run_takes_names_that_are_to_be_chosen(project: Path, fix: Fix) -> None:
    """Those of the command that a hint names, also where a file has that word."""
    (project / "pyproject.toml").write_text(limit("*", 4))
    (project / "a.py").write_text(LONG)
    (project / "b.py").write_text("NAME = 1\n")
    done = fix("a.py", "--dry-run")
    target, names = re.findall(r"`pytest-antipasta fix (\S+)((?: --name \d+=NAME)+)`", done.out)[0]
    assert fix(target, *names.split(), "--dry-run") == done


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["a.py::report", "--name", "1=x"],
            "--name 1=x: no step in line 1 of the file on disk adds a function of this name; choose another "
            "name, or one of these lines: ",
        ),
        (["a.py::report", "--name", "3=log"], "--name 3=log: a.py already has this word"),
        (
            ["a.py::report", "--name", "3=NAME"],
            "--name 3=NAME: NAME stands for your choice; --dry-run shows what to name",
        ),
        (
            ["a.py::report", "--name", "3=x", "--name", "4=x"],
            "--name 4=x: x is the name for another line; choose another",
        ),
        (["a.py::report", "--name", "3=x", "--name", "3=y"], "--name 3=y: line 3 has two names, x and y"),
        (["b.py"], "no such file or folder: b.py"),
        (["report"], "no such file: report; did you mean `pytest-antipasta fix a.py::report`?"),
        (["c.py::f.g"], "c.py:2: f.g: is inside another function, "),
        (["a.py::reprot"], 'a.py: no function "reprot"; did you mean report?'),
        (["n.ipynb"], "n.ipynb: is a notebook; `fix` changes only files of Python"),
        (["folder"], "folder: is a folder; name a file"),
    ],
)
def test_what_can_not_be_done_is_said_and_nothing_is_written(
    project: Path, fix: Fix, arguments: list[str], said: str
) -> None:
    (project / "a.py").write_text(LONG)
    (project / "c.py").write_text("def f():\n    def g(): ...\n")
    (project / "n.ipynb").write_text("{}")
    (project / "folder").mkdir()
    done = fix(*arguments)
    assert (done.code, done.out, (project / "a.py").read_text()) == (2, "", LONG)
    assert done.err.startswith(f"error: {said}")


@NEEDS_LINKS
def test_a_link_is_not_written_through(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(LONG)
    (project / "link.py").symlink_to("a.py")
    done = fix("link.py")
    assert (done.code, done.out, (project / "a.py").read_text()) == (2, "", LONG)
    assert done.err.startswith("error: link.py: is a symlink; name the file that it leads to, ")


@pytest.mark.parametrize("target", ["d.py", "d.py::f"])
def test_a_file_that_complexipy_can_not_parse_is_one_without_values(
    project: Path, fix: Fix, target: str
) -> None:
    (project / "d.py").write_text("def f():\n    raise;\n")
    said = "error: d.py: no steps, because complexipy can't parse the file\n"
    assert fix(target)[:3] == (3, "", said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("3", "expected LINE=NAME, such as 12=read_header, got '3'"),
        ("x=y", "expected LINE=NAME, such as 12=read_header, got 'x=y'"),
        ("3=a b", "'a b' is not a valid name of a function"),
        ("3=class", "'class' is not a valid name of a function"),
        ("3=__x", "'__x': names that begin with two underscores are special"),
    ],
)
def test_a_wrong_name_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    (project / "a.py").write_text(LONG)
    with pytest.raises(SystemExit) as end:
        main(["fix", "a.py::report", "--name", name])
    assert end.value.code == 2
    assert said in capsys.readouterr().err


def test_a_method_gets_no_name_that_another_file_has(project: Path, fix: Fix) -> None:
    """A base or a subclass there may have a method of this name."""
    method = LONG.replace("rows, log", "self, log").replace("in rows", "in self.rows")
    text = "class Report:\n" + "".join(f"    {line}\n" if line else "\n" for line in method.split("\n"))
    (project / "a.py").write_text(text)
    (project / "b.py").write_text("from a import Report\n\nclass Other(Report):\n    def add_up(self): ...\n")
    offer = re.search(r"move to a new function, line (\d+)", fix("a.py::Report.report").out)
    assert offer is not None
    done = fix("a.py::Report.report", "--name", f"{offer[1]}=add_up")
    assert (done.code, (project / "a.py").read_text()) == (2, text)
    assert done.err == "error: --name: add_up is used in b.py:4, maybe by a base or a subclass\n"
    assert fix("a.py::Report.report", "--name", f"{offer[1]}=_add").code == 0


def test_a_name_is_one_that_the_encoding_of_the_file_has(project: Path, fix: Fix) -> None:
    text = f"# coding: ascii\n{LONG}"
    (project / "a.py").write_text(text)
    offer = re.search(r"move to a new function, line (\d+)", fix("a.py::report").out)
    assert offer is not None
    done = fix("a.py::report", "--name", f"{offer[1]}=größe")
    assert (done.code, (project / "a.py").read_text()) == (2, text)
    assert done.err == "error: a.py: can't be written in its encoding, ascii; save it as UTF-8\n"


def test_python_reads_ligatures_as_letters(project: Path, fix: Fix) -> None:
    for known, name in (("find", "\ufb01nd"), ("\ufb01nd", "find")):
        (project / "a.py").write_text(f"{LONG}\n\ndef {known}(): ...\n", encoding="utf-8")
        done = fix("a.py::report", "--name", f"3={name}")
        assert done.err == "error: --name 3=find: a.py already has this word; choose another\n"


def test_a_public_name_may_come_from_a_star_import(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(f"{LONG}\n\nfrom os import *\n")
    offer = re.search(r"move to a new function, line (\d+)", fix("a.py::report").out)
    assert offer is not None
    done = fix("a.py::report", "--name", f"{offer[1]}=listdir")
    start = f"error: --name {offer[1]}=listdir: a.py "
    assert done.err == f"{start}may import this name by `import *`; begin it with `_`\n"
    assert fix("a.py::report", "--name", f"{offer[1]}=_listdir").code == 0


def test_some_steps_can_be_left(project: Path, fix: Fix) -> None:
    (project / "pyproject.toml").write_text(SETTINGS.replace("4", "8"))
    (project / "a.py").write_text(NESTED + NESTED.partition("\n")[2])
    done = fix("a.py::each", "--steps", "1", "--quiet")
    assert done.code == 1
    assert "; still over the limit; 1 step, proven equivalent, written\n" in done.out
    assert (project / "a.py").read_text().count(" and ") == 1
    assert fix("a.py::each").code == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(NESTED.replace("\n", "\r\n"), MERGED.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(NESTED.rstrip(), MERGED.rstrip(), id="no line end at the end"),
        pytest.param(f"# coding: latin-1\n# ä\n{NESTED}", f"# coding: latin-1\n# ä\n{MERGED}", id="latin-1"),
        pytest.param(f"\ufeff{NESTED}", f"\ufeff{MERGED}", id="a byte order mark"),
        pytest.param(NESTED.replace("    ", "\t"), MERGED.replace("    ", "\t"), id="tabs"),
    ],
)
def test_all_else_of_the_file_stays(project: Path, fix: Fix, before: str, after: str) -> None:
    path, encoding = project / "a.py", "latin-1" if "latin-1" in before else "utf-8"
    path.write_bytes(before.encode(encoding))
    path.chmod(0o754)
    mode = path.stat().st_mode
    assert fix("a.py").code == 0
    assert path.read_bytes() == after.encode(encoding)
    assert path.stat().st_mode == mode
    assert sorted(os.listdir(project)) == [".git", "a.py", "pyproject.toml"]


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def f(:\n", "a.py:1: not measured (syntax): "),
        (f"<<<<<<< ours\n{NESTED}=======\n>>>>>>> theirs\n", "a.py:1: not measured (unmerged): "),
    ],
)
def test_what_can_not_be_measured_stays(project: Path, fix: Fix, source: str, said: str) -> None:
    (project / "a.py").write_text(source)
    done = fix("a.py")
    assert (done.code, done.out, (project / "a.py").read_text()) == (3, "", source)
    assert done.err.startswith(said)


def test_a_file_with_unstaged_changes_stays_if_that_is_asked(
    repository: Repository, project: Path, fix: Fix
) -> None:
    (project / "a.py").write_text(NESTED)
    done = fix("a.py", "--check-clean")
    assert done == (2, "", "error: a.py: is not tracked by git; add it, or omit --check-clean\n")
    repository.git("add", ".")
    (project / "a.py").write_text(f"{NESTED}\n")
    done = fix("a.py", "--check-clean")
    assert done == (2, "", "error: a.py: has unstaged changes; stage them, or omit --check-clean\n")
    assert (project / "a.py").read_text() == f"{NESTED}\n"
    repository.git("add", ".")
    assert fix("a.py", "--check-clean").code == 0


def test_a_file_of_the_next_commit_is_to_be_staged_again(
    repository: Repository, project: Path, fix: Fix
) -> None:
    (project / "a.py").write_text(NESTED)
    repository.git("add", ".")
    assert fix("a.py", "--dry-run").err == ""
    assert fix("a.py").err == "next: `git add a.py`, which is staged without these steps\n"
    (project / "a.py").write_text(NESTED)
    repository.git("commit", "-m", "all")
    assert fix("a.py").err == ""


def test_what_is_needless_afterwards_is_named(project: Path, fix: Fix) -> None:
    comment = "  # antipasta: ignore[cognitive_complexity] for now"
    (project / "a.py").write_text(NESTED.replace("items):", f"items):{comment}"))
    done = fix("a.py::each", "--quiet")
    assert (done.code, done.err) == (0, "")
    (project / "a.py").write_text(NESTED.replace("items):", f"items):{comment}"))
    assert fix("a.py::each", "--dry-run").err == ""
    assert "a.py:1: " in fix("a.py::each").err


@pytest.mark.parametrize("options", [(), ("--config", "ci.toml", "--baseline", "b.json")])
def test_a_baseline_entry_that_is_needless_is_named(
    options: tuple[str, ...], project: Path, fix: Fix
) -> None:
    (project / "ci.toml").write_text((project / "pyproject.toml").read_text())
    (project / "a.py").write_text(NESTED)
    assert main(["baseline", "write", *options]) == 0
    done = fix("a.py::each", "--quiet", *options)
    assert (done.code, done.err) == (0, "")
    (project / "a.py").write_text(NESTED)
    command = " ".join(("pytest-antipasta baseline prune", *options))
    better = "baseline: 1 value is better than recorded"
    assert fix("a.py::each", "--dry-run", *options).err == ""
    assert fix("a.py::each", *options).err == f"{better}; update it with `{command}`\n"


def test_a_name_for_a_tolerated_function_has_to_name_the_function(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(NESTED)
    assert main(["baseline", "write"]) == 0
    error, why = fix("a.py", "--name", "2=one").err.splitlines()
    assert error == "error: --name 2=one: no step in line 2 of the file on disk adds a function of this name"
    assert why.endswith("tolerated; to simplify one, name it: `pytest-antipasta fix a.py::each`")


def test_a_function_that_stays_over_its_limit_is_left_even_if_it_is_tolerated(
    project: Path, fix: Fix
) -> None:
    (project / "a.py").write_text(LONG)
    assert main(["baseline", "write"]) == 0
    done = fix("a.py::report")
    assert "still over the limit" in done.out
    assert (done.code, main(["check", "--quiet"])) == (1, 0)


@pytest.mark.parametrize("option", ["--no-baseline", "--no-ignore"])
def test_the_next_command_ignores_the_same(project: Path, fix: Fix, option: str) -> None:
    (project / "a.py").write_text(LONG)
    assert main(["baseline", "write"]) == 0
    (command,) = re.findall("`(.*) --name [0-9]*=NAME", fix("a.py::report", option).out)
    assert command == f"pytest-antipasta fix {option} a.py::report"


def test_a_function_that_ends_with_a_backslash_stays(project: Path, fix: Fix) -> None:
    source = "def f(a):\n    if a:\n        g() \\\n\n"
    (project / "a.py").write_text(source)
    assert fix("a.py::f").out == "a.py:1: f: cognitive 1, cyclomatic 2; within its limits\n"
    assert (project / "a.py").read_text() == source


def test_the_command_that_tightens_the_baseline_has_only_its_options(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(NESTED)
    assert main(["baseline", "write"]) == 0
    command = fix("a.py::each", "--no-ignore").err.partition("update it with `pytest-antipasta ")[2]
    assert main(command.rstrip("`\n").split()) == 0


_INNER = "over a limit, but inside another function; `fix` doesn't change inner functions"
_TOLERATED = "over a limit is tolerated; to simplify one, name it: `pytest-antipasta fix a.py::each`"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(NESTED, [f"a.py: every function {_TOLERATED}"], id="tolerated"),
        pytest.param(INNER, [f"a.py:2: outer.each: {_INNER}"], id="inside another function"),
        pytest.param(
            f"{INNER}\n\n{NESTED}",
            [f"a.py:2: outer.each: {_INNER}", f"a.py: every other function {_TOLERATED}"],
            id="both",
        ),
    ],
)
def test_why_no_function_of_a_file_is_changed_is_said(
    project: Path, fix: Fix, text: str, said: list[str]
) -> None:
    """Only a command that simplifies a function is advised."""
    outer = limit("outer", 9).replace(CYCLOMATIC, "cognitive_complexity")
    settings = f"{SETTINGS}nested_blocks = true\n{outer}{limit('outer.each', 3)}"
    (project / "pyproject.toml").write_text(settings)
    (project / "a.py").write_text(text)
    assert main(["baseline", "write"]) == 0
    assert fix("a.py") == (0, "".join(f"{line}\n" for line in said), "")
    assert (project / "a.py").read_text() == text
    for command in re.findall("`pytest-antipasta fix (.*)`", "".join(said)):
        assert fix(command, "--quiet").code == 0
        assert (project / "a.py").read_text() == text.replace(NESTED, MERGED)


def test_the_second_function_of_a_name_is_another_one(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(f"{NESTED}\n\n{NESTED}")
    assert fix("a.py::each#2").code == 0
    assert (project / "a.py").read_text() == f"{NESTED}\n\n{MERGED}"


def test_an_overload_is_not_what_its_name_alone_stands_for(project: Path, fix: Fix) -> None:
    stub = "@overload\ndef each(rows, log): ...\n"
    (project / "a.py").write_text(f"{stub}{NESTED}")
    assert fix("a.py::each").code == 0
    assert (project / "a.py").read_text() == f"{stub}{MERGED}"


def test_names_belong_to_lines_of_the_file_as_it_is(project: Path, fix: Fix) -> None:
    """The new function of the second static method stands before the class, and moves the first down."""
    loop = "        for row in {}:\n            if row and row.y:\n                log(row)\n"
    head = "    @staticmethod\n    def first(rows):\n        g()\n"
    first = head + loop.format("rows") + loop.format("g") + "        h()\n"
    (project / "a.py").write_text(f"class C:\n{first}\n{first.replace('first', 'second')}")
    assert fix("a.py", "--name", "8=log_all", "--name", "19=log_rows").code == 0
    text = (project / "a.py").read_text()
    assert re.findall("def (.*)\\(", text) == ["log_rows", "log_all", "first", "second"]
    assert text.rindex("log_all(") < text.index("def second") < text.rindex("log_rows(")


@pytest.mark.skipif(not Path("/proc/sys/kernel/ostype").exists(), reason="needs a file that nobody can write")
def test_the_system_says_why_a_file_can_not_be_written(fix: Fix) -> None:
    done = fix("/proc/sys/kernel/ostype")
    assert done.code == 2
    assert done.err.startswith("error: /proc/sys/kernel/ostype: can't be written: ")


def test_a_line_stands_for_the_function_around_it(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(f"import b\n\n\n{LONG}\n\n@b\n{NESTED}\n\nclass A:\n    x = 1\n")
    decorated = fix("a.py:16", "--quiet", "--dry-run")
    assert decorated.out.startswith("a.py:17: each: cognitive 6 → 4")
    done = fix("a.py:17:", "--quiet")
    assert done.out.startswith("a.py:17: each: cognitive 6 → 4")
    assert fix("a.py:11:4", "--quiet").out.startswith("a.py:4: report:")
    for line in (1, 25, 99):
        assert fix(f"a.py:{line}") == (2, "", f"error: a.py:{line}: this line is outside any function\n")
    no_cell = (2, "", "error: a.py: is not a notebook; name the line alone, as in a.py:11\n")
    assert fix("a.py:cell 1:11") == no_cell


@pytest.mark.parametrize(
    ("path", "settings", "head", "name"),
    [
        pytest.param("test_a.py", "", "def test_f(a):", "test_f", id="a test has no cyclomatic limit"),
        pytest.param(
            "a.py", limit("@staticmethod", 6), "class A:\n def f(self, a):", "A.f", id="the decorator has one"
        ),
    ],
)
def test_new_functions_are_within_limits_of_their_own(
    project: Path,
    fix: Fix,
    program: Program,
    path: str,
    settings: str,
    head: str,
    name: str,
) -> None:
    (project / "pyproject.toml").write_text(settings)
    indent = "  " if "class" in head else " "
    ifs = "".join(f"{indent}if a == {number}: a += 1\n" for number in range(18))
    (project / path).write_text(f"{head}\n{ifs}{indent}return a\n")
    line = re.findall(r"new function, line (\d+)", fix(f"{path}::{name}", "--dry-run").out)[0]
    assert ", written\n" in fix(f"{path}::{name}", "--name", f"{line}=new_one").out
    assert "def new_one(" in (project / path).read_text()
    assert "new_one" not in program("check", "--format", "concise", code=None).out


WIDE = """\
def total(orders, log, rate, *, extra):
    amount = 0
    for order in orders:
        if order.is_open:
            if order.is_known:
                amount += order.price * rate
                amount += order.fee
            else:
                amount += order.price + extra
                amount += order.fee
            log(amount)
    return amount
"""


@pytest.mark.parametrize("metric", ["parameters", "positional_parameters"])
def test_a_new_function_keeps_to_the_limit_of_its_parameters(project: Path, fix: Fix, metric: str) -> None:
    (project / "a.py").write_text(WIDE)
    written = {}
    for most in (3, 4):
        limits = f"cognitive_complexity = 3\n{metric} = {most}\n"
        (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta.thresholds]\n{limits}")
        written[most] = "new function, line 5" in fix("a.py", "--dry-run").out
    assert written == {3: False, 4: True}


def test_a_function_that_is_over_another_limit_is_not_within_its_limits(project: Path, fix: Fix) -> None:
    (project / "a.py").write_text(WIDE)
    limits = "cognitive_complexity = 3\nnesting_depth = 1\nlength = 7\n"
    (project / "pyproject.toml").write_text(f"[tool.pytest-antipasta.thresholds]\n{limits}")
    done = fix("a.py", "--name", "5=pay", "--quiet")
    assert done.code == 1
    assert "; still over the limit of nesting depth; 1 step, proven equivalent, written\n" in done.out
    assert fix("a.py::total").out.endswith(
        "total: cognitive 3, cyclomatic 3; still over the limit of nesting depth\n"
    )


def test_a_name_whose_limit_a_new_function_would_be_over_is_refused(project: Path, fix: Fix) -> None:
    (project / "pyproject.toml").write_text(limit("new_*", 6))
    source = (
        "def f(a):\n" + "".join(f"    if a == {number}: a += 1\n" for number in range(18)) + "    return a\n"
    )
    (project / "a.py").write_text(source)
    line = re.findall(r"new function, line (\d+)", fix("a.py::f", "--dry-run").out)[0]
    done = fix("a.py::f", "--name", f"{line}=new_one")
    assert (done.code, (project / "a.py").read_text()) == (2, source)
    wrong = f"error: --name {line}=new_one: no step in line {line} of the file on disk adds a function "
    assert done.err.startswith(wrong)
    assert fix("a.py::f", "--name", f"{line}=one").out.count("def one(") == 1
