"""The commit and the branch that a repository is at."""

from __future__ import annotations

from pathlib import Path

from pytest_antipasta.git.process import GitError, GitProcess, foreign_environment


def describe_head(folder: Path) -> dict[str, str]:
    """Return commit and branch by OpenTelemetry's names; nothing where git knows of no commit.

    Not the repository's URL, which may have a password in it.
    """
    question = ("rev-parse", "HEAD", "--abbrev-ref", "HEAD")
    try:
        commit, branch = GitProcess(folder, question, foreign_environment()).read_text().splitlines()
    except (GitError, ValueError):
        return {}
    named = {"vcs.ref.head.name": branch, "vcs.ref.head.type": "branch"} if branch != "HEAD" else {}
    return {"vcs.ref.head.revision": commit, **named}
