"""Our hook ids under pre-commit and prek."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.gate.conftest import Guarded, Said, find_places, function, strip_waivers
from tests.metrics.notebook.making import make_notebook

_CHECKOUT = Path(__file__).parents[2]
_MANIFEST = _CHECKOUT / ".pre-commit-hooks.yaml"
BAD = function(4, "bad")


def find_program(name: str) -> str:
    """Return the path of a program of this environment."""
    program = shutil.which(name, path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip(f"{name} is not installed")
    return program


BOTH = pytest.mark.parametrize("framework", ["pre-commit", "prek"], indirect=True)
QUICK = pytest.mark.parametrize(
    "framework", [pytest.param("pre-commit", marks=pytest.mark.slow), "prek"], indirect=True
)
"""Both, of which pre-commit takes a second to start for each hook."""


@pytest.fixture
def framework(request: pytest.FixtureRequest) -> str:
    """A program that runs hooks by their ids."""
    return find_program(request.param)


@pytest.fixture
def prek() -> str:
    """The quicker of both, for what depends on neither."""
    return find_program("prek")


@pytest.fixture
def configured(guarded: Guarded) -> Guarded:
    """A repository that names our ids, and the program of this environment: nothing is fetched."""
    hooks = [{**hook, "language": "system"} for hook in read_manifest()]
    for hook in hooks:
        del hook["minimum_pre_commit_version"]
        if hook["id"] in ("antipasta-full", "antipasta-baseline"):
            hook["stages"] = ["manual"]
    guarded.stage(".pre-commit-config.yaml", yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]}))
    guarded.record("configured")
    (guarded.path / ".git/hooks/pre-commit").unlink()
    return guarded


def read_manifest() -> list[dict[str, Any]]:
    """Return our ids as they are published."""
    hooks: list[dict[str, Any]] = yaml.safe_load(_MANIFEST.read_text())
    return hooks


def run(guarded: Guarded, program: str, *args: str) -> Said:
    """Run a program in the repository."""
    done = subprocess.run([program, *args], cwd=guarded.path, capture_output=True, check=False)
    return Said(done.returncode, os.fsdecode(done.stdout), os.fsdecode(done.stderr))


def has_row(said: Said, path: str, row: str) -> bool:
    """Whether a program prints a row below the path of its file; prek indents both."""
    return bool(re.search(rf"^ *{re.escape(path)}\n +{re.escape(row)}$", said.out, re.MULTILINE))


def test_the_manifest_is_valid(tmp_path: Path) -> None:
    program = find_program("pre-commit")
    done = subprocess.run([program, "validate-manifest", str(_MANIFEST)], capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert [hook["id"] for hook in read_manifest()] == [
        "antipasta",
        "antipasta-full",
        "antipasta-push",
        "antipasta-baseline",
    ]


@BOTH
def test_a_commit(configured: Guarded, framework: str) -> None:
    assert run(configured, framework, "install").code == 0
    configured.stage("a.py", BAD)
    said = configured.commit()
    assert said.code == 1
    assert has_row(said, "a.py", "1:1  bad  cyclomatic 4/3  added")
    configured.stage("a.py", function(3))
    assert configured.commit().code == 0
    configured.stage("old.py", function(5, end="return -a"))
    assert configured.commit().code == 0, "tolerated"


def test_a_commit_that_passes_says_what_was_not_judged_and_nothing_else(
    configured: Guarded, prek: str
) -> None:
    assert run(configured, prek, "install").code == 0
    configured.stage("a.py", f"# antipasta: ignore\n{BAD}")
    configured.stage("old.py", function(5, end="return -a"))
    said = configured.commit("--quiet")
    assert said.code == 0
    assert find_lines(strip_waivers(said.out)) == []
    metric = '"metric": "cyclomatic_complexity", "value": 4'
    entry = f'{{"path": "b.py", "qualified_name": "bad", {metric}}}'
    configured.write("antipasta-baseline.json", f'{{"schema_version": 1, "entries": [{entry}]}}')
    configured.stage("b.py", BAD)
    said = configured.commit("--quiet")
    missing = "warning: this commit needs antipasta-baseline.json, which is not staged"
    assert said.code == 0
    assert find_lines(said.out) == [f"{missing}; run `git add antipasta-baseline.json`"]
    configured.configure("time_budget = 0.0001")
    configured.record()
    configured.stage("c.py", BAD)
    said = configured.commit("--quiet")
    assert said.code == 0
    # On a busy machine, git has no time to say which file it is.
    line, *_ = find_lines(said.out)
    assert re.match(r"warning: .*not check.* time_budget of 0\.0001 s exceeded", line)


def find_lines(output: str) -> list[str]:
    """Return what a hook has said, without what its framework says of it: its result, its id and the like."""
    assert re.search(r"antipasta\.+Passed", output)
    told = re.compile(r"antipasta\.+Passed|- (hook id|description|duration): ")
    return [line.strip() for line in output.splitlines() if line.strip() and not told.match(line)]


@pytest.mark.slow
def test_a_notebook_behind_nbstripout(configured: Guarded, prek: str) -> None:
    strip = {"id": "nbstripout", "name": "nbstripout", "entry": find_program("nbstripout")}
    ours = {"language": "system", "types": ["jupyter"]}
    hooks = yaml.safe_load((configured.path / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    repos = [{"repo": "local", "hooks": [strip | ours, hooks[0]]}]
    configured.stage(".pre-commit-config.yaml", yaml.safe_dump({"repos": repos}))
    configured.configure("notebooks = true")
    run(configured, prek, "install")
    outputs = [{"output_type": "stream", "name": "stdout", "text": ["done"]}]
    configured.stage("a.ipynb", make_notebook("md:# Title", function(3), outputs=outputs, count=7))
    said = configured.commit()
    assert said.code == 1, "nbstripout takes the outputs away"
    assert re.search(r"antipasta\.+Passed", said.out + said.err)
    configured.git("add", "a.ipynb")
    assert configured.commit().code == 0
    configured.stage("a.ipynb", make_notebook("md:more", "x = 1", function(4), outputs=outputs))
    assert has_row(configured.commit(), "a.ipynb", "cell 3:1  f  cyclomatic 3 → 4/3 (+1)")


def test_scripts_are_passed_and_checked(configured: Guarded, prek: str) -> None:
    run(configured, prek, "install")
    configured.write("tool", f"#!/usr/bin/env python3\n{BAD}").chmod(0o755)
    configured.write("shell", "#!/bin/sh\npython3\n").chmod(0o755)
    configured.write("window.PYW", BAD)
    configured.write("stub.pyi", BAD)
    configured.git("add", "--all")
    said = configured.commit()
    assert said.code == 1
    assert find_places(said.out) == ["tool:2", "window.PYW:1"]


def test_stubs_are_passed_where_the_settings_of_the_hook_say_so(configured: Guarded, prek: str) -> None:
    configured.configure('include = ["*.pyi"]')
    configured.stage("stub.pyi", BAD)
    lines = configured.say("config", "validate").out.splitlines()
    told = "pre-commit passes no *.pyi files; add `types_or: [python, pyi, jupyter]`"
    config = (configured.path / ".pre-commit-config.yaml").read_text()
    starts = [number for number, line in enumerate(config.splitlines(), 1) if line.startswith("  - ")]
    assert lines[1:] == [f"note: .pre-commit-config.yaml:{number}: {told}" for number in starts[:3]]
    run(configured, prek, "install")
    assert configured.run_git("commit", "--quiet", "--message", "passed by").code == 0
    repos = yaml.safe_load(config)
    for hook in repos["repos"][0]["hooks"]:
        hook["types_or"] = ["python", "pyi", "jupyter"]
    configured.stage(".pre-commit-config.yaml", yaml.safe_dump(repos))
    assert "pyi" not in configured.say("config", "validate").out
    configured.stage("other.pyi", BAD)
    said = configured.commit()
    assert said.code == 1
    assert has_row(said, "other.pyi", "1:1  bad  cyclomatic 4/3  added")


def test_stubs_that_prek_does_not_pass_are_noted_as_toml(guarded: Guarded) -> None:
    guarded.configure('include = ["*.pyi"]')
    guarded.stage("stub.pyi", BAD)
    guarded.write("prek.toml", '[[repos]]\nrepo = "x"\nhooks = [\n  { id = "antipasta" },\n]\n')
    note = 'prek passes no *.pyi files; add `types_or = ["python", "pyi", "jupyter"]`'
    assert guarded.say("config", "validate").out.splitlines()[1:] == [f"note: prek.toml:4: {note}"]


@QUICK
def test_all_files_are_judged_whole(configured: Guarded, framework: str) -> None:
    said = run(configured, framework, "run", "--all-files", "antipasta")
    assert said.code == 1
    assert has_row(said, "old.py", "1:1  f  cyclomatic 5/3")
    said = run(configured, framework, "run", "--all-files", "--hook-stage", "manual", "antipasta-full")
    assert said.code == 1
    assert has_row(said, "old.py", "1:1  f  cyclomatic 5/3")


@QUICK
def test_a_commit_that_only_deletes_a_file_has_to_prune_the_baseline(
    configured: Guarded, framework: str
) -> None:
    entry = '{"path": "old.py", "qualified_name": "f", "metric": "cyclomatic_complexity", "value": 5}'
    configured.stage("antipasta-baseline.json", f'{{"schema_version": 1, "entries": [{entry}]}}')
    configured.record()
    args = ("run", "--hook-stage", "manual", "antipasta-baseline")
    assert run(configured, framework, *args).code == 0
    configured.git("rm", "--quiet", "old.py")
    said = run(configured, framework, *args)
    assert said.code == 1
    assert "no longer needed: old.py: f: cyclomatic_complexity 5" in said.out


def test_exclusions_hold_for_files_that_are_passed(configured: Guarded, prek: str) -> None:
    configured.configure('exclude = ["old.py"]')
    assert run(configured, prek, "run", "--all-files", "antipasta").code == 0


@QUICK
def test_a_range(configured: Guarded, framework: str) -> None:
    configured.stage("a.py", BAD)
    configured.record()
    args = ("run", "antipasta", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
    said = run(configured, framework, *args)
    assert said.code == 1
    assert has_row(said, "a.py", "1:1  bad  cyclomatic 4/3  added")
    configured.stage("old.py", function(5, end="return -a"))
    configured.record()
    assert run(configured, framework, *args).code == 0


def test_a_merge(configured: Guarded, prek: str) -> None:
    run(configured, prek, "install")
    configured.git("checkout", "--quiet", "-b", "topic")
    configured.stage("good.py", function(2, end="return 1"))
    configured.record()
    configured.git("checkout", "--quiet", "main")
    configured.stage("good.py", function(2, end="return 2") + BAD)
    configured.stage("theirs.py", BAD)
    configured.record()
    configured.git("checkout", "--quiet", "topic")
    assert configured.run_git("merge", "main").code == 1
    configured.stage("good.py", function(2, end="return 1") + BAD)
    assert configured.commit().code == 0


@pytest.mark.slow
@BOTH
def test_a_push(configured: Guarded, framework: str, tmp_path: Path) -> None:
    configured.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    configured.git("remote", "add", "origin", str(tmp_path / "server"))
    run(configured, framework, "install", "--hook-type", "pre-push")
    configured.write("old.py", function(2))
    said = configured.run_git("push", "origin", "main")
    assert said.code == 1, "what is pushed counts, not what is on disk"
    assert has_row(said, "old.py", "1:1  f  cyclomatic 5/3  added")
    configured.git("push", "--quiet", "--no-verify", "origin", "main")
    configured.stage("old.py", function(5, end="return -a"))
    configured.record()
    assert configured.run_git("push", "origin", "main").code == 0
    configured.git("checkout", "--quiet", "-b", "topic")
    configured.stage("a.py", BAD)
    configured.record()
    said = configured.run_git("push", "origin", "topic")
    assert said.code == 1
    assert has_row(said, "a.py", "1:1  bad  cyclomatic 4/3  added")
    assert "old.py" not in said.out


@QUICK
def test_a_push_by_the_command_of_a_script(configured: Guarded, framework: str, tmp_path: Path) -> None:
    """The framework has read the pushed refs, and names them in variables."""
    local = {"id": "x", "name": "x", "entry": "pytest-antipasta hook --push", "language": "system"}
    repos = [{"repo": "local", "hooks": [{**local, "types": ["python"], "stages": ["pre-push"]}]}]
    configured.stage(".pre-commit-config.yaml", yaml.safe_dump({"repos": repos}))
    configured.record()
    configured.git("init", "--quiet", "--bare", str(tmp_path / "server"))
    configured.git("remote", "add", "origin", str(tmp_path / "server"))
    configured.git("push", "--quiet", "origin", "main")
    run(configured, framework, "install", "--hook-type", "pre-push")
    configured.stage("a.py", BAD)
    configured.record()
    said = configured.run_git("push", "origin", "main")
    assert said.code == 1
    assert has_row(said, "a.py", "1:1  bad  cyclomatic 4/3  added")
    assert "old.py" not in said.out


@pytest.mark.parametrize(
    ("folder", "way"),
    [
        pytest.param(".", ("commit", "--message", "x"), marks=pytest.mark.slow),
        pytest.param("back", ("-c", "alias.check=!prek run", "check"), marks=pytest.mark.slow),
        ("back/src", ("commit", "--message", "x")),
        pytest.param("back/src", (), marks=pytest.mark.slow),
    ],
)
def test_paths_in_advice_are_those_of_the_user_in_a_workspace_of_prek(
    configured: Guarded, prek: str, folder: str, way: tuple[str, ...]
) -> None:
    configured.stage(
        "back/.pre-commit-config.yaml", (configured.path / ".pre-commit-config.yaml").read_text()
    )
    configured.stage(".pre-commit-config.yaml", "repos: []\n")
    configured.record()
    assert run(configured, prek, "install").code == 0
    configured.stage("back/src/a.py", BAD)
    done = subprocess.run(
        ["git", *way] if way else [prek, "run"],
        cwd=configured.path / folder,
        env={**os.environ, "PWD": str(configured.path / folder)},  # as a shell sets it
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    command = re.search(r"record    (.*)", said)
    assert done.returncode == 1
    assert command, said
    subprocess.run(command[1], shell=True, cwd=configured.path / folder, check=True, capture_output=True)
    assert configured.commit().code == 0
