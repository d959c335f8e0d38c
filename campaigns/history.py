"""A real history: the numbers of random commits are those that a fresh worktree of each has.

``python -m campaigns history REPOSITORY`` clones it, and compares ten of its commits.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from campaigns.options import make_parser
from tests.trend.test_oracle import compare


def ask(folder: Path, *args: str) -> dict[str, Any]:
    """Return the JSON of a command of ours."""
    command = [sys.executable, "-m", "pytest_antipasta", *args, "--format", "json", "--no-cache", "--quiet"]
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE)
    if done.returncode not in (0, 1, 3):
        raise SystemExit(done.returncode)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def compare_commit(clone: Path, one: dict[str, Any], folder: Path) -> None:
    """Compare what the history has of a commit with its worktree."""
    worktree = ["git", "-C", str(clone), "worktree"]
    subprocess.run([*worktree, "add", "--quiet", "--detach", str(folder), one["commit"]], check=True)
    violations = ask(folder, "check", "--no-baseline", "--no-ignore")["summary"]["violations"]
    compare(one, ask(folder, "measure"), violations)
    subprocess.run([*worktree, "remove", "--force", str(folder)], check=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Compare some commits, and say which are equal; the first that is not ends it."""
    parser = make_parser("history", __doc__, steps=10, step="how many are compared")
    parser.add_argument("repository", help="a folder or an address")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", args.repository, str(clone)], check=True)
        commits = ask(clone, "trend")["commits"]
        for one in random.Random(args.seed).sample(commits, args.steps):
            compare_commit(clone, one, Path(name) / "worktree")
            sizes = f"{one['files']} files", f"{one['errors']} errors"
            print(one["commit"], one["date"], *sizes, flush=True)  # noqa: T201
    print(f"equal: {args.steps} of {len(commits)} commits")  # noqa: T201
    return 0
