"""Hostile files among thousands: all others are measured, and each of them is named."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from campaigns.hostile.kinds import GIVEN_UP, KINDS, LEFT_OUT, MEASURED, Kind
from campaigns.hostile.processes import Observed, observe
from pytest_antipasta.messages import name_path
from tests.corpora import corpus
from tests.figures import write_figures

_PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_SETTINGS = "[tool.pytest-antipasta]\nfile_timeout = 1\nmemory_limit_mb = 250\n"
_CHECK = ("-m", "pytest_antipasta", "check", "--format", "json", "--output", "{report}", "--jobs")
# With no other plugins: some make pytest look, for each failure, at the reports of all files.
_PYTEST = (
    *("-m", "pytest", "-p", "no:cacheprovider", "-p", "antipasta", "-p", "xdist"),
    *("--antipasta-only", "--antipasta-report", "json={report}", "-n"),
)
_WAYS = {
    "check --jobs 1": (*_CHECK, "1"),
    "check --jobs 2": (*_CHECK, "2"),
    "pytest -n 0": (*_PYTEST, "0"),
    "pytest -n 2": (*_PYTEST, "2"),
    "pytest -n auto": (*_PYTEST, "auto"),
}
_PATIENCE = 1800.0
# Violations, or files without numbers.
_CODES = {"check": (1, 3), "pytest": (1,)}


class Tree(NamedTuple):
    """A tree with hostile files in it.

    Attributes:
        root: its top.
        others: the paths of all other source files.
        hostile: the kinds by the paths that reports have.
    """

    root: Path
    others: frozenset[str]
    hostile: dict[str, Kind]


def make_tree(source: Path, root: Path) -> Tree:
    """Copy a tree, put it under git, and put a hostile file of each kind anywhere in it."""
    shutil.copytree(source, root, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    (root / "pyproject.toml").write_text(_SETTINGS)
    others = frozenset(path.relative_to(root).as_posix() for path in root.rglob("*.py"))
    for command in (["init", "--quiet"], ["add", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    folders = sorted({path.parent for path in root.rglob("*.py")})
    chance = random.Random(0)
    hostile = {}
    for kind in KINDS if _can_be_kept_out() else (one for one in KINDS if one.name != b"unreadable.py"):
        path = chance.choice(folders) / os.fsdecode(b"hostile_" + kind.name)
        kind.make(path)
        hostile[name_path(path.relative_to(root).as_posix())] = kind
    return Tree(root, others, hostile)


def _can_be_kept_out() -> bool:
    """Whether there can be a file that a run may not read: root may read all, unless that is taken away."""
    return os.geteuid() != 0 or shutil.which("setpriv") is not None


def _make_command(way: str, report: Path) -> list[str]:
    arguments = [part.format(report=report) for part in _WAYS[way]]
    rights = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
    return [*(rights if os.geteuid() == 0 and shutil.which("setpriv") else ()), sys.executable, *arguments]


def find_troubles(way: str, tree: Tree, seen: Observed, report: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a run."""
    if seen.code not in _CODES[way.split()[0]]:
        yield f"exit code {seen.code}"
    if seen.left:
        yield f"{seen.left} processes are left"
    found = {
        file["path"]: file["error"]["kind"] if file["status"] == "error" else MEASURED
        for file in report["files"]
    }
    for path, kind in tree.hostile.items():
        if (outcome := found.pop(path, LEFT_OUT)) not in kind.outcomes:
            yield f"{path}: {outcome}"
    yield from _find_untold(tree, report)
    yield from (f"{path}: not in the report" for path in sorted(tree.others - found.keys()))
    yield from (f"{path}: {outcome}" for path, outcome in found.items() if outcome != MEASURED)


def _find_untold(tree: Tree, report: dict[str, Any]) -> Iterator[str]:
    """Yield the files that were given up without their size, which is known of every file."""
    for file in report["files"]:
        error = file.get("error")
        if error and error["kind"] in GIVEN_UP:
            size = (tree.root / file["path"]).stat().st_size
            if (error["size"], file.get("partial")) != (size, True):
                yield f"{file['path']}: {error['kind']}, without its size"


def main(argv: Sequence[str] | None = None) -> int:
    """Go over a tree with hostile files by every way in; return 1 if one costs more than itself."""
    parser = argparse.ArgumentParser(prog="python -m campaigns hostile", description=main.__doc__)
    parser.add_argument("--tree", type=Path, metavar="DIR", help="without it, homeassistant's")
    parser.add_argument("--way", action="append", choices=_WAYS, help="go by it alone; repeatable")
    parser.add_argument("--write", action="store_true", help=f"write the figures to {_PAGE.name}")
    args = parser.parse_args(argv)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    rows, failures = [], 0
    sights: list[Observed] = []
    counts: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="antipasta-hostile-") as name:
        folder = Path(name)
        tree = make_tree(args.tree or corpus("homeassistant"), folder / "tree")
        for number, way in enumerate(args.way or _WAYS):
            report = folder / f"{number}.json"
            os.environ["PYTEST_ANTIPASTA_CACHE_DIR"] = str(folder / f"store {number}")
            seen = observe(_make_command(way, report), tree.root, folder / "output", _PATIENCE)
            said = (folder / "output").read_text(errors="replace")
            record = json.loads(report.read_bytes()) if report.exists() else {"files": []}
            warnings = [*find_troubles(way, tree, seen, record)]
            if "Traceback" in said or not report.exists():
                warnings.append(f"it says: {said[-2000:]}")
            for trouble in warnings:
                print(f"{way}: {trouble}", file=sys.stderr)  # noqa: T201
            failures += bool(warnings)
            counts.setdefault(_format_counts(tree, record), []).append(f"`{way}`")
            rows.append(_format_row(way, seen))
            sights.append(seen)
    outcomes = [
        f"{'All commands' if len(counts) == 1 else ', '.join(ways)}: {text}" for text, ways in counts.items()
    ]
    outcomes.append(_format_most(sights))
    print("\n".join((*_HEAD, *rows, "", *outcomes, "")))  # noqa: T201
    if args.write:
        text = "\n".join(outcomes)
        write_figures(_PAGE, "hostile", f"`python -m campaigns hostile --write` wrote this:\n\n{text}\n")
    return int(failures > 0)


_HEAD = (
    "| command | seconds | MB: main process | xdist workers | measuring processes |",
    "|---|--:|--:|--:|--:|",
)


def _format_counts(tree: Tree, report: dict[str, Any]) -> str:
    status = {file["path"]: file["status"] for file in report["files"]}
    others, *hostile = (
        sum(status.get(path, LEFT_OUT) == wanted for path in paths)
        for paths, wanted in (
            (tree.others, "measured"),
            (tree.hostile, "error"),
            (tree.hostile, "measured"),
            (tree.hostile, LEFT_OUT),
        )
    )
    failed, measured, left_out = hostile
    return (
        f"{others:,} other files measured. Hostile files: {failed} errors, {measured} measured, "
        f"{left_out} left out."
    )


def _format_most(sights: Sequence[Observed]) -> str:
    seconds = max(seen.seconds for seen in sights)
    peak = max(max(peaks) for seen in sights for peaks in seen.peaks.values() if peaks)
    return f"No command took more than {seconds:.0f} s, and no process more than {peak:.0f} MB."


def _format_row(way: str, seen: Observed) -> str:
    peaks = [_format_peaks(seen.peaks.get(role, [])) for role in ("first", "xdist's", "ours")]
    cells = [f"`{way}`", f"{seen.seconds:.0f}", *peaks]
    return f"| {' | '.join(cells)} |"


def _format_peaks(peaks: Sequence[float]) -> str:
    if len(peaks) < 2:
        return f"{peaks[0]:.0f}" if peaks else "none"
    return f"{max(peaks):.0f} ({len(peaks)} processes)"
