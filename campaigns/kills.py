"""Workers of pytest-xdist that are killed, at any moment: no healthy file fails for it, and none is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from campaigns.options import make_parser
from tests.limits import SLOW, find_children

_FILES = 60
_PATIENCE = 300.0
_PASSING = "def add(a, b):\n    return a + b\n"
_FAILING = "def decide(a):\n" + "    if a: pass\n" * 12
_COMMAND = (
    *(sys.executable, "-m", "pytest", "--antipasta-only", "-n", "2", "--antipasta-no-cache"),
    *("-p", "antipasta", "-p", "xdist"),
    *("--antipasta-report=json=report.json", "--junitxml=junit.xml", "-rN", "--tb=no"),
)


class Seen(NamedTuple):
    """What a run said.

    Attributes:
        code: that it ended with.
        report: the JSON report, without what may differ between runs.
        cases: of JUnit: their names, whether they failed, and how many properties they have.
        totals: of JUnit.
        counts: of the terminal's last line.
        failed: what ``--lf`` would run again.
        seconds: that it took.
    """

    code: int
    report: Any
    cases: list[tuple[str | None, bool, int]]
    totals: list[str | None]
    counts: str
    failed: set[str]
    seconds: float


def make_tree(root: Path) -> None:
    """Write files that are soon measured, one that is not, and some that fail."""
    (root / "pytest.ini").write_text("[pytest]\n")
    (root / "pyproject.toml").write_text("[tool.pytest-antipasta]\nfile_timeout = 60\n")
    for number in range(_FILES):
        (root / f"f{number}.py").write_text(_FAILING if number % 20 == 0 else f"{_PASSING}x = {number}\n")
    (root / "slow.py").write_bytes(SLOW)
    (root / "broken.py").write_text("def f(:\n")


def run(root: Path, delay: float | None = None) -> tuple[Seen, bool]:
    """Run over a tree; return what that said, and whether a worker was killed.

    Args:
        root: of the tree.
        delay: seconds that a worker lives once xdist has connected with it; ``None`` for as long as it wants.
            One that is killed before then ends any run with xdist, in an internal error of execnet's.
    """
    start = time.monotonic()
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    pipe, same = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(_COMMAND, cwd=root, env=alone, stdout=pipe, stderr=same) as pytest:
        is_killed = delay is not None and _kill_worker(pytest, delay)
        try:
            output = pytest.communicate(timeout=_PATIENCE)[0].decode()
        except subprocess.TimeoutExpired:
            pytest.kill()
            raise
    return _read(root, pytest.returncode, output, time.monotonic() - start), is_killed


def _read(root: Path, code: int, output: str, seconds: float) -> Seen:
    if not (root / "report.json").exists():
        raise RuntimeError(f"exit code {code}: {output}")
    report = json.loads((root / "report.json").read_bytes())
    del report["run"]
    suite = ElementTree.parse(root / "junit.xml").getroot()[0]
    failed = root / ".pytest_cache" / "v" / "cache" / "lastfailed"
    seen = Seen(
        code,
        report,
        cases=sorted(map(_describe_case, suite.iter("testcase")), key=str),
        totals=[suite.get(name) for name in ("tests", "failures", "errors", "skipped")],
        counts=output.splitlines()[-1].strip("= ").partition(" in ")[0],
        failed=set(json.loads(failed.read_bytes())),
        seconds=seconds,
    )
    for path in (root / "report.json", root / "junit.xml", failed):
        path.unlink()
    return seen


def _describe_case(case: ElementTree.Element) -> tuple[str | None, bool, int]:
    return case.get("name"), case.find("failure") is not None, len(list(case.iter("property")))


def _kill_worker(pytest: subprocess.Popen[bytes], delay: float) -> bool:
    first = _wait_for_children(pytest, 1)
    _wait_for_children(pytest, 2)  # it is begun when the first one has answered
    time.sleep(delay)
    if not set(first) & set(find_children(pytest.pid)):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(first[0], signal.SIGKILL)
    return True


def _wait_for_children(pytest: subprocess.Popen[bytes], number: int) -> list[int]:
    children: list[int] = []
    while pytest.poll() is None and len(children) < number:
        time.sleep(0.01)
        children = find_children(pytest.pid)
    return children


def find_difference(seen: Seen, expected: Seen) -> list[str]:
    """Return in what a run differs from one of which no worker was killed."""
    return [
        f"{name}: {getattr(seen, name)} and not {getattr(expected, name)}"
        for name in Seen._fields
        if name != "seconds" and getattr(seen, name) != getattr(expected, name)
    ]


def main(argv: Sequence[str] | None = None) -> int:
    """Kill a worker at a random moment, again and again; return 1 if a run said anything else for it."""
    parser = make_parser("kills", main.__doc__, steps=50)
    args = parser.parse_args(argv)
    chance = random.Random(args.seed)
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="antipasta-kills-") as folder:
        root = Path(folder)
        make_tree(root)
        expected, _ = run(root)
        for number in range(args.steps):
            delay = chance.uniform(0, expected.seconds)
            try:
                seen, is_killed = run(root, delay)
                wrong = find_difference(seen, expected)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                is_killed, wrong = True, [str(error)]
            counts["killed" if is_killed else "ended before"] += 1
            counts["wrong"] += bool(wrong)
            if wrong:
                print(f"round {number}, after {delay:.2f} s:", *wrong, sep="\n  ", flush=True)  # noqa: T201
    print(f"{args.steps} rounds of {expected.seconds:.1f} s: {dict(counts)}")  # noqa: T201
    return int(counts["wrong"] > 0)
