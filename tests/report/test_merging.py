"""``check --shard`` and ``report merge``: together they find what one run finds, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from _pytest.capture import CaptureResult
from msgspec import msgpack

from pytest_antipasta.cli import main
from tests.commits import commit_all
from tests.conftest import Program, Repository
from tests.metrics.notebook.making import make_notebook
from tests.plugin.conftest import FAILING, PASSING
from tests.plugin.conftest import SETTINGS as LIMIT
from tests.report.conftest import FORMATS, write, write_reports
from tests.report.shape import check_verdicts

_TIME = re.compile(rb' time="[0-9.]+"')
Merge: TypeAlias = Callable[..., CaptureResult[str]]
FIRST, SECOND = "one.shard", "two.shard"


def check_shards(folder: Path, of: int, *args: str) -> list[Path]:
    """Return the reports of all shards of a folder."""
    paths = [folder.parent / f"{number}.shard" for number in range(1, of + 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, path in enumerate(paths, 1):
            main(["check", "--quiet", f"--shard={number}/{of}", f"--report=shard={path}", *args])
    return paths


@pytest.fixture
def merge(program: Program) -> Merge:
    """Merge reports, and return what that prints."""

    def run(paths: Sequence[Path], *args: str, code: int = 0) -> CaptureResult[str]:
        return program("report", "merge", *map(str, paths), *args, code=code)

    return run


def strip(content: bytes, form: str) -> bytes:
    """Return a report without what may differ between two runs."""
    if form != "json":
        return _TIME.sub(b"", content)
    report = json.loads(content)
    text = json.dumps(report.pop("run"), indent=2)
    assert text
    whole = content.decode()
    begin = whole.index('  "run": {')
    return (whole[:begin] + whole[whole.index('  "files": [', begin) :]).encode()


@pytest.mark.parametrize("args", [(), ("--no-baseline", "--no-ignore")])
def test_merged_reports_are_those_of_one_run(reported: Repository, args: Sequence[str], merge: Merge) -> None:
    app = reported.path / "app"
    whole = write_reports(app, *args)
    shards = check_shards(app, 3, "--no-cache", *args)
    outputs = {form: app.parent / f"merged.{form}" for form in FORMATS}
    merge(shards, *(f"--report={form}={path}" for form, path in outputs.items()), code=1)
    for form, path in outputs.items():
        assert strip(path.read_bytes(), form) == strip(whole[form], form), form
    check_verdicts(json.loads(outputs["json"].read_bytes()))
    ours, theirs = (json.loads(each)["run"] for each in (outputs["json"].read_bytes(), whole["json"]))
    names = (
        "total", "narrowed_by", "stopped", "complete", "root", "git_top", "settings", "change", "baseline",
        "limits", "overrides", "shard",
    )  # fmt: skip
    assert {name: ours[name] for name in names} == {name: theirs[name] for name in names}


@pytest.fixture
def tree(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve files in a repository, one of which fails; the current folder."""
    path = repository.path / "app"
    write(path, {"pyproject.toml": LIMIT, "bad.py": FAILING})
    write(path, {f"good_{number}.py": PASSING for number in range(11)})
    commit_all(repository.path, "files")
    monkeypatch.chdir(path)
    return path


def test_the_summary_is_that_of_all(tree: Path, merge: Merge) -> None:
    shards = check_shards(tree, 2)
    text = merge(shards, code=1).out
    assert text.startswith(
        "bad.py\n    1:1  decide  cyclomatic 3/2\n1 of 12 functions is over a limit, in 1 of 12 files\n"
    )
    assert "\n1 of 12 functions is over a limit, in 1 of 12 files\n" in text
    assert re.search("\\n2 shards, the slowest of which took [0-9.]+ s\\n$", text)
    assert merge(shards, "--quiet", code=1).out == "".join(text.splitlines(keepends=True)[:2])


def test_the_next_step_is_named_where_the_files_are(tree: Path, merge: Merge) -> None:
    shards = check_shards(tree, 2, "--config=pyproject.toml")
    step = "next: `pytest-antipasta explain bad.py::decide` shows how its values are calculated"
    assert step in merge(shards, code=1).out.splitlines()
    (tree / "bad.py").unlink()  # as in a job that has nothing but the reports
    assert "next: " not in merge(shards, code=1).out


def test_a_waiver_that_fails_is_named_in_brief_too(
    repository: Repository, tree: Path, merge: Merge, program: Program
) -> None:
    write(tree, {"pyproject.toml": f'[tool.pytest-antipasta]\nnew_waivers = "fail"\n{LIMIT}'})
    commit_all(repository.path, "a policy")
    waived = f"# antipasta: ignore-file[cyclomatic] law\n{FAILING}"
    write(tree, {"bad.py": waived})
    shards = check_shards(tree, 2, "--diff=HEAD")
    alone = program("check", "--quiet", "--diff=HEAD", code=1).out
    assert 'error: 1 waiver not allowed (new_waivers = "fail"' in alone
    assert "\n    undo what is not allowed, or have a project owner merge " in alone
    assert merge(shards, "--quiet", code=1).out == alone


def test_the_text_stands_aside_for_a_report(tree: Path, merge: Merge) -> None:
    shards = check_shards(tree, 2)
    said = merge(shards, "--report=json=-", code=1)
    assert json.loads(said.out)["summary"]["files"] == 12
    assert "1 of 12 functions is over a limit, in 1 of 12 files" in said.err


def test_the_page_names_the_commit_of_the_shards(repository: Repository, tree: Path, merge: Merge) -> None:
    commit = repository.git("rev-parse", "HEAD").strip()
    shards = check_shards(tree, 2)
    (tree / "good_0.py").write_text(FAILING)
    commit_all(repository.path, "a later one")
    page = merge(shards, "--report=html=-", code=1).out
    later = repository.git("rev-parse", "HEAD").strip()
    assert (f"commit {commit[:10]}" in page, later[:10] in page) == (True, False)


def test_a_shard_says_that_it_is_one(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", "--shard=1/2", "--report=json=one.json"])
    report = json.loads(Path("one.json").read_bytes())
    check_verdicts(report)
    files = report["summary"]["files"]
    assert f"; {files} of 12 files checked, limited to `shard 1/2`" in capsys.readouterr().out
    assert (report["run"]["total"], report["run"]["complete"]) == (12, False)
    assert report["run"]["narrowed_by"] == ["shard 1/2"]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param({}, 0, id="nothing fails"),
        pytest.param({"bad.py": FAILING}, 1, id="a violation"),
        pytest.param({"broken.py": "def f(:\n"}, 3, id="a file without numbers"),
        pytest.param({"broken.py": "def f(:\n", "bad.py": FAILING}, 1, id="both"),
    ],
)
def test_the_exit_code_is_that_of_one_run(tree: Path, files: dict[str, str], code: int, merge: Merge) -> None:
    (tree / "bad.py").unlink()
    write(tree, files)
    assert main(["check", "--quiet"]) == code
    merge(check_shards(tree, 3), code=code)


def test_a_shard_without_files_is_a_good_one(tree: Path, program: Program, merge: Merge) -> None:
    for path in sorted(tree.glob("*.py"))[:-2]:  # all but two that pass
        path.unlink()
    shards = check_shards(tree, 4)
    empty = [path for path in shards if not read_shard(path)["files"]]
    assert len(empty) >= 2
    said = program("check", f"--shard={shards.index(empty[0]) + 1}/4")
    assert "0 of 2 files, limited to `shard " in said.out
    merge(shards)


def make_baseline(tree: Path) -> None:
    """Record numbers of which some are better later, gone, moved or within their limit."""
    worse = FAILING.replace("return 1", "return a and b and 1")
    names = ("better", "within", "gone", "moved", "broken", "same")
    write(tree, {f"{name}.py": worse.replace("decide", name) for name in names})
    main(["baseline", "write", "--quiet"])
    (tree / "gone.py").unlink()
    write(tree, {"better.py": FAILING.replace("decide", "better"), "within.py": "def within(): pass\n"})
    (tree / "moved.py").unlink()
    write(tree, {"new/other.py": worse.replace("decide", "moved")})


@pytest.mark.parametrize("broken", [False, True])
def test_what_a_baseline_has_in_vain_only_all_of_them_know(
    tree: Path, program: Program, merge: Merge, *, broken: bool
) -> None:
    make_baseline(tree)
    if broken:
        write(tree, {"broken.py": "def broken(:\n"})

    def find_lines(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("baseline: ")]

    expected = find_lines(program("check", code=None).out)
    assert len(expected) == 2
    unneeded = 1 if broken else 2  # what is gone may be in what has no numbers
    assert (
        f" better than recorded, 1 recorded under another name or path, {unneeded} recorded " in expected[1]
    )
    shards = check_shards(tree, 4)
    assert find_lines(merge(shards, code=None).out) == expected


def test_advice_names_the_baseline_that_an_option_names(tree: Path, merge: Merge) -> None:
    main(["baseline", "write", "--baseline", "kept/known.json"])
    write(tree, {"bad.py": PASSING})
    shards = check_shards(tree, 2, "--baseline", "kept/known.json")
    said = merge(shards)
    assert "`pytest-antipasta baseline prune --baseline kept/known.json` to update it" in said.out


def test_a_page_has_the_sources_of_notebooks(tree: Path, merge: Merge) -> None:
    write(
        tree,
        {"pyproject.toml": LIMIT.replace("[tool", "[tool.pytest-antipasta]\nnotebooks = true\n[tool", 1)},
    )
    write(tree, {"a.ipynb": make_notebook("import os", FAILING)})
    main(["check", "--quiet", "--report=html=whole.html"])
    merge(check_shards(tree, 2), "--report=html=merged.html", code=1)
    assert ['"sources":{"' in Path(name).read_text() for name in ("whole.html", "merged.html")] == [
        True,
        True,
    ]


def test_files_with_other_limits_are_reported_as_in_one_run(tree: Path, merge: Merge) -> None:
    limits = ("good_1*.py", 3), ("bad.py", 4), ("good_[24].py", 3), ("good_7.py", 5)
    parts = [
        f'[[tool.pytest-antipasta.overrides]]\nfiles = ["{files}"]\nthresholds.lines_of_code = {limit}\n'
        for files, limit in limits
    ]
    write(tree, {"pyproject.toml": LIMIT + "".join(parts)})
    main(["check", "--quiet", "--report=json=whole.json"])
    merge(check_shards(tree, 3), "--report=json=merged.json", code=1)
    merged, whole = (json.loads(Path(name).read_bytes())["run"] for name in ("merged.json", "whole.json"))
    assert len(whole["overrides"]) == 3
    assert merged["overrides"] == whole["overrides"]


def test_files_have_other_limits_only_of_the_metrics_that_are_asked_for(tree: Path) -> None:
    override = '[[tool.pytest-antipasta.overrides]]\nfiles = ["bad.py"]\nthresholds.lines_of_code = 4\n'
    write(tree, {"pyproject.toml": LIMIT + override})
    for metric, files in (("lines_of_code", [["bad.py"]]), ("cyclomatic_complexity", [])):
        main(["check", "--quiet", f"--metric={metric}", "--report=json=report.json"])
        run = json.loads(Path("report.json").read_bytes())["run"]
        assert [other["files"] for other in run["overrides"]] == files


def test_warnings_by_default_limits_are_counted_as_in_one_run(
    tree: Path, program: Program, merge: Merge
) -> None:
    write(tree, {"long.py": "".join(f"x{number} = {number} + y * {number}\n" for number in range(400))})
    line = next(line for line in program("check", code=1).out.splitlines() if " about 1 file (" in line)
    shards = check_shards(tree, 2)
    said = merge(shards, code=1).out
    assert line.partition(": ")[0] in said.splitlines()
    assert "warning: long.py" not in said


def test_settings_of_folders_are_reported_in_one_line(
    tree: Path, capsys: pytest.CaptureFixture[str], merge: Merge
) -> None:
    write(tree, {f"sub{number}/{name}": "" for number in range(3) for name in ("pyproject.toml", "one.py")})
    for number in range(3):
        write(tree, {f"sub{number}/pyproject.toml": LIMIT})
    main(["check", "--quiet"])
    note = capsys.readouterr().err
    assert "settings ignored in this run: sub0/pyproject.toml, sub1/" in note
    shards = check_shards(tree, 3)
    assert capsys.readouterr().err == note * 3
    assert merge(shards, "--quiet", code=1).err == note


def test_overrides_without_files_are_reported_in_one_line(tree: Path, program: Program, merge: Merge) -> None:
    override = '[[tool.pytest-antipasta.overrides]]\nfiles = ["{}"]\nthresholds = {{ cognitive = 1 }}\n'
    write(tree, {"pyproject.toml": LIMIT + override.format("bad.py") + override.format("gone/")})
    note = 'warning: overrides[1] has no effect: "gone/" matches no source file\n'
    assert program("check", "--quiet", code=1).err == note
    assert merge(check_shards(tree, 3), "--quiet", code=1).err == note
    assert merge(check_shards(tree, 2, "bad.py"), "--quiet", code=1).err == ""


def test_a_change_is_reported_once(tree: Path, repository: Repository, merge: Merge) -> None:
    """Of files that are there and of those that are gone."""
    write(tree, {f"new_{number}.py": FAILING for number in range(6)})
    (tree / "bad.py").unlink()
    (tree / "good_1.py").unlink()
    whole = write_reports(tree, "--diff=HEAD")
    shards = check_shards(tree, 3, "--diff=HEAD")
    assert sum(bool(read_shard(path)["changes"]["changes"]) for path in shards) > 1
    merge(shards, "--report=json=merged.json", "--report=markdown=merged.md", code=1)
    merged = json.loads(Path("merged.json").read_bytes())
    expected = json.loads(whole["json"])
    kinds = sorted(one["change"] for one in merged["changes"])
    assert kinds == [*["added"] * 5, "deleted", "moved"]
    assert {**merged, "run": 0} == {**expected, "run": 0}
    assert merged["run"]["narrowed_by"] == ["--diff HEAD"]
    assert Path("merged.md").read_bytes() == whole["markdown"]


def read_shard(path: Path) -> dict[str, Any]:
    """Return what a shard's report has, as plain values."""
    report: dict[str, Any] = msgpack.decode(path.read_bytes())[1]
    return report


def change(path: Path, **values: Any) -> None:
    """Change the facts of a shard."""
    edit(path, lambda report: report["facts"]["shard"].update(values))


def edit(path: Path, spoil: Callable[[Any], object]) -> None:
    """Change anything in a report."""
    versions, report = msgpack.decode(path.read_bytes())
    spoil(report)
    path.write_bytes(msgpack.encode((versions, report)))


def set_version(path: Path, name: str, value: str) -> None:
    versions, report = msgpack.decode(path.read_bytes())
    path.write_bytes(msgpack.encode(({**versions, name: value}, report)))


FOREIGN: dict[str, tuple[Callable[[Path], None], str]] = {
    "another commit": (
        lambda path: change(path, commit="0123456789abcdef"),
        r"2.shard does not belong to .*[/\\]1.shard: it is for commit 0123456789ab, not [0-9a-f]{12}",
    ),
    "no commit": (lambda path: change(path, commit=None), "it is for commit none, not [0-9a-f]{12}"),
    "other settings": (
        lambda path: change(path, settings_digest="0"),
        "different settings, baseline or options",
    ),
    "other files": (lambda path: change(path, files="0"), "the set of files or their sizes differ"),
    "another Python": (
        lambda path: set_version(path, "python", "3.9"),
        "2.shard is from python 3\\.9; merging needs the same versions; this is python 3\\.1[0-9]",
    ),
    "another radon": (
        lambda path: set_version(path, "radon", "5.1.0"),
        r"is from radon 5\.1\.0; .* this is radon 6",
    ),
    "another release": (
        lambda path: set_version(path, "pytest-antipasta", "9.9"),
        "is from pytest-antipasta 9.9; ",
    ),
}


def test_a_foreign_shard_is_named(tree: Path, merge: Merge) -> None:
    shards = check_shards(tree, 2)
    content = shards[1].read_bytes()
    for what, (spoil, message) in FOREIGN.items():
        shards[1].write_bytes(content)
        spoil(shards[1])
        said = merge(shards, "--report=json=merged.json", code=2)
        assert re.search(f"^error: .*{message}", said.err), (what, said.err)
        assert said.out == "" and not Path("merged.json").exists(), what


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--limit=cyclomatic_complexity=9", "different settings, baseline or options"),
        ("--no-ignore", "different settings"),
        ("good_1.py", "different files were requested"),
        ("--diff=HEAD", "different files were requested"),
    ],
)
def test_a_shard_of_other_options_is_foreign(tree: Path, option: str, message: str, merge: Merge) -> None:
    one, two = check_shards(tree, 2)
    main(["check", "--shard=2/2", f"--report=shard={two}", option])
    assert f"{two} does not belong to {one}: {message}" in merge([one, two], code=2).err


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([0, 1], "no report of shard 3/3; `check --shard 3/3 --report shard=PATH` writes one"),
        ([2], "no report of shard 1/3, 2/3; `check --shard 1/3 --report shard=PATH` writes one"),
        ([0, 0, 1, 2], "shard 1/3 appears 2 times: "),
    ],
)
def test_a_missing_or_doubled_shard_is_named(
    tree: Path, chosen: Sequence[int], message: str, merge: Merge
) -> None:
    shards = check_shards(tree, 3)
    assert merge([shards[number] for number in chosen], code=2).err.startswith(f"error: {message}")


def test_shards_of_other_divisions_are_foreign(tree: Path, merge: Merge) -> None:
    (one, _), (_, two, _) = check_shards(tree, 2), check_shards(tree, 3)
    main(["check", "--quiet", "--shard=1/2", f"--report=shard={one}"])
    said = merge([one, two], code=2).err
    assert f"{two} does not belong to {one}: it is one of 3 shards, not of 2" in said
    assert "no report of shard 2/2;" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file or folder: 1.shard"),
        ("[]", "1.shard is not a shard report of this version of pytest-antipasta: Expected `array`, got "),
        ('{"schema_version": 1}', "1.shard is not a shard report of this version"),
    ],
)
def test_what_is_not_a_report_is_named(tree: Path, content: str | None, message: str, merge: Merge) -> None:
    if content is not None:
        Path("1.shard").write_text(content)
    assert merge([Path("1.shard")], code=2).err.startswith(f"error: {message}")


def test_a_pattern_that_no_shell_expanded_is_named_as_one(tree: Path, merge: Merge) -> None:
    check_shards(tree, 2)
    why = "patterns are not expanded here, so name each path"
    assert merge([Path("*.shard")], code=2).err == f"error: no such file or folder: *.shard; {why}\n"


def test_a_report_replaces_no_shard(tree: Path, merge: Merge) -> None:
    paths = check_shards(tree, 2)
    before = paths[0].read_bytes()
    for path in (paths[0], paths[0].parent / "folder" / ".." / paths[0].name):
        said = merge(paths, "--report", f"junit={path}", code=2)
        assert said.err == f"error: the report would overwrite the shard {path}; name another file\n"
        assert paths[0].read_bytes() == before


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(("slowest",), [1], id="a file that is none"),
        pytest.param(("shard", "of"), 2**63, id="more shards than there can be"),
    ],
)
def test_a_run_that_was_changed_is_reported(
    tree: Path, place: tuple[str, ...], value: object, merge: Merge
) -> None:
    paths = check_shards(tree, 2)

    def spoil(report: Any) -> None:
        holder = report["facts"]
        for name in place[:-1]:
            holder = holder[name]
        holder[place[-1]] = value

    edit(paths[0], spoil)
    assert merge(paths, code=2).err.startswith("error: ")


def test_a_report_of_all_files_is_none_of_a_shard(tree: Path, merge: Merge) -> None:
    main(["check", "--quiet", "--report=shard=1.shard"])
    assert merge([Path("1.shard")], code=2).err == (
        "error: 1.shard is the report of all files, and not of a shard; "
        "`check --shard I/N --report shard=PATH` writes one\n"
    )


def test_what_ended_early_is_not_a_success(tree: Path, merge: Merge) -> None:
    (tree / "bad.py").unlink()
    shards = check_shards(tree, 2)
    edit(shards[1], lambda report: report["facts"].update(stopped="interrupted"))
    said = merge(shards, "--report=json=merged.json", code=3).out
    assert "stopped early (shard 2/2: interrupted)" in said
    run = json.loads(Path("merged.json").read_bytes())["run"]
    assert (run["stopped"], run["complete"]) == ("shard 2/2: interrupted", False)


QUIETLY: dict[str, tuple[Callable[[Path], None], str]] = {
    "what has ended early": (
        lambda path: edit(path, lambda report: report["facts"].update(stopped="interrupted")),
        "no violations; 11 files checked, stopped early (shard 2/2: interrupted)",
    ),
    "a file that is missing": (
        lambda path: edit(path, lambda report: report["files"].pop()),
        "no violations; 10 of 11 files checked",
    ),
    "a limit that was not judged": (
        lambda path: change(path, faults=["no extension"], warnings=["no extension"]),
        "warning: no extension",
    ),
}


def test_quiet_says_why_it_is_not_a_success(tree: Path, merge: Merge) -> None:
    (tree / "bad.py").unlink()
    shards = check_shards(tree, 2)
    content = shards[1].read_bytes()
    for what, (spoil, line) in QUIETLY.items():
        shards[1].write_bytes(content)
        spoil(shards[1])
        assert merge(shards, "--quiet", code=3) == ("", f"{line}\n"), what


def test_quiet_tells_what_check_tells(tree: Path, program: Program, merge: Merge) -> None:
    write(tree, {"pyproject.toml": f'[tool.pytest-antipasta]\non_error = "warn"\n{LIMIT}'})
    write(tree, {".antipasta.yaml": "defaults: {}\n", "broken.py": "def f(:\n"})
    whole = program("check", "--quiet", code=1)
    assert re.search(
        "^warning: .* ignored because there is also .*\nwarning: broken.py:1: not measured", whole.err
    )
    shards = check_shards(tree, 2)
    assert merge(shards, "--quiet", code=1) == whole


def test_machines_may_have_other_roots(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merge: Merge
) -> None:
    """Another clone of the same commit, as each job of a CI service has one."""
    clone = tmp_path / "clone"
    Repository(clone).git("pull", "--quiet", str(tree.parent), "main")
    one, two = check_shards(tree, 2)
    monkeypatch.chdir(clone / "app")
    main(["check", "--quiet", "--shard=2/2", f"--report=shard={two}"])
    assert read_shard(two)["facts"]["root"] == (clone / "app").as_posix()
    merge([one, two], code=1)


def test_standard_input_has_no_shards(tree: Path, program: Program) -> None:
    said = program("check", "-", "--shard=1/2", code=2)
    assert "can't be used with --staged, --diff or --shard" in said.err
