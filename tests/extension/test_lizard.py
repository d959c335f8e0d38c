"""Other languages by lizard: its numbers, its files in every way in, and nothing of it where nobody asks."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.commits import stage_all
from tests.extension.conftest import Environment, read_files, write_settings

Row: TypeAlias = tuple["str | int", ...]
"""Path, line, and of a function nloc, complexity, tokens, parameters and length."""
_NUMBERS = ("lizard:nloc", "cyclomatic_complexity", "lizard:tokens", "lizard:parameters", "lizard:length")
TABLE = """
import lizard
from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES
for name, (endings, _) in LIZARD_LANGUAGES.items():
    readers = {lizard.get_reader_for(f"a{ending}") for ending in endings}
    assert len(readers) == 1 and None not in readers, name
ours = {ending for endings, _ in LIZARD_LANGUAGES.values() for ending in endings}
theirs = {f".{ending}" for one in lizard.languages() for ending in one.ext} - {".py"}
assert ours == theirs, ours ^ theirs
"""
COMMENTS = """
import lizard
from pytest_antipasta.extension.lizard_adapter import LIZARD_LANGUAGES, _find_comments
for name, (endings, comment) in LIZARD_LANGUAGES.items():
    reader = lizard.get_reader_for(endings[0])
    text = "<?php\\n" * (name == "php") + f"{comment} antipasta: ignore\\na = 1 {comment} antipasta: b\\n"
    found = _find_comments(reader, text, comment)
    lines = (2, 3) if name == "php" else (1, 2)
    expected = zip(lines, (f"{comment} antipasta: ignore", f"{comment} antipasta: b"))
    assert found == dict(expected), (name, found)
"""
IMPORTED = """
import sys
from pytest_antipasta.cli import main
main(["check", "--no-cache", "--quiet"])
print(sorted(name for name in sys.modules if name.startswith(("lizard", "pygments"))))
"""
SOURCES = {
    "a.js": b"function f(a, b) { if (a && b) { return a ? 1 : 2 } }\nconst g = (x) => x || 1;\n",
    "b.ts": b"class A<T> {\n  m(a: T, b?: number): void { for (const x of [1]) { this.m(a) } }\n}\n",
    "c.tsx": b"const C = (p: {a: 1}) => <div>{p.a && <b/>}</div>;\nfunction d() { return 1 }\n",
    "d.go": b"package a\nfunc (t *T) F(a, b int) int {\n\tif a > b && b > 0 { return a }\n\treturn b\n}\n",
    "e.java": b"class A { int f(int a) { switch (a) { case 1: return 2; default: return 3; } } }\n",
    "f.c": b"/* c */\nint f(int a, char *b)\n{\n  while (a--) if (*b) return 1;\n  return 0;\n}\n",
    "g.cpp": b"namespace n { template<class T> struct S { T operator()(T a) { return a ? a : a; } }; }\n",
    "h.rs": b"impl A { fn f(&self, a: u8) -> u8 { match a { 1 => 2, _ if a > 3 => 4, _ => 5 } } }\n",
    "i.rb": b"class A\n  def f(a, b)\n    return 1 if a and b\n  end\nend\n",
    "j.php": b"<?php\nfunction f($a) { foreach ($a as $b) { if ($b) { echo 1; } } }\n",
    "k.js": b"\xef\xbb\xbffunction bom(a) { return a || 1 }\n",
    "l.js": b"function latin(a) { return '\xe9' }\r\nfunction two(a) {\r\n return 1 }\r\n",
    "m.js": b"function crlf(a) {\r\n  if (a) {\r\n return 1 }\r\n}\r\nfunction g() {\r\n}\r\n",
    "n.js": b"function cr(a) {\r  if (a) {\r return 1 }\r}\rfunction g() {\r}\r",
    "o.c": b"int f() { return 1; }\n/* GENERATED CODE */\nint g() { return 2; }\n",
    "p.c": b"int f() { // #lizard forgives\n return 1; }\nint f(int a) { return a && 1; }\n",
    "q.js": b"",
    "r.lua": b"function a.b(c)\n  if c then return 1 end\nend\n",
}
NAMES = ("c", "cpp", "go", "java", "javascript", "lua", "php", "ruby", "rust", "tsx", "typescript")
LONG = "function f(a) {\n" + "  if (a) { a++ }\n" * 11 + "}\n"


@pytest.fixture(autouse=True)
def _installed(lizard: Path) -> None:
    pass


def test_comments_of_each_language_are_found(environment: Environment, project: Path) -> None:
    subprocess.run([environment.python, "-c", COMMENTS], cwd=project, check=True)


def test_the_table_of_languages_is_the_one_of_lizard(environment: Environment, project: Path) -> None:
    subprocess.run([environment.python, "-c", TABLE], cwd=project, check=True)


def ask_lizard(lizard: Path, files: Sequence[Path], root: Path) -> list[Row]:
    """Return what lizard says of some files."""
    (root / "files.txt").write_text("".join(f"{path.relative_to(root)}\n" for path in files))
    done = subprocess.run(
        [sys.executable, "-m", "lizard", "--csv", "--input_file", "files.txt"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(lizard)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    rows = csv.reader(io.StringIO(done.stdout))
    return sorted((row[6].removeprefix("./"), int(row[9]), *map(int, row[:5])) for row in rows)


def ask_us(environment: Environment, root: Path, languages: Sequence[str]) -> tuple[list[Row], list[str]]:
    """Return what we say of all files of a folder, and the paths of those without numbers."""
    write_settings(
        root, others=[f"languages = {json.dumps(languages)}", 'include = ["none"]', "paths = ['.']"]
    )
    done = environment.check(root, "--format", "json", "--no-cache")
    files = read_files(done.stdout)
    rows = [
        (file["path"], block["line"], *(block[name] for name in _NUMBERS))
        for file in files
        for block in file["blocks"]
    ]
    return sorted(rows), [file["path"] for file in files if file["status"] != "measured"]


def test_numbers_are_those_of_its_command_line(environment: Environment, lizard: Path, project: Path) -> None:
    for name, data in SOURCES.items():
        (project / name).write_bytes(data)
    ours, failed = ask_us(environment, project, NAMES)
    assert failed == []
    expected = ask_lizard(lizard, [project / name for name in SOURCES], project)
    # What a carriage return alone ends is a line of lizard's, and none of git's and ours.
    assert sorted(map(leave_out_line, ours)) == sorted(map(leave_out_line, expected))
    assert len({row[0] for row in ours}) == len(SOURCES) - 1


def leave_out_line(row: Row) -> Row:
    return (row[0], 1, *row[2:]) if row[0] == "n.js" else row


def test_nothing_of_it_is_imported_where_no_language_is_named(
    environment: Environment, project: Path
) -> None:
    (project / "a.js").write_text(LONG)
    done = subprocess.run(
        [environment.python, "-c", IMPORTED], cwd=project, check=True, capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
    done = environment.check(project, "--format", "json", "--no-cache")
    assert [one["path"] for one in read_files(done.stdout)] == ["a.py"]
    enabled = '`languages = ["javascript"]` in the settings'
    told = f"exclude it, or install `pytest-antipasta[lizard]` and write {enabled}\n"
    assert told in environment.check(project, "a.js").stdout


def test_its_files_have_limits_like_others(environment: Environment, project: Path) -> None:
    (project / "web").mkdir()
    (project / "web/a.js").write_text(LONG + "function g(a, b, c) { }\n")
    (project / "pyproject.toml").write_text("""\
[tool.pytest-antipasta]
languages = ["javascript"]
[tool.pytest-antipasta.thresholds]
"lizard:parameters" = 2
[[tool.pytest-antipasta.overrides]]
files = ["*.js"]
thresholds = { cyclomatic_complexity = 11, "lizard:length" = 12 }
""")
    shown = environment.check(project).stdout
    assert re.match(
        r"web/a\.js\n"
        r"    1:1  f  cyclomatic 12/11 +length \(lizard\) 13/12\n"
        r"   14:1  g +parameters \(lizard\) 3/2\n",
        shown,
    )
    assert "a.py" not in shown.replace("lizard", "")


def test_antipasta_yaml_names_languages_too(environment: Environment, project: Path) -> None:
    (project / "pyproject.toml").unlink()
    (project / ".antipasta.yaml").write_text("""\
languages:
- name: python
  metrics: [{type: cyclomatic_complexity, threshold: 9}]
- name: JavaScript
  metrics:
  - {type: cyclomatic_complexity, threshold: 11}
  - {type: cognitive_complexity, threshold: 5}
- name: typescript
  extensions: [.tsx, .mts]
  metrics: [{type: lines_of_code, threshold: 12}]
""")
    for name in ("a.js", "b.ts", "c.tsx", "d.jsx"):
        (project / name).write_text(LONG)
    shown = environment.check(project).stdout
    rows = "a.js\n    1:1  f  cyclomatic 12/11\nc.tsx\n   file  lines of code 13/12\n"
    assert shown.startswith(rows)
    assert "b.ts" not in shown, "no entry lists it"
    assert "d.jsx" not in shown, "what has measured it along with *.tsx"
    assert ".antipasta.yaml:4: languages[1]: cognitive_complexity is not measured in javascript\n" in shown
    assert ".antipasta.yaml:9: languages[2].extensions: *.mts files are not measured as typescript\n" in shown
    done = environment.run("pytest_antipasta", "config", "show", "c.tsx", cwd=project)
    assert "# language: lizard:tsx; limits on metrics it does not measure are ignored" in done.stdout
    assert "<= 12  (overrides[1], .antipasta.yaml" in done.stdout
    environment.run("pytest_antipasta", "config", "migrate", "--yes", cwd=project)
    assert "thresholds = { cyclomatic_complexity = 11 }" in (project / "pyproject.toml").read_text()
    (project / ".antipasta.yaml").unlink()
    assert environment.check(project).stdout.startswith(rows)


@pytest.mark.parametrize(
    ("endings", "judged"),
    [
        ("extensions: [.js, .jsx]", {"a.js", "d.jsx"}),
        ("extensions: [.vue]", set()),
    ],
)
def test_what_no_entry_lists_is_left_out(
    environment: Environment, project: Path, endings: str, judged: set[str]
) -> None:
    (project / "pyproject.toml").unlink()
    entry = f"- name: javascript\n  {endings}\n  metrics: [{{type: cyclomatic_complexity, threshold: 1}}]\n"
    (project / ".antipasta.yaml").write_text(f"languages:\n{entry}")
    for name in ("a.js", "b.mjs", "c.tsx", "d.jsx"):
        (project / name).write_text(LONG)
    done = environment.check(project, "--format", "json", "--no-cache")
    failed = {one["path"] for one in read_files(done.stdout) if one["violations"]}
    assert failed == judged
    assert {one["path"] for one in read_files(done.stdout)} == {"a.py", *judged}


def test_one_that_lacks_a_language_is_reported(environment: Environment, project: Path) -> None:
    """It would read what it does not know as C."""
    write_settings(project, others=['languages = ["zig"]'])
    (project / "a.zig").write_text("fn f() void {}\n")
    module = environment.site_packages / "lizard_languages/zig.py"
    module.write_text(module.read_text().replace("ext = ", "ext = ['zag'] #"))
    done = environment.check(project)
    assert (
        'the installed lizard does not support this language; run `pip install "lizard>=1.24"`' in done.stdout
    )
    assert done.returncode == 3


def test_without_it_what_was_recorded_stays(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text(LONG)
    (project / "b.py").write_text("def f(a):\n" + "    if a: a += 1\n" * 11)
    environment.run("pytest_antipasta", "baseline", "write", cwd=project)
    environment.uninstall("lizard")
    for name in ("a.js", "b.py"):
        (project / name).rename(project / f"sub-{name}")
    (project / "sub-b.py").unlink()
    environment.run("pytest_antipasta", "baseline", "prune", cwd=project)
    recorded = json.loads((project / "antipasta-baseline.json").read_text())["entries"]
    assert {entry["path"] for entry in recorded if entry} == {"a.js"}


@pytest.mark.slow
def test_a_file_that_takes_too_long_costs_no_other(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]', "file_timeout = 0.5"])
    (project / "a.js").write_text("function f(a) {" + "if (a) { a++ }" * 100_000 + "}\n")
    (project / "b.js").write_text(LONG)
    shown = environment.check(project, "--jobs", "1").stdout
    assert "a.js: not measured (timeout): it used more than 0.5 s of CPU time; raise file_timeout" in shown
    assert "b.js\n    1:1  f  cyclomatic 12/10\n" in shown


@pytest.mark.parametrize(
    ("data", "line", "message"),
    [
        (b"\n\0", 2, "the file has a null byte and is not UTF-8 text"),
        (
            b"f()\n<<<<<<< ours\na\n=======\nb\n>>>>>>> theirs\n",
            2,
            "the file has merge conflict markers; resolve the conflict",
        ),
        (
            b"f()\n<<<<<<<< ours:a.js\na\n========\nb\n>>>>>>>> theirs:b.js\n",
            2,
            "the file has merge conflict markers; resolve the conflict",
        ),
    ],
    ids=["a null byte", "a conflict", "a conflict of renames"],
)
def test_what_lizard_would_pass_over_fails(
    environment: Environment, project: Path, data: bytes, line: int, message: str
) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_bytes(data)
    assert f"a.js:{line}: not measured (syntax): {message}\n" in environment.check(project).stdout


def test_lines_of_other_lengths_are_no_conflict(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text("/*\n<<<<<<<<<< a\n=======\n>>>>>>>> b\n*/\nfunction f() {}\n")
    assert environment.check(project).returncode == 0


def test_what_lizard_gives_up_fails(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text("(" * 1100)
    told = (
        "a.js: not measured (syntax): lizard stopped before the end of the file: RecursionError - "
        "maximum recursion depth"
    )
    assert told in environment.check(project).stdout


def test_a_typing_error_in_a_comment_is_reported(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text(f"// anti-pasta ignore\n{LONG}")
    shown = environment.check(project).stdout
    assert "a.js:1: suppression not applied: looks like an antipasta comment; " in shown
    assert "a.js\n    2:1  f  cyclomatic 12/10\n" in shown


def test_comments_suppress_and_strings_do_not(environment: Environment, project: Path) -> None:
    write_settings(project, others=[f"languages = {json.dumps(NAMES)}"])
    mark = "antipasta: ignore"
    branches = LONG.partition("\n")[2]
    (project / "a.js").write_text(
        f'function f(a, b = "// {mark}") {{\n{branches}const c = `\n// {mark}-file generated\n`;\n'
        f'function g(a, b = "//") {{ // {mark} an old one\n{branches}'
        f"/*\n// {mark} in a comment of another kind\n*/\nfunction h(a) {{\n{branches}"
    )
    done = environment.check(project, "--format", "json", "--no-cache")
    (file,) = (one for one in read_files(done.stdout) if one["path"] == "a.js")
    assert [one["qualified_name"] for one in file["violations"]] == ["f", "h"]
    assert [one["qualified_name"] for one in file["tolerated"]] == ["g"]


def test_a_module_of_the_project_is_not_run(environment: Environment, project: Path) -> None:
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text(LONG)
    for name in ("lizard", "lizard_languages", "lizard_ext", "lizard_core", "pygments"):
        (project / f"{name}.py").write_text("open('ran', 'w').close()\n")
    done = environment.run("pytest_antipasta", "check", cwd=project, PYTHONPATH=str(project))
    assert "a.js\n    1:1  f  cyclomatic 12/10\n" in done.stdout
    assert not (project / "ran").exists()


LIMITS = ('"lizard:parameters" = 5', '"lizard:length" = 80')


def test_without_it_the_way_to_get_it_is_reported(environment: Environment, project: Path) -> None:
    environment.uninstall("lizard")
    write_settings(project, others=['languages = ["javascript"]'])
    (project / "a.js").write_text(LONG)
    stage_all(project)
    subprocess.run(["git", "commit", "-qm", "x"], cwd=project, check=True)
    told = (
        'lizard:javascript is configured, but lizard is not installed: `pip install "lizard>=1.24"`, '
        "or in pre-commit `additional_dependencies: [lizard]`, or remove it from the settings"
    )
    for command, code in ((["check"], 3), (["trend"], 3), (["config", "validate"], 0)):
        done = environment.run("pytest_antipasta", *command, cwd=project)
        assert told in done.stdout
        assert done.returncode == code


def test_without_it_a_line_names_all_that_wants_it(environment: Environment, project: Path) -> None:
    environment.uninstall("lizard")
    write_settings(project, *LIMITS, others=['languages = ["javascript", "go"]'])
    done = environment.run("pytest_antipasta", "config", "validate", cwd=project)
    names = "lizard:parameters, lizard:length, lizard:javascript, lizard:go"
    assert done.stdout.count("lizard is not installed") == 1
    assert f"{names} are configured, but lizard is not installed: " in done.stdout
    assert done.stdout.rstrip().endswith("or remove them from the settings")


@pytest.mark.slow
def test_a_limit_that_no_file_can_have_is_reported(environment: Environment, project: Path) -> None:
    write_settings(project, *LIMITS)
    begun = "ignored limits: lizard:parameters, lizard:length: not measured in Python files, and "
    told = f'{begun}no language of lizard is enabled; enable one, as in languages = ["javascript"]'
    for command in (["check"], ["config", "validate"], ["config", "show", "a.py"]):
        done = environment.run("pytest_antipasta", *command, cwd=project)
        assert told in done.stdout or command[-1] == "a.py"
        assert done.returncode == 0
    shown = "Python files have no lizard:parameters, lizard:length: limits on them are ignored"
    assert f"# note: {shown}" in done.stdout.splitlines()
    write_settings(project, *LIMITS, others=['languages = ["go", "lua"]'])
    (project / "m.go").unlink(missing_ok=True)
    told = f"{begun}there are no lizard:go, lizard:lua files"
    assert told in environment.check(project).stdout.splitlines()
    assert begun not in environment.check(project, "a.py").stdout  # of others nothing is known
    assert begun not in environment.run("pytest_antipasta", "config", "validate", cwd=project).stdout
    (project / "m.go").write_text("package a\nfunc F() int { return 1 }\n")
    assert begun not in environment.check(project).stdout
    shown = environment.run("pytest_antipasta", "config", "show", "m.go", cwd=project).stdout
    assert "Python files" not in shown
