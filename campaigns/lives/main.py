"""Random histories in which commits break files, and whether lives and hotspots are what the oracle says."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from campaigns.hunt.commands import call
from campaigns.lives.histories import Tree, make_history, write_repository
from campaigns.lives.oracle import Life, Oracle, parse
from campaigns.options import make_parser
from tests.environment import ENVIRONMENT

_METRICS = ("cyclomatic_complexity", "cognitive_complexity")
# The functions have up to four.
_LIMIT = 2


def main(argv: list[str] | None = None) -> int:
    """Make as many histories as asked for; return 1 if something was said wrong."""
    parser = make_parser("lives", main.__doc__, steps=100, step="how many histories")
    parser.add_argument("--only", type=int, metavar="STEP", help="this history alone")
    args = parser.parse_args(argv)
    begin, said, failed = time.perf_counter(), Counter[str](), 0
    os.environ |= ENVIRONMENT
    with tempfile.TemporaryDirectory(prefix="antipasta-lives-") as name:
        folder = Path(name)
        for step in range(args.steps) if args.only is None else [args.only]:
            trees = make_history(args.seed, step)
            if differences := list(compare(folder / "repository", trees, said)):
                failed += 1
                _tell(args.seed, step, folder, trees, differences)
        os.chdir("/")
    seconds = time.perf_counter() - begin
    found = ", ".join(f"{number} {what}" for what, number in said.items())
    print(f"seed {args.seed}: {found}; {failed} histories with differences; {seconds:.0f} s")  # noqa: T201
    return int(failed > 0)


def _tell(seed: int, step: int, folder: Path, trees: list[Tree], differences: Sequence[str]) -> None:
    """Print what differs, in as few commits as it takes."""
    for index in reversed(range(1, len(trees))):
        fewer = trees[:index] + trees[index + 1 :]
        if found := list(compare(folder / "repository", fewer, Counter())):
            trees, differences = fewer, found
    kept = Path(tempfile.mkdtemp(prefix=f"antipasta-lives-{step}-"))
    write_repository(kept, trees)
    print(f"seed {seed}, history {step}, {len(trees)} commits in {kept}", *differences, sep="\n    ")  # noqa: T201


def compare(folder: Path, trees: Sequence[Tree], said: Counter[str]) -> Iterator[str]:
    """Yield what is said of a history, and not by the oracle, or the other way round."""
    shutil.rmtree(folder, ignore_errors=True)
    write_repository(folder, trees)
    oracle = Oracle(folder)
    answer = ask(folder, "--hotspots")
    said["histories"] += 1
    yield from _compare_files(oracle, answer, said)
    yield from _compare_functions(oracle, answer, said)
    if all(parse(text) is not None for tree in trees for text, _ in tree.values()):
        yield from _compare_standing(oracle, answer, said)
    for path, known in oracle.files.items():
        for name, life in known.lives.items() if known.text is None else ():
            if not life.is_open:
                yield from _compare_life(life, ask(folder, f"{path}::{name}"), said)


def ask(folder: Path, *arguments: str) -> dict[str, Any]:
    """Return the JSON of ``trend``."""
    metrics = [] if "--hotspots" in arguments else [f"--metric={metric}" for metric in _METRICS]
    options = (f"--limit=cyclomatic={_LIMIT}", "--format", "json", "--no-cache", "--quiet", "--jobs", "1")
    done = call(folder, "trend", *arguments, *metrics, *options)
    if done.code != 0:
        return {"error": f"exit code {done.code}: {done.err}"}
    answer: dict[str, Any] = json.loads(done.out)
    return answer


def _compare_files(oracle: Oracle, answer: dict[str, Any], said: Counter[str]) -> Iterator[str]:
    expected = {
        path: (changes, sum(life.function.numbers[0] for life in oracle.files[path].lives.values()))
        for path, changes in oracle.churn.items()
        if changes and oracle.files[path].text is None
    }
    found = {
        row["path"]: (row["changes"], row["complexity"])
        for row in answer.get("hotspots", ())
        if oracle.files[row["path"]].text is None
    }
    said["changed files"] += len(expected)
    if found != expected:
        yield f"files: {found}, expected {expected} {answer.get('error', '')}"


def _compare_functions(oracle: Oracle, answer: dict[str, Any], said: Counter[str]) -> Iterator[str]:
    rows = answer.get("block_hotspots", ())
    found = {f"{row['path']}::{row['qualified_name']}": (row["changes"], row["complexity"]) for row in rows}
    for path, known in oracle.files.items():
        for name, life in known.lives.items():
            one = found.pop(f"{path}::{name}", None)
            expected = (life.changes, life.function.numbers[0]) if life.changes else None
            said["functions left open" if life.is_open else "functions"] += 1
            if not life.is_open and one != expected:
                yield f"hotspot {path}::{name}: {one}, expected {expected}"
    yield from (f"hotspot {name}: {one}, expected none" for name, one in found.items())


def _compare_standing(oracle: Oracle, answer: dict[str, Any], said: Counter[str]) -> Iterator[str]:
    """Compare the commit that took each function over its limit with the steps of its life."""
    subjects = {commit["commit"]: commit["subject"] for commit in answer.get("commits", ())}
    found = {
        f"{row['path']}::{row['qualified_name']}": subjects.get(row["since"])
        for row in answer.get("standing", ())
        if row["metric"] == _METRICS[0]
    }
    lives = [life for known in oracle.files.values() for life in known.lives.values() if not life.is_open]
    expected = {life.place: since for life in lives if (since := _find_crossing(life)) is not None}
    said["standing"] += len(expected)
    for place, subject in expected.items():
        if found.get(place) != subject:
            yield f"standing {place}: {found.get(place)}, expected {subject}"


def _find_crossing(life: Life) -> str | None:
    """Return the commit that last took a function over the limit; ``None`` if it is within it."""
    since, was_over = None, False
    for subject, *_, (number, _) in life.steps:
        is_over = (number or 0) > _LIMIT
        if is_over != was_over:
            since, was_over = subject if is_over else None, is_over
    return since


def _compare_life(life: Life, answer: dict[str, Any], said: Counter[str]) -> Iterator[str]:
    if "error" in answer:
        yield f"life {life.place}: {answer['error']}"
        return
    found = [
        (
            step["subject"],
            step["change"],
            f"{step['path']}::{step['qualified_name']}",
            step["previous_path"] and f"{step['previous_path']}::{step['previous_name']}",
            step["previous_path"] and tuple(step["metrics"][metric]["before"] for metric in _METRICS),
            tuple(step["metrics"][metric]["after"] for metric in _METRICS),
        )
        for step in answer["steps"]
    ]
    said["lives"] += 1
    said["steps of lives"] += len(found)
    if (found, answer["edits"]) != (life.steps, life.edits):
        yield f"life {life.place}: {answer['edits']} edits, expected {life.edits}"
        yield from (f"  said     {step}" for step in found if step not in life.steps)
        yield from (f"  expected {step}" for step in life.steps if step not in found)
