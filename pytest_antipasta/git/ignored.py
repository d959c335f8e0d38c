"""Ask git which files of a working tree it ignores; raises ``GitError`` without git or a working tree.

A walk asks in each repository that it enters, often without any other use of git: importing GitPython would
take longer than git's answer.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from pytest_antipasta.git.process import GitProcess
from pytest_antipasta.git.time_budget import TimeBudget

_TAKEN_BACK = re.compile(r".*?:\d+:!")  # a pattern that begins with an exclamation mark


def ask_for_ignored(folder: Path) -> GitProcess:
    """Start asking what git ignores below a folder; :func:`read_ignored` returns the answer."""
    # With --killed, git also lists an ignored folder that has the name of a tracked file.
    ignored = ("--others", "--killed", "--ignored", "--exclude-standard", "--directory")
    return GitProcess(folder, ("ls-files", *ignored, "-z"))


def read_ignored(process: GitProcess) -> frozenset[str]:
    """Return what git ignores, as posix paths relative to the folder.

    A folder that is ignored as a whole is listed with a slash at its end, without its contents. Tracked files
    are never ignored. Nested repositories are not entered.
    """
    return frozenset(process.read_text().split("\0")) - {""}


def has_tracked_files(folder: str) -> bool:
    """Return whether the outer repository tracks files in a folder; false for a submodule."""
    above, name = os.path.split(folder)
    listed = GitProcess(Path(above), ("ls-files", "-z", "--", f":(literal){name}")).read_text()
    return any(path.startswith(f"{name}/") for path in listed.split("\0"))


def find_ignore_rule(folder: Path, path: str, budget: TimeBudget | None = None) -> str | None:
    """Return the rule by which git ignores a file, as ``file:line:pattern``, or ``None``.

    The file need not exist. A commit may wait for the answer.
    """
    process = GitProcess(folder, ("check-ignore", "-v", "--", path), budget=budget)
    # Exit code 1 means that no rule matches; git prints nothing then.
    rule, _, _ = process.read_text((0, 1)).partition("\t")
    return None if not rule or _TAKEN_BACK.match(rule) else rule
