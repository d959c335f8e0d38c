"""Random steps in a repository; after each, a run with a memo says what one without a store says.

``python -m campaigns memo --steps N --seed S [--no-sample]``
"""

from __future__ import annotations

import difflib
import io
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

import pytest

from campaigns.memo.steps import VARIABLES, Project
from campaigns.options import make_parser
from pytest_antipasta.cli import main as run_command
from pytest_antipasta.engine import memo, memo_keeping
from tests.limits import WITHOUT_RIGHTS, reads_locked_folders

# Steps in one repository.
_STEPS = 8
# What a run may be asked for.
_WAYS = (
    "check",
    "check",
    "check --quiet",
    "check --format concise",
    "check --format github",
    "check --format gitlab",
    "check --format sarif",
    "check --format csv",
    "check --sort path",
    "check --limit cyclomatic_complexity=2",
    "check --warnings-fail",
    "check --no-baseline",
    "check --no-ignore",
    "check src",
    "check . src",
    "check src lib",
    "check src/deep --sort path",
    "check .",
    "check lib one.py",
    "hook --whole",
    "hook --whole one.py src/two.py",
    "pytest",
    "pytest -v",
    "pytest -v -k two",
    "pytest -v --ignore=lib --deselect src/one.py::antipasta",
    "pytest -v src lib",
    "pytest -v src/deep one.py::antipasta",
    "pytest --collect-only -q",
    "pytest --antipasta-report=sarif=../PID",
    "pytest --antipasta-warnings-fail --antipasta-no-baseline",
)
_PYTEST = ["-p", "antipasta", "-p", "no:cacheprovider", "--antipasta-only", "--capture=no", "--rootdir=."]
# What says how a run found its numbers and how long it took, and hints, for which a hook has little time.
_OF_RUN = re.compile(
    r"^checked .*$|^.* (?:in [\d.]+ s with .*|read without the store, .*)$| in \d[\d.]*s\b.*$"
    r"|^ +\N{RIGHTWARDS ARROW} .* proven .*$",
    re.MULTILINE,
)

_DAMAGED = "the stored result of this commit was corrupt"


def run(command: str) -> tuple[int, str]:
    """Return the exit code of a command, and what it says: of pytest in its order."""
    said = io.StringIO()
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="utf-8", write_through=True)
    written = Path(f"../{os.getpid()}")  # of two runs at once, each has its own
    program, *options = command.replace("../PID", os.fspath(written)).split()
    with redirect_stdout(stream), redirect_stderr(said):
        if program == "pytest":
            try:
                code = int(pytest.main([*_PYTEST, *options]))
            except PermissionError:  # it searches named folders for a conftest.py
                code = -1
        else:
            code = run_command([program, *options])
    text = _OF_RUN.sub("", buffer.getvalue().decode() + said.getvalue())
    if written.exists():
        text += written.read_text()
        written.unlink()
    lines = filter(None, text.splitlines())
    return code, "\n".join(lines if program == "pytest" else sorted(lines))


def _run_twice(command: str) -> set[tuple[int, str]]:
    """Return what two runs say that are made at the same time."""
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        beside = pool.submit(run, command)
        return {run(command), beside.result()}


def _compare(way: str, *, is_twice: bool) -> list[str]:
    """Return what a run with memos says and one without a store does not, or the other way."""
    said = _run_twice(way) if is_twice else {run(way)}
    if any(_DAMAGED in text for _, text in said):  # reported once
        said = {run(way)}
    code, cold = run(f"{way} {'--antipasta-no-cache' if way.startswith('pytest') else '--no-cache'}")
    return [
        line
        for other, text in said - {(code, cold)}
        for line in (f"{other}, not {code}", *difflib.ndiff(cold.split("\n"), text.split("\n")))
        if not line.startswith("  ")
    ]


def _forget_variables() -> None:
    """Take away git's variables of earlier steps."""
    for name in ("GIT_INDEX_FILE", *(variable for variable, _ in VARIABLES)):
        os.environ.pop(name, None)


def _count_recalls() -> list[int]:
    """Return the numbers of files that runs with a memo judge from now on."""
    open_memo, recalled = memo_keeping.open_memo, list[int]()

    def note(*asked: Any, **how: Any) -> memo_keeping.KeptMemo:
        kept = open_memo(*asked, **how)
        if kept.recalled is not None:
            recalled.append(len(kept.recalled.files))
        return kept

    setattr(memo_keeping, "open_memo", note)  # noqa: B010 - the function that is watched
    return recalled


def main(arguments: Sequence[str] | None = None) -> int:
    """Do random steps, and say after which a memo makes a difference."""
    parser = make_parser("memo", __doc__, steps=200)
    parser.add_argument("--no-sample", action="store_true", help="compare no memo with files at random")
    options = parser.parse_args(arguments)
    if reads_locked_folders() and shutil.which(WITHOUT_RIGHTS[0]):
        command = (*WITHOUT_RIGHTS, sys.executable, "-m", "campaigns", "memo", *(arguments or ()))
        os.execvp(command[0], command)
    memo_keeping.SMALLEST_INDEX, memo.MOST_DIFFERENCES = 0, 3
    if options.no_sample:  # a wrong memo would be found and deleted
        memo_keeping.SAMPLE = 0
    recalled = _count_recalls()
    now = time.time
    time.time = lambda: now() + 10  # no status is young
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary, "home")
        home.mkdir()
        os.environ.update(HOME=os.fspath(home), XDG_CONFIG_HOME=os.fspath(home / ".config"))
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        os.environ["PYTEST_ANTIPASTA_CACHE_DIR"] = os.path.join(temporary, "store")
        random = Random(options.seed)
        for step in range(options.steps):
            if step % _STEPS == 0:  # as what makes a memo impossible tends to stay
                os.chdir(temporary)
                _forget_variables()
                project = Project(Path(temporary, f"repository-{step}"), dict(os.environ), random)
                os.chdir(project.folder)
                shutil.rmtree(home / ".config", ignore_errors=True)
            project.log.append(f"step {step}")
            for _ in range(project.random.choice((1, 1, 2, 5))):
                project.step()
            for _ in range(2):
                way = project.random.choice(_WAYS)
                project.log.append(f"-> {way}")
                if differing := _compare(way, is_twice=project.random.random() < 0.1):
                    print(f"step {step} of seed {options.seed}:", *project.log, sep="\n")  # noqa: T201
                    print("---", *differing, sep="\n")  # noqa: T201
                    return 1
        print(f"{options.steps} steps, {len(recalled)} runs with a memo: no difference")  # noqa: T201
    return 0
