"""What is said of scripts that run our command; a shell says whether they end with its exit code."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_antipasta.setup.script_commands import find_commands, find_flaw, is_of_shell
from tests.windows import NEEDS_SCRIPTS

OURS = "pytest-antipasta hook"
IGNORED = f"the script ignores its exit code: write `{OURS} || exit 1`"
LOSING = {
    f"{OURS}\necho done\n": IGNORED,
    f"#!/bin/sh\ncd . && {OURS} --jobs 1\ntrue\n": IGNORED,
    f"if true; then\n    {OURS}\nfi\ntrue\n": IGNORED,
    f"{OURS}; exit 0\n": IGNORED,
    f"{OURS} || true\n": IGNORED,
    f"{OURS} || :\n": IGNORED,
    f"{OURS} || echo 'too complex'\n": IGNORED,
    f"set -e\n{OURS} && echo fine\necho done\n": IGNORED,
    f"set -eu\n{OURS} 2>&1 | cat\n": IGNORED,
    f"#!/bin/sh -e\n{OURS} > log &\n": IGNORED,
    f'[ -n "$NOTHING" ] || {OURS}\ntrue\n': IGNORED,
    f"exec 2> log\n{OURS}\ntrue\n": IGNORED,
    f"if [ -n '' ]; then exit 0; fi\n{OURS} \\\n  --jobs 1\ntrue\n": IGNORED,
    f"exit 0\n{OURS}\n": "it never runs, as `exit 0` ends the script before it",
    f"#!/bin/sh\nexec true\n{OURS} || exit 1\n": "it never runs, as `exec true` ends the script before it",
}
BLOCKING = [
    OURS,
    f"{OURS} || exit 1\ntrue\n",
    f"{OURS} || {{ echo 'too complex'; exit 1; }}\ntrue\n",
    f"{OURS} || {{\n    exit 1\n}}\ntrue\n",
    f"{OURS} || echo 'too complex' && exit 1\ntrue\n",
    f"set -e\n{OURS}\ntrue\n",
    f"#!/bin/sh -eu\n{OURS} 2>&1\ntrue\n",
    f"set -o errexit\ntrue && {OURS}\ntrue\n",
    f"{OURS}\ncode=$?\ntrue\nexit $code\n",
    f"if true; then\n    {OURS}\nfi\n",
    f"if ! {OURS}; then\n    exit 1\nfi\ntrue\n",
    f"check() {{\n    {OURS}\n}}\ncheck || exit 1\ntrue\n",
    f"check() {{ {OURS}; }}\ncheck\n",
    f"result=$({OURS}) || exit 1\ntrue\n",
    f"({OURS}) || exit 1\ntrue\n",
    f"exec 2> log\nexec {OURS}\ntrue\n",
    f"test -f none && exit 0\n{OURS} && true\n",
    f"code=0\n{OURS} || code=1\ntrue\nexit $code\n",
    f"{OURS} || exit 1  # exit 0\ntrue || {OURS}\ntrue\n",
    f"if true; then\n    {OURS}\nelse\n    true\nfi\n",
    f"case x in\n    x)\n        {OURS}\n        ;;\n    y) ;;\nesac\n",
    f"main() {{\n{OURS}\n}}\nmain || exit 1\ntrue\n",
    f"if true; then {OURS}; fi && true\n",
    f"if true; then\n    {OURS}\nfi || exit 1\ntrue\n",
    f"if true; then\n    if true; then\n        {OURS}\n    fi\nelse\n    true\nfi\n",
    f"(\n{OURS}\n) || exit 1\ntrue\n",
    f"fail() {{\nexit 1\n}}\n{OURS} || fail\ntrue\n",
    f"fail() {{ exit 1; }}\n{OURS} || echo 'too complex' && fail\ntrue\n",
    f"if false; then\nexit 0\nfi\n{OURS}\n",
    f"cat <<END\nexit 0\nEND\n{OURS}\n",
    f"true '\nexit(0)\n'\n{OURS}\n",
    f"false &&\nexit 0\n{OURS}\n",
    f"#!/bin/bash\nexec &> log\n{OURS} || exit 1\ntrue\n",
    f"true; set -e\n{OURS}\ntrue\n",
    f"{OURS}\nexit\n",
    f"{OURS} <<END\nx\nEND\n",
    f"{OURS} && exit 0\nexit 1\n",
    f"{OURS} && true || exit 1\ntrue\n",
    f"{OURS} && code=0 || code=1\ntrue\nexit $code\n",
    f"{OURS} &&\n    true\n",
    f"{OURS} 'a;b' $(true; true) || exit 1\ntrue\n",
]


@NEEDS_SCRIPTS
@pytest.mark.parametrize(("text", "flaw"), [*LOSING.items(), *((text, None) for text in BLOCKING)])
def test_what_a_shell_makes_of_an_exit_code(tmp_path: Path, text: str, flaw: str | None) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for path, content in ((programs / "pytest-antipasta", "exit 1"), (tmp_path / "script", text)):
        path.write_text(content if content.startswith("#!") else f"#!/bin/sh\n{content}")
        path.chmod(0o755)
    path_variable = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([tmp_path / "script"], cwd=tmp_path, env={"PATH": path_variable}, check=False)
    assert (done.returncode == 0, find_flaw(text, "hook")) == (flaw is not None, flaw)


def test_one_that_is_started_to_end_at_a_failure() -> None:
    assert find_flaw(f"{OURS}\ntrue\n", "hook", is_errexit=True) is None
    assert find_flaw("exit 0\npytest-antipasta hook --push\n", "hook --push", is_errexit=True) is not None


def test_commands_of_other_hooks_do_not_count() -> None:
    assert find_flaw("pytest-antipasta hook --push\ntrue\n", "hook") is None


@pytest.mark.parametrize(
    "line",
    [
        "pytest-antipasta  hook",
        "pytest-antipasta \\\n    hook --jobs 1",
        "python -m pytest_antipasta hook",
        '"C:/tools/pytest-antipasta.exe" hook',
    ],
)
def test_ways_to_write_our_command(line: str) -> None:
    assert find_commands(line) == {"hook"}


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("echo", True),
        ("#!/bin/sh", True),
        ("#!/bin/dash -e", True),
        ("#!/usr/bin/env bash", True),
        ("#!C:/Git/bin/sh.exe", True),
        ("#!/usr/bin/env fish", False),
        ("#!/usr/bin/env pwsh", False),
        ("#!/usr/bin/env python3", False),
    ],
)
def test_shells_are_those_like_sh(line: str, is_one: bool) -> None:
    assert is_of_shell(f"{line}\npytest-antipasta hook; or exit 1\necho\n") == is_one
